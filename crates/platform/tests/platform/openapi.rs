//! The description of the API, made from routes.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::Method;
use axum::http::request::Parts;
use platform::ApiError;
use platform::actor::{Caller, Permission, Verb};
use platform::http::{Access, Gate, Routes};
use platform::openapi::{About, Operation, Schemas, document, schema};
use serde_json::{Value, json};

struct Open;

#[async_trait]
impl Gate for Open {
    async fn caller(&self, _: &Parts) -> Result<Caller, ApiError> {
        Ok(Caller::anonymous())
    }
}

const READ: Access = Access::Needs(Permission {
    name: "library.read",
    verb: Verb::Read,
});

const ABOUT: About = About {
    title: "Library",
    version: "1.2.3",
    description: "For a test.",
    session_cookie: "session",
};

fn described() -> Value {
    let gate: Arc<dyn Gate> = Arc::new(Open);
    let shelf = schema::object([("id", schema::text()), ("floor?", schema::integer())]);
    let books = Routes::new(Arc::clone(&gate))
        .api(
            Method::GET,
            "/api/shelves/{shelf}/{*rest}",
            READ,
            || async {},
        )
        .describe(
            Operation::new("getBook", "Books", "Answers a book")
                .path("rest", schema::text(), "The rest")
                .json(200, "A book", schema::any_object())
                .media(200, "A book", "text/plain")
                .errors(&[404]),
        )
        .page(Method::GET, "/shelves", READ, || async {})
        .api(Method::GET, "/api/undescribed", READ, || async {});
    let routes = Routes::new(gate)
        .api(Method::GET, "/api/shelves", READ, || async {})
        .describe(
            Operation::new("listShelves", "Shelves", "Lists shelves")
                .query("floor", schema::integer(), "Only on this floor")
                .json(200, "The shelves", schema::items(schema::named("Shelf"))),
        )
        .api(
            Method::POST,
            "/api/shelves",
            Access::Public("anybody may build"),
            || async {},
        )
        .describe(
            Operation::new("addShelf", "Shelves", "Adds a shelf")
                .body(schema::named("Shelf"))
                .empty(204, "It is there"),
        )
        .with_schemas(Schemas::default().with("Shelf", shelf))
        .merge(books);
    assert_eq!(routes.table().len(), 5);
    document(&ABOUT, routes.table(), routes.schemas())
}

#[test]
fn what_a_route_declares_is_what_is_described() {
    let document = described();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], "1.2.3");
    assert_eq!(
        document["tags"],
        json!([{ "name": "Shelves" }, { "name": "Books" }])
    );
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    // Pages, and routes without a description, are not there.
    assert_eq!(paths, ["/api/shelves", "/api/shelves/{shelf}/{rest}"]);
    let list = &document["paths"]["/api/shelves"]["get"];
    assert_eq!(
        list,
        &json!({
            "operationId": "listShelves",
            "tags": ["Shelves"],
            "summary": "Lists shelves",
            "security": [{ "token": ["library.read"] }, { "session": ["library.read"] }],
            "x-portway-permission": "library.read",
            "parameters": [{
                "name": "floor", "in": "query", "required": false,
                "description": "Only on this floor", "schema": { "type": "integer" },
            }],
            "responses": {
                "200": {
                    "description": "The shelves",
                    "content": { "application/json": { "schema": {
                        "type": "object",
                        "properties": { "items": { "type": "array", "items": { "$ref": "#/components/schemas/Shelf" } } },
                        "required": ["items"],
                    } } },
                },
                "400": { "$ref": "#/components/responses/InputError" },
                "401": { "$ref": "#/components/responses/AuthenticationError" },
                "403": { "$ref": "#/components/responses/NotAllowedError" },
                "default": { "$ref": "#/components/responses/InternalServerError" },
            },
        })
    );
}

#[test]
fn a_public_route_says_why_and_a_body_may_be_too_large() {
    let document = described();
    let add = &document["paths"]["/api/shelves"]["post"];
    assert_eq!(add["security"], json!([]));
    assert_eq!(add["x-portway-public"], "anybody may build");
    let statuses: Vec<&String> = add["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["204", "400", "413", "default"]);
    assert_eq!(
        document["components"]["schemas"]["Shelf"]["required"],
        json!(["id"])
    );
}

#[test]
fn every_path_parameter_is_declared_and_one_status_may_have_two_types() {
    let document = described();
    let book = &document["paths"]["/api/shelves/{shelf}/{rest}"]["get"];
    let names: Vec<&Value> = book["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| {
            assert_eq!(
                (&parameter["in"], &parameter["required"]),
                (&json!("path"), &json!(true))
            );
            &parameter["name"]
        })
        .collect();
    assert_eq!(names, ["shelf", "rest"]);
    let types: Vec<&String> = book["responses"]["200"]["content"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(types, ["application/json", "text/plain"]);
}

//! The whole document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::operation::{Answer, Operation, Parameter};
use super::schema::{self, Schemas};
use crate::http::{Access, RouteInfo, Surface};

/// What stands at the head of the document.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The API's name.
    pub title: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// A paragraph in Markdown.
    pub description: &'static str,
    /// The name of the cookie that a signed-in browser sends.
    pub session_cookie: &'static str,
}

/// The errors that an operation can name, with the component of each.
const ERRORS: [(u16, &str, &str); 7] = [
    (400, "InputError", "The request is malformed"),
    (
        401,
        "AuthenticationError",
        "Nobody is signed in, or the credentials are not valid",
    ),
    (403, "NotAllowedError", "The caller lacks the permission"),
    (
        404,
        "NotFoundError",
        "There is no such thing, or the caller may not know of it",
    ),
    (409, "ConflictError", "It clashes with what exists"),
    (
        413,
        "PayloadTooLargeError",
        "The body is larger than 10 MiB",
    ),
    (
        503,
        "ServiceUnavailableError",
        "Something that is needed does not answer; try again",
    ),
];

/// The OpenAPI 3.1 document of the routes for programs that have a
/// description. The order is that of the routes; nothing in it depends on
/// configuration.
pub fn document(about: &About, routes: &[RouteInfo], shared: &Schemas) -> Value {
    let mut paths = Map::new();
    let mut tags: Vec<&str> = Vec::new();
    for route in routes.iter().filter(|route| route.surface == Surface::Api) {
        let Some(operation) = &route.operation else {
            continue;
        };
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag);
        }
        let path = paths
            .entry(route.path.replace("{*", "{"))
            .or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(
                route.method.as_str().to_lowercase(),
                described(route, operation),
            );
        }
    }
    let tags: Vec<Value> = tags.iter().map(|tag| json!({ "name": tag })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token, a token of `backend.auth.externalAccess`, or a user token",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": about.session_cookie,
                    "description": "A browser that has signed in",
                },
            },
            "responses": error_answers(),
            "schemas": schemas(shared),
        },
    })
}

fn described(route: &RouteInfo, operation: &Operation) -> Value {
    let mut out = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
    });
    let Some(fields) = out.as_object_mut() else {
        return out;
    };
    if let Some(description) = &operation.description {
        fields.insert("description".into(), description.as_str().into());
    }
    match route.access {
        Access::Needs(permission) => {
            fields.insert(
                "security".into(),
                json!([{ "token": [permission.name] }, { "session": [permission.name] }]),
            );
            fields.insert("x-portway-permission".into(), permission.name.into());
        }
        Access::Public(reason) => {
            fields.insert("security".into(), json!([]));
            fields.insert("x-portway-public".into(), reason.into());
        }
    }
    let parameters = parameters(&route.path, operation);
    if !parameters.is_empty() {
        fields.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = &operation.body {
        fields.insert(
            "requestBody".into(),
            json!({ "required": body.required, "content": { (body.media): { "schema": body.schema } } }),
        );
    }
    fields.insert("responses".into(), answers(route, operation));
    out
}

/// The names in `/a/{kind}/{*rest}`.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name.trim_start_matches('*'))
}

fn parameters(path: &str, operation: &Operation) -> Vec<Value> {
    let declared = &operation.parameters;
    let in_path = names_in(path).map(|name| {
        declared
            .iter()
            .find(|parameter| parameter.place == "path" && parameter.name == name)
            .map_or_else(
                || json!({ "name": name, "in": "path", "required": true, "schema": schema::text() }),
                parameter,
            )
    });
    let others = declared
        .iter()
        .filter(|parameter| parameter.place != "path");
    in_path.chain(others.map(parameter)).collect()
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
    })
}

fn answers(route: &RouteInfo, operation: &Operation) -> Value {
    let mut answers = Map::new();
    for answer in &operation.answers {
        answers.insert(answer.status.to_string(), answer_json(answer));
    }
    let mut errors: BTreeSet<u16> = operation.errors.iter().copied().collect();
    if !operation.parameters.is_empty() || operation.body.is_some() {
        errors.insert(400);
    }
    if operation.body.is_some() {
        errors.insert(413);
    }
    if matches!(route.access, Access::Needs(_)) {
        errors.extend([401, 403]);
    }
    for (status, name, _) in ERRORS {
        if errors.contains(&status) {
            // What the route says itself is more exact.
            answers
                .entry(status.to_string())
                .or_insert_with(|| json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
    answers.insert(
        "default".into(),
        json!({ "$ref": "#/components/responses/InternalServerError" }),
    );
    Value::Object(answers)
}

fn answer_json(answer: &Answer) -> Value {
    let mut out = json!({ "description": answer.description });
    if !answer.content.is_empty()
        && let Some(fields) = out.as_object_mut()
    {
        let content: Map<String, Value> = answer
            .content
            .iter()
            .map(|(media, schema)| {
                let media_type = match schema {
                    Some(schema) => json!({ "schema": schema }),
                    None => json!({}),
                };
                ((*media).to_owned(), media_type)
            })
            .collect();
        fields.insert("content".into(), content.into());
    }
    out
}

fn error_answers() -> Map<String, Value> {
    let failed = (
        500,
        "InternalServerError",
        "Something failed inside Portway",
    );
    ERRORS
        .iter()
        .chain([&failed])
        .map(|(_, name, description)| {
            (
                (*name).to_owned(),
                json!({
                    "description": description,
                    "content": { "application/json": { "schema": schema::named("Error") } },
                }),
            )
        })
        .collect()
}

fn schemas(shared: &Schemas) -> Value {
    let mut all = Map::new();
    all.insert("Error".into(), error_schema());
    all.extend(shared.to_json());
    Value::Object(all)
}

/// Backstage's envelope with Portway's additions, as [`crate::http::finish`]
/// writes it.
fn error_schema() -> Value {
    use schema::{integer, object, saying, text};
    saying(
        object([
            (
                "error",
                object([
                    ("name", text()),
                    ("message", saying(text(), "What went wrong")),
                    ("accepted?", saying(text(), "What would have been accepted")),
                    ("fix?", saying(text(), "What to do about it")),
                    (
                        "requestId?",
                        saying(text(), "What the server's log repeats"),
                    ),
                ]),
            ),
            ("request", object([("method", text()), ("url", text())])),
            ("response", object([("statusCode", integer())])),
        ]),
        "Backstage's error envelope. `accepted`, `fix` and `requestId` are Portway's.",
    )
}

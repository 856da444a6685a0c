//! `/api/openapi.json`: true of the server, and the same as docs/openapi.json.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use platform::http::{RouteInfo, Surface};
use serde_json::{Map, Value, json};

use crate::program::folder;
use crate::server::{Server, table};

fn checked_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json")
}

/// A server with the demo organisation.
struct Demo {
    server: Server,
    _files: tempfile::TempDir,
}

/// The tests that run at one time share a server; the last one ends it.
fn demo() -> Arc<Demo> {
    static RUNNING: Mutex<Weak<Demo>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(demo) = running.upgrade() {
        return demo;
    }
    let files = folder(&[]);
    let server = Server::start(files.path(), &["--demo"]);
    server.settled();
    let demo = Arc::new(Demo {
        server,
        _files: files,
    });
    *running = Arc::downgrade(&demo);
    demo
}

/// Every operation with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| (path, method, operation))
    })
}

#[test]
fn every_route_for_programs_is_described() {
    let missing: Vec<String> = table()
        .iter()
        .filter(|route| route.surface == Surface::Api && route.operation.is_none())
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert!(
        missing.is_empty(),
        "call `.describe(Operation::new(...))` behind these routes: {missing:#?}"
    );
}

/// `PORTWAY_BLESS=1` writes the file anew.
#[test]
fn the_document_that_is_checked_in_is_the_server_s() {
    let demo = demo();
    let server = &demo.server;
    let answer = server.ask_as("GET", "/api/openapi.json", &[], b"");
    assert_eq!(answer.status, 200, "it is public: {}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    if std::env::vars_os().any(|(name, value)| name == "PORTWAY_BLESS" && value == "1") {
        std::fs::write(checked_in(), &answer.body).unwrap();
    }
    let known = std::fs::read_to_string(checked_in()).unwrap_or_default();
    assert!(
        known.replace('\r', "") == answer.text(),
        "docs/openapi.json is not what the server answers; `PORTWAY_BLESS=1 cargo test -p portway-tests openapi` writes it"
    );
}

#[test]
fn the_document_is_openapi_3_1_and_holds_every_route() {
    let demo = demo();
    let server = &demo.server;
    let document = server.json("/api/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
    let valid = jsonschema::validator_for(&meta_schema()).unwrap();
    let problems: Vec<String> = valid
        .iter_errors(&document)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
    references_lead_somewhere(&document, &document);
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
        let declared: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let in_path: BTreeSet<&str> = path
            .split('{')
            .skip(1)
            .map(|part| part.split_once('}').unwrap().0)
            .collect();
        assert_eq!(declared, in_path, "{method} {path}");
    }
    for route in table().iter().filter(|route| route.surface == Surface::Api) {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path.replace("{*", "{")][&method];
        permission_is_right(route, operation);
    }
    for action in server.items("/api/v1/actions") {
        let path = format!("/api/v1/actions/{}", action["name"].as_str().unwrap());
        let operation = &document["paths"][&path]["post"];
        assert_eq!(
            operation["x-portway-permission"], action["permission"],
            "{path}"
        );
        let described = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(
            described["properties"], action["schema"]["input"]["properties"],
            "{path}"
        );
    }
}

fn permission_is_right(route: &RouteInfo, operation: &Value) {
    let what = format!("{} {}", route.method, route.path);
    match route.access {
        platform::http::Access::Needs(permission) => {
            assert_eq!(operation["x-portway-permission"], permission.name, "{what}");
            assert_eq!(
                operation["security"][0]["token"],
                json!([permission.name]),
                "{what}"
            );
            for status in ["401", "403"] {
                assert!(
                    operation["responses"][status].is_object(),
                    "{what}: {status}"
                );
            }
        }
        platform::http::Access::Public(reason) => {
            assert_eq!(operation["security"], json!([]), "{what}");
            assert_eq!(operation["x-portway-public"], reason, "{what}");
        }
    }
}

fn references_lead_somewhere(document: &Value, part: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                let pointer = target
                    .strip_prefix('#')
                    .unwrap_or_else(|| panic!("{target}"));
                assert!(
                    document.pointer(pointer).is_some(),
                    "{target} leads nowhere"
                );
            }
            fields
                .values()
                .for_each(|part| references_lead_somewhere(document, part));
        }
        Value::Array(list) => list
            .iter()
            .for_each(|part| references_lead_somewhere(document, part)),
        _ => {}
    }
}

/// The rules of OpenAPI 3.1.1 for the objects that Portway's document uses.
/// Whatever else an object may hold is not allowed here, so that a misspelt
/// field is found.
fn meta_schema() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let map = |name: &str| json!({ "type": "object", "additionalProperties": { "$ref": format!("#/$defs/{name}") } });
    let list =
        |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/$defs/{name}") } });
    let schema = json!({ "$ref": "https://json-schema.org/draft/2020-12/schema" });
    let operation = object(
        &["operationId", "tags", "summary", "security", "responses"],
        json!({
            "operationId": { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9.-]*$" },
            "tags": { "type": "array", "items": text, "minItems": 1 },
            "summary": { "type": "string", "pattern": "[^.]$" },
            "description": text,
            "security": { "type": "array", "items": { "type": "object", "additionalProperties": { "type": "array", "items": text } } },
            "parameters": list("parameter"),
            "requestBody": object(&["content"], json!({ "required": { "type": "boolean" }, "content": map("media") })),
            "responses": { "type": "object", "propertyNames": { "pattern": "^([1-5][0-9][0-9]|default)$" },
                           "additionalProperties": { "$ref": "#/$defs/response" }, "minProperties": 2 },
            "x-portway-permission": text,
            "x-portway-public": text,
        }),
    );
    let parameter = object(
        &["name", "in", "required", "schema"],
        json!({ "name": text, "in": { "enum": ["path", "query", "header"] }, "required": { "type": "boolean" },
                "description": text, "schema": schema }),
    );
    let response = object(
        &["description"],
        json!({ "description": text, "content": map("media") }),
    );
    let referred = json!({ "type": "object", "required": ["$ref"], "properties": { "$ref": { "type": "string", "pattern": "^#/components/responses/" } }, "additionalProperties": false });
    let security = json!({ "anyOf": [
        object(&["type", "scheme"], json!({ "type": { "const": "http" }, "scheme": text, "description": text })),
        object(&["type", "in", "name"], json!({ "type": { "const": "apiKey" }, "in": { "enum": ["query", "header", "cookie"] }, "name": text, "description": text })),
    ] });
    let mut root = object(
        &["openapi", "info", "paths"],
        json!({
            "openapi": { "type": "string", "pattern": "^3\\.1\\.\\d+$" },
            "info": object(&["title", "version"], json!({ "title": text, "version": text, "description": text,
                     "license": object(&["name"], json!({ "name": text, "identifier": text })) })),
            "servers": { "type": "array", "items": object(&["url"], json!({ "url": text })) },
            "tags": { "type": "array", "uniqueItems": true, "items": object(&["name"], json!({ "name": text, "description": text })) },
            "paths": { "type": "object", "propertyNames": { "pattern": "^/" }, "additionalProperties": { "$ref": "#/$defs/path" } },
            "components": object(&[], json!({
                "securitySchemes": { "type": "object", "additionalProperties": security },
                "responses": { "type": "object", "additionalProperties": response },
                "schemas": { "type": "object", "propertyNames": { "pattern": "^[a-zA-Z0-9._-]+$" }, "additionalProperties": schema },
            })),
        }),
    );
    let methods: Map<String, Value> = [
        "get", "put", "post", "delete", "options", "head", "patch", "trace",
    ]
    .iter()
    .map(|method| ((*method).to_owned(), json!({ "$ref": "#/$defs/operation" })))
    .collect();
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["$defs"] = json!({
        "path": object(&[], methods.into()),
        "operation": operation,
        "parameter": parameter,
        "media": object(&[], json!({ "schema": schema })),
        "response": { "anyOf": [response, referred] },
    });
    root
}

/// A schema of the document that does not allow what it does not say, and can
/// resolve its references.
fn closed(schema: &Value, document: &Value) -> Value {
    let mut all = json!({ "components": { "schemas": document["components"]["schemas"] } });
    all["allOf"] = json!([schema]);
    close(&mut all);
    all
}

fn close(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            // A property may itself be called `properties`; none of ours is.
            if fields.get("properties").is_some_and(Value::is_object)
                && !fields.contains_key("additionalProperties")
            {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

/// What stands for a parameter, by its name: something that exists where the
/// demo brings it.
fn example(server: &Server, path: &str, name: &str) -> String {
    let first = |list: &str, field: &str| -> String {
        server.items(list)[0][field].as_str().unwrap().to_owned()
    };
    match name {
        "kind" => "component".to_owned(),
        "namespace" => "default".to_owned(),
        "name" if path.starts_with("/api/v1/actions") => "catalog:register".to_owned(),
        "name" if path.contains("/catalog/") => "order-service".to_owned(),
        "uid" => {
            server.json("/api/catalog/entities/by-name/component/default/order-service")["metadata"]
                ["uid"]
                .as_str()
                .unwrap()
                .to_owned()
        }
        "id" if path.starts_with("/api/v1/runs") => first("/api/v1/runs", "id"),
        "id" => first("/api/v1/catalog/sources", "id"),
        "ref" | "from" => "component:default/order-service".to_owned(),
        "permission" => "catalog.entity.read".to_owned(),
        "to" => "resource:default/redis-cache".to_owned(),
        "facet" => "kind".to_owned(),
        // Nobody has made anything of this name, which is described as well.
        _ => "none".to_owned(),
    }
}

/// The path of an operation with everything that it requires.
fn address(server: &Server, path: &str, operation: &Value) -> String {
    let (mut address, mut query) = (path.to_owned(), Vec::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        if parameter["required"] != true {
            continue;
        }
        let value = example(server, path, name);
        if parameter["in"] == "path" {
            address = address.replace(&format!("{{{name}}}"), &value);
        } else {
            query.push(format!("{name}={value}"));
        }
    }
    if query.is_empty() {
        return address;
    }
    format!("{address}?{}", query.join("&"))
}

fn check(document: &Value, operation: &Value, what: &str, answer: &crate::http::Answer) {
    let status = answer.status.to_string();
    let described = &operation["responses"][&status];
    assert!(
        described.is_object(),
        "{what}: {status} is not described: {}",
        answer.text()
    );
    // The shared errors are referred to.
    let described = match described["$ref"].as_str() {
        Some(target) => document.pointer(target.trim_start_matches('#')).unwrap(),
        None => described,
    };
    let Some(content) = described["content"].as_object() else {
        assert!(answer.body.is_empty(), "{what}: {}", answer.text());
        return;
    };
    let kind = answer.header("content-type").unwrap_or_default();
    let (_, media) = content
        .iter()
        .find(|(media, _)| kind.starts_with(media.as_str()))
        .unwrap_or_else(|| panic!("{what}: {kind} is not described"));
    let Some(schema) = media.get("schema") else {
        return;
    };
    let validator = jsonschema::validator_for(&closed(schema, document)).unwrap();
    let body = answer.json();
    let problems: Vec<String> = validator
        .iter_errors(&body)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .map(|problem| problem.chars().take(400).collect())
        .collect();
    assert!(problems.is_empty(), "{what}: {problems:#?}");
}

#[test]
fn every_get_answers_what_its_schema_says() {
    let demo = demo();
    let server = &demo.server;
    // Something to answer where the demo has nothing.
    server.ask("POST", "/api/v1/actions/token:create", br#"{"name": "x"}"#);
    let document = server.json("/api/openapi.json");
    for (path, _, operation) in operations(&document).filter(|(_, method, _)| *method == "get") {
        // No location is registered with the demo; the test below looks at those.
        let address = address(server, path, operation);
        let expected = match path.as_str() {
            "/api/catalog/locations/{id}"
            | "/api/catalog/locations/by-entity/{kind}/{namespace}/{name}" => {
                continue;
            }
            // Speaks to Git only, in Git's manner.
            "/git/{owner}/{repository}/info/refs" => continue,
            "/api/auth/v1/authorize" => 400,
            // Nobody is signed in to a local account.
            "/api/auth/local/refresh" => 401,
            // A program has no user information.
            "/api/auth/v1/userinfo" => 403,
            _ if address.contains("none") => 404,
            _ => 200,
        };
        // Guests are admitted under the server's own name only.
        let bearer = format!("Bearer {}", server.token);
        let head = [
            ("host", server.address.as_str()),
            ("authorization", bearer.as_str()),
        ];
        let answer = server.ask_as("GET", &address, &head, b"");
        let seen: String = answer.text().chars().take(300).collect();
        assert!(
            answer.status == expected || (expected == 404 && answer.status == 200),
            "{address}: {} instead of {expected}: {seen}",
            answer.status
        );
        check(&document, operation, &address, &answer);
    }
}

/// Requests besides the plain GETs, good and bad: method, path, body.
const ASKED: &[(&str, &str, &str)] = &[
    (
        "GET",
        "/api/catalog/entities?filter=kind=component&fields=metadata.name&limit=2",
        "",
    ),
    ("GET", "/api/catalog/entities/by-query?limit=2", ""),
    ("GET", "/api/catalog/entities/by-query?limit=many", ""),
    (
        "POST",
        "/api/catalog/entities/by-query",
        r#"{"query": {"kind": "api"}, "limit": 3}"#,
    ),
    (
        "POST",
        "/api/catalog/entities/by-query",
        r#"{"limit": "many"}"#,
    ),
    (
        "POST",
        "/api/catalog/entities/by-refs",
        r#"{"entityRefs": ["component:default/order-service", "component:default/none"]}"#,
    ),
    (
        "POST",
        "/api/catalog/entity-facets",
        r#"{"facets": ["kind", "metadata.tags"]}"#,
    ),
    (
        "POST",
        "/api/catalog/locations",
        r#"{"type": "url", "target": "http://127.0.0.1:9/x.yaml"}"#,
    ),
    (
        "POST",
        "/api/catalog/locations",
        r#"{"type": "url", "target": "http://127.0.0.1:9/x.yaml"}"#,
    ),
    ("POST", "/api/catalog/locations/by-query", "{}"),
    ("GET", "/api/catalog/locations", ""),
    (
        "POST",
        "/api/catalog/analyze-location",
        r#"{"location": {"type": "url", "target": "http://127.0.0.1:9/x.yaml"}}"#,
    ),
    (
        "POST",
        "/api/catalog/validate-entity",
        r#"{"entity": {"kind": 5}, "location": "url:http://x/y"}"#,
    ),
    (
        "POST",
        "/api/catalog/refresh",
        r#"{"entityRef": "component:default/order-service"}"#,
    ),
    (
        "POST",
        "/api/catalog/refresh",
        r#"{"entityRef": "component:default/none"}"#,
    ),
    (
        "GET",
        "/api/v1/catalog/impact?ref=component:default/payment-service&direction=dependencies",
        "",
    ),
    (
        "GET",
        "/api/v1/catalog/owner?ref=group:default/team-commerce",
        "",
    ),
    ("GET", "/api/v1/catalog/sources/none", ""),
    ("GET", "/api/v1/runs?state=nonsense", ""),
    ("GET", "/api/v1/runs/none", ""),
    ("POST", "/api/v1/actions/token:list", "{}"),
    (
        "POST",
        "/api/v1/actions/token:create",
        r#"{"name": "y", "scope": "read"}"#,
    ),
    ("POST", "/api/v1/actions/token:revoke", r#"{"token": "y"}"#),
    ("POST", "/api/v1/actions/token:create", "{}"),
    (
        "POST",
        "/api/v1/actions/catalog:refresh/plan",
        r#"{"entityRef": "component:default/order-service"}"#,
    ),
    (
        "POST",
        "/api/permission/authorize",
        r#"{"items": [{"id": "1", "permission": {"type": "basic", "name": "x", "attributes": {}}}]}"#,
    ),
];

#[test]
fn other_requests_answer_what_their_schemas_say() {
    let demo = demo();
    let server = &demo.server;
    let document = server.json("/api/openapi.json");
    for (method, address, body) in ASKED {
        let path = address.split('?').next().unwrap();
        let (_, _, operation) = operations(&document)
            .filter(|(_, verb, _)| verb.eq_ignore_ascii_case(method))
            // A path without variables comes first, as OpenAPI has it.
            .find(|(pattern, _, _)| *pattern == path)
            .or_else(|| {
                operations(&document)
                    .filter(|(_, verb, _)| verb.eq_ignore_ascii_case(method))
                    .find(|(pattern, _, _)| matches(pattern, path))
            })
            .unwrap_or_else(|| panic!("{method} {path} is not described"));
        let answer = server.ask(method, address, body.as_bytes());
        check(
            &document,
            operation,
            &format!("{method} {address} {body}"),
            &answer,
        );
    }
    // The location that was registered above.
    let list = server.json("/api/catalog/locations");
    let id = list[0]["data"]["id"].as_str().unwrap();
    for (method, body, pattern) in [
        ("GET", "", "/api/catalog/locations/{id}"),
        (
            "PUT",
            r#"{"type": "url", "target": "http://127.0.0.1:9/z.yaml"}"#,
            "/api/catalog/locations/{id}",
        ),
        ("DELETE", "", "/api/catalog/locations/{id}"),
        ("GET", "", "/api/catalog/locations/{id}"),
    ] {
        let operation = &document["paths"][pattern][method.to_lowercase()];
        let answer = server.ask(
            method,
            &format!("/api/catalog/locations/{id}"),
            body.as_bytes(),
        );
        check(
            &document,
            operation,
            &format!("{method} {pattern}"),
            &answer,
        );
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(&path)
            .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

//! What Portway's templates understand beyond the language itself.

use axum::Json;
use axum::response::IntoResponse as _;
use platform::request::Call;
use serde_json::{Value, json};

use super::Answer;
use crate::engine::Create;

/// `GET /v2/templating-extensions`
pub(super) async fn list(_create: Create, _call: Call) -> Answer {
    let parts: Value = [
        "repo",
        "host",
        "owner",
        "organization",
        "workspace",
        "project",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), json!({ "type": "string" })))
    .collect();
    let example = |message: &str, notes: &str| {
        json!([{
            "example": format!("- id: log\n  action: debug:log\n  input:\n    message: {message}"),
            "notes": notes,
        }])
    };
    Ok(Json(json!({
        "filters": {
            "parseRepoUrl": {
                "description": "Takes the address of a repository apart, as a repository picker gives it.",
                "examples": example(
                    "${{ parameters.repoUrl | parseRepoUrl }}",
                    "`github.com?owner=acme&repo=shop` becomes `{\"host\":\"github.com\",\"owner\":\"acme\",\"repo\":\"shop\"}`",
                ),
                "schema": {
                    "input": { "type": "string" },
                    "output": { "type": "object", "properties": parts, "required": ["repo", "host"] },
                },
            },
            "parseEntityRef": {
                "description": "Takes a reference of an entity apart; defaults may be given for kind and namespace.",
                "examples": example(
                    "${{ parameters.owner | parseEntityRef({ defaultKind: 'group' }) }}",
                    "`team-a` becomes `{\"kind\":\"group\",\"namespace\":\"default\",\"name\":\"team-a\"}`",
                ),
                "schema": {
                    "input": { "type": "string" },
                    "arguments": [{
                        "type": "object",
                        "properties": {
                            "defaultKind": { "type": "string" },
                            "defaultNamespace": { "type": "string" },
                        },
                    }],
                    "output": {
                        "type": "object",
                        "properties": {
                            "kind": { "type": "string" },
                            "namespace": { "type": "string" },
                            "name": { "type": "string" },
                        },
                        "required": ["kind", "namespace", "name"],
                    },
                },
            },
            "pick": {
                "description": "Takes one part out of an object, by its path.",
                "examples": example(
                    "${{ parameters.owner | parseEntityRef | pick('name') }}",
                    "`group:default/team-a` becomes `team-a`",
                ),
                "schema": {
                    "input": { "type": "object" },
                    "arguments": [{ "type": "string", "description": "such as `metadata.name`" }],
                    "output": {},
                },
            },
            "projectSlug": {
                "description": "Makes `owner/repo` of the address of a repository.",
                "examples": example(
                    "${{ parameters.repoUrl | projectSlug }}",
                    "`github.com?owner=acme&repo=shop` becomes `acme/shop`",
                ),
                "schema": { "input": { "type": "string" }, "output": { "type": "string" } },
            },
        },
        "globals": {
            "functions": {
                "always": {
                    "description": "In `if`: runs the step whether a step before it has failed or not.",
                    "schema": { "arguments": [], "output": { "type": "boolean" } },
                },
                "failure": {
                    "description": "In `if`: true after a step has failed.",
                    "schema": { "arguments": [], "output": { "type": "boolean" } },
                },
            },
            "values": {},
        },
    }))
    .into_response())
}

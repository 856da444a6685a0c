//! What the routes take and answer, for `/api/openapi.json`.

use platform::openapi::{Operation, schema};
use serde_json::{Value, json};

const TAG: &str = "scaffolder";

pub(super) fn form() -> Operation {
    Operation::new(
        "getTemplateParameterSchema",
        TAG,
        "Gets the form of a template",
    )
    .path("namespace", schema::text(), "The namespace of the template")
    .path("kind", schema::text(), "Always template")
    .path("name", schema::text(), "The name of the template")
    .json(
        200,
        "The pages of the form, each with a JSON Schema",
        json!({
            "type": "object",
            "required": ["title", "steps"],
            "properties": {
                "title": { "type": "string" },
                "description": { "type": "string" },
                "presentation": { "type": "object" },
                "steps": { "type": "array", "items": {
                    "type": "object",
                    "properties": {
                        "title": { "type": "string" },
                        "description": { "type": "string" },
                        "schema": { "type": "object" },
                    },
                } },
            },
        }),
    )
    .errors(&[400, 404])
}

pub(super) fn actions() -> Operation {
    Operation::new(
        "listTemplateActions",
        TAG,
        "Lists the actions that steps of templates can use",
    )
    .json(
        200,
        "Every action with schemas of input and output",
        schema::list(json!({
            "type": "object",
            "required": ["id", "schema"],
            "properties": {
                "id": { "type": "string" },
                "description": { "type": "string" },
                "examples": { "type": "array", "items": { "type": "object" } },
                "schema": { "type": "object" },
                "supportsDryRun": { "type": "boolean" },
            },
        })),
    )
}

pub(super) fn dry_run() -> Operation {
    Operation::new(
        "dryRunTemplate",
        TAG,
        "Tries a template out without changing anything outside",
    )
    .body(json!({
        "type": "object",
        "required": ["template"],
        "properties": {
            "template": {
                "description": "The document of a template, or the reference of one in the catalog",
                "anyOf": [{ "type": "object" }, { "type": "string" }],
            },
            "values": { "type": "object" },
            "secrets": secrets(),
            "directoryContents": { "type": "array", "items": file() },
        },
    }))
    .json(
        200,
        "The log, the files at the end, and what the task would answer",
        json!({
            "type": "object",
            "properties": {
                "log": { "type": "array", "items": { "type": "object" } },
                "directoryContents": { "type": "array", "items": file() },
                "output": { "type": "object" },
                "steps": { "type": "array", "items": { "type": "object" } },
            },
        }),
    )
    .errors(&[404, 413, 503])
}

pub(super) fn autocomplete() -> Operation {
    Operation::new(
        "autocompleteTemplateField",
        TAG,
        "Suggests values for a field of a form",
    )
    .path("provider", schema::text(), "Who is asked: a sort of host")
    .path(
        "resource",
        schema::text(),
        "What is wanted: repositories, branches …",
    )
    .body(json!({
        "type": "object",
        "properties": {
            "token": { "type": "string", "format": "password" },
            "context": { "type": "object" },
        },
    }))
    .json(
        200,
        "What fits",
        json!({
            "type": "object",
            "properties": { "results": { "type": "array", "items": {
                "type": "object",
                "properties": { "id": { "type": "string" }, "title": { "type": "string" } },
            } } },
        }),
    )
}

pub(super) fn extensions() -> Operation {
    Operation::new(
        "listTemplatingExtensions",
        TAG,
        "Lists filters and functions of templates beyond the language's own",
    )
    .json(200, "Filters and globals", json!({ "type": "object" }))
}

pub(super) fn create() -> Operation {
    Operation::new("createTask", TAG, "Runs a template")
        .body(json!({
            "type": "object",
            "required": ["templateRef"],
            "properties": {
                "templateRef": { "type": "string" },
                "values": { "type": "object", "description": "The answers of the form" },
                "secrets": secrets(),
            },
        }))
        .json(201, "The task; it begins by itself", id())
        .errors(&[404])
}

pub(super) fn list() -> Operation {
    let many = |text: &str| schema::saying(schema::list(schema::text()), text);
    Operation::new("listTasks", TAG, "Lists tasks, the newest first")
        .query(
            "createdBy",
            many("Refs of people"),
            "Only tasks of these people",
        )
        .query("status", many("States"), "Only tasks in these states")
        .query("template", schema::text(), "Only tasks of this template")
        .query(
            "createdAfter",
            schema::text(),
            "Only tasks made at this time or later",
        )
        .query(
            "order",
            many("Such as desc:created_at"),
            "By created_at, status or created_by",
        )
        .query(
            "limit",
            schema::integer(),
            "How many at most; 1,000 are the most",
        )
        .query(
            "offset",
            schema::integer(),
            "How many of the first are passed over",
        )
        .json(
            200,
            "The tasks; `items` are the same without their specification",
            json!({
                "type": "object",
                "required": ["tasks", "totalTasks", "items"],
                "properties": {
                    "tasks": { "type": "array", "items": task() },
                    "totalTasks": { "type": "integer" },
                    "items": { "type": "array", "items": { "type": "object" } },
                    "totalItems": { "type": "integer" },
                },
            }),
        )
        .errors(&[400])
}

pub(super) fn get() -> Operation {
    one(Operation::new(
        "getTask",
        TAG,
        "Gets a task, with its steps and what it has left behind",
    ))
    .json(200, "The task", task())
}

pub(super) fn cancel() -> Operation {
    one(Operation::new("cancelTask", TAG, "Cancels a task"))
        .json(
            200,
            "It ends as soon as its step has ended, after ten seconds at the latest",
            json!({ "type": "object", "properties": { "status": { "type": "string" } } }),
        )
        .errors(&[409])
}

pub(super) fn retry() -> Operation {
    one(Operation::new(
        "retryTask",
        TAG,
        "Runs a task again from the step that failed",
    ))
    .optional_body(json!({
        "type": "object",
        "properties": {
            "secrets": secrets(),
            "from": { "type": "string", "enum": ["failed", "start"] },
        },
    }))
    .json(201, "The task", id())
    .errors(&[409])
}

pub(super) fn stream() -> Operation {
    followed(Operation::new(
        "streamTaskEvents",
        TAG,
        "Follows the log of a task until it ends",
    ))
    .media(
        200,
        "Events named log, completion, cancelled and recovered",
        "text/event-stream",
    )
}

pub(super) fn poll() -> Operation {
    followed(Operation::new(
        "listTaskEvents",
        TAG,
        "Gets the log of a task, waiting up to 30 seconds for more",
    ))
    .json(200, "The events", schema::list(json!({ "type": "object" })))
}

fn one(operation: Operation) -> Operation {
    operation
        .path("taskId", schema::text(), "The id of the task")
        .errors(&[404])
}

fn followed(operation: Operation) -> Operation {
    one(operation).query("after", schema::integer(), "Only events after this one")
}

fn id() -> Value {
    json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } })
}

fn secrets() -> Value {
    json!({
        "type": "object",
        "additionalProperties": { "type": "string", "format": "password" },
        "writeOnly": true,
    })
}

fn file() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": { "type": "string" },
            "executable": { "type": "boolean" },
            "base64Content": { "type": "string" },
        },
    })
}

fn task() -> Value {
    json!({
        "type": "object",
        "required": ["id", "spec", "status", "createdAt"],
        "properties": {
            "id": { "type": "string" },
            "spec": { "type": "object" },
            "status": { "type": "string" },
            "state": { "type": "string" },
            "createdAt": { "type": "string" },
            "createdBy": { "type": "string" },
            "startedAt": { "type": ["string", "null"] },
            "completedAt": { "type": ["string", "null"] },
            "lastHeartbeatAt": { "type": ["string", "null"] },
            "attempt": { "type": "integer" },
            "lastEvent": { "type": "integer" },
            "waiting": { "type": "object" },
            "output": { "type": "object" },
            "error": { "type": "object" },
            "steps": { "type": "array", "items": { "type": "object" } },
            "leftBehind": { "type": "array", "items": { "type": "object" } },
        },
    })
}

//! Schemas that several answers share.

use platform::openapi::Schemas;
use platform::openapi::schema::{
    any_object, at_least, choice, flag, integer, list, map, named, nullable, object, open, saying,
    text, time,
};
use serde_json::Value;

/// The catalog's shared schemas.
pub(in super::super) fn shared() -> Schemas {
    Schemas::default()
        .with("Entity", entity())
        .with("EntityMetadata", metadata())
        .with(
            "PartialEntity",
            saying(
                any_object(),
                "An entity, or the fields of it that were asked for",
            ),
        )
        .with("EntityPage", entity_page())
        .with("Location", location())
        .with("Source", source())
        .with("SourceWithProblems", source_with_problems())
        .with("Problem", problem())
        .with("Conflict", conflict())
        .with("Version", version())
        .with("CloudEvent", cloud_event())
}

fn entity() -> Value {
    saying(
        open(object([
            ("apiVersion", text()),
            ("kind", text()),
            ("metadata", named("EntityMetadata")),
            ("spec?", any_object()),
            (
                "relations?",
                list(object([("type", text()), ("targetRef", text())])),
            ),
            ("status?", any_object()),
        ])),
        "What exists. What `spec` holds depends on the kind.",
    )
}

fn metadata() -> Value {
    let link = open(object([
        ("url", text()),
        ("title?", text()),
        ("icon?", text()),
        ("type?", text()),
    ]));
    open(object([
        ("name", text()),
        ("namespace?", text()),
        ("uid?", text()),
        ("etag?", text()),
        ("title?", text()),
        ("description?", text()),
        ("labels?", map(text())),
        ("annotations?", map(text())),
        ("tags?", list(text())),
        ("links?", list(link)),
    ]))
}

fn entity_page() -> Value {
    object([
        ("items", list(named("PartialEntity"))),
        (
            "totalItems",
            saying(at_least(0), "How many there are in all pages"),
        ),
        (
            "pageInfo",
            object([("nextCursor?", text()), ("prevCursor?", text())]),
        ),
    ])
}

fn location() -> Value {
    object([
        ("id", text()),
        ("type", text()),
        ("target", text()),
        (
            "entityRef",
            saying(text(), "The Location entity that stands for it"),
        ),
    ])
}

fn source() -> Value {
    object(source_fields())
}

fn source_with_problems() -> Value {
    let mut schema = source();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("problems".to_owned(), list(named("Problem")));
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.push("problems".into());
    }
    schema
}

fn source_fields() -> [(&'static str, Value); 18] {
    let next = object([
        ("at", nullable(time())),
        ("running", flag()),
        ("reason", text()),
    ]);
    let held = object([
        ("since", time()),
        ("refs", list(text())),
        ("confirmedBy", nullable(text())),
    ]);
    [
        ("id", text()),
        ("type", text()),
        ("target", text()),
        ("entityRef", text()),
        (
            "origin",
            saying(text(), "path, config, api or provider:<name>"),
        ),
        ("createdAt", time()),
        ("createdBy", text()),
        ("lastAttemptAt", nullable(time())),
        ("lastSuccessAt", nullable(time())),
        ("ageSeconds", nullable(integer())),
        (
            "revision",
            saying(nullable(text()), "The commit, for what comes from Git"),
        ),
        ("lastError", nullable(text())),
        ("failures", saying(at_least(0), "In a row")),
        ("durationMs", nullable(at_least(0))),
        ("entities", at_least(0)),
        (
            "heldDeletion",
            saying(nullable(held), "A large deletion that waits for a person"),
        ),
        ("nextRefresh", nullable(next)),
        (
            "budget",
            saying(
                nullable(budget()),
                "What is left of the credential that it is read with",
            ),
        ),
    ]
}

fn budget() -> Value {
    object([
        ("host", text()),
        ("credential", text()),
        ("limit", nullable(at_least(0))),
        ("remaining", nullable(at_least(0))),
        ("reset", nullable(time())),
        ("requests", at_least(0)),
        ("unchanged", at_least(0)),
        (
            "wait",
            nullable(object([("until", time()), ("reason", text())])),
        ),
    ])
}

fn problem() -> Value {
    object([
        ("sourceId", text()),
        ("location", text()),
        ("file", saying(text(), "The same place as people write it")),
        ("line", saying(at_least(0), "From 1; 0 when none is known")),
        (
            "column",
            saying(at_least(0), "From 1; 0 when none is known"),
        ),
        ("severity", choice(&["error", "warning", "info"])),
        ("code", saying(text(), "The stable name of the rule")),
        ("message", text()),
        ("accepted", nullable(text())),
        ("fix", nullable(text())),
        ("entityRef", nullable(text())),
    ])
}

fn conflict() -> Value {
    object([
        ("ref", text()),
        ("location", text()),
        ("line", at_least(0)),
        ("column", at_least(0)),
        ("sourceId", text()),
        ("winnerLocation", nullable(text())),
        ("winnerSourceId", nullable(text())),
        ("since", time()),
    ])
}

fn version() -> Value {
    object([
        ("version", at_least(1)),
        ("seq", saying(at_least(1), "The event that brought it")),
        ("time", time()),
        ("actor", text()),
        ("revision", nullable(text())),
        ("commit", nullable(text())),
        ("change", choice(&["created", "updated", "deleted"])),
        ("summary", saying(text(), "The fields that changed")),
    ])
}

fn cloud_event() -> Value {
    object([
        ("specversion", text()),
        ("id", text()),
        ("source", text()),
        ("type", text()),
        ("subject?", text()),
        ("time", time()),
        ("datacontenttype", text()),
        ("sequence", text()),
        ("actor", text()),
        (
            "actorkind",
            choice(&["user", "service", "agent", "system", "anonymous"]),
        ),
        ("onbehalfof?", text()),
        ("outcome", choice(&["allowed", "refused", "failed"])),
        ("cause?", text()),
        ("data", any_object()),
    ])
}

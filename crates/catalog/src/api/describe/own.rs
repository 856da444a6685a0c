//! What Backstage does not have: history, walking, changes.

use platform::openapi::{Operation, schema};
use serde_json::Value;

use super::{at, entity_ref, of_entity};

const HISTORY: &str = "History";
const GRAPH: &str = "Graph";

pub(in super::super) fn history() -> Operation {
    of_entity(Operation::new(
        "listVersions",
        HISTORY,
        "Lists the versions of an entity",
    ))
    .query(
        "limit",
        schema::between(1, 200),
        "Versions at most; 200 unless given",
    )
    .json(
        200,
        "The versions, newest first",
        schema::object([
            ("entityRef", entity_ref()),
            ("items", schema::list(schema::named("Version"))),
        ]),
    )
    .errors(&[404])
}

pub(in super::super) fn diff() -> Operation {
    of_entity(Operation::new(
        "compareVersions",
        HISTORY,
        "Compares two versions of an entity",
    ))
    .query(
        "from",
        schema::at_least(0),
        "The older version; the one before `to` unless given, 0 is nothing",
    )
    .query(
        "to",
        schema::at_least(0),
        "The newer version; the newest unless given",
    )
    .json(
        200,
        "The difference",
        schema::object([
            ("from", schema::integer()),
            ("to", schema::integer()),
            (
                "changes",
                schema::saying(schema::list(schema::text()), "The fields that differ"),
            ),
            (
                "unified",
                schema::saying(schema::text(), "The difference as diff writes it"),
            ),
        ]),
    )
    .errors(&[404])
}

fn reference(operation: Operation, name: &str, description: &str) -> Operation {
    operation.required_query(name, schema::text(), description)
}

pub(in super::super) fn impact() -> Operation {
    let operation = Operation::new(
        "getImpact",
        GRAPH,
        "Says what fails with an entity, or what it needs",
    )
    .query(
        "depth",
        schema::at_least(1),
        "Relations away; 10 unless given",
    )
    .query(
        "direction",
        schema::choice(&["dependents", "dependencies"]),
        "Who needs it, or what it needs; dependents unless given",
    )
    .json(
        200,
        "Entities, nearest first, at most 5,000",
        schema::object([
            ("root", entity_ref()),
            (
                "items",
                schema::list(schema::object([
                    ("ref", entity_ref()),
                    ("depth", schema::at_least(0)),
                    ("via", schema::nullable(schema::text())),
                    ("relation", schema::nullable(schema::text())),
                    ("exists", schema::flag()),
                    ("type", schema::saying(serde_json::json!({}), "spec.type")),
                    (
                        "title",
                        schema::saying(serde_json::json!({}), "metadata.title"),
                    ),
                    ("owner", schema::nullable(schema::text())),
                    (
                        "tags",
                        schema::saying(serde_json::json!({}), "metadata.tags"),
                    ),
                ])),
            ),
        ]),
    )
    .errors(&[404]);
    at(reference(operation, "ref", "The entity"))
}

pub(in super::super) fn path() -> Operation {
    let operation = Operation::new(
        "getPath",
        GRAPH,
        "Answers the shortest way between two entities",
    )
    .json(
        200,
        "The way, from the one to the other",
        schema::object([(
            "steps",
            schema::list(schema::object([
                ("ref", entity_ref()),
                ("relation", schema::nullable(schema::text())),
            ])),
        )]),
    )
    .errors(&[404]);
    at(reference(
        reference(operation, "from", "The one entity"),
        "to",
        "The other entity",
    ))
}

pub(in super::super) fn owner() -> Operation {
    let operation = Operation::new(
        "getOwner",
        GRAPH,
        "Says who owns an entity and whom to write to",
    )
    .json(
        200,
        "The owner, the groups above it, and its members",
        schema::object([
            ("ref", entity_ref()),
            ("owner", schema::nullable(schema::text())),
            ("exists?", schema::flag()),
            ("profile?", person()),
            ("chain", schema::list(person())),
            ("members", schema::list(person())),
        ]),
    )
    .errors(&[404]);
    at(reference(operation, "ref", "The entity"))
}

fn person() -> Value {
    schema::object([
        ("ref", entity_ref()),
        ("title", serde_json::json!({})),
        ("email", serde_json::json!({})),
        ("links", serde_json::json!({})),
    ])
}

/// The same under two paths, which want two ids.
pub(in super::super) fn events(id: &'static str) -> Operation {
    Operation::new(
        id,
        HISTORY,
        "Answers changes of the catalog, as a page or as a live stream",
    )
    .explained("A client that accepts `text/event-stream` gets the live stream.")
    .header("Last-Event-ID", schema::text(), "Continue after this event")
    .query(
        "after",
        schema::at_least(0),
        "The same; counts where there is no header",
    )
    .query(
        "ref",
        schema::text(),
        "Only this entity, or this source by its id",
    )
    .query(
        "type",
        schema::text(),
        "Only types that begin with this, such as entity.",
    )
    .query(
        "limit",
        schema::between(1, 1_000),
        "Events in a page; 200 unless given",
    )
    .json(
        200,
        "CloudEvents, oldest first",
        schema::object([
            ("items", schema::list(schema::named("CloudEvent"))),
            (
                "next",
                schema::saying(schema::integer(), "What to send as `after` next time"),
            ),
        ]),
    )
    .media(200, "Events as they happen", "text/event-stream")
}

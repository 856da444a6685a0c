//! Backstage's routes for locations, and the sources behind them.

use platform::openapi::{Operation, schema};
use serde_json::Value;

use super::{of_entity, predicate};

const TAG: &str = "Locations";
const SOURCES: &str = "Sources";

pub(in super::super) fn list() -> Operation {
    Operation::new("listLocations", TAG, "Lists registered locations").json(
        200,
        "The locations",
        schema::list(schema::object([("data", schema::named("Location"))])),
    )
}

/// What names a place.
fn place() -> Value {
    schema::object([
        (
            "type",
            schema::saying(schema::text(), "Only `url` can be registered"),
        ),
        (
            "target",
            schema::saying(schema::text(), "The address of a catalog file"),
        ),
        ("presence?", schema::choice(&["required", "optional"])),
    ])
}

pub(in super::super) fn create() -> Operation {
    Operation::new("createLocation", TAG, "Registers a location")
        .explained("The answer is 201 also when the place cannot be read now: it is tried again, and `problems` says why.")
        .query("dryRun", schema::choice(&["true", "false"]), "Reads and checks, and stores nothing")
        .query(
            "onConflict",
            schema::choice(&["reject", "refresh"]),
            "What to do when it is registered already",
        )
        .body(place())
        .json(
            201,
            "The location with what came from it",
            schema::object([
                ("location", schema::named("Location")),
                ("entities", schema::list(schema::named("Entity"))),
                ("exists?", schema::flag()),
                ("problems?", schema::list(schema::named("Problem"))),
            ]),
        )
        .errors(&[409])
}

pub(in super::super) fn by_query() -> Operation {
    Operation::new(
        "queryLocations",
        TAG,
        "Answers a page of locations that a predicate chooses",
    )
    .optional_body(schema::object([
        ("cursor?", schema::text()),
        ("limit?", schema::at_least(0)),
        ("query?", predicate()),
    ]))
    .json(
        200,
        "A page",
        schema::object([
            ("items", schema::list(schema::named("Location"))),
            ("totalItems", schema::at_least(0)),
            (
                "pageInfo",
                schema::object([("nextCursor?", schema::text())]),
            ),
        ]),
    )
}

fn by_id(operation: Operation) -> Operation {
    operation
        .path("id", schema::text(), "The location's id")
        .errors(&[404])
}

pub(in super::super) fn get() -> Operation {
    by_id(Operation::new("getLocation", TAG, "Answers a location")).json(
        200,
        "The location",
        schema::named("Location"),
    )
}

pub(in super::super) fn update() -> Operation {
    by_id(Operation::new(
        "updateLocation",
        TAG,
        "Has a location read from another place",
    ))
    .body(place())
    .json(200, "The location", schema::named("Location"))
    .errors(&[409])
}

pub(in super::super) fn delete() -> Operation {
    by_id(Operation::new(
        "deleteLocation",
        TAG,
        "Removes a location with everything it brought",
    ))
    .query(
        "dryRun",
        schema::choice(&["true", "false"]),
        "Removes nothing",
    )
    .empty(204, "It is gone")
}

pub(in super::super) fn by_entity() -> Operation {
    of_entity(Operation::new(
        "getLocationByEntity",
        TAG,
        "Answers the location that an entity came from",
    ))
    .json(200, "The location", schema::named("Location"))
    .errors(&[404])
}

pub(in super::super) fn analyze() -> Operation {
    Operation::new(
        "analyzeLocation",
        TAG,
        "Says what registering a place would bring",
    )
    .body(schema::object([
        (
            "location",
            schema::object([("type", schema::text()), ("target", schema::text())]),
        ),
        ("catalogFileName?", schema::text()),
    ]))
    .json(
        200,
        "Entities that are there already, or a proposal for a first one",
        schema::object([
            (
                "existingEntityFiles",
                schema::list(schema::object([
                    (
                        "location",
                        schema::object([("type", schema::text()), ("target", schema::text())]),
                    ),
                    ("isRegistered", schema::flag()),
                    ("entity", schema::named("Entity")),
                ])),
            ),
            (
                "generateEntities",
                schema::list(schema::object([
                    ("entity", schema::named("PartialEntity")),
                    ("fields", schema::list(schema::any_object())),
                ])),
            ),
        ]),
    )
}

pub(in super::super) fn sources() -> Operation {
    Operation::new(
        "listSources",
        SOURCES,
        "Lists everything that entities come from",
    )
    .json(200, "The sources", schema::items(schema::named("Source")))
}

pub(in super::super) fn source() -> Operation {
    Operation::new(
        "getSource",
        SOURCES,
        "Answers a source with what is wrong in it",
    )
    .path("id", schema::text(), "The source's id")
    .json(200, "The source", schema::named("SourceWithProblems"))
    .errors(&[404])
}

pub(in super::super) fn problems() -> Operation {
    Operation::new(
        "listProblems",
        SOURCES,
        "Lists every finding of every source",
    )
    .json(
        200,
        "Findings, and references that two sources declare",
        schema::object([
            ("items", schema::list(schema::named("Problem"))),
            ("conflicts", schema::list(schema::named("Conflict"))),
        ]),
    )
}

pub(in super::super) fn receivers() -> Operation {
    Operation::new(
        "listWebhookReceivers",
        SOURCES,
        "Says where each receiver of webhooks stands",
    )
    .json(200, "The receivers", schema::items(schema::any_object()))
}

pub(in super::super) fn webhook() -> Operation {
    Operation::new(
        "receiveWebhook",
        SOURCES,
        "Takes a signed webhook of a code host",
    )
    .path(
        "forge",
        schema::choice(&["github", "gitlab", "gitea"]),
        "The code host",
    )
    .body(schema::any_object())
    .empty(204, "It was understood")
    .errors(&[401, 403, 404])
}

//! What the routes take and answer.

use platform::event::Outcome;
use platform::openapi::{Operation, Schemas, schema};
use serde_json::{Value, json};

use crate::api::LARGEST_PAGE;
use crate::export::Format;
use crate::walk::Fault;

const TAG: &str = "Audit";

fn filtered(operation: Operation) -> Operation {
    operation
        .query(
            "actor",
            schema::text(),
            "Only by this person or program, or on its behalf",
        )
        .query(
            "type",
            schema::text(),
            "Only types that begin with this, such as dev.portway.identity.",
        )
        .query("subject", schema::text(), "Only about this subject")
        .query(
            "outcome",
            schema::choice(&Outcome::NAMES),
            "Only what ended like this",
        )
        .query("address", schema::text(), "Only from this address")
        .query(
            "q",
            schema::text(),
            "Only with this text in subject, actor, reason, type or facts",
        )
        .query("from", schema::text(), "Not before this time")
        .query("to", schema::text(), "Before this time")
        .query(
            "people",
            schema::text(),
            "`true` leaves out what controllers did",
        )
}

pub(crate) fn list() -> Operation {
    filtered(
        Operation::new("listAuditEvents", TAG, "Lists events of the audit trail, newest first")
            .explained("Where no index helps, an answer looks through 200,000 events and may be empty; `nextCursor` goes on from there."),
    )
    .query("limit", schema::between(1, LARGEST_PAGE), "Events in a page; 50 unless given")
    .query("cursor", schema::text(), "The `nextCursor` of an earlier answer")
    .json(
        200,
        "A page",
        schema::object([
            ("items", schema::list(schema::named("AuditEvent"))),
            ("pageInfo", schema::object([("nextCursor?", schema::text())])),
        ]),
    )
    .errors(&[400, 401, 403])
}

pub(crate) fn get() -> Operation {
    Operation::new("getAuditEvent", TAG, "Answers one event of the audit trail")
        .path("seq", schema::text(), "The event's number")
        .json(200, "The event", schema::named("AuditEvent"))
        .errors(&[401, 403, 404])
}

pub(crate) fn verify() -> Operation {
    Operation::new(
        "verifyAudit",
        TAG,
        "Computes the hash chain again and says what does not fit",
    )
    .query(
        "from",
        schema::between(1, i64::MAX),
        "The first event; the first of the chain unless given",
    )
    .query(
        "to",
        schema::between(1, i64::MAX),
        "The last event; the last of the log unless given",
    )
    .json(200, "What was found", schema::named("AuditReport"))
    .errors(&[400, 401, 403])
}

pub(crate) fn state() -> Operation {
    Operation::new(
        "getAuditState",
        TAG,
        "Says where the chain, its checkpoints, sinks and holds stand",
    )
    .json(200, "The state", schema::any_object())
    .errors(&[401, 403])
}

pub(crate) fn checkpoints() -> Operation {
    Operation::new("listAuditCheckpoints", TAG, "Answers every signed checkpoint, one JSON object in a line")
        .explained("Keep it outside of the database: `portway audit verify --checkpoint FILE` compares with it.")
        .media(200, "Checkpoints", "application/x-ndjson")
        .errors(&[401, 403])
}

pub(crate) fn export() -> Operation {
    filtered(Operation::new("exportAudit", TAG, "Exports events, oldest first").explained(
        "Every export is an event itself. Without a filter, JSON lines hold all that `portway audit verify --file` needs.",
    ))
    .query("format", schema::choice(&Format::NAMES), "How events are written; jsonl unless given")
    .media(200, "The events", "application/x-ndjson")
    .errors(&[400, 401, 403])
}

pub(crate) fn schemas() -> Schemas {
    Schemas::default()
        .with("AuditEvent", event())
        .with("AuditReport", report())
}

fn event() -> Value {
    schema::object([
        ("seq", schema::between(1, i64::MAX)),
        ("id", json!({ "type": "string", "format": "uuid" })),
        ("time", json!({ "type": "string", "format": "date-time" })),
        ("type", schema::text()),
        (
            "actor",
            schema::object([
                (
                    "kind",
                    schema::choice(&["user", "service", "agent", "system", "anonymous"]),
                ),
                ("name", schema::text()),
                ("onBehalfOf?", schema::text()),
            ]),
        ),
        ("subject", schema::text()),
        ("outcome", schema::choice(&Outcome::NAMES)),
        ("address", schema::nullable(schema::text())),
        ("request", schema::nullable(schema::text())),
        ("reason", schema::nullable(schema::text())),
        ("cause", schema::nullable(schema::text())),
        ("data", json!({})),
        ("hash", schema::nullable(schema::text())),
    ])
}

fn report() -> Value {
    let whole = || json!({ "type": "integer" });
    let faults = Fault::ALL.map(Fault::name);
    schema::object([
        ("intact", json!({ "type": "boolean" })),
        ("from", whole()),
        ("to", whole()),
        ("unchained", whole()),
        ("events", whole()),
        ("removed", whole()),
        ("checkpoints", whole()),
        ("head", schema::nullable(schema::text())),
        ("removals", schema::list(schema::any_object())),
        (
            "problems",
            schema::list(schema::object([
                ("fault", schema::choice(&faults)),
                ("from", whole()),
                ("to", whole()),
                ("message", schema::text()),
            ])),
        ),
        ("moreProblems", whole()),
    ])
}

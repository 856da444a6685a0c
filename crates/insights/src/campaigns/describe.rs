//! What the routes of campaigns answer, for `/api/openapi.json`.

use platform::openapi::{Operation, Schemas, schema};
use serde_json::Value;

const TAG: &str = "campaigns";

/// `GET /api/v1/campaigns`
pub(super) fn list() -> Operation {
    Operation::new(
        "listCampaigns",
        TAG,
        "Lists campaigns, the most urgent first",
    )
    .json(
        200,
        "Every campaign with its figures of today",
        schema::object([
            ("items", schema::list(schema::named("Campaign"))),
            ("totalItems", schema::integer()),
        ]),
    )
}

/// `GET /api/v1/campaigns/{namespace}/{name}`
pub(super) fn get() -> Operation {
    named(Operation::new(
        "getCampaign",
        TAG,
        "Gets a campaign with its burndown, teams, waves and what remains",
    ))
    .json(200, "The campaign", schema::named("CampaignReport"))
    .errors(&[404])
}

/// `GET /api/v1/campaigns/{namespace}/{name}/remaining.csv`
pub(super) fn remaining() -> Operation {
    named(Operation::new(
        "getCampaignRemainingCsv",
        TAG,
        "Lists what remains of a campaign, for spreadsheets",
    ))
    .media(
        200,
        "One line for each target that has to move still",
        "text/csv",
    )
    .errors(&[404, 409])
}

fn named(operation: Operation) -> Operation {
    operation
        .path(
            "namespace",
            schema::text(),
            "The namespace, default unless the campaign says otherwise",
        )
        .path("name", schema::text(), "The campaign's name")
}

/// The shapes that the operations share.
pub(super) fn schemas() -> Schemas {
    Schemas::default()
        .with("CampaignTally", tally())
        .with("CampaignTarget", target())
        .with("Campaign", schema::open(campaign()))
        .with("CampaignReport", schema::open(report()))
}

fn date() -> Value {
    schema::saying(schema::text(), "A day such as 2026-11-21")
}

fn entity_ref() -> Value {
    schema::saying(
        schema::text(),
        "An entity reference such as resource:default/orders-db",
    )
}

fn tally() -> Value {
    let count = || schema::at_least(0);
    schema::object([
        ("total", count()),
        ("done", count()),
        ("exempt", count()),
        (
            "remaining",
            schema::saying(count(), "total − done − exempt"),
        ),
        (
            "percent",
            schema::saying(
                schema::nullable(schema::between(0, 100)),
                "done of total − exempt, rounded down",
            ),
        ),
        (
            "removed?",
            schema::saying(count(), "Earlier targets that have left the catalog"),
        ),
    ])
}

fn target() -> Value {
    schema::object([
        ("ref", entity_ref()),
        ("title", schema::text()),
        ("owners", schema::list(entity_ref())),
        ("wave", schema::nullable(schema::text())),
        ("joined", schema::nullable(date())),
        ("reason?", schema::text()),
        ("until?", schema::nullable(date())),
        ("approvedBy?", schema::nullable(schema::text())),
    ])
}

fn campaign() -> Value {
    let standings = [
        "overdue", "at-risk", "on-track", "planned", "empty", "finished", "invalid",
    ];
    schema::object([
        ("ref", entity_ref()),
        ("title", schema::text()),
        ("standing", schema::choice(&standings)),
        (
            "problems",
            schema::saying(
                schema::list(schema::any_object()),
                "What is wrong with its document, with file, line, column and JSON pointer",
            ),
        ),
        ("owner?", schema::nullable(entity_ref())),
        ("starts?", date()),
        ("deadline?", date()),
        ("timeZone?", schema::text()),
        ("today?", date()),
        ("progress?", schema::named("CampaignTally")),
        ("forecast?", forecast()),
    ])
}

fn forecast() -> Value {
    schema::saying(
        schema::object([
            ("finishedOn?", date()),
            ("expectedOn?", date()),
            ("perDay?", serde_json::json!({ "type": "number" })),
            (
                "unknown?",
                schema::choice(&["too-little-data", "not-falling", "too-far", "no-targets"]),
            ),
        ]),
        "By least squares over the last 14 days, or why nothing can be said",
    )
}

fn report() -> Value {
    let number = || serde_json::json!({ "type": "number" });
    let day = schema::object([
        ("day", date()),
        ("total", schema::at_least(0)),
        ("done", schema::at_least(0)),
        ("exempt", schema::at_least(0)),
        ("remaining", schema::at_least(0)),
        ("removed", schema::at_least(0)),
        ("ideal", number()),
    ]);
    let ideal = schema::object([("day", date()), ("remaining", number())]);
    let burndown = schema::object([
        ("baseline", schema::at_least(0)),
        ("days", schema::list(day)),
        ("ideal", schema::list(ideal)),
    ]);
    let team = schema::object([
        ("ref", schema::nullable(entity_ref())),
        ("title", schema::text()),
        ("depth", schema::at_least(0)),
        ("progress", schema::named("CampaignTally")),
        ("own", schema::named("CampaignTally")),
    ]);
    let wave = schema::object([
        ("name", schema::nullable(schema::text())),
        ("deadline", date()),
        ("share", schema::nullable(schema::between(1, 100))),
        ("overdue", schema::flag()),
        ("progress", schema::named("CampaignTally")),
    ]);
    let targets = || schema::list(schema::named("CampaignTarget"));
    schema::object([
        ("ref", entity_ref()),
        ("title", schema::text()),
        ("standing", schema::text()),
        ("burndown?", burndown),
        ("teams?", schema::list(team)),
        ("waves?", schema::list(wave)),
        (
            "remaining?",
            schema::saying(targets(), "The first 1,000; the CSV has all"),
        ),
        ("exempt?", targets()),
        ("removed?", schema::list(entity_ref())),
        ("recordedAt?", schema::nullable(schema::time())),
    ])
}

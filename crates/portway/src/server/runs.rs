//! What was done: `GET /api/v1/runs` and `GET /api/v1/runs/{id}`.

use std::sync::Arc;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use platform::actor::Permission;
use platform::capability::Capability;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::journal::{self, Door, Journal, RunFilter, RunState};
use platform::openapi::{Operation, Schemas, schema};
use platform::request::Call;
use serde_json::{Value, json};

/// Runs on a page unless asked otherwise.
const PAGE: usize = 50;
/// Runs on a page at most.
const LARGEST_PAGE: i64 = 1_000;

const READ: Access = Access::Needs(journal::READ);
const PERMISSIONS: &[Permission] = &[journal::READ];

/// The journal for programs.
pub(super) fn capability(journal: &Journal, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "platform",
        routes: routes(journal, gate),
        navigation: Vec::new(),
        actions: Vec::new(),
        controllers: Vec::new(),
        permissions: PERMISSIONS,
        checks: Vec::new(),
    }
}

fn routes(journal: &Journal, gate: Arc<dyn Gate>) -> Routes {
    let (all, one) = (journal.clone(), journal.clone());
    Routes::new(gate)
        .api(Method::GET, "/api/v1/runs", READ, move |call: Call| {
            list(all.clone(), call)
        })
        .describe(
            Operation::new("listRuns", "Actions", "Lists runs of actions, newest first")
                .explained("A run is written down before it starts, without secrets. `interrupted` means that its process ended first.")
                .query("action", schema::text(), "Only of this action")
                .query("actor", schema::text(), "Only those that this person or program asked for")
                .query("state", schema::choice(&RunState::NAMES), "Only in this state")
                .query("limit", schema::between(1, LARGEST_PAGE), "Runs in a page; 50 unless given")
                .query("cursor", schema::text(), "The `nextCursor` of an earlier answer")
                .json(
                    200,
                    "A page",
                    schema::object([
                        ("items", schema::list(schema::named("Run"))),
                        ("pageInfo", schema::object([("nextCursor?", schema::text())])),
                    ]),
                ),
        )
        .api(Method::GET, "/api/v1/runs/{id}", READ, move |call: Call| {
            get(one.clone(), call)
        })
        .describe(
            Operation::new("getRun", "Actions", "Answers one run of an action")
                .path("id", schema::text(), "The run's id")
                .json(200, "The run", schema::named("Run"))
                .errors(&[404]),
        )
        .with_schemas(Schemas::default().with("Run", run_schema()))
}

fn run_schema() -> Value {
    let doors = [Door::Http, Door::Cli, Door::Portal].map(Door::as_str);
    schema::object([
        ("id", json!({ "type": "string", "format": "uuid" })),
        ("action", schema::text()),
        (
            "actor",
            schema::object([
                (
                    "kind",
                    schema::choice(&["user", "service", "system", "anonymous"]),
                ),
                ("name", schema::text()),
            ]),
        ),
        ("door", schema::choice(&doors)),
        ("state", schema::choice(&RunState::NAMES)),
        (
            "input",
            schema::saying(json!({}), "What it was given, without secrets"),
        ),
        ("started", schema::time()),
        ("ended", schema::nullable(schema::time())),
        ("error", schema::nullable(schema::text())),
        (
            "output",
            schema::saying(json!({}), "What it answered, without secrets"),
        ),
    ])
}

async fn list(journal: Journal, call: Call) -> Result<Response, ApiError> {
    let state = call.query.choice("state", &RunState::NAMES)?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let filter = RunFilter {
        action: owned(call.query.get("action")),
        actor: owned(call.query.get("actor")),
        state: owned(state),
    };
    let before = match call.query.get("cursor") {
        None => None,
        Some(text) => Some(journal::run_id(text).ok_or_else(|| {
            ApiError::input(format!("Malformed cursor: {text:?}"))
                .accepted("the `nextCursor` of an earlier answer, unchanged")
        })?),
    };
    let limit = call.query.integer("limit", 1)?.map_or(PAGE, |limit| {
        usize::try_from(limit.min(LARGEST_PAGE)).unwrap_or(PAGE)
    });
    let mut runs = journal.runs(&filter, before, limit + 1).await?;
    let more = runs.len() > limit;
    runs.truncate(limit);
    let next = runs.last().filter(|_| more).map(|run| run.id.to_string());
    let info = next.map_or_else(|| json!({}), |next| json!({ "nextCursor": next }));
    let items: Vec<Value> = runs.iter().map(journal::Run::to_json).collect();
    Ok(axum::Json(json!({ "items": items, "pageInfo": info })).into_response())
}

async fn get(journal: Journal, call: Call) -> Result<Response, ApiError> {
    let wanted = call.path("id");
    let missing = || {
        ApiError::not_found(format!("There is no run {wanted:?}"))
            .accepted("an id that GET /api/v1/runs lists")
    };
    let id = journal::run_id(wanted).ok_or_else(missing)?;
    let run = journal.get(id).await?.ok_or_else(missing)?;
    Ok(axum::Json(run.to_json()).into_response())
}

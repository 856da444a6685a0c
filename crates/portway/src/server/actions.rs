//! The HTTP door of actions: `GET /api/v1/actions`, `POST …/{name}`,
//! `POST …/{name}/plan`.

use std::sync::Arc;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use platform::action::Action;
use platform::error::ApiError;
use platform::http::{Access, Gate, RouteInfo, Routes, Surface};
use platform::journal::{Door, Journal};
use platform::openapi::{Operation, Schemas, schema};
use platform::request::Call;
use serde_json::{Value, json};

const CHECKED: Access =
    Access::Public("each action checks its own permission before anything else");

const TAG: &str = "Actions";

/// Routes for all actions of all capabilities; runs are written down in
/// `journal`.
pub(super) fn routes(actions: &Arc<[Action]>, journal: &Journal, gate: Arc<dyn Gate>) -> Routes {
    let with = || Arc::clone(actions);
    let (all, one, plan, run) = (with(), with(), with(), with());
    let journal = journal.clone();
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/v1/actions",
            CHECKED,
            move |call: Call| list(Arc::clone(&all), call),
        )
        .describe(
            Operation::new("listActions", TAG, "Lists the actions that the caller may use")
                .json(200, "The actions", schema::items(schema::named("Action"))),
        )
        .api(
            Method::GET,
            "/api/v1/actions/{name}",
            CHECKED,
            move |call: Call| {
                let found = find(&one, &call).map(|action| axum::Json(described(&action)));
                async move { found }
            },
        )
        .describe(named("getAction", "Answers an action with its schemas").json(
            200,
            "The action",
            schema::named("Action"),
        ))
        .api(
            Method::POST,
            "/api/v1/actions/{name}/plan",
            CHECKED,
            move |call: Call| plan_one(Arc::clone(&plan), call),
        )
        .describe(
            named("planAction", "Says what an action would change, and changes nothing")
                .optional_body(schema::any_object())
                .json(200, "What would change", schema::named("Plan")),
        )
        .api(
            Method::POST,
            "/api/v1/actions/{name}",
            CHECKED,
            move |call: Call| run_one(Arc::clone(&run), journal.clone(), call),
        )
        .describe(
            named("runAction", "Runs an action")
                .explained("The paths with the names of actions say what each takes and answers. Every run is written down; see /api/v1/runs.")
                .optional_body(schema::any_object())
                .json(200, "What the action answers", schema::any_object()),
        )
        .with_schemas(schemas())
}

fn named(id: &str, summary: &str) -> Operation {
    Operation::new(id, TAG, summary)
        .path(
            "name",
            schema::text(),
            "The action's name, such as catalog:register",
        )
        .errors(&[401, 403, 404])
}

/// One line for each action, for the description of the API: the route with
/// the variable name serves them all.
pub(super) fn described_routes(actions: &[Action]) -> Vec<RouteInfo> {
    actions
        .iter()
        .map(|action| RouteInfo {
            method: Method::POST,
            path: format!("/api/v1/actions/{}", action.name),
            access: Access::Needs(action.permission),
            surface: Surface::Api,
            operation: Some(
                Operation::new(
                    format!("run.{}", action.name.replace(':', ".")),
                    TAG,
                    action.description.trim_end_matches('.'),
                )
                .optional_body(without_dialect(&action.input))
                .json(200, "It is done", without_dialect(&action.output)),
            ),
        })
        .collect()
}

/// The document names one dialect for all of its schemas.
fn without_dialect(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(fields) = schema.as_object_mut() {
        fields.shift_remove("$schema");
    }
    schema
}

fn schemas() -> Schemas {
    let change = schema::object([
        (
            "effect",
            schema::choice(&["create", "update", "delete", "none"]),
        ),
        ("subject", schema::text()),
        ("detail", schema::nullable(schema::text())),
    ]);
    Schemas::default()
        .with(
            "Action",
            schema::object([
                ("name", schema::text()),
                ("description", schema::text()),
                ("permission", schema::text()),
                (
                    "schema",
                    schema::object([
                        ("input", schema::any_object()),
                        ("output", schema::any_object()),
                    ]),
                ),
            ]),
        )
        .with(
            "Plan",
            schema::object([
                ("summary", schema::text()),
                ("changes", schema::list(change)),
            ]),
        )
}

async fn list(actions: Arc<[Action]>, call: Call) -> axum::Json<Value> {
    let items: Vec<Value> = actions
        .iter()
        .filter(|action| call.caller.may(action.permission))
        .map(described)
        .collect();
    axum::Json(json!({ "items": items }))
}

async fn plan_one(actions: Arc<[Action]>, call: Call) -> Result<Response, ApiError> {
    let (action, input) = (find(&actions, &call)?, input(&call)?);
    let plan = action.plan(call.caller, input).await?;
    Ok(axum::Json(plan).into_response())
}

async fn run_one(
    actions: Arc<[Action]>,
    journal: Journal,
    call: Call,
) -> Result<Response, ApiError> {
    let (action, input, door) = (find(&actions, &call)?, input(&call)?, door(&call));
    let output = journal.run(&action, call.caller, door, input).await?;
    Ok(axum::Json(output).into_response())
}

/// Our command line names itself; only browsers send cookies and no token.
fn door(call: &Call) -> Door {
    let ours = call
        .header("user-agent")
        .is_some_and(|agent| agent.starts_with("portway/"));
    let session = call.header("cookie").is_some() && call.header("authorization").is_none();
    match (ours, session) {
        (true, _) => Door::Cli,
        (false, true) => Door::Portal,
        (false, false) => Door::Http,
    }
}

fn described(action: &Action) -> Value {
    json!({
        "name": action.name,
        "description": action.description,
        "permission": action.permission.name,
        "schema": { "input": action.input, "output": action.output },
    })
}

/// The action, for those who may run it; for others it does not exist here.
fn find(actions: &[Action], call: &Call) -> Result<Action, ApiError> {
    let name = call.path("name");
    let action = actions.iter().find(|action| action.name == name).cloned();
    let action = action.ok_or_else(|| {
        ApiError::not_found(format!("There is no action {name:?}"))
            .accepted("a name that GET /api/v1/actions lists")
    })?;
    call.caller.require(action.permission)?;
    Ok(action)
}

fn input(call: &Call) -> Result<Value, ApiError> {
    if call.body.is_empty() {
        Ok(json!({}))
    } else {
        call.object().map(Value::Object)
    }
}

//! The HTTP door of actions: `GET /api/v1/actions`, `POST …/{name}`,
//! `POST …/{name}/plan`.

use std::sync::Arc;

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use platform::action::Action;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde_json::{Value, json};

const CHECKED: Access =
    Access::Public("each action checks its own permission before anything else");

/// Routes for all actions of all capabilities.
pub(super) fn routes(actions: Vec<Action>, gate: Arc<dyn Gate>) -> Routes {
    let actions = Arc::new(actions);
    let (list, show, plan, run) = (
        Arc::clone(&actions),
        Arc::clone(&actions),
        Arc::clone(&actions),
        Arc::clone(&actions),
    );
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/v1/actions",
            CHECKED,
            move |call: Call| {
                let items: Vec<Value> = list
                    .iter()
                    .filter(|action| call.caller.may(action.permission))
                    .map(described)
                    .collect();
                async move { axum::Json(json!({ "items": items })) }
            },
        )
        .api(
            Method::GET,
            "/api/v1/actions/{name}",
            CHECKED,
            move |call: Call| {
                let found = find(&show, &call).map(|action| axum::Json(described(&action)));
                async move { found }
            },
        )
        .api(
            Method::POST,
            "/api/v1/actions/{name}/plan",
            CHECKED,
            move |call: Call| {
                let actions = Arc::clone(&plan);
                async move {
                    let (action, input) = (find(&actions, &call)?, input(&call)?);
                    let plan = action.plan(call.caller, input).await?;
                    Ok::<Response, ApiError>(axum::Json(plan).into_response())
                }
            },
        )
        .api(
            Method::POST,
            "/api/v1/actions/{name}",
            CHECKED,
            move |call: Call| {
                let actions = Arc::clone(&run);
                async move {
                    let (action, input) = (find(&actions, &call)?, input(&call)?);
                    let output = action.run(call.caller, input).await?;
                    Ok::<Response, ApiError>(axum::Json(output).into_response())
                }
            },
        )
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

//! `GET /api/v1/access/policy`, `…/decisions`, `…/who-can`.

use std::sync::Arc;

use access::permission::{DECISION_READ, POLICY_READ};
use access::{Binding, Policy, Role, Rule, Source};
use axum::Json;
use axum::http::Method;
use axum::response::IntoResponse;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde_json::{Value, json};

use super::simulate::{Question, as_json};
use super::{Answer, Desk, describe, on};

const OWN: Access =
    Access::Public("everybody may ask about themselves; the handler asks more for others");

pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/v1/access/policy",
            Access::Needs(POLICY_READ),
            on(desk, policy),
        )
        .describe(describe::policy())
        .api(
            Method::GET,
            "/api/v1/access/decisions",
            OWN,
            on(desk, decisions),
        )
        .describe(describe::decisions())
        .api(
            Method::GET,
            "/api/v1/access/who-can",
            Access::Needs(DECISION_READ),
            on(desk, who_can),
        )
        .describe(describe::who_can())
}

async fn policy(desk: Desk, _call: Call) -> Answer {
    Ok(Json(policy_json(&desk)).into_response())
}

/// Roles, bindings and rules with where each is written.
pub(super) fn policy_json(desk: &Desk) -> Value {
    let policy: Arc<Policy> = desk.policy.policy();
    json!({
        "enabled": desk.policy.is_enabled(),
        "roles": policy.roles().map(role).collect::<Vec<_>>(),
        "bindings": policy.bindings().iter().map(binding).collect::<Vec<_>>(),
        "rules": policy.rules().iter().map(rule).collect::<Vec<_>>(),
        "problems": desk.policy.problems().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn id_of(source: &Source) -> Option<&str> {
    match source {
        Source::Portal(id) => Some(id),
        Source::BuiltIn | Source::Config(_) => None,
    }
}

fn role(role: &Role) -> Value {
    json!({
        "name": role.name,
        "title": role.title,
        "description": role.about,
        "permissions": role.permissions(),
        "source": role.source.to_string(),
    })
}

fn binding(binding: &Binding) -> Value {
    json!({
        "id": id_of(&binding.source),
        "name": binding.name,
        "role": binding.role,
        "subjects": binding.subjects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "scope": binding.spec.scope,
        "reason": binding.reason,
        "source": binding.source.to_string(),
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": id_of(&rule.source),
        "name": rule.name,
        "effect": rule.effect,
        "permissions": rule.spec.permissions,
        "subjects": rule.subjects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "except": rule.except.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "scope": rule.spec.scope,
        "reason": rule.reason,
        "source": rule.source.to_string(),
    })
}

fn question(call: &Call) -> Result<Question, ApiError> {
    let permission = call.query.get("permission").ok_or_else(|| {
        ApiError::input("request/query must have required property 'permission'")
            .accepted("permission=catalog.entity.read")
    })?;
    Question::read(permission, call.query.get("entity"), call.query.get("user"))
}

async fn decisions(desk: Desk, call: Call) -> Answer {
    let question = question(&call)?;
    let decision = question.answer(&desk, &call.caller)?;
    let user = question.user.as_ref().map(|user| user.as_str());
    let user = user.unwrap_or(call.caller.actor.name.as_str());
    Ok(Json(as_json(&decision, Some(user))).into_response())
}

async fn who_can(desk: Desk, call: Call) -> Answer {
    let question = question(&call)?;
    let items: Vec<Value> = question
        .who(&desk, &call.caller)
        .into_iter()
        .map(|(user, effect)| json!({ "user": user, "effect": effect }))
        .collect();
    let body =
        json!({ "permission": question.permission, "entity": question.entity, "items": items });
    Ok(Json(body).into_response())
}

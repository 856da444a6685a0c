//! `session:list`, `session:end`, `session:end-others`.

use std::sync::Arc;

use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::action::{Action, Plan, PlannedChange};
use serde_json::{Value, json};

use super::{SESSION_END, SESSION_READ, looks, with};
use crate::identity::Identity;

pub(super) fn actions(identity: &Arc<Identity>) -> Vec<Action> {
    vec![list(identity), end(identity), end_others(identity)]
}

fn user_schema() -> Value {
    json!({
        "type": "string", "maxLength": 300, "title": "Person",
        "description": "Whose sessions; one's own when left out. Those of others need identity.session.manage.",
    })
}

fn session_schema() -> Value {
    let time = json!({ "type": "string", "format": "date-time" });
    let word = json!({ "type": ["string", "null"] });
    json!({
        "type": "object",
        "required": ["id", "user", "method", "createdAt", "lastSeenAt", "endsAt"],
        "properties": {
            "id": { "type": "string" },
            "user": { "type": "string" },
            "method": { "type": "string" },
            "createdAt": time, "lastSeenAt": time, "endsAt": time,
            "address": word, "agent": word, "client": word,
            "scope": { "oneOf": [{ "type": ["string", "null"] }, { "type": "array", "items": { "type": "string" } }] },
            "current": { "type": "boolean" },
        },
    })
}

fn list(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "type": "object", "additionalProperties": false,
        "properties": { "user": user_schema() },
    });
    let output = json!({
        "type": "object", "required": ["items"],
        "properties": { "items": { "type": "array", "items": session_schema() } },
    });
    Action::new(
        "session:list",
        "List the sessions of a person that count, the latest used first.",
        SESSION_READ,
        (input, output),
        |_, _| looks(),
        with(identity, |identity, caller, input| async move {
            let user = user_of(&input)?;
            let sessions = identity.sessions_of(&caller, user.as_ref()).await?;
            let limits = identity.trust().sessions;
            let items: Vec<Value> = sessions
                .iter()
                .map(|session| session.to_value(&limits, None))
                .collect();
            Ok(json!({ "items": items }))
        }),
    )
}

fn end(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "type": "object", "required": ["session"], "additionalProperties": false,
        "properties": {
            "session": { "type": "string", "minLength": 1, "maxLength": 64, "title": "Session", "description": "Its id" },
        },
    });
    let output = json!({ "type": "object", "required": ["session"], "properties": { "session": session_schema() } });
    Action::new(
        "session:end",
        "End a session at once.",
        SESSION_END,
        (input, output),
        |_, input| async move {
            let id = text(&input, "session").to_owned();
            Ok(Plan {
                summary: "Ends the session; whoever uses it has to sign in again".to_owned(),
                changes: vec![PlannedChange {
                    effect: "delete",
                    subject: format!("session:{id}"),
                    detail: None,
                }],
            })
        },
        with(identity, |identity, caller, input| async move {
            let session = identity
                .end_session(&caller, text(&input, "session"))
                .await?;
            Ok(json!({ "session": session.to_value(&identity.trust().sessions, None) }))
        }),
    )
}

fn end_others(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "user": user_schema(),
            "keep": { "type": "string", "maxLength": 64, "title": "Keep", "description": "The id of a session that goes on" },
        },
    });
    let output = json!({ "type": "object", "required": ["ended"], "properties": { "ended": { "type": "integer", "minimum": 0 } } });
    Action::new(
        "session:end-others",
        "End all sessions of a person but one.",
        SESSION_END,
        (input, output),
        |_, _| async {
            Ok(Plan {
                summary: "Ends all sessions of the person except the one to keep".to_owned(),
                changes: Vec::new(),
            })
        },
        with(identity, |identity, caller, input| async move {
            let user = user_of(&input)?;
            let keep = Some(text(&input, "keep")).filter(|keep| !keep.is_empty());
            let ended = identity
                .end_other_sessions(&caller, user.as_ref(), keep)
                .await?;
            Ok(json!({ "ended": ended }))
        }),
    )
}

fn text<'a>(input: &'a Value, key: &str) -> &'a str {
    input.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn user_of(input: &Value) -> Result<Option<EntityRef>, ApiError> {
    let user = text(input, "user");
    if user.is_empty() {
        return Ok(None);
    }
    EntityRef::parse(user, Some("user"), Some("default"))
        .map(Some)
        .map_err(|problem| {
            ApiError::input(problem.to_string()).accepted("a reference such as user:default/kim")
        })
}

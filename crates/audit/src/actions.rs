//! What can be done to the trail: look at the chain, put holds on and end them.

use std::future::Future;

use platform::ApiError;
use platform::action::{Action, Plan, PlannedChange};
use platform::actor::Caller;
use platform::args;
use platform::event::{NewEvent, Outcome};
use serde_json::{Value, json};

use crate::Audit;
use crate::events::{HELD, RELEASED};
use crate::permission;
use crate::store::hold_from;
use crate::verify::Span;

/// The longest name of a hold and the longest reason, in characters.
const LONGEST: u32 = 200;

/// Every action of this crate.
pub(crate) fn actions(audit: &Audit) -> Vec<Action> {
    vec![verify(audit), hold(audit), release(audit)]
}

/// Gives an action its own handle.
fn with<F, T>(audit: &Audit, work: F) -> impl Fn(Caller, Value) -> T + Send + Sync + 'static
where
    F: Fn(Audit, Caller, Value) -> T + Send + Sync + 'static,
    T: Future + Send + 'static,
{
    let audit = audit.clone();
    move |caller, input| work(audit.clone(), caller, input)
}

fn nothing(summary: &str) -> Plan {
    Plan {
        summary: summary.to_owned(),
        changes: Vec::new(),
    }
}

fn verify(audit: &Audit) -> Action {
    let number = |title: &str, what: &str| json!({ "type": "integer", "minimum": 1, "title": title, "description": what });
    let input = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "from": number("From", "The first event"),
            "to": number("To", "The last event"),
        },
    });
    let output = json!({ "type": "object", "required": ["intact"], "properties": { "intact": { "type": "boolean" } } });
    Action::new(
        "audit:verify",
        "Compute the hash chain of the audit trail again and say what does not fit.",
        permission::READ,
        (input, output),
        |_, _| async { Ok(nothing("Reads the audit trail and changes nothing")) },
        with(audit, |audit, _, input| async move {
            let number = |key: &str| input.get(key).and_then(Value::as_i64);
            let span = Span {
                from: number("from"),
                to: number("to"),
            };
            Ok(audit.look_at(span).await?.to_json())
        }),
    )
}

fn text_schema(title: &str, what: &str, least: u32) -> Value {
    json!({ "type": "string", "minLength": least, "maxLength": LONGEST, "title": title, "description": what })
}

fn hold_schema() -> Value {
    json!({
        "type": "object",
        "required": ["hold"],
        "properties": { "hold": { "type": "object" } },
    })
}

fn hold(audit: &Audit) -> Action {
    let input = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["name", "reason"],
        "additionalProperties": false,
        "properties": {
            "name": text_schema("Name", "Names the hold, such as the number of the case", 1),
            "reason": text_schema("Reason", "Why these events must be kept", 1),
            "type": text_schema("Type", "Only events whose type begins with this", 0),
            "subject": text_schema("Subject", "Only events about this subject", 0),
        },
    });
    Action::new(
        "audit:hold",
        "Put a legal hold on events, so that retention does not remove them.",
        permission::HOLD,
        (input, hold_schema()),
        |_, input| async move {
            let name = text(&input, "name");
            Ok(Plan {
                summary: format!("Keeps events until the hold {name} is ended"),
                changes: vec![PlannedChange {
                    effect: "create",
                    subject: format!("hold:{name}"),
                    detail: None,
                }],
            })
        },
        with(audit, |audit, caller, input| async move {
            put_hold(&audit, &caller, &input).await
        }),
    )
}

async fn put_hold(audit: &Audit, caller: &Caller, input: &Value) -> Result<Value, ApiError> {
    let of = |key: &str| text(input, key);
    let mut tx = audit.0.store.db().begin().await?;
    // Retention waits for this lock too.
    tx.chain_head().await?;
    let new = tx
        .execute(
            "INSERT INTO audit_holds (name, reason, type, subject, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING",
            args![
                of("name"),
                of("reason"),
                of("type").trim_end_matches('*'),
                of("subject"),
                &caller.actor.name,
                audit.clock().now()
            ],
        )
        .await?;
    if new == 0 {
        tx.rollback().await?;
        return Err(
            ApiError::conflict(format!("There is a hold named {:?}", of("name")))
                .fix("choose another name, or end that hold first"),
        );
    }
    tx.append(NewEvent {
        kind: HELD,
        subject: format!("hold:{}", of("name")),
        actor: caller.actor.clone(),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({
            "name": of("name"),
            "reason": of("reason"),
            "type": of("type"),
            "subject": of("subject"),
            "before": null,
            "after": hold_value((&of("name"), &of("reason")), (&of("type"), &of("subject"))),
        }),
    })
    .await?;
    tx.commit().await?;
    Ok(
        json!({ "hold": { "name": of("name"), "reason": of("reason"), "type": of("type"), "subject": of("subject") } }),
    )
}

fn release(audit: &Audit) -> Action {
    let input = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["name", "reason"],
        "additionalProperties": false,
        "properties": {
            "name": text_schema("Name", "The hold", 1),
            "reason": text_schema("Reason", "Why it ends", 1),
        },
    });
    Action::new(
        "audit:release",
        "End a legal hold; retention removes its events when their time is over.",
        permission::HOLD,
        (input, hold_schema()),
        |_, input| async move {
            let name = text(&input, "name");
            Ok(Plan {
                summary: format!("Ends the hold {name}"),
                changes: vec![PlannedChange {
                    effect: "delete",
                    subject: format!("hold:{name}"),
                    detail: None,
                }],
            })
        },
        with(audit, |audit, caller, input| async move {
            let (name, reason) = (text(&input, "name"), text(&input, "reason"));
            let mut tx = audit.0.store.db().begin().await?;
            tx.chain_head().await?;
            let gone = tx
                .query(
                    "DELETE FROM audit_holds WHERE name = $1 \
                     RETURNING name, reason, type, subject, created_by, created_at",
                    args![name.as_str()],
                )
                .await?;
            let Some(gone) = gone.first().map(hold_from).transpose()? else {
                tx.rollback().await?;
                return Err(
                    ApiError::not_found(format!("There is no hold named {name:?}"))
                        .accepted("a name that GET /api/v1/audit/state lists"),
                );
            };
            let before = hold_value((&gone.name, &gone.reason), (&gone.kind, &gone.subject));
            tx.append(NewEvent {
                kind: RELEASED,
                subject: format!("hold:{name}"),
                actor: caller.actor,
                outcome: Outcome::Allowed,
                cause: None,
                data: json!({ "name": name, "reason": reason, "before": before, "after": null }),
            })
            .await?;
            tx.commit().await?;
            Ok(json!({ "hold": { "name": name } }))
        }),
    )
}

/// A hold, as events tell of it.
fn hold_value((name, reason): (&str, &str), (kind, subject): (&str, &str)) -> Value {
    json!({ "name": name, "reason": reason, "type": kind, "subject": subject })
}

fn text(input: &Value, key: &str) -> String {
    input
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .replace('\0', "␀")
}

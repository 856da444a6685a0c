//! Open Cybersecurity Schema Framework 1.3: sign-ins and sign-outs are of the
//! class Authentication (3002), everything else of Entity Management (3004),
//! both in the category Identity & Access Management (3).

use platform::actor::ActorKind;
use platform::event::{Event, Outcome, kind_name};
use serde_json::{Map, Value, json};

const VERSION: &str = "1.3.0";
const CATEGORY: i64 = 3;
const AUTHENTICATION: i64 = 3_002;
const ENTITY_MANAGEMENT: i64 = 3_004;

/// One event.
pub(super) fn object(event: &Event) -> Value {
    let sign_in = event.kind.starts_with("dev.portway.identity.session.")
        || event.kind.starts_with("dev.portway.identity.sign-in.");
    let (class, class_name) = if sign_in {
        (AUTHENTICATION, "Authentication")
    } else {
        (ENTITY_MANAGEMENT, "Entity Management")
    };
    let (activity, activity_name) = if sign_in {
        session_activity(&event.kind)
    } else {
        entity_activity(&event.kind)
    };
    let (status_id, status) = match event.outcome {
        Outcome::Allowed => (1, "Success"),
        Outcome::Refused | Outcome::Failed => (2, "Failure"),
    };
    let (severity_id, severity) = match event.outcome {
        Outcome::Allowed => (1, "Informational"),
        Outcome::Failed => (2, "Low"),
        Outcome::Refused => (3, "Medium"),
    };
    let mut object = json!({
        "class_uid": class,
        "class_name": class_name,
        "category_uid": CATEGORY,
        "category_name": "Identity & Access Management",
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": class * 100 + activity,
        "type_name": format!("{class_name}: {activity_name}"),
        "time": event.time.as_millisecond(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": format!("{} {} {}", event.actor.name, event.kind, event.subject),
        "metadata": {
            "version": VERSION,
            "uid": event.id.to_string(),
            "sequence": event.seq,
            "event_code": event.kind,
            "product": { "name": "Portway", "vendor_name": "Portway", "version": env!("CARGO_PKG_VERSION") },
        },
        "actor": { "user": user(event) },
        "unmapped": unmapped(event),
    });
    if let Some(fields) = object.as_object_mut() {
        fill(event, sign_in, fields);
    }
    object
}

fn fill(event: &Event, sign_in: bool, fields: &mut Map<String, Value>) {
    if sign_in {
        fields.insert("user".to_owned(), user(event));
        fields.insert("service".to_owned(), json!({ "name": "Portway" }));
    } else {
        let kind = event.subject.split_once(':').map_or("", |(kind, _)| kind);
        fields.insert(
            "entity".to_owned(),
            json!({ "name": event.subject, "uid": event.subject, "type": kind }),
        );
    }
    if let Some(address) = &event.origin.address {
        fields.insert("src_endpoint".to_owned(), json!({ "ip": address }));
    }
    if let Some(reason) = &event.origin.reason {
        let key = if sign_in { "status_detail" } else { "comment" };
        fields.insert(key.to_owned(), reason.as_str().into());
    }
    if let Some(request) = &event.origin.request
        && let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.insert("correlation_uid".to_owned(), request.as_str().into());
    }
}

/// `type_id` is 1 for a person, 3 for a system's own account, 99 for others.
fn user(event: &Event) -> Value {
    let kind = event.actor.kind;
    let type_id = match kind {
        ActorKind::User => 1,
        ActorKind::System => 3,
        ActorKind::Service | ActorKind::Agent | ActorKind::Anonymous => 99,
    };
    json!({
        "name": event.actor.name,
        "uid": event.actor.name,
        "type": kind_name(kind),
        "type_id": type_id,
    })
}

/// What the schema has no place for.
fn unmapped(event: &Event) -> Value {
    json!({
        "on_behalf_of": event.actor.on_behalf_of,
        "cause": event.cause,
        "outcome": event.outcome.as_str(),
        "data": event.data,
        "hash": event.hash.map(hex::encode),
    })
}

fn session_activity(kind: &str) -> (i64, &'static str) {
    if kind.ends_with(".ended") {
        (2, "Logoff")
    } else {
        (1, "Logon")
    }
}

fn entity_activity(kind: &str) -> (i64, &'static str) {
    let verb = kind.rsplit('.').next().unwrap_or_default();
    match verb {
        "created" | "registered" | "started" | "opened" => (1, "Create"),
        "exported" | "used" | "read" | "shown" => (2, "Read"),
        "deleted" | "removed" | "revoked" | "purged" | "ended" => (4, "Delete"),
        "refused" | "failed" | "broken" => (99, "Other"),
        _ => (3, "Update"),
    }
}

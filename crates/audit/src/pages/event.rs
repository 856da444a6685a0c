//! `/admin/audit/{seq}`: one event, what it changed, and its place in the chain.

use askama::Template;
use axum::response::IntoResponse;
use model::entity_ref::EntityRef;
use platform::event::{Event, kind_name};
use platform::request::{Call, encode};
use portal::ui::{Code, Crumbs, Diff, Html, Status, Syntax};
use portal::{Page, View};
use serde_json::Value;

use super::{Desk, twin, words};
use crate::api::{Answer, named};

#[derive(Template)]
#[template(path = "audit/event.html")]
struct EventPage {
    crumbs: Crumbs,
    kind: String,
    outcome: Status,
    actor_kind: &'static str,
    actor_href: String,
    subject_href: Option<String>,
    cause_href: Option<String>,
    permission: Option<String>,
    decision: Option<String>,
    changed: Option<Html>,
    data: Html,
    hash: Option<String>,
    previous: String,
    next: String,
    event: Event,
    view: View,
}

/// `GET /admin/audit/{seq}`, and `GET /admin/audit/{seq}.json`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    if let Some(seq) = call.path("seq").strip_suffix(".json") {
        let event = named(&desk.audit, seq).await?;
        return twin(&event);
    }
    let view = desk.view(&call);
    let event = named(&desk.audit, call.path("seq")).await?;
    let changed = changed(&desk, &view, &event).await?;
    let pretty = serde_json::to_string_pretty(&event.data).unwrap_or_default();
    let data = Code {
        id: "data".to_owned(),
        caption: view.t("audit-facts").to_string(),
        text: pretty,
        syntax: Syntax::Json,
        ..Code::default()
    };
    let text = |key: &str| {
        let value = event.data.get(key)?;
        match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    };
    let page = EventPage {
        crumbs: Crumbs::to(
            view.t("audit-event")
                .with("seq", event.seq.to_string())
                .to_string(),
        )
        .via(view.t("audit-title").to_string(), "/admin/audit"),
        kind: words::short(&event.kind).to_owned(),
        outcome: words::outcome(&view, event.outcome),
        actor_kind: kind_name(event.actor.kind),
        actor_href: format!("/admin/audit?actor={}", encode(&event.actor.name)),
        subject_href: words::subject_href(&event),
        cause_href: event
            .cause
            .as_deref()
            .and_then(platform::journal::run_id)
            .map(|id| format!("/admin/audit?subject={}", encode(&format!("run:{id}")))),
        permission: text("permission"),
        decision: text("decision"),
        changed,
        data: data.html(&view),
        hash: event.hash.map(hex::encode),
        previous: format!("/admin/audit/{}", event.seq - 1),
        next: format!("/admin/audit/{}", event.seq + 1),
        event,
        view,
    };
    Ok(Page::new(page).into_response())
}

/// What the event replaced and by what: what it says itself, or the versions of
/// the entity that it is about.
async fn changed(
    desk: &Desk,
    view: &View,
    event: &Event,
) -> Result<Option<Html>, platform::ApiError> {
    let title = view.t("audit-changed").to_string();
    if event.kind.starts_with("dev.portway.catalog.entity.")
        && let Some(version) = event.data.get("version").and_then(Value::as_i64)
        && let Ok(entity_ref) = EntityRef::parse(&event.subject, None, None)
    {
        let store = desk.audit.0.catalog.store();
        let text = async |version: i64| -> Result<String, platform::ApiError> {
            let found = store.version(&entity_ref, version).await?;
            Ok(found
                .and_then(|found| found.doc)
                .and_then(|doc| serde_json::from_str::<Value>(&doc).ok())
                .and_then(|doc| serde_json::to_string_pretty(&doc).ok())
                .unwrap_or_default())
        };
        let (old, new) = (text(version - 1).await?, text(version).await?);
        let diff = Diff::between(title, &old, &new);
        return Ok((!diff.is_empty()).then(|| diff.html(view)));
    }
    let part = |key: &str| {
        let value = event.data.get(key).filter(|value| !value.is_null())?;
        Some(match value {
            Value::String(text) => text.clone(),
            other => serde_json::to_string_pretty(other).unwrap_or_default(),
        })
    };
    let (before, after) = (part("before"), part("after"));
    if before.is_none() && after.is_none() || event.kind == crate::events::PURGED.0 {
        return Ok(None);
    }
    let diff = Diff::between(
        title,
        &before.unwrap_or_default(),
        &after.unwrap_or_default(),
    );
    Ok((!diff.is_empty()).then(|| diff.html(view)))
}

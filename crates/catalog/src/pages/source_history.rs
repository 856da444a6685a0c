//! What happened to a source: declared, refreshed with changes, failed,
//! recovered, moved, confirmed. From the event log.

use jiff::Timestamp;
use platform::error::ApiError;
use platform::event::{Event, EventFilter};
use portal::View;
use portal::ui::Tone;
use serde_json::Value;

use super::Desk;
use super::problems::short_revision;
use super::shorten::shortened;
use super::summary::text_at;
use crate::events;
use crate::source::Source;

/// Moments that are shown.
const LIMIT: usize = 30;
/// Room for an error, in columns of the screen.
const ERROR_COLUMNS: usize = 200;

/// One thing that happened.
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) icon: &'static str,
    pub(super) tone: Tone,
    pub(super) text: String,
    /// More about it; may be empty.
    pub(super) note: String,
    pub(super) commit: Option<String>,
}

/// The newest first.
pub(super) async fn moments(
    desk: &Desk,
    view: &View,
    source: &Source,
) -> Result<Vec<Moment>, ApiError> {
    let filter = EventFilter {
        type_prefix: Some(events::PREFIX.to_owned()),
        subject: Some(source.id.clone()),
    };
    let events = desk.catalog.log.before(i64::MAX, &filter, LIMIT).await?;
    Ok(events
        .iter()
        .filter_map(|event| moment(view, event))
        .collect())
}

fn moment(view: &View, event: &Event) -> Option<Moment> {
    let t = |key: &'static str| {
        view.t(key)
            .with("name", event.actor.name.clone())
            .to_string()
    };
    let is = |kind: platform::event::EventType| event.kind == kind.0;
    let (icon, tone, text, note) = if is(events::REFRESH_FINISHED) {
        let (text, note) = refreshed(view, &event.data);
        ("sync", Tone::Info, text, note)
    } else if is(events::SOURCE_FAILED) {
        let why = text_at(&event.data, "/error").unwrap_or_default();
        let text = view.t("catalog-history-failed").to_string();
        ("bad", Tone::Bad, text, shortened(why, ERROR_COLUMNS))
    } else if is(events::SOURCE_RECOVERED) {
        let text = view.t("catalog-history-recovered").to_string();
        ("ok", Tone::Ok, text, String::new())
    } else if is(events::SOURCE_CREATED) {
        (
            "create",
            Tone::Neutral,
            t("catalog-history-declared"),
            String::new(),
        )
    } else if is(events::SOURCE_UPDATED) {
        (
            "edit",
            Tone::Neutral,
            t("catalog-history-moved"),
            String::new(),
        )
    } else if is(events::DELETION_CONFIRMED) {
        (
            "check",
            Tone::Neutral,
            t("catalog-history-confirmed"),
            String::new(),
        )
    } else {
        return None;
    };
    Some(Moment {
        at: event.time,
        icon,
        tone,
        text,
        note,
        commit: text_at(&event.data, "/revision").map(|commit| short_revision(commit).to_owned()),
    })
}

fn refreshed(view: &View, data: &Value) -> (String, String) {
    let number = |key: &str| data.get(key).and_then(Value::as_u64).unwrap_or(0);
    let text = view
        .t("catalog-history-refreshed")
        .with("created", number("created"))
        .with("updated", number("updated"))
        .with("deleted", number("deleted"));
    let took = view
        .t("catalog-milliseconds")
        .with("ms", number("durationMs"));
    (text.to_string(), took.to_string())
}

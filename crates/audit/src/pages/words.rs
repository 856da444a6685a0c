//! Events in words.

use platform::event::{Event, Outcome};
use platform::request::encode;
use portal::View;
use portal::ui::{Status, Tone};

/// How an event ended.
pub(super) fn outcome(view: &View, outcome: Outcome) -> Status {
    let (tone, key) = match outcome {
        Outcome::Allowed => (Tone::Ok, "audit-outcome-allowed"),
        Outcome::Refused => (Tone::Warn, "audit-outcome-refused"),
        Outcome::Failed => (Tone::Bad, "audit-outcome-failed"),
    };
    Status {
        tone,
        text: view.t(key).to_string(),
    }
}

/// The part of a type that tells types apart: `identity.token.created`.
pub(super) fn short(kind: &str) -> &str {
    kind.strip_prefix("dev.portway.").unwrap_or(kind)
}

/// Where the subject of an event can be looked at.
pub(super) fn subject_href(event: &Event) -> Option<String> {
    let subject = &event.subject;
    if let Some(run) = subject.strip_prefix("run:") {
        return Some(format!("/api/v1/runs/{}", encode(run)));
    }
    if !event.kind.starts_with("dev.portway.catalog.entity.") {
        return None;
    }
    let (kind, rest) = subject.split_once(':')?;
    let (namespace, name) = rest.split_once('/')?;
    Some(format!(
        "/catalog/{}/{}/{}",
        encode(namespace),
        encode(kind),
        encode(name)
    ))
}

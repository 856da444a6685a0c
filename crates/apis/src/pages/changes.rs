//! What has changed between two versions, the worst first.

use askama::Template;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use portal::View;
use portal::ui::{Html, Tone};

use super::{Desk, clipped};
use crate::api::compared;
use crate::compare::{Breaking, Change, ChangeKind, Comparison, What};
use crate::service::Apis;

/// Changes that a page lists.
const MAX_ROWS: usize = 300;

#[derive(Template)]
#[template(path = "apis/changes.html")]
struct ChangesPart<'a> {
    view: &'a View,
    from: i64,
    to: i64,
    /// Version, and whether it is the earlier or the later one.
    versions: Vec<(i64, bool, bool)>,
    /// The comparison, or why there is none.
    found: Result<Found, String>,
}

struct Found {
    counts: Comparison,
    rows: Vec<Row>,
    left: usize,
}

struct Row {
    tone: Tone,
    breaking: &'static str,
    kind: &'static str,
    what: &'static str,
    operation: String,
    place: String,
    before: String,
    after: String,
    line: Option<(u32, String)>,
}

/// Draws the comparison of `?from=` and `?to=`.
pub(super) async fn draw(
    apis: &Apis,
    desk: &Desk<'_>,
    entity_ref: &EntityRef,
) -> Result<Html, ApiError> {
    let view = desk.view;
    let versions = apis.versions(entity_ref).await?;
    let newest = versions.first().map_or(1, |entry| entry.version);
    let number = |name: &str| {
        let number = view.here.get(name)?.parse::<i64>().ok()?;
        Some(number.clamp(1, newest))
    };
    let to = number("to").unwrap_or(newest);
    let from = match number("from") {
        Some(from) => from,
        None => apis.earlier(entity_ref, to, &versions).await?,
    };
    let found = match compared(apis, entity_ref, from, to).await {
        Ok(mut counts) => {
            let changes = std::mem::take(&mut counts.changes);
            let all = changes.len() + counts.left_out;
            let rows = changes.iter().take(MAX_ROWS);
            let rows: Vec<Row> = rows.map(|change| row(desk, change)).collect();
            Ok(Found {
                left: all - rows.len(),
                rows,
                counts,
            })
        }
        // A version that cannot be read hurts this part only.
        Err(error) if error.status.is_client_error() => Err(error.message),
        Err(error) => return Err(error),
    };
    let live = versions.iter().filter(|entry| entry.change != "deleted");
    Ok(Html::of(&ChangesPart {
        view,
        from,
        to,
        versions: live
            .map(|entry| (entry.version, entry.version == from, entry.version == to))
            .collect(),
        found,
    }))
}

fn row(desk: &Desk<'_>, change: &Change) -> Row {
    let view = desk.view;
    let (tone, breaking) = match change.breaking {
        Breaking::Yes => (Tone::Bad, "apis-breaking-yes"),
        Breaking::Notable => (Tone::Warn, "apis-breaking-notable"),
        Breaking::No => (Tone::Ok, "apis-breaking-no"),
    };
    let (kind, line) = match change.kind {
        ChangeKind::Added => ("apis-change-added", change.line_after),
        ChangeKind::Changed => ("apis-change-changed", change.line_after),
        // The shown definition has no such line any more.
        ChangeKind::Removed => ("apis-change-removed", 0),
    };
    Row {
        tone,
        breaking,
        kind,
        what: what(change.what),
        operation: clipped(&change.operation, 160),
        place: clipped(&place(view, &change.place), 240),
        before: clipped(&words(view, &change.before), 160),
        after: clipped(&words(view, &change.after), 160),
        line: desk.line_href(line).map(|href| (line, href)),
    }
}

fn what(what: What) -> &'static str {
    match what {
        What::Operation => "apis-what-operation",
        What::Deprecated => "apis-what-deprecated",
        What::Parameter => "apis-what-parameter",
        What::RequiredParameter => "apis-what-required-parameter",
        What::Body => "apis-what-body",
        What::Answer => "apis-what-answer",
        What::Media => "apis-what-media",
        What::Field => "apis-what-field",
        What::RequiredField => "apis-what-required-field",
        What::Requiredness => "apis-what-requiredness",
        What::Nullability => "apis-what-nullability",
        What::Type => "apis-what-type",
        What::Value => "apis-what-value",
        What::Values => "apis-what-values",
        What::Choice => "apis-what-choice",
        What::Limit => "apis-what-limit",
        What::Number => "apis-what-number",
        What::Streaming => "apis-what-streaming",
        What::Security => "apis-what-security",
    }
}

/// The first word of a place says which part of the operation it is.
fn place(view: &View, place: &str) -> String {
    let (first, rest) = place.split_once(' ').unwrap_or((place, ""));
    let key = match first {
        "request" => "apis-place-request",
        "response" => "apis-place-response",
        "path" => "apis-place-path",
        "query" => "apis-place-query",
        "header" => "apis-place-header",
        "cookie" => "apis-place-cookie",
        "argument" => "apis-place-argument",
        _ => return place.to_owned(),
    };
    format!("{} {rest}", view.t(key)).trim_end().to_owned()
}

/// The words of our own among those of the definition.
fn words(view: &View, words: &str) -> String {
    let key = match words {
        "required" => "apis-required",
        "optional" => "apis-optional",
        "nullable" => "apis-nullable",
        "not null" => "apis-not-null",
        "deprecated" => "apis-deprecated",
        _ => return words.to_owned(),
    };
    view.t(key).to_string()
}

//! The tab History: every version with who, when and which commit, and what
//! changed between two of them.

use askama::Template;
use axum::response::IntoResponse;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::yaml::to_yaml;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Diff, Pager, Segments, Status, Tab, Tone};
use portal::{Page, View};
use serde_json::Value;

use super::frame::{Frame, Part};
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::changes::changed_fields;
use crate::pages::problems::{commit_href, short_revision};
use crate::pages::summary::entity_href;
use crate::store::HistoryEntry;

/// Versions on a page.
const LIMIT: usize = 25;
/// The oldest version that can be paged to, counted from the newest.
const MAX_VERSIONS: usize = 5_000;

#[derive(Template)]
#[template(path = "catalog/history.html")]
struct HistoryPage {
    frame: Frame,
    rows: Vec<Row>,
    pager: Pager,
    comparison: Option<Comparison>,
    /// Versions to choose from, the newest first.
    versions: Vec<i64>,
    /// Both versions beside each other instead of below each other.
    side: bool,
    looks: Segments,
    /// What the form keeps of the address.
    keep: Vec<(String, String)>,
    view: View,
}

struct Row {
    version: i64,
    time: Timestamp,
    actor: String,
    actor_href: Option<String>,
    revision: Option<String>,
    revision_href: Option<String>,
    change: Status,
    fields: Vec<String>,
    compare_href: Option<String>,
    /// The entity as it was from then on; not for deletions.
    at_href: Option<String>,
}

/// Two versions side by side.
struct Comparison {
    from: i64,
    to: i64,
    fields: Vec<String>,
    diff: Diff,
}

/// `GET /catalog/{namespace}/{kind}/{name}/history`; also of what was deleted.
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    let entries = desk
        .catalog
        .store()
        .history(&entity_ref, as_limit(MAX_VERSIONS))
        .await?;
    if entries.is_empty() || !desk.catalog.sees(&call.caller, &entity_ref).await? {
        return missing::answer(&desk, &call, view, &entity_ref).await;
    }
    let number = view
        .here
        .get("page")
        .and_then(|text| text.parse::<usize>().ok());
    let number = number.unwrap_or(1).clamp(1, MAX_VERSIONS);
    let ledger = Ledger::of(&desk, &entity_ref).await?;
    let ledger = ledger.with_star(&desk, &call, &entity_ref).await?;
    let location = ledger.row.as_ref().map(|row| row.place.location.clone());
    let shown: Vec<&HistoryEntry> = entries
        .iter()
        .skip((number - 1) * LIMIT)
        .take(LIMIT)
        .collect();
    let mut rows = Vec::with_capacity(shown.len());
    for entry in &shown {
        rows.push(row(&desk, &view, &entity_ref, entry, location.as_deref()).await?);
    }
    let comparison = comparison(&desk, &view, &entity_ref, &entries).await?;
    let frame = {
        let index = desk.catalog.index_for(&call).await?;
        let kinds = desk.catalog.model.kinds();
        match find(&index, &entity_ref, &call) {
            Some(entity) => Frame::of(
                (&desk, &call.caller),
                &view,
                (&index, &entity),
                &ledger,
                Part::History,
            ),
            None => Frame::titled(&view, kinds, &entity_ref, entity_ref.name(), Part::History),
        }
    };
    let side = view.here.get("look") == Some("side");
    let page = HistoryPage {
        frame,
        side,
        looks: looks(&view, side),
        keep: kept(&view),
        pager: pager(&view, number, entries.len(), rows.len()),
        rows,
        comparison,
        versions: entries
            .iter()
            .map(|entry| entry.version)
            .take(200)
            .collect(),
        view,
    };
    Ok(Page::new(page).into_response())
}

async fn row(
    desk: &Desk,
    view: &View,
    entity_ref: &EntityRef,
    entry: &HistoryEntry,
    location: Option<&str>,
) -> Result<Row, ApiError> {
    let fields = if entry.change == "updated" {
        let before = document(desk, entity_ref, entry.version - 1).await?;
        changed_fields(&before, &document(desk, entity_ref, entry.version).await?)
    } else {
        Vec::new()
    };
    let deleted = entry.change == "deleted";
    let actor = EntityRef::parse(&entry.actor, None, None).ok();
    let person = actor.filter(|actor| actor.kind() == "user");
    let here = view.here.without("page").without("at");
    let compare = here.with("from", &(entry.version - 1).to_string());
    Ok(Row {
        version: entry.version,
        time: entry.time,
        actor_href: person.as_ref().map(entity_href),
        actor: person.map_or_else(|| entry.actor.clone(), |person| person.name().to_owned()),
        revision_href: location
            .zip(entry.revision.as_deref())
            .and_then(|(location, revision)| commit_href(location, revision)),
        revision: entry
            .revision
            .as_deref()
            .map(|revision| short_revision(revision).to_owned()),
        change: change(view, &entry.change),
        fields,
        compare_href: (entry.version > 1).then(|| {
            let address = compare.with("to", &entry.version.to_string());
            format!("{address}#diff")
        }),
        at_href: (!deleted).then(|| format!("{}?at={}", entity_href(entity_ref), entry.time)),
    })
}

/// What happened, in a word.
pub(super) fn change(view: &View, change: &str) -> Status {
    let (tone, key) = match change {
        "created" => (Tone::Info, "catalog-change-created"),
        "updated" => (Tone::Neutral, "catalog-change-updated"),
        _ => (Tone::Warn, "catalog-change-deleted"),
    };
    Status {
        tone,
        text: view.t(key).to_string(),
    }
}

/// The two versions that the address names, or the newest and the one before.
async fn comparison(
    desk: &Desk,
    view: &View,
    entity_ref: &EntityRef,
    entries: &[HistoryEntry],
) -> Result<Option<Comparison>, ApiError> {
    let newest = entries.first().map_or(1, |entry| entry.version);
    let asked = |name: &str| match view.here.get(name) {
        None => Ok(None),
        Some(text) => text.parse::<i64>().map(Some).map_err(|_| {
            ApiError::input(format!("request/query/{name} is not a version: {text:?}"))
                .accepted(format!("a whole number from 1 to {newest}"))
        }),
    };
    let to = asked("to")?.unwrap_or(newest);
    let from = asked("from")?.unwrap_or(to - 1);
    if from < 1 || to < 1 || from == to {
        return Ok(None);
    }
    let before = document(desk, entity_ref, from).await?;
    let after = document(desk, entity_ref, to).await?;
    let caption = view
        .t("catalog-diff-caption")
        .with("from", from)
        .with("to", to)
        .to_string();
    Ok(Some(Comparison {
        from,
        to,
        fields: changed_fields(&before, &after),
        diff: Diff::between(caption, &written(before), &written(after)),
    }))
}

/// A version's document; a deletion is nothing.
async fn document(desk: &Desk, entity_ref: &EntityRef, version: i64) -> Result<Value, ApiError> {
    if version < 1 {
        return Ok(Value::Null);
    }
    let found = desk
        .catalog
        .store()
        .version(entity_ref, version)
        .await?
        .ok_or_else(|| {
            ApiError::not_found(format!("{entity_ref} has no version {version}"))
                .accepted("a version that its history lists")
        })?;
    Ok(found
        .doc
        .and_then(|doc| serde_json::from_str(&doc).ok())
        .unwrap_or_default())
}

/// A document as text, without what the catalog itself sets.
fn written(mut document: Value) -> String {
    if document.is_null() {
        return String::new();
    }
    if let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("uid");
        metadata.remove("etag");
    }
    to_yaml(&document)
}

/// The choice between the two ways to show a difference.
fn looks(view: &View, side: bool) -> Segments {
    let look = |key, name: &str, current| {
        let href = format!("{}#diff", view.here.with("look", name));
        Tab::new(view.t(key).to_string(), href, current)
    };
    Segments {
        label: view.t("history-look").to_string(),
        choices: vec![
            look("history-look-inline", "inline", !side),
            look("history-look-side", "side", side),
        ],
    }
}

fn kept(view: &View) -> Vec<(String, String)> {
    let here = view.here.without("from").without("to");
    here.pairs().to_vec()
}

fn pager(view: &View, number: usize, total: usize, shown: usize) -> Pager {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let offset = (number - 1) * LIMIT;
    let to = |number: usize| view.here.with("page", &number.to_string()).to_string();
    Pager {
        first: if shown == 0 { 0 } else { count(offset + 1) },
        last: if shown == 0 { 0 } else { count(offset + shown) },
        total: count(total),
        previous: (number > 1).then(|| to(number - 1)),
        next: (shown > 0 && offset + shown < total).then(|| to(number + 1)),
    }
}

fn as_limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

//! What has changed lately, from the event log.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::event::Event;
use portal::ui::Tone;
use portal::{ChangeLine, View};
use serde_json::Value;

use super::super::Desk;
use super::super::problems::short_revision;
use super::super::summary::RefLine;
use super::things::history_href;
use super::{Scope, short_place};
use crate::events::{ENTITY_CREATED, ENTITY_DELETED, ENTITY_UPDATED};
use crate::index::Index;

/// Lines.
const MAX_LINES: usize = 8;
/// Names in a line about several entities.
const MAX_NAMES: usize = 3;
/// Fields in a note.
const MAX_FIELDS: usize = 4;
/// What one actor did the same way within this time is one line, in seconds.
const TOGETHER_S: i64 = 120;

/// One line in the making: what was done in one go.
struct Group<'e> {
    first: &'e Event,
    refs: Vec<EntityRef>,
    oldest: Timestamp,
}

/// The latest changes of what is in scope, the newest first.
pub(super) async fn find(
    desk: &Desk,
    view: &View,
    scope: &Scope,
) -> Result<Vec<ChangeLine>, ApiError> {
    let events = desk.lately.changes(&desk.catalog).await?;
    let index = desk.catalog.model.index();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for event in events.iter() {
        let Ok(entity_ref) = EntityRef::parse(&event.subject, None, None) else {
            continue;
        };
        if !worth_telling(event, &entity_ref) || !in_scope(&index, scope, event, &entity_ref) {
            continue;
        }
        let full = groups.len() >= MAX_LINES;
        let together = groups.last_mut().filter(|group| {
            group.first.kind == event.kind
                && group.first.actor == event.actor
                && group.oldest.as_second() - event.time.as_second() <= TOGETHER_S
        });
        match together {
            Some(group) => {
                if !group.refs.contains(&entity_ref) {
                    group.refs.push(entity_ref);
                }
                group.oldest = event.time;
            }
            None if full => break,
            None => groups.push(Group {
                first: event,
                refs: vec![entity_ref],
                oldest: event.time,
            }),
        }
    }
    Ok(groups
        .iter()
        .map(|group| line(view, &index, scope, group))
        .collect())
}

/// Marks of errors and orphans are told by the queue; the entities that stand
/// for sources by their page.
fn worth_telling(event: &Event, entity_ref: &EntityRef) -> bool {
    let told = [ENTITY_CREATED.0, ENTITY_UPDATED.0, ENTITY_DELETED.0];
    told.contains(&event.kind.as_str())
        && !(entity_ref.kind() == "location" && entity_ref.name().starts_with("generated-"))
}

/// What is gone has no owner any more, and is shown to those who see everything.
fn in_scope(index: &Index, scope: &Scope, event: &Event, entity_ref: &EntityRef) -> bool {
    if event.kind == ENTITY_DELETED.0 && !scope.is_mine() {
        return scope.visible.is_none();
    }
    scope.holds(index, entity_ref)
}

fn line(view: &View, index: &Index, scope: &Scope, group: &Group<'_>) -> ChangeLine {
    let event = group.first;
    let (icon, tone, one, many) = match event.kind.as_str() {
        kind if kind == ENTITY_CREATED.0 => (
            "create",
            Some(Tone::Info),
            "catalog-home-created",
            "catalog-home-created-many",
        ),
        kind if kind == ENTITY_DELETED.0 => (
            "close",
            Some(Tone::Warn),
            "catalog-home-deleted",
            "catalog-home-deleted-many",
        ),
        _ => (
            "edit",
            None,
            "catalog-home-updated",
            "catalog-home-updated-many",
        ),
    };
    let name = |entity_ref: &EntityRef| RefLine::of(index, entity_ref).text;
    let person = person(index, event);
    let (text, href, note) = match group.refs.as_slice() {
        [entity_ref] => {
            let version = event.data.get("version").and_then(Value::as_i64);
            let text = view.t(one).with("name", name(entity_ref)).to_string();
            let mut note: Vec<String> = person.or_else(|| place(view, event)).into_iter().collect();
            note.extend(version.filter(|version| *version > 1).map(|version| {
                view.t("catalog-home-version")
                    .with("version", version)
                    .to_string()
            }));
            note.extend(fields(event));
            note.extend(revision(event));
            let href = history_href(entity_ref, version.unwrap_or(1));
            (text, href, note.join(" · "))
        }
        refs => {
            let count = u64::try_from(refs.len()).unwrap_or(u64::MAX);
            let names: Vec<String> = refs.iter().take(MAX_NAMES).map(name).collect();
            let shown = u64::try_from(names.len()).unwrap_or(u64::MAX);
            let mut listed = names.join(", ");
            if count > shown {
                listed = view
                    .t("catalog-home-and-more")
                    .with("names", listed)
                    .with("count", count - shown)
                    .to_string();
            }
            let text = view.t(many).with("count", count).to_string();
            let gone = event.kind == ENTITY_DELETED.0;
            let href = if gone { String::new() } else { scope.href("") };
            let note: Vec<String> = person.into_iter().chain([listed]).collect();
            (text, href, note.join(" · "))
        }
    };
    ChangeLine {
        icon,
        tone,
        text,
        href,
        note,
        when: view.ago(&event.time),
    }
}

/// The name of the person who did it, unless a source was read.
fn person(index: &Index, event: &Event) -> Option<String> {
    let actor = EntityRef::parse(&event.actor.name, None, None).ok()?;
    (actor.kind() == "user").then(|| RefLine::of(index, &actor).text)
}

/// Where it was read.
fn place(view: &View, event: &Event) -> Option<String> {
    let location = event.data.get("location")?.as_str()?;
    let place = short_place(crate::place::shown(location)).to_owned();
    Some(view.t("catalog-home-from").with("place", place).to_string())
}

fn fields(event: &Event) -> Option<String> {
    let changed = event.data.get("changed")?.as_array()?;
    let names: Vec<&str> = changed
        .iter()
        .filter_map(Value::as_str)
        .take(MAX_FIELDS)
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn revision(event: &Event) -> Option<String> {
    let revision = event.data.get("revision")?.as_str()?;
    Some(short_revision(revision).to_owned())
}

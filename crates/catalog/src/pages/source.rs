//! `/sources/{id}`: one place, everything that is wrong in it, and the two
//! things that can be done: read it again, let a held deletion happen.

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use platform::request::{Call, encode};
use portal::ui::{Crumbs, Fresh, Problems, Status};
use portal::{Page, View};

use super::fact::Fact;
use super::labels::origin_label;
use super::problems::{line_href, place_text, problem_of, short_revision};
use super::source_found::{self, FoundView, SkippedView};
use super::source_history::{self, Moment};
use super::source_status::{Condition, fresh, heading_of, source_href};
use super::sources::Upcoming;
use super::summary::RefLine;
use super::{Answer, Desk};
use crate::index::Index;
use crate::permission::{ENTITY_REFRESH, LOCATION_DELETE};
use crate::source::{HeldDeletion, Origin, Source};
use crate::store::{ConflictRow, ProblemRow};
use crate::visibility::visible_to;

/// Problems that are shown; a broken source can have one in every file.
const MAX_PROBLEMS: usize = 500;
/// Conflicts and held entities that are listed.
const MAX_LISTED: usize = 200;

#[derive(Template)]
#[template(path = "catalog/source.html")]
struct SourcePage {
    id: String,
    place: String,
    crumbs: Crumbs,
    status: Status,
    fresh: Fresh,
    error: Option<String>,
    facts: Vec<Fact>,
    next: Option<Upcoming>,
    budget: Vec<Fact>,
    files: Vec<FileProblems>,
    problem_count: usize,
    conflicts: Vec<Conflict>,
    conflict_count: usize,
    held: Option<Held>,
    entities: u64,
    entities_href: String,
    /// Repositories that a provider found, and what it passed over.
    found: Option<FoundView>,
    skipped: SkippedView,
    history: Vec<Moment>,
    /// How many entities it holds at this moment, while it is being read.
    so_far: Option<u64>,
    may_refresh: bool,
    may_confirm: bool,
    may_remove: bool,
    view: View,
}

/// What is wrong in one file.
struct FileProblems {
    file: String,
    href: Option<String>,
    problems: Problems,
}

/// An entity that two sources declare.
struct Conflict {
    line: RefLine,
    /// Where it is taken from.
    shown: Option<Side>,
    /// Where it is left out.
    hidden: Side,
    since: jiff::Timestamp,
}

/// One of the two declarations, with the source that it belongs to.
struct Side {
    place: String,
    href: Option<String>,
    source_href: String,
    /// Who declared the source.
    owner: String,
    /// It is the source of this page.
    here: bool,
}

/// A deletion that waits.
struct Held {
    since: jiff::Timestamp,
    lines: Vec<RefLine>,
    total: usize,
    /// Names what is shown, so that nobody confirms more than that.
    seen: String,
    confirmed_by: Option<String>,
}

/// `GET /sources/{id}`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    if let Some(id) = call.path("id").strip_suffix(".json") {
        return crate::api::source_document(&desk.catalog, id).await;
    }
    let view = desk.view(&call).at("catalog-nav-sources");
    let view = view.following([format!("source:{}", call.path("id"))]);
    let store = desk.catalog.store();
    let source = desk.catalog.require_source(call.path("id")).await?;
    let next = desk.catalog.next_refresh(&source.id).await?;
    let (skipped, problems) = source_found::skipped(store.problems(Some(&source.id)).await?);
    let found = source_found::found(&desk, &call.caller, &source).await?;
    let history = source_history::moments(&desk, &view, &source).await?;
    let so_far = match next.as_ref().is_some_and(|next| next.running) {
        true => Some(store.held_entities(&source.id).await?),
        false => None,
    };
    let mut conflicts = store.conflicts(None).await?;
    conflicts.retain(|row| {
        row.source_id == source.id || row.winner_source_id.as_deref() == Some(&source.id)
    });
    let sources = if conflicts.is_empty() {
        Vec::new()
    } else {
        store.sources().await?
    };
    let flaws = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    let condition = Condition::of(&source, next.as_ref(), flaws, view.now);
    let (sides, held) = {
        let index = desk.catalog.model.index();
        let visible = visible_to(&call.caller);
        let seen = (&*index, visible.as_ref());
        let shown = conflicts.iter().take(MAX_LISTED);
        let sides: Vec<Conflict> = shown
            .filter_map(|row| conflict(&view, seen, row, &sources, &source.id))
            .collect();
        (
            sides,
            source.state.held.as_ref().map(|held| held_of(seen, held)),
        )
    };
    let place = heading_of(&source);
    let page = SourcePage {
        crumbs: Crumbs::to(&place).via(view.t("catalog-nav-sources").to_string(), "/sources"),
        status: condition.status(&view),
        fresh: fresh(&source, next.as_ref(), &condition),
        error: source.state.last_error.clone(),
        facts: facts(&view, &source),
        next: next.map(|next| Upcoming::of(&view, &next)),
        budget: budget(&desk, &view, &source),
        problem_count: problems.len(),
        files: files(&problems),
        conflict_count: conflicts.len(),
        conflicts: sides,
        held,
        entities: u64::try_from(source.state.entities).unwrap_or(0),
        entities_href: format!("/catalog?source={}", encode(&source.location.to_string())),
        found,
        skipped,
        history,
        so_far,
        may_refresh: call.caller.may(ENTITY_REFRESH),
        may_confirm: call.caller.may(LOCATION_DELETE),
        may_remove: call.caller.may(LOCATION_DELETE),
        id: source.id,
        place,
        view,
    };
    Ok(Page::new(page).into_response())
}

/// `POST /sources/{id}/refresh`
pub(super) async fn refresh(desk: Desk, call: Call) -> Answer {
    let id = call.path("id");
    desk.catalog.refresh_source(&call.caller, id).await?;
    Ok(Redirect::to(&source_href(id)).into_response())
}

/// `POST /sources/{id}/confirm-deletion`: only what the page has shown.
pub(super) async fn confirm(desk: Desk, call: Call) -> Answer {
    let id = call.path("id");
    let source = desk.catalog.require_source(id).await?;
    let form = call.form();
    let waiting = source.state.held.as_ref().map(seen);
    if waiting.is_some() && form.get("seen") != waiting.as_deref() {
        return Err(ApiError::conflict(
            "What would be deleted has changed since the page was loaded",
        )
        .fix("load the page again and look at the list"));
    }
    desk.catalog.confirm_deletion(&call.caller, id).await?;
    Ok(Redirect::to(&source_href(id)).into_response())
}

/// Names a held deletion by what it holds.
fn seen(held: &HeldDeletion) -> String {
    use sha2::{Digest as _, Sha256};
    let mut hasher = Sha256::new();
    for held_ref in &held.refs {
        hasher.update(held_ref.as_bytes());
        hasher.update([0]);
    }
    hex::encode(hasher.finalize())
}

/// Whoever may let it happen sees what would go; of what they may not see, the
/// name.
fn held_of((index, visible): (&Index, Option<&Predicate>), held: &HeldDeletion) -> Held {
    let lines = held
        .refs
        .iter()
        .filter_map(|name| EntityRef::parse(name, None, None).ok())
        .take(MAX_LISTED)
        .map(|entity_ref| RefLine::of(index, &entity_ref).seen_by(index, visible))
        .collect();
    Held {
        since: held.since,
        lines,
        total: held.refs.len(),
        seen: seen(held),
        confirmed_by: held.confirmed_by.clone(),
    }
}

fn facts(view: &View, source: &Source) -> Vec<Fact> {
    let t = |key| view.t(key).to_string();
    let state = &source.state;
    let mut facts = vec![
        Fact::text(t("catalog-type"), source.location.location_type()),
        Fact::text(t("catalog-target"), source.location.target())
            .to(line_href(&source.location.to_string(), 0))
            .mono(),
        Fact::text(t("catalog-origin"), origin_label(view, &source.origin)),
        Fact::text(t("catalog-declared-by"), &source.created_by),
        Fact::text(t("catalog-declared-at"), view.date(&source.created_at)),
    ];
    let mut add =
        |key, value: Option<String>| facts.extend(value.map(|value| Fact::text(t(key), value)));
    add(
        "catalog-commit",
        state
            .revision
            .as_deref()
            .map(|revision| short_revision(revision).to_owned()),
    );
    add(
        "catalog-last-success",
        state.last_success_at.map(|at| view.date(&at)),
    );
    add(
        "catalog-last-attempt",
        state.last_attempt_at.map(|at| view.date(&at)),
    );
    let took = state.duration_us.map(|us| {
        let ms = u64::try_from(us / 1_000).unwrap_or(0);
        view.t("catalog-milliseconds").with("ms", ms).to_string()
    });
    add("catalog-took", took);
    let failures = (state.failures > 0).then(|| view.number(state.failures));
    add("catalog-failures", failures);
    facts
}

/// What is left of the credential that the source is read with.
fn budget(desk: &Desk, view: &View, source: &Source) -> Vec<Fact> {
    let Some(state) = desk.catalog.ingestion.web.budget(source) else {
        return Vec::new();
    };
    let t = |key| view.t(key).to_string();
    let mut facts = vec![
        Fact::text(t("catalog-budget-host"), &state.host).mono(),
        Fact::text(t("catalog-budget-credential"), &state.credential).mono(),
    ];
    if let (Some(remaining), Some(limit)) = (state.remaining, state.limit) {
        let left = view
            .t("catalog-budget-left")
            .with("remaining", remaining)
            .with("limit", limit)
            .to_string();
        facts.push(Fact::text(t("catalog-budget"), left));
    }
    if let Some(reset) = &state.reset {
        facts.push(Fact::text(t("catalog-budget-reset"), view.date(reset)));
    }
    if let Some(wait) = &state.wait {
        facts.push(Fact::text(t("catalog-budget-wait"), view.date(&wait.until)));
    }
    let requests = view
        .t("catalog-budget-unchanged")
        .with("requests", state.requests)
        .with("unchanged", state.unchanged)
        .to_string();
    facts.push(Fact::text(t("catalog-budget-requests"), requests));
    facts
}

fn files(problems: &[ProblemRow]) -> Vec<FileProblems> {
    let mut files: Vec<FileProblems> = Vec::new();
    // The rows come in order of files and lines.
    for row in problems.iter().take(MAX_PROBLEMS) {
        match files.last_mut() {
            Some(last) if last.file == row.file => last.problems.problems.push(problem_of(row)),
            _ => files.push(FileProblems {
                file: row.file.clone(),
                href: line_href(&row.location, 0),
                problems: Problems {
                    problems: vec![problem_of(row)],
                },
            }),
        }
    }
    files
}

fn conflict(
    view: &View,
    (index, visible): (&Index, Option<&Predicate>),
    row: &ConflictRow,
    sources: &[Source],
    here: &str,
) -> Option<Conflict> {
    let entity_ref = EntityRef::parse(&row.entity_ref, None, None).ok()?;
    let side = |location: &str, source_id: &str, place: String, line: u32| Side {
        href: line_href(location, line),
        place,
        source_href: source_href(source_id),
        owner: sources
            .iter()
            .find(|source| source.id == source_id)
            .map(|source| owner_of(view, source))
            .unwrap_or_default(),
        here: source_id == here,
    };
    let number = |value: i64| u32::try_from(value).unwrap_or(0);
    let (line, column) = (number(row.line), number(row.column));
    let shown = row
        .winner_location
        .as_deref()
        .zip(row.winner_source_id.as_deref());
    Some(Conflict {
        line: RefLine::of(index, &entity_ref).seen_by(index, visible),
        shown: shown
            .map(|(location, source_id)| side(location, source_id, place_text(location, 0, 0), 0)),
        hidden: side(
            &row.location,
            &row.source_id,
            place_text(&row.location, line, column),
            line,
        ),
        since: row.since,
    })
}

/// Who declared a source, and the person where that was one.
fn owner_of(view: &View, source: &Source) -> String {
    let origin = origin_label(view, &source.origin);
    match source.origin {
        Origin::Api => format!("{origin}, {}", source.created_by),
        _ => origin,
    }
}

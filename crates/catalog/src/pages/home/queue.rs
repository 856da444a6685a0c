//! What waits for somebody, the most urgent and largest first, with one next
//! step each.

use std::collections::{BTreeSet, HashSet};

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::Tone;
use portal::{QueueLine, View};

use super::super::Desk;
use super::super::shorten::shortened;
use super::super::source_status::{Condition, place_of, source_href};
use super::super::standing::orphans;
use super::super::summary::{RefLine, entity_href};
use super::lately::Trouble;
use super::{Known, Scope, short_place};
use crate::index::{Index, ListRequest, Order};
use crate::permission::LOCATION_READ;
use crate::source::Source;
use crate::store::ConflictRow;

/// Names in a note; the action leads to all of them.
const MAX_NAMES: usize = 3;
/// Sources that have a line of their own; the rest share one.
const MAX_SOURCES: usize = 6;
/// Room for what is wrong, in columns of the screen.
const NOTE_COLUMNS: usize = 160;
/// The annotation with the source that an entity came from.
const ORIGIN: &str = "metadata.annotations.backstage.io/managed-by-origin-location";

/// The queue, and how the sources are as a whole.
pub(super) struct Found {
    pub(super) lines: Vec<QueueLine>,
    pub(super) sources: u64,
    pub(super) sources_in_need: u64,
}

/// A line with how much it concerns.
type Weighed = (u64, QueueLine);

/// Looks at everything that can go wrong.
pub(super) async fn find(
    desk: &Desk,
    call: &Call,
    view: &View,
    known: Known<'_>,
) -> Result<Found, ApiError> {
    let (scope, _) = known;
    let mut weighed = lists(desk, view, known).await?;
    let mut found = Found {
        lines: Vec::new(),
        sources: 0,
        sources_in_need: 0,
    };
    if call.caller.may(LOCATION_READ) {
        let sources = desk.catalog.store.sources().await?;
        let trouble = desk.lately.trouble(&desk.catalog, &sources).await?;
        weighed.extend(conflict_line(desk, view, scope, &trouble.conflicts));
        weighed.extend(source_lines(desk, view, (scope, &sources, &trouble), &mut found).await?);
    }
    weighed.sort_by_key(|(size, line)| (rank(line.tone), std::cmp::Reverse(*size)));
    found.lines = weighed.into_iter().map(|(_, line)| line).collect();
    Ok(found)
}

fn rank(tone: Tone) -> u8 {
    match tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        _ => 2,
    }
}

/// Errors, missing owners, orphans: each is a list of the catalog.
async fn lists(
    desk: &Desk,
    view: &View,
    (scope, flags): Known<'_>,
) -> Result<Vec<Weighed>, ApiError> {
    let mut lines = Vec::new();
    let mut only_flawed = None;
    {
        let index = desk.catalog.model.index();
        let mut add = |tone, key, address: &str, wanted: Predicate| {
            let request = scope.request(Some(wanted));
            let count = flags.count(&index, &request);
            if count > 0 {
                let names = names(&index, &request);
                let line = list_line(view, tone, key, (count, names), scope.href(address));
                lines.push((count, line));
            }
            count
        };
        let flawed = add(
            Tone::Bad,
            "catalog-home-errors",
            "view=errors",
            flags.flawed.clone(),
        );
        if !scope.is_mine() {
            let wanted = flags.ownerless.clone();
            add(
                Tone::Warn,
                "catalog-home-ownerless",
                "view=ownerless",
                wanted,
            );
        }
        add(
            Tone::Warn,
            "catalog-home-orphans",
            "view=orphans",
            orphans(),
        );
        if flawed == 1 {
            let request = scope.request(Some(flags.flawed.clone()));
            let list = index.list(&request);
            only_flawed = list.items.first().map(|one| one.entity_ref().clone());
        }
    }
    // One thing is worth its own sentence: what is wrong with it.
    if let Some(entity_ref) = only_flawed {
        let problem = desk.catalog.store.problems_of(&entity_ref).await?;
        if let (Some(problem), Some((_, line))) = (problem.first(), lines.first_mut()) {
            let place = match problem.line {
                0 => problem.file.clone(),
                at => format!("{}:{at}:{}", problem.file, problem.column),
            };
            line.note = shortened(&format!("{} · {place}", problem.message), NOTE_COLUMNS);
            line.href = format!("{}#problems", entity_href(&entity_ref));
            line.action.1.clone_from(&line.href);
        }
    }
    Ok(lines)
}

fn list_line(
    view: &View,
    tone: Tone,
    key: &'static str,
    (count, names): (u64, Vec<String>),
    href: String,
) -> QueueLine {
    let action = match key {
        "catalog-home-errors" => "catalog-home-errors-action",
        "catalog-home-ownerless" => "catalog-home-ownerless-action",
        _ => "catalog-home-orphans-action",
    };
    let first = names.first().cloned().unwrap_or_default();
    QueueLine {
        tone,
        title: view
            .t(key)
            .with("count", count)
            .with("name", first)
            .to_string(),
        note: named(view, &names, count),
        action: (view.t(action).to_string(), href.clone()),
        href,
    }
}

/// `order-service, cart-service and 4 more`
fn named(view: &View, names: &[String], count: u64) -> String {
    let shown = u64::try_from(names.len()).unwrap_or(u64::MAX);
    let listed = names.join(", ");
    match count.saturating_sub(shown) {
        0 if count == 1 => String::new(),
        0 => listed,
        more => view
            .t("catalog-home-and-more")
            .with("names", listed)
            .with("count", more)
            .to_string(),
    }
}

fn names(index: &Index, request: &ListRequest) -> Vec<String> {
    let request = ListRequest {
        order: vec![Order {
            field: "metadata.name".to_owned(),
            descending: false,
        }],
        limit: Some(MAX_NAMES),
        ..request.clone()
    };
    let list = index.list(&request);
    list.items
        .iter()
        .map(|entity| RefLine::of(index, entity.entity_ref()).text)
        .collect()
}

fn conflict_line(
    desk: &Desk,
    view: &View,
    scope: &Scope,
    conflicts: &[ConflictRow],
) -> Option<Weighed> {
    let index = desk.catalog.model.index();
    let mut refs: BTreeSet<EntityRef> = BTreeSet::new();
    let mut first = None;
    for row in conflicts {
        let Ok(entity_ref) = EntityRef::parse(&row.entity_ref, None, None) else {
            continue;
        };
        if scope.holds(&index, &entity_ref) {
            first.get_or_insert(row);
            refs.insert(entity_ref);
        }
    }
    let count = u64::try_from(refs.len()).unwrap_or(u64::MAX);
    let names: Vec<String> = refs
        .iter()
        .take(MAX_NAMES)
        .map(|found| found.name().to_owned())
        .collect();
    let href = format!("{}#conflicts", source_href(&first?.source_id));
    let line = QueueLine {
        tone: Tone::Warn,
        title: view
            .t("catalog-home-conflicts")
            .with("count", count)
            .with("name", names.first().cloned().unwrap_or_default())
            .to_string(),
        note: named(view, &names, count),
        action: (
            view.t("catalog-home-conflicts-action").to_string(),
            href.clone(),
        ),
        href,
    };
    Some((count, line))
}

async fn source_lines(
    desk: &Desk,
    view: &View,
    (scope, sources, trouble): (&Scope, &[Source], &Trouble),
    found: &mut Found,
) -> Result<Vec<Weighed>, ApiError> {
    let own = own_origins(desk, scope);
    found.sources = u64::try_from(sources.len()).unwrap_or(u64::MAX);
    let mut lines = Vec::new();
    for source in sources {
        let flaws = trouble
            .problems
            .get(source.id.as_str())
            .copied()
            .unwrap_or(0);
        // Without its job first: only sources in need are worth a look at the queue.
        if !Condition::of(source, None, flaws, view.now).asks_for_attention() {
            continue;
        }
        found.sources_in_need += 1;
        if own
            .as_ref()
            .is_some_and(|own| !own.contains(&source.location.to_string()))
            || lines.len() > MAX_SOURCES
        {
            continue;
        }
        let next = desk.catalog.next_refresh(&source.id).await?;
        let condition = Condition::of(source, next.as_ref(), flaws, view.now);
        let unread = trouble.unread.get(source.id.as_str()).copied().unwrap_or(0);
        lines.extend(source_line(view, source, &condition, unread));
    }
    if lines.len() > MAX_SOURCES {
        lines.truncate(MAX_SOURCES);
        let count = found.sources_in_need;
        let action = view.t("catalog-home-sources-action").to_string();
        let line = QueueLine {
            tone: Tone::Warn,
            title: view
                .t("catalog-home-sources")
                .with("count", count)
                .to_string(),
            href: "/sources".to_owned(),
            note: String::new(),
            action: (action, "/sources".to_owned()),
        };
        lines.push((0, line));
    }
    Ok(lines)
}

/// The places that the things in scope come from; nothing for everything.
fn own_origins(desk: &Desk, scope: &Scope) -> Option<HashSet<String>> {
    scope.owned.as_ref()?;
    let index = desk.catalog.model.index();
    let facets = index.facets_of(&[ORIGIN], &scope.request(None));
    let values = facets.into_iter().flat_map(|facet| facet.values);
    Some(values.map(|value| value.value).collect())
}

fn source_line(
    view: &View,
    source: &Source,
    condition: &Condition,
    unread: u64,
) -> Option<Weighed> {
    let place = place_of(source);
    let name = short_place(&place).to_owned();
    let page = source_href(&source.id);
    let (tone, key, size, part) = match condition {
        Condition::Held(count) => (
            Tone::Warn,
            "catalog-home-held",
            u64::try_from(*count).unwrap_or(u64::MAX),
            "#held",
        ),
        Condition::Failed => (Tone::Bad, "catalog-home-source-failed", 1, ""),
        Condition::Limited(_) => (Tone::Warn, "catalog-home-source-limited", 1, ""),
        Condition::Late => (Tone::Warn, "catalog-home-source-late", 1, ""),
        // What belongs to an entity has been counted with the entities.
        Condition::Flawed(_) if unread > 0 => {
            (Tone::Bad, "catalog-home-unread", unread, "#problems")
        }
        _ => return None,
    };
    let note = match condition {
        Condition::Held(_) => view.t("catalog-home-held-note").to_string(),
        _ => shortened(
            source.state.last_error.as_deref().unwrap_or_default(),
            NOTE_COLUMNS,
        ),
    };
    let action = match condition {
        Condition::Held(_) => "catalog-home-held-action",
        _ => "catalog-home-source-action",
    };
    let href = format!("{page}{part}");
    let line = QueueLine {
        tone,
        title: view
            .t(key)
            .with("count", size)
            .with("name", name)
            .to_string(),
        note,
        action: (view.t(action).to_string(), href.clone()),
        href,
    };
    Some((size, line))
}

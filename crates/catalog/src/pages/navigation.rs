//! The frame around every page: the rail with its counts, and who is signed in.

use std::sync::Arc;

use axum::http::header::COOKIE;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::{ActorKind, Verb};
use platform::capability::NavigationEntry;
use platform::decision::Reach;
use platform::request::Call;
use portal::{Portal, UserView, View};

use super::summary::{Summary, entity_href};
use crate::engine::Catalog;
use crate::index::Index;
use crate::permission::{ENTITY_READ, LOCATION_ANALYZE, LOCATION_READ};
use crate::visibility::visible_to;

/// The group of the rail that all entries are in.
const GROUP: &str = "nav-catalog";

const fn of_kind(label: &'static str, href: &'static str, order: u16) -> NavigationEntry {
    NavigationEntry {
        group: GROUP,
        label,
        href,
        order,
        permission: ENTITY_READ,
    }
}

/// The catalog's entries of the rail.
pub(crate) const NAVIGATION: &[NavigationEntry] = &[
    of_kind("catalog-nav-components", "/catalog?kind=component", 100),
    of_kind("catalog-nav-apis", "/catalog?kind=api", 101),
    of_kind("catalog-nav-resources", "/catalog?kind=resource", 102),
    of_kind("catalog-nav-systems", "/catalog?kind=system", 103),
    of_kind("catalog-nav-domains", "/catalog?kind=domain", 104),
    of_kind("catalog-nav-groups", "/catalog?kind=group", 105),
    of_kind("catalog-nav-users", "/catalog?kind=user", 106),
    of_kind("catalog-nav-templates", "/catalog?kind=template", 107),
    of_kind("catalog-nav-graph", "/graph", 107),
    NavigationEntry {
        group: GROUP,
        label: "catalog-nav-packages",
        href: "/packages",
        order: 108,
        permission: ENTITY_READ,
    },
    NavigationEntry {
        group: GROUP,
        label: "catalog-nav-sources",
        href: "/sources",
        order: 109,
        permission: LOCATION_READ,
    },
    NavigationEntry {
        group: GROUP,
        label: "catalog-nav-register",
        href: "/register",
        order: 110,
        permission: LOCATION_ANALYZE,
    },
];

/// The entry of the rail that an entity of this kind is below; the catalog's
/// first one marks none.
pub(super) fn entry_of_kind(kind: &str) -> Option<&'static str> {
    NAVIGATION
        .iter()
        .find(|entry| kind_of(entry).is_some_and(|own| own.eq_ignore_ascii_case(kind)))
        .map(|entry| entry.label)
}

fn kind_of(entry: &NavigationEntry) -> Option<&'static str> {
    entry.href.strip_prefix("/catalog?kind=")
}

/// The frame of one page: preferences from the request, the caller's name from
/// the catalog where it knows them, and the number of entities of each kind.
pub fn page_view(portal: &Arc<Portal>, call: &Call, now: Timestamp, catalog: &Catalog) -> View {
    // Taken first: what happens while the page is made is told to it again.
    let since = catalog.model.applied();
    let (user, counts) = {
        let index = catalog.model.index();
        let counts = kind_counts(&index, visible_to(&call.caller).as_ref());
        (user_of(&index, call), counts)
    };
    let mut view = View::new(portal, &call.parts(), user, now);
    // What opens a page reads, whatever else it may lead to.
    let opens = |permission: &str| call.caller.grants.reach(permission, Some(Verb::Read));
    view.nav
        .keep_for(|permission| opens(permission) != Reach::Nothing);
    view.since = since;
    for entry in view
        .nav
        .groups
        .iter_mut()
        .flat_map(|group| &mut group.entries)
    {
        let kind = NAVIGATION
            .iter()
            .find(|known| known.label == entry.label)
            .and_then(kind_of);
        if let Some(kind) = kind {
            let found = counts
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(kind));
            entry.count = Some(found.map_or(0, |(_, count)| *count));
        }
    }
    view
}

/// How many entities there are of each kind, kinds that are only written
/// differently counted together, the largest first.
pub(super) fn kind_counts(index: &Index, visible: Option<&Predicate>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for facet in index.facets(&["kind"], None, visible) {
        for value in facet.values {
            let count = u64::try_from(value.count).unwrap_or(u64::MAX);
            match counts
                .iter_mut()
                .find(|(kind, _)| kind.eq_ignore_ascii_case(&value.value))
            {
                Some((_, sum)) => *sum += count,
                None => counts.push((value.value, count)),
            }
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn user_of(index: &Index, call: &Call) -> Option<UserView> {
    if call.caller.is_anonymous() {
        return None;
    }
    let actor = &call.caller.actor;
    let entity_ref = EntityRef::parse(&actor.name, None, None).ok();
    let known = entity_ref
        .as_ref()
        .filter(|found| found.kind() == "user")
        .and_then(|found| index.get(found));
    let name = match (&known, &entity_ref) {
        (Some(entity), _) => Summary::of(index, entity).display().to_owned(),
        (None, Some(entity_ref)) => entity_ref.name().to_owned(),
        (None, None) => actor.name.clone(),
    };
    Some(UserView {
        name,
        href: known.map(|entity| entity_href(entity.entity_ref())),
        // Tokens are not signed out of; only a browser's session is.
        can_sign_out: actor.kind == ActorKind::User && call.headers.contains_key(COOKIE),
    })
}

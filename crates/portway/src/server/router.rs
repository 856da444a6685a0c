//! The one router: routes of all capabilities under the layers that hold for
//! every request.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use catalog::{Catalog, PortalParts, Sockets};
use identity::Identity;
use platform::Clock;
use platform::action::Action;
use platform::actor::Permission;
use platform::capability::{Capability, Surface, SurfaceSort};
use platform::doctor::Check;
use platform::http::{Access, Gate, RouteInfo, Routes};
use platform::journal::Journal;
use platform::store::Db;
use platform::telemetry::Metrics;
use portal::{Nav, NavEntry, Portal};

use super::page_errors::{Frame, Place, not_found};
use super::shield::Shield;
use super::{account, actions, doors, explorer, health, openapi, pages, user_pages};

/// What the router serves from.
pub(super) struct Parts<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) identity: &'a Arc<Identity>,
    pub(super) metrics: &'a Metrics,
    pub(super) db: &'a Db,
    pub(super) clock: &'a Clock,
    pub(super) journal: &'a Journal,
    pub(super) shield: &'a Shield,
    pub(super) audit: &'a audit::Audit,
}

/// The binary's own messages.
const LOCALES: [(&str, &str); 2] = [
    (
        "en",
        concat!(
            include_str!("../../locales/en/portway.ftl"),
            "\n",
            include_str!("../../locales/en/front.ftl"),
            "\n",
            include_str!("../../locales/en/account.ftl"),
            "\n",
            include_str!("../../locales/en/sign-in.ftl")
        ),
    ),
    (
        "ko",
        concat!(
            include_str!("../../locales/ko/portway.ftl"),
            "\n",
            include_str!("../../locales/ko/front.ftl"),
            "\n",
            include_str!("../../locales/ko/account.ftl"),
            "\n",
            include_str!("../../locales/ko/sign-in.ftl")
        ),
    ),
];

/// Builds the router, and the table of all routes that hold a declared access.
pub(super) fn build(
    mut capabilities: Vec<Capability>,
    mut portal_parts: Vec<PortalParts>,
    parts: &Parts<'_>,
    organisation: String,
) -> Result<(Router, Vec<RouteInfo>, Vec<Surface>)> {
    let Parts {
        catalog,
        identity,
        metrics,
        db,
        clock,
        journal,
        shield,
        audit,
    } = *parts;
    let mut messages = [catalog::LOCALES, LOCALES, crate::findings::LOCALES].concat();
    messages.extend(portal_parts.iter().flat_map(|part| part.locales.clone()));
    let portal = Portal::new(&messages, navigation(&capabilities), organisation)?;
    let places = places(&capabilities);
    let gate: Arc<dyn Gate> = Arc::<Identity>::clone(identity);
    let sockets = Sockets::new(
        take(&mut portal_parts, |part| &mut part.cards),
        take(&mut portal_parts, |part| &mut part.tabs),
    )
    .with_home(take(&mut portal_parts, |part| &mut part.home));
    let mut surfaces = sockets.surfaces();
    surfaces.extend(surfaces_of(&capabilities));
    let actions: Arc<[Action]> = capabilities
        .iter_mut()
        .flat_map(|capability| std::mem::take(&mut capability.actions))
        .collect();
    let checks = all_checks(health::checks(db, catalog), &mut capabilities);
    let examined = checks.iter().map(|check| check.id);
    surfaces.extend(examined.map(|id| Surface::needs(SurfaceSort::Check, id, health::READ)));
    let permissions = permissions(&capabilities);
    let text = Arc::default();
    let explorer = explorer::Desk::new(
        catalog,
        (&portal, clock),
        &text,
        permissions.clone(),
        identity.base_url(),
    );
    let desk = user_pages::Desk::new(
        (catalog, identity),
        (&portal, clock),
        (journal, &actions),
        permissions,
    );
    let mut routes = Routes::new(Arc::clone(&gate))
        .merge(explorer::routes(&explorer, Arc::clone(&gate)))
        .merge(user_pages::routes(&desk, Arc::clone(&gate)))
        .merge(account::routes(&desk, Arc::clone(&gate)))
        .merge(actions::routes(&actions, journal, Arc::clone(&gate)))
        .merge(doors::routes(metrics, Arc::clone(&gate)))
        .merge(pages::routes(identity, &portal, clock))
        .merge(health::routes(
            checks,
            catalog,
            &portal,
            clock,
            Arc::clone(&gate),
        ))
        .merge(catalog::page_routes(
            catalog,
            &portal,
            (identity, Arc::clone(&gate)),
            sockets,
        ));
    for pages in portal_parts.into_iter().filter_map(|part| part.pages) {
        routes = routes.merge(pages(&portal, Arc::clone(&gate)));
    }
    for capability in capabilities {
        routes = routes.merge(capability.routes);
    }
    let routes = openapi::with_description(
        routes,
        actions::described_routes(&actions),
        Arc::clone(&gate),
        &text,
    );
    let table = routes.table().to_vec();
    let frame = Frame {
        portal,
        clock: clock.clone(),
        gate,
        places: places.into(),
    };
    let router = routes
        .into_router()
        .route("/assets/{hash}/{name}", get(portal::asset))
        .fallback(not_found)
        .layer(from_fn_with_state(audit.watcher(), audit::watch));
    let router = shield.around(router, frame, identity, metrics, clock);
    Ok((router, table, surfaces))
}

/// What the capabilities offer beside routes, cards and tabs.
fn surfaces_of(capabilities: &[Capability]) -> Vec<Surface> {
    use SurfaceSort::{Action, Collection, Navigation, Topic};
    let needs = Surface::needs;
    let rail = capabilities
        .iter()
        .flat_map(|capability| &capability.navigation)
        .map(|entry| needs(Navigation, entry.href, entry.permission));
    let foot = FOOT.iter().map(|entry| Surface {
        sort: Navigation,
        name: entry.href.to_owned(),
        access: entry.access,
    });
    let actions = capabilities
        .iter()
        .flat_map(|capability| &capability.actions)
        .map(|action| needs(Action, action.name, action.permission));
    let topics = catalog::TOPICS
        .iter()
        .map(|topic| needs(Topic, topic.name, topic.permission));
    let found = search::COLLECTIONS
        .iter()
        .map(|name| needs(Collection, name, catalog::permission::ENTITY_READ));
    rail.chain(foot)
        .chain(actions)
        .chain(topics)
        .chain(found)
        .collect()
}

/// An entry at the foot of the rail.
struct Foot {
    icon: &'static str,
    label: &'static str,
    href: &'static str,
    access: Access,
}

const FOOT: [Foot; 4] = [
    Foot {
        icon: "term",
        label: "explorer-title",
        href: "/api-explorer",
        access: explorer::OPEN,
    },
    Foot {
        icon: "key",
        label: "permissions-title",
        href: "/admin/permissions",
        access: Access::Needs(access::permission::POLICY_READ),
    },
    Foot {
        icon: "admin",
        label: "health-title",
        href: "/admin/health",
        access: Access::Needs(health::READ),
    },
    Foot {
        icon: "shield",
        label: "audit-title",
        href: "/admin/audit",
        access: Access::Needs(audit::permission::READ),
    },
];

/// What may be granted at all.
fn permissions(capabilities: &[Capability]) -> Vec<Permission> {
    let all = capabilities.iter().flat_map(|found| found.permissions);
    all.copied().collect()
}

/// Takes one sort of thing out of all parts.
fn take<T>(parts: &mut [PortalParts], of: impl Fn(&mut PortalParts) -> &mut Vec<T>) -> Vec<T> {
    parts
        .iter_mut()
        .flat_map(|part| std::mem::take(of(part)))
        .collect()
}

/// The server's own checks, then those of the capabilities.
fn all_checks(mut own: Vec<Check>, capabilities: &mut [Capability]) -> Vec<Check> {
    let theirs = capabilities.iter_mut();
    own.extend(theirs.flat_map(|capability| std::mem::take(&mut capability.checks)));
    own
}

/// The rail: what the capabilities offer, in their order.
fn navigation(capabilities: &[Capability]) -> Nav {
    let mut entries: Vec<_> = capabilities
        .iter()
        .flat_map(|capability| &capability.navigation)
        .collect();
    entries.sort_by_key(|entry| entry.order);
    let mut nav = entries.into_iter().fold(Nav::default(), |nav, entry| {
        let link = NavEntry::new(entry.label, entry.href).needing(entry.permission.name);
        nav.entry(entry.group, link)
    });
    nav.foot.extend(FOOT.iter().map(|entry| {
        let link = NavEntry {
            icon: entry.icon.into(),
            ..NavEntry::new(entry.label, entry.href)
        };
        match entry.access {
            Access::Needs(permission) => link.needing(permission.name),
            Access::Public(_) => link,
        }
    }));
    nav
}

/// Pages that are proposed in place of one that does not exist.
fn places(capabilities: &[Capability]) -> Vec<Place> {
    let place = |label, href, permission| Place {
        label,
        href,
        permission,
    };
    let entries = capabilities
        .iter()
        .flat_map(|capability| &capability.navigation)
        .map(|entry| place(entry.label, entry.href, Some(entry.permission)));
    let own = [
        place(
            "nav-catalog",
            "/catalog",
            Some(catalog::permission::ENTITY_READ),
        ),
        place("settings-title", "/settings", None),
        place("explorer-title", "/api-explorer", None),
        place(
            "health-title",
            "/admin/health",
            Some(catalog::permission::LOCATION_READ),
        ),
        place("audit-title", "/admin/audit", Some(audit::permission::READ)),
        place(
            "permissions-title",
            "/admin/permissions",
            Some(access::permission::POLICY_READ),
        ),
    ];
    own.into_iter().chain(entries).collect()
}

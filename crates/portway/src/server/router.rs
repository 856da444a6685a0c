//! The one router: routes of all capabilities under the layers that hold for
//! every request.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use catalog::{Catalog, PortalParts, Sockets};
use identity::Identity;
use platform::Clock;
use platform::action::Action;
use platform::capability::Capability;
use platform::error::ApiError;
use platform::http::{Gate, RouteInfo, Routes, ServedBy, Surface};
use platform::journal::Journal;
use platform::store::Db;
use platform::telemetry::{self, Metrics};
use portal::{ErrorPage, Nav, NavEntry, Portal, View};
use tower_http::compression::CompressionLayer;

use super::{actions, doors, health, openapi, pages};

/// What the router serves from.
pub(super) struct Parts<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) identity: &'a Arc<Identity>,
    pub(super) metrics: &'a Metrics,
    pub(super) db: &'a Db,
    pub(super) clock: &'a Clock,
    pub(super) journal: &'a Journal,
}

/// The binary's own messages.
const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../../locales/en/portway.ftl")),
    ("ko", include_str!("../../locales/ko/portway.ftl")),
];

/// Builds the router, and the table of all routes that hold a declared access.
pub(super) fn build(
    mut capabilities: Vec<Capability>,
    mut portal_parts: Vec<PortalParts>,
    parts: &Parts<'_>,
    organisation: String,
) -> Result<(Router, Vec<RouteInfo>)> {
    let Parts {
        catalog,
        identity,
        metrics,
        db,
        clock,
        journal,
    } = *parts;
    let mut messages = [catalog::LOCALES, LOCALES, crate::findings::LOCALES].concat();
    messages.extend(portal_parts.iter().flat_map(|part| part.locales.clone()));
    let portal = Portal::new(&messages, navigation(&capabilities), organisation)?;
    let gate: Arc<dyn Gate> = Arc::<Identity>::clone(identity);
    let sockets = Sockets::new(
        take(&mut portal_parts, |part| &mut part.cards),
        take(&mut portal_parts, |part| &mut part.tabs),
    );
    let actions: Arc<[Action]> = capabilities
        .iter_mut()
        .flat_map(|capability| std::mem::take(&mut capability.actions))
        .collect();
    let mut checks = health::checks(db, catalog);
    checks.extend(
        capabilities
            .iter_mut()
            .flat_map(|capability| std::mem::take(&mut capability.checks)),
    );
    let mut routes = Routes::new(Arc::clone(&gate))
        .merge(actions::routes(&actions, journal, Arc::clone(&gate)))
        .merge(doors::routes(metrics, Arc::clone(&gate)))
        .merge(pages::routes(catalog, identity, &portal, clock))
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
    );
    let table = routes.table().to_vec();
    let frame = Frame {
        portal,
        clock: clock.clone(),
    };
    let router = routes
        .into_router()
        .route("/assets/{hash}/{name}", get(portal::asset))
        .fallback(not_found)
        .layer(from_fn_with_state(frame, page_errors))
        .layer(from_fn(platform::http::finish))
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn_with_state(metrics.clone(), telemetry::observe));
    Ok((router, table))
}

/// Takes one sort of thing out of all parts.
fn take<T>(parts: &mut [PortalParts], of: impl Fn(&mut PortalParts) -> &mut Vec<T>) -> Vec<T> {
    parts
        .iter_mut()
        .flat_map(|part| std::mem::take(of(part)))
        .collect()
}

/// The rail: what the capabilities offer, in their order.
fn navigation(capabilities: &[Capability]) -> Nav {
    let mut entries: Vec<_> = capabilities
        .iter()
        .flat_map(|capability| &capability.navigation)
        .collect();
    entries.sort_by_key(|entry| entry.order);
    let mut nav = entries.into_iter().fold(Nav::default(), |nav, entry| {
        nav.entry(entry.group, NavEntry::new(entry.label, entry.href))
    });
    nav.foot.push(NavEntry {
        icon: "admin".into(),
        ..NavEntry::new("health-title", "/admin/health")
    });
    nav
}

/// As Backstage: no route of the API, no body. Pages say it in words.
async fn not_found(request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = ApiError::not_found("There is no such page").into_response();
    response.extensions_mut().insert(ServedBy(Surface::Page));
    response
}

#[derive(Clone)]
struct Frame {
    portal: Arc<Portal>,
    clock: Clock,
}

/// Errors of pages are pages; a missing sign-in leads to the sign-in page.
async fn page_errors(
    axum::extract::State(frame): axum::extract::State<Frame>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let (mut head, ()) = axum::http::Request::new(()).into_parts();
    (head.method, head.uri, head.headers) = (
        parts.method.clone(),
        parts.uri.clone(),
        parts.headers.clone(),
    );
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let page = response
        .extensions()
        .get::<ServedBy>()
        .is_some_and(|served| served.0 == Surface::Page);
    if !page {
        return response;
    }
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    if error.status == StatusCode::UNAUTHORIZED && head.method == Method::GET {
        let back = head.uri.path_and_query().map_or("/", |all| all.as_str());
        return Redirect::to(&format!(
            "/sign-in?back={}",
            platform::request::encode(back)
        ))
        .into_response();
    }
    if let Some(cause) = &error.internal {
        tracing::error!(cause = ?cause, "{} failed: {error}", head.uri.path());
    }
    let view = View::new(&frame.portal, &head, None, frame.clock.now());
    let mut page = ErrorPage::new(view, error.status).why(error.message);
    if let Some(accepted) = error.accepted {
        page = page.accepted(accepted);
    }
    if let Some(fix) = error.fix {
        page = page.next(fix);
    }
    let mut response = page.into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

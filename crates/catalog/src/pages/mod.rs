//! The catalog for people: server-rendered pages whose address is their state.
//!
//! ```text
//! request ─▶ Selection / EntityRef ─▶ what the database knows (await)
//!                                          │
//!                          index, read under its lock, no await
//!                                          ▼
//!                              plain structs ─▶ template
//! ```
//!
//! Invariants: the index is never locked across an await, nothing is rendered
//! while it is locked, and no page reads all entities.

mod columns;
mod compare;
mod diagram;
mod entity;
mod export;
mod facets;
mod fact;
mod graph;
mod home;
mod labels;
mod list;
pub(crate) mod live;
mod moment;
mod navigation;
mod packages;
mod people;
mod problems;
mod query;
mod reasons;
mod register;
mod selection;
mod shorten;
mod source;
mod source_found;
mod source_history;
mod source_removal;
mod source_status;
mod sources;
mod standing;
mod stars;
mod summary;
mod views;

use std::future::Future;
use std::sync::Arc;

use axum::http::Method;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::Identity;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use portal::{Portal, View};

use crate::engine::Catalog;
use crate::index::Index;
use crate::permission::{
    ENTITY_READ, ENTITY_REFRESH, LOCATION_CREATE, LOCATION_DELETE, LOCATION_READ,
};
use crate::socket::Sockets;
use standing::{Flags, Standing};

pub(crate) use navigation::NAVIGATION;
pub use navigation::page_view;
pub use query::{Compare, Field, ListQuery, Named, Part, Problem, QueryError};
pub(crate) use summary::{parts_of, text_at, title_of};

/// The messages of these pages: language and Fluent source.
pub const LOCALES: [(&str, &str); 2] = [
    (
        "en",
        concat!(
            include_str!("../../locales/en/catalog.ftl"),
            "\n",
            include_str!("../../locales/en/packages.ftl"),
            "\n",
            include_str!("../../locales/en/finding.ftl"),
            "\n",
            include_str!("../../locales/en/graph.ftl"),
            "\n",
            include_str!("../../locales/en/home.ftl"),
            "\n",
            include_str!("../../locales/en/register.ftl"),
            "\n",
            include_str!("../../locales/en/list.ftl")
        ),
    ),
    (
        "ko",
        concat!(
            include_str!("../../locales/ko/catalog.ftl"),
            "\n",
            include_str!("../../locales/ko/packages.ftl"),
            "\n",
            include_str!("../../locales/ko/finding.ftl"),
            "\n",
            include_str!("../../locales/ko/graph.ftl"),
            "\n",
            include_str!("../../locales/ko/home.ftl"),
            "\n",
            include_str!("../../locales/ko/register.ftl"),
            "\n",
            include_str!("../../locales/ko/list.ftl")
        ),
    ),
];

/// An entity's address, in Backstage's form.
const ENTITY: &str = "/catalog/{namespace}/{kind}/{name}";

type Answer = Result<Response, ApiError>;

/// What the pages work with.
#[derive(Clone)]
struct Desk {
    catalog: Catalog,
    portal: Arc<Portal>,
    standing: Arc<Standing>,
    lately: Arc<home::Lately>,
    sockets: Arc<Sockets>,
    /// Keeps what people keep for themselves: stars, saved views.
    identity: Arc<Identity>,
    /// Asked again while a page is open.
    gate: Arc<dyn Gate>,
    /// What open pages were told lately.
    heard: Arc<live::Heard>,
}

impl Desk {
    fn view(&self, call: &Call) -> View {
        page_view(&self.portal, call, self.catalog.clock.now(), &self.catalog)
    }

    /// What holds of the entities in `index`, which is the live one unless a
    /// past moment is looked at.
    fn flags(&self, index: &Index, past: bool) -> Arc<Flags> {
        if past {
            Arc::new(Flags::of(
                index,
                self.catalog.model.kinds(),
                self.catalog.tiers(),
            ))
        } else {
            self.standing
                .live(&self.catalog.model, self.catalog.tiers(), index)
        }
    }
}

/// Every page of the catalog, with the forms on them.
///
/// `gate` recognises callers, `identity` keeps their settings; `sockets` are the cards and tabs of other capabilities.
pub fn page_routes(
    catalog: &Catalog,
    portal: &Arc<Portal>,
    (identity, gate): (&Arc<Identity>, Arc<dyn Gate>),
    sockets: Sockets,
) -> Routes {
    let desk = Desk {
        catalog: catalog.clone(),
        portal: Arc::clone(portal),
        standing: Arc::default(),
        lately: Arc::default(),
        heard: Arc::default(),
        gate: Arc::clone(&gate),
        identity: Arc::clone(identity),
        sockets: Arc::new(sockets.with(packages::card(catalog), packages::tab(catalog))),
    };
    let get = Method::GET;
    let tab = |name: &str| format!("{ENTITY}/{name}");
    let (read, sources) = (Access::Needs(ENTITY_READ), Access::Needs(LOCATION_READ));
    let rest = Arc::clone(&gate);
    Routes::new(gate)
        .page(get.clone(), "/", read, on(&desk, home::page))
        .page(get.clone(), "/live", read, on(&desk, live::stream))
        .page(get.clone(), ENTITY, read, on(&desk, entity::overview))
        .page(
            get.clone(),
            &tab("relations"),
            read,
            on(&desk, entity::relations),
        )
        .page(
            get.clone(),
            &tab("graph"),
            read,
            on(&desk, entity::relations),
        )
        .page(
            get.clone(),
            &tab("graph.json"),
            read,
            on(&desk, entity::relations),
        )
        .page(Method::POST, &tab("star"), read, on(&desk, entity::star))
        .page(get.clone(), "/graph", read, on(&desk, graph::page))
        .page(get.clone(), "/graph.json", read, on(&desk, graph::page))
        .page(
            get.clone(),
            "/catalog-graph",
            read,
            on(&desk, graph::backstage),
        )
        .page(get.clone(), &tab("raw"), read, on(&desk, entity::raw))
        .page(
            get.clone(),
            &tab("history"),
            read,
            on(&desk, entity::history),
        )
        .page(get.clone(), &tab("{tab}"), read, on(&desk, entity::other))
        .page(get.clone(), "/packages", read, on(&desk, packages::page))
        .page(get.clone(), "/sources", sources, on(&desk, sources::page))
        .page(get, "/sources/{id}", sources, on(&desk, source::page))
        .page(
            Method::POST,
            "/sources/{id}/refresh",
            Access::Needs(ENTITY_REFRESH),
            on(&desk, source::refresh),
        )
        .page(
            Method::POST,
            "/sources/{id}/confirm-deletion",
            Access::Needs(LOCATION_DELETE),
            on(&desk, source::confirm),
        )
        .merge(list_routes(&desk, Arc::clone(&rest)))
        .merge(register_routes(&desk, Arc::clone(&rest)))
        .merge(source_routes(&desk, rest))
}

/// The list of the catalog, and what people do with it.
fn list_routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let (get, read) = (Method::GET, Access::Needs(ENTITY_READ));
    Routes::new(gate)
        .page(get.clone(), "/catalog", read, on(desk, list::page))
        .page(get.clone(), "/catalog.json", read, on(desk, export::json))
        .page(get.clone(), "/catalog.yaml", read, on(desk, export::yaml))
        .page(get.clone(), "/catalog.csv", read, on(desk, export::csv))
        .page(
            get.clone(),
            "/catalog/suggest",
            read,
            on(desk, query::suggest_page),
        )
        .page(
            get.clone(),
            "/catalog/compare",
            read,
            on(desk, compare::page),
        )
        .page(
            get.clone(),
            "/catalog/compare.json",
            read,
            on(desk, compare::json),
        )
        .page(
            Method::POST,
            "/catalog/views",
            read,
            on(desk, views::change),
        )
        .page(
            Method::POST,
            "/catalog/columns",
            read,
            on(desk, columns::change),
        )
        .page(Method::POST, "/catalog/stars", read, on(desk, views::star))
}

/// The data of the sources' pages, and taking a source out.
fn source_routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let read = Access::Needs(LOCATION_READ);
    Routes::new(gate)
        .page(Method::GET, "/sources.json", read, on(desk, sources::json))
        .page(
            Method::GET,
            "/sources/{id}/remove",
            read,
            on(desk, source_removal::page),
        )
        .page(
            Method::POST,
            "/sources/{id}/remove",
            Access::Needs(LOCATION_DELETE),
            on(desk, source_removal::remove),
        )
}

/// The wizard. Its pages explain what a caller may not do; what changes
/// something has its own permission.
fn register_routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let read = Access::Needs(ENTITY_READ);
    Routes::new(gate)
        .page(Method::GET, "/register", read, on(desk, register::page))
        .page(Method::POST, "/register", read, on(desk, register::send))
        .page(
            Method::GET,
            "/register/proposed",
            read,
            on(desk, register::proposed),
        )
        .page(
            Method::GET,
            "/catalog-import",
            read,
            on(desk, register::import),
        )
        .page(
            Method::POST,
            "/register/add",
            Access::Needs(LOCATION_CREATE),
            on(desk, register::add),
        )
}

/// A handler with the desk in hand.
fn on<F, R>(
    desk: &Desk,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Desk, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let desk = desk.clone();
    move |call: Call| work(desk.clone(), call).boxed()
}

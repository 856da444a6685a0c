//! The catalog over HTTP: Backstage's API under `/api/catalog`, Portway's own
//! additions under `/api/v1/catalog`.

mod analyze;
mod answer;
mod describe;
mod entities;
mod facets;
mod graph;
mod history;
mod locations;
mod packages;
mod paging;
mod stream;
mod validate;
mod webhooks;

pub(crate) use locations::{source_document, sources_document};

use std::future::Future;
use std::sync::Arc;

use axum::http::Method;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;

use crate::engine::Catalog;
use crate::permission::{
    ENTITY_DELETE, ENTITY_READ, ENTITY_REFRESH, ENTITY_VALIDATE, LOCATION_ANALYZE, LOCATION_CREATE,
    LOCATION_DELETE, LOCATION_READ,
};

type Answer = Result<Response, ApiError>;

const READ: Access = Access::Needs(ENTITY_READ);

/// Every route of the catalog for programs.
pub fn routes(catalog: &Catalog, gate: Arc<dyn Gate>) -> Routes {
    entity_routes(catalog, Arc::clone(&gate))
        .merge(location_routes(catalog, Arc::clone(&gate)))
        .merge(packages::routes(catalog, Arc::clone(&gate)))
        .merge(own_routes(catalog, gate))
        .with_schemas(describe::shared())
}

/// Backstage's API: reading entities.
fn entity_routes(catalog: &Catalog, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/catalog/entities",
            READ,
            on(catalog, entities::list),
        )
        .describe(describe::entities::list())
        .api(
            Method::GET,
            "/api/catalog/entities/by-query",
            READ,
            on(catalog, entities::by_query),
        )
        .describe(describe::entities::by_query())
        .api(
            Method::POST,
            "/api/catalog/entities/by-query",
            READ,
            on(catalog, entities::by_query_body),
        )
        .describe(describe::entities::by_query_body())
        .api(
            Method::POST,
            "/api/catalog/entities/by-refs",
            READ,
            on(catalog, entities::by_refs),
        )
        .describe(describe::entities::by_refs())
        .api(
            Method::GET,
            "/api/catalog/entities/by-uid/{uid}",
            READ,
            on(catalog, entities::by_uid),
        )
        .describe(describe::entities::by_uid())
        .api(
            Method::DELETE,
            "/api/catalog/entities/by-uid/{uid}",
            Access::Needs(ENTITY_DELETE),
            on(catalog, entities::delete),
        )
        .describe(describe::entities::delete())
        .api(
            Method::GET,
            "/api/catalog/entities/by-name/{kind}/{namespace}/{name}",
            READ,
            on(catalog, entities::by_name),
        )
        .describe(describe::entities::by_name())
        .api(
            Method::GET,
            "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/ancestry",
            READ,
            on(catalog, graph::ancestry),
        )
        .describe(describe::entities::ancestry())
        .api(
            Method::GET,
            "/api/catalog/entity-facets",
            READ,
            on(catalog, facets::from_query),
        )
        .describe(describe::entities::facets())
        .api(
            Method::POST,
            "/api/catalog/entity-facets",
            READ,
            on(catalog, facets::from_body),
        )
        .describe(describe::entities::facets_body())
}

/// Backstage's API: locations, refreshing, checking.
fn location_routes(catalog: &Catalog, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(
            Method::POST,
            "/api/catalog/refresh",
            Access::Needs(ENTITY_REFRESH),
            on(catalog, locations::refresh),
        )
        .describe(describe::entities::refresh())
        .api(
            Method::GET,
            "/api/catalog/locations",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::list),
        )
        .describe(describe::locations::list())
        .api(
            Method::POST,
            "/api/catalog/locations",
            Access::Needs(LOCATION_CREATE),
            on(catalog, locations::create),
        )
        .describe(describe::locations::create())
        .api(
            Method::POST,
            "/api/catalog/locations/by-query",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::by_query),
        )
        .describe(describe::locations::by_query())
        .api(
            Method::GET,
            "/api/catalog/locations/{id}",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::get),
        )
        .describe(describe::locations::get())
        .api(
            Method::PUT,
            "/api/catalog/locations/{id}",
            Access::Needs(LOCATION_CREATE),
            on(catalog, locations::update),
        )
        .describe(describe::locations::update())
        .api(
            Method::DELETE,
            "/api/catalog/locations/{id}",
            Access::Needs(LOCATION_DELETE),
            on(catalog, locations::delete),
        )
        .describe(describe::locations::delete())
        .api(
            Method::GET,
            "/api/catalog/locations/by-entity/{kind}/{namespace}/{name}",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::by_entity),
        )
        .describe(describe::locations::by_entity())
        .api(
            Method::POST,
            "/api/catalog/analyze-location",
            Access::Needs(LOCATION_ANALYZE),
            on(catalog, analyze::analyze),
        )
        .describe(describe::locations::analyze())
        .api(
            Method::POST,
            "/api/catalog/validate-entity",
            Access::Needs(ENTITY_VALIDATE),
            on(catalog, validate::validate),
        )
        .describe(describe::entities::validate())
}

/// What Backstage does not have.
fn own_routes(catalog: &Catalog, gate: Arc<dyn Gate>) -> Routes {
    let own = Arc::clone(&gate);
    let events = move |catalog, call| stream::events(catalog, Arc::clone(&own), call);
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/v1/catalog/entities/{kind}/{namespace}/{name}/history",
            READ,
            on(catalog, history::list),
        )
        .describe(describe::own::history())
        .api(
            Method::GET,
            "/api/v1/catalog/entities/{kind}/{namespace}/{name}/history/diff",
            READ,
            on(catalog, history::diff),
        )
        .describe(describe::own::diff())
        .api(
            Method::GET,
            "/api/v1/catalog/impact",
            READ,
            on(catalog, graph::impact),
        )
        .describe(describe::own::impact())
        .api(
            Method::GET,
            "/api/v1/catalog/path",
            READ,
            on(catalog, graph::path),
        )
        .describe(describe::own::path())
        .api(
            Method::GET,
            "/api/v1/catalog/owner",
            READ,
            on(catalog, graph::owner),
        )
        .describe(describe::own::owner())
        .api(
            Method::GET,
            "/api/v1/catalog/sources",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::sources),
        )
        .describe(describe::locations::sources())
        .api(
            Method::GET,
            "/api/v1/catalog/sources/{id}",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::source),
        )
        .describe(describe::locations::source())
        .api(
            Method::GET,
            "/api/v1/catalog/problems",
            Access::Needs(LOCATION_READ),
            on(catalog, locations::problems),
        )
        .describe(describe::locations::problems())
        .api(
            Method::GET,
            "/api/v1/catalog/webhooks",
            Access::Needs(LOCATION_READ),
            on(catalog, webhooks::receivers),
        )
        .describe(describe::locations::receivers())
        .api(
            Method::GET,
            "/api/v1/catalog/events",
            READ,
            on(catalog, events.clone()),
        )
        .describe(describe::own::events("listCatalogEvents"))
        .api(Method::GET, "/api/v1/events", READ, on(catalog, events))
        .describe(describe::own::events("listEvents"))
        .api(
            Method::POST,
            "/webhooks/{forge}",
            Access::Public("the sender proves itself by a signature over the body"),
            on(catalog, webhooks::receive),
        )
        .describe(describe::locations::webhook())
}

/// A handler with the catalog in hand.
fn on<F, R>(
    catalog: &Catalog,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Catalog, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let catalog = catalog.clone();
    move |call: Call| work(catalog.clone(), call).boxed()
}

//! The catalog over HTTP: Backstage's API under `/api/catalog`, Portway's own
//! additions under `/api/v1/catalog`.

mod analyze;
mod answer;
mod entities;
mod facets;
mod graph;
mod history;
mod locations;
mod paging;
mod stream;
mod validate;
mod webhooks;

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

/// Every route of the catalog for programs.
pub fn routes(catalog: &Catalog, gate: Arc<dyn Gate>) -> Routes {
    let (get, post) = (Method::GET, Method::POST);
    let read = Access::Needs(ENTITY_READ);
    let at = |path: &str| format!("/api/catalog{path}");
    let own = |path: &str| format!("/api/v1/catalog{path}");
    Routes::new(gate)
        .api(
            get.clone(),
            &at("/entities"),
            read,
            on(catalog, entities::list),
        )
        .api(
            get.clone(),
            &at("/entities/by-query"),
            read,
            on(catalog, entities::by_query),
        )
        .api(
            post.clone(),
            &at("/entities/by-query"),
            read,
            on(catalog, entities::by_query_body),
        )
        .api(
            post.clone(),
            &at("/entities/by-refs"),
            read,
            on(catalog, entities::by_refs),
        )
        .api(
            get.clone(),
            &at("/entities/by-uid/{uid}"),
            read,
            on(catalog, entities::by_uid),
        )
        .api(
            Method::DELETE,
            &at("/entities/by-uid/{uid}"),
            Access::Needs(ENTITY_DELETE),
            on(catalog, entities::delete),
        )
        .api(
            get.clone(),
            &at("/entities/by-name/{kind}/{namespace}/{name}"),
            read,
            on(catalog, entities::by_name),
        )
        .api(
            get.clone(),
            &at("/entities/by-name/{kind}/{namespace}/{name}/ancestry"),
            read,
            on(catalog, graph::ancestry),
        )
        .api(
            get.clone(),
            &at("/entity-facets"),
            read,
            on(catalog, facets::from_query),
        )
        .api(
            post.clone(),
            &at("/entity-facets"),
            read,
            on(catalog, facets::from_body),
        )
        .api(
            post.clone(),
            &at("/refresh"),
            Access::Needs(ENTITY_REFRESH),
            on(catalog, locations::refresh),
        )
        .api(
            get.clone(),
            &at("/locations"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::list),
        )
        .api(
            post.clone(),
            &at("/locations"),
            Access::Needs(LOCATION_CREATE),
            on(catalog, locations::create),
        )
        .api(
            post.clone(),
            &at("/locations/by-query"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::by_query),
        )
        .api(
            get.clone(),
            &at("/locations/{id}"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::get),
        )
        .api(
            Method::PUT,
            &at("/locations/{id}"),
            Access::Needs(LOCATION_CREATE),
            on(catalog, locations::update),
        )
        .api(
            Method::DELETE,
            &at("/locations/{id}"),
            Access::Needs(LOCATION_DELETE),
            on(catalog, locations::delete),
        )
        .api(
            get.clone(),
            &at("/locations/by-entity/{kind}/{namespace}/{name}"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::by_entity),
        )
        .api(
            post.clone(),
            &at("/analyze-location"),
            Access::Needs(LOCATION_ANALYZE),
            on(catalog, analyze::analyze),
        )
        .api(
            post.clone(),
            &at("/validate-entity"),
            Access::Needs(ENTITY_VALIDATE),
            on(catalog, validate::validate),
        )
        .api(
            get.clone(),
            &own("/entities/{kind}/{namespace}/{name}/history"),
            read,
            on(catalog, history::list),
        )
        .api(
            get.clone(),
            &own("/entities/{kind}/{namespace}/{name}/history/diff"),
            read,
            on(catalog, history::diff),
        )
        .api(
            get.clone(),
            &own("/impact"),
            read,
            on(catalog, graph::impact),
        )
        .api(get.clone(), &own("/path"), read, on(catalog, graph::path))
        .api(get.clone(), &own("/owner"), read, on(catalog, graph::owner))
        .api(
            get.clone(),
            &own("/sources"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::sources),
        )
        .api(
            get.clone(),
            &own("/sources/{id}"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::source),
        )
        .api(
            get.clone(),
            &own("/problems"),
            Access::Needs(LOCATION_READ),
            on(catalog, locations::problems),
        )
        .api(
            get.clone(),
            &own("/webhooks"),
            Access::Needs(LOCATION_READ),
            on(catalog, webhooks::receivers),
        )
        .api(
            get.clone(),
            &own("/events"),
            read,
            on(catalog, stream::events),
        )
        .api(get, "/api/v1/events", read, on(catalog, stream::events))
        .api(
            post,
            "/webhooks/{forge}",
            Access::Public("the sender proves itself by a signature over the body"),
            on(catalog, webhooks::receive),
        )
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

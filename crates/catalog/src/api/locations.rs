//! Registered locations, as Backstage's clients know them, and the sources
//! behind them with everything Portway knows.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use model::query::Predicate;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::{Body, Call, required_text};
use serde_json::{Map, Value, json};

use super::Answer;
use super::answer::{empty, json_answer, ref_in_path};
use crate::engine::Catalog;
use crate::source::{Origin, Source};
use crate::visibility::visible_to;

/// `GET /locations`
pub(super) async fn list(catalog: Catalog, _call: Call) -> Answer {
    let sources = catalog.store.sources().await?;
    let items: Vec<Value> = registered(&sources)
        .map(|source| json!({ "data": location_json(source) }))
        .collect();
    json_answer(&items)
}

/// `GET /locations/{id}`
pub(super) async fn get(catalog: Catalog, call: Call) -> Answer {
    json_answer(&location_json(
        &catalog.require_source(call.path("id")).await?,
    ))
}

/// `GET /locations/by-entity/{kind}/{namespace}/{name}`
pub(super) async fn by_entity(catalog: Catalog, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let row = catalog
        .store
        .row(&entity_ref)
        .await?
        .ok_or_else(|| ApiError::not_found(format!("found no entity for ref {entity_ref}")))?;
    let source = catalog.require_source(&row.place.source_id).await?;
    if source.origin != Origin::Api {
        return Err(ApiError::not_found(format!(
            "Found no location with type {} and target {}",
            source.location.location_type(),
            source.location.target()
        ))
        .fix(format!(
            "the entity comes from {}, which was not registered over the API",
            source.origin.as_text()
        )));
    }
    json_answer(&location_json(&source))
}

/// `POST /locations`
pub(super) async fn create(catalog: Catalog, call: Call) -> Answer {
    let location = location_in(&call.object()?)?;
    if call.query.get("dryRun") == Some("true") {
        return dry_run(catalog, call, location).await;
    }
    let refresh = call.query.get("onConflict") == Some("refresh");
    if refresh && let Some(known) = catalog.store.source_at(&location).await? {
        catalog.refresh_source(&call.caller, &known.id).await?;
        return Ok((
            StatusCode::CREATED,
            created(&catalog, &call.caller, &known, Some(true)).await?,
        )
            .into_response());
    }
    let source = catalog.register(&call.caller, location).await?;
    Ok((
        StatusCode::CREATED,
        created(&catalog, &call.caller, &source, None).await?,
    )
        .into_response())
}

/// The answer to a registration: the entities that the caller can read from now
/// on, and what was wrong with the others.
async fn created(
    catalog: &Catalog,
    caller: &Caller,
    source: &Source,
    exists: Option<bool>,
) -> Result<axum::Json<Value>, ApiError> {
    let rows = catalog.store.rows_of_source(&source.id).await?;
    let visible = visible_to(caller);
    let sees = |found: &EntityRef| {
        let index = catalog.model.index();
        let holds = |visible: &Predicate| index.matches(found, visible);
        visible.as_ref().is_none_or(holds)
    };
    let mut entities = Vec::with_capacity(rows.len());
    for row in rows
        .iter()
        .filter(|row| row.entity_ref != source.entity_ref && sees(&row.entity_ref))
    {
        if let Some(text) = catalog.model.entity_json(&row.entity_ref) {
            entities.push(text);
        }
    }
    let problems = catalog.store.problems(Some(&source.id)).await?;
    let mut body = json!({ "location": location_json(source), "entities": entities });
    if let Some(fields) = body.as_object_mut() {
        if let Some(exists) = exists {
            fields.insert("exists".into(), exists.into());
        }
        if !problems.is_empty() {
            fields.insert("problems".into(), json!(problems));
        }
    }
    Ok(axum::Json(body))
}

async fn dry_run(catalog: Catalog, call: Call, location: LocationRef) -> Answer {
    let exists = catalog.store.source_at(&location).await?.is_some();
    let (source, preview) = catalog.preview(&call.caller, location).await?;
    if let Some(problem) = preview.unreadable {
        let mut error = ApiError::input(problem.message);
        error.fix = problem.fix;
        return Err(error);
    }
    if let Some(problem) = preview.problems.first() {
        let mut error = ApiError::input(problem.message.clone());
        (error.accepted, error.fix) = (problem.accepted.clone(), problem.fix.clone());
        return Err(error);
    }
    let entities: Vec<Value> = preview
        .candidates
        .iter()
        .map(|candidate| candidate.entity.to_json())
        .collect();
    let mut location = location_json(&source);
    if let Some(fields) = location.as_object_mut() {
        // Nothing has been given an id; Backstage puts the location's own name here.
        fields.insert("id".into(), source.location.to_string().into());
    }
    let body = json!({ "exists": exists, "location": location, "entities": entities });
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// `PUT /locations/{id}`
pub(super) async fn update(catalog: Catalog, call: Call) -> Answer {
    let location = location_in(&call.object()?)?;
    let source = catalog
        .relocate(&call.caller, call.path("id"), location)
        .await?;
    json_answer(&location_json(&source))
}

/// `DELETE /locations/{id}`
pub(super) async fn delete(catalog: Catalog, call: Call) -> Answer {
    if call.query.get("dryRun") != Some("true") {
        catalog.unregister(&call.caller, call.path("id")).await?;
    }
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `POST /locations/by-query`
pub(super) async fn by_query(catalog: Catalog, call: Call) -> Answer {
    let body = if call.body.is_empty() {
        Map::new()
    } else {
        call.object()?
    };
    let page = super::paging::LocationPage::from_body(&body)?;
    let sources = catalog.store.sources().await?;
    let all: Vec<Value> = registered(&sources).map(location_json).collect();
    json_answer(&page.of(all)?)
}

/// `POST /refresh`
pub(super) async fn refresh(catalog: Catalog, call: Call) -> Answer {
    let body = call.object()?;
    let text = required_text(&body, "entityRef")?;
    Body::new(&body).text("authorizationToken")?;
    let entity_ref = EntityRef::parse(text, None, None).map_err(|error| {
        ApiError::input(error.to_string())
            .accepted("an entity ref such as component:default/payment-service")
    })?;
    catalog.refresh(&call.caller, &entity_ref).await?;
    Ok(empty(StatusCode::OK))
}

/// `GET /api/v1/catalog/sources`
pub(super) async fn sources(catalog: Catalog, _call: Call) -> Answer {
    sources_document(&catalog).await
}

/// Every source.
pub(crate) async fn sources_document(catalog: &Catalog) -> Answer {
    let mut items = Vec::new();
    for source in catalog.store.sources().await? {
        items.push(source_json(catalog, &source).await?);
    }
    json_answer(&json!({ "items": items }))
}

/// `GET /api/v1/catalog/sources/{id}`
pub(super) async fn source(catalog: Catalog, call: Call) -> Answer {
    source_document(&catalog, call.path("id")).await
}

/// One source with its problems.
pub(crate) async fn source_document(catalog: &Catalog, id: &str) -> Answer {
    let source = catalog.require_source(id).await?;
    let mut body = source_json(catalog, &source).await?;
    let problems = catalog.store.problems(Some(&source.id)).await?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("problems".into(), json!(problems));
    }
    json_answer(&body)
}

/// `GET /api/v1/catalog/problems`
pub(super) async fn problems(catalog: Catalog, _call: Call) -> Answer {
    let problems = catalog.store.problems(None).await?;
    let conflicts = catalog.store.conflicts(None).await?;
    json_answer(&json!({ "items": problems, "conflicts": conflicts }))
}

async fn source_json(catalog: &Catalog, source: &Source) -> Result<Value, ApiError> {
    let next = catalog.next_refresh(&source.id).await?;
    let state = &source.state;
    Ok(json!({
        "id": source.id,
        "type": source.location.location_type(),
        "target": source.location.target(),
        "entityRef": source.entity_ref.to_string(),
        "origin": source.origin.as_text(),
        "createdAt": source.created_at,
        "createdBy": source.created_by,
        "lastAttemptAt": state.last_attempt_at,
        "lastSuccessAt": state.last_success_at,
        "ageSeconds": state.last_success_at.map(|at| age(catalog.clock.now(), at)),
        "revision": state.revision,
        "lastError": state.last_error,
        "failures": state.failures,
        "durationMs": state.duration_us.map(|us| us / 1_000),
        "entities": state.entities,
        "heldDeletion": state.held,
        "nextRefresh": next,
        "budget": catalog.ingestion.web.budget(source).as_ref().map(budget_json),
    }))
}

/// What is left of the credential that a source is read with.
fn budget_json(state: &forge::budget::State) -> Value {
    json!({
        "host": state.host,
        "credential": state.credential,
        "limit": state.limit,
        "remaining": state.remaining,
        "reset": state.reset,
        "requests": state.requests,
        "unchanged": state.unchanged,
        "wait": state.wait,
    })
}

fn age(now: Timestamp, at: Timestamp) -> i64 {
    now.duration_since(at).as_secs()
}

fn registered(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| source.origin == Origin::Api)
}

fn location_json(source: &Source) -> Value {
    json!({
        "id": source.id,
        "type": source.location.location_type(),
        "target": source.location.target(),
        "entityRef": source.entity_ref.to_string(),
    })
}

fn location_in(body: &Map<String, Value>) -> Result<LocationRef, ApiError> {
    let kind = required_text(body, "type")?;
    let target = required_text(body, "target")?;
    if kind != "url" {
        return Err(ApiError::input("Registered locations must be of an allowed type [\"url\"]")
            .fix("declare files under catalog.locations in app-config.yaml, or give them to `portway up`"));
    }
    Body::new(body).choice("presence", &["required", "optional"])?;
    LocationRef::new(kind, target)
        .map_err(|error| ApiError::input(error.to_string()).accepted(error.accepted()))
}

//! The HTTP interface, as openapi.yaml describes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{MatchedPath, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use opentelemetry::propagation::Extractor;
use serde::Deserialize;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use crate::health;
use crate::notes::{Note, Store, StoreError, Text, TextError};
use crate::resources::Resources;
use crate::telemetry::{REQUEST_DURATION, current_trace};

const MAX_BODY: usize = 64 * 1024;
const MAX_TIME: Duration = Duration::from_secs(15);

type Notes = State<Arc<dyn Store>>;

/// Puts the routes together, with traces, metrics and the access log.
pub fn router(resources: Resources, metrics: PrometheusHandle) -> Router {
    let api = Router::new()
        .route("/api/v1/notes", get(list).post(create))
        .route("/api/v1/notes/{id}", get(read))
        .with_state(resources.notes)
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "there is no such page") })
        .layer(CatchPanicLayer::custom(
            |_: Box<dyn std::any::Any + Send>| Problem::ours().into_response(),
        ))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            MAX_TIME,
        ))
        .layer(middleware::from_fn(observed));
    // What the platform asks every few seconds would bury everything else.
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready).with_state(resources.checks))
        .route("/metrics", get(move || async move { metrics.render() }))
        .merge(api)
}

#[derive(Deserialize)]
struct Page {
    limit: Option<u8>,
}

async fn list(
    State(notes): Notes,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<serde_json::Value>, Problem> {
    let limit = page.map_err(|error| Problem::invalid(error.body_text()))?;
    let limit = limit.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("limit: want a number from 1 to 100"));
    }
    Ok(Json(json!({ "items": notes.newest(limit).await? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: String,
}

async fn create(
    State(notes): Notes,
    body: Result<Json<NewNote>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(new) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let note = notes.add(Text::new(&new.text)?).await?;
    let location = format!("/api/v1/notes/{}", note.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(note),
    ))
}

async fn read(
    State(notes): Notes,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Note>, Problem> {
    let Path(id) = id.map_err(|error| Problem::invalid(error.body_text()))?;
    let note = notes.get(id).await?;
    note.map(Json)
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "there is no such note"))
}

/// Times each request by its route, gives it a span, and writes the access log.
async fn observed(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    // The pattern, not the path: each id would be a series of its own.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", otel.name = %format!("{method} {route}"), otel.kind = "server");
    let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.extract(&Headers(request.headers()))
    });
    // Fails only without a layer for traces, as in tests.
    let _ = span.set_parent(parent);
    let began = Instant::now();
    async move {
        let response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), began.elapsed());
        metrics::histogram!(
            REQUEST_DURATION,
            "http_request_method" => method.clone(),
            "http_route" => route.clone(),
            "http_response_status_code" => status.to_string(),
        )
        .record(took.as_secs_f64());
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(method, route, status, duration_ms, "request");
        response
    }
    .instrument(span)
    .await
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(header::HeaderName::as_str).collect()
    }
}

/// What a client is told, as RFC 9457 has it.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, detail }
    }

    fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    fn ours() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong here",
        )
    }
}

impl From<TextError> for Problem {
    fn from(error: TextError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error.0, "request failed");
        Self::ours()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "traceId": current_trace(),
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}

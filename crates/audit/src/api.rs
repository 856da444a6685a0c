//! The trail for programs, under `/api/v1/audit`.

use std::future::Future;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform::error::ApiError;
use platform::event::{EventLog, NewEvent, Outcome};
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde_json::{Value, json};

use crate::events::EXPORTED;
use crate::export::{self, Format};
use crate::search::{self, Filter};
use crate::verify::Span;
use crate::{Audit, describe, permission};

/// Events on a page unless asked otherwise.
const PAGE: usize = 50;
/// Events on a page at most.
pub(crate) const LARGEST_PAGE: i64 = 1_000;

/// The answer of a handler.
pub(crate) type Answer = Result<Response, ApiError>;

/// Every route for programs.
pub(crate) fn routes(audit: &Audit, gate: Arc<dyn Gate>) -> Routes {
    let read = Access::Needs(permission::READ);
    let export = Access::Needs(permission::EXPORT);
    Routes::new(gate)
        .api(Method::GET, "/api/v1/audit/events", read, on(audit, list))
        .describe(describe::list())
        .api(
            Method::GET,
            "/api/v1/audit/events/{seq}",
            read,
            on(audit, get),
        )
        .describe(describe::get())
        .api(Method::GET, "/api/v1/audit/verify", read, on(audit, verify))
        .describe(describe::verify())
        .api(Method::GET, "/api/v1/audit/state", read, on(audit, state))
        .describe(describe::state())
        .api(
            Method::GET,
            "/api/v1/audit/checkpoints",
            read,
            on(audit, checkpoints),
        )
        .describe(describe::checkpoints())
        .api(Method::GET, "/api/v1/audit/export", export, on(audit, file))
        .describe(describe::export())
        .with_schemas(describe::schemas())
}

/// A handler with the trail in hand.
pub(crate) fn on<F, R>(
    audit: &Audit,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Audit, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let audit = audit.clone();
    move |call: Call| work(audit.clone(), call).boxed()
}

/// `GET /api/v1/audit/events`
pub(crate) async fn list(audit: Audit, call: Call) -> Answer {
    let filter = Filter::from_query(&call.query)?;
    let limit = call.query.integer("limit", 1)?.unwrap_or(PAGE as i64);
    let limit = usize::try_from(limit.min(LARGEST_PAGE)).unwrap_or(PAGE);
    let before = call.query.integer("cursor", 1)?.unwrap_or(i64::MAX);
    let found = search::page(&audit.0.store, &filter, before, limit).await?;
    let items: Vec<Value> = found.events.iter().map(search::to_json).collect();
    let mut info = json!({});
    if let (Some(next), Some(fields)) = (found.next, info.as_object_mut()) {
        fields.insert("nextCursor".to_owned(), next.to_string().into());
    }
    Ok(Json(json!({ "items": items, "pageInfo": info })).into_response())
}

/// The event that a path names.
///
/// # Errors
/// 404 that says what became of it.
pub(crate) async fn named(audit: &Audit, text: &str) -> Result<platform::event::Event, ApiError> {
    let missing = || {
        ApiError::not_found(format!("There is no event {text:?}"))
            .accepted("a number that GET /api/v1/audit/events lists")
    };
    let seq: i64 = text.parse().map_err(|_| missing())?;
    let store = &audit.0.store;
    let events = EventLog::new(store.db())
        .select(
            "seq > $3",
            (seq.saturating_add(1), 1),
            platform::args![seq.saturating_sub(1)],
        )
        .await?;
    if let Some(event) = events.into_iter().next() {
        return Ok(event);
    }
    match store.stubs(seq, seq).await?.first() {
        Some(stubs) => Err(ApiError::not_found(format!(
            "Event {seq} was removed by retention, as event {} says; its digest is kept",
            stubs.removal
        ))),
        None => Err(missing()),
    }
}

/// `GET /api/v1/audit/events/{seq}`
async fn get(audit: Audit, call: Call) -> Answer {
    let event = named(&audit, call.path("seq")).await?;
    Ok(Json(search::to_json(&event)).into_response())
}

/// `GET /api/v1/audit/verify`
async fn verify(audit: Audit, call: Call) -> Answer {
    let span = Span {
        from: call.query.integer("from", 1)?,
        to: call.query.integer("to", 1)?,
    };
    Ok(Json(audit.look_at(span).await?.to_json()).into_response())
}

/// `GET /api/v1/audit/state`
async fn state(audit: Audit, _call: Call) -> Answer {
    Ok(Json(audit.state().await?).into_response())
}

/// `GET /api/v1/audit/checkpoints`: the lines of a checkpoint file.
async fn checkpoints(audit: Audit, _call: Call) -> Answer {
    let mut text = String::new();
    for checkpoint in audit.0.store.checkpoints(0).await? {
        text.push_str(&checkpoint.to_json().to_string());
        text.push('\n');
    }
    let kind = HeaderValue::from_static("application/x-ndjson");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// `GET /api/v1/audit/export`
async fn file(audit: Audit, call: Call) -> Answer {
    let format = call.query.choice("format", &Format::NAMES)?;
    let format = format
        .and_then(Format::from_name)
        .unwrap_or(Format::JsonLines);
    let filter = Filter::from_query(&call.query)?;
    let store = &audit.0.store;
    let head = EventLog::new(store.db()).chain_head().await?;
    let count = export::count(store, &filter, head.seq).await?;
    let mut tx = store.db().begin().await?;
    tx.append(NewEvent {
        kind: EXPORTED,
        subject: "audit:log".to_owned(),
        actor: call.caller.actor.clone(),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({
            "format": format.name(),
            "filter": filter.to_json(),
            "count": count,
            "upTo": head.seq,
        }),
    })
    .await?;
    tx.commit().await?;
    let stream = export::file(store.clone(), filter, format, head);
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.media_type()),
    );
    if let Ok(name) =
        HeaderValue::try_from(format!("attachment; filename=\"{}\"", format.file_name()))
    {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

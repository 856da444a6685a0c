//! The change stream: server-sent events with a cursor, so that a client that
//! was away continues where it stopped.
//!
//! | parameter | meaning |
//! |---|---|
//! | header `Last-Event-ID`, or `after` | continue after this event |
//! | `ref` | only this entity (or, by its id, this source) |
//! | `type` | only types that start with this: `dev.portway.catalog.entity.`, or short `entity.` |
//! | `limit` | events in one page, 1 to 1000; the live stream has no pages |
//!
//! A live stream ends after a while, and at once when its reader may no longer
//! read it ([`crate::admission`]); clients come back with `Last-Event-ID`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event as Sse, KeepAlive, Sse as SseResponse};
use futures_util::stream::{self, Stream};
use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::event::{Event, EventFilter, Follower, to_cloudevent};
use platform::http::Gate;
use platform::request::Call;
use serde_json::json;

use super::Answer;
use super::answer::json_answer;
use crate::admission::Admission;
use crate::engine::Catalog;
use crate::events::{ENTITY_PREFIX, PACKAGES_CHANGED, PREFIX, STREAM_SOURCE};
use crate::permission::LOCATION_READ;
use crate::visibility::visible_to;

/// Events of one page when the client does not say.
const PAGE: usize = 200;
/// Events of one page at most.
const LARGEST_PAGE: usize = 1_000;
/// Proxies close connections on which nothing moves.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `GET /api/v1/catalog/events` and `GET /api/v1/events`: a page of the log as
/// JSON, or the live stream for a client that accepts `text/event-stream`.
pub(super) async fn events(catalog: Catalog, gate: Arc<dyn Gate>, call: Call) -> Answer {
    let live = call
        .header("accept")
        .is_some_and(|accept| accept.contains("text/event-stream"));
    let filter = wanted(&call)?;
    let newest = catalog.log.latest_seq().await?;
    let cursor = cursor(&call)?;
    if let Some(after) = cursor.filter(|after| *after > newest) {
        return Err(ApiError::input(format!(
            "Event {after} has not happened yet: the log ends at {newest}"
        ))
        .accepted(format!(
            "a number from 0 to {newest} that this stream has sent"
        ))
        .fix("read everything again without a cursor; the database is another one than before"));
    }
    if live {
        let follower = catalog.log.follow(cursor.unwrap_or(newest), filter);
        let admission = Admission::of(&call, gate, (&catalog.log, &catalog.turns)).await?;
        let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
        let mut response = SseResponse::new(messages(catalog, admission, follower))
            .keep_alive(keep_alive)
            .into_response();
        // nginx would hold events back to fill its buffer.
        response
            .headers_mut()
            .insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Ok(response);
    }
    let limit = call
        .query
        .integer("limit", 1)?
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(PAGE);
    let events = catalog
        .log
        .after(cursor.unwrap_or(0), &filter, limit.min(LARGEST_PAGE))
        .await?;
    let next = events.last().map_or(cursor.unwrap_or(0), |event| event.seq);
    let events = visible(&catalog, &call.caller, events).await?;
    let items: Vec<_> = events
        .iter()
        .map(|event| to_cloudevent(event, STREAM_SOURCE))
        .collect();
    json_answer(&json!({ "items": items, "next": next }))
}

fn cursor(call: &Call) -> Result<Option<i64>, ApiError> {
    match call
        .header("last-event-id")
        .filter(|id| !id.is_empty())
        .map(str::parse::<i64>)
    {
        Some(Ok(seq)) if seq >= 0 => Ok(Some(seq)),
        Some(_) => Err(
            ApiError::input("Last-Event-ID must be a number that this stream has sent")
                .accepted("the `id` of an event, such as 1042"),
        ),
        None => call.query.integer("after", 0),
    }
}

fn wanted(call: &Call) -> Result<EventFilter, ApiError> {
    let subject = match call.query.get("ref").filter(|text| !text.is_empty()) {
        None => None,
        // Ids of sources hold no colon.
        Some(id) if !id.contains(':') => Some(id.to_owned()),
        Some(text) => {
            let entity_ref = EntityRef::parse(text, None, None).map_err(|error| {
                ApiError::input(error.to_string())
                    .accepted("an entity ref such as component:default/payment-service")
            })?;
            Some(entity_ref.as_str().to_owned())
        }
    };
    let type_prefix = match call.query.get("type").unwrap_or_default() {
        text if PREFIX.starts_with(text) => PREFIX.to_owned(),
        text if text.starts_with(PREFIX) => text.to_owned(),
        text if text.starts_with("entity") || text.starts_with("source") => {
            format!("{PREFIX}{text}")
        }
        text => {
            return Err(ApiError::input(format!(
                "The catalog reports nothing of the type {text:?}"
            ))
            .accepted(format!(
                "the beginning of a type, such as {PREFIX}entity. or entity.updated"
            )));
        }
    };
    Ok(EventFilter {
        type_prefix: Some(type_prefix),
        subject,
    })
}

/// The events that somebody may know of: each is shown to those who may see its
/// subject at the time it is sent.
async fn visible(
    catalog: &Catalog,
    caller: &Caller,
    events: Vec<Event>,
) -> Result<Vec<Event>, ApiError> {
    if visible_to(caller).is_none() && caller.may(LOCATION_READ) {
        return Ok(events);
    }
    let mut shown = Vec::with_capacity(events.len());
    for event in events {
        let about_entity =
            event.kind.starts_with(ENTITY_PREFIX) || event.kind == PACKAGES_CHANGED.0;
        let sees = match EntityRef::parse(&event.subject, None, None) {
            Ok(entity) if about_entity => catalog.sees(caller, &entity).await?,
            _ => caller.may(LOCATION_READ),
        };
        if sees {
            shown.push(event);
        }
    }
    Ok(shown)
}

/// The stream, which ends when the reader may be told nothing more, and after
/// an error: the client comes back with its cursor and loses nothing.
fn messages(
    catalog: Catalog,
    admission: Admission,
    follower: Follower,
) -> impl Stream<Item = Result<Sse, Infallible>> {
    let start = (admission, follower, Vec::new().into_iter());
    stream::unfold(start, move |(mut admission, mut follower, mut ready)| {
        let catalog = catalog.clone();
        async move {
            loop {
                if let Some(event) = ready.next() {
                    return Some((Ok(message(&event)), (admission, follower, ready)));
                }
                let events = tokio::select! {
                    () = admission.over() => return None,
                    events = follower.next() => events.ok()?,
                };
                if !admission.holds().await {
                    return None;
                }
                let shown = visible(&catalog, admission.caller(), events).await;
                ready = shown.ok()?.into_iter();
            }
        }
    })
}

fn message(event: &Event) -> Sse {
    Sse::default()
        .id(event.seq.to_string())
        .event(event.kind.as_str())
        .data(to_cloudevent(event, STREAM_SOURCE).to_string())
}

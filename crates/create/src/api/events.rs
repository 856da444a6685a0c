//! The log of a task: as a stream that can be resumed, and as pages for
//! clients that cannot read streams.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use axum::response::sse::{Event as Sse, KeepAlive, Sse as SseResponse};
use futures_util::stream::{self, Stream};
use platform::ApiError;
use platform::request::Call;
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use super::Answer;
use crate::engine::Create;
use crate::task::TaskEvent;

/// Proxies close connections on which nothing moves.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a client waits for events at most.
const LONG_POLL: Duration = Duration::from_secs(30);
/// How often the database is asked for what another replica has written.
const LOOK: Duration = Duration::from_secs(1);

/// `GET /v2/tasks/{taskId}/events`
pub(super) async fn poll(create: Create, call: Call) -> Answer {
    let task = create.task(&call.caller, call.path("taskId")).await?;
    let after = after(&call)?;
    let mut changes = create.changes();
    let give_up = create.0.clock.sleep(LONG_POLL);
    tokio::pin!(give_up);
    loop {
        changes.mark_unchanged();
        let found = create.events(task.id, after).await?;
        let ended = found.is_empty() && ended(&create, task.id).await?;
        if !found.is_empty() || ended {
            let listed: Vec<Value> = found.iter().map(|event| event.to_json(task.id)).collect();
            return Ok(Json(listed).into_response());
        }
        tokio::select! {
            () = &mut give_up => return Ok(Json(Vec::<Value>::new()).into_response()),
            _ = changes.changed() => {}
            () = create.0.clock.sleep(LOOK) => {}
        }
    }
}

/// `GET /v2/tasks/{taskId}/eventstream`
pub(super) async fn stream(create: Create, call: Call) -> Answer {
    let task = create.task(&call.caller, call.path("taskId")).await?;
    let after = after(&call)?;
    let follower = Follower {
        changes: create.changes(),
        create,
        task: task.id,
        after,
        ready: Vec::new().into_iter(),
        over: false,
    };
    let mut response = SseResponse::new(messages(follower))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    let headers = response.headers_mut();
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// Where to go on: `after`, or what a browser sends when it connects again.
fn after(call: &Call) -> Result<i64, ApiError> {
    if let Some(after) = call.query.integer("after", 0)? {
        return Ok(after);
    }
    let last = call.header("last-event-id").unwrap_or_default();
    Ok(last.parse().unwrap_or(0).max(0))
}

async fn ended(create: &Create, task: Uuid) -> Result<bool, ApiError> {
    let task = create.0.store.task(task).await?;
    Ok(task.is_none_or(|task| task.status.is_terminal()))
}

struct Follower {
    create: Create,
    changes: watch::Receiver<u64>,
    task: Uuid,
    after: i64,
    ready: std::vec::IntoIter<TaskEvent>,
    over: bool,
}

impl Follower {
    /// The next event; nothing when the task has ended and everything was said.
    async fn next(&mut self) -> Option<TaskEvent> {
        loop {
            if let Some(event) = self.ready.next() {
                self.after = event.id;
                return Some(event);
            }
            if self.over {
                return None;
            }
            self.changes.mark_unchanged();
            // What is said before the end is read after the end is known.
            let ended = ended(&self.create, self.task).await.ok()?;
            let found = self.create.events(self.task, self.after).await.ok()?;
            if found.is_empty() {
                if ended {
                    return None;
                }
                tokio::select! {
                    _ = self.changes.changed() => {}
                    () = self.create.0.clock.sleep(LOOK) => {}
                }
                continue;
            }
            let complete = found.last().is_some_and(|event| event.kind == "completion");
            self.over = ended && complete;
            self.ready = found.into_iter();
        }
    }
}

fn messages(follower: Follower) -> impl Stream<Item = Result<Sse, Infallible>> {
    stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        let message = Sse::default()
            .event(event.kind.as_str())
            .data(event.to_json(follower.task).to_string())
            .id(event.id.to_string());
        Some((Ok(message), follower))
    })
}

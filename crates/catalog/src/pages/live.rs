//! `/live`: what has changed, for pages that are open.
//!
//! Each message names topics: the reference of an entity, `source:<id>`,
//! `catalog` for any entity, `sources` for any source, and `*` for more than
//! could be named. Its id is a place in the event log; a stream begins after
//! `Last-Event-ID`, or `after`. A message is sent when the read model holds
//! what it tells of, so that a page that is read again shows it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use model::entity_ref::EntityRef;
use platform::actor::Permission;
use platform::error::ApiError;
use platform::event::{EventFilter, EventLog};
use platform::request::Call;
use platform::store::StoreError;
use serde_json::json;
use tokio::sync::{Mutex, watch};

use super::{Answer, Desk};
use crate::admission::Admission;
use crate::events::{ENTITY_PREFIX, PACKAGES_CHANGED, PREFIX, REFRESH_FINISHED, SOURCE_PREFIX};
use crate::permission::{ENTITY_READ, LOCATION_READ};
use crate::visibility::visible_to;

/// A sort of topic, which nobody hears of without its permission. What a topic
/// is about decides further: of an entity hears who may see it.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// Its name, or what its names begin with.
    pub name: &'static str,
    /// Told to holders of this permission.
    pub permission: Permission,
}

/// Something changed in the catalog.
const CATALOG: Topic = Topic {
    name: "catalog",
    permission: ENTITY_READ,
};
/// An entity, by its reference.
const ENTITY: Topic = Topic {
    name: "KIND:",
    permission: ENTITY_READ,
};
/// What SBOMs say.
const PACKAGES: Topic = Topic {
    name: "packages",
    permission: ENTITY_READ,
};
/// Something changed in the sources.
const SOURCES: Topic = Topic {
    name: "sources",
    permission: LOCATION_READ,
};
/// One source, by its id.
const SOURCE: Topic = Topic {
    name: "source:",
    permission: LOCATION_READ,
};
/// Every sort of topic.
pub const TOPICS: [Topic; 5] = [CATALOG, ENTITY, PACKAGES, SOURCES, SOURCE];

/// More topics than these in one message are told as `*`.
const MAX_TOPICS: usize = 200;
/// Entities that are gone and are looked up for one message, to know whether
/// the reader saw them; with more, everything is read again.
const MAX_GONE: usize = 50;
/// The neighbours of an entity that are named with it, and the entity itself.
const MAX_AROUND: usize = 100;
/// Events read at a time.
const PAGE: usize = 1_000;
/// Whoever was away for more events than this is told `*`.
const MAX_MISSED: i64 = 10_000;
/// Between two messages.
const PAUSE: Duration = Duration::from_millis(150);
/// Proxies close connections on which nothing moves.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a browser waits before it comes back.
const RETRY: Duration = Duration::from_millis(1_000);

/// `GET /live`
pub(super) async fn stream(desk: Desk, call: Call) -> Answer {
    let head = desk.catalog.model.applied();
    let after = match call.header("last-event-id").filter(|id| !id.is_empty()) {
        Some(id) => Some(id.parse::<i64>().map_err(|_| {
            ApiError::input("Last-Event-ID must be a number that this stream has sent")
                .accepted("the `id` of a message, such as 1042")
        })?),
        None => call.query.integer("after", 0)?,
    };
    let streams = call
        .header("accept")
        .is_some_and(|accept| accept.contains("text/event-stream"));
    if !streams {
        return Err(ApiError::new(
            StatusCode::NOT_ACCEPTABLE,
            "NotAcceptableError",
            "This is a stream of events, which never ends",
        )
        .accepted("a request with `Accept: text/event-stream`")
        .fix("read /api/v1/events for the same as pages of JSON"));
    }
    let after = after.unwrap_or(head);
    // A number of another database, or too long ago.
    let lost = after > head || head - after > MAX_MISSED;
    let catalog = &desk.catalog;
    let gate = Arc::clone(&desk.gate);
    let admission = Admission::of(&call, gate, (&catalog.log, &catalog.turns)).await?;
    let follower = Follower {
        applied: desk.catalog.model.changes(),
        after: if lost { head } else { after },
        admission,
        desk,
    };
    let first = Message::default()
        .id(follower.after.to_string())
        .retry(RETRY)
        .data(if lost { r#"["*"]"# } else { "[]" });
    let mut response = Sse::new(messages(first, follower))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    let headers = response.headers_mut();
    // nginx would hold messages back to fill its buffer.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn messages(first: Message, follower: Follower) -> impl Stream<Item = Result<Message, Infallible>> {
    stream::unfold((Some(first), follower), |(first, mut follower)| async {
        let message = match first {
            Some(first) => first,
            // After an error the browser comes back with its place and loses nothing.
            None => follower.next().await?,
        };
        Some((Ok(message), (None, follower)))
    })
}

/// One reader's place in the log.
struct Follower {
    desk: Desk,
    admission: Admission,
    applied: watch::Receiver<i64>,
    after: i64,
}

impl Follower {
    /// Waits for something that the reader may know of; [`None`] at the end.
    async fn next(&mut self) -> Option<Message> {
        loop {
            tokio::select! {
                changed = self.applied.wait_for(|applied| *applied > self.after) => { changed.ok()?; }
                () = self.admission.over() => return None,
            }
            // What happens in a moment is told in one message.
            tokio::time::sleep(PAUSE).await;
            if !self.admission.holds().await {
                return None;
            }
            let topics = self.topics().await.ok()?;
            if topics.is_empty() {
                continue;
            }
            let topics = if topics.len() > MAX_TOPICS {
                json!(["*"])
            } else {
                json!(topics)
            };
            let message = Message::default().id(self.after.to_string());
            return Some(message.data(topics.to_string()));
        }
    }

    /// The topics of everything that the read model holds by now.
    async fn topics(&mut self) -> Result<BTreeSet<String>, ApiError> {
        let head = *self.applied.borrow();
        // Whoever does not read holds messages back: nobody collects for them.
        if head - self.after > MAX_MISSED {
            self.after = head;
            return Ok(everything());
        }
        let log = &self.desk.catalog.log;
        let told = self.desk.heard.between(log, self.after, head).await?;
        self.after = head;
        let mut topics = BTreeSet::new();
        let mut gone = BTreeSet::new();
        for event in told.iter() {
            gone.extend(self.add(event, &mut topics));
            if topics.len() > MAX_TOPICS {
                break;
            }
        }
        if gone.len() > MAX_GONE {
            return Ok(everything());
        }
        for entity_ref in gone {
            let caller = self.admission.caller();
            if self.desk.catalog.sees(caller, &entity_ref).await? {
                self.tell(ENTITY, entity_ref.as_str(), &mut topics);
            }
        }
        Ok(topics)
    }

    /// What an event is about, as far as the reader may know of it. Answers
    /// with an entity that is gone, whose last version has to be asked.
    fn add(&self, event: &Told, topics: &mut BTreeSet<String>) -> Option<EntityRef> {
        if event.kind.starts_with(ENTITY_PREFIX) {
            let entity_ref = EntityRef::parse(&event.subject, None, None).ok()?;
            // That something changed is no secret, what it was may be.
            self.tell(CATALOG, "catalog", topics);
            let visible = visible_to(self.admission.caller());
            let index = self.desk.catalog.model.index();
            let relations = index.relations(&entity_ref);
            // What it points at is shown otherwise too.
            let around = relations.iter().map(|relation| relation.target.as_str());
            for topic in iter::once(event.subject.as_str())
                .chain(around)
                .take(MAX_AROUND)
            {
                let seen = visible.as_ref().is_none_or(|visible| {
                    EntityRef::parse(topic, None, None)
                        .is_ok_and(|found| index.matches(&found, visible))
                });
                if seen {
                    self.tell(ENTITY, topic, topics);
                }
            }
            let gone = visible.is_some() && index.get(&entity_ref).is_none();
            return gone.then_some(entity_ref);
        } else if event.kind == PACKAGES_CHANGED.0 {
            self.tell(PACKAGES, "packages", topics);
        } else if event.kind.starts_with(SOURCE_PREFIX) || event.kind == REFRESH_FINISHED.0 {
            self.tell(SOURCES, "sources", topics);
            let name = format!("{}{}", SOURCE.name, event.subject);
            self.tell(SOURCE, &name, topics);
        }
        None
    }

    /// The only way into a message: with the permission of the sort of topic.
    fn tell(&self, topic: Topic, name: &str, topics: &mut BTreeSet<String>) {
        if self.admission.caller().may(topic.permission) {
            topics.insert(name.to_owned());
        }
    }
}

/// For whoever has missed too much.
fn everything() -> BTreeSet<String> {
    BTreeSet::from(["*".to_owned()])
}

/// What of an event decides who hears of it.
#[derive(Debug)]
struct Told {
    kind: String,
    subject: String,
}

/// A part of the log: after one event, up to another.
#[derive(Debug)]
struct Part {
    after: i64,
    head: i64,
    told: Arc<[Told]>,
}

/// The last part of the log that was asked for. All open pages ask for the same
/// one at the same time.
#[derive(Debug, Default)]
pub(super) struct Heard {
    kept: Mutex<Option<Part>>,
}

impl Heard {
    /// What the catalog told after one event up to another.
    async fn between(
        &self,
        log: &EventLog,
        after: i64,
        head: i64,
    ) -> Result<Arc<[Told]>, StoreError> {
        // Held while reading, so that one of many readers reads.
        let mut kept = self.kept.lock().await;
        if let Some(part) = kept.as_ref()
            && (part.after, part.head) == (after, head)
        {
            return Ok(Arc::clone(&part.told));
        }
        let filter = EventFilter {
            type_prefix: Some(PREFIX.to_owned()),
            subject: None,
        };
        let mut told = Vec::new();
        let mut last = after;
        while last < head {
            let events = log.after(last, &filter, PAGE).await?;
            let full = events.len() == PAGE;
            last = events
                .last()
                .filter(|_| full)
                .map_or(head, |event| event.seq);
            let known = events.into_iter().filter(|event| event.seq <= head);
            told.extend(known.map(|event| Told {
                kind: event.kind,
                subject: event.subject,
            }));
        }
        let told: Arc<[Told]> = told.into();
        *kept = Some(Part {
            after,
            head,
            told: Arc::clone(&told),
        });
        Ok(told)
    }
}

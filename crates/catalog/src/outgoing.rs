//! Outgoing webhooks: every event of the catalog, signed, to whoever is
//! configured under `catalog.webhooks.outgoing`, in order and at least once.
//!
//! Each receiver has a cursor in the database. A receiver that does not answer
//! is tried again with growing pauses and loses nothing; one that is new hears
//! of what happens from then on. Its host must be listed, as every host that
//! Portway speaks to (`backend.reading.allow`, or an integration).
//!
//! A request is a POST with up to 100 events, oldest first:
//!
//! | header | value |
//! |---|---|
//! | `content-type` | `application/cloudevents-batch+json`: a JSON array of CloudEvents 1.0 |
//! | `x-portway-signature-256` | `sha256=` and the hex HMAC-SHA256 of the body with the receiver's secret |
//! | `x-portway-delivery` | `<first>-<last>`, the sequence numbers in the batch; the same when it is repeated |
//! | `x-portway-receiver` | the name in the configuration |
//!
//! Any status from 200 to 299 takes the batch. Anything else, a redirect
//! included, has it sent again; `Retry-After` is honoured. A batch may arrive
//! twice: the `id` of an event tells.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use forge::Secret;
use forge::http::{Client, Request};
use hmac::{Hmac, KeyInit, Mac};
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::event::{Event, EventFilter, EventLog, to_cloudevent};
use platform::queue::{JobInfo, JobState, Queue};
use platform::store::StoreError;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::events::{PREFIX, STREAM_SOURCE};
use crate::ingest::asked_pause;
use crate::store::Store;

/// The queue whose keys are receivers.
pub const WEBHOOK_QUEUE: &str = "catalog.webhook";
/// Events in one request.
const BATCH: usize = 100;

/// Somebody who wants to hear of changes.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Names it in the queue and in the database.
    pub name: String,
    /// Where events are sent by POST, as CloudEvents in batch form.
    pub url: Url,
    /// Signs the body: `X-Portway-Signature-256: sha256=<hex>`.
    pub secret: Secret,
    /// Only events whose type starts with one of these; empty for all.
    pub types: Vec<String>,
}

/// Delivers events to receivers.
#[derive(Debug)]
pub struct Outgoing {
    pub(crate) store: Store,
    pub(crate) log: EventLog,
    pub(crate) client: Client,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) queue: Queue,
}

#[async_trait]
impl Controller for Outgoing {
    fn queue(&self) -> &'static str {
        WEBHOOK_QUEUE
    }

    async fn reconcile(&self, key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let Some(receiver) = self.receivers.iter().find(|receiver| receiver.name == key) else {
            return Ok(Next::Done);
        };
        let cursor = self.store.delivered(key).await?.unwrap_or_default();
        let events = self.log.after(cursor, &ours(), BATCH).await?;
        let Some(last) = events.last().map(|event| event.seq) else {
            return Ok(Next::Done);
        };
        let wanted: Vec<&Event> = events
            .iter()
            .filter(|event| receiver.wants(&event.kind))
            .collect();
        if !wanted.is_empty() {
            self.send(receiver, &wanted, job).await?;
        }
        self.store.set_delivered(job, key, last).await?;
        Ok(if events.len() == BATCH {
            Next::After(Duration::ZERO, "more events wait".into())
        } else {
            Next::Done
        })
    }
}

fn ours() -> EventFilter {
    EventFilter {
        type_prefix: Some(PREFIX.to_owned()),
        subject: None,
    }
}

impl Receiver {
    fn wants(&self, kind: &str) -> bool {
        self.types.is_empty()
            || self
                .types
                .iter()
                .any(|wanted| kind.starts_with(wanted.as_str()))
    }

    fn signature(&self, body: &str) -> String {
        // HMAC takes keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.reveal().as_bytes()) else {
            return String::new();
        };
        mac.update(body.as_bytes());
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }
}

impl Outgoing {
    /// Remembers for receivers that are new where the log ends now.
    pub(crate) async fn begin(&self) -> Result<(), StoreError> {
        if self.receivers.is_empty() {
            return Ok(());
        }
        let now = self.log.latest_seq().await?;
        let names: Vec<&str> = self
            .receivers
            .iter()
            .map(|receiver| receiver.name.as_str())
            .collect();
        self.store.begin_deliveries(&names, now).await
    }

    async fn send(
        &self,
        receiver: &Receiver,
        events: &[&Event],
        job: &JobContext,
    ) -> Result<(), ReconcileError> {
        let body = Value::Array(
            events
                .iter()
                .map(|event| to_cloudevent(event, STREAM_SOURCE))
                .collect(),
        )
        .to_string();
        let (first, last) = (
            events.first().map_or(0, |event| event.seq),
            events.last().map_or(0, |event| event.seq),
        );
        let request = Request::post(
            receiver.url.clone(),
            "application/cloudevents-batch+json",
            body.clone(),
        )
        .header("x-portway-signature-256", &receiver.signature(&body))
        .header("x-portway-delivery", &format!("{first}-{last}"))
        .header("x-portway-receiver", &receiver.name);
        let answer = self.client.send(request).await.map_err(|error| {
            ReconcileError::new(format!("{} could not be told: {error}", receiver.name))
        })?;
        if answer.url != receiver.url {
            // A sign-in page that says 200 has not taken anything.
            return Err(ReconcileError::new(format!(
                "{} redirects from {} to {}; configure the final address",
                receiver.name,
                shown_url(&receiver.url),
                shown_url(&answer.url)
            )));
        }
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        let error = ReconcileError::new(format!(
            "{} answered {} to {}",
            receiver.name,
            answer.status,
            shown_url(&receiver.url)
        ));
        Err(
            match answer
                .header("retry-after")
                .and_then(|text| asked_pause(text, job.clock().now()))
            {
                Some(at) => error.retry_at(at),
                None => error,
            },
        )
    }

    /// Wakes the receivers whenever something has happened.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        if self.receivers.is_empty() {
            return;
        }
        let mut wake = self.log.subscribe();
        loop {
            wake.mark_unchanged();
            if let Err(error) = self.wake().await {
                tracing::warn!(%error, "Webhooks could not be queued: {error}");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = wake.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn wake(&self) -> Result<(), StoreError> {
        let mut tx = self.store.db().begin().await?;
        for receiver in &self.receivers {
            // A job that waits will see the event too. Hastening it would
            // undo the pause of a receiver that does not answer.
            let waits = matches!(
                self.job(receiver).await?,
                Some(JobInfo {
                    state: JobState::Waiting { .. },
                    ..
                })
            );
            if !waits {
                tx.enqueue(self.store.job(
                    WEBHOOK_QUEUE,
                    receiver.name.clone(),
                    "something has happened",
                ));
            }
        }
        tx.commit().await
    }

    async fn job(&self, receiver: &Receiver) -> Result<Option<JobInfo>, StoreError> {
        self.queue.get(WEBHOOK_QUEUE, &receiver.name).await
    }

    /// Where each receiver stands, for people.
    pub(crate) async fn standing(&self) -> Result<Vec<Value>, StoreError> {
        let newest = self.log.latest_seq().await?;
        let mut all = Vec::with_capacity(self.receivers.len());
        for receiver in &self.receivers {
            let job = self.job(receiver).await?;
            let next = job.as_ref().and_then(|job| match job.state {
                JobState::Waiting { run_at } => Some(run_at),
                JobState::Running { .. } => None,
            });
            all.push(json!({
                "name": receiver.name,
                "url": shown_url(&receiver.url),
                "types": receiver.types,
                "delivered": self.store.delivered(&receiver.name).await?,
                "newest": newest,
                "attempts": job.as_ref().map_or(0, |job| job.attempts),
                "lastError": job.as_ref().and_then(|job| job.last_error.clone()),
                "nextAttempt": next,
                "reason": job.map(|job| job.reason),
            }));
        }
        Ok(all)
    }
}

/// A URL without what may be a credential: many receivers put a token into
/// the query.
fn shown_url(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    shown.to_string()
}

//! Sends every event on: to a file, to a webhook, to syslog. At least once, in
//! order, with a cursor in the database; a receiver that does not answer holds
//! up nobody but itself.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use forge::http::{Client, Request};
use hmac::{Hmac, KeyInit, Mac};
use platform::Clock;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::event::{Event, EventFilter, EventLog};
use platform::queue::{Job, JobInfo, JobState, Queue};
use platform::store::StoreError;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use crate::control::append_line;
use crate::export::Format;
use crate::settings::{SinkSettings, Target, Webhook};
use crate::store::{Store, set_cursor};
use crate::syslog;

/// The queue whose keys are sinks.
pub const QUEUE: &str = "audit.sink";
/// JSON, line by line.
const NDJSON: &str = "application/x-ndjson";
/// Events in one message.
const BATCH: usize = 200;
/// The key whose cursor is the last checkpoint that its receiver has got. No
/// sink can be called so.
pub(crate) const CHECKPOINTS: &str = ":checkpoints";

/// Sends events on.
#[derive(Debug)]
pub(crate) struct Sinks {
    pub(crate) store: Store,
    pub(crate) sinks: Vec<SinkSettings>,
    /// Who gets every checkpoint.
    pub(crate) checkpoints: Option<Webhook>,
    pub(crate) client: Client,
    pub(crate) queue: Queue,
}

#[async_trait]
impl Controller for Sinks {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    async fn reconcile(&self, key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        if key == CHECKPOINTS {
            return self.tell_checkpoints(job).await;
        }
        let Some(sink) = self.sinks.iter().find(|sink| sink.name == key) else {
            return Ok(Next::Done);
        };
        let cursor = self.store.cursor(key).await?.unwrap_or_default();
        let events = EventLog::new(self.store.db())
            .after(cursor, &EventFilter::default(), BATCH)
            .await?;
        let Some(last) = events.last().map(|event| event.seq) else {
            return Ok(Next::Done);
        };
        let wanted: Vec<&Event> = events.iter().filter(|event| sink.wants(event)).collect();
        if !wanted.is_empty() {
            self.send(sink, &wanted).await?;
        }
        let mut tx = job.begin().await?;
        set_cursor(&mut tx, key, last).await?;
        tx.commit().await?;
        Ok(if events.len() == BATCH {
            Next::After(Duration::ZERO, "more events wait".into())
        } else {
            Next::Done
        })
    }
}

impl SinkSettings {
    fn wants(&self, event: &Event) -> bool {
        self.types.is_empty()
            || self
                .types
                .iter()
                .any(|kind| event.kind.starts_with(kind.trim_end_matches('*')))
    }
}

impl Sinks {
    /// Remembers for sinks that are new where the log ends now.
    pub(crate) async fn begin(&self) -> Result<(), StoreError> {
        let now = EventLog::new(self.store.db()).latest_seq().await?;
        for sink in &self.sinks {
            if self.store.cursor(&sink.name).await?.is_none() {
                let mut tx = self.store.db().begin().await?;
                set_cursor(&mut tx, &sink.name, now).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    async fn send(&self, sink: &SinkSettings, events: &[&Event]) -> Result<(), ReconcileError> {
        let lines: Vec<String> = events.iter().map(|event| sink.format.line(event)).collect();
        match &sink.target {
            Target::File(path) => append_line(path, &lines.join("\n")).map_err(|error| {
                ReconcileError::new(format!("{} cannot be written: {error}", path.display()))
            }),
            Target::Webhook(webhook) => {
                let range = (
                    events.first().map_or(0, |event| event.seq),
                    events.last().map_or(0, |event| event.seq),
                );
                let kind = match sink.format {
                    Format::Cef | Format::Csv => "text/plain; charset=utf-8",
                    Format::JsonLines | Format::Ocsf => NDJSON,
                };
                self.post((&sink.name, webhook), kind, range, &lines).await
            }
            Target::Syslog { address, transport } => {
                let messages = events
                    .iter()
                    .zip(&lines)
                    .map(|(event, line)| syslog::message(event, line));
                syslog::send(address, transport, messages.collect())
                    .await
                    .map_err(|error| {
                        ReconcileError::new(format!("{address} cannot be reached: {error}"))
                    })
            }
        }
    }

    async fn post(
        &self,
        (name, Webhook { url, secret }): (&str, &Webhook),
        kind: &'static str,
        (first, last): (i64, i64),
        lines: &[String],
    ) -> Result<(), ReconcileError> {
        let body = format!("{}\n", lines.join("\n"));
        let mut request = Request::post(url.clone(), kind, body.clone())
            .header("x-portway-delivery", &format!("{first}-{last}"));
        if let Some(secret) = secret
            && let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
        {
            mac.update(body.as_bytes());
            let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
            request = request.header("x-portway-signature-256", &signature);
        }
        let answer =
            self.client.send(request).await.map_err(|error| {
                ReconcileError::new(format!("{name} could not be told: {error}"))
            })?;
        // A sign-in page that says 200 has not taken anything.
        if answer.url == *url && (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(ReconcileError::new(format!(
            "{name} answered {}; it is told again",
            answer.status
        )))
    }

    /// Tells the receiver of checkpoints of those that it has not got.
    async fn tell_checkpoints(&self, job: &JobContext) -> Result<Next, ReconcileError> {
        let Some(webhook) = &self.checkpoints else {
            return Ok(Next::Done);
        };
        let told = self.store.cursor(CHECKPOINTS).await?.unwrap_or_default();
        let mut waiting = self.store.checkpoints(told + 1).await?;
        waiting.truncate(BATCH);
        let (Some(first), Some(last)) = (waiting.first(), waiting.last()) else {
            return Ok(Next::Done);
        };
        let lines: Vec<String> = waiting
            .iter()
            .map(|one| one.to_json().to_string())
            .collect();
        self.post(
            ("checkpoints", webhook),
            NDJSON,
            (first.seq, last.seq),
            &lines,
        )
        .await?;
        let mut tx = job.begin().await?;
        set_cursor(&mut tx, CHECKPOINTS, last.seq).await?;
        tx.commit().await?;
        Ok(match waiting.len() == BATCH {
            true => Next::After(Duration::ZERO, "more checkpoints wait".into()),
            false => Next::Done,
        })
    }

    /// Wakes the sinks whenever something has happened.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) {
        if self.sinks.is_empty() {
            return;
        }
        let mut wake = EventLog::new(self.store.db()).subscribe();
        loop {
            wake.mark_unchanged();
            if let Err(error) = self.wake().await {
                tracing::warn!(%error, "Sinks of the audit trail could not be queued: {error}");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = wake.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn wake(&self) -> Result<(), StoreError> {
        let mut tx = self.store.db().begin().await?;
        for sink in &self.sinks {
            // A job that waits sees the event too; hastening it would undo the
            // pause of a receiver that does not answer.
            let waits = matches!(
                self.job(sink).await?,
                Some(JobInfo {
                    state: JobState::Waiting { .. },
                    ..
                })
            );
            if !waits {
                tx.enqueue(Job {
                    queue: QUEUE,
                    key: sink.name.clone(),
                    payload: Value::Null,
                    run_at: self.clock().now(),
                    reason: "something has happened".into(),
                });
            }
        }
        tx.commit().await
    }

    fn clock(&self) -> &Clock {
        self.store.db().clock()
    }

    async fn job(&self, sink: &SinkSettings) -> Result<Option<JobInfo>, StoreError> {
        self.queue.get(QUEUE, &sink.name).await
    }

    /// Where each sink stands, for people.
    pub(crate) async fn standing(&self) -> Result<Vec<Value>, StoreError> {
        let newest = EventLog::new(self.store.db()).latest_seq().await?;
        let mut all = Vec::with_capacity(self.sinks.len());
        for sink in &self.sinks {
            let job = self.job(sink).await?;
            let kind = match &sink.target {
                Target::File(_) => "file",
                Target::Webhook(_) => "webhook",
                Target::Syslog { .. } => "syslog",
            };
            all.push(json!({
                "name": sink.name,
                "type": kind,
                "format": sink.format.name(),
                "delivered": self.store.cursor(&sink.name).await?,
                "newest": newest,
                "lastError": job.as_ref().and_then(|job| job.last_error.clone()),
            }));
        }
        Ok(all)
    }
}

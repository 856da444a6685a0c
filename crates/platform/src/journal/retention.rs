//! How long runs are kept: a controller that removes the oldest ones.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Journal, RunState};
use crate::actor::Actor;
use crate::args;
use crate::clock::earlier;
use crate::controller::{Controller, JobContext, Next, ReconcileError};
use crate::event::{EventType, NewEvent, Outcome};
use crate::queue::Job;
use crate::store::StoreError;

/// Runs were removed because of their age. Subject: `runs`. Data: `count`,
/// `startedBefore`, and `kept`, the retention in seconds.
pub const PRUNED: EventType = EventType("dev.portway.platform.runs.pruned");

/// The queue of this controller, whose only key is [`KEY`].
const QUEUE: &str = "platform.runs";
const KEY: &str = "retention";
/// Runs that are removed in one transaction, so that nobody waits long for it.
const AT_ONCE: usize = 1_000;
/// How often somebody looks, at most and at least.
const OFTEN: Duration = Duration::from_secs(60);
const SELDOM: Duration = Duration::from_secs(24 * 3_600);

/// Removes runs that started longer ago than they are kept. Those that have not
/// ended stay, and so does what the event log says of them.
#[derive(Clone, Debug)]
pub struct Retention {
    keep: Duration,
}

impl Retention {
    /// What runs are kept for unless somebody says otherwise: 90 days.
    pub const DEFAULT: Duration = Duration::from_secs(90 * 24 * 3_600);
    /// Less than this is a mistake rather than a wish: an hour.
    pub const LEAST: Duration = Duration::from_secs(3_600);

    /// Keeps runs this long.
    #[must_use]
    pub fn of(keep: Duration) -> Self {
        Self { keep }
    }

    /// The controller. It looks at once, and then by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn controller(self, journal: &Journal) -> Result<Arc<dyn Controller>, StoreError> {
        let mut tx = journal.db.begin().await?;
        tx.enqueue(Job {
            queue: QUEUE,
            key: KEY.to_owned(),
            payload: Value::Null,
            run_at: journal.db.clock().now(),
            reason: "Portway has started".to_owned(),
        });
        tx.commit().await?;
        Ok(Arc::new(self))
    }

    /// A tenth of the time, so that nothing is kept much longer than said.
    fn pause(&self) -> Duration {
        (self.keep / 10).clamp(OFTEN, SELDOM)
    }

    /// Removes one batch and says how many runs that were.
    async fn prune(&self, job: &JobContext, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = job.begin().await?;
        // Ids sort by the time at which runs started.
        let count = tx
            .execute(
                "DELETE FROM action_runs WHERE id IN \
                 (SELECT id FROM action_runs WHERE id < $1 AND state <> $2 ORDER BY id LIMIT $3)",
                args![
                    first_id(before).to_string(),
                    RunState::Running.as_str(),
                    AT_ONCE
                ],
            )
            .await?;
        if count > 0 {
            tx.append(NewEvent {
                kind: PRUNED,
                subject: "runs".to_owned(),
                actor: Actor::system("controller:platform.runs"),
                outcome: Outcome::Allowed,
                cause: None,
                data: json!({ "count": count, "startedBefore": before, "kept": self.keep.as_secs() }),
            })
            .await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}

#[async_trait]
impl Controller for Retention {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    async fn reconcile(&self, _key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let before = earlier(job.clock().now(), self.keep);
        while self.prune(job, before).await? == AT_ONCE as u64 {
            if job.shutdown().is_cancelled() {
                let why = "Portway was stopped while it removed old runs";
                return Ok(Next::After(Duration::ZERO, why.to_owned()));
            }
        }
        let days = self.keep.as_secs_f64() / 86_400.0;
        let why = format!("removes runs of actions that are older than {days:.1} days");
        Ok(Next::After(self.pause(), why))
    }
}

/// The smallest id that a run of this time can have.
fn first_id(time: Timestamp) -> Uuid {
    let millis = u64::try_from(time.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

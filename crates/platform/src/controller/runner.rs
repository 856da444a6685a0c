//! Claims jobs, gives them to their controllers and writes down what became
//! of them.
//!
//! One loop per replica: renew leases, claim what is due, then sleep until a
//! job ends, somebody enqueues, or the next job becomes due. The wake-up is
//! subscribed to before the queue is looked at, so none can fall between.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Backoff, Controller, JobContext, ReconcileError};
use crate::clock::{Clock, later};
use crate::queue::{Claimed, Queue};
use crate::store::{Db, StoreError};

/// How a runner works.
#[derive(Clone, Debug)]
pub struct RunnerOptions {
    /// Names this replica in leases; different for every process.
    pub owner: String,
    /// Jobs at once.
    pub concurrency: usize,
    /// How long a job stays with a replica that has fallen silent. Leases are
    /// renewed after a third of it.
    pub lease: Duration,
    /// How long failed jobs wait.
    pub backoff: Backoff,
    /// How long running jobs may go on after a shutdown has been asked for.
    pub grace: Duration,
}

impl RunnerOptions {
    /// Eight jobs at once, leases of 30 seconds, 20 seconds of grace, and a
    /// back-off spread by the owner's name.
    pub fn new(owner: impl Into<String>) -> Self {
        let owner = owner.into();
        let seed = owner.bytes().fold(0_u64, |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        Self {
            owner,
            concurrency: 8,
            lease: Duration::from_secs(30),
            backoff: Backoff::new(seed),
            grace: Duration::from_secs(20),
        }
    }
}

/// What a runner has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunnerCounts {
    /// Jobs running now.
    pub running: u64,
    /// Runs that went well.
    pub succeeded: u64,
    /// Runs that answered an error or panicked.
    pub failed: u64,
    /// Runs whose lease passed to somebody else.
    pub lost: u64,
}

/// Drives the controllers of one replica.
#[derive(Debug)]
pub struct Runner {
    db: Db,
    queue: Queue,
    controllers: BTreeMap<&'static str, Arc<dyn Controller>>,
    options: RunnerOptions,
    counts: watch::Sender<RunnerCounts>,
}

/// The jobs that this replica holds.
#[derive(Default)]
struct Held {
    tasks: JoinSet<()>,
    jobs: HashMap<Id, (Claimed, AbortHandle)>,
    renew_at: Option<Timestamp>,
}

impl Held {
    fn of_queue(&self, queue: &str) -> usize {
        self.jobs
            .values()
            .filter(|(claimed, _)| claimed.queue == queue)
            .count()
    }

    fn ended(&mut self, task: Result<(Id, ()), JoinError>) {
        let id = task.map_or_else(|error| error.id(), |(id, ())| id);
        self.jobs.remove(&id);
    }

    fn collect(&mut self) {
        while let Some(task) = self.tasks.try_join_next_with_id() {
            self.ended(task);
        }
    }
}

/// After a look that ended without a result, the next one comes after this.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// After the database could not be reached, the next try comes after this.
const RETRY: Duration = Duration::from_secs(2);

impl Runner {
    /// A runner for `controllers`, each with a queue of its own.
    pub fn new(
        db: &Db,
        controllers: impl IntoIterator<Item = Arc<dyn Controller>>,
        options: RunnerOptions,
    ) -> Self {
        Self {
            db: db.clone(),
            queue: Queue::new(db),
            controllers: controllers
                .into_iter()
                .map(|one| (one.queue(), one))
                .collect(),
            options,
            counts: watch::Sender::default(),
        }
    }

    /// What it has done so far, kept up to date.
    pub fn counts(&self) -> watch::Receiver<RunnerCounts> {
        self.counts.subscribe()
    }

    /// Works until `shutdown`, then lets running jobs end within their grace
    /// and gives the rest back to the queue.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut wake = self.db.0.signals.jobs();
        let mut held = Held::default();
        while !shutdown.is_cancelled() {
            wake.mark_unchanged();
            let look_at = match self.turn(&mut held, &shutdown).await {
                Ok(at) => at,
                Err(error) => {
                    tracing::warn!(error = %error, "Cannot look at the queue: {error}");
                    later(self.clock().now(), RETRY)
                }
            };
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {}
                Some(task) = held.tasks.join_next_with_id() => held.ended(task),
                _ = wake.changed() => {}
                () = self.clock().sleep_until(look_at) => {}
            }
            held.collect();
        }
        self.drain(held).await;
    }

    fn clock(&self) -> &Clock {
        self.db.clock()
    }

    /// Renews what is held, claims what is due, and says when to look again.
    async fn turn(
        &self,
        held: &mut Held,
        shutdown: &CancellationToken,
    ) -> Result<Timestamp, StoreError> {
        self.renew(held).await?;
        let mut next = held.renew_at.unwrap_or(Timestamp::MAX);
        loop {
            let free = self.options.concurrency.saturating_sub(held.jobs.len());
            if free == 0 {
                break;
            }
            let now = self.clock().now();
            let mut due = Vec::new();
            for (queue, at) in self.queue.next_due().await? {
                let Some(controller) = self.controllers.get(queue.as_str()) else {
                    continue;
                };
                let room = controller
                    .concurrency()
                    .saturating_sub(held.of_queue(&queue));
                if at > now {
                    next = next.min(at);
                } else if room > 0 {
                    due.push((at, controller, room));
                }
            }
            if due.is_empty() || shutdown.is_cancelled() {
                break;
            }
            // Every queue that is due gets its share, and the one that has
            // waited longest comes first, so that none starves.
            due.sort_by_key(|(at, ..)| *at);
            let share = (free / due.len()).max(1);
            let mut taken = 0;
            for (_, controller, room) in due.into_iter().take(free) {
                taken += self
                    .claim(controller, share.min(room), held, shutdown)
                    .await?;
            }
            if taken == 0 {
                // Another replica was faster, or holds the rows at this moment.
                next = next.min(later(now, LOOK_AGAIN));
                break;
            }
            next = next.min(held.renew_at.unwrap_or(Timestamp::MAX));
        }
        Ok(next)
    }

    async fn claim(
        &self,
        controller: &Arc<dyn Controller>,
        limit: usize,
        held: &mut Held,
        shutdown: &CancellationToken,
    ) -> Result<usize, StoreError> {
        let options = &self.options;
        let jobs = self
            .queue
            .claim(controller.queue(), &options.owner, options.lease, limit)
            .await?;
        if shutdown.is_cancelled() {
            // It came while the claim was under way: nothing new is begun.
            self.give_back(&jobs).await;
            return Ok(0);
        }
        let count = jobs.len();
        for claimed in jobs {
            if held.renew_at.is_none() {
                held.renew_at = Some(later(self.clock().now(), options.lease / 3));
            }
            self.counts.send_modify(|counts| counts.running += 1);
            let run = Run {
                queue: self.queue.clone(),
                controller: Arc::clone(controller),
                backoff: options.backoff,
                counts: Counted(self.counts.clone()),
                context: JobContext {
                    db: self.db.clone(),
                    claimed: claimed.clone(),
                    shutdown: shutdown.child_token(),
                },
            };
            let handle = held.tasks.spawn(run.complete());
            held.jobs.insert(handle.id(), (claimed, handle));
        }
        Ok(count)
    }

    /// Renews every lease when a third of it is over, and ends runs whose
    /// lease is lost.
    async fn renew(&self, held: &mut Held) -> Result<(), StoreError> {
        let now = self.clock().now();
        if held.jobs.is_empty() {
            held.renew_at = None;
        }
        if held.renew_at.is_none_or(|at| at > now) {
            return Ok(());
        }
        let claimed: Vec<Claimed> = held
            .jobs
            .values()
            .map(|(claimed, _)| claimed.clone())
            .collect();
        let gone = self.queue.renew(&claimed, self.options.lease).await?;
        held.renew_at = Some(later(now, self.options.lease / 3));
        for (claimed, handle) in held.jobs.values() {
            // A run that has just written its end is gone too, and no loss:
            // aborting it does nothing then.
            let lost = gone
                .iter()
                .any(|(queue, key)| *queue == claimed.queue && *key == claimed.key);
            if lost {
                handle.abort();
            }
        }
        Ok(())
    }

    async fn drain(&self, mut held: Held) {
        let end = later(self.clock().now(), self.options.grace);
        while !held.jobs.is_empty() {
            if let Err(error) = self.renew(&mut held).await {
                tracing::warn!(error = %error, "Cannot renew leases during shutdown: {error}");
                held.renew_at = Some(later(self.clock().now(), RETRY));
            }
            let wait = held.renew_at.unwrap_or(end).min(end);
            tokio::select! {
                biased;
                Some(task) = held.tasks.join_next_with_id() => held.ended(task),
                () = self.clock().sleep_until(wait) => {}
            }
            held.collect();
            if self.clock().now() >= end {
                break;
            }
        }
        let unfinished: Vec<Claimed> = held
            .jobs
            .values()
            .map(|(claimed, _)| claimed.clone())
            .collect();
        held.tasks.shutdown().await;
        self.give_back(&unfinished).await;
    }

    async fn give_back(&self, jobs: &[Claimed]) {
        for claimed in jobs {
            let given_back = self
                .queue
                .release(claimed, "the server that worked on it was stopped")
                .await;
            // It ended after all, or its lease runs out by itself.
            if let Err(error) = given_back {
                tracing::info!(
                    job.queue = claimed.queue,
                    job.key = claimed.key,
                    "Could not give back {}/{}: {error}",
                    claimed.queue,
                    claimed.key
                );
            }
        }
    }
}

/// Takes a job off the running ones however its task ends.
struct Counted(watch::Sender<RunnerCounts>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0
            .send_modify(|counts| counts.running = counts.running.saturating_sub(1));
    }
}

/// One run of one job.
struct Run {
    queue: Queue,
    controller: Arc<dyn Controller>,
    backoff: Backoff,
    counts: Counted,
    context: JobContext,
}

impl Run {
    async fn complete(self) {
        let claimed = &self.context.claimed;
        let run = AssertUnwindSafe(self.controller.reconcile(&claimed.key, &self.context));
        let outcome = run.catch_unwind().await.unwrap_or_else(|panic| {
            Err(ReconcileError::new(format!(
                "the controller panicked: {}",
                panic_text(&*panic)
            )))
        });
        let written = match &outcome {
            Ok(next) => self.queue.finish(claimed, next.clone()).await,
            Err(error) => self.write_failure(error).await,
        };
        match written {
            Ok(()) => self.counts.0.send_modify(|counts| match outcome {
                Ok(_) => counts.succeeded += 1,
                Err(_) => counts.failed += 1,
            }),
            Err(StoreError::LeaseLost { .. }) => {
                self.counts.0.send_modify(|counts| counts.lost += 1);
                tracing::info!(
                    job.queue = claimed.queue,
                    job.key = claimed.key,
                    "The lease on {}/{} passed to somebody else during the run",
                    claimed.queue,
                    claimed.key
                );
            }
            // The lease runs out and somebody takes the job again.
            Err(error) => tracing::warn!(
                job.queue = claimed.queue,
                job.key = claimed.key,
                error = %error,
                "Could not write down the end of {}/{}: {error}",
                claimed.queue,
                claimed.key
            ),
        }
    }

    async fn write_failure(&self, error: &ReconcileError) -> Result<(), StoreError> {
        let claimed = &self.context.claimed;
        let wait = self
            .backoff
            .wait(&claimed.queue, &claimed.key, claimed.attempts);
        let now = self.context.clock().now();
        let at = error.retry_at.unwrap_or_else(|| later(now, wait));
        tracing::warn!(
            job.queue = claimed.queue,
            job.key = claimed.key,
            job.attempts = claimed.attempts,
            job.retry_at = %at,
            error = %error,
            "{}/{} failed (attempt {}), again at {at}: {error}",
            claimed.queue,
            claimed.key,
            claimed.attempts
        );
        self.queue
            .fail(
                claimed,
                at,
                "trying again after an error",
                &error.to_string(),
            )
            .await
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

//! Controllers that a test writes as closures, and runners at work on them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use platform::controller::{
    Backoff, Controller, JobContext, Next, ReconcileError, Runner, RunnerCounts, RunnerOptions,
};
use platform::queue::{Job, JobInfo, Queue};
use platform::store::Db;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) type Answer = Box<dyn Fn(&str, u32) -> Result<Next, ReconcileError> + Send + Sync>;

/// A controller that a test writes as a closure of key and attempt.
pub(crate) struct Scripted {
    queue: &'static str,
    pub(crate) at_once: usize,
    answer: Answer,
    runs: mpsc::UnboundedSender<(String, Timestamp)>,
    /// Every run waits for a permit where there is a gate.
    pub(crate) gate: Option<Arc<Semaphore>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.queue)
    }
}

#[async_trait]
impl Controller for Scripted {
    fn queue(&self) -> &'static str {
        self.queue
    }

    fn concurrency(&self) -> usize {
        self.at_once
    }

    async fn reconcile(&self, key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let _ = self.runs.send((key.to_owned(), job.clock().now()));
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        (self.answer)(key, job.job().attempts)
    }
}

pub(crate) type Runs = mpsc::UnboundedReceiver<(String, Timestamp)>;

pub(crate) fn scripted(
    queue: &'static str,
    answer: impl Fn(&str, u32) -> Result<Next, ReconcileError> + Send + Sync + 'static,
) -> (Scripted, Runs) {
    let (runs, seen) = mpsc::unbounded_channel();
    (
        Scripted {
            queue,
            at_once: usize::MAX,
            answer: Box::new(answer),
            runs,
            gate: None,
        },
        seen,
    )
}

/// A runner at work.
pub(crate) struct Working {
    pub(crate) counts: watch::Receiver<RunnerCounts>,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

pub(crate) fn options(owner: &str) -> RunnerOptions {
    RunnerOptions {
        backoff: Backoff::exact(),
        ..RunnerOptions::new(owner)
    }
}

pub(crate) fn work(
    db: &Db,
    controllers: Vec<Arc<dyn Controller>>,
    options: RunnerOptions,
) -> Working {
    let runner = Runner::new(db, controllers, options);
    let (counts, stop) = (runner.counts(), CancellationToken::new());
    let stopped = stop.clone();
    let task = tokio::spawn(async move { runner.run(stopped).await });
    Working { counts, stop, task }
}

impl Working {
    pub(crate) async fn until(&mut self, reached: impl Fn(&RunnerCounts) -> bool) -> RunnerCounts {
        *self.counts.wait_for(reached).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

pub(crate) async fn enqueue(db: &Db, queue: &'static str, key: &str) {
    let job = Job {
        queue,
        key: key.into(),
        payload: Value::Null,
        run_at: db.clock().now(),
        reason: "test".into(),
    };
    Queue::new(db).enqueue(job).await.unwrap();
}

pub(crate) async fn info(db: &Db, queue: &str, key: &str) -> JobInfo {
    Queue::new(db).get(queue, key).await.unwrap().unwrap()
}

pub(crate) fn from_now(db: &Db, wait: Duration) -> Timestamp {
    db.clock().now() + SignedDuration::try_from(wait).unwrap()
}

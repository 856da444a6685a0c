//! What is to be done: durable jobs with leases and fences.
//!
//! ```text
//!             enqueue                    claim
//!  (nothing) ─────────▶ waiting(run_at) ───────▶ running(owner, until, fence)
//!      ▲                   ▲   ▲  enqueue: the     │ enqueue: to run again
//!      │ Done              │   │  earliest wins    │
//!      └───────────────────┼───┴───────────────────┤ lease over: claimed anew
//!                          └───────────────────────┘ At, After, failure, asked again
//! ```
//!
//! A job is named by queue and key and exists at most once. It is done at
//! least once after every enqueue that commits; an enqueue that arrives while
//! it runs makes it run again. Every wait has a reason and a time.

mod enqueue;
mod lease;
mod listing;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::store::{Db, StoreError};

pub(crate) use enqueue::{Pending, write_pending};
pub(crate) use lease::abandon_leases;

/// The run time of a running job that nobody has asked to run again.
const NEVER: i64 = i64::MAX;

/// A job to be put into a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The queue, which names the controller.
    pub queue: &'static str,
    /// What to look at: an entity ref, a location, or a fixed word.
    pub key: String,
    /// A hint, `null` for none. It stays until the job is done; of two, the
    /// newer that is not `null` holds.
    pub payload: Value,
    /// Not before this time.
    pub run_at: Timestamp,
    /// Why it waits, for people.
    pub reason: String,
}

/// A job that somebody holds the lease of.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The queue.
    pub queue: String,
    /// What to look at.
    pub key: String,
    /// The hint.
    pub payload: Value,
    /// Why it was to run.
    pub reason: String,
    /// How many times it has been claimed since it last succeeded, this time
    /// included: 1 unless something went wrong.
    pub attempts: u32,
    /// What went wrong last time.
    pub last_error: Option<String>,
    /// Rises with every claim. A system outside can use it to refuse an
    /// earlier holder.
    pub fence: i64,
    /// Until when the job belongs to the holder.
    pub lease_until: Timestamp,
}

/// What becomes of a job after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing is left to do until somebody enqueues it again.
    Done,
    /// Again at this time, for this reason.
    At(Timestamp, String),
    /// Again after this long, for this reason.
    After(Duration, String),
}

/// A job as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobInfo {
    /// The queue.
    pub queue: String,
    /// What it looks at.
    pub key: String,
    /// The hint.
    pub payload: Value,
    /// Why it waits.
    pub reason: String,
    /// Where it stands.
    pub state: JobState,
    /// Claims since it last succeeded.
    pub attempts: u32,
    /// What went wrong last time.
    pub last_error: Option<String>,
    /// When it was first enqueued.
    pub created_at: Timestamp,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It waits for this time.
    Waiting {
        /// When it becomes due.
        run_at: Timestamp,
    },
    /// Somebody works on it.
    Running {
        /// The replica that holds the lease.
        owner: String,
        /// When the lease ends unless it is renewed.
        lease_until: Timestamp,
        /// When it runs again because somebody asked meanwhile.
        again_at: Option<Timestamp>,
    },
}

/// One queue in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue.
    pub queue: String,
    /// Jobs in it, running ones included.
    pub jobs: u64,
    /// Jobs that could run now and do not, expired leases included.
    pub due: u64,
    /// Jobs under a lease.
    pub running: u64,
    /// Jobs whose last attempt failed.
    pub failing: u64,
    /// How long the job that is due longest has been due; zero if none is.
    pub oldest_due: Duration,
}

/// The queues of a database.
#[derive(Clone, Debug)]
pub struct Queue {
    db: Db,
}

impl Queue {
    /// The queues of `db`.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// Puts one job into its queue, in a transaction of its own.
    pub async fn enqueue(&self, job: Job) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.enqueue(job);
        tx.commit().await
    }

    /// Makes a job due at once. Answers whether there is such a job.
    pub async fn kick(&self, queue: &str, key: &str, reason: &str) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let found = tx.kick(queue, key, reason).await?;
        tx.commit().await?;
        Ok(found)
    }
}

/// The error of a holder whose lease has passed to somebody else.
fn lost(queue: &str, key: &str, fence: i64) -> StoreError {
    StoreError::LeaseLost {
        queue: queue.to_owned(),
        key: key.to_owned(),
        fence,
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

//! What stays true: controllers and the runner that drives them.
//!
//! A controller looks at everything that concerns one key and mends the
//! difference. It is idempotent, takes no other input, does not retry inside,
//! and says when to look again. The queue ([`crate::queue`]) remembers the
//! rest: why a job waits, until when, and what went wrong last time.

mod backoff;
mod runner;

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::queue::Claimed;
use crate::store::{Db, StoreError, Tx};

pub use crate::queue::Next;
pub use backoff::Backoff;
pub use runner::{Runner, RunnerCounts, RunnerOptions};

/// Keeps something true.
#[async_trait]
pub trait Controller: Send + Sync + fmt::Debug {
    /// The queue whose jobs it works on: `catalog.source`, for example.
    fn queue(&self) -> &'static str;

    /// How many of its jobs may run at once on one replica, at most.
    fn concurrency(&self) -> usize {
        usize::MAX
    }

    /// Looks at `key`, mends the difference and says when to look again. May
    /// be dropped at any await when the lease is lost or the grace of a
    /// shutdown is over; may run twice for one cause.
    async fn reconcile(&self, key: &str, job: &JobContext) -> Result<Next, ReconcileError>;
}

/// What a run knows about itself.
#[derive(Clone, Debug)]
pub struct JobContext {
    pub(super) db: Db,
    pub(super) claimed: Claimed,
    pub(super) shutdown: CancellationToken,
}

impl JobContext {
    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        self.db.clock()
    }

    /// The job: payload, reason, attempts, last error, fence.
    pub fn job(&self) -> &Claimed {
        &self.claimed
    }

    /// Begins a transaction that commits only while this run holds the lease.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = self.db.begin().await?;
        tx.guard(&self.claimed);
        Ok(tx)
    }

    /// Cancelled when the server wants to stop: long work ends early and
    /// answers when it wants to go on.
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }
}

/// Why a run did not succeed. The job stays, with these words, and runs again
/// after a back-off. Made from any error by `?`.
#[derive(Debug)]
pub struct ReconcileError {
    message: String,
    retry_at: Option<Timestamp>,
}

impl ReconcileError {
    /// An error in one sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            retry_at: None,
        }
    }

    /// Replaces the back-off: a server has said when to come back.
    #[must_use]
    pub fn retry_at(mut self, at: Timestamp) -> Self {
        self.retry_at = Some(at);
        self
    }
}

impl fmt::Display for ReconcileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// Not itself an `Error`, so that this conversion can exist for all of them.
impl<E: std::error::Error> From<E> for ReconcileError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            // Many errors repeat their cause in their own words.
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = inner.source();
        }
        Self::new(message)
    }
}

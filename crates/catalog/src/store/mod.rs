//! The catalog's SQL. Nothing outside this folder writes a query.

mod deliveries;
mod entities;
mod files;
mod history;
mod packages;
mod problems;
mod refreshes;
mod repositories;
mod schema;
mod sources;

use platform::Clock;
use platform::queue::Job;
use platform::store::{Db, StoreError};
use serde_json::Value;

use crate::SOURCE_QUEUE;

pub(crate) use entities::{Change, ChangeKind, EntityRow, Place, StoredDocument};
pub(crate) use files::{FileChanges, FileState};
pub use history::{HistoryEntry, VersionDocument};
pub(crate) use packages::{NewSbom, SbomReading, SbomRow, SbomState};
pub(crate) use problems::Finding;
pub use problems::ProblemRow;
pub(crate) use refreshes::Tally;
pub(crate) use repositories::ReadFile;
pub use schema::MIGRATIONS;
pub use sources::ConflictRow;
pub(crate) use sources::{Claim, Outcome};

/// Reads and writes the catalog's tables.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    clock: Clock,
}

impl Store {
    /// A store over an opened and migrated database.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// A job that has a source read at once.
    pub(crate) fn refresh_job(
        &self,
        source_id: impl Into<String>,
        reason: impl Into<String>,
    ) -> Job {
        self.job(SOURCE_QUEUE, source_id.into(), reason)
    }

    /// A job that is due now.
    pub(crate) fn job(&self, queue: &'static str, key: String, reason: impl Into<String>) -> Job {
        Job {
            queue,
            key,
            payload: Value::Null,
            run_at: self.clock.now(),
            reason: reason.into(),
        }
    }

    /// The database, for what other modules of the platform keep in it.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
}

/// A value that this program cannot have written.
fn corrupt(index: usize, problem: &str) -> StoreError {
    StoreError::Column {
        index,
        expected: "what Portway stores there",
        problem: problem.to_owned(),
    }
}

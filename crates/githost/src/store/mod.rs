//! Reads and writes the tables.

mod protections;
mod pulls;
mod refs;
mod repositories;
mod schema;

use platform::store::{Db, StoreError};

pub(crate) use protections::rules_of;
pub use protections::{Protection, Rules};
pub(crate) use pulls::{CheckRow, Pull, PullState, Review, Verdict};
pub(crate) use refs::{RefChange, RefOutcome};
pub(crate) use repositories::{Listing, Member};
pub use repositories::{Repository, Visibility};
pub use schema::MIGRATIONS;

/// The tables of the host.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
}

impl Store {
    pub(crate) fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
}

/// A column that does not hold what was written.
fn broken(index: usize, expected: &'static str, problem: impl Into<String>) -> StoreError {
    StoreError::Column {
        index,
        expected,
        problem: problem.into(),
    }
}

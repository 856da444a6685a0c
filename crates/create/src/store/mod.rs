//! Reads and writes tasks. Nothing here decides anything.

mod events;
mod marks;
mod packs;
mod schema;
mod steps;
mod tasks;

use std::sync::Arc;

use identity::{Entropy, SealKey};
use platform::store::{Db, StoreError};

pub use schema::MIGRATIONS;
pub use tasks::TaskFilter;
pub(crate) use tasks::{Ending, NewTask};

/// The tables of tasks, with the key of what is sealed in them.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
    seal: Arc<SealKey>,
    entropy: Entropy,
}

impl Store {
    pub(crate) fn new(db: &Db, seal: SealKey, entropy: Entropy) -> Self {
        Self {
            db: db.clone(),
            seal: Arc::new(seal),
            entropy,
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// Seals a text for a place; it opens for the same place only.
    fn seal(&self, plain: &str, place: &str) -> Result<Vec<u8>, StoreError> {
        self.seal
            .seal(plain.as_bytes(), place, &self.entropy)
            .map_err(|error| StoreError::Column {
                index: 0,
                expected: "a value that can be sealed",
                problem: error.to_string(),
            })
    }

    /// Opens what [`Store::seal`] has made.
    fn open(&self, sealed: &[u8], place: &str) -> Result<String, StoreError> {
        self.seal
            .open(sealed, place)
            .and_then(|plain| String::from_utf8(plain.to_vec()).ok())
            .ok_or_else(|| StoreError::Column {
                index: 0,
                expected: "a value sealed with this installation's key",
                problem: "it was sealed with another one; restore seal.key or auth.session.secret"
                    .to_owned(),
            })
    }
}

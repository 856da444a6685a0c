//! A running catalog over files that a test writes.

#[path = "../setup/files.rs"]
mod files;

use std::ops::Deref;
use std::sync::Arc;

use catalog::{DeletionGuard, MIGRATIONS, Rules};
use identity::{Entropy, Identity, SealKey};
use platform::Clock;
use platform::store::{DatabaseUrl, Db};
use tempfile::TempDir;

use files::OverFiles;

/// Everything ends when it is dropped.
pub(crate) struct World {
    running: OverFiles,
    data: TempDir,
    db: Db,
}

impl Deref for World {
    type Target = OverFiles;

    fn deref(&self) -> &OverFiles {
        &self.running
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().expect("a directory for the database");
        let clock = Clock::system();
        let url = DatabaseUrl::parse(&data.path().to_string_lossy()).expect("a database address");
        let db = Db::open(&url, &[identity::MIGRATIONS, MIGRATIONS], clock.clone())
            .await
            .expect("the database opens");
        let (rules, guard) = (Rules::everything(), DeletionGuard::default());
        Self {
            running: OverFiles::run(&db, data.path(), &clock, rules, guard).await,
            data,
            db,
        }
    }

    /// Who people are, over the same database.
    pub(crate) async fn identity(&self) -> Arc<Identity> {
        let entropy = Entropy::system();
        let seal = SealKey::in_file(&self.data.path().join("seal.key"), &entropy);
        let options = identity::Options {
            settings: identity::Settings::read(&serde_json::json!({})).0,
            listen: "127.0.0.1:7007".parse().expect("an address"),
            demo: false,
            seal: seal.expect("a key"),
            entropy,
        };
        Identity::open(self.db.clone(), options)
            .await
            .expect("identity opens")
    }
}

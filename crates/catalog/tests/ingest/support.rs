//! A catalog over files that a test writes, on either database.

#[path = "../setup/database.rs"]
mod database;
#[path = "../setup/files.rs"]
mod files;
#[path = "../setup/restart.rs"]
mod restart;

use std::ops::Deref;

use catalog::{DeletionGuard, MIGRATIONS, ProblemRow, Rules, Settings};
use model::entity_ref::EntityRef;
use platform::Clock;
use platform::actor::Caller;
use platform::event::{EventFilter, EventLog};
use platform::store::Db;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use database::{On, on_both_databases};
use files::OverFiles;

/// A running catalog; everything ends when it is dropped.
pub(crate) struct World {
    running: OverFiles,
    db: Db,
    clock: Clock,
    data: TempDir,
}

impl Deref for World {
    type Target = OverFiles;

    fn deref(&self) -> &OverFiles {
        &self.running
    }
}

pub(crate) fn admin() -> Caller {
    Caller::system("test")
}

impl World {
    pub(crate) async fn new(on: On) -> Self {
        Self::with(on, Rules::everything(), DeletionGuard::default()).await
    }

    pub(crate) async fn with(on: On, rules: Rules, guard: DeletionGuard) -> Self {
        let data = tempfile::tempdir().expect("a directory for the database");
        let clock = Clock::system();
        let url = on.fresh(data.path()).await;
        let db = Db::open(&url, &[MIGRATIONS], clock.clone())
            .await
            .expect("the database opens");
        Self {
            running: OverFiles::run(&db, data.path(), &clock, rules, guard).await,
            db,
            clock,
            data,
        }
    }

    /// Starts again over the same files and database, with settings that
    /// `change` has changed.
    pub(crate) async fn restart(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = files::settings(self.data.path(), &self.clock);
        change(&mut settings);
        self.running.restart(&self.db, &self.clock, settings).await;
    }

    /// How many files the last refresh that changed something has read, and how
    /// many there are.
    pub(crate) async fn last_read(&self) -> (u64, u64) {
        let filter = EventFilter {
            type_prefix: Some(catalog::events::REFRESH_FINISHED.0.to_owned()),
            subject: None,
        };
        let events = EventLog::new(&self.db).before(i64::MAX, &filter, 1).await;
        let data = &events.expect("events")[0].data;
        let number = |key: &str| data[key].as_u64().expect("a number");
        (number("filesRead"), number("files"))
    }

    pub(crate) fn entity(&self, entity_ref: &str) -> Option<Value> {
        self.catalog
            .model()
            .entity_json(&EntityRef::parse(entity_ref, None, None).expect("a ref"))
    }

    /// Refs of everything but the Locations that stand for sources.
    pub(crate) fn refs(&self) -> Vec<String> {
        let index = self.catalog.model().index();
        let all = index.list(&catalog::index::ListRequest::default());
        all.items
            .iter()
            .map(|entity| entity.entity_ref().to_string())
            .filter(|name| !name.starts_with("location:default/generated-"))
            .collect()
    }

    pub(crate) async fn problems(&self) -> Vec<ProblemRow> {
        self.catalog.store().problems(None).await.expect("problems")
    }
}

pub(crate) fn component(name: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n  type: service\n  \
         lifecycle: production\n  owner: team-a\n"
    )
}

/// Several documents in one file.
pub(crate) fn together(documents: &[String]) -> String {
    documents.join("---\n")
}

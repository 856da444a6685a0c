//! A running catalog over files that a test writes.

use std::fs;
use std::path::{Path, PathBuf};

use catalog::{Catalog, DeletionGuard, Intervals, Origin, Rules, Settings, Source};
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::actor::Caller;
use platform::controller::{Runner, RunnerOptions};
use platform::store::Db;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A running catalog; everything ends when it is dropped.
pub(crate) struct OverFiles {
    pub(crate) catalog: Catalog,
    pub(crate) files: TempDir,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Drop for OverFiles {
    fn drop(&mut self) {
        self.stop.cancel();
        self.tasks.close();
    }
}

/// What a catalog has that nobody has configured. What is not in the database
/// is kept in the folder `data`.
pub(crate) fn settings(data: &Path, clock: &Clock) -> Settings {
    Settings {
        rules: Rules::everything(),
        guard: DeletionGuard::default(),
        intervals: Intervals::default(),
        readonly: false,
        web: testing::offline(data, clock),
        kinds: Kinds::builtin(),
        tiers: catalog::tier::Tiers::default(),
    }
}

impl OverFiles {
    /// Runs a catalog over an open database. What is not in the database is
    /// kept in the folder `data`.
    pub(crate) async fn run(
        db: &Db,
        data: &Path,
        clock: &Clock,
        rules: Rules,
        guard: DeletionGuard,
    ) -> Self {
        let settings = Settings {
            rules,
            guard,
            ..settings(data, clock)
        };
        let files = tempfile::tempdir().expect("a directory for files");
        Self::over(files, db, clock, settings).await
    }

    /// Runs a catalog over files that are there.
    pub(crate) async fn over(files: TempDir, db: &Db, clock: &Clock, settings: Settings) -> Self {
        let catalog = Catalog::open(db, clock, settings)
            .await
            .expect("the catalog opens");
        let stop = CancellationToken::new();
        let runner = Runner::new(db, catalog.controllers(), RunnerOptions::new("test"));
        let (keeper, token) = (catalog.clone(), stop.clone());
        let tasks = TaskTracker::new();
        tasks.spawn(async move { keeper.keep_fresh(token).await });
        let token = stop.clone();
        tasks.spawn(async move { runner.run(token).await });
        Self {
            catalog,
            files,
            stop,
            tasks,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// Writes a file and the folders above it. The file appears whole: a refresh
    /// that is under way reads the one before or this one, never half of it.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        // Beside the folder of the sources, which may read whatever is in it.
        let beside = self.files.path().parent().expect("a folder above");
        let staged = tempfile::NamedTempFile::new_in(beside).expect("a file");
        fs::write(staged.path(), text).expect("the file is written");
        staged.persist(&path).expect("the file is there");
        path
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("the file is removed");
    }

    /// Declares sources and waits until each has been read.
    pub(crate) async fn declare(&self, targets: &[&Path]) {
        let location =
            |path: &&Path| LocationRef::new("file", &path.to_string_lossy()).expect("a location");
        let locations: Vec<_> = targets
            .iter()
            .map(|path| (Origin::Config, location(path)))
            .collect();
        self.catalog
            .declare(&locations)
            .await
            .expect("sources are declared");
        for source in self.sources().await {
            self.reread(&source.id).await;
        }
    }

    pub(crate) async fn sources(&self) -> Vec<Source> {
        self.catalog.store().sources().await.expect("sources")
    }

    pub(crate) async fn only_source(&self) -> Source {
        self.sources().await.pop().expect("one source")
    }

    /// Has a source read and waits until what it says can be seen.
    pub(crate) async fn reread(&self, id: &str) {
        self.catalog
            .read_again(&Caller::system("test"), id)
            .await
            .expect("the source is read");
    }

    pub(crate) async fn reread_only(&self) {
        let source = self.only_source().await;
        self.reread(&source.id).await;
    }
}

//! A running catalog over files that a test writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::{
    Catalog, DeletionGuard, Intervals, MIGRATIONS, Origin, Providers, Rules, Settings, Source, Web,
};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::Forges;
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, Client, Options};
use forge::{Credentials, Integrations};
use identity::{Entropy, Identity, SealKey};
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::actor::Caller;
use platform::controller::{Runner, RunnerOptions};
use platform::store::{DatabaseUrl, Db};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) catalog: Catalog,
    files: TempDir,
    data: TempDir,
    db: Db,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().expect("a directory for the database");
        let files = tempfile::tempdir().expect("a directory for files");
        let clock = Clock::system();
        let url = DatabaseUrl::parse(&data.path().to_string_lossy()).expect("a database address");
        let db = Db::open(&url, &[identity::MIGRATIONS, MIGRATIONS], clock.clone())
            .await
            .expect("the database opens");
        let settings = Settings {
            rules: Rules::everything(),
            guard: DeletionGuard::default(),
            intervals: Intervals::default(),
            readonly: false,
            web: web(data.path(), &clock),
            kinds: Kinds::builtin(),
            tiers: catalog::tier::Tiers::default(),
        };
        let catalog = Catalog::open(&db, &clock, settings)
            .await
            .expect("the catalog opens");
        let stop = CancellationToken::new();
        let runner = Runner::new(&db, catalog.controllers(), RunnerOptions::new("test"));
        let (keeper, token) = (catalog.clone(), stop.clone());
        tokio::spawn(async move { keeper.keep_fresh(token).await });
        let token = stop.clone();
        tokio::spawn(async move { runner.run(token).await });
        Self {
            catalog,
            files,
            data,
            db,
            stop,
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("the file is written");
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

    pub(crate) async fn reread_only(&self) {
        let source = self.only_source().await;
        self.reread(&source.id).await;
    }

    /// Has a source read and waits until what it says can be seen.
    async fn reread(&self, id: &str) {
        let admin = Caller::system("test");
        self.catalog
            .read_again(&admin, id)
            .await
            .expect("the source is read");
    }
}

/// Nothing outside this machine is reached.
fn web(data: &Path, clock: &Clock) -> Web {
    let integrations = Arc::new(Integrations::default());
    let options = Options {
        access: Access::default(),
        ..Options::default()
    };
    let client = Client::new(options).expect("a client");
    let credentials = Credentials::new(client.clone(), Arc::clone(&integrations), clock.clone());
    let mut git = GitOptions::new(data.join("git"));
    git.local = LocalAccess::Anywhere;
    Web {
        git: Git::new(git, credentials.clone()),
        forges: Forges::new(
            credentials,
            Governor::new(clock.clone(), Sharing::default()),
            Arc::new(EtagCache::new(1 << 20)),
        ),
        client,
        integrations,
        providers: Providers::default(),
        webhook_secrets: Vec::new(),
        receivers: Vec::new(),
    }
}

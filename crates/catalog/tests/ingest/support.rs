//! A catalog over files that a test writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::{
    Catalog, DeletionGuard, Intervals, MIGRATIONS, Origin, ProblemRow, Providers, Rules, Settings,
    Source, Web,
};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::Forges;
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, Client, Options};
use forge::{Credentials, Integrations};
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::actor::Caller;
use platform::controller::{Runner, RunnerOptions};
use platform::store::{DatabaseUrl, Db, Sql};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A running catalog; everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) catalog: Catalog,
    pub(crate) files: TempDir,
    _data: TempDir,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

impl On {
    /// Whether the test can run; says why not.
    pub(crate) fn is_available(self) -> bool {
        let there = self == Self::Sqlite || postgres().is_some();
        if !there {
            println!(
                "skipped on PostgreSQL: PORTWAY_TEST_POSTGRES holds no URL (tests/postgres.sh gives one)"
            );
        }
        there
    }

    async fn open(self, data: &Path, clock: &Clock) -> Db {
        let text = match self {
            Self::Sqlite => data.to_string_lossy().into_owned(),
            Self::Postgres => fresh_database(clock).await,
        };
        let url = DatabaseUrl::parse(&text).expect("a database address");
        Db::open(&url, &[MIGRATIONS], clock.clone())
            .await
            .expect("the database opens")
    }
}

#[expect(clippy::disallowed_methods, reason = "a test asks its own environment")]
fn postgres() -> Option<String> {
    std::env::var("PORTWAY_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
}

/// A schema of its own for one test, on the server that the environment names.
async fn fresh_database(clock: &Clock) -> String {
    let server = postgres().expect("asked for before");
    let schema = format!("catalog_{}", uuid::Uuid::new_v4().simple());
    let url = DatabaseUrl::parse(&server).expect("a server's address");
    let db = Db::open(&url, &[], clock.clone())
        .await
        .expect("the server answers");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(
        Sql::assembled(format!("CREATE SCHEMA {schema}")),
        Vec::new(),
    )
    .await
    .expect("a fresh schema");
    tx.commit().await.expect("the schema is there");
    db.close().await;
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}options=-csearch_path%3D{schema}")
}

/// Runs tests on both databases.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::support::On::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if $crate::support::On::Postgres.is_available() {
                    super::$test($crate::support::On::Postgres).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_databases;

pub(crate) fn admin() -> Caller {
    Caller::system("test")
}

impl World {
    pub(crate) async fn new(on: On) -> Self {
        Self::with(on, Rules::everything(), DeletionGuard::default()).await
    }

    pub(crate) async fn with(on: On, rules: Rules, guard: DeletionGuard) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().expect("a directory for the database");
        let files = tempfile::tempdir().expect("a directory for files");
        let clock = Clock::system();
        let db = on.open(data.path(), &clock).await;
        let integrations = Arc::new(Integrations::default());
        let client = Client::new(Options {
            access: Access::default(),
            ..Options::default()
        })
        .expect("a client");
        let credentials =
            Credentials::new(client.clone(), Arc::clone(&integrations), clock.clone());
        let mut git = GitOptions::new(data.path().join("git"));
        git.local = LocalAccess::Anywhere;
        let web = Web {
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
        };
        let settings = Settings {
            rules,
            guard,
            intervals: Intervals::default(),
            readonly: false,
            web,
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
            _data: data,
            stop,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("the file is written");
        path
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("the file is removed");
    }

    /// Declares sources and waits until each has been read.
    pub(crate) async fn declare(&self, targets: &[&Path]) {
        let locations: Vec<_> = targets
            .iter()
            .map(|path| {
                (
                    Origin::Config,
                    LocationRef::new("file", &path.to_string_lossy()).expect("a location"),
                )
            })
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
            .read_again(&admin(), id)
            .await
            .expect("the source is read");
    }

    pub(crate) async fn reread_only(&self) {
        let source = self.only_source().await;
        self.reread(&source.id).await;
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

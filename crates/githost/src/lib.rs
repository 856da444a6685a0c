//! The built-in Git host promises: a place for repositories that needs nothing
//! but Portway, and behaves as the hosts that companies use, so that whatever
//! works here works there.
//!
//! | module | what it does |
//! |---|---|
//! | `smart` | clone, fetch and push over HTTP, for every Git client |
//! | `push` | what a push may change, in one transaction with its events |
//! | `pulls` | pull requests: reviews, code owners, checks, merging |
//! | `rights` | who may read, write and administer a repository |
//! | `store` | repositories, refs and protections |
//!
//! Objects lie in the data directory (`forge::host`), names in the database.
//! A ref moves only when its objects are on the disk, and only from the value
//! that the pusher knew; several refs of one push move in one transaction. A
//! process that is killed leaves at most a pack that nobody names.

use std::path::PathBuf;
use std::sync::Arc;

use forge::host::{Bare, Oid, Refs};
use platform::Clock;
use platform::capability::Capability;
use platform::http::Gate;
use platform::store::Db;
use tokio::sync::Semaphore;

mod actions;
mod api;
mod engine;
pub mod events;
mod names;
pub mod permission;
mod pulls;
mod push;
mod rights;
mod settings;
mod smart;
mod store;

pub use names::{NameError, RepositoryName};
pub use rights::Right;
pub use settings::Settings;
pub use store::{MIGRATIONS, Protection, Repository, Rules, Visibility};

use store::Store;

/// Packs that are made or read at once.
const WORKERS: usize = 32;

/// The host. Clones share it.
#[derive(Clone, Debug)]
pub struct GitHost(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    settings: Settings,
    /// Work with packs takes processors and memory; more of it waits.
    workers: Arc<Semaphore>,
}

impl GitHost {
    /// The host over an opened and migrated database. Repositories lie below
    /// `settings.directory`.
    #[must_use]
    pub fn open(db: &Db, settings: Settings) -> Self {
        if !db.is_shared() {
            sweep(&settings);
        }
        Self(Arc::new(Inner {
            store: Store::new(db),
            settings,
            workers: Arc::new(Semaphore::new(WORKERS)),
        }))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.0.store.db().clock()
    }

    /// Where the objects of a repository lie.
    fn directory(&self, repository: &Repository) -> PathBuf {
        let fan: String = repository.id.chars().take(2).collect();
        let name = format!("{}.git", repository.id);
        self.0.settings.directory.join(fan).join(name)
    }

    pub(crate) fn bare(&self, repository: &Repository) -> Bare {
        Bare::at(self.directory(repository), self.0.settings.limits)
    }

    /// Every name of a repository.
    pub(crate) async fn refs(
        &self,
        repository: &Repository,
    ) -> Result<Refs, platform::store::StoreError> {
        Ok(Refs {
            head: format!("refs/heads/{}", repository.default_branch),
            all: self.0.store.refs(&repository.id).await?,
        })
    }
}

/// Removes what pushes left that were cut off with the process. Nobody pushes
/// yet, and no other process serves these repositories.
fn sweep(settings: &Settings) {
    let Ok(fans) = std::fs::read_dir(&settings.directory) else {
        return;
    };
    for fan in fans.flatten() {
        for repository in std::fs::read_dir(fan.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            Bare::at(repository.path(), settings.limits).sweep();
        }
    }
}

/// The name of a branch as a full name of a ref.
pub(crate) fn branch_ref(name: &str) -> String {
    format!("refs/heads/{name}")
}

pub(crate) fn shown(id: Option<Oid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// The host as a capability of Portway.
pub fn capability(host: &GitHost, gate: &Arc<dyn Gate>) -> Capability {
    Capability {
        name: "githost",
        routes: api::routes(host, Arc::clone(gate)).merge(smart::routes(host, gate)),
        navigation: Vec::new(),
        actions: actions::actions(host),
        controllers: Vec::new(),
        permissions: permission::ALL,
        checks: Vec::new(),
    }
}

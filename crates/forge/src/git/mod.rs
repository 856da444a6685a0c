//! Repositories read at a commit, without a checkout.
//!
//! [`Git`] keeps one bare, shallow copy per remote URL in the data directory
//! and fetches one ref at a time; local repositories are opened where they
//! lie. What comes back is a [`Snapshot`]: one commit, from which files are
//! listed and read with limits.
//!
//! gix does all of it except for one thing: `ssh://` runs the system's `ssh`
//! (its keys, agents and known hosts are the machine's own). The `git`
//! program is not needed.

mod error;
mod history;
mod mirror;
mod remote;
mod snapshot;
mod transport;
mod tree;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

pub use error::Error;
pub(crate) use error::chain as causes;
pub use history::{Change, ChangeKind, LastChange};
pub use remote::Remote;
pub use snapshot::{Commit, CommitId, Snapshot};
pub use tree::{EntryKind, Tree, TreeEntry};

use crate::credentials::Credentials;
use mirror::Job;

/// Which local repositories may be read.
#[derive(Clone, Debug, Default)]
pub enum LocalAccess {
    /// None.
    #[default]
    Refused,
    /// Those at or below these directories.
    Below(Vec<PathBuf>),
    /// All: for a command line that the user of the machine runs.
    Anywhere,
}

impl LocalAccess {
    /// Whether a path without links may be read.
    fn allows(&self, real: &Path) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Refused => false,
            Self::Below(roots) => roots
                .iter()
                .any(|root| root.canonicalize().is_ok_and(|root| real.starts_with(root))),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Below(roots) if !roots.is_empty() => {
                let roots: Vec<String> = roots
                    .iter()
                    .map(|root| format!("`{}`", root.display()))
                    .collect();
                roots.join(", ")
            }
            _ => "no directory".to_owned(),
        }
    }
}

/// How repositories are fetched and read.
#[derive(Clone, Debug)]
pub struct GitOptions {
    /// Where the copies are kept.
    pub directory: PathBuf,
    /// Which local repositories may be read.
    pub local: LocalAccess,
    /// Commits fetched per ref; `None` fetches the whole history.
    pub depth: Option<NonZeroU32>,
    /// Time for one fetch.
    pub timeout: Duration,
    /// Bytes that one fetch may receive.
    pub max_fetch: u64,
    /// Bytes of a file that is read.
    pub max_file: u64,
    /// Entries of one commit's tree, directories included.
    pub max_entries: u64,
    /// The ssh program with its options; never asks, never hangs.
    pub ssh_command: String,
}

impl GitOptions {
    /// The defaults: 50 commits, 10 minutes, 2 GiB, files up to 10 MiB, a
    /// million entries, no local repositories.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            local: LocalAccess::Refused,
            depth: NonZeroU32::new(50),
            timeout: Duration::from_secs(600),
            max_fetch: 2 * 1024 * 1024 * 1024,
            max_file: 10 * 1024 * 1024,
            max_entries: 1_000_000,
            ssh_command: "ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=3".to_owned(),
        }
    }
}

/// The copies of all repositories. Clones share them.
#[derive(Clone, Debug)]
pub struct Git(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: GitOptions,
    credentials: Credentials,
    /// One entry per remote that was ever asked for.
    remotes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Fetches>>>>,
    sequence: AtomicU64,
}

/// What the last fetch of each ref of a remote found, and when it began.
#[derive(Debug, Default)]
struct Fetches(HashMap<Option<String>, (u64, mirror::Fetched)>);

/// Stops the blocking work when its future is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Git {
    /// Nothing is read or written before the first fetch.
    pub fn new(options: GitOptions, credentials: Credentials) -> Self {
        Self(Arc::new(Shared {
            options,
            credentials,
            remotes: Mutex::default(),
            sequence: AtomicU64::new(0),
        }))
    }

    /// Fetches one ref (`None`: the default branch) and returns its commit.
    ///
    /// Callers that ask for the same ref while a fetch of it is waiting to
    /// start share that fetch. When the remote still has the commit of the
    /// last fetch, two small requests are all that is sent.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::is_absence`] tells "is not there" from "cannot
    /// be read now".
    pub async fn fetch(&self, remote: &Remote, git_ref: Option<&str>) -> Result<Snapshot, Error> {
        if let Some(name) = git_ref {
            mirror::check_ref_name(name)?;
        }
        let git_ref = git_ref.map(str::to_owned);
        match remote {
            Remote::Local(_) => return self.open_local(remote, git_ref).await,
            Remote::Http(url) => self.0.credentials.client().access().check(url)?,
            Remote::Ssh { host, .. } => {
                self.0
                    .credentials
                    .client()
                    .access()
                    .check_host(host)
                    .await?
            }
        }
        let ticket = self.0.sequence.fetch_add(1, Ordering::Relaxed);
        let slot = Arc::clone(self.0.remotes.lock().entry(remote.shown()).or_default());
        let mut fetches = slot.lock_owned().await;
        if let Some((began, fetched)) = fetches.0.get(&git_ref)
            && *began > ticket
        {
            return self.snapshot(remote, fetched.clone()).await;
        }
        let began = self.0.sequence.fetch_add(1, Ordering::Relaxed);
        let interrupt = Arc::new(AtomicBool::new(false));
        let _stop = StopOnDrop(Arc::clone(&interrupt));
        let mut job = self.job(remote, git_ref.clone(), interrupt);
        if let Remote::Http(url) = remote {
            job.authorization = self.0.credentials.for_git(url).await?;
        }
        let limit = self.0.options.timeout;
        // The lock moves into the blocking work: it ends when the work ends,
        // even if nobody waits for it any longer.
        let work = tokio::task::spawn_blocking(move || {
            let fetched = mirror::fetch(&job)?;
            fetches.0.insert(git_ref, (began, fetched.clone()));
            Ok::<_, Error>(fetched)
        });
        let fetched = match tokio::time::timeout(limit, work).await {
            Ok(joined) => joined.map_err(|error| failed(remote, &error))??,
            Err(_) => {
                return Err(Error::Timeout {
                    remote: remote.shown(),
                    seconds: limit.as_secs(),
                });
            }
        };
        self.snapshot(remote, fetched).await
    }

    /// A commit that is already here, without asking the remote. `None` when
    /// it is not.
    pub async fn at(&self, remote: &Remote, commit: &CommitId) -> Result<Option<Snapshot>, Error> {
        if remote.local_path().is_some() {
            return match self.open_local(remote, Some(commit.to_string())).await {
                Err(Error::NoSuchCommit { .. }) => Ok(None),
                other => other.map(Some),
            };
        }
        let job = self.job(remote, None, Arc::default());
        let commit = commit.clone();
        let found = blocking(remote, move || mirror::open_at(&job, &commit)).await?;
        Ok(found.map(|(repo, fetched)| self.wrap(remote, repo, fetched)))
    }

    /// Removes the copy of a remote. Snapshots of it stop working.
    pub async fn forget(&self, remote: &Remote) -> Result<(), Error> {
        if remote.local_path().is_some() {
            return Ok(());
        }
        let slot = Arc::clone(self.0.remotes.lock().entry(remote.shown()).or_default());
        let mut fetches = slot.lock_owned().await;
        let job = self.job(remote, None, Arc::default());
        blocking(remote, move || {
            fetches.0.clear();
            mirror::remove(&job)
        })
        .await
    }

    async fn open_local(
        &self,
        remote: &Remote,
        git_ref: Option<String>,
    ) -> Result<Snapshot, Error> {
        let job = self.job(remote, git_ref, Arc::default());
        let access = self.0.options.local.clone();
        let (repo, fetched) = blocking(remote, move || mirror::open_local(&job, &access)).await?;
        Ok(self.wrap(remote, repo, fetched))
    }

    async fn snapshot(&self, remote: &Remote, fetched: mirror::Fetched) -> Result<Snapshot, Error> {
        let job = self.job(remote, None, Arc::default());
        let repo = blocking(remote, move || mirror::open(&job)).await?;
        Ok(self.wrap(remote, repo, fetched))
    }

    fn wrap(
        &self,
        remote: &Remote,
        repo: gix::ThreadSafeRepository,
        fetched: mirror::Fetched,
    ) -> Snapshot {
        Snapshot::new(repo, remote.clone(), fetched, &self.0.options)
    }

    fn job(&self, remote: &Remote, git_ref: Option<String>, interrupt: Arc<AtomicBool>) -> Job {
        Job {
            remote: remote.clone(),
            git_ref,
            options: self.0.options.clone(),
            client: self.0.credentials.client().clone(),
            authorization: None,
            runtime: tokio::runtime::Handle::current(),
            interrupt,
        }
    }
}

async fn blocking<T: Send + 'static>(
    remote: &Remote,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| failed(remote, &error))?
}

fn failed(remote: &Remote, error: &tokio::task::JoinError) -> Error {
    Error::Failed {
        remote: remote.shown(),
        cause: error.to_string(),
    }
}

//! One commit of a repository.

use std::sync::Arc;

use bytes::Bytes;
use gix::ObjectId;
use gix::bstr::ByteSlice;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::error::{Error, chain};
use super::history::{self, Change, LastChange};
use super::mirror::Fetched;
use super::tree::{self, Tree, TreeEntry};
use super::{GitOptions, Remote};

/// The full id of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommitId(ObjectId);

impl CommitId {
    pub(super) fn new(id: ObjectId) -> Self {
        Self(id)
    }

    /// Reads a full hexadecimal id; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        ObjectId::from_hex(lower.as_bytes()).ok().map(Self)
    }

    pub(super) fn object(&self) -> ObjectId {
        self.0
    }
}

impl std::fmt::Display for CommitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.to_hex())
    }
}

impl Serialize for CommitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Who made a commit, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// The author's name.
    pub author: String,
    /// The author's mail address.
    pub email: String,
    /// When it was committed.
    pub time: Timestamp,
    /// The first line of its message, at most 200 characters.
    pub summary: String,
}

/// A commit from which files are read. Cheap to clone.
#[derive(Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
}

struct Inner {
    repo: gix::ThreadSafeRepository,
    remote: Remote,
    fetched: Fetched,
    max_file: u64,
    max_entries: u64,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("remote", &self.inner.remote.shown())
            .field("commit", &self.inner.fetched.commit)
            .finish_non_exhaustive()
    }
}

/// What blocking reads are given.
pub(super) struct At {
    pub(super) repo: gix::Repository,
    pub(super) remote: String,
    pub(super) commit: CommitId,
    pub(super) max_file: u64,
    pub(super) max_entries: u64,
}

impl Snapshot {
    pub(super) fn new(
        repo: gix::ThreadSafeRepository,
        remote: Remote,
        fetched: Fetched,
        options: &GitOptions,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                repo,
                remote,
                fetched,
                max_file: options.max_file,
                max_entries: options.max_entries,
            }),
        }
    }

    /// The commit.
    pub fn commit(&self) -> &CommitId {
        &self.inner.fetched.commit
    }

    /// The repository.
    pub fn remote(&self) -> &Remote {
        &self.inner.remote
    }

    /// The branch that HEAD names, when the default branch was fetched.
    pub fn default_branch(&self) -> Option<&str> {
        self.inner.fetched.default_branch.as_deref()
    }

    /// The new address, when the host says that the repository has moved.
    pub fn moved_to(&self) -> Option<&str> {
        self.inner.fetched.moved_to.as_deref()
    }

    /// Bytes that the fetch received.
    pub fn received(&self) -> u64 {
        self.inner.fetched.received
    }

    /// Who made the commit, and when.
    pub async fn commit_info(&self) -> Result<Commit, Error> {
        self.blocking(|at| at.commit_info(&at.commit)).await
    }

    /// Every file of the commit, sorted by path.
    pub async fn tree(&self) -> Result<Tree, Error> {
        self.blocking(|at| tree::list(at, None)).await
    }

    /// The files that match a pattern (`*` inside a directory, `**` across
    /// directories), sorted by path. As in Backstage, wildcards do not match
    /// names that start with a dot. A pattern without wildcards names one
    /// file, which may be a symbolic link.
    pub async fn glob(&self, pattern: &str) -> Result<Tree, Error> {
        let pattern = pattern.to_owned();
        self.blocking(move |at| tree::glob(at, &pattern)).await
    }

    /// The bytes of a file. Symbolic links are followed inside the tree.
    pub async fn read(&self, path: &str) -> Result<Bytes, Error> {
        let path = path.to_owned();
        self.blocking(move |at| tree::read(at, &path)).await
    }

    /// What many paths lead to through symbolic links, in the order of the
    /// paths: `None` for one that leads to no file. Unlike [`Snapshot::tree`],
    /// which tells the size of a link itself.
    pub async fn resolve_many(&self, paths: Vec<String>) -> Result<Vec<Option<TreeEntry>>, Error> {
        self.blocking(move |at| {
            let found = paths.iter().map(|path| tree::resolve(at, path).ok());
            Ok(found.collect())
        })
        .await
    }

    /// The bytes of many files in one go, each with its own result, in the
    /// order of the paths.
    pub async fn read_many(&self, paths: Vec<String>) -> Result<Vec<Result<Bytes, Error>>, Error> {
        self.blocking(move |at| Ok(paths.iter().map(|path| tree::read(at, path)).collect()))
            .await
    }

    /// The last commit that changed each path, as `git log -1 -- <path>`
    /// finds it, looking at no more than `depth` commits per path. `None` for
    /// a path that does not exist.
    pub async fn last_changes(
        &self,
        paths: Vec<String>,
        depth: usize,
    ) -> Result<Vec<Option<LastChange>>, Error> {
        self.blocking(move |at| {
            paths
                .iter()
                .map(|path| history::last_change(at, path, depth))
                .collect()
        })
        .await
    }

    /// What changed between an older commit and this one, moved files
    /// recognised. `None` when the older commit is not in the copy (never
    /// fetched, or gone after a force-push and a fresh copy).
    pub async fn changes_since(&self, older: &CommitId) -> Result<Option<Vec<Change>>, Error> {
        let older = older.clone();
        self.blocking(move |at| history::changes(at, &older)).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&At) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.inner);
        super::blocking(&self.inner.remote, move || {
            let mut repo = inner.repo.to_thread_local();
            repo.object_cache_size_if_unset(4 * 1024 * 1024);
            work(&At {
                repo,
                remote: inner.remote.shown(),
                commit: inner.fetched.commit.clone(),
                max_file: inner.max_file,
                max_entries: inner.max_entries,
            })
        })
        .await
    }
}

impl At {
    pub(super) fn failed(&self, error: &gix::Error) -> Error {
        Error::Failed {
            remote: self.remote.clone(),
            cause: chain(error),
        }
    }

    pub(super) fn find_commit(&self, id: &CommitId) -> Result<gix::Commit<'_>, Error> {
        self.repo.find_commit(id.object()).map_err(|error| {
            if error.is_not_found() {
                Error::NoSuchCommit {
                    remote: self.remote.clone(),
                    commit: id.to_string(),
                }
            } else {
                self.failed(&error)
            }
        })
    }

    pub(super) fn root(&self) -> Result<gix::Tree<'_>, Error> {
        self.find_commit(&self.commit)?
            .tree()
            .map_err(|error| self.failed(&error))
    }

    pub(super) fn commit_info(&self, id: &CommitId) -> Result<Commit, Error> {
        let commit = self.find_commit(id)?;
        let author = commit.author().map_err(|error| self.failed(&error))?;
        let seconds = commit.time().map_err(|error| self.failed(&error))?.seconds;
        let summary = commit
            .message_raw_sloppy()
            .lines()
            .next()
            .unwrap_or_default()
            .to_str_lossy()
            .trim()
            .chars()
            .take(200)
            .collect();
        Ok(Commit {
            id: id.clone(),
            author: author.name.to_str_lossy().into_owned(),
            email: author.email.to_str_lossy().into_owned(),
            time: Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
            summary,
        })
    }
}

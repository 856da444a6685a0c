//! One refresh's view of the web: each repository at one commit.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use forge::git::{CommitId, Error, Remote, Snapshot};
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use super::conditional::KeptPages;
use super::content::ReadFailure;
use super::web::{Web, pause};

/// Repositories held open at a time; an organisation may have ten thousand.
const OPEN: usize = 64;

/// What the first fetch of a repository at a ref found.
type Found = Result<(CommitId, Option<String>), Error>;

/// One refresh's view of the web.
pub(crate) struct Session {
    web: Arc<Web>,
    pages: Arc<KeptPages>,
    found: Mutex<HashMap<String, Arc<OnceCell<Found>>>>,
    open: Mutex<VecDeque<(String, Snapshot)>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn new(web: Arc<Web>, pages: Arc<KeptPages>) -> Self {
        Self {
            web,
            pages,
            found: Mutex::default(),
            open: Mutex::default(),
        }
    }

    pub(crate) fn web(&self) -> &Web {
        &self.web
    }

    pub(super) fn pages(&self) -> &KeptPages {
        &self.pages
    }

    /// The repository at a ref with the name of its default branch, fetched
    /// once for all who ask in this refresh.
    pub(crate) async fn fetch(
        &self,
        remote: &str,
        git_ref: Option<&str>,
    ) -> Result<(Snapshot, Option<String>), Error> {
        let remote = Remote::parse(remote)?;
        let key = format!("{}#{}", remote.shown(), git_ref.unwrap_or_default());
        let cell = Arc::clone(self.found.lock().entry(key.clone()).or_default());
        let found = cell
            .get_or_init(|| async {
                let snapshot = self.web.git.fetch(&remote, git_ref).await?;
                let found = (
                    snapshot.commit().clone(),
                    snapshot.default_branch().map(str::to_owned),
                );
                self.hold(&key, &snapshot);
                Ok(found)
            })
            .await;
        let (commit, default_branch) = found.clone()?;
        let held = self
            .open
            .lock()
            .iter()
            .find(|(of, _)| *of == key)
            .map(|(_, snapshot)| snapshot.clone());
        let snapshot = match held {
            Some(snapshot) => snapshot,
            None => {
                let again = self.web.git.at(&remote, &commit).await?;
                let snapshot = again.ok_or_else(|| Error::NoSuchCommit {
                    remote: remote.shown(),
                    commit: commit.to_string(),
                })?;
                self.hold(&key, &snapshot);
                snapshot
            }
        };
        Ok((snapshot, default_branch))
    }

    fn hold(&self, key: &str, snapshot: &Snapshot) {
        let mut open = self.open.lock();
        open.push_back((key.to_owned(), snapshot.clone()));
        if open.len() > OPEN {
            open.pop_front();
        }
    }
}

/// What Git said, in the words of a reader.
pub(super) fn git_failure(error: &Error, now: Timestamp) -> ReadFailure {
    if let Error::TooLarge { size, .. } = error {
        return ReadFailure::too_large(*size);
    }
    let (code, fix) = match error {
        Error::Link { .. } | Error::BadPath { .. } => {
            ("outside-tree", "refer to a file of the same repository")
        }
        _ if error.is_absence() => ("not-found", "check the address, the branch and the path"),
        _ if error.is_transient() => (
            "cannot-read",
            "nothing to do here; it is tried again by itself",
        ),
        _ => (
            "cannot-read",
            "check the address, the branch and the token of its host",
        ),
    };
    let text = if error.is_absence() {
        format!("NotFoundError: {error}")
    } else {
        error.to_string()
    };
    let mut failure = ReadFailure::new(code, text, fix);
    // A repository that is hidden from the token looks like one that is gone,
    // so nothing is derived from that.
    failure.gone = error.is_absence() && !matches!(error, Error::NoSuchRepository { .. });
    failure.retry_at = match error {
        Error::Status {
            retry_after: Some(seconds),
            ..
        } => Some(pause(now, Duration::from_secs(*seconds))),
        Error::Status { status: 429, .. } => Some(pause(now, Duration::from_secs(60))),
        _ => None,
    };
    failure
}

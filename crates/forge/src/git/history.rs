//! Which commit changed a file, and what changed between two commits.

use gix::bstr::ByteSlice;
use gix::object::tree::diff::ChangeDetached;
use serde::Serialize;

use super::error::Error;
use super::snapshot::{At, Commit, CommitId};

/// Changed paths reported between two commits.
const MAX_CHANGES: usize = 200_000;
/// Pairs of removed and added files whose likeness is measured: the square of
/// this number, after which only identical files count as moved.
const RENAME_LIMIT: usize = 400;

/// The last commit that changed a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastChange {
    /// The commit.
    pub commit: Commit,
    /// False when the search ended at the fetched depth or at the limit: the
    /// change is then this commit's or an older one's.
    pub exact: bool,
}

/// How a path changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum ChangeKind {
    /// Not there before.
    Added,
    /// Other content or another mode.
    Modified,
    /// Gone.
    Removed,
    /// Moved, perhaps with changes.
    Moved {
        /// The path before.
        from: String,
        /// Whether the content changed too.
        modified: bool,
    },
}

/// A changed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The path; for a removed file the one it had.
    pub path: String,
    /// What happened.
    #[serde(flatten)]
    pub kind: ChangeKind,
}

/// Walks back along parents that have the same content at the path. The first
/// commit all of whose parents differ is the one that changed it.
pub(super) fn last_change(at: &At, path: &str, depth: usize) -> Result<Option<LastChange>, Error> {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let Some(wanted) = entry_at(at, &at.commit, &steps)? else {
        return Ok(None);
    };
    let mut current = at.commit.clone();
    for _ in 0..depth.max(1) {
        let commit = at.find_commit(&current)?;
        let mut next = None;
        let mut cut = false;
        for parent in commit.parent_ids() {
            let parent = CommitId::new(parent.detach());
            match entry_at(at, &parent, &steps) {
                Ok(Some(same)) if same == wanted => {
                    next = Some(parent);
                    break;
                }
                Ok(_) => {}
                // Below the fetched depth.
                Err(Error::NoSuchCommit { .. }) => cut = true,
                Err(error) => return Err(error),
            }
        }
        match next {
            Some(parent) => current = parent,
            None => {
                return Ok(Some(LastChange {
                    commit: at.commit_info(&current)?,
                    exact: !cut,
                }));
            }
        }
    }
    Ok(Some(LastChange {
        commit: at.commit_info(&current)?,
        exact: false,
    }))
}

fn entry_at(
    at: &At,
    commit: &CommitId,
    steps: &[&str],
) -> Result<Option<(gix::ObjectId, u16)>, Error> {
    let tree = at
        .find_commit(commit)?
        .tree()
        .map_err(|error| at.failed(&error))?;
    let entry = tree
        .lookup_entry(steps.iter().map(|step| step.as_bytes()))
        .map_err(|error| at.failed(&error))?;
    Ok(entry.map(|entry| (entry.object_id(), entry.mode().value())))
}

/// What changed from `older` to the snapshot's commit.
pub(super) fn changes(at: &At, older: &CommitId) -> Result<Option<Vec<Change>>, Error> {
    let old = match at.find_commit(older) {
        Ok(commit) => commit.tree().map_err(|error| at.failed(&error))?,
        Err(Error::NoSuchCommit { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let new = at.root()?;
    let mut options = gix::diff::Options::default();
    options
        .track_path()
        .track_rewrites(Some(gix::diff::Rewrites {
            copies: None,
            percentage: Some(0.5),
            limit: RENAME_LIMIT,
            track_empty: false,
        }));
    let found = at
        .repo
        .diff_tree_to_tree(&old, &new, options)
        .map_err(|error| at.failed(&error))?;
    if found.len() > MAX_CHANGES {
        return Err(Error::TooMany {
            remote: at.remote.clone(),
            what: "changed paths between two commits",
            limit: MAX_CHANGES as u64,
        });
    }
    let mut changes: Vec<Change> = found.into_iter().filter_map(change).collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Some(changes))
}

/// Directories are left out: their files are listed.
fn change(found: ChangeDetached) -> Option<Change> {
    let text = |path: &gix::bstr::BString| path.to_str_lossy().into_owned();
    match found {
        ChangeDetached::Addition {
            location,
            entry_mode,
            ..
        } => (!entry_mode.is_tree()).then(|| Change {
            path: text(&location),
            kind: ChangeKind::Added,
        }),
        ChangeDetached::Deletion {
            location,
            entry_mode,
            ..
        } => (!entry_mode.is_tree()).then(|| Change {
            path: text(&location),
            kind: ChangeKind::Removed,
        }),
        ChangeDetached::Modification {
            location,
            entry_mode,
            ..
        } => (!entry_mode.is_tree()).then(|| Change {
            path: text(&location),
            kind: ChangeKind::Modified,
        }),
        ChangeDetached::Rewrite {
            source_location,
            source_id,
            location,
            id,
            entry_mode,
            ..
        } => (!entry_mode.is_tree()).then(|| Change {
            path: text(&location),
            kind: ChangeKind::Moved {
                from: text(&source_location),
                modified: source_id != id,
            },
        }),
    }
}

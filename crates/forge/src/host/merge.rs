//! Merge, squash and rebase without a working tree, and commits of single
//! files.

use std::collections::BTreeSet;

use gix::actor::Signature;
use gix::merge::tree::TreatAsUnresolved;
use gix::objs::tree::EntryKind;
use jiff::Timestamp;

use super::browse::commit_of;
use super::pack::NewObjects;
use super::{Bare, Error, Oid};

/// Commits that a rebase makes anew.
const MOST_REBASED: usize = 500;

/// How the commits of a branch come into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As they are, under a commit of two parents.
    Merge,
    /// As one commit.
    Squash,
    /// One by one, made anew behind the other branch.
    Rebase,
}

impl Method {
    /// Its name in the API, as GitHub has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }

    /// The method with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "merge" => Some(Self::Merge),
            "squash" => Some(Self::Squash),
            "rebase" => Some(Self::Rebase),
            _ => None,
        }
    }
}

/// Who makes a commit, when, and why.
#[derive(Clone, Debug)]
pub struct Making {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// When.
    pub at: Timestamp,
    /// The message.
    pub message: String,
}

impl Making {
    fn signature(&self) -> Signature {
        // What would end the line or the field is left out.
        let plain = |text: &str| {
            let text: String = text
                .chars()
                .filter(|c| !matches!(c, '<' | '>') && !c.is_control())
                .collect();
            text.trim().to_owned()
        };
        Signature {
            name: plain(&self.name).into(),
            email: plain(&self.email).into(),
            time: gix::date::Time::new(self.at.as_second(), 0),
        }
    }
}

/// One file that a commit changes.
#[derive(Clone, Debug)]
pub struct FileEdit {
    /// Its path.
    pub path: String,
    /// Its content from now on; nothing removes it.
    pub content: Option<Vec<u8>>,
    /// Whether it may be run.
    pub executable: bool,
}

impl Bare {
    /// Brings the commits of `head` into `base`, and answers the new tip of
    /// `base` with the objects that it needs.
    ///
    /// # Errors
    /// [`Error::Conflict`] names the files that both sides changed;
    /// [`Error::Client`] when there is nothing to bring.
    pub fn merge(
        &self,
        (base, head): (Oid, Oid),
        method: Method,
        making: &Making,
    ) -> Result<(Oid, NewObjects), Error> {
        let mut repo = self.repo()?.with_object_memory();
        let root = self.merge_base(base, head)?;
        if root == Some(head) {
            return Err(Error::Client(
                "there is nothing to merge: the branch holds every commit already".to_owned(),
            ));
        }
        let tip = match method {
            Method::Merge => {
                let tree = merged(&repo, root, (base, head))?;
                commit(&repo, tree, &[base, head], making, None)?
            }
            Method::Squash => {
                let tree = merged(&repo, root, (base, head))?;
                commit(&repo, tree, &[base], making, None)?
            }
            Method::Rebase => self.rebased(&repo, (base, head), making)?,
        };
        Ok((tip, NewObjects::of(&mut repo)))
    }

    /// The files that cannot be merged by themselves; none when all can.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn conflicts(&self, base: Oid, head: Oid) -> Result<Vec<String>, Error> {
        let repo = self.repo()?.with_object_memory();
        let root = self.merge_base(base, head)?;
        match merged(&repo, root, (base, head)) {
            Ok(_) => Ok(Vec::new()),
            Err(Error::Conflict(files)) => Ok(files),
            Err(error) => Err(error),
        }
    }

    fn rebased(
        &self,
        repo: &gix::Repository,
        (base, head): (Oid, Oid),
        making: &Making,
    ) -> Result<Oid, Error> {
        let mut commits = self.between(base, head, MOST_REBASED + 1)?;
        if commits.len() > MOST_REBASED {
            return Err(Error::TooMuch {
                what: "the number of commits to rebase",
                limit: MOST_REBASED as u64,
            });
        }
        commits.reverse();
        let mut tip = base;
        for one in commits {
            let [parent] = one.parents.as_slice() else {
                return Err(Error::Client(format!(
                    "{} is a merge, which cannot be made anew: merge or squash instead of rebasing",
                    one.id
                )));
            };
            let (ours, theirs) = (commit_of(repo, tip)?.tree, one.tree);
            let root = commit_of(repo, *parent)?.tree;
            let tree = merged_trees(repo, (root, ours, theirs))?;
            let kept = Making {
                message: one.message.clone(),
                ..making.clone()
            };
            tip = commit(repo, tree, &[tip], &kept, Some(one.id))?;
        }
        Ok(tip)
    }

    /// A commit behind `parent` (none: the first one) that changes files.
    ///
    /// # Errors
    /// A file that shall be removed is not there.
    pub fn commit_files(
        &self,
        parent: Option<Oid>,
        edits: &[FileEdit],
        making: &Making,
    ) -> Result<(Oid, NewObjects), Error> {
        let mut repo = self.repo()?.with_object_memory();
        let tree = match parent {
            Some(parent) => commit_of(&repo, parent)?.tree,
            None => Oid::empty_tree(gix::hash::Kind::Sha1),
        };
        if parent.is_none() {
            repo.write_object(gix::objs::Tree::empty())?;
        }
        let id = {
            let mut editor = repo.edit_tree(tree)?;
            for edit in edits {
                match &edit.content {
                    Some(content) => {
                        let blob = repo.write_blob(content)?.detach();
                        let kind = if edit.executable {
                            EntryKind::BlobExecutable
                        } else {
                            EntryKind::Blob
                        };
                        editor.upsert(edit.path.as_str(), kind, blob)?;
                    }
                    None => {
                        let there = repo.find_tree(tree)?.lookup_entry_by_path(&edit.path)?;
                        if there.is_none() {
                            return Err(Error::Missing(format!("the file {}", edit.path)));
                        }
                        editor.remove(edit.path.as_str())?;
                    }
                }
            }
            editor.write()?.detach()
        };
        let parents: Vec<Oid> = parent.into_iter().collect();
        let tip = commit(&repo, id, &parents, making, None)?;
        Ok((tip, NewObjects::of(&mut repo)))
    }
}

fn merged(
    repo: &gix::Repository,
    root: Option<Oid>,
    (base, head): (Oid, Oid),
) -> Result<Oid, Error> {
    let tree = |id: Oid| commit_of(repo, id).map(|commit| commit.tree);
    let root = match root {
        Some(root) => tree(root)?,
        None => Oid::empty_tree(gix::hash::Kind::Sha1),
    };
    merged_trees(repo, (root, tree(base)?, tree(head)?))
}

fn merged_trees(
    repo: &gix::Repository,
    (root, ours, theirs): (Oid, Oid, Oid),
) -> Result<Oid, Error> {
    let options = repo.tree_merge_options()?;
    let mut outcome = repo.merge_trees(root, ours, theirs, Default::default(), options)?;
    let how = TreatAsUnresolved::default();
    if outcome.has_unresolved_conflicts(how) {
        let files: BTreeSet<String> = outcome
            .conflicts
            .iter()
            .filter(|conflict| conflict.is_unresolved(how))
            .map(|conflict| conflict.ours.location().to_string())
            .collect();
        return Err(Error::Conflict(files.into_iter().collect()));
    }
    Ok(outcome.tree.write()?.detach())
}

/// Writes a commit; with `like`, its author is that commit's.
fn commit(
    repo: &gix::Repository,
    tree: Oid,
    parents: &[Oid],
    making: &Making,
    like: Option<Oid>,
) -> Result<Oid, Error> {
    let committer = making.signature();
    let author = match like {
        Some(id) => repo.find_commit(id)?.author()?.to_owned()?,
        None => committer.clone(),
    };
    let made = gix::objs::Commit {
        tree,
        parents: parents.iter().copied().collect(),
        author,
        committer,
        encoding: None,
        message: making.message.as_str().into(),
        extra_headers: Vec::new(),
    };
    Ok(repo.write_object(&made)?.detach())
}

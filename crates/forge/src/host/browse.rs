//! Files, commits and differences, for pages and APIs.

use std::collections::{BinaryHeap, HashSet};

use gix::bstr::{BString, ByteSlice};
use gix::object::tree::diff::ChangeDetached;
use gix::objs::tree::EntryKind;
use jiff::Timestamp;

use super::select::Graph;
use super::{Bare, Error, Oid};

/// Files of one difference.
const MOST_CHANGES: usize = 10_000;
/// Pairs of removed and added files whose likeness is measured: the square of
/// this number.
const RENAME_LIMIT: usize = 200;

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// When.
    pub time: Timestamp,
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its id.
    pub id: Oid,
    /// What it is a state of.
    pub tree: Oid,
    /// What came before.
    pub parents: Vec<Oid>,
    /// Who wrote the change.
    pub author: Person,
    /// Who made the commit.
    pub committer: Person,
    /// Why, at most 64 KiB.
    pub message: String,
}

impl CommitInfo {
    /// The first line of the message.
    pub fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default().trim()
    }
}

/// What stands in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A directory.
    Directory,
    /// Another repository at a commit.
    Submodule,
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link.
    Link,
}

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub sort: Sort,
    /// Its object.
    pub id: Oid,
    /// Bytes of a file; 0 for others.
    pub size: u64,
}

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// It was not there.
    Added,
    /// Its content or mode is another.
    Modified,
    /// It is gone.
    Removed,
    /// It has another name, perhaps with changes.
    Renamed,
}

/// A file that differs between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its path; of a removed file the one that it had.
    pub path: String,
    /// The path before, of a renamed file.
    pub from: Option<String>,
    /// How it changed.
    pub status: FileStatus,
    /// The content before.
    pub old: Option<Oid>,
    /// The content after.
    pub new: Option<Oid>,
}

impl Bare {
    pub(super) fn repo(&self) -> Result<gix::Repository, Error> {
        let options = gix::open::Options::isolated().open_path_as_is(true);
        let mut repo = gix::open_opts(self.directory(), options)?;
        repo.object_cache_size_if_unset(8 << 20);
        Ok(repo)
    }

    /// Follows tags to the commit that they are for.
    ///
    /// # Errors
    /// There is no commit at the end.
    pub fn peel(&self, id: Oid) -> Result<Oid, Error> {
        let odb = self.odb()?;
        let id = super::advert::peel(&odb, id)?;
        match Graph::new(&odb, 1).node(id)? {
            Some(_) => Ok(id),
            None => Err(Error::Missing(format!("the commit {id}"))),
        }
    }

    /// A commit.
    ///
    /// # Errors
    /// There is none of this id.
    pub fn commit(&self, id: Oid) -> Result<CommitInfo, Error> {
        commit_of(&self.repo()?, id)
    }

    /// Commits from `start` back in time, `skip` of them left out.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn log(&self, start: Oid, skip: usize, limit: usize) -> Result<Vec<CommitInfo>, Error> {
        self.walk(start, &HashSet::new(), (skip, limit))
    }

    /// The commits of `head` that `base` does not have, newest first.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn between(&self, base: Oid, head: Oid, limit: usize) -> Result<Vec<CommitInfo>, Error> {
        let odb = self.odb()?;
        let known = Graph::new(&odb, self.limits.walk).reach(&[base], &HashSet::new())?;
        self.walk(head, &known, (0, limit))
    }

    fn walk(
        &self,
        start: Oid,
        without: &HashSet<Oid>,
        (skip, limit): (usize, usize),
    ) -> Result<Vec<CommitInfo>, Error> {
        let repo = self.repo()?;
        let odb = self.odb()?;
        let mut graph = Graph::new(&odb, self.limits.walk);
        let mut seen = HashSet::new();
        let mut open = BinaryHeap::new();
        let mut order = 0_u64;
        let mut push = |graph: &mut Graph<'_, _>, open: &mut BinaryHeap<_>, id: Oid| {
            if !without.contains(&id)
                && let Some(node) = graph.node(id)?
                && seen.insert(id)
            {
                order += 1;
                open.push((node.time, u64::MAX - order, id));
            }
            Ok::<(), Error>(())
        };
        push(&mut graph, &mut open, start)?;
        let (mut passed, mut found) = (0, Vec::new());
        while let Some((_, _, id)) = open.pop() {
            if found.len() == limit {
                break;
            }
            for parent in graph.parents(id)? {
                push(&mut graph, &mut open, parent)?;
            }
            if passed < skip {
                passed += 1;
            } else {
                found.push(commit_of(&repo, id)?);
            }
        }
        Ok(found)
    }

    /// Whether `old` is `new` or comes before it.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn is_ancestor(&self, old: Oid, new: Oid) -> Result<bool, Error> {
        let odb = self.odb()?;
        Graph::new(&odb, self.limits.walk).is_ancestor(old, new)
    }

    /// Where two histories part; nothing where they share nothing.
    ///
    /// # Errors
    /// When objects cannot be read.
    pub fn merge_base(&self, one: Oid, two: Oid) -> Result<Option<Oid>, Error> {
        let repo = self.repo()?;
        let found = repo.merge_base(one, two)?;
        Ok(found.map(gix::Id::detach))
    }

    /// What stands in a directory of a commit (`""`: the top), directories
    /// first.
    ///
    /// # Errors
    /// There is no such commit or directory.
    pub fn list(&self, commit: Oid, path: &str) -> Result<Vec<Entry>, Error> {
        let repo = self.repo()?;
        let root = repo.find_commit(commit)?.tree()?;
        let tree = if path.is_empty() {
            root
        } else {
            let entry = root.lookup_entry_by_path(path)?;
            let entry = entry.filter(|entry| entry.mode().is_tree());
            let entry = entry.ok_or_else(|| Error::Missing(format!("the directory {path}")))?;
            repo.find_tree(entry.object_id())?
        };
        let mut entries = Vec::new();
        for entry in tree.iter() {
            let entry = entry?;
            let sort = match entry.mode().kind() {
                EntryKind::Tree => Sort::Directory,
                EntryKind::Commit => Sort::Submodule,
                EntryKind::Blob => Sort::File,
                EntryKind::BlobExecutable => Sort::Executable,
                EntryKind::Link => Sort::Link,
            };
            let is_file = matches!(sort, Sort::File | Sort::Executable | Sort::Link);
            entries.push(Entry {
                name: entry.filename().to_str_lossy().into_owned(),
                sort,
                id: entry.object_id(),
                size: if is_file {
                    repo.find_header(entry.object_id())?.size()
                } else {
                    0
                },
            });
        }
        entries.sort_by(|a, b| {
            (a.sort != Sort::Directory, &a.name).cmp(&(b.sort != Sort::Directory, &b.name))
        });
        Ok(entries)
    }

    /// The object and the bytes of a file of a commit.
    ///
    /// # Errors
    /// There is no such file, or it is larger than `most` bytes.
    pub fn file(&self, commit: Oid, path: &str, most: usize) -> Result<(Oid, Vec<u8>), Error> {
        let repo = self.repo()?;
        let entry = repo
            .find_commit(commit)?
            .tree()?
            .lookup_entry_by_path(path)?;
        let entry = entry.filter(|entry| !entry.mode().is_tree() && !entry.mode().is_commit());
        let entry = entry.ok_or_else(|| Error::Missing(format!("the file {path}")))?;
        let id = entry.object_id();
        Ok((id, blob(&repo, id, most)?))
    }

    /// The bytes of a file's content.
    ///
    /// # Errors
    /// There is none of this id, or it is larger than `most` bytes.
    pub fn blob(&self, id: Oid, most: usize) -> Result<Vec<u8>, Error> {
        blob(&self.repo()?, id, most)
    }

    /// The files that differ between two commits; every file of `new` when
    /// there is no old one. Sorted by path.
    ///
    /// # Errors
    /// When objects cannot be read, or more than 10,000 files differ.
    pub fn changes(&self, old: Option<Oid>, new: Oid) -> Result<Vec<FileChange>, Error> {
        let repo = self.repo()?;
        let old = match old {
            Some(old) => repo.find_commit(old)?.tree()?,
            None => repo.empty_tree(),
        };
        let new = repo.find_commit(new)?.tree()?;
        let mut options = gix::diff::Options::default();
        options
            .track_path()
            .track_rewrites(Some(gix::diff::Rewrites {
                copies: None,
                percentage: Some(0.5),
                limit: RENAME_LIMIT,
                track_empty: false,
            }));
        let found = repo.diff_tree_to_tree(&old, &new, options)?;
        if found.len() > MOST_CHANGES {
            return Err(Error::TooMuch {
                what: "the number of files that differ",
                limit: MOST_CHANGES as u64,
            });
        }
        let mut changes: Vec<FileChange> = found.into_iter().filter_map(change_of).collect();
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }
}

fn blob(repo: &gix::Repository, id: Oid, most: usize) -> Result<Vec<u8>, Error> {
    let header = repo.find_header(id)?;
    if header.size() > most as u64 {
        return Err(Error::TooMuch {
            what: "the size of the file",
            limit: most as u64,
        });
    }
    Ok(repo.find_blob(id)?.take_data())
}

pub(super) fn commit_of(repo: &gix::Repository, id: Oid) -> Result<CommitInfo, Error> {
    let commit = repo.find_commit(id).map_err(|error| {
        if error.is_not_found() {
            Error::Missing(format!("the commit {id}"))
        } else {
            error.into()
        }
    })?;
    let message = commit.message_raw_sloppy();
    let message = message
        .get(..message.len().min(64 << 10))
        .unwrap_or(message);
    Ok(CommitInfo {
        id,
        tree: commit.tree_id()?.detach(),
        parents: commit.parent_ids().map(gix::Id::detach).collect(),
        author: person(commit.author()?),
        committer: person(commit.committer()?),
        message: message.to_str_lossy().into_owned(),
    })
}

fn person(who: gix::actor::SignatureRef<'_>) -> Person {
    let seconds = who.time().map_or(0, |time| time.seconds);
    Person {
        name: who.name.to_str_lossy().into_owned(),
        email: who.email.to_str_lossy().into_owned(),
        time: Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

/// Directories are left out: their files are listed.
fn change_of(found: ChangeDetached) -> Option<FileChange> {
    let text = |path: &BString| path.to_str_lossy().into_owned();
    let (path, from, status, old, new, mode) = match found {
        ChangeDetached::Addition {
            location,
            entry_mode,
            id,
            ..
        } => (
            text(&location),
            None,
            FileStatus::Added,
            None,
            Some(id),
            entry_mode,
        ),
        ChangeDetached::Deletion {
            location,
            entry_mode,
            id,
            ..
        } => (
            text(&location),
            None,
            FileStatus::Removed,
            Some(id),
            None,
            entry_mode,
        ),
        ChangeDetached::Modification {
            location,
            previous_id,
            id,
            entry_mode,
            ..
        } => (
            text(&location),
            None,
            FileStatus::Modified,
            Some(previous_id),
            Some(id),
            entry_mode,
        ),
        ChangeDetached::Rewrite {
            source_location,
            source_id,
            location,
            id,
            entry_mode,
            ..
        } => (
            text(&location),
            Some(text(&source_location)),
            FileStatus::Renamed,
            Some(source_id),
            Some(id),
            entry_mode,
        ),
    };
    (!mode.is_tree()).then_some(FileChange {
        path,
        from,
        status,
        old,
        new,
    })
}

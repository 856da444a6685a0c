//! Files of a commit: listed, matched, read.

use bytes::Bytes;
use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind as Mode;
use globset::{GlobBuilder, GlobMatcher};
use serde::Serialize;

use super::error::Error;
use super::snapshot::At;

/// Directories below directories that are entered.
const MAX_DEPTH: usize = 256;
/// Symbolic links followed for one path, as Linux does.
const MAX_LINKS: usize = 40;
/// Notes kept for one listing.
const MAX_NOTES: usize = 100;

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link; its content is the target.
    Link,
}

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TreeEntry {
    /// Path from the root, with `/`.
    pub path: String,
    /// Id of the content: equal ids, equal bytes.
    pub blob: String,
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub kind: EntryKind,
}

/// The files of a commit and what was left out of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The files, sorted by path.
    pub entries: Vec<TreeEntry>,
    /// Submodules and names that are not paths, one sentence each.
    pub notes: Vec<String>,
}

/// Lists every file, or those that a matcher accepts.
pub(super) fn list(at: &At, matcher: Option<&Pattern>) -> Result<Tree, Error> {
    let mut tree = Tree::default();
    let mut seen: u64 = 0;
    let mut open: Vec<(ObjectId, String, usize)> = vec![(at.root()?.id, String::new(), 0)];
    while let Some((id, prefix, depth)) = open.pop() {
        let directory = at.repo.find_tree(id).map_err(|error| at.failed(&error))?;
        for entry in directory.iter() {
            let entry = entry.map_err(|error| at.failed(&error))?;
            seen += 1;
            if seen > at.max_entries {
                return Err(Error::TooMany {
                    remote: at.remote.clone(),
                    what: "entries in one tree",
                    limit: at.max_entries,
                });
            }
            let Some(name) = usable_name(entry.filename()) else {
                let shown = entry.filename().to_str_lossy().escape_debug().to_string();
                note(
                    &mut tree,
                    format!("`{prefix}{shown}` is left out: its name is not a file name in UTF-8"),
                );
                continue;
            };
            let path = format!("{prefix}{name}");
            let kind = match entry.mode().kind() {
                Mode::Tree if depth < MAX_DEPTH => {
                    if matcher.is_none_or(|pattern| pattern.may_hold(&path)) {
                        open.push((entry.object_id(), format!("{path}/"), depth + 1));
                    }
                    continue;
                }
                Mode::Tree => {
                    note(
                        &mut tree,
                        format!(
                            "`{path}` is left out: it lies more than {MAX_DEPTH} directories deep"
                        ),
                    );
                    continue;
                }
                Mode::Commit => {
                    note(
                        &mut tree,
                        format!(
                            "`{path}` is a submodule, which is not read; register its repository on its own"
                        ),
                    );
                    continue;
                }
                Mode::Blob => EntryKind::File,
                Mode::BlobExecutable => EntryKind::Executable,
                Mode::Link => EntryKind::Link,
            };
            // A wildcard does not follow links: the file they lead to is
            // found on its own if it matches.
            let wanted =
                matcher.is_none_or(|pattern| kind != EntryKind::Link && pattern.matches(&path));
            if wanted {
                let size = at
                    .repo
                    .find_header(entry.object_id())
                    .map_err(|error| at.failed(&error))?
                    .size();
                tree.entries.push(TreeEntry {
                    path,
                    blob: entry.object_id().to_string(),
                    size,
                    kind,
                });
            }
        }
    }
    tree.entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(tree)
}

fn note(tree: &mut Tree, text: String) {
    if tree.notes.len() < MAX_NOTES {
        tree.notes.push(text);
    }
}

/// A crafted tree may hold names that no checkout would accept.
fn usable_name(name: &gix::bstr::BStr) -> Option<&str> {
    let name = name.to_str().ok()?;
    let bad = name.is_empty()
        || matches!(name, "." | "..")
        || name.contains(['/', '\\', '\0'])
        || name.eq_ignore_ascii_case(".git");
    (!bad).then_some(name)
}

/// A compiled pattern for paths.
pub(super) struct Pattern {
    matcher: GlobMatcher,
    /// Directories before the first wildcard; nothing else is entered.
    fixed: Vec<String>,
    /// Whether the pattern itself speaks of names with a leading dot.
    dots: bool,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadPattern {
            pattern: text.chars().take(200).collect(),
            reason,
        };
        if text.len() > 1024 {
            return Err(bad("it is longer than 1024 bytes".to_owned()));
        }
        let pattern = text.trim_start_matches('/');
        if pattern.split('/').any(|step| matches!(step, "." | "..")) {
            return Err(bad("it contains `.` or `..`".to_owned()));
        }
        let matcher = GlobBuilder::new(pattern)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| bad(error.kind().to_string()))?
            .compile_matcher();
        let mut fixed: Vec<String> = pattern
            .split('/')
            .take_while(|step| !has_wildcard(step))
            .map(str::to_owned)
            .collect();
        let steps = pattern.split('/').count();
        if fixed.len() == steps {
            fixed.pop();
        }
        Ok(Self {
            matcher,
            fixed,
            dots: pattern.split('/').any(|step| step.starts_with('.')),
        })
    }

    fn matches(&self, path: &str) -> bool {
        (self.dots || !self.rest(path).any(|step| step.starts_with('.')))
            && self.matcher.is_match(path)
    }

    fn rest<'a>(&self, path: &'a str) -> impl Iterator<Item = &'a str> {
        path.split('/').skip(self.fixed.len())
    }

    fn may_hold(&self, directory: &str) -> bool {
        directory
            .split('/')
            .zip(&self.fixed)
            .all(|(step, wanted)| step == wanted)
    }
}

pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', '{', '\\'])
}

pub(super) fn glob(at: &At, text: &str) -> Result<Tree, Error> {
    if has_wildcard(text) {
        return list(at, Some(&Pattern::parse(text)?));
    }
    let path = text.trim_start_matches('/');
    match locate(at, path) {
        Ok(found) => Ok(Tree {
            entries: vec![TreeEntry {
                path: path.to_owned(),
                blob: found.id.to_string(),
                size: found.size,
                kind: found.kind,
            }],
            notes: Vec::new(),
        }),
        Err(Error::NoSuchPath { .. }) => Ok(Tree::default()),
        Err(error) => Err(error),
    }
}

pub(super) fn read(at: &At, path: &str) -> Result<Bytes, Error> {
    let found = locate(at, path.trim_start_matches('/'))?;
    if found.size > at.max_file {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            size: found.size,
            limit: at.max_file,
        });
    }
    let mut blob = at
        .repo
        .find_blob(found.id)
        .map_err(|error| at.failed(&error))?;
    Ok(Bytes::from(blob.take_data()))
}

/// The file that a path leads to, through links: its content, size and kind,
/// under the path as it was asked.
pub(super) fn resolve(at: &At, path: &str) -> Result<TreeEntry, Error> {
    let found = locate(at, path.trim_start_matches('/'))?;
    Ok(TreeEntry {
        path: path.to_owned(),
        blob: found.id.to_string(),
        size: found.size,
        kind: found.kind,
    })
}

struct Located {
    id: ObjectId,
    size: u64,
    kind: EntryKind,
}

/// The steps of a path, `.` dropped. `..` is kept for links only.
fn steps(path: &str) -> Result<Vec<String>, Error> {
    let bad = |reason: &'static str| Error::BadPath {
        path: path.chars().take(300).collect(),
        reason,
    };
    if path.contains(['\\', '\0']) {
        return Err(bad("it contains a backslash or a null character"));
    }
    let steps: Vec<String> = path
        .split('/')
        .filter(|step| !matches!(*step, "" | "."))
        .map(str::to_owned)
        .collect();
    if steps.is_empty() {
        return Err(bad("it is empty"));
    }
    if steps.iter().any(|step| step == "..") {
        return Err(bad("it contains `..`"));
    }
    Ok(steps)
}

/// Finds the file at a path, following links the way a file system would,
/// with the root of the tree as the root of the world.
fn locate(at: &At, path: &str) -> Result<Located, Error> {
    let missing = || Error::NoSuchPath {
        remote: at.remote.clone(),
        path: path.to_owned(),
        commit: at.commit.to_string(),
    };
    let mut ahead = steps(path)?;
    ahead.reverse();
    let mut here: Vec<String> = Vec::new();
    let mut links = 0;
    while let Some(step) = ahead.pop() {
        here.push(step);
        let entry = lookup(at, &here)?.ok_or_else(missing)?;
        let kind = match entry.1 {
            Mode::Tree => {
                if ahead.is_empty() {
                    return Err(Error::NotAFile {
                        path: path.to_owned(),
                        what: "a directory",
                    });
                }
                continue;
            }
            Mode::Commit => {
                return Err(Error::NotAFile {
                    path: path.to_owned(),
                    what: "inside a submodule",
                });
            }
            Mode::Blob => EntryKind::File,
            Mode::BlobExecutable => EntryKind::Executable,
            Mode::Link => {
                links += 1;
                follow(at, path, entry.0, &mut here, &mut ahead, links)?;
                continue;
            }
        };
        if !ahead.is_empty() {
            return Err(missing());
        }
        let size = at
            .repo
            .find_header(entry.0)
            .map_err(|error| at.failed(&error))?
            .size();
        return Ok(Located {
            id: entry.0,
            size,
            kind,
        });
    }
    // Only a link to the root of the repository ends here.
    Err(Error::NotAFile {
        path: path.to_owned(),
        what: "a directory",
    })
}

fn lookup(at: &At, steps: &[String]) -> Result<Option<(ObjectId, Mode)>, Error> {
    let entry = at
        .root()?
        .lookup_entry(steps.iter().map(|step| step.as_bytes()))
        .map_err(|error| at.failed(&error))?;
    Ok(entry.map(|entry| (entry.object_id(), entry.mode().kind())))
}

/// Replaces the link at the end of `here` by the steps of its target.
fn follow(
    at: &At,
    path: &str,
    id: ObjectId,
    here: &mut Vec<String>,
    ahead: &mut Vec<String>,
    links: usize,
) -> Result<(), Error> {
    let link = here.join("/");
    let header = at.repo.find_header(id).map_err(|error| at.failed(&error))?;
    let refuse = |target: &str, reason: &'static str| Error::Link {
        path: path.to_owned(),
        link: link.clone(),
        target: target
            .chars()
            .take(200)
            .collect::<String>()
            .escape_debug()
            .to_string(),
        reason,
    };
    if links > MAX_LINKS {
        return Err(refuse("…", "is one of too many in a row"));
    }
    if header.size() > 4096 {
        return Err(refuse("…", "is longer than a path can be"));
    }
    let blob = at.repo.find_blob(id).map_err(|error| at.failed(&error))?;
    let Ok(target) = std::str::from_utf8(&blob.data) else {
        return Err(refuse("…", "is not UTF-8"));
    };
    if target.starts_with('/') || target.contains('\\') || target.contains(':') {
        return Err(refuse(target, "leads out of the repository"));
    }
    here.pop();
    let mut fresh: Vec<String> = Vec::new();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            // Steps already taken are directories, never links: those were
            // replaced when they were met.
            ".." if fresh.is_empty() => {
                if here.pop().is_none() {
                    return Err(refuse(target, "leads out of the repository"));
                }
            }
            ".." => {
                return Err(refuse(
                    target,
                    "goes back through a name it has just entered",
                ));
            }
            name => fresh.push(name.to_owned()),
        }
    }
    ahead.extend(fresh.into_iter().rev());
    Ok(())
}

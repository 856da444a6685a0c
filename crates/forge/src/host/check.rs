//! Whether what came is whole, and harmless to whoever checks it out.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use gix::bstr::{BStr, ByteSlice};
use gix::hash::Kind as Hash;
use gix::objs::{CommitRef, Exists, Find, FindHeader, Kind, TagRef, TreeRef};
use gix::validate::path::component;

use super::{Error, Oid, stop_if};

/// Directories within directories.
const DEEPEST: usize = 1_000;

/// Follows new objects. What the repository has had before was checked before.
pub(super) struct Check<'a, F> {
    fresh: &'a F,
    kept: &'a F,
    stop: &'a AtomicBool,
    /// Good objects, by what they are.
    good: HashMap<Oid, Kind>,
    buffer: Vec<u8>,
}

/// An object that something names, and what it is named as.
struct Named {
    id: Oid,
    expected: Option<Kind>,
    depth: usize,
}

impl<'a, F: Find + Exists + FindHeader> Check<'a, F> {
    pub(super) fn new(fresh: &'a F, kept: &'a F, stop: &'a AtomicBool) -> Self {
        Self {
            fresh,
            kept,
            stop,
            good: HashMap::new(),
            buffer: Vec::new(),
        }
    }

    /// Follows everything that a tip leads to.
    pub(super) fn tip(&mut self, tip: Oid) -> Result<(), Error> {
        let mut visited = Vec::new();
        let mut open = vec![Named {
            id: tip,
            expected: None,
            depth: 0,
        }];
        while let Some(named) = open.pop() {
            stop_if(self.stop)?;
            if let Some(kind) = self.good.get(&named.id) {
                expect(&named, *kind)?;
                continue;
            }
            match self.one(&named, &mut open) {
                Ok(kind) => {
                    self.good.insert(named.id, kind);
                    visited.push(named.id);
                }
                Err(error) => {
                    // What leads to something bad is not good either.
                    for id in visited {
                        self.good.remove(&id);
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, named: &Named, open: &mut Vec<Named>) -> Result<Kind, Error> {
        let id = named.id;
        if self.kept.exists(&id) {
            let kind = self.kept.try_header(&id)?.ok_or_else(|| missing(id))?.kind;
            expect(named, kind)?;
            return Ok(kind);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = self.read(named, &mut buffer, open);
        self.buffer = buffer;
        read
    }

    fn read(
        &self,
        named: &Named,
        buffer: &mut Vec<u8>,
        open: &mut Vec<Named>,
    ) -> Result<Kind, Error> {
        let id = named.id;
        if named.expected == Some(Kind::Blob) {
            // Any bytes are a file.
            let header = self.fresh.try_header(&id)?.ok_or_else(|| missing(id))?;
            expect(named, header.kind)?;
            return Ok(header.kind);
        }
        let data = self
            .fresh
            .try_find(&id, buffer)?
            .ok_or_else(|| missing(id))?;
        expect(named, data.kind)?;
        let broken = |error: gix::Error| {
            Error::Objects(format!("the {} {id} cannot be read: {error}", data.kind))
        };
        let mut name = |id: Oid, expected: Kind, depth: usize| {
            open.push(Named {
                id,
                expected: Some(expected),
                depth,
            });
        };
        match data.kind {
            Kind::Blob => {}
            Kind::Commit => {
                let commit = CommitRef::from_bytes(data.data, Hash::Sha1).map_err(broken)?;
                commit.author().map_err(broken)?;
                commit.committer().map_err(broken)?;
                name(commit.tree(), Kind::Tree, 0);
                for parent in commit.parents() {
                    name(parent, Kind::Commit, 0);
                }
            }
            Kind::Tag => {
                if named.depth > 32 {
                    return Err(Error::Objects(format!("the tag {id} names too many tags")));
                }
                let tag = TagRef::from_bytes(data.data, Hash::Sha1).map_err(broken)?;
                name(tag.target(), tag.target_kind, named.depth + 1);
            }
            Kind::Tree => {
                if named.depth > DEEPEST {
                    return Err(Error::TooMuch {
                        what: "the depth of directories",
                        limit: DEEPEST as u64,
                    });
                }
                let tree = TreeRef::from_bytes(data.data, Hash::Sha1).map_err(broken)?;
                check_tree(id, &tree)?;
                for entry in &tree.entries {
                    let child = entry.oid.to_owned();
                    if entry.mode.is_tree() {
                        name(child, Kind::Tree, named.depth + 1);
                    } else if !entry.mode.is_commit() {
                        name(child, Kind::Blob, 0);
                    }
                }
            }
        }
        Ok(data.kind)
    }
}

fn missing(id: Oid) -> Error {
    Error::Objects(format!("the object {id} is missing"))
}

fn expect(named: &Named, kind: Kind) -> Result<(), Error> {
    match named.expected {
        Some(expected) if expected != kind => Err(Error::Objects(format!(
            "{} is a {kind} where a {expected} is named",
            named.id
        ))),
        _ => Ok(()),
    }
}

/// Names that would lead out of a working tree or into `.git`, names that
/// stand twice, and an order that is not Git's.
fn check_tree(id: Oid, tree: &TreeRef<'_>) -> Result<(), Error> {
    let refuse = |name: &BStr, reason: &str| {
        let shown: String = name.to_str_lossy().chars().take(200).collect();
        Error::Objects(format!(
            "the tree {id} holds `{}`: {reason}",
            shown.escape_debug()
        ))
    };
    let mut last: Option<(&BStr, bool)> = None;
    for entry in &tree.entries {
        let mode = entry.mode.is_link().then_some(component::Mode::Symlink);
        let options = component::Options {
            // `aux.c` and `a:b` are names of files on most machines.
            protect_windows: false,
            ..component::Options::default()
        };
        if let Err(error) = gix::validate::path::component(entry.filename, mode, options) {
            return Err(refuse(entry.filename, &error.to_string()));
        }
        let now = (entry.filename, entry.mode.is_tree());
        if let Some(last) = last
            && order(last, now) != std::cmp::Ordering::Less
        {
            return Err(refuse(entry.filename, "names stand twice or out of order"));
        }
        last = Some(now);
    }
    let mut names: Vec<&BStr> = tree.entries.iter().map(|entry| entry.filename).collect();
    names.sort();
    let twice = names.windows(2).find(|pair| pair.first() == pair.get(1));
    match twice.and_then(|pair| pair.first()) {
        Some(name) => Err(refuse(name, "the name stands twice")),
        None => Ok(()),
    }
}

/// Git compares directories as if their names ended in `/`.
fn order(a: (&BStr, bool), b: (&BStr, bool)) -> std::cmp::Ordering {
    let bytes = |(name, is_tree): (&BStr, bool)| -> Vec<u8> {
        let mut name = name.to_vec();
        if is_tree {
            name.push(b'/');
        }
        name
    };
    bytes(a).cmp(&bytes(b))
}

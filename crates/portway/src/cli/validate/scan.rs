//! Which files are looked at: those that are named, the YAML files below
//! folders that are named, and the local files that Location entities name.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use model::yaml::Mark;

/// Folders that never hold a company's own entities; hidden ones neither.
const SKIPPED_FOLDERS: [&str; 4] = ["node_modules", "target", "vendor", "__pycache__"];
/// Deeper trees than this are a mistake or a trap.
const MAX_DEPTH: usize = 32;
/// More files than this are not one catalog.
const MAX_FILES: usize = 200_000;

/// One file that is to be read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Found in a folder, so that what is no entity is left alone.
    pub(super) listed: bool,
    /// The Location entity that names it: its file, and the place there.
    pub(super) named_at: Option<(String, Mark)>,
}

/// The files in the order in which they are read, each once.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<File>,
    seen: BTreeSet<PathBuf>,
}

impl Queue {
    /// Adds what a path on the command line means.
    pub(super) fn start(&mut self, path: &Path) -> io::Result<()> {
        if !fs::metadata(path)?.is_dir() {
            self.add(path.to_path_buf(), false, None);
            return Ok(());
        }
        let mut files = BTreeSet::new();
        walk(path, 0, &mut files, &mut BTreeSet::new())?;
        for file in files {
            self.add(file, true, None);
        }
        Ok(())
    }

    /// Adds a file unless it was added before under any name.
    pub(super) fn add(&mut self, path: PathBuf, listed: bool, named_at: Option<(String, Mark)>) {
        let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if self.seen.len() < MAX_FILES && self.seen.insert(real) {
            self.waiting.push_back(File {
                path,
                listed,
                named_at,
            });
        }
    }

    pub(super) fn next(&mut self) -> Option<File> {
        self.waiting.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Files read and waiting.
    pub(super) fn total(&self) -> usize {
        self.seen.len()
    }
}

fn walk(
    folder: &Path,
    depth: usize,
    files: &mut BTreeSet<PathBuf>,
    seen: &mut BTreeSet<PathBuf>,
) -> io::Result<()> {
    // A link back up would otherwise be walked for ever.
    if depth > MAX_DEPTH || !seen.insert(fs::canonicalize(folder)?) {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let yaml = path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml");
        if path.is_dir() {
            if !name.starts_with('.') && !SKIPPED_FOLDERS.contains(&&*name) {
                walk(&without_dot(&path), depth + 1, files, seen)?;
            }
        } else if yaml {
            files.insert(without_dot(&path));
        }
    }
    Ok(())
}

/// `./a/b` is shown as `a/b`.
fn without_dot(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_path_buf()
}

/// The bytes of a regular file; one more than `limit` when it is larger, so
/// that the YAML reader names the bound.
pub(super) fn bytes(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

//! A folder with everything in it, as skeletons of golden paths need it: names
//! that begin with a dot, empty folders, links and the right to run a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use forge::git::{EntryKind, Snapshot};
use model::diagnostic::Diagnostic;

use super::{Folder, Inner, failed, missing};
use crate::ingest::files;

/// How deep folders may nest.
const MAX_DEPTH: usize = 64;

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderEntry {
    /// A file.
    File {
        /// What it holds.
        bytes: Vec<u8>,
        /// Whether it may be run.
        executable: bool,
    },
    /// A folder without anything in it.
    EmptyFolder,
    /// A symbolic link, and where it leads.
    Link(String),
}

impl Folder {
    /// Everything in it, by path, except for `.git`. Links are not followed.
    ///
    /// # Errors
    /// When it holds more than `most_entries` or `most_bytes`, or cannot be
    /// read.
    pub async fn whole(
        &self,
        most_entries: usize,
        most_bytes: u64,
    ) -> Result<BTreeMap<String, FolderEntry>, Diagnostic> {
        let shown = self.shown();
        let limits = Limits {
            entries: most_entries,
            bytes: most_bytes,
        };
        let too_large = || {
            Diagnostic::error(
                "folder-too-large",
                format!(
                    "{shown} holds more than {most_entries} files or {} MiB",
                    most_bytes / 1024 / 1024
                ),
            )
            .fixed_by("name a smaller folder")
        };
        match &*self.0 {
            Inner::Local { root, folder } => {
                let (root, folder) = (root.clone(), folder.clone());
                let walked = tokio::task::spawn_blocking(move || walk(&root, &folder, &limits));
                let walked = walked.await.map_err(|error| {
                    Diagnostic::error("internal", error.to_string())
                        .fixed_by("report this as a bug")
                })??;
                walked.ok_or_else(too_large)
            }
            Inner::Repository {
                snapshot, prefix, ..
            } => of_commit(snapshot, prefix, &limits)
                .await?
                .ok_or_else(too_large),
        }
    }

    /// One file of it, and whether it may be run.
    ///
    /// # Errors
    /// As [`Folder::read`].
    pub async fn file(&self, path: &str) -> Result<(Vec<u8>, bool), Diagnostic> {
        let bytes = self.read(path).await?;
        let executable = match &*self.0 {
            Inner::Local { folder, .. } => super::local_path(folder, path)
                .and_then(|whole| fs::metadata(whole).ok())
                .is_some_and(|about| is_executable(&about)),
            Inner::Repository {
                snapshot, prefix, ..
            } => {
                let wanted = format!("{prefix}{path}");
                let tree = snapshot.tree().await.map_err(|error| failed(&error))?;
                let found = tree.entries.iter().find(|entry| entry.path == wanted);
                found.is_some_and(|entry| entry.kind == EntryKind::Executable)
            }
        };
        Ok((bytes, executable))
    }
}

struct Limits {
    entries: usize,
    bytes: u64,
}

/// `None` when it holds too much.
async fn of_commit(
    snapshot: &Snapshot,
    prefix: &str,
    limits: &Limits,
) -> Result<Option<BTreeMap<String, FolderEntry>>, Diagnostic> {
    let tree = snapshot.tree().await.map_err(|error| failed(&error))?;
    let (mut wanted, mut bytes) = (Vec::new(), 0);
    for entry in tree.entries {
        let Some(path) = entry.path.strip_prefix(prefix) else {
            continue;
        };
        bytes += entry.size;
        if wanted.len() >= limits.entries || bytes > limits.bytes {
            return Ok(None);
        }
        wanted.push((path.to_owned(), entry.path.clone(), entry.kind));
    }
    if wanted.is_empty() {
        return Err(missing(prefix.trim_end_matches('/')));
    }
    let paths = wanted.iter().map(|(_, whole, _)| whole.clone()).collect();
    let read = snapshot
        .read_many(paths)
        .await
        .map_err(|error| failed(&error))?;
    let mut found = BTreeMap::new();
    for ((path, _, kind), bytes) in wanted.into_iter().zip(read) {
        let bytes = bytes.map_err(|error| failed(&error))?.to_vec();
        let executable = kind == EntryKind::Executable;
        found.insert(path, FolderEntry::File { bytes, executable });
    }
    Ok(Some(found))
}

/// `None` when it holds too much.
fn walk(
    root: &Path,
    folder: &Path,
    limits: &Limits,
) -> Result<Option<BTreeMap<String, FolderEntry>>, Diagnostic> {
    let unreadable = |path: &str, error: &std::io::Error| {
        Diagnostic::error("cannot-read", format!("{path} cannot be read: {error}"))
    };
    let mut found = BTreeMap::new();
    let mut total = 0_u64;
    let mut open = vec![(folder.to_path_buf(), String::new(), 0)];
    while let Some((here, prefix, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return Ok(None);
        }
        let listed = fs::read_dir(&here).map_err(|error| unreadable(&prefix, &error))?;
        let mut empty = true;
        for entry in listed {
            let entry = entry.map_err(|error| unreadable(&prefix, &error))?;
            let name = entry.file_name().into_string().map_err(|name| {
                Diagnostic::error(
                    "not-utf8",
                    format!("The name {prefix}{} is not UTF-8", name.display()),
                )
                .fixed_by("rename the file")
            })?;
            empty = false;
            if name == ".git" {
                continue;
            }
            let path = format!("{prefix}{name}");
            let about = entry
                .metadata()
                .map_err(|error| unreadable(&path, &error))?;
            if about.is_symlink() {
                let target =
                    fs::read_link(entry.path()).map_err(|error| unreadable(&path, &error))?;
                found.insert(
                    path,
                    FolderEntry::Link(target.to_string_lossy().into_owned()),
                );
            } else if about.is_dir() {
                open.push((entry.path(), format!("{path}/"), depth + 1));
            } else if about.is_file() {
                total = total.saturating_add(about.len());
                if total > limits.bytes || found.len() >= limits.entries {
                    return Ok(None);
                }
                let content =
                    files::read(&entry.path(), root).map_err(|failure| failure.diagnostic)?;
                found.insert(
                    path,
                    FolderEntry::File {
                        bytes: content.bytes,
                        executable: is_executable(&about),
                    },
                );
            }
        }
        if empty && !prefix.is_empty() {
            found.insert(
                prefix.trim_end_matches('/').to_owned(),
                FolderEntry::EmptyFolder,
            );
        }
    }
    Ok(Some(found))
}

#[cfg(unix)]
fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

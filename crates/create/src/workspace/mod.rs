//! The folder that the steps of one task share, and never leave.
//!
//! ```text
//! <data>/tasks/<task>/work/      what steps see
//! <data>/tasks/<task>/<n>.pack   as it was after a step; what a resumed task begins with
//! ```

mod pack;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use platform::inside;

use crate::action::StepError;

pub(crate) use pack::{pack, unpack};

/// Files and folders that one workspace may hold.
pub const MOST_ENTRIES: usize = 50_000;
/// How much one workspace may hold, in bytes.
pub const MOST_BYTES: u64 = 512 * 1024 * 1024;
/// How deep folders may nest.
const DEEPEST: usize = 64;

/// One entry of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the workspace, with `/` between names.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes of a file.
    pub size: u64,
    /// Whether the file may be run.
    pub executable: bool,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, and where it leads.
    Link(String),
}

/// The folder of one task. Every path is judged before it is used: what leads
/// out, by its text or through a link, is refused.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
    inside: inside::Root,
    changed: Arc<AtomicBool>,
}

impl Workspace {
    /// The workspace in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let root = fs::canonicalize(root)?;
        Ok(Self {
            inside: inside::Root::new(&root),
            root,
            changed: Arc::default(),
        })
    }

    /// The folder itself. Whoever writes there without this type calls
    /// [`Workspace::touch`].
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Says that something may have changed, so that it is kept after the step.
    pub fn touch(&self) {
        self.changed.store(true, Ordering::Release);
    }

    /// Whether something has changed since this was asked last.
    pub(crate) fn take_changed(&self) -> bool {
        self.changed.swap(false, Ordering::AcqRel)
    }

    /// The place of a path below the workspace; `.` and the empty path are the
    /// workspace itself.
    ///
    /// # Errors
    /// When it leads out, by its text or through a link.
    pub fn path(&self, path: &str) -> Result<PathBuf, StepError> {
        let below = inside::relative(path).ok_or_else(|| outside(path))?;
        let whole = if below.is_empty() {
            self.root.clone()
        } else {
            self.root.join(below)
        };
        // The nearest part that exists decides where the rest would go.
        let mut nearest = whole.as_path();
        while nearest != self.root && fs::symlink_metadata(nearest).is_err() {
            nearest = nearest.parent().unwrap_or(&self.root);
        }
        match self.inside.real(nearest) {
            Ok(_) => Ok(whole),
            // A link that leads nowhere may be removed or replaced, not followed.
            Err(inside::Refused::Io(_)) if nearest == whole => Ok(whole),
            Err(_) => Err(outside(path)),
        }
    }

    /// Whether something is there.
    ///
    /// # Errors
    /// As [`Workspace::path`].
    pub fn exists(&self, path: &str) -> Result<bool, StepError> {
        Ok(fs::symlink_metadata(self.path(path)?).is_ok())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, is no file, or leads out.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, StepError> {
        use io::Read as _;
        let whole = self.path(path)?;
        let opened = self.inside.open(&whole);
        let (file, size) = opened.map_err(|error| missing(path, &error.to_string()))?;
        if size > MOST_BYTES {
            return Err(too_much());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(MOST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|error| missing(path, &error.to_string()))?;
        Ok(bytes)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// As [`Workspace::read`], and when it is not UTF-8.
    pub fn read_text(&self, path: &str) -> Result<String, StepError> {
        String::from_utf8(self.read(path)?)
            .map_err(|_| StepError::new(format!("{path} is not a text in UTF-8")))
    }

    /// Writes a file, with the folders above it, in the place of what was there.
    ///
    /// # Errors
    /// When it leads out, or the system refuses.
    pub fn write(&self, path: &str, bytes: &[u8], executable: bool) -> Result<(), StepError> {
        let whole = self.prepare(path)?;
        let written = fs::File::create(&whole).and_then(|mut file| {
            file.write_all(bytes)?;
            set_executable(&whole, executable)
        });
        written.map_err(|error| refused(path, &error))
    }

    /// Makes a symbolic link, which may lead inside of the workspace only.
    ///
    /// # Errors
    /// When either end leads out.
    pub fn link(&self, path: &str, target: &str) -> Result<(), StepError> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = match folder {
            "" => target.to_owned(),
            folder => format!("{folder}/{target}"),
        };
        if target.starts_with('/') || inside::relative(&joined).is_none() {
            return Err(outside(target));
        }
        let whole = self.prepare(path)?;
        make_link(target, &whole).map_err(|error| refused(path, &error))
    }

    /// Makes a folder, with those above it.
    ///
    /// # Errors
    /// When it leads out, or a file is in the way.
    pub fn make_folder(&self, path: &str) -> Result<(), StepError> {
        let whole = self.path(path)?;
        self.touch();
        fs::create_dir_all(&whole).map_err(|error| refused(path, &error))
    }

    /// Removes a file, a link, or a folder with everything in it. What is not
    /// there is no error.
    ///
    /// # Errors
    /// When it leads out, is the workspace itself, or the system refuses.
    pub fn remove(&self, path: &str) -> Result<(), StepError> {
        let whole = self.path(path)?;
        if whole == self.root {
            return Err(StepError::new("The workspace itself cannot be removed")
                .fixed_by("name files and folders below it, such as `**/*.tmp`"));
        }
        self.touch();
        let removed = match fs::symlink_metadata(&whole) {
            Err(_) => Ok(()),
            Ok(about) if about.is_dir() => fs::remove_dir_all(&whole),
            Ok(_) => fs::remove_file(&whole),
        };
        removed.map_err(|error| refused(path, &error))
    }

    /// Moves a file or folder.
    ///
    /// # Errors
    /// When there is nothing to move, or something is in the way and may not
    /// be overwritten.
    pub fn rename(&self, from: &str, to: &str, overwrite: bool) -> Result<(), StepError> {
        let source = self.path(from)?;
        if fs::symlink_metadata(&source).is_err() {
            return Err(missing(from, "there is nothing of this name"));
        }
        let target = self.path(to)?;
        if target.starts_with(&source) && target != source {
            return Err(StepError::new(format!(
                "{from} cannot be moved into itself"
            )));
        }
        if target != source && fs::symlink_metadata(&target).is_ok() {
            if !overwrite {
                return Err(StepError::new(format!("dest already exists: {to}"))
                    .fixed_by("set `overwrite: true`, or choose another name"));
            }
            self.remove(to)?;
        }
        self.prepare_folder(&target)
            .map_err(|error| refused(to, &error))?;
        self.touch();
        fs::rename(&source, &target).map_err(|error| refused(from, &error))
    }

    /// Everything in it, sorted by path. Links are listed, not followed.
    ///
    /// # Errors
    /// When it holds too much, or the system refuses.
    pub fn entries(&self) -> Result<Vec<Entry>, StepError> {
        self.entries_below("")
    }

    /// Everything below a folder of it, with paths from the workspace.
    ///
    /// # Errors
    /// As [`Workspace::entries`], and when there is no such folder.
    pub fn entries_below(&self, folder: &str) -> Result<Vec<Entry>, StepError> {
        let start = self.path(folder)?;
        let prefix = inside::relative(folder).ok_or_else(|| outside(folder))?;
        if !start.is_dir() {
            return Err(missing(folder, "there is no folder of this name"));
        }
        let mut found = Vec::new();
        let mut open = vec![(start, prefix, 0)];
        let mut bytes = 0;
        while let Some((here, prefix, depth)) = open.pop() {
            if depth > DEEPEST {
                return Err(StepError::new(format!(
                    "Folders of the workspace nest more than {DEEPEST} deep"
                )));
            }
            let listed = fs::read_dir(&here).map_err(|error| refused(&prefix, &error))?;
            for entry in listed {
                let entry = entry.map_err(|error| refused(&prefix, &error))?;
                let name = entry.file_name().into_string().map_err(|name| {
                    StepError::new(format!("The name {} is not UTF-8", name.display()))
                        .fixed_by("rename the file in the skeleton")
                })?;
                let path = match prefix.as_str() {
                    "" => name,
                    above => format!("{above}/{name}"),
                };
                let about = entry.metadata().map_err(|error| refused(&path, &error))?;
                let kind = kind_of(&entry.path(), &about);
                if kind == EntryKind::Folder {
                    open.push((entry.path(), path.clone(), depth + 1));
                }
                bytes += about.len();
                found.push(Entry {
                    path,
                    size: if kind == EntryKind::File {
                        about.len()
                    } else {
                        0
                    },
                    executable: is_executable(&about),
                    kind,
                });
                if found.len() > MOST_ENTRIES || bytes > MOST_BYTES {
                    return Err(too_much());
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// The entries that fit one of the patterns: `*` inside of a folder, `**`
    /// across folders, a name for itself.
    ///
    /// # Errors
    /// For a pattern that cannot be read, or that leads out.
    pub fn matching(&self, patterns: &[String]) -> Result<Vec<Entry>, StepError> {
        let set = globs(patterns)?;
        let entries = self.entries()?;
        Ok(entries
            .into_iter()
            .filter(|entry| set.is_match(&entry.path))
            .collect())
    }

    /// Makes the folders above a path and takes away what is in its place.
    fn prepare(&self, path: &str) -> Result<PathBuf, StepError> {
        let whole = self.path(path)?;
        if whole == self.root {
            return Err(outside(path));
        }
        self.touch();
        self.prepare_folder(&whole)
            .map_err(|error| refused(path, &error))?;
        match fs::symlink_metadata(&whole) {
            Ok(about) if about.is_dir() => Err(StepError::new(format!(
                "{path} is a folder, so no file can be written there"
            ))),
            Ok(about) if about.is_symlink() => fs::remove_file(&whole)
                .map(|()| whole)
                .map_err(|error| refused(path, &error)),
            _ => Ok(whole),
        }
    }

    fn prepare_folder(&self, whole: &Path) -> io::Result<()> {
        whole.parent().map_or(Ok(()), fs::create_dir_all)
    }
}

/// Patterns of files as one set.
///
/// # Errors
/// For a pattern that cannot be read, or that leads out.
pub fn globs(patterns: &[String]) -> Result<GlobSet, StepError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let plain = pattern.trim_start_matches("./").trim_end_matches('/');
        if plain.starts_with('/') || plain.split('/').any(|part| part == "..") {
            return Err(outside(pattern));
        }
        let glob = GlobBuilder::new(plain).literal_separator(true).build();
        set.add(glob.map_err(|error| {
            StepError::new(format!("`{pattern}` is no pattern of files: {error}"))
                .accepting("names with `*`, `**`, `?`, `[a-z]` and `{a,b}`")
        })?);
    }
    set.build()
        .map_err(|error| StepError::new(format!("These patterns cannot be read: {error}")))
}

pub(crate) fn outside(path: &str) -> StepError {
    StepError::new(format!(
        "Relative path is not allowed to refer to a directory outside its parent: `{path}`"
    ))
    .accepting("a path below the workspace, with `/` between names")
}

fn missing(path: &str, why: &str) -> StepError {
    StepError::new(format!("`{path}` cannot be read: {why}"))
        .fixed_by("`debug:log` with `listWorkspace: true` shows what is there")
}

fn refused(path: &str, error: &io::Error) -> StepError {
    StepError::new(format!("`{path}`: {error}"))
}

fn too_much() -> StepError {
    StepError::new(format!(
        "The workspace holds more than {MOST_ENTRIES} files or {} MiB",
        MOST_BYTES / 1024 / 1024
    ))
    .fixed_by("fetch less: name a smaller folder, or remove what is not needed with `fs:delete`")
}

fn kind_of(path: &Path, about: &fs::Metadata) -> EntryKind {
    if about.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        EntryKind::Link(target.to_string_lossy().into_owned())
    } else if about.is_dir() {
        EntryKind::Folder
    } else {
        EntryKind::File
    }
}

#[cfg(unix)]
fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.is_file() && about.permissions().mode() & 0o100 != 0
}

#[cfg(unix)]
fn set_executable(path: &Path, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
fn make_link(target: &str, place: &Path) -> io::Result<()> {
    if fs::symlink_metadata(place).is_ok() {
        fs::remove_file(place)?;
    }
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn set_executable(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_link(_: &str, _: &Path) -> io::Result<()> {
    Err(io::Error::other("links are not made on this system"))
}

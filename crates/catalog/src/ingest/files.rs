//! Local files and folders, read without ever leaving the source's own tree.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use platform::inside::{Refused, Root};

use super::content::{Content, Links, MAX_FILE_BYTES, ReadFailure};

/// Folders that never hold a company's own entities.
pub(super) const SKIPPED_FOLDERS: [&str; 4] = ["node_modules", "target", "vendor", "__pycache__"];
/// Deeper trees than this are a mistake or a trap.
const MAX_DEPTH: usize = 32;

/// The folder that a source may read in: the Git work tree around it, or
/// without one the folder of the source itself.
pub(crate) fn tree_around(target: &Path) -> PathBuf {
    let folder = if target.is_dir() {
        target
    } else {
        target.parent().unwrap_or(target)
    };
    let absolute = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    absolute
        .ancestors()
        .find(|ancestor| ancestor.join(".git").exists())
        .map_or(absolute.clone(), Path::to_path_buf)
}

/// Reads one file of the tree `root`.
pub(crate) fn read(path: &Path, root: &Path) -> Result<Content, ReadFailure> {
    let shown = path.display();
    let (file, length) = Root::new(root)
        .open(path)
        .map_err(|refused| match refused {
            Refused::Outside => ReadFailure::new(
                "outside-tree",
                format!(
                    "{shown} lies outside of {}, the tree of its source",
                    root.display()
                ),
                "move the file into the tree, or declare it as a source of its own",
            ),
            Refused::Folder => ReadFailure::new(
                "is-a-folder",
                format!("{shown} is a folder, not a file"),
                "name a file in it, or give the folder to Portway as a source",
            ),
            Refused::Special => ReadFailure::new(
                "cannot-read",
                format!("{shown} is a device, a pipe or a socket, not a file"),
                "name a file",
            ),
            Refused::Io(error) => cannot_read(path, &error),
        })?;
    if length > MAX_FILE_BYTES {
        return Err(ReadFailure::too_large(length));
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cannot_read(path, &error))?;
    Ok(Content {
        bytes,
        revision: None,
        links: Links::default(),
    })
}

/// A file that changed less than this long before it is looked at may change
/// again without its times telling: some disks count in steps of two seconds.
const STEADY: Duration = Duration::from_secs(3);

/// Names the version of a file without reading it: its number, size and times,
/// the time of its last change of any sort among them, which no program can
/// set. Nothing for what changed just before `now`, as Git does it.
#[cfg(unix)]
pub(crate) fn stamp(path: &Path, now: Timestamp) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let changed = file.ctime().max(file.mtime());
    let steady = i64::try_from(STEADY.as_secs()).ok()?;
    (changed.saturating_add(steady) < now.as_second()).then(|| {
        format!(
            "{}:{} {} {}.{} {}.{}",
            file.dev(),
            file.ino(),
            file.size(),
            file.mtime(),
            file.mtime_nsec(),
            file.ctime(),
            file.ctime_nsec()
        )
    })
}

/// Other systems do not say when a file changed in a way that can be trusted.
#[cfg(not(unix))]
pub(crate) fn stamp(_path: &Path, _now: Timestamp) -> Option<String> {
    None
}

fn cannot_read(path: &Path, error: &io::Error) -> ReadFailure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => ReadFailure::new(
            "not-found",
            format!("NotFoundError: Unable to read file, no matching files found for {shown}"),
            "create the file, or remove what refers to it",
        )
        .gone(),
        io::ErrorKind::PermissionDenied => ReadFailure::new(
            "no-permission",
            format!("{shown} may not be read by the user that runs Portway"),
            format!("run `chmod a+r {shown}`"),
        ),
        _ => ReadFailure::new(
            "cannot-read",
            format!("{shown} cannot be read: {error}"),
            "check the disk and the path",
        ),
    }
}

/// A folder as it is now: its YAML files, and what was left out with the reason.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In order of their names, so that two runs agree.
    pub(crate) files: BTreeSet<PathBuf>,
    /// Failures that concern one place only.
    pub(crate) failures: Vec<(PathBuf, ReadFailure)>,
}

/// Lists the YAML files below `folder`, following symbolic links only where
/// they stay inside `root`.
pub(crate) fn list(folder: &Path, root: &Path) -> Result<Listing, ReadFailure> {
    fs::read_dir(folder).map_err(|error| cannot_read(folder, &error))?;
    let mut walk = Walk {
        root,
        listing: Listing::default(),
        seen: BTreeSet::new(),
    };
    walk.follow(folder, 0);
    Ok(walk.listing)
}

/// A walk through a tree of folders.
struct Walk<'a> {
    root: &'a Path,
    listing: Listing,
    /// Folders by where they really are: a link back up would otherwise be
    /// walked for ever.
    seen: BTreeSet<PathBuf>,
}

impl Walk<'_> {
    /// Walks a folder that may be a link, or lie behind one.
    fn follow(&mut self, folder: &Path, depth: usize) {
        match Root::new(self.root).real(folder) {
            Ok(real) => self.walk(folder, &real, depth),
            Err(Refused::Io(error)) => self.fail(folder, cannot_read(folder, &error)),
            Err(_) => {
                let failure = ReadFailure::new(
                    "outside-tree",
                    format!(
                        "{} is a link that leads out of {}",
                        folder.display(),
                        self.root.display()
                    ),
                    "remove the link, or declare its target as a source of its own",
                );
                self.fail(folder, failure);
            }
        }
    }

    /// Walks a folder that really is at `real`.
    fn walk(&mut self, folder: &Path, real: &Path, depth: usize) {
        if depth > MAX_DEPTH || !self.seen.insert(real.to_path_buf()) {
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.fail(folder, cannot_read(folder, &error)),
        };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            // What the listing says of an entry costs nothing, but does not
            // say where a link leads.
            let kind = entry.file_type().ok().filter(|kind| !kind.is_symlink());
            let is_folder = kind.map_or_else(|| path.is_dir(), |kind| kind.is_dir());
            if !is_folder {
                if is_yaml(&path) {
                    self.listing.files.insert(path);
                }
                continue;
            }
            let shown = name.to_string_lossy();
            if shown.starts_with('.') || SKIPPED_FOLDERS.contains(&&*shown) {
                continue;
            }
            match kind {
                Some(_) => self.walk(&path, &real.join(&name), depth + 1),
                None => self.follow(&path, depth + 1),
            }
        }
    }

    fn fail(&mut self, folder: &Path, failure: ReadFailure) {
        self.listing.failures.push((folder.to_path_buf(), failure));
    }
}

/// Whether a file's name says that it holds YAML.
pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .and_then(|end| end.to_str())
        .is_some_and(|end| matches!(end, "yaml" | "yml"))
}

/// `target` as seen from the file `base`, without `.` and `..` where the
/// names alone tell.
pub(crate) fn resolve(base: &Path, target: &str) -> PathBuf {
    let joined = base.parent().unwrap_or(base).join(target);
    let mut clean = PathBuf::new();
    for component in joined.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_stamp_names_a_version_once_the_file_is_at_rest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.yaml");
        fs::write(&file, "a").unwrap();
        let after = |seconds: i64| {
            let changed = fs::metadata(&file).unwrap().ctime();
            Timestamp::from_second(changed + seconds).unwrap()
        };
        assert_eq!(stamp(&file, after(2)), None, "it may change again unseen");
        let first = stamp(&file, after(10));
        assert!(first.is_some());
        assert_eq!(stamp(&file, after(20)), first);
        fs::write(&file, "ab").unwrap();
        assert_ne!(stamp(&file, after(10)), first);
        assert_eq!(
            stamp(folder.path(), after(10)),
            None,
            "a folder has no bytes"
        );
        fs::remove_file(&file).unwrap();
        assert_eq!(stamp(&file, Timestamp::MAX), None);
    }
}

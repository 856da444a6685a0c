//! Paths that others wrote, read without leaving one folder.
//!
//! Two questions, for two moments: [`relative`] judges the text of a path,
//! without a disk; [`Root`] judges what it leads to, through every link, and
//! asks once more after opening, so that a link that is put in place between
//! the two looks gains nothing.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Why a path is not followed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It leads, or could lead, out of the folder.
    #[error("it lies outside of the folder")]
    Outside,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It is a device, a pipe or a socket, which could be read for ever.
    #[error("it is a device, a pipe or a socket")]
    Special,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The path below a folder that a text means, with `/` between its parts.
/// `None` for whatever could mean something else on some system or after one
/// more decoding: absolute paths, `..` that climbs out, `\`, drive letters,
/// control characters, and percent-encoded ones of these.
pub fn relative(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text);
    let decoded = decoded.decode_utf8().ok()?;
    // What changes by decoding is judged in both forms.
    below(&decoded)?;
    below(text)
}

fn below(text: &str) -> Option<String> {
    if text.starts_with('/') || text.contains('\\') || text.chars().any(char::is_control) {
        return None;
    }
    let mut parts = Vec::new();
    for (index, part) in text.split('/').enumerate() {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ if index == 0 && is_drive(part) => return None,
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `C:` and `C:name` mean a place of their own on Windows.
fn is_drive(part: &str) -> bool {
    let mut letters = part.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.next() == Some(':')
}

/// A folder that is not left.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// `folder` is taken as it is, which is right for one without links.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_path_buf())
    }

    /// Where `path` leads to through all links.
    ///
    /// # Errors
    /// [`Refused::Outside`], also for a path that leads nowhere outside of the
    /// folder: whether something exists there is not told. [`Refused::Io`]
    /// for one that leads nowhere inside of it.
    pub fn real(&self, path: &Path) -> Result<PathBuf, Refused> {
        match fs::canonicalize(path) {
            Ok(real) if real.starts_with(&self.0) => Ok(real),
            Ok(_) => Err(Refused::Outside),
            Err(_) if self.0.exists() && !self.holds_nearest(path) => Err(Refused::Outside),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the part of `path` that exists is inside.
    fn holds_nearest(&self, path: &Path) -> bool {
        path.ancestors()
            .skip(1)
            .find_map(|above| fs::canonicalize(above).ok())
            .is_some_and(|above| above.starts_with(&self.0))
    }

    /// Opens a regular file, with its length in bytes.
    ///
    /// # Errors
    /// As [`Root::real`], and for what is no regular file.
    pub fn open(&self, path: &Path) -> Result<(File, u64), Refused> {
        let real = self.real(path)?;
        // Asked before opening: opening a named pipe would wait for its writer.
        regular(&fs::metadata(&real)?)?;
        let file = File::open(&real)?;
        let found = file.metadata()?;
        regular(&found)?;
        if self.holds_open(&file, &real) {
            Ok((file, found.len()))
        } else {
            Err(Refused::Outside)
        }
    }

    /// Whether a file that is open now lies inside. Linux says where it lies;
    /// elsewhere its path must still lead where it led before.
    fn holds_open(&self, file: &File, real: &Path) -> bool {
        match place_of(file) {
            Some(place) => place.starts_with(&self.0),
            None => fs::canonicalize(real).is_ok_and(|again| again == real),
        }
    }
}

fn regular(found: &fs::Metadata) -> Result<(), Refused> {
    if found.is_dir() {
        return Err(Refused::Folder);
    }
    if !found.is_file() {
        return Err(Refused::Special);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn place_of(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()
}

#[cfg(not(target_os = "linux"))]
fn place_of(_: &File) -> Option<PathBuf> {
    None
}

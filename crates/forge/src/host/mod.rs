//! The server's side of Git: bare repositories whose refs are kept by somebody
//! else.
//!
//! ```text
//! packet    pkt-lines and side bands
//! advert    which refs there are, for protocols v0, v1 and v2
//! upload    what a clone or fetch asks for, and its answer
//! select    which objects somebody lacks; shallow boundaries
//! pack      objects as a pack; objects that are made here
//! receive   what a push wants, its pack, and the report
//! check     whether what came is whole, and harmless to check out
//! browse    files, commits and differences
//! merge     merge, squash and rebase without a working tree
//! ```
//!
//! A repository here is a directory of objects. Names (refs) are handed in and
//! out: whoever keeps them in a database can move several at once, and say so
//! in the same transaction. Objects are written and synced before a ref may
//! name them, so a crash leaves at most a pack that nobody names.
//!
//! One promise holds throughout: what an object of the directory names is in
//! the directory too. [`Received::keep`] is the only way in, behind the check.
//!
//! Everything here blocks. No `git` program is needed.

mod advert;
mod browse;
mod check;
mod merge;
mod pack;
pub mod packet;
mod receive;
mod select;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use gix::hash::Kind;
use gix::odb::store::RefreshMode;

pub use advert::{Service, Version, advertise};
pub use browse::{CommitInfo, Entry, FileChange, FileStatus, Person, Sort};
pub use merge::{FileEdit, Making, Method};
pub use pack::NewObjects;
pub use receive::{Command, Push, Received, report};
pub use upload::upload_pack;

/// The id of an object.
pub use gix::ObjectId as Oid;

/// What one repository and one push may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one object, unpacked.
    pub object: usize,
    /// Objects of one push.
    pub objects: u32,
    /// Refs that one push may change.
    pub commands: usize,
    /// Commits that one request may look at.
    pub walk: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object: 100 << 20,
            objects: 2_000_000,
            commands: 1_000,
            walk: 2_000_000,
        }
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client does not speak the protocol, or asks for what is not there.
    #[error("{0}")]
    Client(String),
    /// More than is allowed.
    #[error("{what} is more than the limit of {limit}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Objects that are missing or not what they must be.
    #[error("{0}")]
    Objects(String),
    /// Two sides changed the same.
    #[error("both sides changed {}", .0.join(", "))]
    Conflict(Vec<String>),
    /// There is no such file, commit or ref.
    #[error("{0} does not exist")]
    Missing(String),
    /// The work was stopped.
    #[error("the work was stopped: it took too long, or nobody waits for it any longer")]
    Stopped,
    /// The disk.
    #[error("{doing}: {cause}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
    /// Git itself.
    #[error("{0}")]
    Git(String),
}

impl Error {
    pub(super) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |cause| Self::Io { doing, cause }
    }
}

impl From<gix::Error> for Error {
    fn from(error: gix::Error) -> Self {
        Self::Git(crate::git::causes(&error))
    }
}

/// Every name of a repository, sorted, and the branch that HEAD names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refs {
    /// Full name of the default branch, whether it exists or not.
    pub head: String,
    /// Full names with what they point to, sorted by name.
    pub all: Vec<(String, Oid)>,
}

impl Refs {
    /// What a full name points to.
    pub fn get(&self, name: &str) -> Option<Oid> {
        let at = self
            .all
            .binary_search_by(|(known, _)| known.as_str().cmp(name));
        at.ok().and_then(|at| self.all.get(at)).map(|(_, id)| *id)
    }

    /// The commit of the default branch.
    pub fn head_id(&self) -> Option<Oid> {
        self.get(&self.head)
    }
}

/// Reads a full hexadecimal id.
pub fn parse_oid(text: &str) -> Option<Oid> {
    Oid::from_hex(text.as_bytes()).ok()
}

/// The id that stands for "nothing".
pub fn no_oid() -> Oid {
    Oid::null(Kind::Sha1)
}

/// The directory of objects of one repository.
#[derive(Clone, Debug)]
pub struct Bare {
    directory: PathBuf,
    limits: Limits,
}

impl Bare {
    /// The repository in `directory`, which [`Bare::create`] has made.
    pub fn at(directory: impl Into<PathBuf>, limits: Limits) -> Self {
        Self {
            directory: directory.into(),
            limits,
        }
    }

    /// Makes an empty repository. One that is there already stays as it is.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(directory: impl Into<PathBuf>, limits: Limits) -> Result<Self, Error> {
        let bare = Self::at(directory, limits);
        for part in ["objects/pack", "objects/info", "refs/heads", "incoming"] {
            std::fs::create_dir_all(bare.directory.join(part))
                .map_err(Error::io("making the repository's directory"))?;
        }
        // What makes a directory a repository to Git's own tools.
        for (name, content) in [
            ("HEAD", "ref: refs/heads/main\n"),
            (
                "config",
                "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
            ),
        ] {
            let path = bare.directory.join(name);
            if !path.exists() {
                std::fs::write(path, content)
                    .map_err(Error::io("writing the repository's files"))?;
            }
        }
        sync_directory(&bare.directory)?;
        Ok(bare)
    }

    /// Removes the directory.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(self) -> Result<(), Error> {
        match std::fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("removing the repository's directory")(error))
            }
            _ => Ok(()),
        }
    }

    /// Bytes of all objects on disk.
    pub fn size(&self) -> u64 {
        let Ok(packs) = std::fs::read_dir(self.objects_directory().join("pack")) else {
            return 0;
        };
        packs
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    /// Where the repository lies.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where what is being received lies until it is checked.
    pub fn incoming(&self) -> PathBuf {
        self.directory.join("incoming")
    }

    /// Removes what pushes that were cut off have left in `incoming`. Only
    /// while nobody pushes.
    pub fn sweep(&self) {
        if std::fs::remove_dir_all(self.incoming()).is_ok() {
            let _ = std::fs::create_dir_all(self.incoming());
        }
    }

    fn objects_directory(&self) -> PathBuf {
        self.directory.join("objects")
    }

    fn odb(&self) -> Result<gix::odb::Handle, Error> {
        open_odb(&self.objects_directory())
    }
}

fn open_odb(directory: &Path) -> Result<gix::odb::Handle, Error> {
    let mut odb =
        gix::odb::at(directory, Kind::Sha1).map_err(Error::io("opening the object database"))?;
    odb.set_pack_cache(|| Box::new(gix::odb::pack::cache::Never));
    Ok(odb)
}

/// A database that is asked for much that it does not hold.
fn without_refresh(mut odb: gix::odb::Handle) -> gix::odb::Handle {
    odb.refresh = RefreshMode::Never;
    odb
}

fn stop_if(stop: &AtomicBool) -> Result<(), Error> {
    if stop.load(std::sync::atomic::Ordering::Relaxed) {
        return Err(Error::Stopped);
    }
    Ok(())
}

/// Makes names in a directory durable.
fn sync_directory(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    std::fs::File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(Error::io("syncing a directory"))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

//! A folder beside an entity, listed and read: what documentation and other
//! capabilities need of the place that declares an entity.
//!
//! The rules are those of ingestion: files of this machine only from the tree
//! of their own source, repositories through the same copies and credentials,
//! nothing outside of the tree, limits on size and number.

mod whole;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use forge::git::{Commit, EntryKind, Snapshot, TreeEntry};
use forge::scm_url::{ScmUrl, UrlKind};
use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::location_ref::LocationRef;
use platform::inside::{Root, relative};

use super::content::ReadFailure;
use super::read::tree_of;
use super::repository::Target;
use super::session::{Session, git_failure};
use super::{Ingestion, files};
use crate::source::Source;

pub use whole::FolderEntry;

/// Files of one folder that are looked at.
const MAX_FILES: usize = 20_000;
/// Folders below folders that are entered.
const MAX_DEPTH: usize = 32;
/// Files and folders of one folder that are looked at to find them.
const MAX_ENTRIES: usize = 200_000;
/// Symbolic links of one folder that are followed.
const MAX_LINKS: usize = 1_000;
/// Commits that are looked through for the last change of a file.
const MAX_COMMITS: usize = 50;

/// A folder at one version. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
enum Inner {
    Local {
        root: PathBuf,
        folder: PathBuf,
    },
    Repository {
        snapshot: Snapshot,
        /// Empty, or ending in `/`.
        prefix: String,
        /// The folder's page, where its host is known.
        page: Option<ScmUrl>,
    },
}

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// From the folder, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The same name of the version, the same bytes.
    pub version: String,
    /// When it was written, where the place tells without being asked more.
    pub modified: Option<Timestamp>,
}

/// When a file was changed last, as far as its place tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// When.
    pub at: Timestamp,
    /// The commit: id, author and first line of the message.
    pub commit: Option<(String, String, String)>,
}

impl Folder {
    /// A folder of this machine, for a command line that its user runs. Links
    /// that lead out of it are not followed.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn local(folder: &Path) -> Result<Self, Diagnostic> {
        let real = fs::canonicalize(folder).ok().filter(|real| real.is_dir());
        let real = real.ok_or_else(|| {
            Diagnostic::error("not-found", format!("{} is not a folder", folder.display()))
                .fixed_by("name the folder that holds mkdocs.yml")
        })?;
        Ok(Self(Arc::new(Inner::Local {
            root: real.clone(),
            folder: real,
        })))
    }

    /// The commit, where there is one.
    #[must_use]
    pub fn revision(&self) -> Option<String> {
        match &*self.0 {
            Inner::Local { .. } => None,
            Inner::Repository { snapshot, .. } => Some(snapshot.commit().to_string()),
        }
    }

    /// Whether it lies on this machine, where looking again costs nothing.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(&*self.0, Inner::Local { .. })
    }

    /// How people name the folder: its path or the address of its page.
    #[must_use]
    pub fn shown(&self) -> String {
        match &*self.0 {
            Inner::Local { folder, .. } => folder.display().to_string(),
            Inner::Repository {
                page: Some(page), ..
            } => page.with_kind(UrlKind::Tree).to_string(),
            Inner::Repository {
                snapshot, prefix, ..
            } => format!("{}#:{prefix}", snapshot.remote().shown()),
        }
    }

    /// How people name one file of it.
    #[must_use]
    pub fn shown_file(&self, path: &str) -> String {
        match &*self.0 {
            Inner::Local { folder, .. } => folder.join(path).display().to_string(),
            Inner::Repository { .. } => self.view_url(path).unwrap_or_else(|| path.to_owned()),
        }
    }

    /// The page that shows a file on its host. `..` may lead to other files of
    /// the same repository.
    #[must_use]
    pub fn view_url(&self, path: &str) -> Option<String> {
        Some(self.scm(path)?.view_url())
    }

    /// The form that edits a file on its host.
    #[must_use]
    pub fn edit_url(&self, path: &str) -> Option<String> {
        self.scm(path)?.edit_url()
    }

    fn scm(&self, path: &str) -> Option<ScmUrl> {
        let Inner::Repository {
            prefix,
            page: Some(page),
            ..
        } = &*self.0
        else {
            return None;
        };
        let whole = joined(prefix, path)?;
        Some(page.with_path(&whole).with_kind(UrlKind::Blob))
    }

    /// Its files, sorted by path. Names that begin with a dot are left out.
    ///
    /// # Errors
    /// When it cannot be listed, or holds too much.
    pub async fn files(&self) -> Result<Vec<FolderFile>, Diagnostic> {
        let found = match &*self.0 {
            Inner::Local { root, folder } => {
                let (root, folder) = (root.clone(), folder.clone());
                blocking(move || walk(&root, &folder)).await?
            }
            Inner::Repository {
                snapshot, prefix, ..
            } => {
                let tree = snapshot.tree().await.map_err(|error| failed(&error))?;
                let own = tree.entries.into_iter().filter(|entry| {
                    let path = entry.path.strip_prefix(prefix.as_str());
                    path.is_some_and(|path| !path.split('/').any(|step| step.starts_with('.')))
                });
                let own: Vec<TreeEntry> = own.take(MAX_FILES + 1).collect();
                if own.len() > MAX_FILES {
                    None
                } else {
                    let own = through_links(snapshot, own).await?;
                    let files = own.into_iter().filter_map(|entry| {
                        Some(FolderFile {
                            path: entry.path.strip_prefix(prefix.as_str())?.to_owned(),
                            size: entry.size,
                            version: entry.blob,
                            modified: None,
                        })
                    });
                    Some(files.collect())
                }
            }
        };
        found.ok_or_else(|| {
            Diagnostic::error(
                "folder-too-large",
                format!("{} holds more than {MAX_FILES} files", self.shown()),
            )
            .accepting(format!("at most {MAX_FILES} files"))
            .fixed_by("name a smaller folder, such as `dir:./docs-site`")
        })
    }

    /// The bytes of one file, at most 10 MiB. Links are followed inside of the
    /// tree.
    ///
    /// # Errors
    /// When it is not there, lies outside, or is too large.
    pub async fn read(&self, path: &str) -> Result<Vec<u8>, Diagnostic> {
        let mut found = self.read_many(vec![path.to_owned()]).await?;
        found.pop().unwrap_or_else(|| Err(missing(path)))
    }

    /// The bytes of many files in one go, in the order of the paths.
    ///
    /// # Errors
    /// When the place itself cannot be read.
    pub async fn read_many(
        &self,
        paths: Vec<String>,
    ) -> Result<Vec<Result<Vec<u8>, Diagnostic>>, Diagnostic> {
        match &*self.0 {
            Inner::Local { root, folder } => {
                let (root, folder) = (root.clone(), folder.clone());
                let work = move || {
                    let read = |path: &String| {
                        let whole = local_path(&folder, path).ok_or_else(|| missing(path))?;
                        let content = files::read(&whole, &root);
                        content
                            .map(|content| content.bytes)
                            .map_err(|failure| failure.diagnostic)
                    };
                    paths.iter().map(read).collect()
                };
                blocking(work).await
            }
            Inner::Repository {
                snapshot, prefix, ..
            } => {
                let whole = paths.iter().map(|path| format!("{prefix}{path}")).collect();
                let read = snapshot.read_many(whole).await;
                let read = read.map_err(|error| failed(&error))?;
                Ok(read
                    .into_iter()
                    .map(|bytes| {
                        bytes
                            .map(|bytes| bytes.to_vec())
                            .map_err(|error| failed(&error))
                    })
                    .collect())
            }
        }
    }

    /// When a file was changed last; nothing where nobody knows.
    pub async fn last_change(&self, path: &str) -> Option<FileChange> {
        match &*self.0 {
            Inner::Local { folder, .. } => {
                let whole = local_path(folder, path)?;
                let modified = blocking(move || fs::metadata(whole).ok()?.modified().ok());
                let modified = modified.await.ok()??;
                Some(FileChange {
                    at: Timestamp::try_from(modified).ok()?,
                    commit: None,
                })
            }
            Inner::Repository {
                snapshot, prefix, ..
            } => {
                let paths = vec![format!("{prefix}{path}")];
                let found = snapshot.last_changes(paths, MAX_COMMITS).await.ok()?;
                let Commit {
                    id,
                    author,
                    time,
                    summary,
                    ..
                } = found.into_iter().next()??.commit;
                Some(FileChange {
                    at: time,
                    commit: Some((id.to_string(), author, summary)),
                })
            }
        }
    }
}

/// Work that waits for the disk, off the threads that serve requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Diagnostic> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| {
        tracing::error!(%error, "A folder could not be read: {error}");
        Diagnostic::error("internal", error.to_string()).fixed_by("report this as a bug")
    })
}

/// The files with what links lead to in the place of the links, whose own size
/// is that of a path. Links that lead to no file are left out.
async fn through_links(
    snapshot: &Snapshot,
    mut files: Vec<TreeEntry>,
) -> Result<Vec<TreeEntry>, Diagnostic> {
    let mut links: Vec<String> = Vec::new();
    files.retain(|entry| {
        let is_link = entry.kind == EntryKind::Link;
        if is_link && links.len() < MAX_LINKS {
            links.push(entry.path.clone());
        }
        !is_link
    });
    if links.is_empty() {
        return Ok(files);
    }
    let found = snapshot.resolve_many(links).await;
    let found = found.map_err(|error| failed(&error))?;
    files.extend(found.into_iter().flatten());
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn missing(path: &str) -> Diagnostic {
    Diagnostic::error("not-found", format!("{path} does not exist"))
        .fixed_by("check the path; upper and lower case count")
}

fn failed(error: &forge::git::Error) -> Diagnostic {
    git_failure(error, Timestamp::UNIX_EPOCH).diagnostic
}

/// A path below a folder; nothing for one that is no plain relative path.
fn local_path(folder: &Path, path: &str) -> Option<PathBuf> {
    let plain = relative(path).filter(|plain| !plain.is_empty())?;
    Some(folder.join(plain))
}

/// `path` as seen from a folder, without `.` and `..`; nothing where it leads
/// above the root.
fn joined(folder: &str, path: &str) -> Option<String> {
    let whole = format!("{}/{path}", folder.trim_matches('/'));
    relative(whole.trim_start_matches('/'))
}

/// The files below a folder; nothing where they are too many.
fn walk(root: &Path, folder: &Path) -> Option<Vec<FolderFile>> {
    let root = Root::new(root);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut entries = 0;
    let mut open = vec![(folder.to_path_buf(), String::new(), 0)];
    while let Some((here, prefix, depth)) = open.pop() {
        // A link back up would otherwise be walked for ever.
        let Ok(real) = root.real(&here) else {
            continue;
        };
        if depth > MAX_DEPTH || !seen.insert(real) {
            continue;
        }
        for entry in fs::read_dir(&here).into_iter().flatten().flatten() {
            entries += 1;
            if entries > MAX_ENTRIES {
                return None;
            }
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name.starts_with('.') || name.contains('\\') {
                continue;
            }
            let (at, path) = (entry.path(), format!("{prefix}{name}"));
            let Ok(about) = fs::metadata(&at) else {
                continue;
            };
            if about.is_dir() {
                if !files::SKIPPED_FOLDERS.contains(&name.as_str()) {
                    open.push((at, format!("{path}/"), depth + 1));
                }
            } else if about.is_file() && root.real(&at).is_ok() {
                let modified = about.modified().ok();
                let age = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                found.push(FolderFile {
                    path,
                    size: about.len(),
                    version: format!("{}-{}", about.len(), age.unwrap_or_default().as_nanos()),
                    modified: modified.and_then(|at| Timestamp::try_from(at).ok()),
                });
                if found.len() > MAX_FILES {
                    return None;
                }
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Some(found)
}

impl Ingestion {
    /// The folder that `reference` means at an entity's place: `dir:<path>`
    /// relative to the file that declares it (or to `declared_at`, its
    /// `backstage.io/source-location`), or `url:<address of a folder>`.
    ///
    /// # Errors
    /// Another form, a place outside of the tree, or one that cannot be read.
    pub(crate) async fn folder(
        &self,
        source: &Source,
        location: &LocationRef,
        declared_at: Option<&str>,
        reference: &str,
    ) -> Result<Folder, Diagnostic> {
        let found = match reference.split_once(':') {
            Some(("url", url)) => self.repository_folder(url, ".").await,
            Some(("dir", path)) => {
                let elsewhere = declared_at
                    .and_then(|text| text.strip_prefix("url:"))
                    .filter(|url| self.web.integrations.kind_of(url).is_some());
                match (elsewhere, location.location_type()) {
                    (Some(url), _) => self.repository_folder(url, path).await,
                    (None, "url") => self.repository_folder(location.target(), path).await,
                    (None, "git") => self.git_folder(location.target(), path).await,
                    (None, _) => {
                        let (source, location) = (source.clone(), location.clone());
                        let path = path.to_owned();
                        let found = blocking(move || local_folder(&source, &location, &path)).await;
                        found?
                    }
                }
            }
            _ => Err(ReadFailure::new(
                "docs-reference",
                format!("`{reference}` does not say where the documentation is"),
                "write `dir:.` for the folder of this file, or `url:` with the address of a folder",
            )),
        };
        found.map_err(|failure| failure.diagnostic)
    }

    /// The folder at an address of a known code host.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn folder_at(&self, url: &str) -> Result<Folder, Diagnostic> {
        let found = self.repository_folder(url, ".").await;
        found.map_err(|failure| failure.diagnostic)
    }

    /// A folder of a repository of a known code host, named by the URL of a
    /// file or folder.
    async fn repository_folder(&self, url: &str, path: &str) -> Result<Folder, ReadFailure> {
        let known = self.web.integrations.kind_of(url).is_some();
        let parsed = self.web.integrations.parse(url).ok();
        let Some(mut scm) = parsed.filter(|scm| known && scm.forge.is_some()) else {
            return Err(ReadFailure::new(
                "docs-reference",
                format!(
                    "{url} is not in a repository of a code host that Portway knows; its folder cannot be listed"
                ),
                "name a folder on a host of `integrations` in app-config.yaml, such as url:https://github.com/acme/shop/tree/main/docs-site",
            ));
        };
        if matches!(scm.kind, UrlKind::Blob | UrlKind::Raw | UrlKind::Edit) {
            let end = scm.path.rfind('/').unwrap_or(0);
            scm.path.truncate(end);
        }
        let session = Session::new(Arc::clone(&self.web), Arc::clone(&self.pages));
        let place = session.place(scm).await?;
        let folder = joined(&place.scm.path, path).ok_or_else(|| outside(path, url))?;
        let page = ScmUrl {
            git_ref: place.scm.git_ref.clone().or(place.default_branch),
            ..place.scm.with_path(&folder).with_kind(UrlKind::Tree)
        };
        Ok(of_snapshot(place.snapshot, &folder, Some(page)))
    }

    /// A folder of a source of the type `git`.
    async fn git_folder(&self, target: &str, path: &str) -> Result<Folder, ReadFailure> {
        let target = Target::parse(target);
        let session = Session::new(Arc::clone(&self.web), Arc::clone(&self.pages));
        let fetched = session.fetch(target.remote, target.git_ref).await;
        let (snapshot, branch) = fetched.map_err(|error| git_failure(&error, self.clock.now()))?;
        let file = target.path.unwrap_or_default();
        let base = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = joined(base, path).ok_or_else(|| outside(path, target.remote))?;
        let page = target.on_the_web(&self.web).map(|page| ScmUrl {
            git_ref: target.git_ref.map(str::to_owned).or(branch),
            ..page.with_path(&folder).with_kind(UrlKind::Tree)
        });
        Ok(of_snapshot(snapshot, &folder, page))
    }
}

fn of_snapshot(snapshot: Snapshot, folder: &str, page: Option<ScmUrl>) -> Folder {
    let prefix = match folder.trim_matches('/') {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    Folder(Arc::new(Inner::Repository {
        snapshot,
        prefix,
        page,
    }))
}

fn local_folder(
    source: &Source,
    location: &LocationRef,
    path: &str,
) -> Result<Folder, ReadFailure> {
    let target = Path::new(location.target());
    let root = tree_of(source).ok_or_else(|| outside(path, location.target()))?;
    if path.starts_with('/') {
        return Err(outside(path, location.target()));
    }
    let wanted = files::resolve(target, path);
    let real = fs::canonicalize(&wanted).ok();
    // Whether something exists outside of the tree is not told.
    match real {
        Some(real) if real.starts_with(&root) && real.is_dir() => {
            Ok(Folder(Arc::new(Inner::Local { root, folder: real })))
        }
        None if wanted.starts_with(&root) => Err(ReadFailure::new(
            "not-found",
            format!("NotFoundError: {} does not exist", wanted.display()),
            "create the folder, or correct the annotation",
        )
        .gone()),
        Some(real) if real.starts_with(&root) => Err(ReadFailure::new(
            "not-a-folder",
            format!("{} is a file, not a folder", wanted.display()),
            "name the folder that holds mkdocs.yml",
        )),
        _ => Err(outside(path, location.target())),
    }
}

fn outside(path: &str, place: &str) -> ReadFailure {
    ReadFailure::new(
        "outside-tree",
        format!("`{path}` leads out of the tree of {place}"),
        "name a folder of the same repository, such as `dir:.` or `dir:./handbook`",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_outside_is_named(folder in "([a-z]{1,3}/){0,3}", path in "(\\.\\./|\\./|/|[a-z]{1,3}/){0,8}[a-z]{0,3}") {
            if let Some(path) = joined(&folder, &path) {
                prop_assert!(path.is_empty() || path.split('/').all(|step| !step.is_empty() && step != ".."));
            }
        }

        #[test]
        fn a_local_path_stays_below(path in ".{0,40}") {
            if let Some(whole) = local_path(Path::new("/srv/x"), &path) {
                prop_assert!(whole.starts_with("/srv/x"));
                prop_assert!(whole.components().all(|step| step != std::path::Component::ParentDir));
            }
        }
    }
}

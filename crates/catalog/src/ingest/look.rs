//! What an address is before anything is known of it: one file, or a folder
//! of a repository, looked through for catalog files and for facts about it.

use std::sync::Arc;

use forge::git::Snapshot;
use forge::scm_url::{ScmUrl, UrlKind};
use model::diagnostic::Diagnostic;

use super::Ingestion;
use super::session::{Session, git_failure};

/// What Backstage's discovery looks for.
const CATALOG_FILES: [&str; 2] = ["catalog-info.yaml", "catalog-info.yml"];
/// Small files that say something about a repository; the first is taken.
const OWNERS: [&str; 5] = [
    "CODEOWNERS",
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    ".gitea/CODEOWNERS",
    "docs/CODEOWNERS",
];
const READMES: [&str; 4] = ["README.md", "readme.md", "Readme.md", "README"];
/// Nobody reads more of a README, in bytes.
const MAX_TEXT: u64 = 256 << 10;

/// What an address is.
#[derive(Debug)]
pub(crate) enum Look {
    /// One file, as far as the address tells.
    File,
    /// A repository of a known code host, or a folder in one.
    Folder(Box<Folder>),
}

/// A folder of a repository at a commit.
#[derive(Debug)]
pub(crate) struct Folder {
    /// The folder, with the branch that it was read at.
    pub(crate) scm: ScmUrl,
    /// Catalog files below it, as paths from the root, shallow ones first.
    pub(crate) catalog_files: Vec<String>,
    /// Every file below it, as paths from the folder.
    pub(crate) files: Vec<String>,
    /// Path and text of the repository's CODEOWNERS.
    pub(crate) owners: Option<(String, String)>,
    /// Path and text of the folder's README.
    pub(crate) readme: Option<(String, String)>,
}

impl Folder {
    /// The address of a file of the repository.
    pub(crate) fn url_of(&self, path: &str) -> String {
        self.scm
            .with_path(path)
            .with_kind(UrlKind::Blob)
            .to_string()
    }

    /// Its own path with a `/` at its end, or nothing for the root.
    pub(crate) fn prefix(&self) -> String {
        prefix_of(&self.scm)
    }
}

fn prefix_of(scm: &ScmUrl) -> String {
    match scm.path.trim_matches('/') {
        "" => String::new(),
        path => format!("{path}/"),
    }
}

impl Ingestion {
    /// Looks at an address.
    ///
    /// # Errors
    /// When it is a folder of a repository that cannot be read.
    pub(crate) async fn look(&self, url: &str) -> Result<Look, Diagnostic> {
        let integrations = &self.web.integrations;
        let known = integrations.kind_of(url).is_some();
        let scm = integrations
            .parse(url)
            .ok()
            .filter(|scm| scm.forge.is_some());
        let Some(scm) = scm.filter(|scm| known && is_folder(scm)) else {
            return Ok(Look::File);
        };
        let session = Session::new(Arc::clone(&self.web), Arc::clone(&self.pages));
        let failed =
            |error| git_failure(&error, self.web.forges.governor().clock().now()).diagnostic;
        let (snapshot, default_branch) = session
            .fetch(&scm.clone_url(), scm.git_ref.as_deref())
            .await
            .map_err(failed)?;
        let tree = snapshot.tree().await.map_err(failed)?;
        let scm = ScmUrl {
            git_ref: scm.git_ref.clone().or(default_branch),
            kind: UrlKind::Tree,
            ..scm
        };
        let prefix = prefix_of(&scm);
        let all: Vec<&str> = tree
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect();
        let mut catalog_files: Vec<String> = all
            .iter()
            .filter(|path| path.starts_with(&prefix) && is_catalog_file(path))
            .map(|path| (*path).to_owned())
            .collect();
        catalog_files.sort_by_key(|path| (path.matches('/').count(), path.clone()));
        let readmes = READMES.map(|name| format!("{prefix}{name}"));
        let size = |path: &str| {
            tree.entries
                .iter()
                .find(|entry| entry.path == path)
                .map(|entry| entry.size)
        };
        let wanted = |names: &[String]| {
            names
                .iter()
                .find(|name| size(name).is_some_and(|size| size <= MAX_TEXT))
                .cloned()
        };
        let owners = text_of(&snapshot, wanted(&OWNERS.map(str::to_owned))).await;
        let readme = text_of(&snapshot, wanted(&readmes)).await;
        Ok(Look::Folder(Box::new(Folder {
            catalog_files,
            files: all
                .iter()
                .filter_map(|path| path.strip_prefix(prefix.as_str()))
                .map(str::to_owned)
                .collect(),
            owners,
            readme,
            scm,
        })))
    }
}

/// A link's content is a path, so only files are read; what cannot be read
/// says nothing.
async fn text_of(snapshot: &Snapshot, path: Option<String>) -> Option<(String, String)> {
    let path = path?;
    let bytes = snapshot.read(&path).await.ok()?;
    Some((path, String::from_utf8_lossy(&bytes).into_owned()))
}

fn is_catalog_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CATALOG_FILES.contains(&name)
}

/// A page of a folder; GitHub's `tree` pages may also be of a file.
fn is_folder(scm: &ScmUrl) -> bool {
    match scm.kind {
        UrlKind::Repository => true,
        UrlKind::Tree => {
            let last = scm.path.rsplit('/').next().unwrap_or_default();
            let file = [".yaml", ".yml", ".json"]
                .iter()
                .any(|end| last.ends_with(end));
            !file && !scm.path.contains(super::web::WILDCARDS)
        }
        UrlKind::Blob | UrlKind::Raw | UrlKind::Edit => false,
    }
}

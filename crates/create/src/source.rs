//! Where steps fetch files from.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{Catalog, FolderEntry, FolderOf};
use forge::http::Request;
use model::entity_ref::EntityRef;
use model::yaml::{Limits, parse_documents};
use platform::inside;
use platform::store::StoreError;
use serde::{Deserialize, Serialize};
use templating::TemplateError;
use url::Url;

use crate::action::StepError;
use crate::workspace::{MOST_BYTES, MOST_ENTRIES, outside};

/// Where a template stands: enough to find what lies beside it, also when the
/// template itself is gone from the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The source that declares it.
    pub source_id: String,
    /// Its file: `file:/srv/templates/python.yaml`, `url:https://…`.
    pub location: String,
    /// Its annotation `backstage.io/source-location`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<String>,
}

/// What relative addresses start from.
#[derive(Clone, Debug)]
pub enum Base {
    /// The folder of the template.
    Place(Place),
    /// Files that came along with a dry run.
    Uploaded(Arc<Files>),
    /// Nothing: whole addresses only.
    Nowhere,
}

/// What was fetched, by path below the folder, with `/` between names.
pub type Files = BTreeMap<String, FolderEntry>;

/// Reads folders and files for steps, by the rules of the catalog: only the
/// template's own tree on this machine, only repositories and hosts that are
/// configured, nothing private that nobody has allowed.
#[derive(Clone, Debug)]
pub struct Sources {
    catalog: Catalog,
}

impl Sources {
    /// Reads through a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            catalog: catalog.clone(),
        }
    }

    /// Where a template stands; nothing when there is no such entity.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn place_of(&self, template: &EntityRef) -> Result<Option<Place>, StoreError> {
        let place = self.catalog.place_of(template).await?;
        Ok(place.map(|(source_id, location, declared_at)| Place {
            source_id,
            location,
            declared_at,
        }))
    }

    /// Every file of a folder: `./skeleton` beside the template, or the
    /// address of a folder in a repository.
    ///
    /// # Errors
    /// When there is no such folder, or it may not be read, or holds too much.
    pub async fn folder(&self, base: &Base, url: &str) -> Result<Files, StepError> {
        if let (Base::Uploaded(files), true) = (base, is_relative(url)) {
            return uploaded(files, url);
        }
        let found = self.place(base, url, false).await?;
        let folder = found.folder?;
        Ok(folder.whole(MOST_ENTRIES, MOST_BYTES).await?)
    }

    /// One file: beside the template, in a repository, or on the web.
    ///
    /// # Errors
    /// As [`Sources::folder`].
    pub async fn file(
        &self,
        base: &Base,
        url: &str,
        token: Option<&str>,
    ) -> Result<FolderEntry, StepError> {
        if let (Base::Uploaded(files), true) = (base, is_relative(url)) {
            let path = inside::relative(url).ok_or_else(|| outside(url))?;
            let found = files.get(&path).cloned();
            return found.ok_or_else(|| not_uploaded(url));
        }
        let web = self.catalog.web();
        if !is_relative(url) && web.integrations.kind_of(url).is_none() {
            return self.download(url, token).await;
        }
        let (folder, name) = split(url)?;
        let found = self.place(base, &folder, true).await?;
        let (bytes, executable) = found.folder?.file(&name).await?;
        Ok(FolderEntry::File { bytes, executable })
    }

    /// The place of an expression in the file of a template: file, line and
    /// column. Nothing where the file cannot be read, or has changed since.
    pub(crate) async fn find(
        &self,
        place: &Place,
        pointer: &str,
        text: &str,
        error: &TemplateError,
    ) -> Option<String> {
        let (_, target) = place.location.split_once(':')?;
        let (_, name) = split(target).ok()?;
        let near = self
            .catalog
            .folder_near(&place.source_id, &place.location, None, "dir:.")
            .await;
        let folder = near.ok()??.folder.ok()?;
        let bytes = folder.read(&name).await.ok()?;
        let shown = folder.shown_file(&name);
        let documents = parse_documents(&name, &bytes, &Limits::default());
        let node = documents.iter().flatten().find_map(|document| {
            let node = document.root.at(pointer)?;
            (node.as_str() == Some(text)).then_some(node)
        })?;
        let source = String::from_utf8_lossy(&bytes);
        let (line, column) = (node.mark.line as usize, node.mark.column as usize);
        let written = source.lines().nth(line.checked_sub(1)?)?;
        let first = written.chars().nth(column.checked_sub(1)?);
        let (line, column) = match first {
            // A block: its text begins on the next line.
            Some('|' | '>') => (line + error.line, error.column),
            Some('"' | '\'') if error.line == 1 => (line, column + error.column),
            _ if error.line == 1 => (line, column + error.column - 1),
            _ => (line + error.line - 1, error.column),
        };
        Some(format!("{shown}:{line}:{column}"))
    }

    /// `of_file`: the address is that of the folder above a file.
    async fn place(&self, base: &Base, url: &str, of_file: bool) -> Result<FolderOf, StepError> {
        let absent = || {
            StepError::new(format!("`{url}` is relative, and there is nothing that it could be relative to"))
                .fixed_by("write the whole address, such as https://github.com/acme/templates/tree/main/skeleton")
        };
        let reference = match is_relative(url) {
            true => format!("dir:{url}"),
            false => format!("url:{}", tree_url(url, of_file)),
        };
        let none = Place {
            source_id: String::new(),
            location: "url:about:blank".to_owned(),
            declared_at: None,
        };
        let place = match base {
            Base::Place(place) => place,
            Base::Uploaded(_) | Base::Nowhere if !is_relative(url) => &none,
            Base::Uploaded(_) | Base::Nowhere => return Err(absent()),
        };
        let found = self
            .catalog
            .folder_near(
                &place.source_id,
                &place.location,
                place.declared_at.as_deref(),
                &reference,
            )
            .await?;
        found.ok_or_else(|| {
            StepError::new(format!(
                "The source of the template is gone, so `{url}` beside it cannot be read"
            ))
            .fixed_by("register the template again, then retry this task")
        })
    }

    async fn download(&self, url: &str, token: Option<&str>) -> Result<FolderEntry, StepError> {
        let parsed = Url::parse(url)
            .map_err(|error| StepError::new(format!("`{url}` is no address: {error}")))?;
        let mut request = Request::get(parsed);
        if let Some(token) = token {
            request = request.secret_header("authorization", &format!("Bearer {token}"));
        }
        let answer = self.catalog.web().client.send(request).await;
        let answer = answer.map_err(|error| {
            StepError::new(format!("{url} cannot be read: {error}"))
                .fixed_by("hosts that may be read stand in `backend.reading.allow` and `integrations` of app-config.yaml")
        })?;
        if !(200..300).contains(&answer.status) {
            return Err(StepError::new(format!("{url} answered {}", answer.status)));
        }
        Ok(FolderEntry::File {
            bytes: answer.body.to_vec(),
            executable: false,
        })
    }
}

/// Whether an address is meant from the template.
pub(crate) fn is_relative(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    !scheme.is_some_and(|scheme| {
        scheme.len() > 1
            && scheme
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    })
}

/// The folder and the name of a file.
fn split(url: &str) -> Result<(String, String), StepError> {
    let bare = url.split(['?', '#']).next().unwrap_or(url);
    let (folder, name) = match bare.rsplit_once('/') {
        Some((folder, name)) => (folder, name),
        None => (".", bare),
    };
    if name.is_empty() || name == "." || name == ".." {
        return Err(StepError::new(format!("`{url}` names no file")));
    }
    Ok((folder.to_owned(), name.to_owned()))
}

/// The address of the folder above a file, which the hosts call a tree.
fn tree_url(url: &str, of_file: bool) -> String {
    if of_file {
        url.replacen("/blob/", "/tree/", 1)
    } else {
        url.to_owned()
    }
}

fn uploaded(files: &Files, url: &str) -> Result<Files, StepError> {
    let folder = inside::relative(url).ok_or_else(|| outside(url))?;
    let prefix = match folder.as_str() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let below: Files = files
        .iter()
        .filter_map(|(path, entry)| {
            let path = path.strip_prefix(&prefix)?;
            (!path.is_empty()).then(|| (path.to_owned(), entry.clone()))
        })
        .collect();
    if below.is_empty() {
        return Err(not_uploaded(url));
    }
    Ok(below)
}

fn not_uploaded(url: &str) -> StepError {
    StepError::new(format!("`{url}` is not among the files of this dry run"))
        .fixed_by("send it along in `directoryContents`")
}

//! Web URLs of code hosts: what repository, what ref, what file.
//!
//! The rules for resolving a reference against the file that holds it are
//! Backstage's (an absolute URL stays as it is, a leading `/` is the root of
//! the repository, everything else is relative to the file, the query of the
//! base is kept). One thing is stricter here: a relative reference never
//! leaves the repository that it was written in.

mod parse;
mod resolve;
mod target;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub(crate) use parse::host_with_port;
pub use resolve::resolve;
pub use target::DiscoveryTarget;
pub(crate) use target::blob_url;

use crate::kind::ForgeKind;

/// What a web URL of a code host shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UrlKind {
    /// The page of a file.
    Blob,
    /// The page of a directory; GitHub's readers also use it for files.
    Tree,
    /// The bytes of a file.
    Raw,
    /// The form that edits a file.
    Edit,
    /// The repository itself; ref and path are absent.
    Repository,
}

/// What a ref in a URL is said to be. Only Gitea's URLs say it always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RefKind {
    /// The URL does not say.
    #[default]
    Unsaid,
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// A commit.
    Commit,
}

/// A web URL of a code host, taken apart. Every text is percent-decoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScmUrl {
    /// Which product's shape the URL has; `None` for a repository on a host
    /// of which nothing is known.
    pub forge: Option<ForgeKind>,
    /// `https` or `http`.
    pub scheme: String,
    /// Host in lower case, with its port when the URL has one.
    pub host: String,
    /// Owner: user or organisation; on GitLab the whole path of the group
    /// (`platform/tools`).
    pub owner: String,
    /// Name of the repository, without `.git`.
    pub repo: String,
    /// Branch, tag or commit. `None` means the default branch (written `-` in
    /// Backstage's discovery URLs).
    pub git_ref: Option<String>,
    /// What the URL says the ref is.
    pub ref_kind: RefKind,
    /// Path below the root of the repository, without a leading `/`; ends in
    /// `/` when the URL does.
    pub path: String,
    /// What the URL shows.
    pub kind: UrlKind,
    /// The query without `?`, as written.
    pub query: Option<String>,
}

/// Why a URL or a reference was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL at all, or not one that names a web host.
    #[error(
        "`{url}` is not a URL of a code host: {reason}. Accepted: `https://<host>/<owner>/<repository>/blob/<branch>/<path>`"
    )]
    NotAWebUrl {
        /// The text as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The URL has no owner or no repository.
    #[error(
        "`{url}` does not name a repository. Accepted: `https://<host>/<owner>/<repository>` and anything below it"
    )]
    NoRepository {
        /// The text as given.
        url: String,
    },
    /// A `..` (or `.`, `/`, `\`) hidden by percent-encoding.
    #[error(
        "`{url}` contains an encoded path step (`{segment}`), which is refused because servers disagree on what it means. Write the path out"
    )]
    EncodedStep {
        /// The text as given.
        url: String,
        /// The segment as written.
        segment: String,
    },
    /// A relative reference that climbs above the root of its repository.
    #[error(
        "`{reference}` leaves the repository of `{base}`. Accepted: a path inside the repository (`./x`, `/x` for its root) or a whole URL"
    )]
    Escapes {
        /// The reference as written.
        reference: String,
        /// The URL it was resolved against.
        base: String,
    },
    /// A reference with characters that URL parsers drop or rewrite.
    #[error(
        "`{reference}` contains {what}, which URL parsers treat differently. Write the path with `/` and without control characters"
    )]
    Ambiguous {
        /// The reference, control characters escaped.
        reference: String,
        /// What it contains.
        what: &'static str,
    },
}

/// What stays readable in a path: RFC 3986 pchar plus `/`.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Percent-encodes a path or a ref for use in a URL path; `/` stays.
pub(crate) fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

impl ScmUrl {
    /// Takes a web URL apart. `forge` is what the host runs, as an
    /// `integrations` entry or [`ForgeKind::of_public_host`] says; without it
    /// the shape of the path decides.
    pub fn parse(url: &str, forge: Option<ForgeKind>) -> Result<Self, UrlError> {
        parse::parse(url, forge)
    }

    /// `owner/repo`, the slug that annotations use.
    pub fn slug(&self) -> String {
        format!("{}/{}", self.owner, self.repo)
    }

    /// Whether both URLs are of the same repository. Hosts and slugs compare
    /// without regard to case, as the forges do.
    pub fn same_repository(&self, other: &Self) -> bool {
        self.host.eq_ignore_ascii_case(&other.host)
            && self.slug().to_lowercase() == other.slug().to_lowercase()
    }

    /// The page of the repository.
    pub fn repository_url(&self) -> String {
        format!(
            "{}://{}/{}/{}",
            self.scheme,
            self.host,
            encode_path(&self.owner),
            encode_path(&self.repo)
        )
    }

    /// The URL that Git fetches from.
    pub fn clone_url(&self) -> String {
        format!("{}.git", self.repository_url())
    }

    /// The page that shows the file.
    pub fn view_url(&self) -> String {
        self.with_kind(UrlKind::Blob).to_string()
    }

    /// The form that edits the file. `None` when the ref is a full commit id,
    /// a tag, or the host has no such form.
    pub fn edit_url(&self) -> Option<String> {
        let editable = !self.is_pinned()
            && !matches!(self.ref_kind, RefKind::Tag | RefKind::Commit)
            && self.forge.is_some()
            && self.kind != UrlKind::Repository;
        editable.then(|| self.with_kind(UrlKind::Edit).to_string())
    }

    /// The bytes of the file.
    pub fn raw_url(&self) -> String {
        self.with_kind(UrlKind::Raw).to_string()
    }

    /// The directory that holds the file (or the directory itself), ending in
    /// `/`: what Backstage puts into `backstage.io/source-location`.
    pub fn directory_url(&self) -> String {
        let mut directory = self.with_kind(UrlKind::Tree);
        let cut = directory.path.rfind('/').map_or(0, |slash| slash + 1);
        directory.path.truncate(cut);
        let text = directory.to_string();
        if text.ends_with('/') || directory.query.is_some() {
            text
        } else {
            format!("{text}/")
        }
    }

    /// Whether the ref is a full commit id, so that the content cannot change.
    pub fn is_pinned(&self) -> bool {
        self.git_ref.as_deref().is_some_and(is_commit_id)
    }

    /// The same place, shown in another way.
    #[must_use]
    pub fn with_kind(&self, kind: UrlKind) -> Self {
        Self {
            kind,
            ..self.clone()
        }
    }

    /// The same URL at another path of the repository.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        Self {
            path: path.trim_start_matches('/').to_owned(),
            ..self.clone()
        }
    }

    /// Moves the border between ref and path to the longest of the `known`
    /// refs that fits: a URL alone cannot say where `feature/x/catalog.yaml`
    /// is to be cut.
    #[must_use]
    pub fn with_known_refs<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Self {
        let Some(first) = &self.git_ref else {
            return self.clone();
        };
        let whole = format!("{first}/{}", self.path);
        let best = known
            .into_iter()
            .filter(|name| {
                whole
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|name| name.len());
        let Some(name) = best else {
            return self.clone();
        };
        let rest = whole.strip_prefix(name).unwrap_or_default();
        Self {
            git_ref: Some(name.to_owned()),
            path: rest.trim_start_matches('/').to_owned(),
            ..self.clone()
        }
    }
}

/// Whether the text is a full SHA-1 or SHA-256 object id.
pub(crate) fn is_commit_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl std::fmt::Display for ScmUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.repository_url())?;
        if self.kind != UrlKind::Repository {
            let git_ref = encode_path(self.git_ref.as_deref().unwrap_or("-"));
            let path = encode_path(&self.path);
            let steps = match (self.forge, self.kind) {
                (Some(ForgeKind::Gitea), UrlKind::Edit) => format!("_edit/{git_ref}"),
                (Some(ForgeKind::Gitea), kind) => {
                    let page = if kind == UrlKind::Raw { "raw" } else { "src" };
                    let said = match self.ref_kind {
                        RefKind::Tag => "tag",
                        RefKind::Commit => "commit",
                        RefKind::Branch | RefKind::Unsaid if self.is_pinned() => "commit",
                        RefKind::Branch | RefKind::Unsaid => "branch",
                    };
                    format!("{page}/{said}/{git_ref}")
                }
                (Some(ForgeKind::GitLab), kind) => format!("-/{}/{git_ref}", kind.word()),
                (_, kind) => format!("{}/{git_ref}", kind.word()),
            };
            write!(f, "/{steps}")?;
            if !path.is_empty() {
                write!(f, "/{path}")?;
            }
        }
        match &self.query {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}

impl UrlKind {
    fn word(self) -> &'static str {
        match self {
            Self::Blob | Self::Repository => "blob",
            Self::Tree => "tree",
            Self::Raw => "raw",
            Self::Edit => "edit",
        }
    }
}

//! What can go wrong with a repository.

use crate::http;

/// A repository, a commit or a file that could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Not an address of a repository.
    #[error("`{remote}` is not an address of a Git repository: {reason}")]
    BadRemote {
        /// The address without credentials.
        remote: String,
        /// What is wrong.
        reason: String,
    },
    /// A local path outside the directories that may be read.
    #[error(
        "reading the repository at `{path}` is not allowed; allowed are repositories below {allowed}"
    )]
    LocalNotAllowed {
        /// The path.
        path: String,
        /// The allowed directories.
        allowed: String,
    },
    /// A directory that is no repository.
    #[error("`{path}` is not a Git repository: {reason}")]
    NotARepository {
        /// The path.
        path: String,
        /// The causes.
        reason: String,
    },
    /// The server wants a credential, or another one.
    #[error("`{remote}` refused the {credential} (status {status}). {fix}")]
    Unauthorized {
        /// The address.
        remote: String,
        /// `anonymous access` or `configured token`.
        credential: &'static str,
        /// HTTP status.
        status: u16,
        /// What to do.
        fix: String,
    },
    /// The server knows no such repository, or hides it.
    #[error(
        "`{remote}` does not exist or is hidden from the {credential} (status 404). Check the address; a private repository needs a token that can read it"
    )]
    NoSuchRepository {
        /// The address.
        remote: String,
        /// `anonymous access` or `configured token`.
        credential: &'static str,
    },
    /// Another status than 200.
    #[error("`{remote}` answered with status {status}")]
    Status {
        /// The address.
        remote: String,
        /// HTTP status.
        status: u16,
        /// Seconds that the host asks to wait (`retry-after`).
        retry_after: Option<u64>,
    },
    /// Refused or failed below HTTP.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// No token could be had from a GitHub App.
    #[error(transparent)]
    Credential(#[from] crate::client::ForgeError),
    /// No branch or tag of that name.
    #[error("`{remote}` has no branch or tag `{git_ref}`{hint}")]
    NoSuchRef {
        /// The address.
        remote: String,
        /// The ref as asked for.
        git_ref: String,
        /// `; its default branch is …`, or nothing.
        hint: String,
    },
    /// A text that cannot be the name of a ref.
    #[error("`{git_ref}` is not the name of a branch or tag, nor a full commit id")]
    BadRef {
        /// The text.
        git_ref: String,
    },
    /// A repository without any commit.
    #[error("`{remote}` has no commit yet")]
    Empty {
        /// The address.
        remote: String,
    },
    /// A commit that is not in the mirror.
    #[error(
        "commit {commit} is not in the local copy of `{remote}`; it may lie below the fetched depth or have been removed by a force-push"
    )]
    NoSuchCommit {
        /// The address.
        remote: String,
        /// The commit.
        commit: String,
    },
    /// No such file at the commit.
    #[error("`{path}` does not exist in `{remote}` at commit {commit}")]
    NoSuchPath {
        /// The address.
        remote: String,
        /// The path.
        path: String,
        /// The commit.
        commit: String,
    },
    /// A directory or submodule where a file was asked for.
    #[error("`{path}` is {what}, not a file")]
    NotAFile {
        /// The path.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// A path with steps that repositories cannot hold.
    #[error("`{path}` is not a path inside a repository: {reason}")]
    BadPath {
        /// The path.
        path: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A symbolic link that does not lead to a file of the same tree.
    #[error(
        "`{path}` goes through the symbolic link `{link}` -> `{target}`, which {reason}; links are followed inside the repository only"
    )]
    Link {
        /// The path asked for.
        path: String,
        /// Where the link lies.
        link: String,
        /// What it holds.
        target: String,
        /// Why it is not followed.
        reason: &'static str,
    },
    /// A file above the size limit.
    #[error("`{path}` has {size} bytes; files up to {limit} bytes are read")]
    TooLarge {
        /// The path.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A repository above one of the limits.
    #[error("`{remote}` has more than {limit} {what}, which is the limit")]
    TooMany {
        /// The address.
        remote: String,
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A pattern for paths that does not parse.
    #[error(
        "`{pattern}` is not a pattern for paths: {reason}. Accepted: `*` (inside a directory), `**` (any directories), `?`, `[abc]`, `{{a,b}}`"
    )]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        reason: String,
    },
    /// It took too long.
    #[error("fetching `{remote}` did not finish within {seconds} s; it is tried again later")]
    Timeout {
        /// The address.
        remote: String,
        /// The limit in seconds.
        seconds: u64,
    },
    /// Stopped by the caller.
    #[error("fetching `{remote}` was stopped")]
    Stopped {
        /// The address.
        remote: String,
    },
    /// Everything else: a broken repository, a full disk, ssh's refusal.
    #[error("`{remote}` could not be read: {cause}")]
    Failed {
        /// The address.
        remote: String,
        /// The causes, outermost first.
        cause: String,
    },
}

impl Error {
    /// Whether trying the same again later can help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Http(error) => error.is_transient(),
            Self::Credential(error) => error.is_transient(),
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            Self::Timeout { .. } | Self::Stopped { .. } | Self::Failed { .. } => true,
            _ => false,
        }
    }

    /// Whether this says that the thing asked for is not there, as opposed to
    /// not being readable now. A deletion may be derived from this only.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::NoSuchRepository { .. }
                | Self::NoSuchRef { .. }
                | Self::NoSuchPath { .. }
                | Self::Empty { .. }
        )
    }
}

/// An error of gix with its causes, in one line.
pub(crate) fn chain(error: &gix::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in error.iter_errors() {
        let text = cause.to_string();
        let text = text.lines().next().unwrap_or_default().trim().to_owned();
        if !text.is_empty() && texts.last() != Some(&text) && texts.len() < 6 {
            texts.push(text);
        }
    }
    texts.join(": ")
}

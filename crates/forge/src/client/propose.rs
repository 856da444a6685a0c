//! A pull request that adds one file: branch, commit, request.
//!
//! Each step looks at what is there first or takes "exists already" for an
//! answer, so that a repetition (a broken connection, a second click) ends
//! with the same one pull request.

mod gitea;
mod github;
mod gitlab;

use serde::Serialize;
use serde_json::Value;

use super::Forge;
use super::api::{Api, Authorization};
use super::error::ForgeError;
use super::types::Repository;
use crate::http::{Request, Response};

/// A file that is to be added to a repository by a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// `owner/name`.
    pub slug: String,
    /// The branch that it is for; `None` for the default branch.
    pub base: Option<String>,
    /// The branch that is made for it. The same proposal has the same branch,
    /// which is how a repetition is recognised.
    pub branch: String,
    /// Path of the file from the root.
    pub path: String,
    /// Its content.
    pub content: String,
    /// The commit's message, and the pull request's title.
    pub title: String,
    /// The pull request's description, in Markdown.
    pub body: String,
}

/// A pull request (GitLab: merge request) that is open now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposed {
    /// Its page.
    pub url: String,
    /// Its number in the repository.
    pub number: u64,
    /// Where it goes.
    pub base: String,
    /// Where it comes from.
    pub branch: String,
    /// It was open before; its file has the new content.
    pub again: bool,
}

/// Whether a credential may write to a repository, as far as the forge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteAccess {
    /// It may.
    Granted,
    /// It may read only.
    ReadOnly,
    /// The forge does not say; an attempt tells.
    Unsaid,
    /// There is no credential.
    NoCredential,
}

/// What the forge says of a repository, for somebody who wants to write to it.
pub(super) struct Standing {
    pub(super) repository: Repository,
    pub(super) access: WriteAccess,
}

impl Forge {
    /// The repository, and whether this credential may write to it. Without a
    /// credential the forge is not asked about rights.
    ///
    /// # Errors
    /// As [`Forge::repository`].
    pub async fn write_access(&self, slug: &str) -> Result<(Repository, WriteAccess), ForgeError> {
        let standing = match self {
            Self::GitHub(client) => client.standing(slug).await?,
            Self::GitLab(client) => client.standing(slug).await?,
            Self::Gitea(client) => client.standing(slug).await?,
        };
        let access = match self.api().authorization {
            Authorization::Anonymous => WriteAccess::NoCredential,
            _ => standing.access,
        };
        Ok((standing.repository, access))
    }

    /// Opens the pull request, or brings the file of the one that is open
    /// already up to date.
    ///
    /// # Errors
    /// Whatever a step was refused with, in words that name the step. What was
    /// done before stays: repeating goes on from there.
    pub async fn propose(&self, proposal: &Proposal) -> Result<Proposed, ForgeError> {
        let (repository, _) = self.write_access(&proposal.slug).await?;
        let slug = repository.slug();
        let Some(base) = proposal.base.clone().or(repository.default_branch) else {
            return Err(ForgeError::Status {
                what: format!("make a branch in `{slug}`"),
                host: self.host().to_owned(),
                status: 409,
                message: ": the repository is empty; commit the file to it directly".to_owned(),
            });
        };
        let step = Step {
            slug: &slug,
            base: &base,
            proposal,
        };
        match self {
            Self::GitHub(client) => client.propose(step).await,
            Self::GitLab(client) => client.propose(step).await,
            Self::Gitea(client) => client.propose(step).await,
        }
    }
}

/// What every step of a proposal knows.
#[derive(Clone, Copy)]
struct Step<'a> {
    /// As the forge writes it, which differs after a rename.
    slug: &'a str,
    base: &'a str,
    proposal: &'a Proposal,
}

impl Step<'_> {
    fn to_branch(self) -> String {
        format!(
            "make the branch `{}` in `{}`",
            self.proposal.branch, self.slug
        )
    }

    fn to_commit(self) -> String {
        format!("commit `{}` to `{}`", self.proposal.path, self.slug)
    }

    fn to_open(self) -> String {
        format!("open a pull request in `{}`", self.slug)
    }

    fn done(self, (number, url): (u64, String), again: bool) -> Proposed {
        Proposed {
            url,
            number,
            base: self.base.to_owned(),
            branch: self.proposal.branch.clone(),
            again,
        }
    }
}

impl Api {
    /// A change with a JSON body; the answer whatever its status.
    async fn change(
        &self,
        what: &str,
        (put, path): (bool, &str),
        body: &Value,
    ) -> Result<Response, ForgeError> {
        let url = self.url(path, &[])?;
        let body = body.to_string();
        self.call(what, || {
            let make = if put { Request::put } else { Request::post };
            make(url.clone(), "application/json", body.clone())
        })
        .await
    }

    /// The JSON of an answer that is a success.
    fn success(&self, what: &str, answer: &Response) -> Result<Value, ForgeError> {
        if !(200..300).contains(&answer.status) {
            return Err(self.refused(what, answer));
        }
        serde_json::from_slice(&answer.body).map_err(|error| self.garbage(what, &error.to_string()))
    }

    /// A document that may be absent. Not from the kept answers: it has just
    /// been changed, or may be at any moment.
    async fn optional(
        &self,
        what: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Value>, ForgeError> {
        let url = self.url(path, query)?;
        let answer = self.call(what, || Request::get(url.clone())).await?;
        match answer.status {
            404 => Ok(None),
            _ => self.success(what, &answer).map(Some),
        }
    }

    /// Number and page of a pull request.
    fn pull(
        &self,
        what: &str,
        found: &Value,
        (number, url): (&str, &str),
    ) -> Result<(u64, String), ForgeError> {
        let parts = found
            .get(number)
            .and_then(Value::as_u64)
            .zip(found.get(url).and_then(Value::as_str));
        match parts {
            Some((number, url)) => Ok((number, url.to_owned())),
            None => Err(self.garbage(what, &format!("it has no `{number}` or no `{url}`"))),
        }
    }
}

/// Whether a refusal says that the thing is there already.
fn says_exists(answer: &Response) -> bool {
    matches!(answer.status, 400 | 409 | 422)
        && String::from_utf8_lossy(&answer.body)
            .to_lowercase()
            .contains("already exists")
}

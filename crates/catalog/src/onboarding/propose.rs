//! A pull request that adds a catalog file, made with the credential that
//! `integrations` has for the host.
//!
//! Invariant: only a file that the engine would take is ever proposed, at a
//! path where no file is, outside of hidden folders. So whoever may register
//! cannot use the credential for anything else.

use axum::http::StatusCode;
use forge::budget::Priority;
use forge::client::{Proposal, Proposed, Repository, WriteAccess};
use forge::scm_url::{ScmUrl, UrlKind};
use forge::{Forge, ForgeError};
use model::location_ref::LocationRef;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::event::{NewEvent, Outcome};
use serde_json::json;

use super::location_of;
use super::review::Review;
use crate::engine::Catalog;
use crate::events;
use crate::permission;

/// Longest file that is proposed, in bytes.
const MAX_CONTENT: usize = 256 << 10;
/// Longest path, in bytes.
const MAX_PATH: usize = 300;

/// A file that somebody wants in a repository.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// Any address of the repository.
    pub(crate) repository: String,
    /// Path from its root.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) content: String,
}

/// A draft that nothing stands against.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) review: Review,
    /// Where the file will be.
    pub(crate) file: LocationRef,
    /// `owner/name`.
    pub(crate) slug: String,
    /// The branch that it is for.
    pub(crate) base: String,
    proposal: Proposal,
    forge: Forge,
}

/// Whether a pull request can be opened in a repository, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MayPropose {
    /// It can, for this branch.
    Yes(String),
    /// The caller lacks `catalog.location.create`.
    NoPermission,
    /// The address is not of a code host that Portway knows.
    NoForge,
    /// `integrations` has no credential for the host.
    NoCredential(String),
    /// The credential may only read.
    ReadOnly(String),
    /// The repository is archived.
    Archived,
    /// The repository has no branch yet.
    Empty,
    /// The host did not say, and why.
    Failed(String),
}

impl Catalog {
    /// Whether a pull request can be opened at an address.
    pub(crate) async fn may_propose(&self, caller: &Caller, repository: &str) -> MayPropose {
        if !caller.may(permission::LOCATION_CREATE) {
            return MayPropose::NoPermission;
        }
        let Some((scm, forge)) = self.forge_of(repository) else {
            return MayPropose::NoForge;
        };
        match forge.write_access(&scm.slug()).await {
            Ok((found, access)) => standing(&scm, &found, access),
            Err(error) => MayPropose::Failed(error.to_string()),
        }
    }

    /// Checks a draft without changing anything.
    ///
    /// # Errors
    /// 400 for a draft that the catalog would not take, 403 without
    /// `catalog.location.create` or where the credential may not write, 404
    /// where there is no such repository, 409 where the file exists, 502 and
    /// 503 where the host does not do its part.
    pub(crate) async fn prepare(
        &self,
        caller: &Caller,
        draft: &Draft,
    ) -> Result<Prepared, ApiError> {
        caller.require(permission::LOCATION_CREATE)?;
        location_of(&draft.repository)?;
        let path = checked_path(&draft.path)?;
        if draft.content.len() > MAX_CONTENT {
            return Err(ApiError::too_large("The file is larger than 256 KiB")
                .fix("split it, and propose one file after the other"));
        }
        let Some((scm, forge)) = self.forge_of(&draft.repository) else {
            return Err(ApiError::input(format!(
                "{} is not in a repository of a code host that Portway knows",
                draft.repository
            ))
            .accepted("an address of a host under `integrations` in app-config.yaml"));
        };
        let (found, access) = forge
            .write_access(&scm.slug())
            .await
            .map_err(|error| refused(&error))?;
        let base = match standing(&scm, &found, access) {
            MayPropose::Yes(base) => base,
            other => return Err(other.refusal(&scm)),
        };
        let file = file_at(&scm, &base, path)?;
        let review = self
            .review_text(caller, Some(&file), &draft.content)
            .await?;
        sound(&review)?;
        let slug = found.slug();
        if forge
            .exists(&slug, &base, path)
            .await
            .map_err(|error| refused(&error))?
        {
            return Err(
                ApiError::conflict(format!("{path} is in {slug} already")).fix(format!(
                    "register {} instead, or choose another path",
                    file.target()
                )),
            );
        }
        let title = format!("Add {path}");
        let body = format!(
            "Describes {} for the software catalog.\n\nProposed by {} with Portway. Register the file after the merge: {}\n",
            review
                .entities
                .iter()
                .take(20)
                .map(|one| format!("`{}`", one.entity_ref))
                .collect::<Vec<_>>()
                .join(", "),
            caller.actor,
            file.target(),
        );
        Ok(Prepared {
            proposal: Proposal {
                slug: slug.clone(),
                base: Some(base.clone()),
                branch: branch_for(path),
                path: path.to_owned(),
                content: draft.content.replace("\r\n", "\n"),
                title,
                body,
            },
            forge,
            review,
            file,
            slug,
            base,
        })
    }

    /// Opens the pull request, or brings the open one up to date. Answers it
    /// with the place where the file will be.
    ///
    /// # Errors
    /// As [`Catalog::prepare`].
    pub(crate) async fn propose(
        &self,
        caller: &Caller,
        draft: &Draft,
    ) -> Result<(Proposed, LocationRef), ApiError> {
        let prepared = self.prepare(caller, draft).await?;
        let made = prepared
            .forge
            .propose(&prepared.proposal)
            .await
            .map_err(|error| refused(&error))?;
        let mut tx = self.store.db().begin().await?;
        tx.append(NewEvent {
            kind: events::PROPOSAL_OPENED,
            subject: made.url.clone(),
            actor: caller.actor.clone(),
            outcome: Outcome::Allowed,
            cause: None,
            data: json!({
                "repository": prepared.slug,
                "branch": made.branch,
                "path": prepared.proposal.path,
                "location": prepared.file.to_string(),
                "again": made.again,
            }),
        })
        .await?;
        tx.commit().await?;
        Ok((made, prepared.file))
    }

    /// The repository of an address, with a client that has its credential.
    fn forge_of(&self, url: &str) -> Option<(ScmUrl, Forge)> {
        let web = &self.ingestion.web;
        let scm = web.integrations.parse(url.trim()).ok()?;
        scm.forge?;
        let forge = web
            .forges
            .of_owner(&scm.host, &scm.owner, Priority::Interactive)?;
        Some((scm, forge))
    }
}

impl Prepared {
    /// The branch that is made.
    pub(crate) fn branch(&self) -> &str {
        &self.proposal.branch
    }

    /// Path of the file.
    pub(crate) fn path(&self) -> &str {
        &self.proposal.path
    }
}

impl MayPropose {
    fn refusal(self, scm: &ScmUrl) -> ApiError {
        let slug = scm.slug();
        match self {
            Self::NoCredential(host) => ApiError::not_allowed(format!(
                "Portway has no credential for {host}, so it cannot write to {slug}"
            ))
            .fix(format!(
                "add a `token` that may write for `{host}` under `integrations`, or commit the file yourself"
            )),
            Self::ReadOnly(host) => {
                ApiError::not_allowed(format!("The credential for {host} may only read {slug}")).fix(
                    "give it the right to write contents and pull requests, or commit the file yourself",
                )
            }
            Self::Archived => ApiError::conflict(format!("{slug} is archived"))
                .fix("take it out of the archive, or describe it in another repository"),
            Self::Empty => ApiError::conflict(format!("{slug} has no branch yet"))
                .fix("commit the file to it directly"),
            other => ApiError::unavailable(format!("{slug} cannot be written to: {other:?}")),
        }
    }
}

fn standing(scm: &ScmUrl, found: &Repository, access: WriteAccess) -> MayPropose {
    let base = scm.git_ref.clone().filter(|_| !scm.is_pinned());
    match (access, base.or_else(|| found.default_branch.clone())) {
        (WriteAccess::NoCredential, _) => MayPropose::NoCredential(scm.host.clone()),
        (WriteAccess::ReadOnly, _) => MayPropose::ReadOnly(scm.host.clone()),
        _ if found.archived => MayPropose::Archived,
        (_, None) => MayPropose::Empty,
        (WriteAccess::Granted | WriteAccess::Unsaid, Some(base)) => MayPropose::Yes(base),
    }
}

fn file_at(scm: &ScmUrl, base: &str, path: &str) -> Result<LocationRef, ApiError> {
    let file = ScmUrl {
        git_ref: Some(base.to_owned()),
        kind: UrlKind::Blob,
        query: None,
        ..scm.with_path(path)
    };
    LocationRef::new("url", &file.to_string())
        .map_err(|error| ApiError::input(error.to_string()).accepted(error.accepted()))
}

/// A path below the root that is YAML and not hidden.
fn checked_path(path: &str) -> Result<&str, ApiError> {
    let path = path.trim();
    let steps_fit = path.split('/').all(|step| {
        !step.is_empty() && !step.starts_with('.') && !step.chars().any(char::is_control)
    });
    let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    if path.len() <= MAX_PATH && steps_fit && is_yaml && !path.contains('\\') {
        return Ok(path);
    }
    Err(ApiError::input(format!("`{path}` is not a path for a catalog file"))
        .accepted("a path from the root of the repository that ends in .yaml, without hidden folders: catalog-info.yaml, services/shop/catalog-info.yaml"))
}

/// Only what the engine takes is proposed.
fn sound(review: &Review) -> Result<(), ApiError> {
    let first = review
        .flaws
        .iter()
        .find(|flaw| flaw.problem.severity == model::diagnostic::Severity::Error);
    if let Some(flaw) = first {
        let problem = &flaw.problem;
        let mut error = ApiError::input(format!(
            "The file is not valid: {}:{}: {}",
            problem.line, problem.column, problem.message
        ));
        error.accepted.clone_from(&problem.accepted);
        error.fix.clone_from(&problem.fix);
        return Err(error);
    }
    if review.entities.is_empty() {
        return Err(ApiError::input("The file declares no entity")
            .accepted("a document with apiVersion, kind, metadata.name and spec"));
    }
    Ok(())
}

/// The same path has the same branch, so that a second attempt finds the first.
fn branch_for(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let safe: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(100)
        .collect();
    format!("portway/add-{}", safe.trim_matches('-'))
}

/// What a forge said, for whoever asked.
fn refused(error: &ForgeError) -> ApiError {
    let text = error.to_string();
    match error {
        ForgeError::RateLimited { .. } => {
            ApiError::unavailable(text).fix("nothing is lost; send it again after that time")
        }
        ForgeError::Forbidden { .. } | ForgeError::Unauthorized { .. } => {
            ApiError::not_allowed(text)
                .fix("give the credential the right to write, or commit the file yourself")
        }
        ForgeError::NotFound { .. } => ApiError::not_found(text),
        ForgeError::Status {
            status: 409 | 422, ..
        } => ApiError::conflict(text)
            .fix("look at the repository's branches and rules, then send it again"),
        _ if error.is_transient() => {
            ApiError::unavailable(text).fix("send it again: what was done already is found again")
        }
        _ => ApiError::new(StatusCode::BAD_GATEWAY, "BadGatewayError", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yaml_in_sight_is_proposed() {
        for path in [
            "catalog-info.yaml",
            " services/shop/catalog-info.yml ",
            "\u{acb0}\u{c81c}/a.yaml",
        ] {
            assert!(checked_path(path).is_ok(), "{path}");
        }
        for path in [
            "",
            "/a.yaml",
            "a//b.yaml",
            "../a.yaml",
            ".github/workflows/x.yaml",
            "a/.b/c.yaml",
            "a.json",
            "a.yaml/",
            "a\\b.yaml",
            "a\nb.yaml",
            "a/./b.yaml",
        ] {
            assert!(checked_path(path).is_err(), "{path}");
        }
        assert!(checked_path(&format!("{}.yaml", "a".repeat(400))).is_err());
    }

    #[test]
    fn a_branch_is_the_same_for_the_same_path() {
        assert_eq!(branch_for("catalog-info.yaml"), "portway/add-catalog-info");
        assert_eq!(
            branch_for("services/shop/catalog-info.yml"),
            "portway/add-services-shop-catalog-info"
        );
    }
}

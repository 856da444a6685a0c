//! Which repositories of an organisation hold catalog files.
//!
//! A run lists repositories page by page and filters them; it reads no file.
//! What it finds is read afterwards with one fetch per repository and commit
//! ([`crate::git`]), and only for repositories whose
//! [`Repository::pushed_at`] has moved since the last run.

mod config;
mod filter;
mod gitea;
mod github;
mod gitlab;

use std::ops::ControlFlow;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;

pub(crate) use config::ProviderConfig;
pub use filter::Pattern;
pub use gitea::GiteaProvider;
pub use github::{GitHubFilters, GitHubProvider, discover_target};
pub use gitlab::GitLabProvider;

use crate::client::{Forge, ForgeError, Observer, Progress, Repository};

/// Calls at a time when locations are checked for existence; the budget of
/// the credential limits them further.
const CHECKS: usize = 8;

/// A location that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The repository.
    pub repository: Repository,
    /// The branch to read; `-` stands for the default branch.
    pub branch: String,
    /// Path without a leading `/`; may hold wildcards.
    pub path: String,
    /// The target of the Location, as Backstage writes it.
    pub url: String,
    /// Whether the file was seen to exist.
    pub checked: bool,
}

/// A repository that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// `owner/name`.
    pub repository: String,
    /// Why, as a sentence without a full stop.
    pub reason: String,
}

/// What a run found. Only a complete run is returned, so what is missing here
/// is missing at the forge, or filtered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// Locations, in the forge's order.
    pub found: Vec<Found>,
    /// Repositories without one.
    pub skipped: Vec<Skipped>,
    /// Items of the listing that could not be read.
    pub notes: Vec<String>,
}

impl Discovery {
    fn skip(&mut self, repository: &Repository, reason: impl Into<String>) {
        self.skipped.push(Skipped {
            repository: repository.slug(),
            reason: reason.into(),
        });
    }
}

/// Asks for every found location whether its file exists and moves the
/// others to the skipped ones. What fails for one repository (it may be
/// forbidden) is said there; what fails for all ends the run.
async fn check_existence(
    forge: &Forge,
    discovery: &mut Discovery,
    observer: Observer<'_>,
) -> Result<(), ForgeError> {
    let candidates = std::mem::take(&mut discovery.found);
    let total = candidates.len();
    let what = format!("look for catalog files on {}", forge.host());
    let mut answers = stream::iter(candidates)
        .map(|found| async move {
            let answer = forge
                .exists(&found.repository.slug(), &found.branch, &found.path)
                .await;
            match answer {
                Ok(exists) => Ok((found, Ok(exists))),
                Err(error @ (ForgeError::Forbidden { .. } | ForgeError::Status { .. })) => {
                    Ok((found, Err(error)))
                }
                Err(error) => Err(error),
            }
        })
        .buffered(CHECKS);
    let mut done = 0;
    while let Some((mut found, answer)) = answers.try_next().await? {
        done += 1;
        match answer {
            Ok(true) => {
                found.checked = true;
                discovery.found.push(found);
            }
            Ok(false) => {
                let reason = format!("it has no `{}` on `{}`", found.path, found.branch);
                discovery.skip(&found.repository, reason);
            }
            Err(error) => {
                // Not known is not the same as not there: keep it.
                discovery.notes.push(error.to_string());
                discovery.found.push(found);
            }
        }
        let progress = Progress {
            what: what.clone(),
            done,
            total: Some(total),
        };
        if observer(progress) == ControlFlow::Break(()) {
            return Err(ForgeError::Stopped { what });
        }
    }
    Ok(())
}

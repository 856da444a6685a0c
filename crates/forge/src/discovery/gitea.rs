//! `catalog.providers.gitea`.

use serde_json::Value;

use super::config::{ProviderConfig, entries};
use super::github::forge_of;
use super::{Discovery, Found, check_existence};
use crate::client::{ForgeError, Forges, Observer};
use crate::kind::ForgeKind;
use crate::scm_url::blob_url;

/// One entry of `catalog.providers.gitea`.
#[derive(Clone, Debug)]
pub struct GiteaProvider {
    /// Id of the entry.
    pub id: String,
    /// Host.
    pub host: String,
    /// Organisation.
    pub organization: String,
    /// Branch to read instead of each default branch.
    pub branch: Option<String>,
    /// Path of the catalog file, without a leading `/`.
    pub catalog_path: String,
    /// Import users and teams.
    pub org_enabled: bool,
    /// Ask for each repository whether the file exists, as Backstage does.
    /// Set it to false to let the fetch of the repository find out.
    pub check_existence: bool,
    /// The `schedule` value as written.
    pub schedule: Value,
}

impl GiteaProvider {
    /// Reads the section, a map of ids. Entries that cannot be used are left
    /// out; every problem is a text that starts with its path.
    pub fn from_config(value: &Value) -> (Vec<Self>, Vec<String>) {
        let mut problems = Vec::new();
        let mut all = Vec::new();
        for (id, mut entry) in entries("catalog.providers.gitea", value, |_| false, &mut problems) {
            let provider = Self::read(id, &mut entry);
            problems.extend(entry.finish());
            all.extend(provider);
        }
        (all, problems)
    }

    fn read(id: String, entry: &mut ProviderConfig<'_>) -> Option<Self> {
        let host = entry.text("host");
        let organization = entry.text("organization");
        let path = entry
            .text("catalogPath")
            .unwrap_or_else(|| "catalog-info.yaml".to_owned());
        let branch = entry.text("branch");
        let org_enabled = entry.flag("orgEnabled", false);
        let schedule = entry.raw("schedule");
        if host.is_none() {
            entry.problem("host", "missing; set the host of the Gitea");
        }
        if organization.is_none() {
            entry.problem("organization", "missing; set the organisation to read");
        }
        Some(Self {
            id,
            host: host?.to_ascii_lowercase(),
            organization: organization?,
            branch,
            check_existence: !path.contains('*'),
            catalog_path: path.trim_start_matches('/').to_owned(),
            org_enabled,
            schedule,
        })
    }

    /// Lists the organisation's repositories; archived and empty ones are
    /// left out.
    ///
    /// # Errors
    /// See [`super::GitHubProvider::discover`].
    pub async fn discover(
        &self,
        forges: &Forges,
        observer: Observer<'_>,
    ) -> Result<Discovery, ForgeError> {
        let key = format!("catalog.providers.gitea.{}", self.id);
        let forge = forge_of(
            forges,
            &self.host,
            &self.organization,
            ForgeKind::Gitea,
            &key,
        )?;
        let listed = forge.repositories(&self.organization, observer).await?;
        let mut discovery = Discovery {
            notes: listed.notes,
            ..Discovery::default()
        };
        for repository in listed.items {
            if repository.archived {
                discovery.skip(&repository, "it is archived");
                continue;
            }
            let Some(branch) = self
                .branch
                .clone()
                .or_else(|| repository.default_branch.clone())
            else {
                discovery.skip(&repository, "it has no commit yet");
                continue;
            };
            discovery.found.push(Found {
                url: blob_url(
                    ForgeKind::Gitea,
                    &repository.web_url,
                    &branch,
                    &self.catalog_path,
                ),
                branch,
                path: self.catalog_path.clone(),
                checked: false,
                repository,
            });
        }
        if self.check_existence {
            check_existence(&forge, &mut discovery, observer).await?;
        }
        Ok(discovery)
    }
}

//! `catalog.providers.github` and `type: github-discovery` locations.

use serde_json::Value;

use super::config::{ProviderConfig, entries};
use super::filter::Pattern;
use super::{Discovery, Found, check_existence};
use crate::budget::Priority;
use crate::client::{Forge, ForgeError, Forges, Observer, Repository, Visibility};
use crate::kind::ForgeKind;
use crate::scm_url::{DiscoveryTarget, blob_url};

/// Which repositories are taken. Defaults are Backstage's: forks yes,
/// archived ones no, everything else whatever it is.
#[derive(Clone, Debug)]
pub struct GitHubFilters {
    /// Branch to read instead of each default branch.
    pub branch: Option<String>,
    /// Names to take.
    pub repository: Option<Pattern>,
    /// A repository needs one of these topics; empty means no condition.
    pub topic_include: Vec<String>,
    /// A repository with one of these topics is left out; wins over
    /// `topic_include`.
    pub topic_exclude: Vec<String>,
    /// Take forks.
    pub allow_forks: bool,
    /// Take archived repositories.
    pub allow_archived: bool,
    /// Take these; empty means all.
    pub visibility: Vec<Visibility>,
}

/// One entry of `catalog.providers.github`.
#[derive(Clone, Debug)]
pub struct GitHubProvider {
    /// Id of the entry; `default` when the section is the entry itself.
    pub id: String,
    /// Host.
    pub host: String,
    /// Organisation; `None` when an app's installations say which.
    pub organization: Option<String>,
    /// Id of the GitHub App whose installations are read.
    pub app: Option<String>,
    /// Path of the catalog file, without a leading `/`; may hold wildcards.
    pub catalog_path: String,
    /// Emit only files that exist.
    pub validate_locations_exist: bool,
    /// Which repositories are taken.
    pub filters: GitHubFilters,
    /// The `schedule` value as written.
    pub schedule: Value,
}

impl GitHubProvider {
    /// Reads the section. Entries that cannot be used are left out; every
    /// problem is a text that starts with its path.
    pub fn from_config(value: &Value) -> (Vec<Self>, Vec<String>) {
        let mut problems = Vec::new();
        let mut all = Vec::new();
        let single = |map: &serde_json::Map<String, Value>| {
            map.get("organization").is_some_and(Value::is_string)
                || map.get("app").is_some_and(|app| !app.is_object())
        };
        for (id, mut entry) in entries("catalog.providers.github", value, single, &mut problems) {
            let provider = Self::read(id, &mut entry);
            problems.extend(entry.finish());
            all.extend(provider);
        }
        (all, problems)
    }

    fn read(id: String, entry: &mut ProviderConfig<'_>) -> Option<Self> {
        let organization = entry.text("organization");
        let app = entry.text("app");
        let host = entry
            .text("host")
            .unwrap_or_else(|| "github.com".to_owned());
        let catalog_path = entry
            .text("catalogPath")
            .unwrap_or_else(|| "/catalog-info.yaml".to_owned());
        let validate = entry.flag("validateLocationsExist", false);
        let schedule = entry.raw("schedule");
        // REST pages always hold a hundred repositories.
        entry.raw("pageSizes");
        let mut section = entry.section("filters");
        let filters = GitHubFilters::read(&mut section);
        entry.absorb(section);
        if organization.is_none() && app.is_none() {
            entry.problem(
                "organization",
                "missing; set the organisation to read, or `app`",
            );
            return None;
        }
        if validate && catalog_path.contains('*') {
            entry.problem(
                "validateLocationsExist",
                "cannot be used with wildcards in `catalogPath`; remove one of them",
            );
            return None;
        }
        Some(Self {
            id,
            host: host.to_ascii_lowercase(),
            organization,
            app,
            catalog_path: catalog_path.trim_start_matches('/').to_owned(),
            validate_locations_exist: validate,
            filters: filters?,
            schedule,
        })
    }

    /// Lists the organisation's repositories and keeps those that the filters
    /// let through.
    ///
    /// # Errors
    /// A run that does not reach its end finds nothing: what is missing from
    /// a result must be missing at the forge.
    pub async fn discover(
        &self,
        forges: &Forges,
        observer: Observer<'_>,
    ) -> Result<Discovery, ForgeError> {
        let key = format!("catalog.providers.github.{}", self.id);
        let owners = match &self.organization {
            Some(organization) => vec![organization.clone()],
            None => forges.app_owners(&self.host, self.app.as_deref()).await?,
        };
        let mut discovery = Discovery::default();
        for owner in owners {
            let forge = forge_of(forges, &self.host, &owner, ForgeKind::GitHub, &key)?;
            let found = self.discover_owner(&forge, &owner, observer).await?;
            discovery.found.extend(found.found);
            discovery.skipped.extend(found.skipped);
            discovery.notes.extend(found.notes);
        }
        Ok(discovery)
    }

    async fn discover_owner(
        &self,
        forge: &Forge,
        owner: &str,
        observer: Observer<'_>,
    ) -> Result<Discovery, ForgeError> {
        let listed = forge.repositories(owner, observer).await?;
        let mut discovery = Discovery {
            notes: listed.notes,
            ..Discovery::default()
        };
        for repository in listed.items {
            match self.filters.refusal(&repository) {
                Some(reason) => discovery.skip(&repository, reason),
                None => discovery.found.push(self.location(repository)),
            }
        }
        if self.validate_locations_exist {
            check_existence(forge, &mut discovery, observer).await?;
        }
        Ok(discovery)
    }

    fn location(&self, repository: Repository) -> Found {
        let branch = self
            .filters
            .branch
            .clone()
            .or_else(|| repository.default_branch.clone())
            .unwrap_or_else(|| "-".to_owned());
        let url = blob_url(
            ForgeKind::GitHub,
            &repository.web_url,
            &branch,
            &self.catalog_path,
        );
        Found {
            repository,
            branch,
            path: self.catalog_path.clone(),
            url,
            checked: false,
        }
    }
}

impl GitHubFilters {
    fn read(section: &mut ProviderConfig<'_>) -> Option<Self> {
        let written = section.text("repository");
        let repository = section.pattern("repository", Pattern::whole);
        let mut topic = section.section("topic");
        let topic_include = topic.texts("include");
        let topic_exclude = topic.texts("exclude");
        section.absorb(topic);
        let mut visibility = Vec::new();
        for word in section.texts("visibility") {
            match word.as_str() {
                "public" => visibility.push(Visibility::Public),
                "internal" => visibility.push(Visibility::Internal),
                "private" => visibility.push(Visibility::Private),
                other => section.problem(
                    "visibility",
                    &format!("`{other}` is not `public`, `internal` or `private`"),
                ),
            }
        }
        let filters = Self {
            branch: section.text("branch"),
            topic_include,
            topic_exclude,
            allow_forks: section.flag("allowForks", true),
            allow_archived: section.flag("allowArchived", false),
            visibility,
            repository,
        };
        // A pattern that does not compile must not let everything through.
        (written.is_none() || filters.repository.is_some()).then_some(filters)
    }

    /// Why a repository is left out.
    fn refusal(&self, repository: &Repository) -> Option<String> {
        if repository.archived && !self.allow_archived {
            return Some("it is archived (`allowArchived`)".to_owned());
        }
        if repository.fork && !self.allow_forks {
            return Some("it is a fork (`allowForks`)".to_owned());
        }
        if let Some(pattern) = &self.repository
            && !pattern.matches(&repository.name)
        {
            return Some(format!(
                "its name does not match `{}` (`repository`)",
                pattern.written()
            ));
        }
        if let Some(topic) = repository
            .topics
            .iter()
            .find(|topic| self.topic_exclude.contains(topic))
        {
            return Some(format!("it has the topic `{topic}` (`topic.exclude`)"));
        }
        if !self.topic_include.is_empty()
            && !repository
                .topics
                .iter()
                .any(|topic| self.topic_include.contains(topic))
        {
            return Some(format!(
                "it has none of the topics {} (`topic.include`)",
                self.topic_include
                    .iter()
                    .map(|topic| format!("`{topic}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ));
        }
        if !self.visibility.is_empty() && !self.visibility.contains(&repository.visibility) {
            return Some("its visibility is not one of `visibility`".to_owned());
        }
        if repository.default_branch.is_none() && self.branch.is_none() {
            return Some("it has no commit yet".to_owned());
        }
        None
    }
}

/// Expands a `type: github-discovery` target.
pub async fn discover_target(
    target: &DiscoveryTarget,
    forges: &Forges,
    observer: Observer<'_>,
) -> Result<Discovery, ForgeError> {
    let forge = forge_of(
        forges,
        &target.host,
        &target.owner,
        ForgeKind::GitHub,
        "catalog.locations",
    )?;
    let listed = forge.repositories(&target.owner, observer).await?;
    let mut discovery = Discovery {
        notes: listed.notes,
        ..Discovery::default()
    };
    for repository in listed.items {
        if repository.archived {
            discovery.skip(&repository, "it is archived");
        } else if !target.matches_repository(&repository.name) {
            let reason = format!("its name does not match `{}`", target.repo_pattern);
            discovery.skip(&repository, reason);
        } else if let Some(branch) = target
            .branch
            .as_ref()
            .or(repository.default_branch.as_ref())
        {
            discovery.found.push(Found {
                url: target.location(&repository.web_url, branch),
                branch: branch.clone(),
                path: target.path.trim_start_matches('/').to_owned(),
                checked: false,
                repository,
            });
        } else {
            discovery.skip(&repository, "it has no commit yet");
        }
    }
    Ok(discovery)
}

pub(super) fn forge_of(
    forges: &Forges,
    host: &str,
    owner: &str,
    kind: ForgeKind,
    key: &str,
) -> Result<Forge, ForgeError> {
    let section = kind.name().to_lowercase();
    match forges.of_owner(host, owner, Priority::Background) {
        Some(forge) if forge.kind() == kind => Ok(forge),
        Some(forge) => Err(ForgeError::Config {
            key: key.to_owned(),
            reason: format!(
                "`{host}` is a {} according to `integrations`, not a {kind}",
                forge.kind()
            ),
        }),
        None => Err(ForgeError::Config {
            key: key.to_owned(),
            reason: format!("no `integrations.{section}` entry has `host: {host}`; add one"),
        }),
    }
}

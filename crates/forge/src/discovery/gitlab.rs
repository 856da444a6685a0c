//! `catalog.providers.gitlab`.

use serde_json::Value;

use super::config::{ProviderConfig, entries};
use super::filter::Pattern;
use super::github::forge_of;
use super::{Discovery, Found, check_existence};
use crate::client::{Forge, ForgeError, Forges, GroupRelation, Observer, ProjectQuery, Repository};
use crate::kind::ForgeKind;
use crate::scm_url::blob_url;

/// One entry of `catalog.providers.gitlab`.
#[derive(Clone, Debug)]
pub struct GitLabProvider {
    /// Id of the entry.
    pub id: String,
    /// Host.
    pub host: String,
    /// Path of the group; `None` for the whole host.
    pub group: Option<String>,
    /// Branch to read instead of each default branch.
    pub branch: Option<String>,
    /// Branch for projects without a default branch; `*` leaves them out.
    pub fallback_branch: String,
    /// Path of the catalog file, without a leading `/`.
    pub entity_filename: String,
    /// Full paths of projects to take.
    pub project_pattern: Option<Pattern>,
    /// Usernames to take.
    pub user_pattern: Option<Pattern>,
    /// Full paths of groups to take; one match is enough, empty means all.
    pub group_patterns: Vec<Pattern>,
    /// Leave forks out.
    pub skip_forked_repos: bool,
    /// Take archived projects.
    pub include_archived_repos: bool,
    /// Full paths of projects to leave out.
    pub exclude_repos: Vec<String>,
    /// Only projects that the token's owner is a member of.
    pub membership: bool,
    /// Only projects with all of these topics, separated by commas.
    pub topics: Option<String>,
    /// Import users and groups.
    pub org_enabled: bool,
    /// Leave users outside the group out.
    pub restrict_users_to_group: bool,
    /// Further members that groups are said to have.
    pub relations: Vec<GroupRelation>,
    /// Ask for each project whether the file exists, as Backstage does. Set
    /// it to false to let the fetch of the repository find out.
    pub check_existence: bool,
    /// The `schedule` value as written.
    pub schedule: Value,
}

impl GitLabProvider {
    /// Reads the section, a map of ids. Entries that cannot be used are left
    /// out; every problem is a text that starts with its path.
    pub fn from_config(value: &Value) -> (Vec<Self>, Vec<String>) {
        let mut problems = Vec::new();
        let mut all = Vec::new();
        for (id, mut entry) in entries("catalog.providers.gitlab", value, |_| false, &mut problems)
        {
            let provider = Self::read(id, &mut entry);
            problems.extend(entry.finish());
            all.extend(provider);
        }
        (all, problems)
    }

    fn read(id: String, entry: &mut ProviderConfig<'_>) -> Option<Self> {
        let host = entry.text("host");
        if host.is_none() {
            entry.problem("host", "missing; set the host of the GitLab");
        }
        let mut usable = host.is_some();
        let old_name = entry.text("catalogFile");
        let entity_filename = entry
            .text("entityFilename")
            .or(old_name)
            .unwrap_or_else(|| "catalog-info.yaml".to_owned());
        let mut group_patterns = Vec::new();
        for written in entry.texts("groupPattern") {
            match Pattern::anywhere(&written) {
                Ok(pattern) => group_patterns.push(pattern),
                Err(reason) => {
                    usable = false;
                    entry.problem("groupPattern", &reason);
                }
            }
        }
        let mut patterns = [None, None];
        for (slot, key) in patterns.iter_mut().zip(["projectPattern", "userPattern"]) {
            let written = entry.raw(key);
            *slot = entry.pattern(key, Pattern::anywhere);
            // A pattern that does not compile must not let everything through.
            usable &= written.is_null() || slot.is_some();
        }
        let [project_pattern, user_pattern] = patterns;
        let mut relations = Vec::new();
        for word in entry.texts("relations") {
            match word.to_ascii_uppercase().as_str() {
                "DIRECT" => {}
                "INHERITED" | "SHARED_FROM_GROUPS" => relations.push(GroupRelation::Inherited),
                "DESCENDANTS" => relations.push(GroupRelation::Descendants),
                other => entry.problem(
                    "relations",
                    &format!(
                        "`{other}` is not one of DIRECT, INHERITED, DESCENDANTS, SHARED_FROM_GROUPS"
                    ),
                ),
            }
        }
        entry.raw("includeUsersWithoutSeat");
        let provider = Self {
            id,
            host: host.unwrap_or_default().to_ascii_lowercase(),
            group: entry
                .text("group")
                .map(|group| group.trim_matches('/').to_owned()),
            branch: entry.text("branch"),
            fallback_branch: entry
                .text("fallbackBranch")
                .unwrap_or_else(|| "master".to_owned()),
            entity_filename: entity_filename.trim_start_matches('/').to_owned(),
            project_pattern,
            user_pattern,
            group_patterns,
            skip_forked_repos: entry.flag("skipForkedRepos", false),
            include_archived_repos: entry.flag("includeArchivedRepos", false),
            exclude_repos: entry.texts("excludeRepos"),
            membership: entry.flag("membership", false),
            topics: entry.text("topics"),
            org_enabled: entry.flag("orgEnabled", false),
            restrict_users_to_group: entry.flag("restrictUsersToGroup", false),
            relations,
            check_existence: true,
            schedule: entry.raw("schedule"),
        };
        usable.then_some(provider)
    }

    /// Lists the projects and keeps those that the filters let through.
    ///
    /// # Errors
    /// See [`super::GitHubProvider::discover`].
    pub async fn discover(
        &self,
        forges: &Forges,
        observer: Observer<'_>,
    ) -> Result<Discovery, ForgeError> {
        let key = format!("catalog.providers.gitlab.{}", self.id);
        let forge = forge_of(forges, &self.host, "", ForgeKind::GitLab, &key)?;
        let Forge::GitLab(client) = &forge else {
            return Ok(Discovery::default());
        };
        let query = ProjectQuery {
            archived: self.include_archived_repos,
            membership: self.membership,
            topics: self.topics.clone(),
        };
        let listed = client
            .repositories(self.group.as_deref(), &query, observer)
            .await?;
        let mut discovery = Discovery {
            notes: listed.notes,
            ..Discovery::default()
        };
        for repository in listed.items {
            match self.refusal(&repository) {
                Some(reason) => discovery.skip(&repository, reason),
                None => discovery.found.push(self.location(repository)),
            }
        }
        if self.check_existence {
            check_existence(&forge, &mut discovery, observer).await?;
        }
        Ok(discovery)
    }

    fn refusal(&self, repository: &Repository) -> Option<String> {
        let slug = repository.slug();
        if repository.archived && !self.include_archived_repos {
            return Some("it is archived (`includeArchivedRepos`)".to_owned());
        }
        if let Some(pattern) = &self.project_pattern
            && !pattern.matches(&slug)
        {
            return Some(format!(
                "its path does not match `{}` (`projectPattern`)",
                pattern.written()
            ));
        }
        if let Some(group) = &self.group
            && !slug
                .to_lowercase()
                .starts_with(&format!("{}/", group.to_lowercase()))
        {
            return Some(format!(
                "it is shared with `{group}` but lies elsewhere (`group`)"
            ));
        }
        if repository.fork && self.skip_forked_repos {
            return Some("it is a fork (`skipForkedRepos`)".to_owned());
        }
        if self.exclude_repos.contains(&slug) {
            return Some("it is listed in `excludeRepos`".to_owned());
        }
        if self.branch.is_none()
            && repository.default_branch.is_none()
            && self.fallback_branch == "*"
        {
            return Some("it has no default branch (`fallbackBranch`)".to_owned());
        }
        None
    }

    fn location(&self, repository: Repository) -> Found {
        let branch = self
            .branch
            .clone()
            .or_else(|| repository.default_branch.clone())
            .unwrap_or_else(|| self.fallback_branch.clone());
        let url = blob_url(
            ForgeKind::GitLab,
            &repository.web_url,
            &branch,
            &self.entity_filename,
        );
        Found {
            repository,
            branch,
            path: self.entity_filename.clone(),
            url,
            checked: false,
        }
    }
}

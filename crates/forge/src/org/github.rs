//! `catalog.providers.githubOrg`.

use serde_json::Value;
use url::Url;

use super::OrgEntities;
use super::entity::{GroupDraft, UserDraft, build, entity_name};
use crate::budget::Priority;
use crate::client::{ForgeError, Forges, Observer, OrgQuery, Person, Team};
use crate::discovery::ProviderConfig;
use crate::scm_url::host_with_port;

/// One entry of `catalog.providers.githubOrg`.
#[derive(Clone, Debug)]
pub struct GitHubOrgProvider {
    /// Its id.
    pub id: String,
    /// `https://github.com`.
    pub github_url: Url,
    /// Organisations; empty means all that GitHub Apps are installed for.
    pub orgs: Vec<String>,
    /// Leave suspended users out (Enterprise Server).
    pub exclude_suspended_users: bool,
    /// Prefer mail addresses in the organisation's verified domains.
    pub use_verified_emails: bool,
    /// Whether groups live in a namespace named like their organisation:
    /// always, unless one organisation is all there is.
    pub org_namespaces: bool,
    /// Teams, members of each, and users per page.
    pub page_sizes: [u32; 3],
    /// The `schedule` value as written.
    pub schedule: Value,
}

impl GitHubOrgProvider {
    /// Reads the section: one object or a list of them. Entries that cannot
    /// be used are left out; every problem is a text that starts with its
    /// path.
    pub fn from_config(value: &Value) -> (Vec<Self>, Vec<String>) {
        let path = "catalog.providers.githubOrg";
        let mut problems = Vec::new();
        let written: Vec<(String, &Value)> = match value {
            Value::Null => Vec::new(),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .map(|(index, entry)| (format!("{path}[{index}]"), entry))
                .collect(),
            entry => vec![(path.to_owned(), entry)],
        };
        let mut all = Vec::new();
        for (path, entry) in written {
            let Value::Object(map) = entry else {
                problems.push(format!("{path}: expected an object"));
                continue;
            };
            let mut config = ProviderConfig::new(path, map);
            let provider = Self::read(&mut config);
            problems.extend(config.finish());
            all.extend(provider);
        }
        let only_one = match all.as_slice() {
            [one] => one.orgs.len() == 1,
            _ => false,
        };
        for provider in &mut all {
            provider.org_namespaces = !only_one;
        }
        (all, problems)
    }

    fn read(config: &mut ProviderConfig<'_>) -> Option<Self> {
        let id = config.text("id").unwrap_or_else(|| "default".to_owned());
        let written = config
            .text("githubUrl")
            .unwrap_or_else(|| "https://github.com".to_owned());
        let orgs = config.texts("orgs");
        let exclude_suspended_users = config.flag("excludeSuspendedUsers", false);
        config.raw("experimental_checkForSuspendedUsersWithRest");
        let mut transformer = config.section("defaultUserTransformer");
        let use_verified_emails = transformer.flag("useVerifiedEmails", false);
        config.absorb(transformer);
        let mut sizes = config.section("pageSizes");
        let page_sizes = [
            sizes.number("teams", 25),
            sizes.number("teamMembers", 50),
            sizes.number("organizationMembers", 50),
        ];
        config.absorb(sizes);
        let schedule = config.raw("schedule");
        let github_url = match Url::parse(&written) {
            Ok(url) if url.host_str().is_some() => url,
            _ => {
                config.problem(
                    "githubUrl",
                    &format!("`{written}` is not a URL such as `https://github.com`"),
                );
                return None;
            }
        };
        Some(Self {
            id,
            github_url,
            orgs,
            exclude_suspended_users,
            use_verified_emails,
            org_namespaces: false,
            page_sizes,
            schedule,
        })
    }

    /// Reads teams and members of all organisations.
    ///
    /// # Errors
    /// One organisation that cannot be read ends the run: half of the users
    /// must not look as if the others had left.
    pub async fn import(
        &self,
        forges: &Forges,
        observer: Observer<'_>,
    ) -> Result<OrgEntities, ForgeError> {
        let host = host_with_port(&self.github_url);
        let orgs = if self.orgs.is_empty() {
            forges.app_owners(&host, None).await?
        } else {
            self.orgs.clone()
        };
        let mut groups = Vec::new();
        let mut users = Vec::new();
        let mut unread = Vec::new();
        for org in &orgs {
            let forge = forges
                .of_owner(&host, org, Priority::Background)
                .ok_or_else(|| ForgeError::Config {
                    key: "catalog.providers.githubOrg.githubUrl".to_owned(),
                    reason: format!("no `integrations.github` entry has `host: {host}`; add one"),
                })?;
            let [teams, members, people] = self.page_sizes;
            let query = OrgQuery {
                verified_emails: self.use_verified_emails,
                exclude_suspended: self.exclude_suspended_users,
                team_page: teams,
                member_page: members,
                people_page: people,
                ..OrgQuery::new(org)
            };
            let found = forge.organisation(&query, observer).await?;
            unread.extend(found.notes);
            groups.extend(
                found
                    .teams
                    .into_iter()
                    .filter_map(|team| self.group(org, team)),
            );
            users.extend(found.people.into_iter().map(|person| self.user(person)));
        }
        Ok(build(groups, users, unread))
    }

    fn group(&self, org: &str, mut team: Team) -> Option<GroupDraft> {
        let base = self.github_url.as_str().trim_end_matches('/');
        team.web_url = Some(format!("{base}/orgs/{org}/teams/{}", team.slug));
        let mut annotations = vec![(
            "github.com/team-slug".to_owned(),
            format!("{org}/{}", team.slug),
        )];
        if let Some(url) = &team.edit_url {
            annotations.push(("backstage.io/edit-url".to_owned(), url.clone()));
        }
        Some(GroupDraft {
            namespace: self.org_namespaces.then(|| org.to_lowercase()),
            name: entity_name(&team.slug)?,
            parent: team.parent.as_deref().and_then(entity_name),
            annotations,
            team,
        })
    }

    fn user(&self, mut person: Person) -> UserDraft {
        let base = self.github_url.as_str().trim_end_matches('/');
        person.web_url = Some(format!("{base}/{}", person.login));
        let verified = person
            .verified_emails
            .first()
            .cloned()
            .filter(|_| self.use_verified_emails);
        UserDraft {
            annotations: vec![("github.com/user-login".to_owned(), person.login.clone())],
            email: verified.or_else(|| person.email.clone()),
            person,
        }
    }
}

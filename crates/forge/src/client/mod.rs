//! Clients of the forges' APIs: thin, the same for all three, and never more
//! than the budget of their credential allows.

pub(crate) mod api;
mod connection;
pub(crate) mod error;
mod gitea;
mod github;
mod gitlab;
mod members;
mod propose;
mod types;

use std::sync::Arc;

use bytes::Bytes;

pub use api::{Listing, Observer, Patience, Progress, unobserved};
pub use error::ForgeError;
pub use gitea::Gitea;
pub use github::GitHub;
pub use gitlab::GitLab;
pub use propose::{Proposal, Proposed, WriteAccess};
pub use types::{Organisation, Person, RemoteFile, Repository, Team, Visibility};

use crate::budget::{EtagCache, Governor, Priority};
use crate::credentials::Credentials;
use crate::integrations::{Integration, Integrations};
use crate::kind::ForgeKind;
use api::{Api, Authorization};

/// A forge, with the credential of its integration.
#[derive(Clone, Debug)]
pub enum Forge {
    /// github.com or Enterprise Server.
    GitHub(GitHub),
    /// gitlab.com or self-hosted.
    GitLab(GitLab),
    /// Gitea or Forgejo.
    Gitea(Gitea),
}

/// What makes clients: connections, budgets and kept answers are shared.
#[derive(Clone, Debug)]
pub struct Forges {
    credentials: Credentials,
    governor: Governor,
    etags: Arc<EtagCache>,
    patience: Patience,
}

/// Which projects of a GitLab are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectQuery {
    /// Archived ones too.
    pub archived: bool,
    /// Only those that the token's owner is a member of.
    pub membership: bool,
    /// Only those with all of these topics, separated by commas.
    pub topics: Option<String>,
}

/// Which members a GitLab group is said to have. Direct ones always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupRelation {
    /// Those of the groups above it, and of groups that it was shared with.
    Inherited,
    /// Those of the groups below it.
    Descendants,
}

/// Which teams and users are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgQuery {
    /// Organisation, or path of a GitLab group (empty: the whole host).
    pub organisation: String,
    /// GitHub: read mail addresses of verified domains.
    pub verified_emails: bool,
    /// GitHub Enterprise Server: leave suspended users out.
    pub exclude_suspended: bool,
    /// GitHub: teams, members of each, and users per page.
    pub team_page: u32,
    /// See [`OrgQuery::team_page`].
    pub member_page: u32,
    /// See [`OrgQuery::team_page`].
    pub people_page: u32,
    /// GitLab: users outside the group are left out.
    pub restrict_to_group: bool,
    /// GitLab: which members groups are said to have.
    pub relations: Vec<GroupRelation>,
}

impl OrgQuery {
    /// Everything of one organisation, with Backstage's page sizes.
    pub fn new(organisation: impl Into<String>) -> Self {
        Self {
            organisation: organisation.into(),
            verified_emails: false,
            exclude_suspended: false,
            team_page: 25,
            member_page: 50,
            people_page: 50,
            restrict_to_group: true,
            relations: Vec::new(),
        }
    }
}

/// The files of a repository at a ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeListing {
    /// The files.
    pub files: Vec<RemoteFile>,
    /// False when the forge cut the list; Git has the rest.
    pub complete: bool,
}

impl Forges {
    /// Clients for the integrations of these credentials.
    pub fn new(credentials: Credentials, governor: Governor, etags: Arc<EtagCache>) -> Self {
        Self {
            credentials,
            governor,
            etags,
            patience: Patience::default(),
        }
    }

    /// The same, with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The hosts that are known.
    pub fn integrations(&self) -> &Arc<Integrations> {
        self.credentials.integrations()
    }

    /// The budgets.
    pub fn governor(&self) -> &Governor {
        &self.governor
    }

    /// The client of a host, when an integration says what it runs. Where
    /// only GitHub Apps are configured, [`Forges::of_owner`] is needed.
    pub fn of_host(&self, host: &str, priority: Priority) -> Option<Forge> {
        let integration = self.integrations().by_host(host)?;
        Some(self.client(integration, None, priority))
    }

    /// The client of a host for what belongs to an owner: a GitHub App has a
    /// token, and a budget, for each.
    pub fn of_owner(&self, host: &str, owner: &str, priority: Priority) -> Option<Forge> {
        let integration = self.integrations().by_host(host)?;
        Some(self.client(integration, Some(owner), priority))
    }

    /// The owners that the GitHub Apps of a host are installed for; with
    /// `app`, only that app's.
    pub async fn app_owners(
        &self,
        host: &str,
        app: Option<&str>,
    ) -> Result<Vec<String>, ForgeError> {
        let mut owners = Vec::new();
        let Some(integration) = self.integrations().by_host(host) else {
            return Ok(owners);
        };
        for found in &integration.apps {
            if app.is_none_or(|id| id == found.app_id) {
                owners.extend(self.credentials.app_owners(integration, found).await?);
            }
        }
        owners.sort();
        owners.dedup();
        Ok(owners)
    }

    fn client(&self, integration: &Integration, owner: Option<&str>, priority: Priority) -> Forge {
        let (authorization, credential) = match (integration.api_authorization(), owner) {
            (Some((name, value)), _) => {
                let token = integration
                    .credential()
                    .map(|token| token.reveal().to_owned());
                (Authorization::Header(name, value), token)
            }
            (None, Some(owner)) if !integration.apps.is_empty() => {
                let app = Authorization::App {
                    credentials: self.credentials.clone(),
                    integration: Box::new(integration.clone()),
                    owner: owner.to_owned(),
                };
                (app, Some(format!("app for {}", owner.to_lowercase())))
            }
            _ => (Authorization::Anonymous, None),
        };
        let api = Api {
            kind: integration.kind,
            host: integration.host.clone(),
            base: integration.api_base.clone(),
            http: self.credentials.client().clone(),
            budget: self
                .governor
                .budget(&integration.host, credential.as_deref()),
            clock: self.governor.clock().clone(),
            etags: Arc::clone(&self.etags),
            authorization,
            priority,
            patience: self.patience,
        };
        match integration.kind {
            ForgeKind::GitHub => Forge::GitHub(GitHub { api }),
            ForgeKind::GitLab => Forge::GitLab(GitLab { api }),
            ForgeKind::Gitea => Forge::Gitea(Gitea { api }),
        }
    }
}

impl Forge {
    /// What it runs.
    pub fn kind(&self) -> ForgeKind {
        self.api().kind
    }

    /// Its host, with port.
    pub fn host(&self) -> &str {
        &self.api().host
    }

    fn api(&self) -> &Api {
        match self {
            Self::GitHub(client) => &client.api,
            Self::GitLab(client) => &client.api,
            Self::Gitea(client) => &client.api,
        }
    }

    /// The budget that its calls are counted in.
    pub fn budget(&self) -> &crate::budget::Budget {
        &self.api().budget
    }

    /// Every repository of an organisation, a user or (GitLab) a group with
    /// the groups below it.
    pub async fn repositories(
        &self,
        owner: &str,
        observer: Observer<'_>,
    ) -> Result<Listing<Repository>, ForgeError> {
        match self {
            Self::GitHub(client) => client.repositories(owner, observer).await,
            Self::GitLab(client) => {
                let filter = ProjectQuery {
                    archived: true,
                    ..ProjectQuery::default()
                };
                client.repositories(Some(owner), &filter, observer).await
            }
            Self::Gitea(client) => client.repositories(owner, observer).await,
        }
    }

    /// One repository by `owner/name`. A renamed one is found under its new
    /// name when the forge redirects.
    pub async fn repository(&self, slug: &str) -> Result<Repository, ForgeError> {
        match self {
            Self::GitHub(client) => client.repository(slug).await,
            Self::GitLab(client) => client.repository(slug).await,
            Self::Gitea(client) => client.repository(slug).await,
        }
    }

    /// The default branch; `None` for an empty repository.
    pub async fn default_branch(&self, slug: &str) -> Result<Option<String>, ForgeError> {
        Ok(self.repository(slug).await?.default_branch)
    }

    /// One file, at most `limit` bytes. For more than one file of a commit,
    /// [`crate::git`] costs less.
    pub async fn file(
        &self,
        slug: &str,
        git_ref: Option<&str>,
        path: &str,
        limit: u64,
    ) -> Result<Bytes, ForgeError> {
        match self {
            Self::GitHub(client) => client.file(slug, git_ref, path, limit).await,
            Self::GitLab(client) => client.file(slug, git_ref, path, limit).await,
            Self::Gitea(client) => client.file(slug, git_ref, path, limit).await,
        }
    }

    /// Whether a file exists at a ref.
    pub async fn exists(&self, slug: &str, git_ref: &str, path: &str) -> Result<bool, ForgeError> {
        match self {
            Self::GitHub(client) => client.exists(slug, git_ref, path).await,
            Self::GitLab(client) => client.exists(slug, git_ref, path).await,
            Self::Gitea(client) => client.exists(slug, git_ref, path).await,
        }
    }

    /// Every file at a ref.
    pub async fn tree(&self, slug: &str, git_ref: &str) -> Result<TreeListing, ForgeError> {
        match self {
            Self::GitHub(client) => client.tree(slug, git_ref).await,
            Self::GitLab(client) => client.tree(slug, git_ref).await,
            Self::Gitea(client) => client.tree(slug, git_ref).await,
        }
    }

    /// Teams with parents and members, and users with profiles.
    pub async fn organisation(
        &self,
        query: &OrgQuery,
        observer: Observer<'_>,
    ) -> Result<Organisation, ForgeError> {
        match self {
            Self::GitHub(client) => client.organisation(query, observer).await,
            Self::GitLab(client) => client.organisation(query, observer).await,
            Self::Gitea(client) => client.organisation(query, observer).await,
        }
    }
}

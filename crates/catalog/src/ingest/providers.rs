//! Discovery providers: sources that list the repositories of an
//! organisation, or its people.
//!
//! | location type | configured under | brings |
//! |---|---|---|
//! | `github-discovery` | `catalog.locations[]` | catalog files by a URL with `*` |
//! | `github`, `gitlab`, `gitea` | `catalog.providers.<type>` | catalog files |
//! | `github-org`, `gitlab-org`, `gitea-org` | `catalog.providers.githubOrg`, `orgEnabled` | users and groups |

use std::collections::HashMap;
use std::time::Duration;

use forge::client::{ForgeError, Forges, unobserved};
use forge::discovery::{Discovery, GitHubProvider, GitLabProvider, GiteaProvider, discover_target};
use forge::git::Remote;
use forge::org::{self, GitHubOrgProvider, OrgEntities};
use forge::scm_url::DiscoveryTarget;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::controller::Next;
use serde_json::Value;

use super::content::ReadFailure;
use super::found::{files_start, people_start};
use super::read::Start;
use super::repository::Target;
use super::schedule::Schedule;
use crate::source::{Origin, Source};

/// No run takes longer than this, whatever its schedule says of it.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The configured providers.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    github: Vec<GitHubProvider>,
    github_org: Vec<GitHubOrgProvider>,
    gitlab: Vec<GitLabProvider>,
    gitea: Vec<GiteaProvider>,
    /// By section and id, such as `githubOrg` and `main`.
    schedules: HashMap<(&'static str, String), Schedule>,
}

impl Providers {
    /// Reads `catalog.providers`. The second part lists what was left out, and why.
    pub fn from_config(providers: &Value) -> (Self, Vec<String>) {
        let at = |key: &str| providers.get(key).cloned().unwrap_or(Value::Null);
        let (github, mut problems) = GitHubProvider::from_config(&at("github"));
        let (github_org, more) = GitHubOrgProvider::from_config(&at("githubOrg"));
        problems.extend(more);
        let (gitlab, more) = GitLabProvider::from_config(&at("gitlab"));
        problems.extend(more);
        let (gitea, more) = GiteaProvider::from_config(&at("gitea"));
        problems.extend(more);
        let written = (github.iter().map(|one| ("github", &one.id, &one.schedule)))
            .chain(
                github_org
                    .iter()
                    .map(|one| ("githubOrg", &one.id, &one.schedule)),
            )
            .chain(gitlab.iter().map(|one| ("gitlab", &one.id, &one.schedule)))
            .chain(gitea.iter().map(|one| ("gitea", &one.id, &one.schedule)));
        let mut schedules = HashMap::new();
        for (kind, id, schedule) in written {
            let path = format!("catalog.providers.{kind}.{id}.schedule");
            let (schedule, more) = Schedule::read(&path, schedule);
            problems.extend(more);
            schedules.insert((kind, id.clone()), schedule);
        }
        (
            Self {
                github,
                github_org,
                gitlab,
                gitea,
                schedules,
            },
            problems,
        )
    }

    /// The sources that the providers are.
    pub fn sources(&self) -> Vec<(Origin, LocationRef)> {
        let mut names: Vec<(&str, &str)> = Vec::new();
        names.extend(
            self.github
                .iter()
                .map(|provider| ("github", provider.id.as_str())),
        );
        names.extend(
            self.github_org
                .iter()
                .map(|provider| ("github-org", provider.id.as_str())),
        );
        for provider in &self.gitlab {
            names.push(("gitlab", &provider.id));
            if provider.org_enabled {
                names.push(("gitlab-org", &provider.id));
            }
        }
        for provider in &self.gitea {
            names.push(("gitea", &provider.id));
            if provider.org_enabled {
                names.push(("gitea-org", &provider.id));
            }
        }
        names
            .into_iter()
            .filter_map(|(kind, id)| {
                Some((
                    Origin::Provider(format!("{kind}:{id}")),
                    LocationRef::new(kind, id).ok()?,
                ))
            })
            .collect()
    }

    /// The schedule of the provider that a source is; none for other sources.
    fn schedule(&self, source: &Source) -> Option<Schedule> {
        let section = match source.location.location_type() {
            "github-discovery" => return Some(Schedule::default()),
            "github" => "github",
            "github-org" => "githubOrg",
            "gitlab" | "gitlab-org" => "gitlab",
            "gitea" | "gitea-org" => "gitea",
            _ => return None,
        };
        let id = source.location.target().to_owned();
        self.schedules.get(&(section, id)).cloned()
    }

    /// When a source that is a provider wants to be read again, and why then.
    pub(crate) fn next(&self, source: &Source, now: Timestamp) -> Option<Next> {
        Some(self.schedule(source)?.next(now))
    }

    /// How long the first read after a start is put off.
    pub(crate) fn initial_delay(&self, source: &Source) -> Option<Duration> {
        self.schedule(source)?
            .initial_delay
            .filter(|delay| !delay.is_zero())
    }

    /// The host (with port) that a source is read from, where there is one.
    pub(crate) fn host(&self, source: &Source) -> Option<String> {
        let target = source.location.target();
        Some(match source.location.location_type() {
            "github" => self
                .github
                .iter()
                .find(|provider| provider.id == target)?
                .host
                .clone(),
            "github-org" => host_of(
                self.github_org
                    .iter()
                    .find(|provider| provider.id == target)?
                    .github_url
                    .as_str(),
            )?,
            "gitlab" | "gitlab-org" => self
                .gitlab
                .iter()
                .find(|provider| provider.id == target)?
                .host
                .clone(),
            "gitea" | "gitea-org" => self
                .gitea
                .iter()
                .find(|provider| provider.id == target)?
                .host
                .clone(),
            "git" => match Remote::parse(Target::parse(target).remote).ok()? {
                Remote::Http(url) => host_of(url.as_str())?,
                Remote::Ssh { host, .. } => host,
                Remote::Local(_) => return None,
            },
            _ => host_of(target)?,
        })
    }

    /// Whose repositories or people a provider lists; GitHub Apps have a
    /// credential for each owner.
    pub(crate) fn owner(&self, source: &Source) -> Option<String> {
        let target = source.location.target();
        match source.location.location_type() {
            "github" => self
                .github
                .iter()
                .find(|provider| provider.id == target)?
                .organization
                .clone(),
            "github-org" => self
                .github_org
                .iter()
                .find(|provider| provider.id == target)?
                .orgs
                .first()
                .cloned(),
            "github-discovery" => DiscoveryTarget::parse(target)
                .ok()
                .map(|target| target.owner),
            _ => None,
        }
    }

    /// Whether a source is a provider that lists the repositories of `owner`
    /// and would look at one of the `paths`.
    pub(crate) fn looks_at(&self, source: &Source, owner: &str, paths: &[String]) -> bool {
        let id = source.location.target();
        let (owners, wanted) = match source.location.location_type() {
            "github" => match self.github.iter().find(|provider| provider.id == id) {
                Some(provider) => (provider.organization.clone(), provider.catalog_path.clone()),
                None => return false,
            },
            "gitlab" => match self.gitlab.iter().find(|provider| provider.id == id) {
                Some(provider) => (provider.group.clone(), provider.entity_filename.clone()),
                None => return false,
            },
            "gitea" => match self.gitea.iter().find(|provider| provider.id == id) {
                Some(provider) => (
                    Some(provider.organization.clone()),
                    provider.catalog_path.clone(),
                ),
                None => return false,
            },
            "github-discovery" => match DiscoveryTarget::parse(id) {
                Ok(target) => (
                    Some(target.owner),
                    target.path.trim_start_matches('/').to_owned(),
                ),
                Err(_) => return false,
            },
            _ => return false,
        };
        let owner = owner.to_lowercase();
        let theirs = owners.is_none_or(|wanted| {
            let wanted = wanted.to_lowercase();
            // Groups of GitLab lie in groups.
            owner == wanted || owner.starts_with(&format!("{wanted}/"))
        });
        theirs && (wanted.contains('*') || paths.contains(&wanted))
    }

    /// Runs the provider that a source is.
    pub(crate) fn start<'a>(
        &'a self,
        forges: &'a Forges,
        kinds: &'a Kinds,
        source: &'a Source,
    ) -> BoxFuture<'a, Start> {
        // Boxed: the clients' futures are large.
        async move {
            let clock = forges.governor().clock();
            let timeout = self.schedule(source).and_then(|schedule| schedule.timeout);
            let limit = timeout.unwrap_or(LONGEST).min(LONGEST);
            let list = async {
                match source.location.location_type() {
                    kind if kind.ends_with("-org") => {
                        self.people(forges, source).await.map(Found::People)
                    }
                    _ => self.files(forges, source).await.map(Found::Files),
                }
            };
            let found = tokio::select! {
                found = list => found,
                () = clock.sleep(limit) => Err(ReadFailure::new(
                    "timeout",
                    format!("listing did not end within {limit:?}, the `timeout` of its schedule"),
                    "give it a longer schedule.timeout under catalog.providers",
                )),
            };
            match found {
                Ok(Found::Files(discovery)) => files_start(source, discovery, clock.now()),
                Ok(Found::People(people)) => people_start(source, kinds, people),
                Err(failure) => Start {
                    failures: vec![(source.location.to_string(), failure)],
                    ..Start::default()
                },
            }
        }
        .boxed()
    }

    async fn files(&self, forges: &Forges, source: &Source) -> Result<Discovery, ReadFailure> {
        let id = source.location.target();
        let found = match source.location.location_type() {
            "github-discovery" => {
                let target = DiscoveryTarget::parse(id).map_err(|error| {
                    ReadFailure::new(
                        "bad-location",
                        error.to_string(),
                        "write it as https://github.com/<organisation>/*/blob/-/catalog-info.yaml",
                    )
                })?;
                discover_target(&target, forges, &unobserved).await
            }
            "github" => {
                configured(&self.github, |provider| provider.id == id)?
                    .discover(forges, &unobserved)
                    .await
            }
            "gitlab" => {
                configured(&self.gitlab, |provider| provider.id == id)?
                    .discover(forges, &unobserved)
                    .await
            }
            "gitea" => {
                configured(&self.gitea, |provider| provider.id == id)?
                    .discover(forges, &unobserved)
                    .await
            }
            other => {
                return Err(ReadFailure::new(
                    "unknown-location-type",
                    format!("No processor was able to read {other}:{id}"),
                    "use the type file, url, git or github-discovery, or a provider under catalog.providers",
                ));
            }
        };
        found.map_err(|error| forge_failure(&error))
    }

    async fn people(&self, forges: &Forges, source: &Source) -> Result<OrgEntities, ReadFailure> {
        let id = source.location.target();
        let found = match source.location.location_type() {
            "github-org" => {
                configured(&self.github_org, |provider| provider.id == id)?
                    .import(forges, &unobserved)
                    .await
            }
            "gitlab-org" => {
                org::import_gitlab(
                    configured(&self.gitlab, |provider| provider.id == id)?,
                    forges,
                    &unobserved,
                )
                .await
            }
            _ => {
                org::import_gitea(
                    configured(&self.gitea, |provider| provider.id == id)?,
                    forges,
                    &unobserved,
                )
                .await
            }
        };
        found.map_err(|error| forge_failure(&error))
    }
}

enum Found {
    Files(Discovery),
    People(OrgEntities),
}

fn configured<T>(providers: &[T], is_it: impl Fn(&T) -> bool) -> Result<&T, ReadFailure> {
    providers
        .iter()
        .find(|provider| is_it(provider))
        .ok_or_else(|| {
            ReadFailure::new(
                "not-configured",
                "this provider is no longer configured",
                "put it back under catalog.providers, or restart Portway to forget it",
            )
        })
}

fn forge_failure(error: &ForgeError) -> ReadFailure {
    let fix = match error {
        ForgeError::Garbage { host, .. } => {
            format!("check the `apiBaseUrl` of {host} under `integrations`; it is tried again by itself")
        }
        error if error.is_transient() => "nothing to do here; it is tried again by itself".to_owned(),
        ForgeError::Unauthorized { fix, .. }
        | ForgeError::Forbidden { fix, .. }
        | ForgeError::NotFound { fix, .. } => fix.clone(),
        ForgeError::Status { host, .. } => {
            format!("check the provider's section under catalog.providers, and the `apiBaseUrl` of {host} under `integrations`")
        }
        ForgeError::Config { key, .. } => format!("correct `{key}` in app-config.yaml"),
        _ => "check the host's address under `integrations`, or allow it under `backend.reading.allow`".to_owned(),
    };
    let message = error.to_string();
    // Some carry their fix in their words; it is shown once.
    let message = message
        .strip_suffix(&format!(". {fix}"))
        .unwrap_or(&message);
    let mut failure = ReadFailure::new("forge", message, fix);
    failure.retry_at = match error {
        ForgeError::RateLimited { wait, .. } => Some(wait.until),
        _ => None,
    };
    failure
}

fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

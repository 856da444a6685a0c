//! Signed webhooks of code hosts: a push has the sources that read what
//! changed read again at once, instead of with their next look. A webhook that
//! is lost loses nothing, and one that comes twice does nothing the second time.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use forge::webhook::{self, EventRepository, ForgeEvent, Push, RepositoryAction, WebhookError};
use forge::{ForgeKind, Secret};
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::Call;
use platform::store::{StoreError, Tx};
use serde_json::json;

use super::Answer;
use super::answer::{empty, json_answer};
use crate::engine::Catalog;
use crate::ingest::Target;
use crate::source::Source;
use crate::store::ReadFile;

/// `POST /webhooks/{forge}`: 204 when it was understood, whether or not
/// anything had to be done.
pub(super) async fn receive(catalog: Catalog, call: Call) -> Answer {
    let kind = match call.path("forge") {
        "github" => ForgeKind::GitHub,
        "gitlab" => ForgeKind::GitLab,
        "gitea" => ForgeKind::Gitea,
        other => {
            return Err(
                ApiError::not_found(format!("Webhooks of {other:?} are not understood"))
                    .accepted("/webhooks/github, /webhooks/gitlab or /webhooks/gitea"),
            );
        }
    };
    let secrets: Vec<Secret> = catalog.webhook_secrets(kind).collect();
    if secrets.is_empty() {
        return Err(ApiError::not_allowed(format!("No secret is configured for webhooks of {kind}"))
            .fix("configure the webhook's secret in app-config.yaml, and the same secret at the code host"));
    }
    verified(kind, &call, &secrets)?;
    let event = webhook::parse(kind, &call.headers, &call.body)
        .map_err(|error| ApiError::input(error.to_string()))?;
    catalog.react(kind, &event).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `GET /api/v1/catalog/webhooks`: where each receiver of outgoing webhooks stands.
pub(super) async fn receivers(catalog: Catalog, _call: Call) -> Answer {
    json_answer(&json!({ "items": catalog.outgoing.standing().await? }))
}

/// Any of the configured secrets will do, so that one can be changed.
fn verified(kind: ForgeKind, call: &Call, secrets: &[Secret]) -> Result<(), ApiError> {
    let mut refused: Option<WebhookError> = None;
    for secret in secrets {
        match webhook::verify(kind, &call.headers, &call.body, secret) {
            Ok(()) => return Ok(()),
            Err(error) => refused = Some(error),
        }
    }
    let why = refused.map(|error| error.to_string()).unwrap_or_default();
    Err(ApiError::unauthenticated(why)
        .fix("set the same secret at the code host and in app-config.yaml"))
}

/// The sources to be read again, each with why.
type Wanted = BTreeMap<String, String>;

impl Catalog {
    fn webhook_secrets(&self, kind: ForgeKind) -> impl Iterator<Item = Secret> + '_ {
        let web = &self.ingestion.web;
        let apps = web
            .integrations
            .iter()
            .filter(move |integration| integration.kind == kind)
            .flat_map(|integration| {
                integration
                    .apps
                    .iter()
                    .filter_map(|app| app.webhook_secret.clone())
            });
        let own = web
            .webhook_secrets
            .iter()
            .filter(move |(of, _)| *of == kind)
            .map(|(_, secret)| secret.clone());
        apps.chain(own)
    }

    async fn react(&self, kind: ForgeKind, event: &ForgeEvent) -> Result<(), ApiError> {
        let actor = Caller::system(format!("webhook:{kind}")).actor;
        let sources = self.store.sources().await?;
        let mut tx = self.store.db().begin().await?;
        let mut wanted = Wanted::new();
        match event {
            ForgeEvent::Push(push) => self.pushed(&mut tx, push, &sources, &mut wanted).await?,
            ForgeEvent::RepositoryChanged { repository, change } => {
                let why = format!("{} has changed", repository.slug);
                self.below(&mut tx, &repository.web_url, &why, &mut wanted)
                    .await?;
                if let RepositoryAction::Moved { from } = change
                    && let Some(base) = repository.web_url.strip_suffix(&repository.slug)
                {
                    self.below(&mut tx, &format!("{base}{from}"), &why, &mut wanted)
                        .await?;
                }
                let host = self.host_of(repository);
                for source in sources
                    .iter()
                    .filter(|source| discovers(kind, source) && self.is_at(source, &host))
                {
                    wanted.insert(source.id.clone(), why.clone());
                }
            }
            ForgeEvent::OrganisationChanged { organisation } => {
                let who = organisation.as_deref().unwrap_or("an organisation");
                let import = format!("{}-org", kind.name().to_lowercase());
                for source in sources
                    .iter()
                    .filter(|source| source.location.location_type() == import)
                {
                    wanted.insert(source.id.clone(), format!("{who} has changed"));
                }
            }
            ForgeEvent::Ping | ForgeEvent::Other { .. } => {}
        }
        for (source, why) in wanted {
            tx.enqueue(self.store.refresh_job(source, format!("{why} ({actor})")));
        }
        Ok(tx.commit().await?)
    }

    /// Finds who reads what a push has changed.
    async fn pushed(
        &self,
        tx: &mut Tx,
        push: &Push,
        sources: &[Source],
        wanted: &mut Wanted,
    ) -> Result<(), StoreError> {
        let repository = &push.repository;
        let why = format!("{} was pushed to", repository.slug);
        let files = self.store.files_below(tx, &repository.web_url).await?;
        for file in files.iter().filter(|file| self.concerns(push, file)) {
            self.store.forget_hint(tx, file).await?;
            wanted.insert(file.source_id.clone(), why.clone());
        }
        let below = format!("{}/", repository.web_url.trim_end_matches('/'));
        let host = self.host_of(repository);
        let owner = repository
            .slug
            .rsplit_once('/')
            .map_or("", |(owner, _)| owner);
        for source in sources {
            let target = source.location.target();
            let meant = match source.location.location_type() {
                // Where nothing could be read so far, no file is known.
                "url" => {
                    target.starts_with(&below)
                        && !files.iter().any(|file| file.source_id == source.id)
                }
                "git" => self.clones(target, push),
                // A repository that no discovery has seen yet.
                _ => {
                    files.is_empty()
                        && is_default_branch(push)
                        && self.is_at(source, &host)
                        && self
                            .ingestion
                            .web
                            .providers
                            .looks_at(source, owner, &push.added)
                }
            };
            if meant {
                wanted.insert(source.id.clone(), why.clone());
            }
        }
        Ok(())
    }

    /// Whether a push may have changed what a file brings.
    fn concerns(&self, push: &Push, file: &ReadFile) -> bool {
        let Some(scm) = self.ingestion.web.scm(&file.url) else {
            return true;
        };
        let branch_differs = match (scm.git_ref.as_deref(), push.branch()) {
            // A URL does not say where the branch's name ends.
            (Some(read), Some(pushed)) => {
                pushed != read && !pushed.starts_with(&format!("{read}/"))
            }
            (None, Some(_)) => !is_default_branch(push),
            (_, None) => false,
        };
        if branch_differs || scm.is_pinned() {
            return false;
        }
        let mut touched = push.added.iter().chain(&push.modified).chain(&push.removed);
        !push.complete
            || !file.plain
            || touched.any(|path| scm.path == *path || scm.path.ends_with(&format!("/{path}")))
    }

    /// Whether a target of the type `git` is the repository and the branch of a push.
    fn clones(&self, target: &str, push: &Push) -> bool {
        let target = Target::parse(target);
        let web = &self.ingestion.web;
        let same = match (
            target.on_the_web(web),
            web.integrations.parse(&push.repository.web_url),
        ) {
            (Some(read), Ok(pushed)) => read.same_repository(&pushed),
            _ => push
                .repository
                .clone_url
                .as_deref()
                .is_some_and(|url| bare(url) == bare(target.remote)),
        };
        same && match target.git_ref {
            Some(read) => push.branch().is_none_or(|pushed| pushed == read),
            None => is_default_branch(push),
        }
    }

    /// Every source that reads files of a repository.
    async fn below(
        &self,
        tx: &mut Tx,
        web_url: &str,
        why: &str,
        wanted: &mut Wanted,
    ) -> Result<(), StoreError> {
        for file in self.store.files_below(tx, web_url).await? {
            self.store.forget_hint(tx, &file).await?;
            wanted.insert(file.source_id, why.to_owned());
        }
        Ok(())
    }

    fn host_of(&self, repository: &EventRepository) -> Option<String> {
        Some(
            self.ingestion
                .web
                .integrations
                .by_url(&repository.web_url)?
                .host
                .clone(),
        )
    }

    fn is_at(&self, source: &Source, host: &Option<String>) -> bool {
        host.is_none() || self.ingestion.web.providers.host(source) == *host
    }
}

fn discovers(kind: ForgeKind, source: &Source) -> bool {
    let name = kind.name().to_lowercase();
    let own = source.location.location_type();
    own == name || own == format!("{name}-discovery")
}

/// Unknown counts as yes.
fn is_default_branch(push: &Push) -> bool {
    match (push.branch(), push.repository.default_branch.as_deref()) {
        (Some(pushed), Some(default)) => pushed == default,
        _ => true,
    }
}

fn bare(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url)
}

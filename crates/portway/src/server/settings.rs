//! From configuration and command line to what the parts are told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use catalog::{DeletionGuard, Intervals, Origin, Providers, Receiver, Rules, Settings, Web};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::Forges;
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, AllowedHost, Client, Options};
use forge::{Credentials, ForgeKind, Integrations, Secret};
use model::diagnostic::Diagnostic;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::config::{Config, Database, Listen, Sources};
use platform::store::DatabaseUrl;
use serde_json::Value;
use tokio::net::TcpListener;

use super::UpOptions;

/// Addresses to listen on, as examples.
const LISTEN: &str = "127.0.0.1:7007, :7007 or [::1]:7007";
/// Answers of forges kept for conditional requests, in bytes.
const ETAG_BYTES: usize = 32 << 20;

/// Reads the configuration: the files given, else those of the current
/// folder; with `--demo`, the demo organisation's own below them.
pub(super) fn load(options: &UpOptions, demo: Option<&Path>) -> Result<Config> {
    let files = demo
        .map(Path::to_path_buf)
        .into_iter()
        .chain(options.configs.iter().cloned())
        .collect();
    let sources = Sources {
        files,
        directory: PathBuf::new(),
        environment: options.environment.clone(),
        variables: options.variables.clone(),
    };
    let config = Config::load(&sources).map_err(|problems| anyhow!(listed(&problems)))?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

fn listed(problems: &[Diagnostic]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn plain(problem: Diagnostic) -> anyhow::Error {
    anyhow!(problem.to_string())
}

/// Binds the address, saying who may hold it when it is taken.
pub(super) async fn bind(options: &UpOptions, config: &Config) -> Result<TcpListener> {
    let listen = match &options.listen {
        Some(text) => text
            .parse::<Listen>()
            .map_err(|why| anyhow!("--listen {text}: {why}. Accepted: {LISTEN}"))?,
        None => config.listen().map_err(plain)?,
    };
    TcpListener::bind(listen.to_string())
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => anyhow!(
                "{listen} is in use by another program. Stop it, or choose another port: \
             `portway up --listen {}:{}`",
                listen.host,
                listen.port.saturating_add(1)
            ),
            std::io::ErrorKind::PermissionDenied => {
                anyhow!(
                    "{listen} may not be used: ports below 1024 belong to root. Choose a port above"
                )
            }
            _ => anyhow!("cannot listen on {listen}: {error}. Accepted: {LISTEN}"),
        })
}

/// Where state is kept: `--database`, else `backend.database`, else the data directory.
pub(super) fn database(options: &UpOptions, config: &Config) -> Result<DatabaseUrl> {
    if let Some(url) = &options.database {
        return Ok(DatabaseUrl::parse(url)?);
    }
    let text = match config.database().map_err(plain)? {
        Database::Embedded => options.data.to_string_lossy().into_owned(),
        Database::Memory => "sqlite::memory:".to_owned(),
        Database::File(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url,
    };
    Ok(DatabaseUrl::parse(&text)?)
}

/// What the catalog is told.
pub(super) fn catalog(config: &Config, options: &UpOptions, clock: &Clock) -> Result<Settings> {
    let (integrations, problems) =
        Integrations::from_config(&config.get("integrations").unwrap_or(Value::Null));
    for problem in problems {
        tracing::warn!("integrations: {problem}");
    }
    let mut hosts = integrations.allowed_hosts();
    hosts.extend(allowed_hosts(config)?);
    // Backstage's rule: hosts that nobody has listed are not read.
    let client = Client::new(Options {
        access: Access::listed(hosts),
        ..Options::default()
    })?;
    let integrations = Arc::new(integrations);
    let mut git = GitOptions::new(options.data.join("git"));
    // Whoever starts the program may read this machine's repositories.
    git.local = LocalAccess::Anywhere;
    let credentials = Credentials::new(client.clone(), Arc::clone(&integrations), clock.clone());
    let git = Git::new(git, credentials.clone());
    let governor = Governor::new(clock.clone(), Sharing::default());
    let etags = Arc::new(EtagCache::new(ETAG_BYTES));
    let forges = Forges::new(credentials, governor, etags);
    let (providers, problems) = providers(config);
    for problem in problems {
        tracing::warn!("{problem}");
    }
    Ok(Settings {
        rules: rules(config)?,
        guard: guard(config)?,
        intervals: Intervals::default(),
        readonly: config
            .opt_bool("catalog.readonly")
            .map_err(plain)?
            .unwrap_or(false),
        web: Web {
            git,
            providers,
            forges,
            client,
            integrations,
            webhook_secrets: webhook_secrets(config)?,
            receivers: receivers(config)?,
        },
        kinds: kinds(config)?,
    })
}

/// What is configured under `catalog.providers`, and what was left out.
fn providers(config: &Config) -> (Providers, Vec<String>) {
    Providers::from_config(&config.get("catalog.providers").unwrap_or(Value::Null))
}

/// Everything that is declared: configured locations and providers.
pub(super) fn declared(config: &Config) -> Result<Vec<(Origin, LocationRef)>> {
    let locations = locations(config)?
        .into_iter()
        .map(|(location, _)| (Origin::Config, location));
    Ok(locations.chain(providers(config).0.sources()).collect())
}

/// `catalog.webhooks.<forge>.secret`.
fn webhook_secrets(config: &Config) -> Result<Vec<(ForgeKind, Secret)>> {
    let mut secrets = Vec::new();
    for (name, kind) in [
        ("github", ForgeKind::GitHub),
        ("gitlab", ForgeKind::GitLab),
        ("gitea", ForgeKind::Gitea),
    ] {
        if let Some(secret) = config
            .opt_str(&format!("catalog.webhooks.{name}.secret"))
            .map_err(plain)?
        {
            secrets.push((
                kind,
                secret_in(secret, &format!("catalog.webhooks.{name}.secret"))?,
            ));
        }
    }
    Ok(secrets)
}

/// `catalog.webhooks.outgoing[]`: name, url, secret, types.
fn receivers(config: &Config) -> Result<Vec<Receiver>> {
    let mut receivers = Vec::new();
    for section in config.list("catalog.webhooks.outgoing").map_err(plain)? {
        let url = section.str("url").map_err(plain)?;
        let parsed = url
            .parse()
            .map_err(|why| anyhow!("{}: {url} is not a URL: {why}", section.path()))?;
        receivers.push(Receiver {
            name: section
                .opt_str("name")
                .map_err(plain)?
                .unwrap_or(url)
                .to_owned(),
            url: parsed,
            secret: secret_in(section.str("secret").map_err(plain)?, section.path())?,
            types: section
                .section::<Vec<String>>("types")
                .map_err(plain)?
                .unwrap_or_default(),
        });
    }
    Ok(receivers)
}

fn secret_in(text: &str, path: &str) -> Result<Secret> {
    Secret::new(text)
        .ok_or_else(|| anyhow!("{path}: the secret is empty. Accepted: a long random text"))
}

fn allowed_hosts(config: &Config) -> Result<Vec<AllowedHost>> {
    let mut hosts = Vec::new();
    for section in config.list("backend.reading.allow").map_err(plain)? {
        let mut host: AllowedHost = section.decode().map_err(plain)?;
        host.inner_network = true;
        hosts.push(host);
    }
    Ok(hosts)
}

fn rules(config: &Config) -> Result<Rules> {
    if !config.has("catalog") {
        return Ok(Rules::everything());
    }
    let locations = locations(config)?;
    Rules::from_config(config.get("catalog.rules").as_ref(), &locations).map_err(|why| anyhow!(why))
}

fn guard(config: &Config) -> Result<DeletionGuard> {
    let mut guard = DeletionGuard::default();
    if let Some(share) = config
        .section::<f64>("catalog.deletionGuard.share")
        .map_err(plain)?
    {
        if !(0.0..=1.0).contains(&share) {
            bail!(
                "catalog.deletionGuard.share is {share}. Accepted: a number from 0 to 1; 0.1 is a tenth of a source"
            );
        }
        guard.share = share;
    }
    match config.opt_str("catalog.orphanStrategy").map_err(plain)? {
        None | Some("delete") => {}
        Some("keep") => guard.keep_orphans = true,
        Some(other) => bail!("catalog.orphanStrategy is {other:?}. Accepted: delete or keep"),
    }
    Ok(guard)
}

/// The built-in kinds and those that `catalog.kinds` names as files.
fn kinds(config: &Config) -> Result<Kinds> {
    let mut kinds = Kinds::builtin();
    for section in config.list("catalog.kinds").map_err(plain)? {
        kinds
            .add(&section.to_json())
            .map_err(|error| anyhow!("{}: {error}", section.path()))?;
    }
    Ok(kinds)
}

/// `catalog.locations`: what each reads, and the rules that it carries.
pub(super) fn locations(config: &Config) -> Result<Vec<(LocationRef, Value)>> {
    let mut found = Vec::new();
    for section in config.list("catalog.locations").map_err(plain)? {
        let kind = section.str("type").map_err(plain)?;
        let target = section.str("target").map_err(plain)?;
        let target = match kind {
            "file" => file_target(target, section.origin().directory().as_deref()),
            _ => target.to_owned(),
        };
        let rules = section
            .at("rules")
            .map_or(Value::Null, |rules| rules.to_json());
        found.push((location(kind, &target)?, rules));
    }
    Ok(found)
}

/// A file target is meant relative to the configuration file. Backstage means
/// it relative to its working directory, `packages/backend`, so a file that
/// exists only there is found too.
fn file_target(target: &str, folder: Option<&Path>) -> String {
    let folder = folder.map(Path::to_path_buf).unwrap_or_default();
    let beside = folder.join(target);
    let backend = folder.join("packages").join("backend").join(target);
    let chosen = if beside.exists() {
        beside
    } else if backend.exists() {
        backend
    } else {
        beside
    };
    std::path::absolute(&chosen)
        .map(|path| clean(&path))
        .unwrap_or(chosen)
        .to_string_lossy()
        .into_owned()
}

/// Without `.` and `..`, so that one file has one name.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

pub(super) fn location(kind: &str, target: &str) -> Result<LocationRef> {
    LocationRef::new(kind, target).with_context(|| format!("{kind}:{target} is not a location"))
}

//! From configuration and command line to what the parts are told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use catalog::tier::Tiers;
use catalog::{DeletionGuard, Intervals, Origin, Providers, Receiver, Rules, Settings, Web};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::Forges;
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, AllowedHost, Client, Options, PrivateHost};
use forge::{Credentials, Integrations, Secret};
use model::diagnostic::{Diagnostic, Severity};
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::config::{Config, Database, Listen, Section, Sources};
use platform::http::{Limits, TrustedProxies};
use platform::journal::Retention;
use platform::store::DatabaseUrl;
use serde_json::Value;
use tokio::net::TcpListener;

use super::oddities::{left_out, misspelt, placed};
use super::{UpOptions, announcements};
use crate::cli::{Exit, Failure};

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
    let (wrong, odd): (Vec<_>, Vec<_>) = config
        .misfits()
        .into_iter()
        .partition(|found| found.severity == Severity::Error);
    if !wrong.is_empty() {
        bail!(listed(&wrong));
    }
    // Before anything is opened: a start that fails leaves nothing behind.
    if let Some(found) = unusable(&config) {
        return Err(plain(found));
    }
    let odd = odd.into_iter().chain(misspelt(&config));
    for warning in odd.chain(left_out(&config)) {
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

/// The first thing in a configuration that keeps `portway up` from starting
/// with it; for `portway doctor`, which asks before anybody starts.
pub(crate) fn obstacle(config: &Config) -> Option<Diagnostic> {
    let wrong = config
        .misfits()
        .into_iter()
        .find(|found| found.severity == Severity::Error);
    wrong
        .or_else(|| config.listen().err())
        .or_else(|| config.database().err())
        .or_else(|| unusable(config))
}

/// What no flag of the command line can replace.
fn unusable(config: &Config) -> Option<Diagnostic> {
    // A missing `app.baseUrl` of Backstage's front end is of no account.
    let url = config.has("backend.baseUrl").then(|| config.public_url());
    url.and_then(Result::err)
        .or_else(|| TrustedProxies::from_config(config).err())
        .or_else(|| Limits::from_config(config).err())
        .or_else(|| allowed_hosts(config).err())
        .or_else(|| private_hosts(config).err())
        .or_else(|| rules(config).err())
        .or_else(|| guard(config).err())
        .or_else(|| Web::configured_webhook_secrets(config).err())
        .or_else(|| receivers(config).err())
        .or_else(|| kinds(config).err())
        .or_else(|| tiers(config).err())
        .or_else(|| tools::Settings::from_config(config).err())
        .or_else(|| announcements::check(config).err())
        .or_else(|| retention(config).err())
        .or_else(|| access::Settings::from_config(config).err())
}

/// Which tools beside Portway can be asked.
pub(super) fn tools(config: &Config) -> Result<tools::Settings> {
    tools::Settings::from_config(config).map_err(plain)
}

/// `audit`, with the checkpoint file in the data directory unless it is said
/// where. Two sinks may not share a cursor.
pub(super) fn audit(config: &Config, data: &Path) -> Result<audit::Settings> {
    let mut settings = audit::Settings::from_config(config).map_err(plain)?;
    settings
        .checkpoint_file
        .get_or_insert_with(|| data.join("audit-checkpoints.jsonl"));
    let mut names = std::collections::BTreeSet::new();
    for sink in &settings.sinks {
        if !names.insert(sink.name.as_str()) {
            bail!(
                "audit.sinks: two sinks are named {:?}; give each a `name` of its own",
                sink.name
            );
        }
    }
    Ok(settings)
}

/// Reads `githost`.
pub(super) fn githost(config: &Config, data: &Path, base_url: &str) -> Result<githost::Settings> {
    githost::Settings::from_config(config, data, base_url).map_err(plain)
}

/// Binds the address, saying who may hold it when it is taken.
pub(super) async fn bind(options: &UpOptions, config: &Config) -> Result<TcpListener> {
    let listen = match &options.listen {
        Some(text) => text.parse::<Listen>().map_err(|why| {
            Failure::new(
                Exit::Usage,
                format!("--listen {text}: {why}. Accepted: {LISTEN}"),
            )
        })?,
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
            _ => {
                let why = format!("cannot listen on {listen}: {error}");
                match config.at("backend.listen") {
                    Some(section) if options.listen.is_none() => {
                        plain(section.refuse("", why, LISTEN))
                    }
                    _ => Failure::new(Exit::Usage, format!("{why}. Accepted: {LISTEN}")).into(),
                }
            }
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
    let (integrations, _) =
        Integrations::from_config(&config.get("integrations").unwrap_or(Value::Null));
    let mut hosts = integrations.allowed_hosts();
    hosts.extend(allowed_hosts(config).map_err(plain)?);
    // Backstage's rule: hosts that nobody has listed are not read.
    let client = Client::new(Options {
        access: Access::listed(hosts).with_private(private_hosts(config).map_err(plain)?),
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
    let (providers, _) = providers(config);
    Ok(Settings {
        rules: rules(config).map_err(plain)?,
        guard: guard(config).map_err(plain)?,
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
            webhook_secrets: Web::configured_webhook_secrets(config).map_err(plain)?,
            receivers: receivers(config).map_err(plain)?,
        },
        kinds: kinds(config).map_err(plain)?,
        tiers: tiers(config).map_err(plain)?,
    })
}

/// What is configured under `catalog.providers`, and what was left out.
fn providers(config: &Config) -> (Providers, Vec<String>) {
    Providers::from_config(&config.get("catalog.providers").unwrap_or(Value::Null))
}

/// Everything that is declared: configured locations and providers.
pub(super) fn declared(config: &Config) -> Result<Vec<(Origin, LocationRef)>> {
    let locations = locations(config)
        .map_err(plain)?
        .into_iter()
        .map(|(location, _)| (Origin::Config, location));
    Ok(locations.chain(providers(config).0.sources()).collect())
}

/// `catalog.webhooks.outgoing[]`: name, url, secret, types.
fn receivers(config: &Config) -> Result<Vec<Receiver>, Diagnostic> {
    let mut receivers = Vec::new();
    for section in config.list("catalog.webhooks.outgoing")? {
        let url = section.str("url")?;
        let parsed = url.parse().map_err(|why| {
            section.refuse(
                "url",
                format!("`{}.url` is no URL: {why}", section.path()),
                "a URL such as https://hooks.example.com/portway",
            )
        })?;
        receivers.push(Receiver {
            name: section.opt_str("name")?.unwrap_or(url).to_owned(),
            url: parsed,
            secret: secret_at(&section, "secret")?,
            types: section.section::<Vec<String>>("types")?.unwrap_or_default(),
        });
    }
    Ok(receivers)
}

fn secret_at(section: &Section<'_>, path: &str) -> Result<Secret, Diagnostic> {
    Secret::new(section.str(path)?).ok_or_else(|| {
        let whole = match section.path() {
            "" => path.to_owned(),
            above => format!("{above}.{path}"),
        };
        section.refuse(
            path,
            format!("`{whole}` is empty"),
            "a long random text, the same as at the other end",
        )
    })
}

/// `backend.reading.allow`. An entry that cannot be used is an error: a host
/// that is left out would be missed only when something reads from it.
fn allowed_hosts(config: &Config) -> Result<Vec<AllowedHost>, Diagnostic> {
    let (hosts, problems) =
        AllowedHost::from_config(&config.get("backend.reading.allow").unwrap_or(Value::Null));
    match problems.first() {
        None => Ok(hosts),
        Some(problem) => {
            let mut found = placed(config, Severity::Error, problem);
            found.accepted.get_or_insert_with(|| {
                "`host: example.com`, and `paths` that begin with `/`".to_owned()
            });
            Err(found)
        }
    }
}

/// `backend.outgoing.allowPrivate`.
fn private_hosts(config: &Config) -> Result<Vec<PrivateHost>, Diagnostic> {
    let value = config.get("backend.outgoing.allowPrivate");
    let (hosts, problems) = PrivateHost::from_config(&value.unwrap_or(Value::Null));
    match problems.first() {
        None => Ok(hosts),
        Some(problem) => Err(placed(config, Severity::Error, problem)),
    }
}

fn rules(config: &Config) -> Result<Rules, Diagnostic> {
    if !config.has("catalog") {
        return Ok(Rules::everything());
    }
    let locations = locations(config)?;
    Rules::from_config(config.get("catalog.rules").as_ref(), &locations).map_err(|found| {
        let path = found.pointer.as_deref().unwrap_or_default();
        let path = path.trim_start_matches('/').replace('/', ".");
        config
            .root()
            .refuse(&path, found.message, found.accepted.unwrap_or_default())
    })
}

fn guard(config: &Config) -> Result<DeletionGuard, Diagnostic> {
    const SHARE: &str = "catalog.deletionGuard.share";
    const STRATEGY: &str = "catalog.orphanStrategy";
    let mut guard = DeletionGuard::default();
    if let Some(share) = config.section::<f64>(SHARE)? {
        if !(0.0..=1.0).contains(&share) {
            return Err(config.root().refuse(
                SHARE,
                format!("`{SHARE}` is {share}"),
                "a number from 0 to 1; 0.1 is a tenth of a source",
            ));
        }
        guard.share = share;
    }
    match config.opt_str(STRATEGY)? {
        None | Some("delete") => {}
        Some("keep") => guard.keep_orphans = true,
        Some(other) => {
            return Err(config.root().refuse(
                STRATEGY,
                format!("`{STRATEGY}` is {other:?}"),
                "delete or keep",
            ));
        }
    }
    Ok(guard)
}

/// `scaffolder`: how golden paths run.
pub(super) fn create(config: &Config, data: &Path) -> Result<create::Settings> {
    let mut settings = create::Settings::new(data);
    let whole = |key: &str| config.section::<usize>(key).map_err(plain);
    if let Some(limit) = whole("scaffolder.concurrentTasksLimit")? {
        settings.concurrency = limit;
    }
    if let Some(timeout) = config.duration("scaffolder.taskTimeout").map_err(plain)? {
        settings.timeout = timeout;
    }
    if let Some(keep) = config
        .duration("scaffolder.keepWorkspaces")
        .map_err(plain)?
    {
        settings.keep = keep;
    }
    let lenient = config
        .opt_bool("scaffolder.lenientExpressions")
        .map_err(plain)?;
    settings.lenient = lenient.unwrap_or(false);
    let environment = "scaffolder.defaultEnvironment";
    if let Some(parameters) = config.get(&format!("{environment}.parameters")) {
        settings.environment.parameters = parameters;
    }
    let secrets = config
        .section::<std::collections::BTreeMap<String, String>>(&format!("{environment}.secrets"))
        .map_err(plain)?;
    settings.environment.secrets = secrets
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name, identity::Secret::new(value)))
        .collect();
    Ok(settings)
}

/// `journal.retention`: how long runs of actions are kept.
pub(super) fn retention(config: &Config) -> Result<Retention, Diagnostic> {
    const KEY: &str = "journal.retention";
    match config.duration(KEY)? {
        None => Ok(Retention::of(Retention::DEFAULT)),
        Some(keep) if keep < Retention::LEAST => Err(config.root().refuse(
            KEY,
            format!("`{KEY}` is {} seconds", keep.as_secs()),
            "an hour or more, such as 90d",
        )),
        Some(keep) => Ok(Retention::of(keep)),
    }
}

/// The built-in kinds and those of `catalog.kinds`.
fn kinds(config: &Config) -> Result<Kinds, Diagnostic> {
    let mut kinds = Kinds::builtin();
    for section in config.list("catalog.kinds")? {
        kinds.add(&section.to_json()).map_err(|error| {
            section.refuse(
                "",
                format!("`{}` describes no kind: {error}", section.path()),
                "`kind`, `apiVersions` and a JSON Schema under `schema`",
            )
        })?;
    }
    Ok(kinds)
}

/// `catalog.tiers`: the tiers of entities with their objectives.
fn tiers(config: &Config) -> Result<Tiers, Diagnostic> {
    let value = config.get("catalog.tiers").unwrap_or(Value::Null);
    Tiers::from_config(&value).map_err(|(name, why)| {
        let path = match name.as_str() {
            "" => "catalog.tiers".to_owned(),
            name => format!("catalog.tiers.{name}"),
        };
        let accepted = "names with an objective in percent, such as `{\"1\": {slo: 99.99}}`";
        config
            .root()
            .refuse(&path, format!("`{path}` {why}"), accepted)
            .fixed_by("correct the value, or remove `catalog.tiers` to use tier 1, 2 and 3")
    })
}

/// `catalog.locations`: what each reads, and the rules that it carries.
pub(super) fn locations(config: &Config) -> Result<Vec<(LocationRef, Value)>, Diagnostic> {
    let mut found = Vec::new();
    for section in config.list("catalog.locations")? {
        let kind = section.str("type")?;
        let target = section.str("target")?;
        let target = match kind {
            "file" => file_target(target, section.origin().directory().as_deref()),
            _ => target.to_owned(),
        };
        let location = LocationRef::new(kind, &target).map_err(|error| {
            section.refuse(
                "",
                format!("`{}` is no location: {error}", section.path()),
                "`type: url` or `type: file`, and a `target`",
            )
        })?;
        let rules = section
            .at("rules")
            .map_or(Value::Null, |rules| rules.to_json());
        found.push((location, rules));
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

//! `audit` of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use forge::Secret;
use model::diagnostic::Diagnostic;
use platform::config::{Config, Section};
use url::Url;

use crate::checkpoint;
use crate::export::Format;
use crate::syslog::{Tls, Transport};

const DAY: Duration = Duration::from_secs(86_400);

/// What is configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A checkpoint is signed after so many events …
    pub every: i64,
    /// … and after so long, if anything has happened.
    pub interval: Duration,
    /// Where checkpoints are appended outside of the database.
    pub checkpoint_file: Option<PathBuf>,
    /// Who is told of every checkpoint.
    pub checkpoint_webhook: Option<Webhook>,
    /// Public keys of earlier sealing keys.
    pub trusted_keys: Vec<[u8; 32]>,
    /// How long events are kept.
    pub retention: Retention,
    /// Who gets every event.
    pub sinks: Vec<SinkSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            every: 10_000,
            interval: Duration::from_secs(3_600),
            checkpoint_file: None,
            checkpoint_webhook: None,
            trusted_keys: Vec::new(),
            retention: Retention::default(),
            sinks: Vec::new(),
        }
    }
}

/// How long events are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Whatever no rule names; none for ever.
    pub default: Option<Duration>,
    /// Types that begin with a text; the longest text that fits decides.
    pub types: Vec<(String, Duration)>,
}

/// One receiver of events.
#[derive(Clone, Debug)]
pub struct SinkSettings {
    /// Names its cursor.
    pub name: String,
    /// How events are written.
    pub format: Format,
    /// Only types that begin with one of these; empty for all.
    pub types: Vec<String>,
    /// Where they go.
    pub target: Target,
}

/// Where a sink sends events.
#[derive(Clone, Debug)]
pub enum Target {
    /// Appended to a file.
    File(PathBuf),
    /// POSTed.
    Webhook(Webhook),
    /// RFC 5424.
    Syslog {
        /// `host:port`.
        address: String,
        /// How messages travel.
        transport: Transport,
    },
}

/// An address that is told something, signed if there is a secret.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The address.
    pub url: Url,
    /// Signs the body, as for `catalog.webhooks.outgoing`.
    pub secret: Option<Secret>,
}

impl Settings {
    /// Reads `audit`.
    ///
    /// # Errors
    /// A value that cannot be used, with its place.
    pub fn from_config(config: &Config) -> Result<Self, Diagnostic> {
        let root = config.root();
        let mut settings = Self::default();
        if let Some(every) = root.section::<u32>("audit.checkpoints.every")? {
            settings.every = i64::from(every.max(1));
        }
        if let Some(interval) = root.duration("audit.checkpoints.interval")? {
            settings.interval = interval.max(Duration::from_secs(60));
        }
        settings.checkpoint_file = root.opt_str("audit.checkpoints.file")?.map(PathBuf::from);
        if let Some(section) = root.at("audit.checkpoints.webhook") {
            settings.checkpoint_webhook = Some(webhook(&section)?);
        }
        let keys: Vec<String> = root
            .section("audit.checkpoints.trustedKeys")?
            .unwrap_or_default();
        for (index, key) in keys.iter().enumerate() {
            let path = format!("audit.checkpoints.trustedKeys[{index}]");
            settings
                .trusted_keys
                .push(checkpoint::bytes(key).ok_or_else(|| {
                    root.refuse(
                        &path,
                        format!("`{path}` is no Ed25519 public key"),
                        "64 hexadecimal digits, as `key` in a checkpoint has them",
                    )
                })?);
        }
        settings.retention = retention(&root)?;
        for section in config.list("audit.sinks")? {
            settings.sinks.push(sink(&section)?);
        }
        Ok(settings)
    }
}

fn retention(root: &Section<'_>) -> Result<Retention, Diagnostic> {
    let mut retention = Retention {
        default: kept(root, "audit.retention.default")?,
        types: Vec::new(),
    };
    let types = root.at("audit.retention.types");
    for (kind, section) in types.map(|types| types.fields()).unwrap_or_default() {
        if let Some(length) = kept(&section, "")? {
            retention
                .types
                .push((kind.trim_end_matches('*').to_owned(), length));
        }
    }
    // The first that fits decides.
    retention
        .types
        .sort_by_key(|(kind, _)| std::cmp::Reverse(kind.len()));
    Ok(retention)
}

/// A length of time of at least a day: less than that is a mistyped unit.
fn kept(section: &Section<'_>, path: &str) -> Result<Option<Duration>, Diagnostic> {
    let Some(length) = section.duration(path)? else {
        return Ok(None);
    };
    if length < DAY {
        return Err(section.refuse(
            path,
            "events cannot be removed before they are a day old",
            "a length of time of at least one day, such as 400d",
        ));
    }
    Ok(Some(length))
}

fn sink(section: &Section<'_>) -> Result<SinkSettings, Diagnostic> {
    let kind = section.str("type")?;
    let format = match section.opt_str("format")? {
        None => Format::JsonLines,
        Some(text) => Format::from_name(text)
            .filter(|format| *format != Format::Csv)
            .ok_or_else(|| {
                section.refuse(
                    "format",
                    format!("`{}.format` is {text:?}", section.path()),
                    "jsonl, cef or ocsf",
                )
            })?,
    };
    let target = match kind {
        "file" => Target::File(PathBuf::from(section.str("path")?)),
        "webhook" => Target::Webhook(webhook(section)?),
        "syslog" => syslog(section)?,
        other => {
            return Err(section.refuse(
                "type",
                format!("`{}.type` is {other:?}", section.path()),
                "file, webhook or syslog",
            ));
        }
    };
    let name = section.opt_str("name")?.unwrap_or(kind).to_owned();
    Ok(SinkSettings {
        name,
        format,
        types: section.section("types")?.unwrap_or_default(),
        target,
    })
}

fn webhook(section: &Section<'_>) -> Result<Webhook, Diagnostic> {
    let text = section.str("url")?;
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        .ok_or_else(|| {
            section.refuse(
                "url",
                format!("`{}.url` is no address", section.path()),
                "an address such as https://siem.example.com/portway",
            )
        })?;
    let secret = section.opt_str("secret")?.and_then(Secret::new);
    Ok(Webhook { url, secret })
}

fn syslog(section: &Section<'_>) -> Result<Target, Diagnostic> {
    let text = section.str("address")?;
    let refuse = || {
        section.refuse(
            "address",
            format!("`{}.address` is {text:?}", section.path()),
            "tls://siem.example.com:6514, tcp://siem.example.com:601 or udp://siem.example.com:514",
        )
    };
    let (scheme, address) = text.split_once("://").ok_or_else(refuse)?;
    let transport = match scheme {
        "tls" => Transport::Tls(tls(section)?),
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        _ => return Err(refuse()),
    };
    let port = address.rsplit_once(':').map(|(_, port)| port);
    // The name is looked up when something is sent; here only the form counts.
    if port.and_then(|port| port.parse::<u16>().ok()).is_none() {
        return Err(refuse());
    }
    Ok(Target::Syslog {
        address: address.to_owned(),
        transport,
    })
}

fn tls(section: &Section<'_>) -> Result<Tls, Diagnostic> {
    let file = |key: &str| Ok::<_, Diagnostic>(section.opt_str(key)?.map(PathBuf::from));
    let own = match (file("certificate")?, file("key")?) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(section.refuse(
                "certificate",
                format!("`{}` has one of certificate and key", section.path()),
                "both, the files of the certificate and of its key in PEM form, or neither",
            ));
        }
    };
    Ok(Tls {
        authority: file("authority")?,
        own,
    })
}

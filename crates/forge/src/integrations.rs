//! `integrations:` of app-config: which hosts run which forge, and with what
//! credential each is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::http::AllowedHost;
use crate::kind::ForgeKind;
use crate::scm_url::{ScmUrl, UrlError};
use crate::secret::{self, Secret};

/// One code host.
#[derive(Clone, Debug)]
pub struct Integration {
    /// What the host runs.
    pub kind: ForgeKind,
    /// Host with port, in lower case.
    pub host: String,
    /// Base URL of the web pages and of Git, without a trailing `/`.
    pub web_base: Url,
    /// Base URL of the REST API, without a trailing `/`.
    pub api_base: Url,
    /// Access token.
    pub token: Option<Secret>,
    /// Gitea's user, when a password is used.
    pub username: Option<String>,
    /// Gitea's password or token.
    pub password: Option<Secret>,
    /// GitHub Apps, tried in order when there is no token.
    pub apps: Vec<GitHubApp>,
    /// Whether a person wrote the entry; false for the public hosts that are
    /// known without configuration.
    pub configured: bool,
}

/// A GitHub App of `integrations.github[].apps[]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitHubApp {
    /// Numeric id, as a number or as text from the environment.
    #[serde(deserialize_with = "number_or_text")]
    pub app_id: String,
    /// RSA key in PEM form.
    #[serde(default, deserialize_with = "secret::optional")]
    pub private_key: Option<Secret>,
    /// Secret of the app's webhooks.
    #[serde(default, deserialize_with = "secret::optional")]
    pub webhook_secret: Option<Secret>,
    /// Owners whose installations may be used; absent means all.
    pub allowed_installation_owners: Option<Vec<String>>,
}

/// All code hosts that are known.
#[derive(Clone, Debug)]
pub struct Integrations(Vec<Integration>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    host: String,
    base_url: Option<String>,
    api_base_url: Option<String>,
    #[serde(default, deserialize_with = "secret::optional")]
    token: Option<Secret>,
    username: Option<String>,
    #[serde(default, deserialize_with = "secret::optional")]
    password: Option<Secret>,
    #[serde(default)]
    apps: Vec<GitHubApp>,
}

impl Default for Integrations {
    /// The public hosts, without credentials.
    fn default() -> Self {
        let public = ["github.com", "gitlab.com", "gitea.com", "codeberg.org"];
        Self(
            public
                .into_iter()
                .filter_map(|host| {
                    let kind = ForgeKind::of_public_host(host)?;
                    let entry = Written {
                        host: host.to_owned(),
                        base_url: None,
                        api_base_url: None,
                        token: None,
                        username: None,
                        password: None,
                        apps: Vec::new(),
                    };
                    let mut integration = Integration::from_written(kind, entry).ok()?;
                    integration.configured = false;
                    Some(integration)
                })
                .collect(),
        )
    }
}

impl Integrations {
    /// Reads the value of the `integrations` key (`null` when it is absent)
    /// and adds the public hosts. Entries that cannot be used are left out
    /// and explained, one text each, starting with the entry's path.
    pub fn from_config(value: &Value) -> (Self, Vec<String>) {
        let mut notes = Vec::new();
        let mut all: Vec<Integration> = Vec::new();
        let empty = serde_json::Map::new();
        let sections = match value {
            Value::Null => &empty,
            Value::Object(sections) => sections,
            _ => {
                notes.push(
                    "integrations: expected an object with `github`, `gitlab` or `gitea` lists"
                        .to_owned(),
                );
                &empty
            }
        };
        for (name, entries) in sections {
            let kind = match name.as_str() {
                "github" => ForgeKind::GitHub,
                "gitlab" => ForgeKind::GitLab,
                "gitea" => ForgeKind::Gitea,
                other => {
                    notes.push(format!(
                        "integrations.{other}: this kind of host is not read; `github`, `gitlab` and `gitea` are"
                    ));
                    continue;
                }
            };
            let Value::Array(entries) = entries else {
                notes.push(format!(
                    "integrations.{name}: expected a list of objects with `host`"
                ));
                continue;
            };
            for (index, entry) in entries.iter().enumerate() {
                let read = serde_json::from_value::<Written>(entry.clone())
                    .map_err(|error| error.to_string())
                    .and_then(|entry| Integration::from_written(kind, entry));
                match read {
                    Ok(entry) if all.iter().any(|old| old.host == entry.host) => notes.push(
                        format!("integrations.{name}[{index}]: `{}` is listed twice; the first entry is used", entry.host),
                    ),
                    Ok(entry) => all.push(entry),
                    Err(reason) => notes.push(format!("integrations.{name}[{index}]: {reason}")),
                }
            }
        }
        for public in Self::default().0 {
            if !all.iter().any(|entry| entry.host == public.host) {
                all.push(public);
            }
        }
        (Self(all), notes)
    }

    /// Every known host, configured ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Integration> {
        self.0.iter()
    }

    /// The entry of a host (with port).
    pub fn by_host(&self, host: &str) -> Option<&Integration> {
        let host = match host.to_ascii_lowercase().as_str() {
            "raw.githubusercontent.com" => "github.com".to_owned(),
            other => other.to_owned(),
        };
        self.0.iter().find(|entry| entry.host == host)
    }

    /// The entry of a URL's host.
    pub fn by_url(&self, url: &str) -> Option<&Integration> {
        let url = Url::parse(url).ok()?;
        self.by_host(&crate::scm_url::host_with_port(&url))
    }

    /// What the host of a URL runs.
    pub fn kind_of(&self, url: &str) -> Option<ForgeKind> {
        self.by_url(url).map(|entry| entry.kind)
    }

    /// Takes a web URL apart, knowing what its host runs.
    pub fn parse(&self, url: &str) -> Result<ScmUrl, UrlError> {
        ScmUrl::parse(url, self.kind_of(url))
    }

    /// [`crate::scm_url::resolve`], knowing what the host of `base` runs.
    pub fn resolve(&self, reference: &str, base: &str) -> Result<String, UrlError> {
        crate::scm_url::resolve(reference, base, self.kind_of(base))
    }

    /// The hosts that integrations allow to be read.
    pub fn allowed_hosts(&self) -> Vec<AllowedHost> {
        let mut hosts: Vec<AllowedHost> = Vec::new();
        for entry in &self.0 {
            let mut names = vec![entry.host.clone()];
            names.extend([&entry.web_base, &entry.api_base].map(crate::scm_url::host_with_port));
            if entry.host == "github.com" {
                names.push("raw.githubusercontent.com".to_owned());
                names.push("codeload.github.com".to_owned());
            }
            for name in names {
                let public = ForgeKind::of_public_host(&name).is_some()
                    || name == "codeload.github.com"
                    || !entry.configured;
                let allowed = if public {
                    AllowedHost::public(&name)
                } else {
                    AllowedHost::listed(&name)
                };
                if !hosts.iter().any(|old| old.host == allowed.host) {
                    hosts.push(allowed);
                }
            }
        }
        hosts
    }
}

impl Integration {
    fn from_written(kind: ForgeKind, entry: Written) -> Result<Self, String> {
        let host = entry.host.trim().to_ascii_lowercase();
        if host.is_empty() || host.contains(['/', ' ', '@', '?', '#']) {
            return Err(format!(
                "`host: {}` is not a host; accepted: `git.example.com` or `git.example.com:8443`, without scheme and path",
                entry.host
            ));
        }
        let web = entry.base_url.unwrap_or_else(|| format!("https://{host}"));
        let web_base = base_url("baseUrl", &web)?;
        let web = web_base.as_str().trim_end_matches('/').to_owned();
        let api = entry.api_base_url.unwrap_or_else(|| match kind {
            ForgeKind::GitHub if host == "github.com" => "https://api.github.com".to_owned(),
            ForgeKind::GitHub => format!("{web}/api/v3"),
            ForgeKind::GitLab => format!("{web}/api/v4"),
            ForgeKind::Gitea => format!("{web}/api/v1"),
        });
        Ok(Self {
            kind,
            host,
            web_base,
            api_base: base_url("apiBaseUrl", &api)?,
            token: entry.token,
            username: entry.username.filter(|name| !name.is_empty()),
            password: entry.password,
            apps: entry.apps,
            configured: true,
        })
    }

    /// The credential that stands for this entry in budgets and caches.
    pub(crate) fn credential(&self) -> Option<&Secret> {
        self.token.as_ref().or(self.password.as_ref())
    }

    /// The header that the REST API wants.
    pub(crate) fn api_authorization(&self) -> Option<(&'static str, String)> {
        let credential = self.credential()?.reveal();
        Some(match (self.kind, &self.username) {
            (ForgeKind::GitHub, _) => ("authorization", format!("Bearer {credential}")),
            (ForgeKind::GitLab, _) => ("private-token", credential.to_owned()),
            (ForgeKind::Gitea, Some(user)) => ("authorization", basic(user, credential)),
            (ForgeKind::Gitea, None) => ("authorization", format!("token {credential}")),
        })
    }

    /// The header that Git over HTTP wants.
    pub(crate) fn git_authorization(&self) -> Option<String> {
        let credential = self.credential()?.reveal();
        let user = match (self.kind, &self.username) {
            (ForgeKind::GitHub, _) => "x-access-token",
            (ForgeKind::GitLab, _) => "oauth2",
            (ForgeKind::Gitea, Some(user)) => user,
            // Gitea takes a token as the password of any user.
            (ForgeKind::Gitea, None) => "token",
        };
        Some(basic(user, credential))
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn base_url(key: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{key}: {text}` is not a URL: {error}"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err(format!("`{key}: {text}` is not an `https://` URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "`{key}` carries a user or a password; use `token` instead"
        ));
    }
    Ok(url)
}

fn number_or_text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("`appId` must be a number")),
    }
}

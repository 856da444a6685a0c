//! From the configuration to settings. Reading never fails: what cannot be
//! used is left out, so it lets nobody in, and is reported with its path.

use serde_json::{Map, Value};

use super::proxies::read_proxy;
use super::servers::read_code;
use super::{JustInTime, Protocol, ProviderKind, ProviderSettings, SignInSettings};
use crate::providers::rules::read_rules;
use crate::settings::{SettingsProblem, report};

/// The part of a configuration that one reader looks at, with its path.
pub(crate) struct Part<'a> {
    pub(crate) path: String,
    pub(crate) fields: &'a Map<String, Value>,
}

impl<'a> Part<'a> {
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.fields
            .get(key)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A list of texts; one text is a list, and may hold several with blanks
    /// or commas between them.
    pub(crate) fn words(&self, key: &str) -> Option<Vec<String>> {
        words(self.fields.get(key)?)
    }

    /// A text that has to be there.
    pub(crate) fn required(
        &self,
        key: &str,
        accepted: &str,
        problems: &mut Vec<SettingsProblem>,
    ) -> Option<&'a str> {
        let text = self.text(key);
        if text.is_none() {
            report(
                problems,
                self.at(key),
                "is missing, so nobody can sign in with this provider",
                accepted,
            );
        }
        text
    }

    /// An address of a web server.
    pub(crate) fn url(
        &self,
        key: &str,
        problems: &mut Vec<SettingsProblem>,
    ) -> Result<Option<url::Url>, ()> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(Some(url)),
            _ => {
                report(
                    problems,
                    self.at(key),
                    "is not the address of a web server",
                    "a URL such as https://login.example.com",
                );
                Err(())
            }
        }
    }
}

pub(crate) fn words(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(
            text.split([' ', ','])
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
        ),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// Reads everything about sign-in with accounts from elsewhere.
pub(crate) fn read(config: &Value, problems: &mut Vec<SettingsProblem>) -> SignInSettings {
    let environment = config
        .pointer("/auth/environment")
        .and_then(Value::as_str)
        .unwrap_or("development");
    let text_at = |pointer: &str| config.pointer(pointer).and_then(Value::as_str);
    let mut settings = SignInSettings {
        just_in_time: read_just_in_time(config, problems),
        contact: text_at("/auth/contact")
            .or_else(|| text_at("/app/support/url"))
            .map(str::to_owned),
        origins: text_at("/app/baseUrl")
            .and_then(|url| url::Url::parse(url).ok())
            .map(|url| url.origin().ascii_serialization())
            .into_iter()
            .collect(),
        environment: environment.to_owned(),
        providers: Vec::new(),
    };
    let Some(entries) = config.pointer("/auth/providers").and_then(Value::as_object) else {
        return settings;
    };
    for (id, entry) in entries {
        // These are not external providers; others read them.
        if matches!(id.as_str(), "guest" | "local") {
            continue;
        }
        settings
            .providers
            .extend(read_provider(id, entry, environment, problems));
    }
    settings
}

fn read_provider(
    id: &str,
    entry: &Value,
    environment: &str,
    problems: &mut Vec<SettingsProblem>,
) -> Option<ProviderSettings> {
    let path = format!("auth.providers.{id}");
    let Some(entry) = entry.as_object() else {
        report(
            problems,
            path,
            "is not an object",
            format!("`{id}: {{ {environment}: {{ … }} }}`"),
        );
        return None;
    };
    // Proxies have no environments in Backstage; the others may leave them out here.
    let (fields, path) = match entry.get(environment).and_then(Value::as_object) {
        Some(fields) => (fields, format!("{path}.{environment}")),
        None if entry.values().any(|value| !value.is_object()) || entry.contains_key("signIn") => {
            (entry, path)
        }
        // Configured for other environments only, which is a wish and no mistake.
        None => return None,
    };
    let part = Part { path, fields };
    let Some(kind) = kind_of(id, &part) else {
        report(
            problems,
            part.path.as_str(),
            "is a provider that Portway does not know, so nobody can sign in with it",
            "an id such as oidc, github, gitlab, google, microsoft, okta, oauth2Proxy, gcpIap, awsAlb, cfaccess or azureEasyAuth, one followed by a dash and a name, or a `type` that says one of them",
        );
        return None;
    };
    if !id
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
        || id.len() > 63
        || id == "v1"
    {
        report(
            problems,
            part.path.as_str(),
            "has an id that cannot be part of an address",
            "letters, digits, `-`, `_` and `.`, at most 63",
        );
        return None;
    }
    let protocol = match kind {
        ProviderKind::Oauth2Proxy
        | ProviderKind::GcpIap
        | ProviderKind::AwsAlb
        | ProviderKind::CfAccess
        | ProviderKind::AzureEasyAuth => {
            Protocol::Proxy(Box::new(read_proxy(kind, &part, problems)?))
        }
        _ => Protocol::Code(Box::new(read_code(kind, &part, problems)?)),
    };
    Some(ProviderSettings {
        title: part
            .text("title")
            .map_or_else(|| kind.title().to_owned(), str::to_owned),
        rules: read_rules(kind, &part, problems),
        groups_claim: part.text("groupsClaim").unwrap_or("groups").to_owned(),
        id: id.to_owned(),
        path: part.path,
        kind,
        protocol,
    })
}

/// `type`, else the id itself, else what the id begins with. Something with
/// metadata is an OpenID provider whatever it is called.
fn kind_of(id: &str, part: &Part<'_>) -> Option<ProviderKind> {
    if let Some(kind) = part.text("type") {
        return ProviderKind::named(kind);
    }
    let prefixed = || {
        ProviderKind::NAMES.iter().find_map(|(kind, names)| {
            names
                .iter()
                .any(|name| {
                    id.strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with(['-', '_', '.']))
                })
                .then_some(*kind)
        })
    };
    ProviderKind::named(id).or_else(prefixed).or_else(|| {
        (part.text("metadataUrl").is_some() || part.text("issuer").is_some())
            .then_some(ProviderKind::Oidc)
    })
}

fn read_just_in_time(config: &Value, problems: &mut Vec<SettingsProblem>) -> Option<JustInTime> {
    const PATH: &str = "auth.justInTime";
    let value = config.pointer("/auth/justInTime")?;
    let fields = match value {
        Value::Object(fields) => fields,
        Value::Null => return None,
        _ => {
            report(
                problems,
                PATH,
                "is not an object",
                "`justInTime: { enabled: true }`",
            );
            return None;
        }
    };
    let enabled = match fields.get("enabled") {
        Some(Value::Bool(on)) => *on,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    if !enabled {
        return None;
    }
    let part = Part {
        path: PATH.to_owned(),
        fields,
    };
    Some(JustInTime {
        namespace: part.text("namespace").unwrap_or("default").to_lowercase(),
        providers: part.words("providers"),
        allowed_domains: part
            .words("allowedDomains")
            .map(|domains| domains.iter().map(|one| one.to_lowercase()).collect()),
    })
}

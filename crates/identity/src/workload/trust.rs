//! `auth.workload.trust`: whose tokens are exchanged for what.

use std::collections::BTreeMap;
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;

use crate::foreign::Key;
use crate::scope::Scope;
use crate::secret::SecretDigest;
use crate::settings::{SettingsProblem, report};

const PATH: &str = "auth.workload.trust";
/// Entries that are read.
const MOST_ENTRIES: usize = 200;
/// The life of a token that is got, when nothing is configured.
const LIFETIME: Duration = Duration::from_secs(900);
/// The longest life that can be configured.
const LONGEST: Duration = Duration::from_secs(3600);
const KNOWN: [&str; 10] = [
    "issuer",
    "audience",
    "claims",
    "scope",
    "permissions",
    "subject",
    "lifetime",
    "maxUses",
    "jwks",
    "jwksUri",
];

/// One entry.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Who signs, as `iss` says it, without a trailing slash.
    pub issuer: String,
    /// For whom the token has to be made out: `aud`.
    pub audience: Vec<String>,
    pub(crate) claims: BTreeMap<String, Vec<Pattern>>,
    pub(crate) scope: Scope,
    pub(crate) subject: Option<String>,
    pub(crate) lifetime: Duration,
    pub(crate) max_uses: u32,
    pub(crate) jwks: Option<Vec<Key>>,
    pub(crate) jwks_uri: Option<String>,
    /// Where it stands: `auth.workload.trust[0]`.
    pub(crate) place: String,
    /// The same for as long as nobody changes the entry, wherever it stands.
    pub(crate) fingerprint: String,
}

/// What a claim has to be: `*` stands for anything but `/`, `**` for anything.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    matcher: GlobMatcher,
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let glob = GlobBuilder::new(text)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .ok()?;
        Some(Self {
            text: text.to_owned(),
            matcher: glob.compile_matcher(),
        })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }
}

impl Trust {
    /// Where the keys are published, unless they are configured.
    pub fn jwks_uri(&self) -> Option<&str> {
        self.jwks_uri.as_deref()
    }

    /// Reads the list. An entry that is not wholly understood is left out,
    /// since half of one could trust more than was meant.
    pub(crate) fn read_all(config: &Value, problems: &mut Vec<SettingsProblem>) -> Vec<Self> {
        let entries = match config.pointer("/auth/workload/trust") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                report(
                    problems,
                    PATH,
                    "is not a list",
                    "a list of `{issuer, audience, claims, scope}`",
                );
                return Vec::new();
            }
        };
        if entries.len() > MOST_ENTRIES {
            report(
                problems,
                PATH,
                format!(
                    "has {} entries, of which {MOST_ENTRIES} are read",
                    entries.len()
                ),
                format!("at most {MOST_ENTRIES} entries; patterns save many"),
            );
        }
        let mut read = Vec::new();
        for (at, entry) in entries.iter().take(MOST_ENTRIES).enumerate() {
            let place = format!("{PATH}[{at}]");
            match Self::read(entry, &place) {
                Ok(entry) => read.push(entry),
                Err((key, message, accepted)) => {
                    report(problems, format!("{place}{key}"), message, accepted);
                }
            }
        }
        read
    }

    fn read(entry: &Value, place: &str) -> Result<Self, Refused> {
        let fields = entry.as_object().ok_or_else(|| {
            refused(
                "",
                "is not an object",
                "`{issuer, audience, claims, scope}`",
            )
        })?;
        if let Some(key) = fields.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(refused(
                &format!(".{key}"),
                "is not a part of an entry",
                &KNOWN.join(", "),
            ));
        }
        let issuer = text(entry, "issuer")
            .filter(|issuer| issuer.starts_with("https://") || issuer.starts_with("http://"))
            .ok_or_else(|| {
                refused(
                    ".issuer",
                    "is not the address of an issuer",
                    "the `iss` of its tokens, such as https://token.actions.githubusercontent.com",
                )
            })?;
        let audience = texts(entry.get("audience"))
            .filter(|list| !list.is_empty())
            .ok_or_else(|| {
                refused(
                    ".audience",
                    "is missing or is no text",
                    "the `aud` that workloads ask for, best the address of this Portway",
                )
            })?;
        let jwks = read_jwks(entry.get("jwks"))?;
        let jwks_uri = text(entry, "jwksUri").map(str::to_owned);
        let inside = issuer.starts_with("http://")
            || jwks_uri
                .as_deref()
                .is_some_and(|uri| uri.starts_with("http://"));
        if inside && jwks.is_none() {
            return Err(refused(
                ".issuer",
                "is not https, so anybody on the way could replace its keys",
                "https, or the keys written under `jwks`",
            ));
        }
        Ok(Self {
            issuer: issuer.trim_end_matches('/').to_owned(),
            audience,
            claims: read_claims(entry.get("claims"))?,
            scope: read_scope(entry)?,
            subject: text(entry, "subject").map(str::to_owned),
            lifetime: read_lifetime(entry.get("lifetime"))?,
            max_uses: read_uses(entry.get("maxUses"))?,
            jwks,
            jwks_uri,
            place: place.to_owned(),
            fingerprint: SecretDigest::of(&entry.to_string()).to_hex(),
        })
    }
}

/// Key, what is wrong, what would be accepted.
type Refused = (String, String, String);

fn refused(key: &str, message: &str, accepted: &str) -> Refused {
    (key.to_owned(), message.to_owned(), accepted.to_owned())
}

fn text<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry
        .get(key)
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// A text or a list of texts; `None` for anything else.
fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    match value? {
        Value::String(one) if !one.is_empty() => Some(vec![one.clone()]),
        Value::Array(list) => list
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn read_claims(value: Option<&Value>) -> Result<BTreeMap<String, Vec<Pattern>>, Refused> {
    const WANTED: &str = "`{repository: \"acme/*\", ref: refs/heads/main}`: names of claims with texts, lists of texts, or true and false; `*` stands for anything but `/`, `**` for anything";
    let Some(fields) = value
        .and_then(Value::as_object)
        .filter(|fields| !fields.is_empty())
    else {
        return Err(refused(
            ".claims",
            "is missing or empty, which would trust everybody who can get a token of the issuer",
            WANTED,
        ));
    };
    let mut claims = BTreeMap::new();
    for (name, wanted) in fields {
        let wanted = match wanted {
            Value::Bool(flag) => Some(vec![flag.to_string()]),
            Value::Number(number) => Some(vec![number.to_string()]),
            other => texts(Some(other)),
        };
        let patterns: Option<Vec<Pattern>> = wanted
            .filter(|list| !list.is_empty())
            .and_then(|list| list.iter().map(|text| Pattern::parse(text)).collect());
        let patterns =
            patterns.ok_or_else(|| refused(&format!(".claims.{name}"), "is no pattern", WANTED))?;
        claims.insert(name.clone(), patterns);
    }
    let open = |patterns: &Vec<Pattern>| {
        patterns.iter().any(|pattern| {
            pattern
                .text
                .chars()
                .all(|letter| matches!(letter, '*' | '/'))
        })
    };
    if claims.values().all(open) {
        return Err(refused(
            ".claims",
            "matches everything, which would trust everybody who can get a token of the issuer",
            WANTED,
        ));
    }
    Ok(claims)
}

/// `scope` (all or read) or `permissions` (a list); reading when there is
/// neither.
fn read_scope(entry: &Value) -> Result<Scope, Refused> {
    let scope = entry.get("scope").filter(|value| !value.is_null());
    let permissions = entry.get("permissions").filter(|value| !value.is_null());
    match (scope, permissions) {
        (None, None) => Ok(Scope::Read),
        (Some(Value::String(word)), None) if word == "read" => Ok(Scope::Read),
        (Some(Value::String(word)), None) if word == "all" => Ok(Scope::All),
        (None, Some(list)) => texts(Some(list))
            .filter(|list| !list.is_empty())
            .map(|list| Scope::Permissions(list.into_iter().collect()))
            .ok_or_else(|| {
                refused(
                    ".permissions",
                    "is not a list of permissions",
                    "a list such as [catalog.entity.read, catalog.entity.refresh]",
                )
            }),
        (Some(_), Some(_)) => Err(refused(
            ".permissions",
            "stands beside scope, and only one of them can count",
            "scope or permissions",
        )),
        (Some(_), None) => Err(refused(
            ".scope",
            "is not a scope",
            "read or all; single permissions stand under `permissions`",
        )),
    }
}

fn read_lifetime(value: Option<&Value>) -> Result<Duration, Refused> {
    match value.filter(|value| !value.is_null()) {
        None => Ok(LIFETIME),
        Some(value) => model::duration::parse(value)
            .ok()
            .filter(|length| (Duration::from_secs(60)..=LONGEST).contains(length))
            .ok_or_else(|| {
                refused(
                    ".lifetime",
                    "is not a length of time that is allowed",
                    "1 to 60 minutes, such as 15m",
                )
            }),
    }
}

fn read_uses(value: Option<&Value>) -> Result<u32, Refused> {
    match value.filter(|value| !value.is_null()) {
        None => Ok(1),
        Some(value) => value
            .as_u64()
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| (1..=1000).contains(count))
            .ok_or_else(|| {
                refused(
                    ".maxUses",
                    "is not a number of uses",
                    "1 to 1000: how often one token may be exchanged",
                )
            }),
    }
}

fn read_jwks(value: Option<&Value>) -> Result<Option<Vec<Key>>, Refused> {
    let read = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text)
            .ok()
            .and_then(|set| Key::all_of(&set)),
        Some(other) => Key::all_of(other),
    };
    read.filter(|keys| !keys.is_empty())
        .map(Some)
        .ok_or_else(|| {
            refused(
                ".jwks",
                "is not a set of keys that can check signatures (RSA from 2048 bits on)",
                "`{keys: [...]}` as the issuer publishes it (`kubectl get --raw /openid/v1/jwks`)",
            )
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn read(entry: Value) -> Result<Trust, String> {
        let mut problems = Vec::new();
        let config = json!({"auth": {"workload": {"trust": [entry]}}});
        Trust::read_all(&config, &mut problems)
            .pop()
            .ok_or_else(|| problems[0].path.clone())
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn entry(change: Value) -> Value {
        let mut entry = json!({
            "issuer": "https://token.actions.githubusercontent.com",
            "audience": "https://portway.example.com",
            "claims": {"repository": "acme/*"},
        });
        for (key, value) in change.as_object().expect("an object") {
            entry[key] = value.clone();
        }
        entry
    }

    #[test]
    fn an_entry_is_read() {
        let read = read(entry(json!({
            "permissions": ["catalog.entity.read"],
            "lifetime": "30m",
            "maxUses": 5,
            "subject": "github:{repository}",
        })))
        .expect("an entry");
        assert_eq!(read.lifetime, Duration::from_secs(1800));
        assert_eq!(read.max_uses, 5);
        assert!(read.claims["repository"][0].matches("acme/shop"));
        assert!(!read.claims["repository"][0].matches("acme/shop/evil"));
        assert!(!read.claims["repository"][0].matches("evil/acme/shop"));
    }

    #[test]
    fn an_entry_that_is_too_open_or_not_understood_is_left_out() {
        for (change, key) in [
            (json!({"claims": {}}), ".claims"),
            (json!({"claims": null}), ".claims"),
            (json!({"claims": {"repository": "**"}}), ".claims"),
            (
                json!({"claims": {"repository": ["acme/x", "*"]}}),
                ".claims",
            ),
            (
                json!({"claims": {"repository": {"a": 1}}}),
                ".claims.repository",
            ),
            (json!({"issuer": "token.example"}), ".issuer"),
            (json!({"issuer": "http://token.example"}), ".issuer"),
            (json!({"audience": []}), ".audience"),
            (json!({"scope": "write"}), ".scope"),
            (
                json!({"scope": "all", "permissions": ["x"]}),
                ".permissions",
            ),
            (json!({"lifetime": "2h"}), ".lifetime"),
            (json!({"maxUses": 0}), ".maxUses"),
            (json!({"jwks": {"keys": []}}), ".jwks"),
            (json!({"claim": {}}), ".claim"),
        ] {
            assert_eq!(
                read(entry(change.clone())).map(|read| read.place),
                Err(format!("auth.workload.trust[0]{key}")),
                "{change}"
            );
        }
    }
}

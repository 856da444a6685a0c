//! Programs whose tokens others sign: Backstage's
//! `backend.auth.externalAccess` entries of the types `jwks` and `legacy`.
//!
//! `jwks`: a JWT of an issuer that publishes its keys. Whose it is stands in
//! `sub`. `legacy`: what an older Backstage makes with a shared secret, an
//! HS256 token of `backstage-server`. Such a token counts as long as it says,
//! so it has to say when it runs out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller, Grants, Permission};
use serde_json::{Map, Value};
use sha2::Sha256;
use url::Url;

use crate::foreign::{ASYMMETRIC, KeyFault, check_time, read};
use crate::identity::Identity;
use crate::secret::Secret;
use crate::settings::SettingsProblem;
use crate::static_token::{self, Restriction};

/// Whom an older Backstage signs its tokens for.
const LEGACY_SUBJECT: &str = "backstage-server";
/// The longest subject that becomes somebody's name, in characters.
const LONGEST_SUBJECT: usize = 300;

/// One entry.
#[derive(Clone, Debug)]
pub struct ExternalIssuer {
    proof: Proof,
    restrictions: Option<Vec<Restriction>>,
}

#[derive(Clone, Debug)]
enum Proof {
    Published {
        url: Url,
        issuers: Vec<String>,
        audiences: Vec<String>,
        algorithms: Vec<Algorithm>,
        prefix: Option<String>,
    },
    Shared {
        secret: Secret<Vec<u8>>,
        subject: String,
    },
}

impl ExternalIssuer {
    /// Where its keys are published, unless it shares a secret.
    pub fn keys_url(&self) -> Option<&Url> {
        match &self.proof {
            Proof::Published { url, .. } => Some(url),
            Proof::Shared { .. } => None,
        }
    }

    /// Reads an entry of the type `jwks` or `legacy`.
    pub(crate) fn read(kind: &str, entry: &Value, path: &str) -> Result<Self, SettingsProblem> {
        let proof = match kind {
            "jwks" => read_published(entry, path)?,
            _ => read_shared(entry, path)?,
        };
        Ok(Self {
            proof,
            restrictions: static_token::read_restrictions(entry, path)?,
        })
    }

    fn caller(&self, subject: &str, known: &[Permission]) -> Caller {
        let grants = match &self.restrictions {
            None => Grants::All,
            Some(restrictions) => static_token::granted(restrictions, known),
        };
        Caller {
            actor: Actor::new(ActorKind::Service, format!("external:{subject}")),
            ownership: Vec::new(),
            grants,
        }
    }
}

fn refused(path: &str, key: &str, message: &str, accepted: &str) -> SettingsProblem {
    SettingsProblem {
        path: format!("{path}.options.{key}"),
        message: message.to_owned(),
        accepted: accepted.to_owned(),
    }
}

fn word<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry
        .pointer(&format!("/options/{key}"))
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty() && !text.contains(char::is_whitespace))
}

/// A text or a list of texts; nothing where nothing is written.
fn texts(entry: &Value, key: &str) -> Option<Vec<String>> {
    match entry.pointer(&format!("/options/{key}")) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(one)) if !one.is_empty() => Some(vec![one.clone()]),
        Some(Value::Array(list)) => list
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        Some(_) => None,
    }
}

fn read_published(entry: &Value, path: &str) -> Result<Proof, SettingsProblem> {
    let url = word(entry, "url")
        .and_then(|url| Url::parse(url).ok())
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        .ok_or_else(|| {
            refused(
                path,
                "url",
                "is missing or is not where keys are published",
                "the address of a JWK set, such as https://login.example.com/.well-known/jwks.json",
            )
        })?;
    let list = |key: &str| {
        texts(entry, key).ok_or_else(|| {
            refused(
                path,
                key,
                "is neither a text nor a list of texts",
                "one text, or a list of them",
            )
        })
    };
    let names = match list("algorithm")? {
        names if names.is_empty() => list("algorithms")?,
        names => names,
    };
    let algorithms = names
        .iter()
        .map(|name| name.parse().ok().filter(|one| ASYMMETRIC.contains(one)))
        .collect::<Option<Vec<Algorithm>>>()
        .ok_or_else(|| {
            refused(
                path,
                "algorithm",
                "names an algorithm that is not accepted",
                "RS256 to RS512, PS256 to PS512, ES256, ES384 or EdDSA",
            )
        })?;
    Ok(Proof::Published {
        url,
        issuers: list("issuer")?,
        audiences: list("audience")?,
        algorithms: match algorithms.is_empty() {
            true => ASYMMETRIC.to_vec(),
            false => algorithms,
        },
        prefix: word(entry, "subjectPrefix").map(str::to_owned),
    })
}

fn read_shared(entry: &Value, path: &str) -> Result<Proof, SettingsProblem> {
    let secret = word(entry, "secret")
        .and_then(|secret| STANDARD.decode(secret).ok())
        .filter(|secret| !secret.is_empty())
        .ok_or_else(|| {
            refused(
                path,
                "secret",
                "is missing or is not base64",
                "the secret of the other Backstage, for example from `openssl rand -base64 32`",
            )
        })?;
    let subject = word(entry, "subject").ok_or_else(|| {
        refused(
            path,
            "subject",
            "is missing, empty or holds white space",
            "a name such as old-backstage, which events will show",
        )
    })?;
    Ok(Proof::Shared {
        secret: Secret::new(secret),
        subject: subject.to_owned(),
    })
}

impl Identity {
    /// The program behind a token that somebody else has signed; none when no
    /// entry believes it.
    ///
    /// # Errors
    /// 503 when an issuer's keys cannot be read and no other entry fits.
    pub(crate) async fn external_caller(
        &self,
        token: &Secret<String>,
    ) -> Result<Option<Caller>, ApiError> {
        let now = self.clock().now();
        let mut down = None;
        for issuer in self.external() {
            let subject = match &issuer.proof {
                Proof::Shared { secret, subject } => {
                    is_legacy(token.expose(), secret, now).then(|| subject.clone())
                }
                published @ Proof::Published { .. } => {
                    match self.published_subject(token.expose(), published, now).await {
                        Ok(subject) => subject,
                        Err(why) => {
                            down = Some(why);
                            None
                        }
                    }
                }
            };
            if let Some(subject) = subject {
                return Ok(Some(issuer.caller(&subject, self.permissions())));
            }
        }
        match down {
            None => Ok(None),
            Some(why) => Err(ApiError::unavailable(format!(
                "The keys of an issuer of backend.auth.externalAccess cannot be read: {why}"
            ))),
        }
    }

    /// Whose token it is, if its issuer's keys prove it. `Err` when they cannot
    /// be read.
    async fn published_subject(
        &self,
        token: &str,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Option<String>, String> {
        let Proof::Published {
            url,
            issuers,
            audiences,
            algorithms,
            prefix,
        } = proof
        else {
            return Ok(None);
        };
        let Ok(presented) = read(token, algorithms) else {
            return Ok(None);
        };
        // What is not meant for this entry asks nobody for keys.
        if !is_meant(presented.unproved(), issuers, audiences) {
            return Ok(None);
        }
        let wanted = (presented.key_id.as_deref(), presented.algorithm);
        let key = match self.issuers().published(url.as_str(), wanted, now).await {
            Ok(key) => key,
            Err(KeyFault::Unknown(_)) => return Ok(None),
            Err(KeyFault::Down(why)) => return Err(why),
        };
        let Some(claims) = presented.signed_by(&key) else {
            return Ok(None);
        };
        let subject = claims.get("sub").and_then(Value::as_str);
        let plain = subject.filter(|subject| {
            !subject.is_empty()
                && subject.chars().count() <= LONGEST_SUBJECT
                && !subject.contains(|letter: char| letter.is_control() || letter.is_whitespace())
        });
        let counts = check_time(claims, now).is_ok();
        Ok(plain.filter(|_| counts).map(|subject| match prefix {
            Some(prefix) => format!("{prefix}:{subject}"),
            None => subject.to_owned(),
        }))
    }
}

fn is_meant(claims: &Map<String, Value>, issuers: &[String], audiences: &[String]) -> bool {
    let one_of = |value: Option<&Value>, list: &[String]| match value {
        _ if list.is_empty() => true,
        Some(Value::String(one)) => list.contains(one),
        Some(Value::Array(all)) => all.iter().any(|one| {
            one.as_str()
                .is_some_and(|one| list.iter().any(|it| it == one))
        }),
        _ => false,
    };
    one_of(claims.get("iss"), issuers) && one_of(claims.get("aud"), audiences)
}

/// Whether an older Backstage made this token with the shared secret.
fn is_legacy(token: &str, secret: &Secret<Vec<u8>>, now: Timestamp) -> bool {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (Some(fields), Some(claims), Ok(signature)) = (
        object(header),
        object(payload),
        URL_SAFE_NO_PAD.decode(signature),
    ) else {
        return false;
    };
    // No other algorithm and no extension gets as far as the secret.
    let plain =
        fields.get("alg").and_then(Value::as_str) == Some("HS256") && !fields.contains_key("crit");
    let Some(mut mac) = plain
        .then(|| Hmac::<Sha256>::new_from_slice(secret.expose()).ok())
        .flatten()
    else {
        return false;
    };
    mac.update(header.as_bytes());
    mac.update(b".");
    mac.update(payload.as_bytes());
    mac.verify_slice(&signature).is_ok()
        && claims.get("sub").and_then(Value::as_str) == Some(LEGACY_SUBJECT)
        && !claims.contains_key("aud")
        && check_time(&claims, now).is_ok()
}

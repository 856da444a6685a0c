//! What can go wrong with a forge's API.

use std::collections::BTreeSet;

use crate::budget::Wait;
use crate::http::{self, Response};
use crate::kind::ForgeKind;

/// A call that did not give what was asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ForgeError {
    /// Refused or failed below HTTP.
    #[error("could not {what}: {source}")]
    Http {
        /// What was to be done.
        what: String,
        /// Why it failed.
        source: http::Error,
    },
    /// The rate limit is used up; there is a time to come back.
    #[error("could not {what} yet: {wait}")]
    RateLimited {
        /// What was to be done.
        what: String,
        /// Until when, and why.
        wait: Wait,
    },
    /// 401: no token, or one that is not valid.
    #[error(
        "could not {what}: {host} does not accept the {credential} (status 401{message}). {fix}"
    )]
    Unauthorized {
        /// What was to be done.
        what: String,
        /// The host.
        host: String,
        /// `configured token` or `anonymous access`.
        credential: &'static str,
        /// `: <the forge's own words>`, or nothing.
        message: String,
        /// What to do.
        fix: String,
    },
    /// 403: the token is valid but may not do this.
    #[error("could not {what}: {host} forbids it (status 403{message}). {fix}")]
    Forbidden {
        /// What was to be done.
        what: String,
        /// The host.
        host: String,
        /// `: <the forge's own words>`, or nothing.
        message: String,
        /// Scopes or permissions that would do and that the token lacks.
        missing: Vec<String>,
        /// What to do.
        fix: String,
    },
    /// 404 or 410: not there, or hidden from this credential.
    #[error("could not {what}: {host} says that it does not exist (status {status}). {fix}")]
    NotFound {
        /// What was to be done.
        what: String,
        /// The host.
        host: String,
        /// HTTP status.
        status: u16,
        /// What to check.
        fix: String,
    },
    /// Any other status.
    #[error("could not {what}: {host} answered with status {status}{message}")]
    Status {
        /// What was to be done.
        what: String,
        /// The host.
        host: String,
        /// HTTP status.
        status: u16,
        /// `: <the forge's own words>`, or nothing.
        message: String,
    },
    /// An answer that is not what the API promises.
    #[error(
        "could not {what}: {host} answered with something else than its API describes: {reason}. Check `apiBaseUrl`; a proxy or a login page may answer instead"
    )]
    Garbage {
        /// What was to be done.
        what: String,
        /// The host.
        host: String,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// A configured value that cannot be used.
    #[error("{key}: {reason}")]
    Config {
        /// The key.
        key: String,
        /// What is wrong and what would be accepted.
        reason: String,
    },
    /// The caller's observer stopped it.
    #[error("stopped while it was to {what}")]
    Stopped {
        /// What was under way.
        what: String,
    },
}

impl ForgeError {
    /// Whether the forge answers, but refuses this one thing: the rest of a
    /// listing can still be read.
    pub(crate) fn is_about_one_thing(&self) -> bool {
        match self {
            Self::Forbidden { .. } | Self::NotFound { .. } => true,
            Self::Status { status, .. } => *status < 500,
            _ => false,
        }
    }

    /// Whether trying the same again later can help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Http { source, .. } => source.is_transient(),
            Self::RateLimited { .. } | Self::Garbage { .. } | Self::Stopped { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Whether the forge says that the thing is not there. A deletion may be
    /// derived from this only, and a private thing hides in the same way.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// When to come back, when the forge or our own budget said so.
    pub fn wait(&self) -> Option<&Wait> {
        match self {
            Self::RateLimited { wait, .. } => Some(wait),
            _ => None,
        }
    }

    /// Turns a refusal into words that say what to do.
    pub(super) fn from_status(
        kind: ForgeKind,
        host: &str,
        what: &str,
        with_token: bool,
        answer: &Response,
    ) -> Self {
        let what = what.to_owned();
        let host = host.to_owned();
        let message = own_words(&answer.body);
        match answer.status {
            401 => Self::Unauthorized {
                fix: if with_token {
                    format!(
                        "Replace the `token` of `{host}` in `integrations.{}`: it is wrong, expired or revoked",
                        section(kind)
                    )
                } else {
                    format!(
                        "Add a `token` for `{host}` to `integrations.{}`",
                        section(kind)
                    )
                },
                credential: credential(with_token),
                what,
                host,
                message,
            },
            403 => {
                let missing = missing_scopes(answer);
                let fix = forbidden_fix(kind, &host, with_token, answer, &missing);
                Self::Forbidden {
                    what,
                    host,
                    message,
                    missing,
                    fix,
                }
            }
            status @ (404 | 410) => Self::NotFound {
                fix: if with_token {
                    "Check the name; if it is private, the token's owner must be able to see it"
                        .to_owned()
                } else {
                    format!(
                        "Check the name; if it is private, add a `token` for `{host}` to `integrations.{}`",
                        section(kind)
                    )
                },
                what,
                host,
                status,
            },
            status => Self::Status {
                what,
                host,
                status,
                message,
            },
        }
    }
}

fn credential(with_token: bool) -> &'static str {
    if with_token {
        "configured token"
    } else {
        "anonymous access"
    }
}

fn section(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::GitHub => "github",
        ForgeKind::GitLab => "gitlab",
        ForgeKind::Gitea => "gitea",
    }
}

fn forbidden_fix(
    kind: ForgeKind,
    host: &str,
    with_token: bool,
    answer: &Response,
    missing: &[String],
) -> String {
    if let Some(sso) = answer.header("x-github-sso")
        && let Some(url) = sso.split("url=").nth(1)
    {
        return format!("The organisation requires single sign-on: authorise the token at {url}");
    }
    if !with_token {
        return format!(
            "Add a `token` for `{host}` to `integrations.{}`",
            section(kind)
        );
    }
    let scopes = missing
        .iter()
        .map(|scope| format!("`{scope}`"))
        .collect::<Vec<_>>();
    match (answer.header("x-oauth-scopes"), scopes.as_slice()) {
        (_, []) => "The token's owner lacks the right to do this".to_owned(),
        (Some(has), scopes) => format!(
            "The token has {}; give it one of {}",
            if has.trim().is_empty() {
                "no scope".to_owned()
            } else {
                format!("the scopes `{}`", has.trim())
            },
            scopes.join(", ")
        ),
        (None, scopes) => format!("Give the token {}", scopes.join(", ")),
    }
}

/// Scopes that would do (`x-accepted-oauth-scopes`, or GitLab's and GitHub's
/// newer headers) and that the token (`x-oauth-scopes`) lacks.
fn missing_scopes(answer: &Response) -> Vec<String> {
    let list = |name: &str| -> BTreeSet<String> {
        answer
            .header(name)
            .unwrap_or_default()
            .split([',', ';'])
            .map(|scope| scope.trim().to_owned())
            .filter(|scope| !scope.is_empty())
            .collect()
    };
    let mut wanted = list("x-accepted-oauth-scopes");
    wanted.extend(list("x-accepted-github-permissions"));
    if let Some(challenge) = answer.header("www-authenticate")
        && let Some(scope) = challenge.split("scope=\"").nth(1)
    {
        let scopes = scope.split('"').next().unwrap_or_default();
        wanted.extend(scopes.split_whitespace().map(str::to_owned));
    }
    if let Ok(serde_json::Value::Object(body)) = serde_json::from_slice(&answer.body)
        && body.get("error").and_then(|error| error.as_str()) == Some("insufficient_scope")
        && let Some(scope) = body.get("scope").and_then(|scope| scope.as_str())
    {
        wanted.extend(scope.split_whitespace().map(str::to_owned));
    }
    let has = list("x-oauth-scopes");
    wanted.difference(&has).cloned().collect()
}

/// The `message`, `error_description` or `error` of a JSON body.
fn own_words(body: &[u8]) -> String {
    let Ok(serde_json::Value::Object(body)) = serde_json::from_slice(body) else {
        return String::new();
    };
    let text = ["message", "error_description", "error"]
        .iter()
        .find_map(|key| match body.get(*key)? {
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        });
    text.map_or_else(String::new, |text| {
        let short: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
        format!(": {short}")
    })
}

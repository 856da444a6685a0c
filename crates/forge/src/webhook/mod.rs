//! Webhooks: is it really from the forge, and what happened?

mod gitea;
mod github;
mod gitlab;
mod payload;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::kind::ForgeKind;
use crate::secret::Secret;

/// The largest body that is looked at; GitHub's own limit.
pub const MAX_BODY: usize = 25 * 1024 * 1024;

/// A repository as an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventRepository {
    /// The forge's own id.
    pub id: String,
    /// `owner/name` after the event.
    pub slug: String,
    /// Its page.
    pub web_url: String,
    /// What Git fetches from.
    pub clone_url: Option<String>,
    /// Default branch after the event.
    pub default_branch: Option<String>,
}

/// Commits that arrived on a branch or tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Push {
    /// Where.
    pub repository: EventRepository,
    /// `refs/heads/main`.
    pub git_ref: String,
    /// The commit before; `None` when the ref is new.
    pub before: Option<String>,
    /// The commit after; `None` when the ref was deleted.
    pub after: Option<String>,
    /// Paths that are new.
    pub added: Vec<String>,
    /// Paths that changed.
    pub modified: Vec<String>,
    /// Paths that are gone.
    pub removed: Vec<String>,
    /// Whether the three lists are all that happened. False after a
    /// force-push and for pushes too large for the payload: compare the
    /// commits instead.
    pub complete: bool,
    /// Login of who pushed.
    pub actor: Option<String>,
}

impl Push {
    /// The branch, when the ref is one.
    pub fn branch(&self) -> Option<&str> {
        self.git_ref.strip_prefix("refs/heads/")
    }
}

/// What happened to a repository as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "action")]
pub enum RepositoryAction {
    /// It is new.
    Created,
    /// It is gone.
    Deleted,
    /// It is archived.
    Archived,
    /// It is no longer archived.
    Unarchived,
    /// Another name, or another owner.
    Moved {
        /// `owner/name` before.
        from: String,
    },
    /// Default branch, description, topics.
    Edited,
    /// Public, internal or private.
    Visibility,
}

/// What a webhook says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeEvent {
    /// Commits arrived.
    Push(Push),
    /// A repository changed.
    RepositoryChanged {
        /// The repository after the change.
        repository: EventRepository,
        /// What happened.
        change: RepositoryAction,
    },
    /// Users, teams or memberships of an organisation changed.
    OrganisationChanged {
        /// The organisation or group, when the payload names it.
        organisation: Option<String>,
    },
    /// The forge tried whether the address answers.
    Ping,
    /// Something that Portway does not react to.
    Other {
        /// The forge's name for it.
        name: String,
    },
}

/// A webhook that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// None of the known forges' headers.
    #[error(
        "the request has none of the headers `x-github-event`, `x-gitlab-event`, `x-gitea-event`; send webhooks of GitHub, GitLab or Gitea to this address"
    )]
    UnknownSender,
    /// No signature, though a secret is configured.
    #[error(
        "the request has no `{header}` header; set the secret of the webhook at {kind} to the one configured here"
    )]
    Unsigned {
        /// The forge.
        kind: ForgeKind,
        /// The header that carries the signature.
        header: &'static str,
    },
    /// A signature made with another secret, or of another body.
    #[error(
        "the signature in `{header}` is not the one of this body; the secret at {kind} differs from the one configured here, or a proxy changed the body"
    )]
    BadSignature {
        /// The forge.
        kind: ForgeKind,
        /// The header that carries the signature.
        header: &'static str,
    },
    /// Above [`MAX_BODY`].
    #[error("the body has {bytes} bytes; up to {MAX_BODY} are accepted")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not what the forge's description of the event says.
    #[error("the body of the `{event}` event cannot be used: {reason}")]
    Malformed {
        /// The forge's name of the event.
        event: String,
        /// What is wrong.
        reason: String,
    },
}

/// Which forge sent it. Gitea adds GitHub's headers to its own, so its own
/// are looked for first.
pub fn sender(headers: &HeaderMap) -> Option<ForgeKind> {
    let has = |name: &str| headers.contains_key(name);
    if has("x-gitea-event") || has("x-forgejo-event") {
        Some(ForgeKind::Gitea)
    } else if has("x-gitlab-event") {
        Some(ForgeKind::GitLab)
    } else if has("x-github-event") {
        Some(ForgeKind::GitHub)
    } else {
        None
    }
}

/// The forge's id of this delivery; the same again when it is repeated.
pub fn delivery(headers: &HeaderMap) -> Option<&str> {
    [
        "x-github-delivery",
        "x-gitlab-event-uuid",
        "x-gitea-delivery",
        "x-forgejo-delivery",
    ]
    .iter()
    .find_map(|name| header(headers, name))
}

/// Checks the signature (GitHub, Gitea: HMAC-SHA256 of the body) or the token
/// (GitLab) against the secret, in constant time.
pub fn verify(
    kind: ForgeKind,
    headers: &HeaderMap,
    body: &[u8],
    secret: &Secret,
) -> Result<(), WebhookError> {
    if body.len() > MAX_BODY {
        return Err(WebhookError::TooLarge { bytes: body.len() });
    }
    let names: &[&'static str] = match kind {
        ForgeKind::GitHub => &["x-hub-signature-256"],
        ForgeKind::GitLab => &["x-gitlab-token"],
        ForgeKind::Gitea => &[
            "x-gitea-signature",
            "x-forgejo-signature",
            "x-hub-signature-256",
        ],
    };
    let first = names.first().copied().unwrap_or_default();
    let Some((name, given)) = names
        .iter()
        .find_map(|name| Some((*name, header(headers, name)?)))
    else {
        return Err(WebhookError::Unsigned {
            kind,
            header: first,
        });
    };
    let good = match kind {
        ForgeKind::GitLab => {
            // Hashed first, so that not even the length is told by the time.
            let given = mac(secret, given.as_bytes());
            let wanted = mac(secret, secret.reveal().as_bytes());
            bool::from(given.ct_eq(&wanted))
        }
        ForgeKind::GitHub | ForgeKind::Gitea => {
            let hex = given.strip_prefix("sha256=").unwrap_or(given);
            hex::decode(hex.trim())
                .is_ok_and(|given| bool::from(given.ct_eq(mac(secret, body).as_slice())))
        }
    };
    if good {
        Ok(())
    } else {
        Err(WebhookError::BadSignature { kind, header: name })
    }
}

fn mac(secret: &Secret, data: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so this never fails.
    match Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) {
        Ok(mut mac) => {
            mac.update(data);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

/// Reads the event. The signature must have been checked before.
pub fn parse(
    kind: ForgeKind,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<ForgeEvent, WebhookError> {
    if body.len() > MAX_BODY {
        return Err(WebhookError::TooLarge { bytes: body.len() });
    }
    let names: &[&str] = match kind {
        ForgeKind::GitHub => &["x-github-event"],
        ForgeKind::GitLab => &["x-gitlab-event"],
        ForgeKind::Gitea => &["x-gitea-event", "x-forgejo-event"],
    };
    let event = names
        .iter()
        .find_map(|name| header(headers, name))
        .ok_or(WebhookError::UnknownSender)?;
    let malformed = |reason: String| WebhookError::Malformed {
        event: event.chars().take(60).collect(),
        reason,
    };
    let form = header(headers, "content-type")
        .is_some_and(|media| media.starts_with("application/x-www-form-urlencoded"));
    let json = if form {
        // The forges' other encoding: the JSON is the field `payload`.
        let field = url::form_urlencoded::parse(body).find(|(name, _)| name == "payload");
        let (_, payload) =
            field.ok_or_else(|| malformed("it has no field `payload`".to_owned()))?;
        serde_json::from_str(&payload)
    } else {
        serde_json::from_slice(body)
    };
    let payload: Value = json.map_err(|error| malformed(error.to_string()))?;
    let read = match kind {
        ForgeKind::GitHub => github::event(event, &payload),
        ForgeKind::GitLab => gitlab::event(event, &payload),
        ForgeKind::Gitea => gitea::event(event, &payload),
    };
    read.map_err(malformed)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

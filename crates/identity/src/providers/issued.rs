//! Tokens of a provider for a front end that asked for them.
//!
//! Nothing is kept of a provider's tokens, unless a front end began the
//! sign-in with `scope`, as Backstage's do to act at GitHub or GitLab in a
//! person's name. Then the access token and the ID token are kept, encrypted,
//! for as long as the session and they themselves last. Refresh tokens are
//! never kept: once the access token has run out, the front end asks again.

use jiff::Timestamp;
use platform::clock::later;
use platform::request::Query;
use serde_json::{Map, Value, json};
use std::time::Duration;
use zeroize::Zeroizing;

use super::refused::{Fault, Reason};
use super::settings::Code;
use crate::error::IdentityError;
use crate::identity::Identity;
use crate::secret::Secret;
use crate::store::provider_tokens as rows;

/// The longest list of scopes that a front end may ask for, in bytes.
const LONGEST_SCOPE: usize = 500;
/// The longest token that is kept, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;

/// The scopes that a front end asks for besides the configured ones; none
/// when it only wants somebody to sign in.
pub(super) fn asked_scope(query: &Query) -> Result<Option<String>, Fault> {
    let words: Vec<&str> = query
        .get("scope")
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return Ok(None);
    }
    let scope = words.join(" ");
    // RFC 6749, 3.3.
    let plain = scope
        .bytes()
        .all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\');
    if !plain || scope.len() > LONGEST_SCOPE {
        return Err(Fault::new(
            Reason::Source,
            format!("the asked scope is no list of at most {LONGEST_SCOPE} plain letters"),
        ));
    }
    Ok(Some(scope))
}

/// The scopes of the authorization request.
pub(super) fn all_scopes(code: &Code, asked: Option<&str>) -> String {
    let mut all: Vec<&str> = code.scopes.iter().map(String::as_str).collect();
    for word in asked.unwrap_or_default().split(' ') {
        if !word.is_empty() && !all.contains(&word) {
            all.push(word);
        }
    }
    all.join(" ")
}

/// What a provider issued for a code.
#[derive(Debug)]
pub(super) struct Issued {
    access: Secret<String>,
    id: Option<Secret<String>>,
    scope: Option<String>,
    expires_in: Option<u64>,
}

impl Issued {
    /// Of the answer of a token endpoint.
    pub(super) fn of(answer: &Map<String, Value>) -> Option<Self> {
        let text = |key: &str| {
            let text = answer.get(key).and_then(Value::as_str)?;
            (text.len() <= LONGEST_TOKEN).then(|| text.to_owned())
        };
        let seconds = answer.get("expires_in");
        Some(Self {
            access: Secret::new(text("access_token")?),
            id: text("id_token").map(Secret::new),
            // GitHub writes commas.
            scope: text("scope").map(|scope| scope.replace(',', " ")),
            expires_in: seconds
                .and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok())),
        })
    }
}

impl Identity {
    /// Keeps for a session what a front end asked for as `scope`.
    pub(super) async fn keep_issued(
        &self,
        session: &str,
        issued: &Issued,
        scope: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock().now();
        let expires = issued
            .expires_in
            .map(|seconds| later(now, Duration::from_secs(seconds)));
        let plain = Zeroizing::new(
            json!({
                "accessToken": issued.access.expose(),
                "idToken": issued.id.as_ref().map(Secret::expose),
                // A provider that says nothing gave what was asked for
                // (RFC 6749, 5.1).
                "scope": issued.scope.as_deref().unwrap_or(scope),
                "expiresAt": expires,
            })
            .to_string(),
        );
        let sealed = self
            .seal()
            .seal(plain.as_bytes(), &context(session), self.entropy())?;
        let mut tx = self.db().begin().await?;
        rows::put(&mut tx, (session, &sealed), (now, expires)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Backstage's `providerInfo` for a session: the provider's tokens where a
    /// front end asked for them, else nothing.
    pub(super) async fn provider_info(&self, session: &str) -> Result<Value, IdentityError> {
        let now = self.clock().now();
        let kept = rows::get(self.db(), session, now).await?;
        let opened = kept.and_then(|sealed| self.seal().open(&sealed, &context(session)));
        let fields =
            opened.and_then(|text| serde_json::from_slice::<Map<String, Value>>(&text).ok());
        let Some(mut fields) = fields else {
            return Ok(json!({}));
        };
        fields.retain(|_, value| !value.is_null());
        let ends = fields
            .remove("expiresAt")
            .and_then(|end| end.as_str()?.parse::<Timestamp>().ok());
        if let Some(ends) = ends {
            let left = ends.duration_since(now).as_secs().max(0);
            fields.insert("expiresInSeconds".to_owned(), left.into());
        }
        Ok(fields.into())
    }
}

fn context(session: &str) -> String {
    format!("provider-tokens {session}")
}

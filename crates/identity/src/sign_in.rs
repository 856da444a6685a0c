//! Ways to sign in: as the guest, or with a one-time link that the server
//! prints for whoever started it.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderValue, Method as HttpMethod};
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::clock::later;

use crate::csrf::require_same_origin;
use crate::error::IdentityError;
use crate::guest::Remote;
use crate::identity::Identity;
use crate::secret::{Secret, SecretDigest};
use crate::sessions::{Method, SignedIn};
use crate::store::sessions as rows;

/// How long a sign-in link works.
const LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What the sign-in page offers to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInOffer {
    /// Sign-in as this guest.
    pub guest: Option<EntityRef>,
    /// Guests are configured but not admitted for this request: why.
    pub guest_refused: Option<&'static str>,
}

impl Identity {
    /// What the sign-in page can offer to this request. A one-time link is
    /// always possible for whoever can read the server's output.
    pub fn sign_in_offer(&self, parts: &Parts) -> SignInOffer {
        match self.local_guest(parts) {
            Ok(guest) => SignInOffer {
                guest: Some(guest.user.clone()),
                guest_refused: None,
            },
            Err(refused) => SignInOffer {
                guest: None,
                guest_refused: refused.map(Remote::explanation),
            },
        }
    }

    /// Makes a link that signs its first visitor in as the operator of this
    /// Portway. It works once and for 15 minutes. Show it only to whoever
    /// started the program.
    ///
    /// # Errors
    /// When the database or the source of random bytes does not answer.
    pub async fn issue_sign_in_link(&self) -> Result<Secret<String>, IdentityError> {
        let code = self.entropy().secret("")?;
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        rows::insert_code(
            &mut tx,
            &code.digest().to_hex(),
            now,
            later(now, LINK_LIFETIME),
        )
        .await?;
        tx.commit().await?;
        // The address that surely works is the listener's own.
        let host = if self.listens_locally() {
            format!("http://{}", self.listen())
        } else {
            self.base_url().to_owned()
        };
        Ok(Secret::new(format!(
            "{host}/sign-in?code={}",
            code.expose()
        )))
    }

    /// Signs in with the code of a link.
    ///
    /// # Errors
    /// 401 for a code that is wrong, used or too old; 403 when another site
    /// caused the request.
    pub async fn sign_in_with_code(&self, parts: &Parts, code: &str) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        refuse_preview(parts)?;
        let before = self.session(parts).await?;
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        if !rows::take_code(&mut tx, &SecretDigest::of(code).to_hex(), now).await? {
            return Err(ApiError::unauthenticated(
                "This sign-in link has been used, has run out or is not complete",
            )
            .accepted("a link not older than 15 minutes that nobody has opened yet")
            .fix("start Portway again: it prints a new link"));
        }
        let operator = Self::operator_ref();
        let signed_in = self
            .begin_session_in(&mut tx, before, operator, Method::Link)
            .await?;
        tx.commit().await.map_err(ApiError::from)?;
        Ok(signed_in)
    }

    /// Signs in as the guest.
    ///
    /// # Errors
    /// 404 when guests are not configured; 403 when the request does not come
    /// from this machine, or another site caused it.
    pub async fn sign_in_as_guest(&self, parts: &Parts) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        let user = self.local_guest(parts).map_err(guest_refused)?.user.clone();
        let before = self.session(parts).await?;
        let mut tx = self.db().begin().await?;
        let signed_in = self
            .begin_session_in(&mut tx, before, user, Method::Guest)
            .await?;
        tx.commit().await.map_err(ApiError::from)?;
        Ok(signed_in)
    }
}

/// A browser or messenger that looks ahead must not use the link up before the
/// person comes.
fn refuse_preview(parts: &Parts) -> Result<(), ApiError> {
    let purpose = parts.headers.get("sec-purpose").map(HeaderValue::as_bytes);
    if parts.method != HttpMethod::HEAD
        && !purpose.is_some_and(|purpose| purpose.starts_with(b"prefetch"))
    {
        return Ok(());
    }
    Err(ApiError::not_allowed("A preview does not sign anybody in").fix("open the link"))
}

/// The answer to somebody who is not admitted as the guest.
pub(crate) fn guest_refused(reason: Option<Remote>) -> ApiError {
    match reason {
        None => ApiError::not_found("Guests are not admitted here")
            .accepted("`portway up --demo`, or `auth.providers.guest` in the configuration")
            .fix("sign in with the link that `portway up` printed"),
        Some(reason) => ApiError::not_allowed(reason.explanation())
            .accepted("a request from this machine to http://localhost, http://127.0.0.1 or http://[::1] with Portway's port")
            .fix("use a token from `portway token create`, or a sign-in link"),
    }
}

/// Where to go after signing in: a path on this site. Anything that a browser
/// could read as another site's address becomes `/`.
pub fn safe_return_path(wanted: &str) -> &str {
    let outside = wanted.starts_with("//")
        || !wanted.starts_with('/')
        || wanted.contains(['\\', '\t', '\r', '\n'])
        || wanted.chars().any(char::is_control);
    if outside { "/" } else { wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for path in [
            "/",
            "/catalog?kind=component#x",
            "/entities/component:default/a",
        ] {
            assert_eq!(safe_return_path(path), path);
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "\\\\evil",
            "catalog",
        ] {
            assert_eq!(safe_return_path(path), "/", "{path:?}");
        }
    }
}

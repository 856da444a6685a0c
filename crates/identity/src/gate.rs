//! What every request passes: who sends it?

use async_trait::async_trait;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller};
use platform::http::Gate;

use crate::csrf::require_same_origin;
use crate::identity::Identity;
use crate::secret::Secret;
use crate::sessions;
use crate::static_token;
use crate::tokens::{self, illegal_token};

/// The longest credential that is looked at, in bytes.
const LONGEST: usize = 8192;
/// What the tokens of logins and workloads begin with.
const BEARERS: [&str; 3] = ["pwa_", "pwr_", "pww_"];
const MAKE_ONE: &str = "send a token from `portway token create`, from `backend.auth.externalAccess` or from /api/auth/guest/refresh";

#[async_trait]
impl Gate for Identity {
    /// In this order: a token in `Authorization: Bearer`, the session cookie,
    /// nothing. A token that is wrong is refused; a cookie that no longer
    /// counts is the same as none, since browsers keep sending it.
    async fn caller(&self, parts: &Parts) -> Result<Caller, ApiError> {
        refuse_token_in_address(parts)?;
        let caller = self.recognised(parts).await?;
        self.with_rights(parts, caller).await
    }
}

impl Identity {
    async fn recognised(&self, parts: &Parts) -> Result<Caller, ApiError> {
        if let Some(token) = bearer(parts)? {
            return self.caller_with_token(&token, parts).await;
        }
        if let Some(caller) = self.caller_with_session(parts).await? {
            require_same_origin(parts)?;
            return Ok(caller);
        }
        Ok(self.caller_without_credentials(parts))
    }

    async fn caller_with_token(
        &self,
        token: &Secret<String>,
        parts: &Parts,
    ) -> Result<Caller, ApiError> {
        if let Some(token) = static_token::find(self.static_tokens(), &token.digest()) {
            return Ok(Caller {
                actor: Actor::new(ActorKind::Service, format!("external:{}", token.subject())),
                ownership: Vec::new(),
                grants: token.grants(self.permissions()),
            });
        }
        if token.expose().starts_with(tokens::PREFIX) {
            return self.caller_with_api_token(token, parts).await;
        }
        if BEARERS
            .iter()
            .any(|prefix| token.expose().starts_with(prefix))
        {
            return self.caller_with_bearer(token, parts).await;
        }
        let user = self.verify_user_token(token).await?;
        let Some(user) = user else {
            let external = self.external_caller(token).await?;
            return external.ok_or_else(|| illegal_token(MAKE_ONE));
        };
        match (self.guest(), self.guest_user()) {
            (Some(guest), _) if guest.user == user => Ok(self.guest_caller(guest)),
            // Whoever is the guest is admitted only where guests are.
            (None, Some(guest)) if *guest == user => Err(illegal_token(MAKE_ONE)),
            // A token of a person counts while they are signed in.
            _ if !self.is_signed_in(&user).await? => Err(illegal_token(
                "the person behind this token has signed out; sign in again",
            )),
            // The token names a person and no rights: what needs an
            // administrator needs their session.
            _ => Ok(Caller {
                actor: sessions::actor(&user),
                ownership: self.ownership(&user),
                grants: self.member_grants(),
            }),
        }
    }
}

/// Refuses a token in the address: addresses end up in logs, histories and
/// `Referer` headers (RFC 6750, 5.3).
fn refuse_token_in_address(parts: &Parts) -> Result<(), ApiError> {
    let query = parts.uri.query().unwrap_or_default();
    let is_token = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        key == "access_token"
            || value.len() > 40
                && (value.starts_with(tokens::PREFIX)
                    || BEARERS.iter().any(|prefix| value.starts_with(prefix)))
    };
    if !query.split('&').any(is_token) {
        return Ok(());
    }
    Err(
        ApiError::input("A token in the address is not accepted: addresses are written into logs")
            .accepted("the token in the header `Authorization: Bearer <token>`")
            .fix("send it as a header, and revoke this one with `portway token revoke`"),
    )
}

/// The token in `Authorization`. Another scheme than `Bearer` is no credential
/// of ours (a proxy may use Basic for itself); two headers contradict.
fn bearer(parts: &Parts) -> Result<Option<Secret<String>>, ApiError> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    if headers.next().is_some() {
        return Err(illegal_token("send one Authorization header"));
    }
    let Some((scheme, rest)) = header.as_bytes().split_at_checked(6) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case(b"bearer") || rest.first().is_some_and(|byte| *byte != b' ') {
        return Ok(None);
    }
    let token = str::from_utf8(rest)
        .map(|rest| rest.trim_matches(' '))
        .unwrap_or_default();
    if token.is_empty() || token.len() > LONGEST || token.contains(char::is_whitespace) {
        return Err(illegal_token(MAKE_ONE));
    }
    Ok(Some(Secret::new(token.to_owned())))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn read(headers: &[&str]) -> Result<Option<String>, String> {
        let mut request = Request::builder().uri("/");
        for header in headers {
            request = request.header(AUTHORIZATION, *header);
        }
        let parts = request.body(()).expect("a request").into_parts().0;
        bearer(&parts)
            .map(|token| token.map(|token| token.expose().clone()))
            .map_err(|error| error.message)
    }

    #[test]
    fn finds_the_token() {
        assert_eq!(read(&["Bearer abc"]), Ok(Some("abc".into())));
        assert_eq!(read(&["bearer   abc"]), Ok(Some("abc".into())));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Basic dXNlcjpwdw=="]), Ok(None));
        assert_eq!(read(&["Bearerabc"]), Ok(None));
    }

    #[test]
    fn refuses_what_is_no_token() {
        let illegal = Err("Illegal token".to_owned());
        assert_eq!(read(&["Bearer"]), illegal);
        assert_eq!(read(&["Bearer "]), illegal);
        assert_eq!(read(&["Bearer a b"]), illegal);
        assert_eq!(read(&[&format!("Bearer {}", "a".repeat(8193))]), illegal);
        assert_eq!(read(&["Bearer a", "Bearer a"]), illegal);
    }
}

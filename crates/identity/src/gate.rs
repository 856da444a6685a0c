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
use crate::static_token;
use crate::tokens::{self, illegal_token};

/// The longest credential that is looked at, in bytes.
const LONGEST: usize = 8192;
const MAKE_ONE: &str = "send a token from `portway token create`, from `backend.auth.externalAccess` or from /api/auth/guest/refresh";

#[async_trait]
impl Gate for Identity {
    /// In this order: a token in `Authorization: Bearer`, the session cookie,
    /// nothing. A token that is wrong is refused; a cookie that no longer
    /// counts is the same as none, since browsers keep sending it.
    async fn caller(&self, parts: &Parts) -> Result<Caller, ApiError> {
        if let Some(token) = bearer(parts)? {
            return self.caller_with_token(&token).await;
        }
        if let Some(caller) = self.caller_with_session(parts).await? {
            require_same_origin(parts)?;
            return Ok(caller);
        }
        Ok(self.caller_without_credentials(parts))
    }
}

impl Identity {
    async fn caller_with_token(&self, token: &Secret<String>) -> Result<Caller, ApiError> {
        if let Some(token) = static_token::find(self.static_tokens(), &token.digest()) {
            return Ok(Caller {
                actor: Actor {
                    kind: ActorKind::Service,
                    name: format!("external:{}", token.subject()),
                },
                ownership: Vec::new(),
                grants: token.grants(self.permissions()),
            });
        }
        if token.expose().starts_with(tokens::PREFIX) {
            return self.caller_with_api_token(token).await;
        }
        let user = self.verify_user_token(token).await?;
        // Guests are the only ones who get user tokens so far.
        match self.guest().zip(user) {
            Some((guest, user)) if guest.user == user => Ok(self.guest_caller(guest)),
            _ => Err(illegal_token(MAKE_ONE)),
        }
    }
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

//! What a sign-in carries from its start to its end, and where.
//!
//! The browser keeps one random secret in a cookie that only this host gets.
//! `state` travels with the request: what the sign-in is for, sealed with that
//! secret, so it cannot be made or used anywhere else. `nonce` and the PKCE
//! verifier are made from both and travel nowhere. The server keeps nothing
//! until the answer comes; then it notes that the state was used.

use axum::http::HeaderValue;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::secret::{Secret, SecretDigest};

/// How long a person has at the provider, in seconds.
pub(super) const LIFETIME: i64 = 600;
/// A longer state was not made here, in bytes.
const LONGEST: usize = 4096;

/// What a sign-in is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// The provider's id.
    #[serde(rename = "p")]
    pub(super) provider: String,
    /// Where to go afterwards.
    #[serde(rename = "r")]
    pub(super) return_to: String,
    /// The front end that waits for a message, in a window of its own.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(super) popup: Option<String>,
    /// What a front end wants to do at the provider.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    /// When it ends, in seconds.
    #[serde(rename = "e")]
    pub(super) ends: i64,
    /// Makes every state another one.
    #[serde(rename = "n")]
    pub(super) salt: String,
}

/// The browser's secret.
#[derive(Clone, Debug)]
pub(super) struct Browser(Secret<String>);

impl Browser {
    pub(super) fn new(secret: Secret<String>) -> Self {
        Self(secret)
    }

    /// The secret that a request carries. Two different ones are none: one of
    /// them was planted.
    pub(super) fn of(parts: &Parts, secure: bool) -> Option<Self> {
        let name = cookie_name(secure);
        let mut found = parts
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let first = found.next().filter(|value| value.len() == 43)?;
        found
            .all(|other| other == first)
            .then(|| Self(Secret::new(first.to_owned())))
    }

    /// `Set-Cookie` that keeps the secret for the time of a sign-in.
    pub(super) fn cookie(&self, secure: bool) -> HeaderValue {
        set_cookie(self.0.expose(), LIFETIME, secure)
    }

    /// The state for an attempt.
    pub(super) fn seal(&self, attempt: &Attempt) -> String {
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(attempt).unwrap_or_default());
        let tag = URL_SAFE_NO_PAD.encode(self.mac("state", &body).finalize().into_bytes());
        format!("{body}.{tag}")
    }

    /// The attempt in a state that was made with this browser's secret.
    pub(super) fn open(&self, state: &str) -> Option<Attempt> {
        let (body, tag) = state.split_once('.').filter(|_| state.len() <= LONGEST)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        self.mac("state", body).verify_slice(&tag).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }

    /// The PKCE verifier of a state: 43 characters (RFC 7636, 4.1).
    pub(super) fn verifier(&self, state: &str) -> Secret<String> {
        Secret::new(self.derived("pkce", state))
    }

    /// The nonce of a state.
    pub(super) fn nonce(&self, state: &str) -> String {
        self.derived("nonce", state)
    }

    fn derived(&self, purpose: &str, state: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, state).finalize().into_bytes())
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        // RFC 2104: a key that is shorter than a block is filled up with zeros.
        let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
        let digest = Sha256::digest(self.0.expose().as_bytes());
        key.iter_mut()
            .zip(digest)
            .for_each(|(place, byte)| *place = byte);
        let mut mac = Hmac::<Sha256>::new(&key);
        mac.update(b"portway.sign-in.v1\0");
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(text.as_bytes());
        mac
    }
}

/// What is noted of a state that was used.
pub(super) fn used_mark(state: &str) -> String {
    SecretDigest::of(state).to_hex()
}

/// The challenge for a verifier: S256 (RFC 7636, 4.2).
pub(super) fn challenge(verifier: &Secret<String>) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

/// `Set-Cookie` that forgets the secret.
pub(super) fn forget(secure: bool) -> HeaderValue {
    set_cookie("", 0, secure)
}

fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-portway_attempt"
    } else {
        "portway_attempt"
    }
}

fn set_cookie(value: &str, seconds: i64, secure: bool) -> HeaderValue {
    let flag = if secure { "; Secure" } else { "" };
    // Lax: the provider's page leads back here with the cookie.
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax{flag}; Max-Age={seconds}",
        cookie_name(secure)
    );
    let mut header = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use proptest::prelude::*;

    use super::*;

    fn browser(letter: char) -> Browser {
        Browser::new(Secret::new(letter.to_string().repeat(43)))
    }

    fn attempt() -> Attempt {
        Attempt {
            provider: "oidc".into(),
            return_to: "/catalog".into(),
            popup: None,
            scope: None,
            ends: 1_000,
            salt: "x".into(),
        }
    }

    #[test]
    fn a_state_opens_only_in_its_browser() {
        let state = browser('a').seal(&attempt());
        assert_eq!(browser('a').open(&state), Some(attempt()));
        assert_eq!(browser('b').open(&state), None);
        let (body, tag) = state.split_once('.').expect("two parts");
        let other = browser('a').seal(&Attempt {
            provider: "github".into(),
            ..attempt()
        });
        let (other_body, _) = other.split_once('.').expect("two parts");
        assert_eq!(browser('a').open(&format!("{other_body}.{tag}")), None);
        assert_eq!(browser('a').open(body), None);
    }

    #[test]
    fn what_is_derived_belongs_to_one_state() {
        let one = browser('a');
        assert_ne!(one.nonce("s"), one.nonce("t"));
        assert_ne!(one.nonce("s"), *one.verifier("s").expose());
        assert_ne!(one.nonce("s"), browser('b').nonce("s"));
        assert_eq!(one.verifier("s").expose().len(), 43);
        // The example of RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_cookie_is_read_back_and_bound_to_the_host() {
        for secure in [true, false] {
            let cookie = browser('a').cookie(secure);
            let text = cookie.to_str().expect("text");
            assert_eq!(
                text.contains("__Host-") && text.contains("; Secure"),
                secure
            );
            let pair = text.split(';').next().expect("a pair");
            let request = Request::builder()
                .header("cookie", pair)
                .body(())
                .expect("a request");
            let (parts, ()) = request.into_parts();
            assert!(Browser::of(&parts, secure).is_some());
            assert!(Browser::of(&parts, !secure).is_none());
        }
    }

    proptest! {
        #[test]
        fn no_text_opens_by_accident(text in ".{0,300}") {
            prop_assert_eq!(browser('a').open(&text), None);
        }
    }
}

//! Proof of origin for forms of browsers that say nothing of it.
//!
//! Browsers tell by `Sec-Fetch-Site` or `Origin` which site sent a form, and
//! [`crate::require_same_origin`] asks for one of them. For the few that send
//! neither, each form of our pages holds a token: a MAC over a random value in
//! a cookie of its own and over the session's cookie. Another site can have a
//! browser send both cookies, but neither read nor make the token.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::error::IdentityError;
use crate::identity::Identity;
use crate::secret::Secret;

/// The field of a form that holds the token.
pub const FORM_TOKEN_FIELD: &str = "portway-form";

/// A token for the forms of one page.
#[derive(Debug)]
pub struct FormToken {
    /// The value of the field [`FORM_TOKEN_FIELD`].
    pub value: Secret<String>,
    /// `Set-Cookie`, when the browser has no value of its own yet.
    pub cookie: Option<HeaderValue>,
}

impl Identity {
    /// A token for the forms of the page that answers this request.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn form_token(&self, headers: &HeaderMap) -> Result<FormToken, IdentityError> {
        let (nonce, cookie) = match self.cookie().read_form(headers) {
            Some(nonce) => (nonce, None),
            None => {
                let nonce = self.entropy().secret("")?;
                let cookie = self.cookie().set_form(&nonce);
                (nonce, Some(cookie))
            }
        };
        let mac = self.form_mac(&nonce, headers).finalize().into_bytes();
        Ok(FormToken {
            value: Secret::new(URL_SAFE_NO_PAD.encode(mac)),
            cookie,
        })
    }

    /// Whether a form with this token was on a page of ours in this browser.
    pub fn is_form_token(&self, headers: &HeaderMap, token: &str) -> bool {
        let Some(nonce) = self.cookie().read_form(headers) else {
            return false;
        };
        let Ok(tag) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        // Compares in constant time.
        self.form_mac(&nonce, headers).verify_slice(&tag).is_ok()
    }

    fn form_mac(&self, nonce: &Secret<String>, headers: &HeaderMap) -> Hmac<Sha256> {
        // RFC 2104: a key that is shorter than a block is filled up with zeros.
        let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
        let secret = self.seal().derive("form-token");
        key.iter_mut()
            .zip(secret.expose())
            .for_each(|(place, byte)| *place = *byte);
        let mut mac = Hmac::<Sha256>::new(&key);
        mac.update(nonce.expose().as_bytes());
        mac.update(b"\0");
        // A page of before signing in is no page of afterwards.
        if let Some(session) = self.cookie().read_in(headers) {
            mac.update(session.expose().as_bytes());
        }
        mac
    }
}

//! Portway's own key at a provider that wants a signature instead of a shared
//! secret: `private_key_jwt` (OpenID Connect Core 1.0, 9; RFC 7523).

use std::fmt;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::settings::ASYMMETRIC;
use crate::secret::Secret;

/// What an assertion is called in a request (RFC 7523, 2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion counts, in seconds.
const LIFETIME: i64 = 60;

/// A private key with what its public half is known by.
#[derive(Clone)]
pub(crate) struct ClientKey {
    key: EncodingKey,
    header: Header,
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl ClientKey {
    /// Reads a key in PEM. `algorithm` may be left out where the key has a
    /// usual one: RS256, ES256 or EdDSA.
    ///
    /// # Errors
    /// A sentence without anything of the key in it.
    pub(crate) fn read(
        pem: &str,
        id: Option<&str>,
        algorithm: Option<&str>,
    ) -> Result<Self, String> {
        let wanted: Vec<Algorithm> = match algorithm {
            None => vec![Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA],
            Some(name) => vec![
                name.parse()
                    .ok()
                    .filter(|algorithm| ASYMMETRIC.contains(algorithm))
                    .ok_or_else(|| format!("{name:.20} is no algorithm with two keys"))?,
            ],
        };
        for algorithm in wanted {
            let key = match algorithm {
                Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem.as_bytes()),
                Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
                _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
            };
            let mut header = Header::new(algorithm);
            header.kid = id.map(str::to_owned);
            // Only signing shows whether key and algorithm fit.
            if let Ok(key) = key
                && jsonwebtoken::encode(&header, &json!({}), &key).is_ok()
            {
                return Ok(Self { key, header });
            }
        }
        Err("it is no private key in PEM that fits the algorithm".to_owned())
    }

    /// Says to the token endpoint at `audience` that this is `client`.
    pub(super) fn assertion(
        &self,
        (client, audience): (&str, &str),
        id: &str,
        now: Timestamp,
    ) -> Result<Secret<String>, String> {
        let now = now.as_second();
        let claims = json!({
            "iss": client,
            "sub": client,
            "aud": audience,
            "jti": id,
            "iat": now,
            "exp": now.saturating_add(LIFETIME),
        });
        jsonwebtoken::encode(&self.header, &claims, &self.key)
            .map(Secret::new)
            .map_err(|_| "nothing could be signed with privateKey".to_owned())
    }
}

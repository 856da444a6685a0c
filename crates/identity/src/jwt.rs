//! Backstage user tokens: ES256 JWTs of type `vnd.backstage.user` with the
//! claims `iss`, `sub`, `aud`, `iat`, `exp` and `uip`.
//!
//! `uip` is the signature of the limited token that a Backstage client may cut
//! out of this one for cookies: header `{typ, alg, kid}` with type
//! `vnd.backstage.limited-user`, payload `{sub, iat, exp}`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::entity_ref::EntityRef;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePrivateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::entropy::Entropy;
use crate::error::IdentityError;
use crate::secret::Secret;

const USER: &str = "vnd.backstage.user";
const LIMITED_USER: &str = "vnd.backstage.limited-user";
const AUDIENCE: &str = "backstage";
/// How far ahead of ours another replica's clock may run, in seconds.
const SKEW: i64 = 60;
/// Longer ones are refused unread, in bytes.
const LONGEST: usize = 8192;

/// A key that signs, with its id.
pub(crate) struct Signer256 {
    pub(crate) kid: String,
    key: SigningKey,
    encoding: EncodingKey,
}

/// The public half, which verifies.
#[derive(Clone)]
pub(crate) struct Verifier256 {
    pub(crate) kid: String,
    x: String,
    y: String,
    decoding: DecodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    uip: String,
}

#[derive(Deserialize)]
struct Presented {
    sub: String,
    iat: i64,
    exp: i64,
}

impl Signer256 {
    /// Makes a key from random bytes.
    pub(crate) fn generate(entropy: &Entropy) -> Result<Self, IdentityError> {
        let kid = entropy.id()?;
        // All but one in 2^32 numbers of 256 bits are keys; sixteen tries fail
        // only when the source is broken.
        for _ in 0..16 {
            if let Ok(key) = Self::from_scalar(&kid, &entropy.bytes::<32>()?) {
                return Ok(key);
            }
        }
        Err(IdentityError::Entropy)
    }

    /// Takes up a stored key: 32 bytes, big-endian.
    pub(crate) fn from_scalar(kid: &str, scalar: &[u8]) -> Result<Self, IdentityError> {
        let broken = |_| IdentityError::Key("it is no P-256 key");
        let key = SigningKey::from_slice(scalar).map_err(broken)?;
        let der = p256::SecretKey::from(key.clone())
            .to_pkcs8_der()
            .map_err(|_| IdentityError::Key("it has no PKCS#8 form"))?;
        Ok(Self {
            kid: kid.to_owned(),
            key,
            encoding: EncodingKey::from_ec_der(der.as_bytes()),
        })
    }

    pub(crate) fn scalar(&self) -> Secret<[u8; 32]> {
        Secret::new(self.key.to_bytes().into())
    }

    pub(crate) fn verifier(&self) -> Result<Verifier256, IdentityError> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let (Some(x), Some(y)) = (point.x(), point.y()) else {
            return Err(IdentityError::Key("it has no public point"));
        };
        Verifier256::new(
            &self.kid,
            URL_SAFE_NO_PAD.encode(x),
            URL_SAFE_NO_PAD.encode(y),
        )
    }

    /// A token for `user`, valid for `lifetime` seconds.
    pub(crate) fn issue(
        &self,
        issuer: &str,
        user: &EntityRef,
        now: Timestamp,
        lifetime: i64,
    ) -> Result<Secret<String>, IdentityError> {
        let iat = now.as_second();
        let exp = iat.saturating_add(lifetime);
        let claims = Claims {
            iss: issuer,
            sub: user.as_str(),
            aud: AUDIENCE,
            iat,
            exp,
            uip: self.proof(user, iat, exp),
        };
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(USER.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &claims, &self.encoding)
            .map(Secret::new)
            .map_err(|_| IdentityError::Key("it cannot sign"))
    }

    fn proof(&self, user: &EntityRef, iat: i64, exp: i64) -> String {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({ "typ": LIMITED_USER, "alg": "ES256", "kid": self.kid }));
        let payload = part(json!({ "sub": user, "iat": iat, "exp": exp }));
        let signature: Signature = self.key.sign(format!("{header}.{payload}").as_bytes());
        URL_SAFE_NO_PAD.encode(signature.to_bytes())
    }
}

impl Verifier256 {
    pub(crate) fn new(kid: &str, x: String, y: String) -> Result<Self, IdentityError> {
        let decoding = DecodingKey::from_ec_components(&x, &y)
            .map_err(|_| IdentityError::Key("its public half is not base64url"))?;
        Ok(Self {
            kid: kid.to_owned(),
            x,
            y,
            decoding,
        })
    }

    /// As it is stored and published.
    pub(crate) fn jwk(&self) -> Value {
        json!({ "kty": "EC", "x": self.x, "y": self.y, "crv": "P-256", "kid": self.kid, "alg": "ES256" })
    }

    /// Reads what [`Verifier256::jwk`] wrote.
    pub(crate) fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |key: &str| jwk.get(key).and_then(Value::as_str);
        Self::new(text("kid")?, text("x")?.to_owned(), text("y")?.to_owned()).ok()
    }

    /// The user whom a token names, if this key signed it for `issuer` and it
    /// has not run out.
    pub(crate) fn verify(&self, token: &str, issuer: &str, now: Timestamp) -> Option<EntityRef> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        // The library would ask the system's clock; ours is asked below.
        validation.validate_exp = false;
        let data = jsonwebtoken::decode::<Presented>(token, &self.decoding, &validation).ok()?;
        let now = now.as_second();
        let claims = data.claims;
        (now < claims.exp && claims.iat <= now.saturating_add(SKEW))
            .then(|| EntityRef::parse(&claims.sub, None, None).ok())
            .flatten()
    }
}

/// The id of the key that a token claims to be signed with. `None` unless it
/// is a user token signed with ES256: no other algorithm, `none` included, and
/// no other type gets as far as a key.
pub(crate) fn key_id(token: &str) -> Option<String> {
    if token.len() > LONGEST {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let ours = header.alg == Algorithm::ES256
        && header.typ.as_deref() == Some(USER)
        && header.crit.is_none();
    header.kid.filter(|_| ours)
}

//! The public keys of a provider. They are kept for a while; a token with an
//! unknown key id has them asked for again, but not more often than once a
//! minute, or garbage would make Portway ask on behalf of others.

use std::time::Duration;

use forge::http::{Client, Request};
use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use platform::clock::later;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::refused::Fault;
use super::settings::KeySource;

/// How long keys are used without asking again.
const KEEP: Duration = Duration::from_secs(12 * 3600);
/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_secs(60);
/// The most keys of one provider that are kept.
const MOST: usize = 64;
/// RSA keys below this can be broken, in bytes of the modulus.
const SHORTEST_RSA: usize = 256;

/// One public key.
#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    pub(super) decoding: DecodingKey,
}

impl Key {
    /// Whether the key is of the algorithm's family, and for nothing else.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        self.decoding.family() == algorithm.family()
            && self.decoding.family() != AlgorithmFamily::Hmac
            && self
                .algorithm
                .as_ref()
                .is_none_or(|name| name.parse() == Ok(algorithm))
    }

    /// A key of a JWK set. What cannot check signatures is left out, so that
    /// one odd key does not spoil a set.
    fn from_jwk(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        if decoding.family() == AlgorithmFamily::Rsa {
            use base64::Engine as _;
            let modulus = base64::engine::general_purpose::URL_SAFE_NO_PAD
                .decode(text("n")?)
                .ok()?;
            let significant = modulus.iter().skip_while(|byte| **byte == 0).count();
            if significant < SHORTEST_RSA {
                return None;
            }
        }
        Some(Self {
            id: text("kid"),
            algorithm: text("alg"),
            decoding,
        })
    }
}

#[derive(Default)]
struct Kept {
    keys: Vec<Key>,
    read_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

/// The keys of one provider.
#[derive(Default)]
pub(super) struct KeySet(Mutex<Kept>);

impl KeySet {
    /// The key that signed a token with this header.
    pub(super) async fn find(
        &self,
        source: &KeySource,
        (id, algorithm): (Option<&str>, Algorithm),
        http: &Client,
        now: Timestamp,
    ) -> Result<Key, Fault> {
        // Others wait here for the same answer instead of asking too.
        let mut kept = self.0.lock().await;
        let fresh = kept.read_at.is_some_and(|at| later(at, KEEP) > now);
        let found = kept.choose(id, algorithm);
        if let Some(key) = found.as_ref().filter(|_| fresh) {
            return Ok(key.clone());
        }
        let may_ask = kept.asked_at.is_none_or(|at| later(at, PAUSE) <= now);
        if may_ask {
            kept.asked_at = Some(now);
            match read_keys(source, id, http).await {
                Ok(keys) => {
                    match source {
                        KeySource::Set(_) => kept.keys = keys,
                        KeySource::PemBelow(_) => kept.keys.extend(keys),
                    }
                    let over = kept.keys.len().saturating_sub(MOST);
                    kept.keys.drain(..over);
                    kept.read_at = Some(now);
                }
                // Keys that were good yesterday are better than none.
                Err(fault) if found.is_none() => return Err(fault),
                Err(fault) => tracing::warn!(
                    "The keys of {} could not be read again: {}",
                    source.url(),
                    fault.detail
                ),
            }
        }
        kept.choose(id, algorithm).ok_or_else(|| {
            Fault::untrusted(match id {
                Some(id) => format!("{} has no key {id:.80?} for {algorithm:?}", source.url()),
                None => format!(
                    "its header names no key, and {} has not exactly one for {algorithm:?}",
                    source.url()
                ),
            })
        })
    }

    /// How many keys are kept, for the doctor.
    pub(super) async fn count(&self) -> usize {
        self.0.lock().await.keys.len()
    }
}

impl Kept {
    /// By id; without one only a key that is alone.
    fn choose(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Key> {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| key.fits(algorithm) && (id.is_none() || key.id.as_deref() == id));
        let first = fitting.next()?;
        (id.is_some() || fitting.next().is_none()).then(|| first.clone())
    }
}

async fn read_keys(source: &KeySource, id: Option<&str>, http: &Client) -> Result<Vec<Key>, Fault> {
    let url = match source {
        KeySource::Set(url) => url.clone(),
        KeySource::PemBelow(base) => pem_url(base, id)?,
    };
    let answer = http
        .send(Request::get(url.clone()).header("accept", "application/json"))
        .await
        .map_err(|error| Fault::down(&error))?;
    if answer.status != 200 {
        return Err(Fault::new(
            super::Reason::Down,
            format!("{url} answered {} when asked for keys", answer.status),
        ));
    }
    let broken = || Fault::untrusted(format!("{url} did not answer with keys"));
    if let KeySource::PemBelow(_) = source {
        let decoding = DecodingKey::from_ec_pem(&answer.body).map_err(|_| broken())?;
        return Ok(vec![Key {
            id: id.map(str::to_owned),
            algorithm: None,
            decoding,
        }]);
    }
    let set: Value = serde_json::from_slice(&answer.body).map_err(|_| broken())?;
    let keys = set
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(broken)?;
    Ok(keys.iter().take(MOST).filter_map(Key::from_jwk).collect())
}

/// The address of one PEM. The id comes with the token, so it may only be a
/// plain word.
fn pem_url(base: &Url, id: Option<&str>) -> Result<Url, Fault> {
    id.filter(|id| {
        (1..=64).contains(&id.len())
            && id
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    })
    .and_then(|id| super::settings::below(base, id))
    .ok_or_else(|| Fault::untrusted("its header names no key"))
}

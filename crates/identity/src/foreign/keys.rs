//! The public keys of one issuer. They are kept for a while; a token with an
//! unknown key id has them asked for again, but not more often than once a
//! minute, or garbage would make Portway ask on behalf of others.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use platform::clock::later;
use serde_json::Value;
use tokio::sync::Mutex;

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_secs(60);
/// The most keys of one issuer that are kept.
const MOST: usize = 64;
/// RSA keys below this can be broken, in bytes of the modulus.
const SHORTEST_RSA: usize = 256;

/// One public key.
#[derive(Clone)]
pub(crate) struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    pub(super) decoding: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
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

    /// The keys of a JWK set that can check signatures; `None` for what is no
    /// set.
    pub(crate) fn all_of(set: &Value) -> Option<Vec<Self>> {
        let keys = set.get("keys")?.as_array()?;
        Some(keys.iter().take(MOST).filter_map(Self::from_jwk).collect())
    }

    /// A key for elliptic curves in PEM, known by `id`.
    pub(crate) fn from_ec_pem(id: Option<&str>, pem: &[u8]) -> Option<Self> {
        Some(Self {
            id: id.map(str::to_owned),
            algorithm: None,
            decoding: DecodingKey::from_ec_pem(pem).ok()?,
        })
    }

    /// The key that signed a token with this header: by id; without one only
    /// a key that is alone (OpenID Connect Core 1.0, 10.1).
    pub(crate) fn choose<'k>(
        keys: &'k [Self],
        (id, algorithm): (Option<&str>, Algorithm),
    ) -> Option<&'k Self> {
        let mut fitting = keys
            .iter()
            .filter(|key| key.fits(algorithm) && (id.is_none() || key.id.as_deref() == id));
        let first = fitting.next()?;
        (id.is_some() || fitting.next().is_none()).then_some(first)
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

/// Why there is no key, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyFault {
    /// The issuer did not answer.
    Down(String),
    /// It answered, and there is no such key.
    Unknown(String),
}

/// What an issuer answered when it was asked for keys.
pub(crate) enum Answer {
    /// All that count now.
    All(Vec<Key>),
    /// One more.
    One(Key),
}

#[derive(Default)]
struct Kept {
    keys: Vec<Key>,
    read_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    /// Why the last asking failed.
    failed: Option<KeyFault>,
}

/// The published keys of one issuer.
pub(crate) struct KeySet {
    /// How long keys are used without asking again.
    keep: Duration,
    kept: Mutex<Kept>,
}

impl KeySet {
    pub(crate) fn kept_for(keep: Duration) -> Self {
        Self {
            keep,
            kept: Mutex::default(),
        }
    }

    /// The key that signed a token with this header. `place` is where the keys
    /// are published, for messages; `ask` asks for them.
    pub(crate) async fn find<A>(
        &self,
        wanted: (Option<&str>, Algorithm),
        (place, now): (&str, Timestamp),
        ask: impl FnOnce() -> A,
    ) -> Result<Key, KeyFault>
    where
        A: Future<Output = Result<Answer, KeyFault>>,
    {
        // Others wait here for the same answer instead of asking too.
        let mut kept = self.kept.lock().await;
        let fresh = kept.read_at.is_some_and(|at| later(at, self.keep) > now);
        let found = Key::choose(&kept.keys, wanted).cloned();
        if let Some(key) = found.as_ref().filter(|_| fresh) {
            return Ok(key.clone());
        }
        if kept.may_ask(now) {
            kept.asked_at = Some(now);
            match ask().await {
                Ok(answer) => kept.take(answer, now),
                // Keys that were good yesterday are better than none.
                Err(fault) => {
                    if found.is_some() {
                        tracing::warn!("The keys of {place} could not be read again: {fault:?}");
                    }
                    kept.failed = Some(fault);
                }
            }
        }
        if let Some(key) = Key::choose(&kept.keys, wanted) {
            return Ok(key.clone());
        }
        // While an issuer is down, nobody knows whether it has the key.
        if let Some(fault) = &kept.failed {
            return Err(fault.clone());
        }
        let algorithm = wanted.1;
        Err(KeyFault::Unknown(match wanted.0 {
            Some(id) => format!("{place} has no key {id:.80?} for {algorithm:?}"),
            None => format!(
                "its header names no key, and {place} has not exactly one for {algorithm:?}"
            ),
        }))
    }

    /// How many keys are kept, for the doctor.
    pub(crate) async fn count(&self) -> usize {
        self.kept.lock().await.keys.len()
    }
}

impl Kept {
    fn may_ask(&self, now: Timestamp) -> bool {
        // Whoever asked last may have gone before the answer came.
        let cut_off = self.read_at.is_none() && self.failed.is_none();
        cut_off || self.asked_at.is_none_or(|at| later(at, PAUSE) <= now)
    }

    fn take(&mut self, answer: Answer, now: Timestamp) {
        match answer {
            Answer::All(keys) => self.keys = keys,
            Answer::One(key) => self.keys.push(key),
        }
        let over = self.keys.len().saturating_sub(MOST);
        self.keys.drain(..over);
        self.read_at = Some(now);
        self.failed = None;
    }
}

//! The keys of other issuers: written into the configuration, or published by
//! the issuer, read through the one HTTP client and kept for a while.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use parking_lot::Mutex;
use platform::clock::later;
use serde_json::Value;

use super::trust::Trust;

/// How long published keys are taken as they are.
const KEEP: Duration = Duration::from_secs(600);
/// How often an unknown key id makes us ask again: otherwise garbage tokens
/// would each cost a request.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// Keys of one issuer that are looked at.
const MOST_KEYS: usize = 100;

/// Reads a URL: the body, or a sentence why not.
pub type KeyFetch =
    dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>> + Send + Sync;

/// Published keys, by where they are published.
#[derive(Default)]
pub(crate) struct Issuers {
    fetch: OnceLock<Box<KeyFetch>>,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    keys: Arc<JwkSet>,
    at: Timestamp,
}

impl std::fmt::Debug for Issuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuers").finish_non_exhaustive()
    }
}

impl Issuers {
    pub(crate) fn set_fetch(&self, fetch: Box<KeyFetch>) {
        let _ = self.fetch.set(fetch);
    }

    /// The keys that may have signed a token with this key id. A rotated key
    /// is found by asking the issuer again.
    ///
    /// # Errors
    /// A sentence about why its keys cannot be had.
    pub(super) async fn keys(
        &self,
        entry: &Trust,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<JwkSet>, String> {
        if let Some(keys) = &entry.jwks {
            return Ok(Arc::new(keys.clone()));
        }
        let place = entry.jwks_uri.as_deref().unwrap_or(&entry.issuer);
        let known = self.known.lock().get(place).cloned();
        if let Some(known) = known {
            let holds = kid.is_none_or(|kid| known.keys.find(kid).is_some());
            let young = now < later(known.at, if holds { KEEP } else { ASK_AGAIN });
            if young {
                return Ok(known.keys);
            }
            // Keys that were good stay good while the issuer does not answer.
            return match self.ask(entry, now).await {
                Ok(keys) => Ok(keys),
                Err(_) if holds => Ok(known.keys),
                Err(why) => Err(why),
            };
        }
        self.ask(entry, now).await
    }

    async fn ask(&self, entry: &Trust, now: Timestamp) -> Result<Arc<JwkSet>, String> {
        let uri = match &entry.jwks_uri {
            Some(uri) => uri.clone(),
            None => self.discover(entry).await?,
        };
        let body = self.fetch(uri.clone()).await?;
        let mut keys: JwkSet = serde_json::from_slice(&body)
            .map_err(|error| format!("{uri} does not answer with a set of keys: {error}"))?;
        keys.keys.truncate(MOST_KEYS);
        let keys = Arc::new(keys);
        let place = entry.jwks_uri.as_deref().unwrap_or(&entry.issuer);
        let known = Known {
            keys: Arc::clone(&keys),
            at: now,
        };
        self.known.lock().insert(place.to_owned(), known);
        Ok(keys)
    }

    /// Where an issuer publishes its keys (OpenID Connect Discovery 1.0, 4).
    async fn discover(&self, entry: &Trust) -> Result<String, String> {
        let address = format!("{}/.well-known/openid-configuration", entry.issuer);
        let body = self.fetch(address.clone()).await?;
        let document: Value = serde_json::from_slice(&body)
            .map_err(|error| format!("{address} does not answer with JSON: {error}"))?;
        let field = |name: &str| document.get(name).and_then(Value::as_str);
        let issuer = field("issuer").map(|issuer| issuer.trim_end_matches('/'));
        if issuer != Some(entry.issuer.as_str()) {
            return Err(format!("{address} speaks for another issuer"));
        }
        match field("jwks_uri") {
            Some(uri) if uri.starts_with("https://") => Ok(uri.to_owned()),
            _ => Err(format!("{address} names no keys at an https address")),
        }
    }

    async fn fetch(&self, url: String) -> Result<Vec<u8>, String> {
        match self.fetch.get() {
            Some(fetch) => fetch(url).await,
            None => Err("this server reads no published keys".to_owned()),
        }
    }
}

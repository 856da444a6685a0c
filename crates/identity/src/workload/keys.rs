//! The keys of issuers that workloads come from: written into the
//! configuration, or published by the issuer, read through the one HTTP client.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use parking_lot::Mutex;
use serde_json::Value;

use super::trust::Trust;
use crate::foreign::{Answer, Key, KeyFault, KeySet};

/// How long published keys are taken as they are.
const KEEP: Duration = Duration::from_secs(600);

/// Reads a URL: the body, or a sentence why not.
pub type KeyFetch =
    dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>> + Send + Sync;

/// Published keys, by where they are published.
#[derive(Default)]
pub(crate) struct Issuers {
    fetch: OnceLock<Box<KeyFetch>>,
    known: Mutex<HashMap<String, Arc<KeySet>>>,
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

    /// The key of this entry that may have signed a token with this header.
    pub(super) async fn key(
        &self,
        entry: &Trust,
        wanted: (Option<&str>, Algorithm),
        now: Timestamp,
    ) -> Result<Key, KeyFault> {
        if let Some(keys) = &entry.jwks {
            return Key::choose(keys, wanted).cloned().ok_or_else(|| {
                KeyFault::Unknown(format!("{}.jwks has no key for the token", entry.place))
            });
        }
        if let Some(uri) = &entry.jwks_uri {
            return self.published(uri, wanted, now).await;
        }
        let set = self.set(&entry.issuer);
        set.find(wanted, (&entry.issuer, now), || async {
            self.ask(self.discover(entry).await?).await
        })
        .await
    }

    /// The key of those published at `uri` that may have signed a token with
    /// this header.
    pub(crate) async fn published(
        &self,
        uri: &str,
        wanted: (Option<&str>, Algorithm),
        now: Timestamp,
    ) -> Result<Key, KeyFault> {
        let set = self.set(uri);
        set.find(wanted, (uri, now), || self.ask(uri.to_owned()))
            .await
    }

    fn set(&self, place: &str) -> Arc<KeySet> {
        let mut known = self.known.lock();
        let set = known
            .entry(place.to_owned())
            .or_insert_with(|| Arc::new(KeySet::kept_for(KEEP)));
        Arc::clone(set)
    }

    async fn ask(&self, uri: String) -> Result<Answer, KeyFault> {
        let body = self.fetch(uri.clone()).await?;
        serde_json::from_slice(&body)
            .ok()
            .and_then(|set| Key::all_of(&set))
            .map(Answer::All)
            .ok_or_else(|| KeyFault::Down(format!("{uri} does not answer with a set of keys")))
    }

    /// Where an issuer publishes its keys (OpenID Connect Discovery 1.0, 4).
    async fn discover(&self, entry: &Trust) -> Result<String, KeyFault> {
        let address = format!("{}/.well-known/openid-configuration", entry.issuer);
        let down = |why: &str| KeyFault::Down(format!("{address} {why}"));
        let body = self.fetch(address.clone()).await?;
        let document: Value =
            serde_json::from_slice(&body).map_err(|_| down("does not answer with JSON"))?;
        let field = |name: &str| document.get(name).and_then(Value::as_str);
        let issuer = field("issuer").map(|issuer| issuer.trim_end_matches('/'));
        if issuer != Some(entry.issuer.as_str()) {
            return Err(down("speaks for another issuer"));
        }
        match field("jwks_uri") {
            Some(uri) if uri.starts_with("https://") => Ok(uri.to_owned()),
            _ => Err(down("names no keys at an https address")),
        }
    }

    async fn fetch(&self, url: String) -> Result<Vec<u8>, KeyFault> {
        match self.fetch.get() {
            Some(fetch) => fetch(url).await.map_err(KeyFault::Down),
            None => Err(KeyFault::Down(
                "this server reads no published keys".to_owned(),
            )),
        }
    }
}

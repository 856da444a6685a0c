//! Which credentials have been good.
//!
//! Where too many wrong ones came from, further ones are not looked at, or the
//! limit would stop nobody who guesses. Whoever shares the address and has been
//! let in before is not meant: their credentials are known by a keyed hash.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use axum::http::{HeaderMap, header};
use parking_lot::Mutex;

const SHARDS: usize = 16;
/// Credentials in one shard; a full one begins anew.
const MOST: usize = 4_096;

/// The credentials that were good of late.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    hasher: RandomState,
    shards: [Mutex<HashSet<u64>>; SHARDS],
}

impl Accepted {
    /// Remembers what the headers carry.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let Some((key, shard)) = self.place(headers) else {
            return;
        };
        let mut shard = shard.lock();
        if shard.len() >= MOST && !shard.contains(&key) {
            shard.clear();
        }
        shard.insert(key);
    }

    /// Whether what the headers carry was good; nothing where they carry none.
    pub(super) fn knows(&self, headers: &HeaderMap) -> Option<bool> {
        let (key, shard) = self.place(headers)?;
        Some(shard.lock().contains(&key))
    }

    fn place(&self, headers: &HeaderMap) -> Option<(u64, &Mutex<HashSet<u64>>)> {
        let mut hasher = self.hasher.build_hasher();
        let mut some = false;
        for name in [header::AUTHORIZATION, header::COOKIE] {
            for value in headers.get_all(&name) {
                some = true;
                hasher.write(name.as_str().as_bytes());
                hasher.write(value.as_bytes());
                hasher.write_usize(value.len());
            }
        }
        let key = hasher.finish();
        let shard = usize::try_from(key % SHARDS as u64).unwrap_or_default();
        self.shards
            .get(shard)
            .filter(|_| some)
            .map(|shard| (key, shard))
    }
}

//! Answers kept for conditional requests. On GitHub a 304 costs nothing.

use std::collections::HashMap;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// An answer that can be asked for again with `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedAnswer {
    /// The validator, as the server sent it.
    pub etag: String,
    /// The body.
    pub body: String,
    /// The `Link` header, which holds the address of the next page.
    pub link: Option<String>,
}

/// A bounded store of answers by URL and credential. In memory; a caller that
/// wants it to survive a restart writes [`EtagCache::export`] somewhere and
/// gives it back with [`EtagCache::import`].
#[derive(Debug)]
pub struct EtagCache {
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: HashMap<String, (u64, CachedAnswer)>,
    bytes: usize,
    /// Grows with each use; the smallest is the one unused for longest.
    tick: u64,
}

impl EtagCache {
    /// A cache that holds at most `limit` bytes of bodies.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: Mutex::default(),
        }
    }

    /// The answer kept for a key.
    pub fn get(&self, key: &str) -> Option<CachedAnswer> {
        let mut kept = self.kept.lock();
        kept.tick += 1;
        let tick = kept.tick;
        let (used, answer) = kept.answers.get_mut(key)?;
        *used = tick;
        Some(answer.clone())
    }

    /// Keeps an answer, making room by dropping those unused for longest. An
    /// answer larger than an eighth of the cache is not kept.
    pub fn put(&self, key: &str, answer: CachedAnswer) {
        let size = size(key, &answer);
        if size > self.limit / 8 {
            return;
        }
        let mut kept = self.kept.lock();
        kept.tick += 1;
        let tick = kept.tick;
        if let Some((_, old)) = kept.answers.insert(key.to_owned(), (tick, answer)) {
            kept.bytes = kept.bytes.saturating_sub(self::size(key, &old));
        }
        kept.bytes += size;
        if kept.bytes > self.limit {
            kept.shrink(self.limit - self.limit / 4);
        }
    }

    /// Everything kept, to be stored by the caller.
    pub fn export(&self) -> Vec<(String, CachedAnswer)> {
        let kept = self.kept.lock();
        let mut all: Vec<(String, CachedAnswer)> = kept
            .answers
            .iter()
            .map(|(key, (_, answer))| (key.clone(), answer.clone()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Takes over what [`EtagCache::export`] gave.
    pub fn import(&self, answers: impl IntoIterator<Item = (String, CachedAnswer)>) {
        for (key, answer) in answers {
            self.put(&key, answer);
        }
    }
}

impl Default for EtagCache {
    /// 64 MiB.
    fn default() -> Self {
        Self::new(64 * 1024 * 1024)
    }
}

impl Kept {
    fn shrink(&mut self, target: usize) {
        let mut by_use: Vec<(u64, String)> = self
            .answers
            .iter()
            .map(|(key, (used, _))| (*used, key.clone()))
            .collect();
        by_use.sort_unstable();
        for (_, key) in by_use {
            if self.bytes <= target {
                break;
            }
            if let Some((_, answer)) = self.answers.remove(&key) {
                self.bytes = self.bytes.saturating_sub(size(&key, &answer));
            }
        }
    }
}

fn size(key: &str, answer: &CachedAnswer) -> usize {
    key.len() + answer.body.len() + answer.etag.len() + answer.link.as_ref().map_or(0, String::len)
}

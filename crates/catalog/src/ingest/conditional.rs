//! Files of plain web hosts, kept so that asking for an unchanged one costs a
//! 304 and nothing is parsed again.

use std::collections::HashMap;

use bytes::Bytes;
use forge::http::{Request, Response};
use parking_lot::Mutex;

/// Bytes of bodies that are kept.
const LIMIT: usize = 32 * 1024 * 1024;

/// A file as it was last answered.
#[derive(Clone, Debug)]
pub(crate) struct KeptPage {
    /// `ETag`.
    pub(crate) etag: Option<String>,
    /// `Last-Modified`.
    modified: Option<String>,
    /// The body.
    pub(crate) body: Bytes,
}

/// The files of all sources by URL. In memory: after a start each is read in
/// full once.
#[derive(Debug, Default)]
pub(crate) struct KeptPages(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    pages: HashMap<String, (u64, KeptPage)>,
    bytes: usize,
    /// Grows with each use; the smallest is the one unused for longest.
    tick: u64,
}

impl KeptPages {
    /// The file last read from a URL.
    pub(crate) fn get(&self, url: &str) -> Option<KeptPage> {
        let mut kept = self.0.lock();
        kept.tick += 1;
        let tick = kept.tick;
        let (used, page) = kept.pages.get_mut(url)?;
        *used = tick;
        Some(page.clone())
    }

    /// Keeps an answer that can be asked for again with a condition.
    pub(crate) fn put(&self, url: &str, answer: &Response) {
        let header = |name| answer.header(name).map(str::to_owned);
        let page = KeptPage {
            etag: header("etag"),
            modified: header("last-modified"),
            body: answer.body.clone(),
        };
        let mut kept = self.0.lock();
        kept.forget(url);
        if page.body.len() > LIMIT / 4 || (page.etag.is_none() && page.modified.is_none()) {
            return;
        }
        kept.tick += 1;
        kept.bytes += page.body.len();
        let tick = kept.tick;
        kept.pages.insert(url.to_owned(), (tick, page));
        while kept.bytes > LIMIT
            && let Some(oldest) = kept
                .pages
                .iter()
                .min_by_key(|(_, (used, _))| *used)
                .map(|(url, _)| url.clone())
        {
            kept.forget(&oldest);
        }
    }
}

impl Kept {
    fn forget(&mut self, url: &str) {
        if let Some((_, page)) = self.pages.remove(url) {
            self.bytes = self.bytes.saturating_sub(page.body.len());
        }
    }
}

impl KeptPage {
    /// Asks only for what differs from this.
    pub(crate) fn condition(&self, request: Request) -> Request {
        match (&self.etag, &self.modified) {
            (Some(etag), _) => request.header("if-none-match", etag),
            (None, Some(modified)) => request.header("if-modified-since", modified),
            (None, None) => request,
        }
    }
}

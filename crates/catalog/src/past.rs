//! Time travel: the catalog as it was, asked with the same questions.

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use parking_lot::{Mutex, RwLockReadGuard};
use platform::error::ApiError;
use platform::request::Call;
use platform::store::StoreError;
use serde_json::Value;

use crate::engine::Catalog;
use crate::index::Index;
use crate::read_model::document;
use crate::store::{Store, StoredDocument};

/// Documents read at a time.
const PAGE: i64 = 2_000;

/// The index that a question is about: now, or at some time.
pub(crate) enum IndexView<'a> {
    Live(RwLockReadGuard<'a, Index>),
    Past(Arc<Index>),
}

impl Deref for IndexView<'_> {
    type Target = Index;

    fn deref(&self) -> &Index {
        match self {
            Self::Live(index) => index,
            Self::Past(index) => index,
        }
    }
}

/// The last past that somebody looked at: people page through one moment.
#[derive(Debug, Default)]
pub(crate) struct Past {
    kept: Mutex<Option<(Timestamp, Arc<Index>)>>,
    /// Held while a past is built: it takes as much memory as the present, so
    /// however many ask at once, one is built at a time.
    building: tokio::sync::Mutex<()>,
}

impl Past {
    async fn at(
        &self,
        store: &Store,
        kinds: &Kinds,
        at: Timestamp,
    ) -> Result<Arc<Index>, StoreError> {
        if let Some(index) = self.kept_of(at) {
            return Ok(index);
        }
        let _turn = self.building.lock().await;
        // Whoever had the turn before may have wanted the same.
        if let Some(index) = self.kept_of(at) {
            return Ok(index);
        }
        // Makes room first.
        *self.kept.lock() = None;
        let index = Arc::new(load(store, kinds, at).await?);
        *self.kept.lock() = Some((at, Arc::clone(&index)));
        Ok(index)
    }

    fn kept_of(&self, at: Timestamp) -> Option<Arc<Index>> {
        let kept = self.kept.lock();
        let (_, index) = kept.as_ref().filter(|(time, _)| *time == at)?;
        Some(Arc::clone(index))
    }
}

async fn load(store: &Store, kinds: &Kinds, at: Timestamp) -> Result<Index, StoreError> {
    let mut index = Index::new();
    let mut last = String::new();
    loop {
        let page = store.documents_at(at, &last, PAGE).await?;
        let full = page.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        let Some((name, ..)) = page.last() else { break };
        last.clone_from(name);
        for (name, doc, changed) in page {
            let (Ok(entity_ref), Some(doc)) = (EntityRef::parse(&name, None, None), doc) else {
                continue;
            };
            let json: Value = serde_json::from_str(&doc).unwrap_or_default();
            let text = |pointer: &str| {
                json.pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            let stored = StoredDocument {
                uid: text("/metadata/uid"),
                etag: text("/metadata/etag"),
                status: None,
                orphan: false,
                doc,
                changed,
            };
            if let Some(document) = document(kinds, &entity_ref, stored) {
                // The text was an object when it was stored.
                let _ = index.upsert(document);
            }
        }
        if !full {
            break;
        }
    }
    Ok(index)
}

impl Catalog {
    /// The index that a request asks for: `?at=<time>` or now.
    pub(crate) async fn index_for(&self, call: &Call) -> Result<IndexView<'_>, ApiError> {
        match call.query.get("at") {
            None => Ok(IndexView::Live(self.model.index())),
            Some(text) => {
                let at = time_in(text)?;
                Ok(IndexView::Past(
                    self.past.at(&self.store, self.model.kinds(), at).await?,
                ))
            }
        }
    }
}

/// A moment as people write it: RFC 3339, or a date.
pub(crate) fn time_in(text: &str) -> Result<Timestamp, ApiError> {
    text.parse::<Timestamp>()
        .or_else(|_| format!("{text}T00:00:00Z").parse::<Timestamp>())
        .map_err(|_| {
            ApiError::input(format!("request/query/at is not a time: {text:?}"))
                .accepted("RFC 3339 such as 2026-11-21T10:00:00Z, or a date such as 2026-11-21")
        })
}

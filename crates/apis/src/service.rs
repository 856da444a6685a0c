//! Definitions of the catalog's APIs, read once.

use std::collections::VecDeque;
use std::sync::Arc;

use catalog::{Catalog, HistoryEntry, visible_to};
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use parking_lot::Mutex;
use platform::actor::Caller;
use platform::error::ApiError;
use serde_json::Value;

use crate::doc::ApiDoc;
use crate::read::read;

/// Definitions that are kept, and bytes of their texts.
const MAX_KEPT: usize = 64;
const MAX_KEPT_BYTES: usize = 48_000_000;
/// Larger definitions are read beside the threads that answer requests.
const SMALL: usize = 32_000;
/// Versions that are looked through for an earlier definition.
const MAX_LOOKED: usize = 20;
/// Versions that can be chosen.
pub(crate) const MAX_VERSIONS: i64 = 200;

/// A definition, or why there is none.
pub(crate) type Read = Result<ApiDoc, Vec<Diagnostic>>;

/// A definition as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// `spec.type`.
    pub(crate) spec_type: String,
    /// `spec.definition`.
    pub(crate) text: String,
}

impl Written {
    /// The definition of an entity; empty where it has none.
    pub(crate) fn of(entity: &Value) -> Self {
        let text = |pointer| {
            let found = entity.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_default().to_owned()
        };
        Self {
            spec_type: text("/spec/type"),
            text: text("/spec/definition"),
        }
    }
}

struct Kept {
    written: Arc<Written>,
    read: Arc<Read>,
}

/// Reads the definitions of the catalog's APIs and keeps what it has read.
#[derive(Clone)]
pub struct Apis {
    catalog: Catalog,
    kept: Arc<Mutex<VecDeque<Kept>>>,
}

impl std::fmt::Debug for Apis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Apis").finish_non_exhaustive()
    }
}

impl Apis {
    /// The APIs of a catalog.
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            catalog: catalog.clone(),
            kept: Arc::default(),
        }
    }

    /// Reads a definition, or remembers what it has read.
    pub(crate) async fn read(&self, written: Written) -> Arc<Read> {
        let known = {
            let kept = self.kept.lock();
            let found = kept.iter().find(|kept| *kept.written == written);
            found.map(|kept| Arc::clone(&kept.read))
        };
        if let Some(known) = known {
            return known;
        }
        let written = Arc::new(written);
        let result = if written.text.len() <= SMALL {
            read(&written.spec_type, &written.text)
        } else {
            let written = Arc::clone(&written);
            tokio::task::spawn_blocking(move || read(&written.spec_type, &written.text))
                .await
                .unwrap_or_else(|_| {
                    Err(vec![Diagnostic::error(
                        "api-unreadable",
                        "the definition could not be read; the log says more",
                    )])
                })
        };
        let found = Arc::new(result);
        self.keep(written, Arc::clone(&found));
        found
    }

    fn keep(&self, written: Arc<Written>, read: Arc<Read>) {
        let mut kept = self.kept.lock();
        kept.push_front(Kept { written, read });
        let mut bytes = 0;
        let fits = |kept: &Kept| {
            bytes += kept.written.text.len();
            bytes <= MAX_KEPT_BYTES
        };
        let count = kept.iter().map(fits).take_while(|fits| *fits).count();
        kept.truncate(count.min(MAX_KEPT));
    }

    /// The document of an API that the caller may see.
    pub(crate) fn entity(
        &self,
        caller: &Caller,
        entity_ref: &EntityRef,
    ) -> Result<Value, ApiError> {
        let index = self.catalog.model().index();
        let visible = visible_to(caller);
        let entity = index
            .get(entity_ref)
            .filter(|_| visible.is_none_or(|visible| index.matches(entity_ref, &visible)));
        entity.map(|entity| entity.to_value()).ok_or_else(|| {
            ApiError::not_found(format!("No API {entity_ref}"))
                .accepted("namespace and name of an API that the catalog has")
        })
    }

    /// The versions of an entity, newest first.
    pub(crate) async fn versions(
        &self,
        entity_ref: &EntityRef,
    ) -> Result<Vec<HistoryEntry>, ApiError> {
        Ok(self
            .catalog
            .store()
            .history(entity_ref, MAX_VERSIONS)
            .await?)
    }

    /// What one version had written.
    pub(crate) async fn version(
        &self,
        entity_ref: &EntityRef,
        version: i64,
    ) -> Result<Written, ApiError> {
        let found = self.catalog.store().version(entity_ref, version).await?;
        let found = found.ok_or_else(|| {
            ApiError::not_found(format!("{entity_ref} has no version {version}"))
                .accepted("a version that its history lists")
        })?;
        let doc: Value = found
            .doc
            .and_then(|doc| serde_json::from_str(&doc).ok())
            .unwrap_or_default();
        Ok(Written::of(&doc))
    }

    /// The newest version before `to` with another definition; `to` itself
    /// when there is none among the last ones.
    pub(crate) async fn earlier(
        &self,
        entity_ref: &EntityRef,
        to: i64,
        versions: &[HistoryEntry],
    ) -> Result<i64, ApiError> {
        let now = self.version(entity_ref, to).await?;
        let before = versions
            .iter()
            .filter(|entry| entry.version < to && entry.change != "deleted");
        for entry in before.take(MAX_LOOKED) {
            if self.version(entity_ref, entry.version).await? != now {
                return Ok(entry.version);
            }
        }
        Ok(to)
    }
}

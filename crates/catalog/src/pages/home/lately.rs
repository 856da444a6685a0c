//! What the home page asks the database, kept as long as the answer holds:
//! everybody opens this page, and most of it is the same for all of them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use parking_lot::Mutex;
use platform::event::{Event, EventFilter};
use platform::store::StoreError;

use crate::engine::Catalog;
use crate::events::ENTITY_PREFIX;
use crate::source::Source;
use crate::store::{ConflictRow, HistoryEntry};

/// Events that are looked through: what is older is not lately.
const MAX_LOOKED: usize = 500;
/// Entities whose latest version is kept.
const MAX_VERSIONS: usize = 2_000;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(in super::super) struct Lately {
    changes: Latest<i64, Vec<Event>>,
    trouble: Latest<State, Trouble>,
    versions: Latest<i64, Mutex<HashMap<EntityRef, Option<HistoryEntry>>>>,
}

/// When each source was read last, and the last event: what is wrong with
/// sources changes with one of them.
type State = (Vec<(String, Option<Timestamp>)>, i64);

/// What is wrong with the sources.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) conflicts: Vec<ConflictRow>,
    /// Problems by source, without notes.
    pub(super) problems: HashMap<String, u64>,
    /// Documents of which no entity could be made, by source.
    pub(super) unread: HashMap<String, u64>,
}

/// The answer for the latest state that somebody asked about.
#[derive(Debug)]
struct Latest<K, T>(Mutex<Option<(K, Arc<T>)>>);

impl<K, T> Default for Latest<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, T> Latest<K, T> {
    /// The kept answer, or a new one. Two readers may both ask; nobody waits
    /// for the other.
    async fn of<E>(&self, state: K, ask: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E> {
        if let Some((known, answer)) = &*self.0.lock()
            && *known == state
        {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(ask.await?);
        *self.0.lock() = Some((state, Arc::clone(&answer)));
        Ok(answer)
    }
}

impl Lately {
    /// The latest events of entities, the newest first.
    pub(super) async fn changes(&self, catalog: &Catalog) -> Result<Arc<Vec<Event>>, StoreError> {
        let filter = EventFilter {
            type_prefix: Some(ENTITY_PREFIX.to_owned()),
            subject: None,
        };
        let seq = catalog.model.applied();
        let ask = catalog
            .log
            .before(seq.saturating_add(1), &filter, MAX_LOOKED);
        self.changes.of(seq, ask).await
    }

    /// What is wrong with these sources, which are all of them.
    pub(super) async fn trouble(
        &self,
        catalog: &Catalog,
        sources: &[Source],
    ) -> Result<Arc<Trouble>, StoreError> {
        let read = sources
            .iter()
            .map(|source| (source.id.clone(), source.state.last_attempt_at));
        let state = (read.collect(), catalog.model.applied());
        let ask = async {
            Ok(Trouble {
                conflicts: catalog.store.conflicts(None).await?,
                problems: catalog.store.problem_counts().await?,
                unread: catalog.store.unread_counts().await?,
            })
        };
        self.trouble.of(state, ask).await
    }

    /// The latest version of an entity.
    pub(super) async fn version(
        &self,
        catalog: &Catalog,
        entity_ref: &EntityRef,
    ) -> Result<Option<HistoryEntry>, StoreError> {
        let seq = catalog.model.applied();
        let nothing_yet = async { Ok::<_, StoreError>(Mutex::default()) };
        let known = self.versions.of(seq, nothing_yet).await?;
        if let Some(entry) = known.lock().get(entity_ref) {
            return Ok(entry.clone());
        }
        let latest = catalog.store.history(entity_ref, 1).await?;
        let entry = latest.into_iter().next();
        let mut known = known.lock();
        if known.len() < MAX_VERSIONS {
            known.insert(entity_ref.clone(), entry.clone());
        }
        Ok(entry)
    }
}

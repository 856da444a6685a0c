//! The read model: every entity in memory, indexed for lists, facets and
//! graphs. It is derived from the tables and kept fresh by the event log, so
//! each replica has its own and any may be thrown away.

use std::sync::Arc;
use std::time::Duration;

use model::entity::Entity;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use parking_lot::{RwLock, RwLockReadGuard};
use platform::event::{EventFilter, EventLog};
use platform::store::StoreError;
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::events::ENTITY_PREFIX;
use crate::index::{Document, Index};
use crate::store::{Store, StoredDocument};

/// Documents loaded at a time, and events followed at a time: what is parsed at
/// once bounds memory while much comes in.
const PAGE: usize = 500;
/// What every list is sorted or searched by.
const WARM: [&str; 4] = [
    "metadata.name",
    "metadata.title",
    "metadata.description",
    "kind",
];
/// How long [`ReadModel::caught_up`] waits for a write to become readable.
const PATIENCE: Duration = Duration::from_secs(30);

/// Entities in memory, with the sequence number of the last event applied.
#[derive(Debug)]
pub struct ReadModel {
    store: Store,
    log: EventLog,
    kinds: Arc<Kinds>,
    index: RwLock<Index>,
    applied: watch::Sender<i64>,
}

impl ReadModel {
    /// Reads everything from the database.
    pub async fn load(
        store: Store,
        log: EventLog,
        kinds: Arc<Kinds>,
    ) -> Result<Arc<Self>, StoreError> {
        // Taken first: what changes while loading is applied again, which does no harm.
        let seq = log.latest_seq().await?;
        let model = Arc::new(Self {
            store,
            log,
            kinds,
            index: RwLock::new(Index::new()),
            applied: watch::Sender::new(seq),
        });
        let mut last = String::new();
        loop {
            let page = model.store.documents_after(&last, PAGE).await?;
            let Some((entity_ref, _)) = page.last() else {
                break;
            };
            last = entity_ref.as_str().to_owned();
            let full = page.len() == PAGE;
            model
                .apply(
                    page.into_iter()
                        .map(|(entity_ref, stored)| (entity_ref, Some(stored)))
                        .collect(),
                )
                .await;
            if !full {
                break;
            }
        }
        // Made on first use otherwise, by whoever is unlucky.
        model.index().warm(&WARM);
        Ok(model)
    }

    /// The index, for reading. Must not be held across an await.
    pub fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read()
    }

    /// An entity as a value, as the API sends it.
    pub fn entity_json(&self, entity_ref: &EntityRef) -> Option<Value> {
        self.index().get(entity_ref).map(|entity| entity.to_value())
    }

    /// The kinds that documents are read with.
    pub fn kinds(&self) -> &Arc<Kinds> {
        &self.kinds
    }

    /// The sequence number of the last event that is visible here.
    pub fn applied(&self) -> i64 {
        *self.applied.borrow()
    }

    /// Changes with every batch of events that becomes visible here.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.applied.subscribe()
    }

    /// Waits until the event `seq` is visible here; `false` after 30 seconds.
    pub async fn caught_up(&self, seq: i64) -> bool {
        let mut applied = self.applied.subscribe();
        tokio::time::timeout(PATIENCE, applied.wait_for(|applied| *applied >= seq))
            .await
            .is_ok_and(|done| done.is_ok())
    }

    /// Follows the event log until told to stop.
    pub async fn follow(self: Arc<Self>, stop: CancellationToken) {
        let mut wake = self.log.subscribe();
        loop {
            match self.catch_up().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "The read model could not follow the event log: {error}")
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = wake.changed() => {
                    // The store is closing.
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Applies one batch of events; `true` when there may be more.
    async fn catch_up(&self) -> Result<bool, StoreError> {
        let events = self
            .log
            .after(self.applied(), &EventFilter::default(), PAGE)
            .await?;
        let Some(last) = events.last().map(|event| event.seq) else {
            return Ok(false);
        };
        let mut refs: Vec<EntityRef> = events
            .iter()
            .filter(|event| event.kind.starts_with(ENTITY_PREFIX))
            .filter_map(|event| EntityRef::parse(&event.subject, None, None).ok())
            .collect();
        refs.sort();
        refs.dedup();
        if !refs.is_empty() {
            let mut found = self.store.documents(&refs).await?;
            let changes = refs
                .into_iter()
                .map(|entity_ref| (entity_ref.clone(), found.remove(&entity_ref)))
                .collect();
            self.apply(changes).await;
        }
        self.applied.send_replace(last);
        Ok(true)
    }

    /// Puts documents in and takes out those that are gone. Parsing happens
    /// outside the lock; readers wait for the insertion only.
    async fn apply(&self, changes: Vec<(EntityRef, Option<StoredDocument>)>) {
        let kinds = Arc::clone(&self.kinds);
        let ready = tokio::task::spawn_blocking(move || {
            changes
                .into_iter()
                .map(|(entity_ref, stored)| {
                    let document = stored.and_then(|stored| document(&kinds, &entity_ref, stored));
                    (entity_ref, document)
                })
                .collect::<Vec<_>>()
        })
        .await
        .unwrap_or_default();
        let mut ready = ready.into_iter().peekable();
        while ready.peek().is_some() {
            // Short turns, so that readers never wait long.
            let mut index = self.index.write();
            for (entity_ref, document) in ready.by_ref().take(200) {
                match document.map(|document| index.upsert(document)) {
                    None => {
                        index.remove(&entity_ref);
                    }
                    Some(Err(error)) => {
                        tracing::error!(%error, "A stored entity could not be indexed: {error}")
                    }
                    Some(Ok(_)) => {}
                }
            }
        }
    }
}

/// What the index keeps of a stored entity.
pub(crate) fn document(
    kinds: &Kinds,
    entity_ref: &EntityRef,
    stored: StoredDocument,
) -> Option<Document> {
    let mut json: Value = serde_json::from_str(&stored.doc).ok()?;
    if stored.orphan
        && let Some(annotations) = json
            .pointer_mut("/metadata/annotations")
            .and_then(Value::as_object_mut)
    {
        annotations.insert("backstage.io/orphan".into(), "true".into());
    }
    let entity = Entity::from_json(json).ok()?;
    // A ref that cannot be read was reported when the entity was stored.
    let relations = kinds.relations(&entity).unwrap_or_default();
    Some(Document {
        entity_ref: entity_ref.clone(),
        uid: Uuid::parse_str(&stored.uid).ok()?,
        etag: stored.etag,
        json: entity.into_json().to_string().into_boxed_str(),
        relations,
        status: stored.status.map(String::into_boxed_str),
        changed: stored.changed,
    })
}

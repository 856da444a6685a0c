//! Turns candidates into changes and writes each batch in one transaction:
//! rows, versions and events together.

use model::diagnostic::Diagnostic;
use model::entity::Entity;
use model::entity_ref::EntityRef;
use parking_lot::Mutex;
use platform::actor::Actor;
use platform::controller::JobContext;
use platform::store::StoreError;
use serde_json::Value;
use sha1::{Digest, Sha1};
use uuid::Uuid;

use super::digest::{Candidate, status_of};
use crate::changes::changed_fields;
use crate::source::Source;
use crate::store::{Change, ChangeKind, EntityRow, Outcome, Place, SbomReading, Store, Tally};

/// Writes the results of one refresh.
pub(crate) struct Writer<'a> {
    store: &'a Store,
    source: Source,
    actor: &'a Actor,
    /// Commits only while this refresh holds its lease.
    job: &'a JobContext,
    /// What was done so far.
    tally: Mutex<Tally>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(
        store: &'a Store,
        source: Source,
        actor: &'a Actor,
        job: &'a JobContext,
    ) -> Self {
        Self {
            store,
            source,
            actor,
            job,
            tally: Mutex::default(),
        }
    }

    /// Stores entities that were read, next to their rows where they have one.
    pub(crate) async fn documents(
        &self,
        mut batch: Vec<(Candidate, Option<EntityRow>)>,
    ) -> Result<Option<i64>, StoreError> {
        let sboms = self.changed_sboms(&mut batch).await?;
        let new: Vec<EntityRef> = batch
            .iter()
            .filter(|(_, row)| row.is_none())
            .map(|(candidate, _)| candidate.entity_ref.clone())
            .collect();
        let mut versions = self.store.last_versions(&new).await?;
        let changed: Vec<EntityRef> = batch
            .iter()
            .filter(|(candidate, row)| {
                row.as_ref()
                    .is_some_and(|row| row.etag != etag_of(&candidate.entity))
            })
            .map(|(candidate, _)| candidate.entity_ref.clone())
            .collect();
        let mut before = self.store.documents(&changed).await?;
        let changes: Vec<Change> = batch
            .into_iter()
            .filter_map(|(candidate, row)| {
                let last = versions.remove(&candidate.entity_ref).unwrap_or(0);
                let old = before
                    .remove(&candidate.entity_ref)
                    .map(|document| document.doc);
                self.change(candidate, row, last, old)
            })
            .collect();
        self.commit(changes, sboms).await
    }

    /// The entities of which an SBOM is new, or is no longer named.
    async fn changed_sboms(
        &self,
        batch: &mut [(Candidate, Option<EntityRow>)],
    ) -> Result<Vec<(EntityRef, Vec<SbomReading>)>, StoreError> {
        let known: Vec<EntityRef> = batch
            .iter()
            .filter(|(_, row)| row.is_some())
            .map(|(candidate, _)| candidate.entity_ref.clone())
            .collect();
        let stored = self.store.sbom_places(&known).await?;
        let mut changed = Vec::new();
        for (candidate, _) in batch {
            let readings = std::mem::take(&mut candidate.sboms);
            let mut before = stored
                .get(candidate.entity_ref.as_str())
                .into_iter()
                .flatten();
            let gone =
                before.any(|place| !readings.iter().any(|reading| reading.location == *place));
            if gone || readings.iter().any(SbomReading::is_new) {
                changed.push((candidate.entity_ref.clone(), readings));
            }
        }
        Ok(changed)
    }

    fn change(
        &self,
        candidate: Candidate,
        row: Option<EntityRow>,
        last: i64,
        old: Option<String>,
    ) -> Option<Change> {
        let etag = etag_of(&candidate.entity);
        let status = status_of(&candidate.remarks);
        let place = Place {
            source_id: self.source.id.clone(),
            location: candidate.location,
            line: candidate.line,
            column: candidate.column,
            parent: candidate.parent,
            revision: candidate.revision,
        };
        let entity_ref = candidate.entity_ref;
        let fresh = |uid: String, version: i64, created_at, updated_at| EntityRow {
            entity_ref: entity_ref.clone(),
            uid,
            etag: etag.clone(),
            version,
            place: place.clone(),
            status: status.clone(),
            orphan: false,
            created_at,
            updated_at,
        };
        let kind = match row {
            None => {
                let row = fresh(
                    Uuid::new_v4().to_string(),
                    last + 1,
                    jiff::Timestamp::UNIX_EPOCH,
                    jiff::Timestamp::UNIX_EPOCH,
                );
                let doc = stored_form(candidate.entity, &row.uid, &etag);
                ChangeKind::Document {
                    before: None,
                    was: None,
                    row: Box::new(row),
                    doc: doc.to_string(),
                    changed: Vec::new(),
                }
            }
            Some(was) if was.etag != etag => {
                let row = fresh(
                    was.uid.clone(),
                    was.version + 1,
                    was.created_at,
                    was.updated_at,
                );
                let doc = stored_form(candidate.entity, &row.uid, &etag);
                let changed = old
                    .and_then(|old| serde_json::from_str::<Value>(&old).ok())
                    .map(|old| changed_fields(&old, &doc))
                    .unwrap_or_default();
                ChangeKind::Document {
                    before: Some(was.version),
                    was: Some(was.etag),
                    row: Box::new(row),
                    doc: doc.to_string(),
                    changed,
                }
            }
            Some(was) => {
                let announce = was.status != status || was.orphan;
                if !announce && was.place == place {
                    return None;
                }
                let row = fresh(was.uid.clone(), was.version, was.created_at, was.updated_at);
                ChangeKind::Bookkeeping {
                    row: Box::new(row),
                    announce,
                }
            }
        };
        Some(Change { entity_ref, kind })
    }

    /// Leaves entities as they are and says on each why it may be old.
    pub(crate) async fn keep(
        &self,
        rows: Vec<(EntityRow, Diagnostic)>,
    ) -> Result<Option<i64>, StoreError> {
        let changes = rows
            .into_iter()
            .filter_map(|(row, problem)| remark(row, &problem, false))
            .collect();
        self.commit(changes, Vec::new()).await
    }

    /// Removes entities, and marks those that wait for a person's word.
    pub(crate) async fn remove(
        &self,
        removed: Vec<EntityRow>,
        waiting: Vec<EntityRow>,
    ) -> Result<Option<i64>, StoreError> {
        let mut changes: Vec<Change> = removed
            .into_iter()
            .map(|row| Change {
                entity_ref: row.entity_ref,
                kind: ChangeKind::Deletion {
                    version: row.version + 1,
                    revision: row.place.revision,
                    reason: "gone at its source",
                },
            })
            .collect();
        for row in waiting {
            let problem = Diagnostic::warning(
                "gone-at-source",
                format!(
                    "{} is no longer declared at {}",
                    row.entity_ref, row.place.location
                ),
            )
            .fixed_by("confirm the deletion on the source's page, or put the declaration back");
            changes.extend(remark(row, &problem, true));
        }
        self.commit(changes, Vec::new()).await
    }

    async fn commit(
        &self,
        changes: Vec<Change>,
        sboms: Vec<(EntityRef, Vec<SbomReading>)>,
    ) -> Result<Option<i64>, StoreError> {
        if changes.is_empty() && sboms.is_empty() {
            return Ok(None);
        }
        let mut tx = self.job.begin().await?;
        let cause = format!("source:{}", self.source.id);
        let last = self
            .store
            .write(&mut tx, &changes, self.actor, Some(&cause))
            .await?;
        for change in &changes {
            if matches!(change.kind, ChangeKind::Deletion { .. }) {
                self.wake_claimants(&mut tx, &change.entity_ref).await?;
            }
        }
        for (entity_ref, readings) in &sboms {
            self.store
                .write_sboms(&mut tx, entity_ref, readings, self.actor, &cause)
                .await?;
        }
        tx.commit().await?;
        self.count(&changes);
        Ok(last)
    }

    fn count(&self, changes: &[Change]) {
        let mut tally = self.tally.lock();
        for change in changes {
            match change.kind {
                ChangeKind::Document { before: None, .. } => tally.created += 1,
                ChangeKind::Document { .. } => tally.updated += 1,
                ChangeKind::Deletion { .. } => tally.deleted += 1,
                ChangeKind::Bookkeeping { .. } => {}
            }
        }
    }

    /// A ref has become free: whoever wanted it may have it now.
    async fn wake_claimants(
        &self,
        tx: &mut platform::store::Tx,
        entity_ref: &EntityRef,
    ) -> Result<(), StoreError> {
        for source_id in self.store.claimants(tx, entity_ref).await? {
            tx.enqueue(
                self.store
                    .refresh_job(source_id, format!("{entity_ref} has become free")),
            );
        }
        Ok(())
    }

    /// Writes the state of the source itself.
    pub(crate) async fn finish(&self, outcome: &Outcome) -> Result<Option<i64>, StoreError> {
        let mut tx = self.job.begin().await?;
        self.store
            .finish_refresh(&mut tx, &self.source, outcome, self.actor)
            .await?;
        let tally = *self.tally.lock();
        self.store
            .note_refresh(&mut tx, &self.source, (outcome, tally), self.actor)
            .await?;
        tx.commit().await?;
        Ok(None)
    }
}

fn remark(mut row: EntityRow, problem: &Diagnostic, orphan: bool) -> Option<Change> {
    let status = status_of(std::slice::from_ref(problem));
    if row.status == status && row.orphan == orphan {
        return None;
    }
    row.status = status;
    row.orphan = orphan;
    Some(Change {
        entity_ref: row.entity_ref.clone(),
        kind: ChangeKind::Bookkeeping {
            row: Box::new(row),
            announce: true,
        },
    })
}

/// The digest of a document as its author and its place made it.
pub(crate) fn etag_of(entity: &Entity) -> String {
    hex::encode(Sha1::digest(
        serde_json::to_string(entity.as_object())
            .unwrap_or_default()
            .as_bytes(),
    ))
}

/// Adds the two fields that the catalog gives every entity.
fn stored_form(entity: Entity, uid: &str, etag: &str) -> Value {
    let mut json = entity.into_json();
    if let Some(metadata) = json.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("uid".into(), uid.into());
        metadata.insert("etag".into(), etag.into());
    }
    json
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("source", &self.source.id)
            .finish_non_exhaustive()
    }
}

//! Entities as they are now, written together with their version and event.

use std::collections::{BTreeSet, HashMap};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::actor::Actor;
use platform::args;
use platform::event::{NewEvent, Outcome};
use platform::store::{Arg, Row, Sql, StoreError, Tx};
use serde::Serialize;
use serde_json::{Value, json};

use super::Store;
use super::sources::time;
use crate::events;

/// How many refs one `IN (...)` asks for: far below both databases' limits.
pub(super) const BATCH: usize = 500;

/// Where an entity is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The source that holds it.
    pub source_id: String,
    /// `file:<path>` or `url:<address>`.
    pub location: String,
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
    /// The Location entity that led to it; none for what a source reads first.
    pub parent: Option<EntityRef>,
    /// The commit it was read at, where there is one.
    pub revision: Option<String>,
}

/// The bookkeeping of one entity, without its document.
#[derive(Clone, Debug)]
pub struct EntityRow {
    /// Whose row it is.
    pub entity_ref: EntityRef,
    /// Stable while the entity exists.
    pub uid: String,
    /// Digest of the document.
    pub etag: String,
    /// 1 for the first; continues after a deletion.
    pub version: i64,
    /// Where it is declared.
    pub place: Place,
    /// Backstage's `status` object as JSON text, when there is something to say.
    pub status: Option<String>,
    /// No longer declared, but kept.
    pub orphan: bool,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When its document last changed.
    pub updated_at: Timestamp,
}

/// An entity with its current document, for the read model.
#[derive(Clone, Debug)]
pub(crate) struct StoredDocument {
    pub(crate) uid: String,
    pub(crate) etag: String,
    pub(crate) status: Option<String>,
    pub(crate) orphan: bool,
    pub(crate) doc: String,
    /// Microseconds since 1970.
    pub(crate) changed: i64,
}

/// One thing to write about one entity.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) entity_ref: EntityRef,
    pub(crate) kind: ChangeKind,
}

#[derive(Clone, Debug)]
pub(crate) enum ChangeKind {
    /// A new document, of a new entity (`before` is `None`) or a known one.
    Document {
        before: Option<i64>,
        /// The digest of the document before.
        was: Option<String>,
        row: Box<EntityRow>,
        doc: String,
        changed: Vec<String>,
    },
    /// The same document, declared elsewhere or with other remarks.
    Bookkeeping { row: Box<EntityRow>, announce: bool },
    /// Gone.
    Deletion {
        version: i64,
        revision: Option<String>,
        reason: &'static str,
    },
}

impl Store {
    /// The rows of these refs, where they exist.
    pub(crate) async fn rows(
        &self,
        refs: &[EntityRef],
    ) -> Result<HashMap<EntityRef, EntityRow>, StoreError> {
        let mut found = HashMap::with_capacity(refs.len());
        for chunk in refs.chunks(BATCH) {
            let sql = format!("{ROWS} WHERE ref IN ({})", placeholders(chunk.len()));
            for row in self.db.read(Sql::assembled(sql), texts(chunk)).await? {
                let row = row_from(&row)?;
                found.insert(row.entity_ref.clone(), row);
            }
        }
        Ok(found)
    }

    /// The bookkeeping of one entity.
    pub async fn row(&self, entity_ref: &EntityRef) -> Result<Option<EntityRow>, StoreError> {
        Ok(self
            .rows(std::slice::from_ref(entity_ref))
            .await?
            .remove(entity_ref))
    }

    /// The references of everything that a source declares, sorted.
    pub async fn refs_of_source(&self, source_id: &str) -> Result<Vec<EntityRef>, StoreError> {
        let rows = self.rows_of_source(source_id).await?;
        Ok(rows.into_iter().map(|row| row.entity_ref).collect())
    }

    /// Every row of a source.
    pub(crate) async fn rows_of_source(
        &self,
        source_id: &str,
    ) -> Result<Vec<EntityRow>, StoreError> {
        let sql = format!("{ROWS} WHERE source_id = $1 ORDER BY ref");
        self.db
            .read(Sql::assembled(sql), args![source_id])
            .await?
            .iter()
            .map(row_from)
            .collect()
    }

    /// The rows of a source that `doubtful` picks by ref, location and orphan
    /// mark, and how many rows there are in all besides Locations that stand at
    /// `listing`. Asked about are Locations, orphans, and what stands at a place
    /// that is not `unchanged`: a source that has hardly changed is hardly read.
    pub(crate) async fn doubtful_rows(
        &self,
        source_id: &str,
        listing: &str,
        unchanged: impl Fn(&str) -> bool + Send,
        doubtful: impl Fn(&str, &str, bool) -> bool + Send,
    ) -> Result<(Vec<EntityRow>, usize), StoreError> {
        let places = self
            .db
            .read(
                "SELECT location, COUNT(*) FROM catalog_entities WHERE source_id = $1 GROUP BY location",
                args![source_id],
            )
            .await?;
        let (mut total, mut asked) = (0, Vec::new());
        for place in &places {
            total += usize::try_from(place.int(1)?).unwrap_or(0);
            if !unchanged(place.text(0)?) {
                asked.push(place.text(0)?);
            }
        }
        let mut refs = BTreeSet::new();
        // The mark is written out so that the index of orphans serves.
        let marked =
            "SELECT ref, location FROM catalog_entities WHERE source_id = $1 AND orphan = 1";
        for row in self.db.read(marked, args![source_id]).await? {
            if doubtful(row.text(0)?, row.text(1)?, true) {
                refs.insert(stored_ref(row.text(0)?)?);
            }
        }
        // Looked up by their refs: by its source all of a source would be read.
        let locations = "SELECT ref, location FROM catalog_entities \
             WHERE source_id || '' = $1 AND ref >= 'location:' AND ref < 'location;'";
        for row in self.db.read(locations, args![source_id]).await? {
            total -= usize::from(row.text(1)? == listing);
            refs.insert(stored_ref(row.text(0)?)?);
        }
        for chunk in asked.chunks(BATCH) {
            let sql = format!(
                "SELECT ref, location, orphan FROM catalog_entities WHERE source_id = $1 AND location IN ({})",
                numbered(2, chunk.len())
            );
            let mut values: Vec<Arg> = args![source_id];
            values.extend(chunk.iter().map(|place| Arg::from(*place)));
            let mut rows = self.db.stream(Sql::assembled(sql), values);
            while let Some(row) = rows.try_next().await? {
                if doubtful(row.text(0)?, row.text(1)?, row.bool(2)?) {
                    refs.insert(stored_ref(row.text(0)?)?);
                }
            }
        }
        let refs: Vec<EntityRef> = refs.into_iter().collect();
        let mut found: Vec<EntityRow> = self.rows(&refs).await?.into_values().collect();
        found.sort_by(|a, b| a.entity_ref.cmp(&b.entity_ref));
        Ok((found, total))
    }

    /// The next version number of refs that existed before and were deleted.
    pub(crate) async fn last_versions(
        &self,
        refs: &[EntityRef],
    ) -> Result<HashMap<EntityRef, i64>, StoreError> {
        let mut found = HashMap::new();
        for chunk in refs.chunks(BATCH) {
            let sql = format!(
                "SELECT ref, MAX(version) FROM catalog_versions WHERE ref IN ({}) GROUP BY ref",
                placeholders(chunk.len())
            );
            for row in self.db.read(Sql::assembled(sql), texts(chunk)).await? {
                if let Ok(entity_ref) = EntityRef::parse(row.text(0)?, None, None) {
                    found.insert(entity_ref, row.int(1)?);
                }
            }
        }
        Ok(found)
    }

    /// Writes changes, their versions and their events; answers the sequence
    /// number of the last event, or `None` when nothing was worth an event.
    pub(crate) async fn write(
        &self,
        tx: &mut Tx,
        changes: &[Change],
        actor: &Actor,
        cause: Option<&str>,
    ) -> Result<Option<i64>, StoreError> {
        let now = self.clock.now();
        let numbers = tx.append_many(events_of(changes, actor, cause)).await?;
        let last = (!numbers.is_empty()).then(|| numbers.end - 1);
        let versions = versions_of(changes, numbers.start, now, actor);
        tx.insert_many("catalog_versions", &VERSION_COLUMNS, versions)
            .await?;
        self.write_rows(tx, changes, now).await?;
        Ok(last)
    }

    async fn write_rows(
        &self,
        tx: &mut Tx,
        changes: &[Change],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut created = Vec::new();
        for change in changes {
            match &change.kind {
                ChangeKind::Document {
                    before: None, row, ..
                } => created.push(row_args(row, now, now)),
                ChangeKind::Document { row, .. } => update_row(tx, row, now).await?,
                ChangeKind::Bookkeeping { row, .. } => update_row(tx, row, row.updated_at).await?,
                ChangeKind::Deletion { .. } => {
                    self.forget_sboms(tx, &change.entity_ref).await?;
                    tx.execute(
                        "DELETE FROM catalog_entities WHERE ref = $1",
                        args![change.entity_ref.as_str()],
                    )
                    .await?;
                }
            }
        }
        tx.insert_many("catalog_entities", &ROW_COLUMNS, created)
            .await?;
        Ok(())
    }

    /// The current documents of these refs, for the read model.
    pub(crate) async fn documents(
        &self,
        refs: &[EntityRef],
    ) -> Result<HashMap<EntityRef, StoredDocument>, StoreError> {
        let mut found = HashMap::with_capacity(refs.len());
        for chunk in refs.chunks(BATCH) {
            let sql = format!("{DOCUMENTS} WHERE e.ref IN ({})", placeholders(chunk.len()));
            for row in self.db.read(Sql::assembled(sql), texts(chunk)).await? {
                let (entity_ref, document) = document_from(&row)?;
                found.insert(entity_ref, document);
            }
        }
        Ok(found)
    }

    /// One page of all current documents in ref order, after `last`.
    pub(crate) async fn documents_after(
        &self,
        last: &str,
        limit: usize,
    ) -> Result<Vec<(EntityRef, StoredDocument)>, StoreError> {
        let sql = format!("{DOCUMENTS} WHERE e.ref > $1 ORDER BY e.ref LIMIT $2");
        self.db
            .read(Sql::assembled(sql), args![last, limit])
            .await?
            .iter()
            .map(document_from)
            .collect()
    }
}

const ROWS: &str = "SELECT ref, uid, source_id, location, line, col, parent_ref, revision, etag, version, status, \
    orphan, created_at, updated_at FROM catalog_entities";
const DOCUMENTS: &str = "SELECT e.ref, e.uid, e.etag, e.status, e.orphan, v.doc, e.updated_at FROM catalog_entities e \
    JOIN catalog_versions v ON v.ref = e.ref AND v.version = e.version";
const ROW_COLUMNS: [&str; 14] = [
    "ref",
    "uid",
    "source_id",
    "location",
    "line",
    "col",
    "parent_ref",
    "revision",
    "etag",
    "version",
    "status",
    "orphan",
    "created_at",
    "updated_at",
];
const VERSION_COLUMNS: [&str; 8] = [
    "ref", "version", "seq", "time", "actor", "revision", "change", "doc",
];

fn events_of(changes: &[Change], actor: &Actor, cause: Option<&str>) -> Vec<NewEvent> {
    changes
        .iter()
        .filter(|change| change.announced())
        .map(|change| change.event(actor, cause))
        .collect()
}

/// The version rows of changes whose events begin at `first`.
fn versions_of(changes: &[Change], first: i64, now: Timestamp, actor: &Actor) -> Vec<Vec<Arg>> {
    let announced = changes.iter().filter(|change| change.announced());
    (first..)
        .zip(announced)
        .filter_map(|(seq, change)| change.version_row(seq, now, actor))
        .collect()
}

impl Change {
    fn announced(&self) -> bool {
        !matches!(
            self.kind,
            ChangeKind::Bookkeeping {
                announce: false,
                ..
            }
        )
    }

    fn event(&self, actor: &Actor, cause: Option<&str>) -> NewEvent {
        let (kind, data): (_, Value) = match &self.kind {
            ChangeKind::Document {
                before,
                was,
                row,
                changed,
                ..
            } => (
                if before.is_none() {
                    events::ENTITY_CREATED
                } else {
                    events::ENTITY_UPDATED
                },
                json!({
                    "version": row.version,
                    "location": row.place.location,
                    "revision": row.place.revision,
                    "changed": changed,
                    "before": was,
                    "after": row.etag,
                }),
            ),
            ChangeKind::Bookkeeping { row, .. } => (
                events::ENTITY_STATUS,
                json!({ "version": row.version, "location": row.place.location, "orphan": row.orphan }),
            ),
            ChangeKind::Deletion {
                version,
                revision,
                reason,
            } => (
                events::ENTITY_DELETED,
                json!({ "version": version, "revision": revision, "reason": reason }),
            ),
        };
        NewEvent {
            kind,
            subject: self.entity_ref.as_str().to_owned(),
            actor: actor.clone(),
            outcome: Outcome::Allowed,
            cause: cause.map(str::to_owned),
            data,
        }
    }

    fn version_row(&self, seq: i64, now: Timestamp, actor: &Actor) -> Option<Vec<Arg>> {
        let (version, revision, change, doc) = match &self.kind {
            ChangeKind::Document {
                before, row, doc, ..
            } => {
                let change = if before.is_none() {
                    "created"
                } else {
                    "updated"
                };
                (
                    row.version,
                    row.place.revision.clone(),
                    change,
                    Some(doc.clone()),
                )
            }
            ChangeKind::Deletion {
                version, revision, ..
            } => (*version, revision.clone(), "deleted", None),
            ChangeKind::Bookkeeping { .. } => return None,
        };
        Some(vec![
            Arg::from(self.entity_ref.as_str()),
            Arg::from(version),
            Arg::from(seq),
            Arg::from(now.as_microsecond()),
            Arg::from(actor.name.as_str()),
            Arg::from(revision),
            Arg::from(change),
            Arg::from(doc),
        ])
    }
}

fn row_args(row: &EntityRow, created: Timestamp, updated: Timestamp) -> Vec<Arg> {
    vec![
        Arg::from(row.entity_ref.as_str()),
        Arg::from(row.uid.as_str()),
        Arg::from(row.place.source_id.as_str()),
        Arg::from(row.place.location.as_str()),
        Arg::from(i64::from(row.place.line)),
        Arg::from(i64::from(row.place.column)),
        Arg::from(
            row.place
                .parent
                .as_ref()
                .map(|parent| parent.as_str().to_owned()),
        ),
        Arg::from(row.place.revision.clone()),
        Arg::from(row.etag.as_str()),
        Arg::from(row.version),
        Arg::from(row.status.clone()),
        Arg::from(i64::from(row.orphan)),
        Arg::from(created.as_microsecond()),
        Arg::from(updated.as_microsecond()),
    ]
}

async fn update_row(tx: &mut Tx, row: &EntityRow, updated: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE catalog_entities SET uid = $2, source_id = $3, location = $4, line = $5, col = $6, parent_ref = $7, \
         revision = $8, etag = $9, version = $10, status = $11, orphan = $12, created_at = $13, updated_at = $14 \
         WHERE ref = $1",
        row_args(row, row.created_at, updated),
    )
    .await?;
    Ok(())
}

fn row_from(row: &Row) -> Result<EntityRow, StoreError> {
    Ok(EntityRow {
        entity_ref: stored_ref(row.text(0)?)?,
        uid: row.text(1)?.to_owned(),
        place: Place {
            source_id: row.text(2)?.to_owned(),
            location: row.text(3)?.to_owned(),
            line: u32::try_from(row.int(4)?).unwrap_or(0),
            column: u32::try_from(row.int(5)?).unwrap_or(0),
            parent: row.opt_text(6)?.map(stored_ref).transpose()?,
            revision: row.opt_text(7)?.map(str::to_owned),
        },
        etag: row.text(8)?.to_owned(),
        version: row.int(9)?,
        status: row.opt_text(10)?.map(str::to_owned),
        orphan: row.int(11)? != 0,
        created_at: time(row.int(12)?),
        updated_at: time(row.int(13)?),
    })
}

fn document_from(row: &Row) -> Result<(EntityRef, StoredDocument), StoreError> {
    let document = StoredDocument {
        uid: row.text(1)?.to_owned(),
        etag: row.text(2)?.to_owned(),
        status: row.opt_text(3)?.map(str::to_owned),
        orphan: row.int(4)? != 0,
        doc: row.opt_text(5)?.unwrap_or_default().to_owned(),
        changed: row.int(6)?,
    };
    Ok((stored_ref(row.text(0)?)?, document))
}

fn stored_ref(text: &str) -> Result<EntityRef, StoreError> {
    EntityRef::parse(text, None, None).map_err(|error| super::corrupt(0, &error.to_string()))
}

pub(super) fn placeholders(count: usize) -> String {
    numbered(1, count)
}

pub(super) fn numbered(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|at| format!("${at}"))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn texts(refs: &[EntityRef]) -> Vec<Arg> {
    refs.iter()
        .map(|entity_ref| Arg::from(entity_ref.as_str()))
        .collect()
}

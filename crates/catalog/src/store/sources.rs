//! Sources, and the conflicts between them.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use platform::actor::Actor;
use platform::args;
use platform::event::{self, NewEvent};
use platform::store::{Row, Sql, StoreError, Tx};
use serde::Serialize;
use serde_json::{Value, json};

use super::Store;
use super::files::FileChanges;
use super::problems::Finding;
use crate::events;
use crate::source::{HeldDeletion, Origin, Source, SourceState, generated_location_ref};

const COLUMNS: &str = "id, type, target, origin, created_at, created_by, last_attempt_at, \
    last_success_at, revision, last_error, failures, duration_us, entities, held, entity_ref";

/// A ref that a second source declares.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictRow {
    /// The ref that both want.
    #[serde(rename = "ref")]
    pub entity_ref: String,
    /// Where the loser is declared.
    pub location: String,
    /// 1-based.
    pub line: i64,
    /// 1-based.
    pub column: i64,
    /// The losing source.
    pub source_id: String,
    /// Where the winner is declared.
    pub winner_location: Option<String>,
    /// The winning source.
    pub winner_source_id: Option<String>,
    /// When the clash was first seen.
    pub since: Timestamp,
}

/// A ref that this source declares although another holds it.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) entity_ref: EntityRef,
    pub(crate) location: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// What a refresh has found out about its source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) started_at: Timestamp,
    pub(crate) complete: bool,
    pub(crate) revision: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) duration_us: i64,
    pub(crate) held: Option<HeldDeletion>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) files: FileChanges,
}

impl Store {
    /// Every source, oldest first.
    pub async fn sources(&self) -> Result<Vec<Source>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM catalog_sources ORDER BY created_at, id");
        self.db
            .read(Sql::assembled(sql), args![])
            .await?
            .iter()
            .map(source_from)
            .collect()
    }

    /// One source by its location id.
    pub async fn source(&self, id: &str) -> Result<Option<Source>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM catalog_sources WHERE id = $1");
        self.db
            .read(Sql::assembled(sql), args![id])
            .await?
            .first()
            .map(source_from)
            .transpose()
    }

    /// The source that reads this location.
    pub async fn source_at(&self, location: &LocationRef) -> Result<Option<Source>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM catalog_sources WHERE type = $1 AND target = $2");
        let rows = self
            .db
            .read(
                Sql::assembled(sql),
                args![location.location_type(), location.target()],
            )
            .await?;
        rows.first().map(source_from).transpose()
    }

    /// Declares a source with its event. The caller has checked that the
    /// location is new; a race ends in a unique violation.
    pub async fn add_source(
        &self,
        tx: &mut Tx,
        source: &Source,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO catalog_sources (id, type, target, origin, entity_ref, created_at, created_by, failures, entities) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)",
            args![
                source.id.as_str(),
                source.location.location_type(),
                source.location.target(),
                source.origin.as_text(),
                source.entity_ref.as_str(),
                source.created_at.as_microsecond(),
                source.created_by.as_str()
            ],
        )
        .await?;
        let change = (Value::Null, declared(source));
        tx.append(source_event(events::SOURCE_CREATED, source, actor, change))
            .await?;
        Ok(())
    }

    /// Changes what a source reads, keeping its id and its Location entity's name.
    pub async fn move_source(
        &self,
        tx: &mut Tx,
        source: &Source,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let rows = tx
            .query(
                Sql::assembled(format!(
                    "SELECT {COLUMNS} FROM catalog_sources WHERE id = $1"
                )),
                args![source.id.as_str()],
            )
            .await?;
        let before = rows.first().map(source_from).transpose()?;
        tx.execute(
            "UPDATE catalog_sources SET type = $2, target = $3 WHERE id = $1",
            args![
                source.id.as_str(),
                source.location.location_type(),
                source.location.target()
            ],
        )
        .await?;
        let change = (
            before.as_ref().map_or(Value::Null, declared),
            declared(source),
        );
        tx.append(source_event(events::SOURCE_UPDATED, source, actor, change))
            .await?;
        Ok(())
    }

    /// Forgets a source and everything that is only known of it. Its entities
    /// must have been removed in the same transaction.
    pub async fn remove_source(
        &self,
        tx: &mut Tx,
        source: &Source,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        for table in ["catalog_problems", "catalog_claims", "catalog_files"] {
            tx.execute(
                Sql::assembled(format!("DELETE FROM {table} WHERE source_id = $1")),
                args![source.id.as_str()],
            )
            .await?;
        }
        tx.execute(
            "DELETE FROM catalog_sources WHERE id = $1",
            args![source.id.as_str()],
        )
        .await?;
        let change = (declared(source), Value::Null);
        tx.append(source_event(events::SOURCE_DELETED, source, actor, change))
            .await?;
        Ok(())
    }

    /// Records that a person confirmed a held deletion.
    pub async fn confirm_held(
        &self,
        tx: &mut Tx,
        source: &Source,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let Some(mut held) = source.state.held.clone() else {
            return Ok(());
        };
        held.confirmed_by = Some(actor.name.clone());
        tx.execute(
            "UPDATE catalog_sources SET held = $2 WHERE id = $1",
            args![source.id.as_str(), json!(held).to_string()],
        )
        .await?;
        let change = (json!(source.state.held), json!(held));
        tx.append(source_event(
            events::DELETION_CONFIRMED,
            source,
            actor,
            change,
        ))
        .await?;
        Ok(())
    }

    /// Writes what a refresh found out: state, problems, conflicts, files. What
    /// was said of files that are as they were is not touched.
    pub(crate) async fn finish_refresh(
        &self,
        tx: &mut Tx,
        source: &Source,
        outcome: &Outcome,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let id = source.id.as_str();
        let failures = if outcome.complete {
            0
        } else {
            source.state.failures + 1
        };
        let succeeded = if outcome.complete {
            Some(outcome.started_at.as_microsecond())
        } else {
            source.state.last_success_at.map(Timestamp::as_microsecond)
        };
        tx.execute(
            "UPDATE catalog_sources SET last_attempt_at = $2, last_success_at = $3, revision = $4, last_error = $5, \
             failures = $6, duration_us = $7, \
             entities = (SELECT COUNT(*) FROM catalog_entities WHERE source_id = $1) WHERE id = $1",
            args![
                id,
                outcome.started_at.as_microsecond(),
                succeeded,
                outcome.revision.clone().or_else(|| source.state.revision.clone()),
                outcome.error.clone(),
                failures,
                outcome.duration_us
            ],
        )
        .await?;
        // The row is locked from here on.
        self.set_held(tx, source, outcome.held.clone()).await?;
        self.replace_findings(tx, id, outcome).await?;
        self.replace_claims(tx, id, outcome).await?;
        self.remember_files(tx, id, &outcome.files).await?;
        if outcome.complete != source.state.last_error.is_none()
            || source.state.last_attempt_at.is_none()
        {
            let (kind, ended) = if outcome.complete {
                (events::SOURCE_RECOVERED, event::Outcome::Allowed)
            } else {
                (events::SOURCE_FAILED, event::Outcome::Failed)
            };
            let state = |error: Option<&String>| json!({ "error": error });
            let change = (
                state(source.state.last_error.as_ref()),
                state(outcome.error.as_ref()),
            );
            let mut event = source_event(kind, source, actor, change);
            event.outcome = ended;
            if let (Some(error), Some(data)) = (&outcome.error, event.data.as_object_mut()) {
                data.insert("error".into(), error.clone().into());
            }
            tx.append(event).await?;
        }
        Ok(())
    }

    /// Writes the held deletion, keeping a confirmation that came while the
    /// source was being read; the refresh that it asked for follows.
    async fn set_held(
        &self,
        tx: &mut Tx,
        source: &Source,
        held: Option<HeldDeletion>,
    ) -> Result<(), StoreError> {
        let id = source.id.as_str();
        let rows = tx
            .query("SELECT held FROM catalog_sources WHERE id = $1", args![id])
            .await?;
        let stored = rows
            .first()
            .map(|row| row.opt_text(0))
            .transpose()?
            .flatten();
        let now: Option<HeldDeletion> = stored.and_then(|held| serde_json::from_str(held).ok());
        let kept = if now != source.state.held {
            now.or(held)
        } else {
            held
        };
        tx.execute(
            "UPDATE catalog_sources SET held = $2 WHERE id = $1",
            args![id, kept.map(|held| json!(held).to_string())],
        )
        .await?;
        Ok(())
    }

    async fn replace_claims(
        &self,
        tx: &mut Tx,
        id: &str,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let known = tx
            .query(
                "SELECT ref, location, since FROM catalog_claims WHERE source_id = $1",
                args![id],
            )
            .await?;
        tx.execute("DELETE FROM catalog_claims WHERE source_id = $1", args![id])
            .await?;
        // Two sources over the same files claim all that is in them.
        let mut since: HashMap<(&str, &str), i64> = HashMap::with_capacity(known.len());
        for row in &known {
            since.insert((row.text(0)?, row.text(1)?), row.int(2)?);
        }
        let now = outcome.started_at.as_microsecond();
        let mut seen: HashSet<(&str, &str)> = HashSet::with_capacity(outcome.claims.len());
        let rows: Vec<_> = outcome
            .claims
            .iter()
            .map(|claim| ((claim.entity_ref.as_str(), claim.location.as_str()), claim))
            .filter(|(key, _)| seen.insert(*key))
            .map(|(key, claim)| {
                args![
                    key.0,
                    id,
                    key.1,
                    i64::from(claim.line),
                    i64::from(claim.column),
                    since.get(&key).copied().unwrap_or(now)
                ]
            })
            .collect();
        let columns = ["ref", "source_id", "location", "line", "col", "since"];
        tx.insert_many("catalog_claims", &columns, rows).await?;
        Ok(())
    }

    /// The sources that wanted any of these refs and did not get them.
    pub(crate) async fn claimants(
        &self,
        tx: &mut Tx,
        entity_ref: &EntityRef,
    ) -> Result<Vec<String>, StoreError> {
        tx.query(
            "SELECT DISTINCT source_id FROM catalog_claims WHERE ref = $1",
            args![entity_ref.as_str()],
        )
        .await?
        .iter()
        .map(|row| Ok(row.text(0)?.to_owned()))
        .collect()
    }

    /// Refs that more than one source declares, with both places.
    pub async fn conflicts(
        &self,
        entity_ref: Option<&EntityRef>,
    ) -> Result<Vec<ConflictRow>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT c.ref, c.location, c.line, c.col, c.source_id, e.location, e.source_id, c.since \
                 FROM catalog_claims c LEFT JOIN catalog_entities e ON e.ref = c.ref \
                 WHERE ($1 = '' OR c.ref = $1) AND (e.location IS NULL OR e.location <> c.location) \
                 AND NOT (c.line = 0 AND c.ref >= 'location:' AND c.ref < 'location;') ORDER BY c.ref, c.location",
                args![entity_ref.map(EntityRef::as_str).unwrap_or_default()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ConflictRow {
                    entity_ref: row.text(0)?.to_owned(),
                    location: row.text(1)?.to_owned(),
                    line: row.int(2)?,
                    column: row.int(3)?,
                    source_id: row.text(4)?.to_owned(),
                    winner_location: row.opt_text(5)?.map(str::to_owned),
                    winner_source_id: row.opt_text(6)?.map(str::to_owned),
                    since: time(row.int(7)?),
                })
            })
            .collect()
    }
}

/// What of a source somebody has declared.
fn declared(source: &Source) -> Value {
    json!({ "location": source.location.to_string(), "origin": source.origin.as_text() })
}

/// An event about a source, with what was there before and what is there after.
fn source_event(
    kind: event::EventType,
    source: &Source,
    actor: &Actor,
    (before, after): (Value, Value),
) -> NewEvent {
    NewEvent {
        kind,
        subject: source.id.clone(),
        actor: actor.clone(),
        outcome: event::Outcome::Allowed,
        cause: None,
        data: json!({
            "location": source.location.to_string(),
            "origin": source.origin.as_text(),
            "before": before,
            "after": after,
        }),
    }
}

pub(super) fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn source_from(row: &Row) -> Result<Source, StoreError> {
    let location = LocationRef::new(row.text(1)?, row.text(2)?)
        .map_err(|error| super::corrupt(1, &error.to_string()))?;
    Ok(Source {
        id: row.text(0)?.to_owned(),
        // Kept when the location changes, so it is not derived from it here.
        entity_ref: EntityRef::parse(row.text(14)?, None, None)
            .unwrap_or_else(|_| generated_location_ref(&location)),
        location,
        origin: Origin::from_text(row.text(3)?),
        created_at: time(row.int(4)?),
        created_by: row.text(5)?.to_owned(),
        state: SourceState {
            last_attempt_at: row.opt_int(6)?.map(time),
            last_success_at: row.opt_int(7)?.map(time),
            revision: row.opt_text(8)?.map(str::to_owned),
            last_error: row.opt_text(9)?.map(str::to_owned),
            failures: row.int(10)?,
            duration_us: row.opt_int(11)?,
            entities: row.int(12)?,
            held: row
                .opt_text(13)?
                .and_then(|held| serde_json::from_str(held).ok()),
        },
    })
}

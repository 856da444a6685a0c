//! What refreshes changed, kept in the event log: the uneventful ones, which
//! are most, leave no trace there.

use model::entity_ref::EntityRef;
use platform::actor::Actor;
use platform::args;
use platform::event::{self, NewEvent};
use platform::store::{Sql, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Outcome, Store};
use crate::events;
use crate::source::Source;

/// What a refresh did to entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
}

impl Tally {
    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Store {
    /// Notes a refresh that changed something.
    pub(crate) async fn note_refresh(
        &self,
        tx: &mut Tx,
        source: &Source,
        (outcome, tally): (&Outcome, Tally),
        actor: &Actor,
    ) -> Result<(), StoreError> {
        if tally.is_nothing() {
            return Ok(());
        }
        let event = NewEvent {
            kind: events::REFRESH_FINISHED,
            subject: source.id.clone(),
            actor: actor.clone(),
            outcome: match outcome.complete {
                true => event::Outcome::Allowed,
                false => event::Outcome::Failed,
            },
            cause: None,
            data: json!({
                "location": source.location.to_string(),
                "created": tally.created,
                "updated": tally.updated,
                "deleted": tally.deleted,
                "complete": outcome.complete,
                "revision": outcome.revision,
                "durationMs": outcome.duration_us / 1_000,
                "files": outcome.files.seen,
                "filesRead": outcome.files.read.len(),
            }),
        };
        tx.append(event).await.map(|_| ())
    }

    /// How many entities a source holds at this moment, while it is being read.
    pub(crate) async fn held_entities(&self, source_id: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM catalog_entities WHERE source_id = $1";
        let rows = self.db.read(sql, args![source_id]).await?;
        let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The Location entities that a provider made, at most `limit`, and how
    /// many there are.
    pub(crate) async fn found_by(
        &self,
        source: &Source,
        limit: usize,
    ) -> Result<(Vec<EntityRef>, u64), StoreError> {
        let which = "FROM catalog_entities WHERE parent_ref = $1 AND line = 0";
        let sql = format!("SELECT ref {which} ORDER BY ref LIMIT $2");
        let parent = source.entity_ref.as_str();
        let rows = self
            .db
            .read(Sql::assembled(sql), args![parent, limit])
            .await?;
        let mut refs = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Ok(entity_ref) = EntityRef::parse(row.text(0)?, None, None) {
                refs.push(entity_ref);
            }
        }
        let sql = format!("SELECT COUNT(*) {which}");
        let rows = self.db.read(Sql::assembled(sql), args![parent]).await?;
        let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
        Ok((refs, u64::try_from(count).unwrap_or(0)))
    }
}

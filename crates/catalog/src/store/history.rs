//! Every version of every entity.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Row, Sql, StoreError};
use serde::Serialize;

use super::Store;
use super::sources::time;

/// One version of an entity, without its document.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// 1 for the first.
    pub version: i64,
    /// The event that brought it.
    pub seq: i64,
    /// When it was written.
    pub time: Timestamp,
    /// By whom.
    pub actor: String,
    /// The commit it came from, where there is one.
    pub revision: Option<String>,
    /// `created`, `updated` or `deleted`.
    pub change: String,
}

/// A version with its document, which a deletion does not have.
#[derive(Clone, Debug)]
pub struct VersionDocument {
    /// Which version.
    pub entry: HistoryEntry,
    /// The entity as JSON text.
    pub doc: Option<String>,
}

const COLUMNS: &str = "version, seq, time, actor, revision, change";

impl Store {
    /// The versions of an entity, newest first.
    pub async fn history(
        &self,
        entity_ref: &EntityRef,
        limit: i64,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM catalog_versions WHERE ref = $1 ORDER BY version DESC LIMIT $2"
        );
        self.db
            .read(Sql::assembled(sql), args![entity_ref.as_str(), limit])
            .await?
            .iter()
            .map(entry_from)
            .collect()
    }

    /// One version of an entity.
    pub async fn version(
        &self,
        entity_ref: &EntityRef,
        version: i64,
    ) -> Result<Option<VersionDocument>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS}, doc FROM catalog_versions WHERE ref = $1 AND version = $2");
        self.db
            .read(Sql::assembled(sql), args![entity_ref.as_str(), version])
            .await?
            .first()
            .map(document_from)
            .transpose()
    }

    /// The version that was current at `at`; none before the first or after a deletion.
    pub async fn version_at(
        &self,
        entity_ref: &EntityRef,
        at: Timestamp,
    ) -> Result<Option<VersionDocument>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, doc FROM catalog_versions WHERE ref = $1 AND time <= $2 ORDER BY version DESC LIMIT 1"
        );
        let rows = self
            .db
            .read(
                Sql::assembled(sql),
                args![entity_ref.as_str(), at.as_microsecond()],
            )
            .await?;
        let found = rows.first().map(document_from).transpose()?;
        Ok(found.filter(|version| version.doc.is_some()))
    }

    /// The documents that were current at `at`, with the time of that version in
    /// microseconds since 1970, in ref order after `last`.
    pub(crate) async fn documents_at(
        &self,
        at: Timestamp,
        last: &str,
        limit: i64,
    ) -> Result<Vec<(String, Option<String>, i64)>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT v.ref, v.doc, v.time FROM catalog_versions v JOIN \
                 (SELECT ref, MAX(version) AS version FROM catalog_versions WHERE time <= $1 AND ref > $2 \
                  GROUP BY ref ORDER BY ref LIMIT $3) w ON v.ref = w.ref AND v.version = w.version ORDER BY v.ref",
                args![at.as_microsecond(), last, limit],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let doc = row.opt_text(1)?.map(str::to_owned);
                Ok((row.text(0)?.to_owned(), doc, row.int(2)?))
            })
            .collect()
    }
}

fn entry_from(row: &Row) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        version: row.int(0)?,
        seq: row.int(1)?,
        time: time(row.int(2)?),
        actor: row.text(3)?.to_owned(),
        revision: row.opt_text(4)?.map(str::to_owned),
        change: row.text(5)?.to_owned(),
    })
}

fn document_from(row: &Row) -> Result<VersionDocument, StoreError> {
    Ok(VersionDocument {
        entry: entry_from(row)?,
        doc: row.opt_text(6)?.map(str::to_owned),
    })
}

//! What was read of each source, so that unchanged files cost nothing.

use std::collections::HashMap;

use platform::args;
use platform::store::{Arg, Sql, StoreError, Tx};

use super::Store;
use super::entities::{BATCH, Place, numbered};

/// What is remembered of a file between two refreshes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    /// Digest of the bytes and of how the place was asked for.
    pub(crate) hash: String,
    /// Whether the same bytes give the same entities and remarks: nothing else
    /// is referenced.
    pub(crate) plain: bool,
    /// Whether a document in it could not be understood.
    pub(crate) broken: bool,
    /// The version's name as discovery gave it.
    pub(crate) hint: Option<String>,
}

/// What a refresh has learnt of files, as the difference to what is stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileChanges {
    /// What the files were judged by.
    pub(crate) judgement: String,
    /// How many places there are.
    pub(crate) seen: usize,
    /// Places that were read, whether or not they have changed.
    pub(crate) read: Vec<String>,
    /// States that are new.
    pub(crate) states: Vec<(String, FileState)>,
    /// Places that were there and are not, or could not be read.
    pub(crate) gone: Vec<String>,
}

impl Store {
    /// The files of a source as the last refresh left them, and what they were
    /// judged by.
    pub(crate) async fn files(
        &self,
        source_id: &str,
    ) -> Result<(HashMap<String, FileState>, Option<String>), StoreError> {
        let rows = self
            .db
            .read(
                "SELECT location, hash, plain, broken, hint FROM catalog_files WHERE source_id = $1",
                args![source_id],
            )
            .await?;
        let mut files = HashMap::with_capacity(rows.len());
        for row in &rows {
            let state = FileState {
                hash: row.text(1)?.to_owned(),
                plain: row.bool(2)?,
                broken: row.bool(3)?,
                hint: row.opt_text(4)?.map(str::to_owned),
            };
            files.insert(row.text(0)?.to_owned(), state);
        }
        let sql = "SELECT judgement FROM catalog_sources WHERE id = $1";
        let rows = self.db.read(sql, args![source_id]).await?;
        let judgement = rows.first().map(|row| row.opt_text(0)).transpose()?;
        Ok((files, judgement.flatten().map(str::to_owned)))
    }

    /// Writes what is remembered of files.
    pub(super) async fn remember_files(
        &self,
        tx: &mut Tx,
        id: &str,
        changes: &FileChanges,
    ) -> Result<(), StoreError> {
        for chunk in changes.gone.chunks(BATCH) {
            let sql = format!(
                "DELETE FROM catalog_files WHERE source_id = $1 AND location IN ({})",
                numbered(2, chunk.len())
            );
            let mut values: Vec<Arg> = args![id];
            values.extend(chunk.iter().map(|location| Arg::from(location.as_str())));
            tx.execute(Sql::assembled(sql), values).await?;
        }
        let states = changes.states.iter().map(|(location, state)| {
            args![
                id,
                location.as_str(),
                state.hash.as_str(),
                state.plain,
                state.broken,
                state.hint.clone()
            ]
        });
        tx.upsert_many(
            "catalog_files",
            &["source_id", "location", "hash", "plain", "broken", "hint"],
            "ON CONFLICT (source_id, location) DO UPDATE SET hash = excluded.hash, \
             plain = excluded.plain, broken = excluded.broken, hint = excluded.hint",
            states.collect::<Vec<_>>(),
        )
        .await?;
        tx.execute(
            "UPDATE catalog_sources SET judgement = $2 WHERE id = $1",
            args![id, changes.judgement.as_str()],
        )
        .await?;
        Ok(())
    }

    /// Has a file read again although it has not changed, so that its entities
    /// come back.
    pub(crate) async fn forget_file(&self, tx: &mut Tx, place: &Place) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE catalog_files SET plain = 0, hash = '', hint = NULL WHERE source_id = $1 AND location = $2",
            args![place.source_id.as_str(), place.location.as_str()],
        )
        .await?;
        Ok(())
    }
}

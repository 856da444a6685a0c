//! The tables beside the log.
//!
//! ```text
//! audit_stubs          digests of events that retention removed, as runs
//! audit_checkpoints    signed statements about the chain
//! audit_holds          legal holds
//! audit_cursors        how far each sink is
//! audit_token_uses     which token was used from where on which day
//! audit_verification   what the last complete look at the chain found
//! ```

use jiff::Timestamp;
use platform::args;
use platform::event::chain::Hash;
use platform::store::{Db, Migration, MigrationSet, Row, StoreError, Tx};
use serde_json::Value;

use crate::checkpoint::Checkpoint;

/// Digests in one row at most; a run that is longer takes several rows.
pub(crate) const LONGEST_RUN: usize = 1_000;

macro_rules! v1 {
    ($key:literal, $bytes:literal) => {
        concat!(
            "CREATE TABLE audit_stubs (first BIGINT PRIMARY KEY, last BIGINT NOT NULL, ",
            "removal BIGINT NOT NULL, digests ",
            $bytes,
            " NOT NULL);\n",
            "CREATE TABLE audit_checkpoints (seq BIGINT PRIMARY KEY, first BIGINT NOT NULL, ",
            "hash ",
            $bytes,
            " NOT NULL, at BIGINT NOT NULL, public ",
            $bytes,
            " NOT NULL, signature ",
            $bytes,
            " NOT NULL);\n",
            "CREATE TABLE audit_holds (name ",
            $key,
            " PRIMARY KEY, reason TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, ",
            "created_by TEXT NOT NULL, created_at BIGINT NOT NULL);\n",
            "CREATE TABLE audit_cursors (sink ",
            $key,
            " PRIMARY KEY, seq BIGINT NOT NULL);\n",
            "CREATE TABLE audit_token_uses (day ",
            $key,
            " NOT NULL, actor ",
            $key,
            " NOT NULL, address ",
            $key,
            " NOT NULL, PRIMARY KEY (day, actor, address));\n",
            "CREATE TABLE audit_verification (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, ",
            "milliseconds BIGINT NOT NULL, report TEXT NOT NULL);\n",
        )
    };
}

/// The tables of this crate, for both databases.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "audit",
    steps: &[Migration {
        version: 1,
        name: "audit",
        sqlite: v1!("TEXT", "BLOB"),
        postgres: v1!("TEXT COLLATE \"C\"", "BYTEA"),
    }],
};

/// A run of events of which only the digests are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stubs {
    pub(crate) first: i64,
    pub(crate) digests: Vec<Hash>,
    /// The event that says why.
    pub(crate) removal: i64,
}

/// A legal hold: what it covers is not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Unique among holds.
    pub name: String,
    /// Why, for people.
    pub reason: String,
    /// Types that begin with this; empty for all.
    pub kind: String,
    /// Exactly this subject; empty for all.
    pub subject: String,
    /// Who put it on.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// What the last complete look at the chain found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// When it ended.
    pub at: Timestamp,
    /// How long it took.
    pub milliseconds: i64,
    /// [`crate::Report::to_json`].
    pub report: Value,
}

/// Reads and writes the tables.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
}

impl Store {
    pub(crate) fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// Runs that touch the numbers `from` to `to`.
    pub(crate) async fn stubs(&self, from: i64, to: i64) -> Result<Vec<Stubs>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT first, removal, digests FROM audit_stubs \
                 WHERE last >= $1 AND first <= $2 ORDER BY first",
                args![from, to],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Stubs {
                    first: row.int(0)?,
                    removal: row.int(1)?,
                    digests: row
                        .bytes(2)?
                        .chunks_exact(32)
                        .filter_map(|chunk| chunk.try_into().ok())
                        .collect(),
                })
            })
            .collect()
    }

    /// Checkpoints about events from `from` on, oldest first.
    pub(crate) async fn checkpoints(&self, from: i64) -> Result<Vec<Checkpoint>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT first, seq, hash, at, public, signature FROM audit_checkpoints \
                 WHERE seq >= $1 ORDER BY seq",
                args![from],
            )
            .await?;
        rows.iter().map(checkpoint_from).collect()
    }

    pub(crate) async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT first, seq, hash, at, public, signature FROM audit_checkpoints \
                 ORDER BY seq DESC LIMIT 1",
                Vec::new(),
            )
            .await?;
        rows.first().map(checkpoint_from).transpose()
    }

    pub(crate) async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        let rows = self.db.read(HOLDS, Vec::new()).await?;
        rows.iter().map(hold_from).collect()
    }

    pub(crate) async fn cursor(&self, sink: &str) -> Result<Option<i64>, StoreError> {
        let rows = self
            .db
            .read("SELECT seq FROM audit_cursors WHERE sink = $1", args![sink])
            .await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    pub(crate) async fn verified(&self) -> Result<Option<Verified>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT at, milliseconds, report FROM audit_verification WHERE id = 1",
                Vec::new(),
            )
            .await?;
        rows.first()
            .map(|row| {
                Ok(Verified {
                    at: row.time(0)?,
                    milliseconds: row.int(1)?,
                    report: row.json(2)?,
                })
            })
            .transpose()
    }
}

pub(crate) async fn set_cursor(tx: &mut Tx, sink: &str, seq: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO audit_cursors (sink, seq) VALUES ($1, $2) \
         ON CONFLICT (sink) DO UPDATE SET seq = excluded.seq",
        args![sink, seq],
    )
    .await
    .map(drop)
}

pub(crate) async fn set_verified(tx: &mut Tx, found: &Verified) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO audit_verification (id, at, milliseconds, report) VALUES (1, $1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET at = excluded.at, milliseconds = excluded.milliseconds, report = excluded.report",
        args![found.at, found.milliseconds, &found.report],
    )
    .await
    .map(drop)
}

/// Another replica may have signed the same event meanwhile.
pub(crate) async fn add_checkpoint(tx: &mut Tx, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO audit_checkpoints (seq, first, hash, at, public, signature) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (seq) DO NOTHING",
        args![
            checkpoint.seq,
            checkpoint.first,
            checkpoint.hash.as_slice(),
            checkpoint.at,
            checkpoint.key.as_slice(),
            checkpoint.signature.as_slice()
        ],
    )
    .await
    .map(drop)
}

fn checkpoint_from(row: &Row) -> Result<Checkpoint, StoreError> {
    // Bytes of another length fail the signature, as they should.
    Ok(Checkpoint {
        first: row.int(0)?,
        seq: row.int(1)?,
        hash: row.bytes(2)?.try_into().unwrap_or([0; 32]),
        at: row.time(3)?,
        key: row.bytes(4)?.try_into().unwrap_or([0; 32]),
        signature: row.bytes(5)?.try_into().unwrap_or([0; 64]),
    })
}

/// Every hold, for [`hold_from`].
pub(crate) const HOLDS: &str =
    "SELECT name, reason, type, subject, created_by, created_at FROM audit_holds ORDER BY name";

pub(crate) fn hold_from(row: &Row) -> Result<Hold, StoreError> {
    Ok(Hold {
        name: row.text(0)?.to_owned(),
        reason: row.text(1)?.to_owned(),
        kind: row.text(2)?.to_owned(),
        subject: row.text(3)?.to_owned(),
        created_by: row.text(4)?.to_owned(),
        created_at: row.time(5)?,
    })
}

//! Forward-only migrations, one text for each database.

use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::database::Db;
use super::dialect::{self, Dialect};
use super::error::StoreError;
use super::transaction::Tx;
use crate::args;

/// The tables of one capability, in the order in which they grew.
#[derive(Clone, Copy, Debug)]
pub struct MigrationSet {
    /// The capability's name; part of the key of what has been applied.
    pub name: &'static str,
    /// Steps with rising versions. Released steps are never edited.
    pub steps: &'static [Migration],
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Rising within its set, from 1.
    pub version: u32,
    /// A few words, for messages.
    pub name: &'static str,
    /// Statements for SQLite, separated by semicolons.
    pub sqlite: &'static str,
    /// Statements for PostgreSQL.
    pub postgres: &'static str,
}

/// A step that a database has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The set.
    pub set: String,
    /// The version within it.
    pub version: u32,
    /// The step's name.
    pub name: String,
    /// When it was applied.
    pub applied_at: Timestamp,
    checksum: String,
}

/// The four nouns' own tables.
const PLATFORM: MigrationSet = MigrationSet {
    name: "platform",
    steps: &[
        Migration {
            version: 1,
            name: "events and jobs",
            sqlite: include_str!("../../migrations/sqlite/1_events_and_jobs.sql"),
            postgres: include_str!("../../migrations/postgres/1_events_and_jobs.sql"),
        },
        Migration {
            version: 2,
            name: "runs of actions",
            sqlite: include_str!("../../migrations/sqlite/2_action_runs.sql"),
            postgres: include_str!("../../migrations/postgres/2_action_runs.sql"),
        },
        Migration {
            version: 3,
            name: "chain of events",
            sqlite: include_str!("../../migrations/sqlite/3_event_chain.sql"),
            postgres: include_str!("../../migrations/postgres/3_event_chain.sql"),
        },
        Migration {
            version: 4,
            name: "for whom a run was asked for",
            sqlite: include_str!("../../migrations/sqlite/4_run_for.sql"),
            postgres: include_str!("../../migrations/postgres/4_run_for.sql"),
        },
    ],
};

/// Applies what is missing, each step in a transaction of its own.
pub(super) async fn apply(db: &Db, sets: &[MigrationSet]) -> Result<(), StoreError> {
    for set in [&PLATFORM].into_iter().chain(sets) {
        check_list(set)?;
    }
    let seen = applied(db).await?;
    let mut changed = false;
    for set in [&PLATFORM].into_iter().chain(sets) {
        for step in missing(db, set, &seen)? {
            let done = apply_step(db, set, step)
                .await
                .map_err(|cause| StoreError::Migration {
                    place: db.place().to_owned(),
                    set: set.name,
                    version: step.version,
                    name: step.name,
                    cause: Box::new(cause),
                })?;
            changed = true;
            if done {
                tracing::debug!(
                    migration.set = set.name,
                    migration.version = step.version,
                    "Applied migration {} {} ({})",
                    set.name,
                    step.version,
                    step.name
                );
            }
        }
    }
    if !changed {
        return Ok(());
    }
    // Another replica may have been faster with a newer program.
    let seen = applied(db).await?;
    for set in [&PLATFORM].into_iter().chain(sets) {
        missing(db, set, &seen)?;
    }
    Ok(())
}

/// What the database has seen; nothing when it is new.
pub(super) async fn applied(db: &Db) -> Result<Vec<AppliedMigration>, StoreError> {
    let table = db
        .read(dialect::has_migrations_table(db.dialect()), Vec::new())
        .await?;
    let Some(row) = table.first() else {
        return Ok(Vec::new());
    };
    if row.int(0)? == 0 {
        return Ok(Vec::new());
    }
    db.read(
        "SELECT set_name, version, name, applied_at, checksum FROM schema_migrations \
         ORDER BY set_name, version",
        Vec::new(),
    )
    .await?
    .iter()
    .map(|row| {
        Ok(AppliedMigration {
            set: row.text(0)?.to_owned(),
            version: u32::try_from(row.int(1)?).unwrap_or(u32::MAX),
            name: row.text(2)?.to_owned(),
            applied_at: row.time(3)?,
            checksum: row.text(4)?.to_owned(),
        })
    })
    .collect()
}

fn check_list(set: &MigrationSet) -> Result<(), StoreError> {
    for (index, step) in set.steps.iter().enumerate() {
        if usize::try_from(step.version) != Ok(index + 1) {
            return Err(StoreError::MigrationList {
                set: set.name,
                problem: format!(
                    "version {} stands where {} belongs",
                    step.version,
                    index + 1
                ),
            });
        }
    }
    Ok(())
}

/// The steps still to be applied. Refuses a database from a newer or from
/// another program.
fn missing<'a>(
    db: &Db,
    set: &'a MigrationSet,
    seen: &[AppliedMigration],
) -> Result<Vec<&'a Migration>, StoreError> {
    let known = set.steps.last().map_or(0, |step| step.version);
    let mut steps: Vec<&Migration> = set.steps.iter().collect();
    for applied in seen.iter().filter(|applied| applied.set == set.name) {
        if applied.version > known {
            return Err(StoreError::Newer {
                place: db.place().to_owned(),
                set: set.name.to_owned(),
                found: seen
                    .iter()
                    .filter(|other| other.set == set.name)
                    .map(|other| other.version)
                    .max()
                    .unwrap_or(applied.version),
                known,
            });
        }
        steps.retain(|step| step.version != applied.version);
        let same = set
            .steps
            .iter()
            .any(|step| step.version == applied.version && checksum(db, step) == applied.checksum);
        if !same {
            return Err(StoreError::Changed {
                place: db.place().to_owned(),
                set: applied.set.clone(),
                version: applied.version,
                name: applied.name.clone(),
            });
        }
    }
    Ok(steps)
}

/// Applies one step unless another replica just did. Answers whether it did.
async fn apply_step(db: &Db, set: &MigrationSet, step: &Migration) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    if let Some(lock) = dialect::lock_schema(db.dialect()) {
        tx.query(lock, Vec::new()).await?;
    }
    tx.script(dialect::create_migrations_table(db.dialect()))
        .await?;
    if is_applied(&mut tx, set, step).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    tx.script(text(db, step)).await?;
    tx.execute(
        "INSERT INTO schema_migrations (set_name, version, name, checksum, applied_at) \
         VALUES ($1, $2, $3, $4, $5)",
        args![
            set.name,
            step.version,
            step.name,
            checksum(db, step),
            db.clock().now()
        ],
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}

async fn is_applied(tx: &mut Tx, set: &MigrationSet, step: &Migration) -> Result<bool, StoreError> {
    let rows = tx
        .query(
            "SELECT 1 FROM schema_migrations WHERE set_name = $1 AND version = $2",
            args![set.name, step.version],
        )
        .await?;
    Ok(!rows.is_empty())
}

fn text(db: &Db, step: &Migration) -> &'static str {
    match db.dialect() {
        Dialect::Sqlite => step.sqlite,
        Dialect::Postgres => step.postgres,
    }
}

/// SHA-256 of the text without carriage returns, which a checkout may add.
fn checksum(db: &Db, step: &Migration) -> String {
    let digest = Sha256::digest(text(db, step).replace('\r', "").as_bytes());
    digest
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

//! Bindings and rules made in the portal, and views that are open: the tables
//! and every SQL text that touches them.

use jiff::Timestamp;
use platform::args;
use platform::event::EventType;
use platform::store::{Db, Migration, MigrationSet, Row, StoreError, Tx};
use serde_json::Value;

/// A binding or rule was made, changed or removed in the portal. Data: `sort`,
/// `before`, `after`.
pub const POLICY_CHANGED: EventType = EventType("dev.portway.access.policy.changed");

/// What the event types of this crate begin with.
pub(crate) const PREFIX: &str = "dev.portway.access.policy.";

/// The tables of this crate.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "access",
    steps: &[Migration {
        version: 1,
        name: "bindings, rules and views",
        sqlite: include_str!("../migrations/sqlite/1_access.sql"),
        postgres: include_str!("../migrations/postgres/1_access.sql"),
    }],
};

/// A binding or rule as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its id, a UUID.
    pub id: String,
    /// `binding` or `rule`.
    pub sort: String,
    /// As it was written.
    pub body: Value,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

const ALL: &str = "SELECT id, sort, body, changed_by, changed_at FROM access_items ORDER BY id";

pub(crate) async fn all(db: &Db) -> Result<Vec<Stored>, StoreError> {
    let rows = db.read(ALL, Vec::new()).await?;
    rows.iter().map(stored_from).collect()
}

/// The same within a transaction, which holds the lock of the event log: then
/// nobody changes them before it ends.
pub(crate) async fn all_in(tx: &mut Tx) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.query(ALL, Vec::new()).await?;
    rows.iter().map(stored_from).collect()
}

fn stored_from(row: &Row) -> Result<Stored, StoreError> {
    Ok(Stored {
        id: row.text(0)?.to_owned(),
        sort: row.text(1)?.to_owned(),
        body: row.json(2)?,
        changed_by: row.text(3)?.to_owned(),
        changed_at: row.time(4)?,
    })
}

/// Adds one, or changes the one of this id.
pub(crate) async fn put(tx: &mut Tx, item: &Stored, new: bool) -> Result<(), StoreError> {
    let sql = match new {
        true => {
            "INSERT INTO access_items (id, sort, body, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)"
        }
        false => {
            "UPDATE access_items SET sort = $2, body = $3, changed_by = $4, changed_at = $5 WHERE id = $1"
        }
    };
    tx.execute(
        sql,
        args![
            &item.id,
            &item.sort,
            &item.body,
            &item.changed_by,
            item.changed_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM access_items WHERE id = $1", args![id])
        .await?;
    Ok(())
}

/// Notes that `actor` sees as `subject` until `ends_at`, under the digest of
/// what the browser carries.
///
/// # Errors
/// When the database refuses.
pub async fn open_view(
    tx: &mut Tx,
    digest: &str,
    (actor, subject): (&str, &str),
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO access_views (digest, actor, subject, ends_at) VALUES ($1, $2, $3, $4)",
        args![digest, actor, subject, ends_at],
    )
    .await?;
    Ok(())
}

/// As whom `actor` sees by the view of this digest, if it is theirs and has
/// not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn find_view(
    db: &Db,
    digest: &str,
    actor: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let rows = db
        .read(
            "SELECT subject FROM access_views WHERE digest = $1 AND actor = $2 AND ends_at > $3",
            args![digest, actor, now],
        )
        .await?;
    let subject = rows.first().map(|row| row.text(0)).transpose()?;
    Ok(subject.map(str::to_owned))
}

/// Ends a view and forgets those whose time has run out. Answers whose it was.
///
/// # Errors
/// When the database refuses.
pub async fn close_view(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let rows = tx
        .query(
            "SELECT actor FROM access_views WHERE digest = $1",
            args![digest],
        )
        .await?;
    let actor = rows.first().map(|row| row.text(0)).transpose()?;
    let actor = actor.map(str::to_owned);
    tx.execute(
        "DELETE FROM access_views WHERE digest = $1 OR ends_at <= $2",
        args![digest, now],
    )
    .await?;
    Ok(actor)
}

//! Tables of sign-in with accounts from elsewhere.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Db, Migration, MigrationSet, Tx};
use serde_json::Value;

use crate::error::IdentityError;

/// The tables.
pub const SIGN_IN_MIGRATIONS: MigrationSet = MigrationSet {
    name: "sign-in",
    steps: &[Migration {
        version: 1,
        name: "accounts from elsewhere",
        sqlite: include_str!("../../migrations/sqlite/sign_in_1.sql"),
        postgres: include_str!("../../migrations/postgres/sign_in_1.sql"),
    }],
};

/// Notes that an answer was used; `false` when it was before. Of two that try
/// at once, one succeeds.
pub(super) async fn use_up(
    tx: &mut Tx,
    mark: &str,
    now: Timestamp,
    ends: Timestamp,
) -> Result<bool, IdentityError> {
    tx.execute(
        "DELETE FROM sign_in_used WHERE expires_at <= $1",
        args![now],
    )
    .await?;
    let noted = tx
        .execute(
            "INSERT INTO sign_in_used (mark, expires_at) VALUES ($1, $2) ON CONFLICT (mark) DO NOTHING",
            args![mark, ends],
        )
        .await?;
    Ok(noted > 0)
}

/// Notes which provider a session came from.
pub(super) async fn note_session(
    tx: &mut Tx,
    session: &str,
    provider: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM sign_in_sessions WHERE session_id NOT IN (SELECT id FROM identity_sessions)",
        args![],
    )
    .await?;
    tx.execute(
        "INSERT INTO sign_in_sessions (session_id, provider, created_at) VALUES ($1, $2, $3)",
        args![session, provider, now],
    )
    .await?;
    Ok(())
}

/// Which provider a session came from.
pub(super) async fn provider_of(db: &Db, session: &str) -> Result<Option<String>, IdentityError> {
    let rows = db
        .read(
            "SELECT provider FROM sign_in_sessions WHERE session_id = $1",
            args![session],
        )
        .await?;
    Ok(match rows.first() {
        Some(row) => Some(row.text(0)?.to_owned()),
        None => None,
    })
}

/// The user that was made for an account.
pub(super) async fn newcomer(
    db: &Db,
    provider: &str,
    subject: &str,
) -> Result<Option<EntityRef>, IdentityError> {
    let rows = db
        .read(
            "SELECT user_ref FROM sign_in_users WHERE provider = $1 AND subject = $2",
            args![provider, subject],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let text = row.text(0)?;
    EntityRef::parse(text, None, None)
        .map(Some)
        .map_err(|_| IdentityError::Row(format!("sign_in_users {text}")))
}

/// Keeps what a user that was made for an account shall look like.
pub(super) async fn put_newcomer(
    tx: &mut Tx,
    (provider, subject): (&str, &str),
    user: &EntityRef,
    document: &Value,
    now: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO sign_in_users (provider, subject, user_ref, document, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $5) \
         ON CONFLICT (provider, subject) DO UPDATE SET document = $4, updated_at = $5",
        args![provider, subject, user.as_str(), document, now],
    )
    .await?;
    Ok(())
}

/// Every user that was made just in time, as documents.
pub(super) async fn newcomers(db: &Db) -> Result<Vec<Value>, IdentityError> {
    let rows = db
        .read(
            "SELECT document FROM sign_in_users ORDER BY user_ref",
            args![],
        )
        .await?;
    rows.iter().map(|row| Ok(row.json(0)?)).collect()
}

/// What a user that was made looks like now.
pub(super) async fn document_of(
    db: &Db,
    provider: &str,
    subject: &str,
) -> Result<Option<Value>, IdentityError> {
    let rows = db
        .read(
            "SELECT document FROM sign_in_users WHERE provider = $1 AND subject = $2",
            args![provider, subject],
        )
        .await?;
    Ok(match rows.first() {
        Some(row) => Some(row.json(0)?),
        None => None,
    })
}

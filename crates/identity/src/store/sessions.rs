//! Rows of sessions and one-time sign-in codes. Ids and codes are stored as
//! hashes only.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Db, Tx};

use crate::error::IdentityError;
use crate::sessions::{Method, Session};

pub(crate) async fn insert(
    tx: &mut Tx,
    session: &Session,
    digest: &str,
) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_sessions (id, digest, user_ref, method, created_at, last_seen_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
        args![
            &session.id,
            digest,
            session.user.as_str(),
            session.method.as_str(),
            session.created_at
        ],
    )
    .await?;
    Ok(())
}

/// The session with this hash that has not been ended.
pub(crate) async fn by_digest(db: &Db, digest: &str) -> Result<Option<Session>, IdentityError> {
    let rows = db
        .read_kept(
            ("identity_sessions", digest),
            "SELECT id, user_ref, method, created_at, last_seen_at FROM identity_sessions \
             WHERE digest = $1 AND ended_at IS NULL",
            args![digest],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let id = row.text(0)?.to_owned();
    let broken = || IdentityError::Row(format!("identity_sessions {id}"));
    Ok(Some(Session {
        user: EntityRef::parse(row.text(1)?, None, None).map_err(|_| broken())?,
        method: Method::parse(row.text(2)?).ok_or_else(broken)?,
        created_at: row.time(3)?,
        last_seen_at: row.time(4)?,
        id,
    }))
}

/// Ends one session; `false` when it had ended before.
pub(crate) async fn end(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, IdentityError> {
    let changed = tx
        .execute(
            "UPDATE identity_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
            args![id, now],
        )
        .await?;
    Ok(changed > 0)
}

/// Notes that a session was used.
pub(crate) async fn touch(db: &Db, id: &str, now: Timestamp) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    tx.execute(
        "UPDATE identity_sessions SET last_seen_at = $2 WHERE id = $1",
        args![id, now],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets sessions that nobody can use any more. The events keep what happened.
pub(crate) async fn forget_before(tx: &mut Tx, created: Timestamp) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_sessions WHERE created_at < $1",
        args![created],
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_code(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_sign_in_codes WHERE expires_at <= $1",
        args![now],
    )
    .await?;
    tx.execute(
        "INSERT INTO identity_sign_in_codes (digest, expires_at) VALUES ($1, $2)",
        args![digest, expires],
    )
    .await?;
    Ok(())
}

/// Uses a code up; `false` when there is no such code, it was used before or
/// its time has run out. Of two that try at once, one succeeds.
pub(crate) async fn take_code(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let taken = tx
        .execute(
            "DELETE FROM identity_sign_in_codes WHERE digest = $1 AND expires_at > $2",
            args![digest, now],
        )
        .await?;
    Ok(taken > 0)
}

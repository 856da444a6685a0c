//! Rows of providers' tokens, which are encrypted.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Tx};

use crate::error::IdentityError;

/// Keeps what is sealed for a session, and forgets what has run out.
pub(crate) async fn put(
    tx: &mut Tx,
    (session, sealed): (&str, &[u8]),
    (now, expires): (Timestamp, Option<Timestamp>),
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_provider_tokens WHERE session_id = $1 OR expires_at <= $2",
        args![session, now],
    )
    .await?;
    tx.execute(
        "INSERT INTO identity_provider_tokens (session_id, sealed, expires_at) VALUES ($1, $2, $3)",
        args![session, sealed, expires],
    )
    .await?;
    Ok(())
}

/// What is sealed for a session and has not run out.
pub(crate) async fn get(
    db: &Db,
    session: &str,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, IdentityError> {
    let rows = db
        .read(
            "SELECT sealed FROM identity_provider_tokens \
             WHERE session_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
            args![session, now],
        )
        .await?;
    match rows.first() {
        Some(row) => Ok(Some(row.bytes(0)?.to_vec())),
        None => Ok(None),
    }
}

/// Forgets what is sealed for a session.
pub(crate) async fn forget(tx: &mut Tx, session: &str) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_provider_tokens WHERE session_id = $1",
        args![session],
    )
    .await?;
    Ok(())
}

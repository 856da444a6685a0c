//! Rows of failed attempts.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Tx};

use crate::error::IdentityError;

/// How often something failed, and when last.
pub(crate) async fn get(db: &Db, name: &str) -> Result<Option<(u32, Timestamp)>, IdentityError> {
    let rows = db
        .read(
            "SELECT failures, last_at FROM identity_attempts WHERE name = $1",
            args![name],
        )
        .await?;
    rows.first()
        .map(|row| Ok((u32::try_from(row.int(0)?).unwrap_or(u32::MAX), row.time(1)?)))
        .transpose()
}

pub(crate) async fn add(tx: &mut Tx, name: &str, now: Timestamp) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_attempts (name, failures, last_at) VALUES ($1, 1, $2) \
         ON CONFLICT (name) DO UPDATE SET failures = identity_attempts.failures + 1, last_at = $2",
        args![name, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn forget(tx: &mut Tx, name: &str) -> Result<(), IdentityError> {
    tx.execute("DELETE FROM identity_attempts WHERE name = $1", args![name])
        .await?;
    Ok(())
}

/// Forgets what has not failed since a time.
pub(crate) async fn forget_before(tx: &mut Tx, time: Timestamp) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_attempts WHERE last_at < $1",
        args![time],
    )
    .await?;
    Ok(())
}

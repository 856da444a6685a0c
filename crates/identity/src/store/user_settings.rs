//! Rows of what people keep for themselves.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Tx};

use crate::error::IdentityError;

/// The value as it was stored, JSON text.
pub(crate) async fn get(
    db: &Db,
    (user, bucket, key): (&str, &str, &str),
) -> Result<Option<String>, IdentityError> {
    let rows = db
        .read(
            "SELECT value FROM identity_user_settings \
             WHERE user_ref = $1 AND bucket = $2 AND setting = $3",
            args![user, bucket, key],
        )
        .await?;
    let value = rows.first().map(|row| row.text(0)).transpose()?;
    Ok(value.map(str::to_owned))
}

/// The same within a transaction.
pub(crate) async fn get_in(
    tx: &mut Tx,
    (user, bucket, key): (&str, &str, &str),
) -> Result<Option<String>, IdentityError> {
    let rows = tx
        .query(
            "SELECT value FROM identity_user_settings \
             WHERE user_ref = $1 AND bucket = $2 AND setting = $3",
            args![user, bucket, key],
        )
        .await?;
    let value = rows.first().map(|row| row.text(0)).transpose()?;
    Ok(value.map(str::to_owned))
}

/// Keys with values of one bucket, by key.
pub(crate) async fn bucket(
    db: &Db,
    user: &str,
    bucket: &str,
) -> Result<Vec<(String, String)>, IdentityError> {
    let rows = db
        .read(
            "SELECT setting, value FROM identity_user_settings \
             WHERE user_ref = $1 AND bucket = $2 ORDER BY setting",
            args![user, bucket],
        )
        .await?;
    let pair = |row: &platform::store::Row| {
        Ok::<_, IdentityError>((row.text(0)?.to_owned(), row.text(1)?.to_owned()))
    };
    rows.iter().map(pair).collect()
}

/// How many settings a person keeps in a bucket besides this one.
pub(crate) async fn others(
    tx: &mut Tx,
    (user, bucket, key): (&str, &str, &str),
) -> Result<i64, IdentityError> {
    let rows = tx
        .query(
            "SELECT count(*) FROM identity_user_settings \
             WHERE user_ref = $1 AND bucket = $2 AND setting <> $3",
            args![user, bucket, key],
        )
        .await?;
    Ok(rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

pub(crate) async fn set(
    tx: &mut Tx,
    (user, bucket, key): (&str, &str, &str),
    value: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_user_settings (user_ref, bucket, setting, value, changed_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_ref, bucket, setting) \
         DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
        args![user, bucket, key, value, now],
    )
    .await?;
    Ok(())
}

/// `false` when there was nothing to remove.
pub(crate) async fn remove(
    tx: &mut Tx,
    (user, bucket, key): (&str, &str, &str),
) -> Result<bool, IdentityError> {
    let removed = tx
        .execute(
            "DELETE FROM identity_user_settings \
             WHERE user_ref = $1 AND bucket = $2 AND setting = $3",
            args![user, bucket, key],
        )
        .await?;
    Ok(removed > 0)
}

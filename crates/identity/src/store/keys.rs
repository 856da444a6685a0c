//! Rows of signing keys; the private half is sealed.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Tx};
use serde_json::Value;

use crate::error::IdentityError;

/// One stored key.
pub(crate) struct KeyRow {
    pub(crate) kid: String,
    pub(crate) public: Value,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) retired: bool,
}

pub(crate) async fn insert(tx: &mut Tx, key: &KeyRow) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_signing_keys (kid, public_jwk, sealed_private, created_at) \
         VALUES ($1, $2, $3, $4)",
        args![&key.kid, &key.public, key.sealed.as_slice(), key.created_at],
    )
    .await?;
    Ok(())
}

/// Keys that are in use or were until `still_valid`, newest first.
pub(crate) async fn usable(db: &Db, still_valid: Timestamp) -> Result<Vec<KeyRow>, IdentityError> {
    let rows = db
        .read(
            "SELECT kid, public_jwk, sealed_private, created_at, retired_at FROM identity_signing_keys \
             WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC, kid",
            args![still_valid],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(KeyRow {
                kid: row.text(0)?.to_owned(),
                public: row.json(1)?,
                sealed: row.bytes(2)?.to_owned(),
                created_at: row.time(3)?,
                retired: row.opt_time(4)?.is_some(),
            })
        })
        .collect()
}

/// Retires every key but `kid`, and forgets those retired before `forget`.
pub(crate) async fn retire_others(
    tx: &mut Tx,
    kid: &str,
    now: Timestamp,
    forget: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_signing_keys SET retired_at = $2 WHERE kid <> $1 AND retired_at IS NULL",
        args![kid, now],
    )
    .await?;
    tx.execute(
        "DELETE FROM identity_signing_keys WHERE retired_at <= $1",
        args![forget],
    )
    .await?;
    Ok(())
}

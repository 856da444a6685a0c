//! Rows of foreign tokens that have been exchanged.

use jiff::Timestamp;
use platform::args;
use platform::store::Tx;

use crate::error::IdentityError;

/// Counts a use of the token with this hash; `false` when it has been used
/// `most` times already. Of two that come at once each is counted.
pub(crate) async fn use_once(
    tx: &mut Tx,
    digest: &str,
    most: u32,
    expires: Timestamp,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    tx.execute(
        "DELETE FROM identity_exchanged WHERE expires_at <= $1",
        args![now],
    )
    .await?;
    let counted = tx
        .query(
            "INSERT INTO identity_exchanged (digest, uses, expires_at) VALUES ($1, 1, $2) \
             ON CONFLICT (digest) DO UPDATE SET uses = identity_exchanged.uses + 1 \
             RETURNING uses",
            args![digest, expires],
        )
        .await?;
    let uses = counted.first().map_or(Ok(i64::MAX), |row| row.int(0))?;
    Ok(uses <= i64::from(most))
}

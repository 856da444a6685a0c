//! Rows of generated API tokens. The secret is never among them.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Row, Tx};

use crate::error::IdentityError;
use crate::scope::Scope;
use crate::tokens::ApiToken;

const COLUMNS: &str = "id, name, scope, created_by, created_at, expires_at, last_used_at, revoked_at, last_used_address, operated, agent";

fn select(condition: &str) -> platform::store::Sql {
    platform::store::Sql::assembled(format!(
        "SELECT {COLUMNS}, digest FROM identity_tokens WHERE {condition}"
    ))
}

fn token(row: &Row) -> Result<ApiToken, IdentityError> {
    let id = row.text(0)?.to_owned();
    let scope = Scope::from_stored(row.text(2)?)
        .ok_or_else(|| IdentityError::Row(format!("identity_tokens {id}")))?;
    Ok(ApiToken {
        name: row.text(1)?.to_owned(),
        scope,
        created_by: row.text(3)?.to_owned(),
        created_at: row.time(4)?,
        expires_at: row.opt_time(5)?,
        last_used_at: row.opt_time(6)?,
        revoked_at: row.opt_time(7)?,
        last_used_address: row.opt_text(8)?.map(str::to_owned),
        operated: row.bool(9)?,
        agent: row.opt_text(10)?.map(str::to_owned),
        id,
    })
}

pub(crate) async fn insert(
    tx: &mut Tx,
    token: &ApiToken,
    digest: &str,
) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_tokens (id, name, digest, scope, created_by, created_at, expires_at, operated, agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            &token.id,
            &token.name,
            digest,
            &token.scope.to_value(),
            &token.created_by,
            token.created_at,
            token.expires_at,
            token.operated,
            token.agent.as_ref()
        ],
    )
    .await?;
    Ok(())
}

/// The token with this hash, revoked and expired ones too, with the hash as
/// stored.
pub(crate) async fn by_digest(
    db: &Db,
    digest: &str,
) -> Result<Option<(ApiToken, String)>, IdentityError> {
    let rows = db
        .read_kept(
            (&["identity_tokens"], digest),
            select("digest = $1"),
            args![digest],
        )
        .await?;
    rows.first()
        .map(|row| Ok((token(row)?, row.text(11)?.to_owned())))
        .transpose()
}

/// Every token that has not been revoked, newest first.
pub(crate) async fn unrevoked(db: &Db) -> Result<Vec<ApiToken>, IdentityError> {
    let rows = db
        .read(
            select("revoked_at IS NULL ORDER BY created_at DESC, id"),
            args![],
        )
        .await?;
    rows.iter().map(token).collect()
}

/// The token that has not been revoked under this id or name.
pub(crate) async fn find(db: &Db, id_or_name: &str) -> Result<Option<ApiToken>, IdentityError> {
    let condition = "revoked_at IS NULL AND (id = $1 OR name = $1) ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END";
    let rows = db.read(select(condition), args![id_or_name]).await?;
    rows.first().map(token).transpose()
}

/// Revokes one token; `false` when somebody else did before.
pub(crate) async fn revoke(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, IdentityError> {
    let changed = tx
        .execute(
            "UPDATE identity_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            args![id, now],
        )
        .await?;
    Ok(changed > 0)
}

/// Ids of the tokens that hold a name: the one that works, or one whose time
/// has run out.
pub(crate) async fn holders(tx: &mut Tx, name: &str) -> Result<Vec<ApiToken>, IdentityError> {
    let rows = tx
        .query(select("name = $1 AND revoked_at IS NULL"), args![name])
        .await?;
    rows.iter().map(token).collect()
}

/// Tokens that somebody made and that have not been revoked.
pub(crate) async fn made_by(tx: &mut Tx, maker: &str) -> Result<Vec<ApiToken>, IdentityError> {
    let rows = tx
        .query(
            select("created_by = $1 AND revoked_at IS NULL ORDER BY created_at, id"),
            args![maker],
        )
        .await?;
    rows.iter().map(token).collect()
}

/// Working tokens whose names begin with `prefix`, which holds no wildcard.
pub(crate) async fn holders_below(
    tx: &mut Tx,
    prefix: &str,
) -> Result<Vec<ApiToken>, IdentityError> {
    let condition = "revoked_at IS NULL AND substr(name, 1, length($1)) = $1";
    let rows = tx.query(select(condition), args![prefix]).await?;
    rows.iter().map(token).collect()
}

/// Notes that a token was used, and from where.
pub(crate) async fn touch(
    db: &Db,
    (id, digest): (&str, String),
    now: Timestamp,
    address: Option<String>,
) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    // Only what is kept of this one is forgotten.
    tx.execute_for(
        ("identity_tokens", vec![digest]),
        "UPDATE identity_tokens SET last_used_at = $2, last_used_address = $3 WHERE id = $1",
        args![id, now, address],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Working tokens that run out before a time and have not been warned of.
pub(crate) async fn ending(
    tx: &mut Tx,
    now: Timestamp,
    before: Timestamp,
) -> Result<Vec<ApiToken>, IdentityError> {
    let condition = "revoked_at IS NULL AND warned_at IS NULL AND expires_at > $1 AND expires_at <= $2 \
         ORDER BY expires_at, id";
    let rows = tx.query(select(condition), args![now, before]).await?;
    rows.iter().map(token).collect()
}

/// Notes that a token's end has been announced.
pub(crate) async fn warned(tx: &mut Tx, id: &str, now: Timestamp) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_tokens SET warned_at = $2 WHERE id = $1",
        args![id, now],
    )
    .await?;
    Ok(())
}

//! Rows of passkeys, which hold public halves only, and of the ceremonies
//! between challenge and answer.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Row, Sql, Tx};

use crate::error::IdentityError;
use crate::local::{Account, Passkey};
use crate::store::accounts;

/// A stored passkey.
#[derive(Clone, Debug)]
pub(crate) struct PasskeyRow {
    pub(crate) passkey: Passkey,
    pub(crate) account: String,
    pub(crate) credential: Vec<u8>,
    pub(crate) static_state: Vec<u8>,
    pub(crate) dynamic_state: Vec<u8>,
}

/// What is remembered of a challenge.
#[derive(Clone, Debug)]
pub(crate) struct Ceremony {
    pub(crate) account: Option<String>,
    pub(crate) state: Vec<u8>,
}

fn select(condition: &str) -> Sql {
    Sql::assembled(format!(
        "SELECT id, credential, account_id, name, static_state, dynamic_state, created_at, \
         last_used_at FROM identity_passkeys WHERE {condition}"
    ))
}

fn passkey(row: &Row) -> Result<PasskeyRow, IdentityError> {
    Ok(PasskeyRow {
        passkey: Passkey {
            id: row.text(0)?.to_owned(),
            name: row.text(3)?.to_owned(),
            created_at: row.time(6)?,
            last_used_at: row.opt_time(7)?,
        },
        credential: row.bytes(1)?.to_vec(),
        account: row.text(2)?.to_owned(),
        static_state: row.bytes(4)?.to_vec(),
        dynamic_state: row.bytes(5)?.to_vec(),
    })
}

pub(crate) async fn insert(tx: &mut Tx, row: &PasskeyRow) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_passkeys \
         (id, credential, account_id, name, static_state, dynamic_state, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            &row.passkey.id,
            row.credential.as_slice(),
            &row.account,
            &row.passkey.name,
            row.static_state.as_slice(),
            row.dynamic_state.as_slice(),
            row.passkey.created_at
        ],
    )
    .await?;
    Ok(())
}

/// The passkeys of an account, the oldest first.
pub(crate) async fn of_account(db: &Db, account: &str) -> Result<Vec<PasskeyRow>, IdentityError> {
    let rows = db
        .read(
            select("account_id = $1 ORDER BY created_at, id"),
            args![account],
        )
        .await?;
    rows.iter().map(passkey).collect()
}

/// The same within a transaction that holds every other change of the
/// account's passkeys back.
pub(crate) async fn of_account_in(
    tx: &mut Tx,
    account: &str,
) -> Result<Vec<PasskeyRow>, IdentityError> {
    // Writing is what holds the others back, on both databases.
    tx.execute(
        "UPDATE identity_accounts SET id = id WHERE id = $1",
        args![account],
    )
    .await?;
    let rows = tx
        .query(
            select("account_id = $1 ORDER BY created_at, id"),
            args![account],
        )
        .await?;
    rows.iter().map(passkey).collect()
}

/// A passkey by the id that its device gave it.
pub(crate) async fn by_credential_in(
    tx: &mut Tx,
    credential: &[u8],
) -> Result<Option<PasskeyRow>, IdentityError> {
    let rows = tx
        .query(select("credential = $1"), args![credential])
        .await?;
    rows.first().map(passkey).transpose()
}

/// The same with the account that it signs in to.
pub(crate) async fn by_credential(
    db: &Db,
    credential: &[u8],
) -> Result<Option<(PasskeyRow, Account)>, IdentityError> {
    let rows = db
        .read(select("credential = $1"), args![credential])
        .await?;
    let Some(row) = rows.first().map(passkey).transpose()? else {
        return Ok(None);
    };
    let account = accounts::by_id(db, &row.account).await?;
    Ok(account.map(|account| (row, account)))
}

pub(crate) async fn remove(tx: &mut Tx, account: &str, id: &str) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_passkeys WHERE account_id = $1 AND id = $2",
        args![account, id],
    )
    .await?;
    Ok(())
}

/// Notes a use, with what the device counts.
pub(crate) async fn used(
    tx: &mut Tx,
    id: &str,
    dynamic_state: &[u8],
    now: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_passkeys SET dynamic_state = $2, last_used_at = $3 WHERE id = $1",
        args![id, dynamic_state, now],
    )
    .await?;
    Ok(())
}

/// Remembers a challenge, and forgets those whose time is over.
pub(crate) async fn remember(
    tx: &mut Tx,
    (challenge, kind): (&str, &str),
    ceremony: &Ceremony,
    (now, expires): (Timestamp, Timestamp),
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_ceremonies WHERE expires_at <= $1",
        args![now],
    )
    .await?;
    tx.execute(
        "INSERT INTO identity_ceremonies (challenge, kind, account_id, state, expires_at) \
         VALUES ($1, $2, $3, $4, $5)",
        args![
            challenge,
            kind,
            ceremony.account.clone(),
            ceremony.state.as_slice(),
            expires
        ],
    )
    .await?;
    Ok(())
}

/// What was remembered, which is forgotten by this.
pub(crate) async fn recall(
    tx: &mut Tx,
    (challenge, kind): (&str, &str),
    now: Timestamp,
) -> Result<Option<Ceremony>, IdentityError> {
    let rows = tx
        .query(
            "DELETE FROM identity_ceremonies \
             WHERE challenge = $1 AND kind = $2 AND expires_at > $3 RETURNING account_id, state",
            args![challenge, kind, now],
        )
        .await?;
    rows.first()
        .map(|row| {
            Ok(Ceremony {
                account: row.opt_text(0)?.map(str::to_owned),
                state: row.bytes(1)?.to_vec(),
            })
        })
        .transpose()
}

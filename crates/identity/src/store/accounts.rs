//! Rows of local accounts, of the links that set their passwords and of their
//! recovery codes. Passwords are Argon2id hashes, the rest plain ones.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Db, Row, Sql, Tx};

use crate::error::IdentityError;
use crate::local::Account;

const COLUMNS: &str = "a.id, a.name, a.user_ref, a.display_name, a.admin, a.handle, a.password_at, \
     a.created_by, a.created_at, a.signed_in_at, a.disabled_at, a.password";

fn select(condition: &str) -> Sql {
    Sql::assembled(format!(
        "SELECT {COLUMNS} FROM identity_accounts a WHERE {condition}"
    ))
}

fn account(row: &Row) -> Result<Account, IdentityError> {
    let name = row.text(1)?.to_owned();
    let user = EntityRef::parse(row.text(2)?, None, None)
        .map_err(|_| IdentityError::Row(format!("identity_accounts {name}")))?;
    Ok(Account {
        id: row.text(0)?.to_owned(),
        user,
        display_name: row.text(3)?.to_owned(),
        admin: row.bool(4)?,
        handle: row.bytes(5)?.to_vec(),
        password_at: row.opt_time(6)?,
        created_by: row.text(7)?.to_owned(),
        created_at: row.time(8)?,
        signed_in_at: row.opt_time(9)?,
        disabled_at: row.opt_time(10)?,
        name,
    })
}

pub(crate) async fn insert(tx: &mut Tx, account: &Account) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_accounts \
         (id, name, user_ref, display_name, admin, handle, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            &account.id,
            &account.name,
            account.user.as_str(),
            &account.display_name,
            account.admin,
            account.handle.as_slice(),
            &account.created_by,
            account.created_at
        ],
    )
    .await?;
    Ok(())
}

/// The account of this name, with the hash of its password.
pub(crate) async fn by_name(
    db: &Db,
    name: &str,
) -> Result<Option<(Account, Option<String>)>, IdentityError> {
    let rows = db.read(select("a.name = $1"), args![name]).await?;
    rows.first()
        .map(|row| Ok((account(row)?, row.opt_text(11)?.map(str::to_owned))))
        .transpose()
}

pub(crate) async fn by_name_in(tx: &mut Tx, name: &str) -> Result<Option<Account>, IdentityError> {
    let rows = tx.query(select("a.name = $1"), args![name]).await?;
    rows.first().map(account).transpose()
}

pub(crate) async fn by_id(db: &Db, id: &str) -> Result<Option<Account>, IdentityError> {
    let rows = db.read(select("a.id = $1"), args![id]).await?;
    rows.first().map(account).transpose()
}

/// The account of a person.
pub(crate) async fn by_user(db: &Db, user: &str) -> Result<Option<Account>, IdentityError> {
    let rows = db.read(select("a.user_ref = $1"), args![user]).await?;
    rows.first().map(account).transpose()
}

/// Every account, by name.
pub(crate) async fn all(db: &Db) -> Result<Vec<Account>, IdentityError> {
    let rows = db.read(select("1 = 1 ORDER BY a.name"), args![]).await?;
    rows.iter().map(account).collect()
}

pub(crate) async fn set_password(
    tx: &mut Tx,
    id: &str,
    hash: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_accounts SET password = $2, password_at = $3 WHERE id = $1",
        args![id, hash, now],
    )
    .await?;
    Ok(())
}

/// Replaces the hash of the same password by one with today's parameters.
pub(crate) async fn rehash(tx: &mut Tx, id: &str, hash: &str) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_accounts SET password = $2 WHERE id = $1 AND password IS NOT NULL",
        args![id, hash],
    )
    .await?;
    Ok(())
}

/// Takes the password and the recovery codes away.
pub(crate) async fn forget_password(tx: &mut Tx, id: &str) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_accounts SET password = NULL, password_at = NULL WHERE id = $1",
        args![id],
    )
    .await?;
    tx.execute(
        "DELETE FROM identity_recovery_codes WHERE account_id = $1",
        args![id],
    )
    .await?;
    Ok(())
}

pub(crate) async fn switch(
    tx: &mut Tx,
    id: &str,
    disabled_at: Option<Timestamp>,
) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_accounts SET disabled_at = $2 WHERE id = $1",
        args![id, disabled_at],
    )
    .await?;
    Ok(())
}

/// Notes that an account was signed in to; `false` when it has been switched
/// off or reset since `account` was read.
pub(crate) async fn signed_in(
    tx: &mut Tx,
    account: &Account,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let noted = tx
        .execute(
            "UPDATE identity_accounts SET signed_in_at = $2 WHERE id = $1 \
             AND disabled_at IS NULL AND password_at IS NOT DISTINCT FROM $3",
            args![&account.id, now, account.password_at],
        )
        .await?;
    Ok(noted > 0)
}

/// Writes a link down; earlier ones of the account stop to work.
pub(crate) async fn insert_invite(
    tx: &mut Tx,
    account: &str,
    digest: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_invites WHERE account_id = $1 OR expires_at <= $2",
        args![account, now],
    )
    .await?;
    tx.execute(
        "INSERT INTO identity_invites (digest, account_id, expires_at) VALUES ($1, $2, $3)",
        args![digest, account, expires],
    )
    .await?;
    Ok(())
}

/// The account that a working link is for.
pub(crate) async fn invited(
    db: &Db,
    digest: &str,
    now: Timestamp,
) -> Result<Option<Account>, IdentityError> {
    let sql = Sql::assembled(format!(
        "SELECT {COLUMNS} FROM identity_accounts a \
         JOIN identity_invites i ON i.account_id = a.id WHERE i.digest = $1 AND i.expires_at > $2"
    ));
    let rows = db.read(sql, args![digest, now]).await?;
    rows.first().map(account).transpose()
}

/// Uses a link up; `false` when it does not work (any more). Of two that try
/// at once, one succeeds.
pub(crate) async fn take_invite(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let taken = tx
        .execute(
            "DELETE FROM identity_invites WHERE digest = $1 AND expires_at > $2",
            args![digest, now],
        )
        .await?;
    Ok(taken > 0)
}

/// Replaces an account's recovery codes.
pub(crate) async fn replace_codes(
    tx: &mut Tx,
    account: &str,
    digests: &[String],
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_recovery_codes WHERE account_id = $1",
        args![account],
    )
    .await?;
    for digest in digests {
        tx.execute(
            "INSERT INTO identity_recovery_codes (digest, account_id) VALUES ($1, $2)",
            args![digest, account],
        )
        .await?;
    }
    Ok(())
}

/// How many codes are left.
pub(crate) async fn codes_left(db: &Db, account: &str) -> Result<i64, IdentityError> {
    let rows = db
        .read(
            "SELECT count(*) FROM identity_recovery_codes WHERE account_id = $1",
            args![account],
        )
        .await?;
    Ok(rows.first().map_or(Ok(0), |row| row.int(0))?)
}

/// Uses a code up; `false` when there is none.
pub(crate) async fn take_code(tx: &mut Tx, digest: &str) -> Result<bool, IdentityError> {
    let taken = tx
        .execute(
            "DELETE FROM identity_recovery_codes WHERE digest = $1",
            args![digest],
        )
        .await?;
    Ok(taken > 0)
}

//! Rows of devices that wait to be admitted. Codes are stored as hashes only.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Db, Row, Sql, Tx};

use crate::error::IdentityError;
use crate::scope::Scope;

/// What a person said about a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Approved { user: EntityRef, scope: Scope },
    Denied,
}

/// A device that waits.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) client: String,
    pub(crate) scope: Scope,
    pub(crate) address: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) polled_at: Option<Timestamp>,
    /// Seconds between two questions.
    pub(crate) pause: i64,
    pub(crate) decision: Option<Decision>,
}

const COLUMNS: &str = "client, scope, address, agent, created_at, expires_at, polled_at, pause, decision, user_ref, granted";

fn device(row: &Row) -> Result<Device, IdentityError> {
    let broken = || IdentityError::Row("identity_devices".to_owned());
    let decision = match row.opt_text(8)? {
        None => None,
        Some("approved") => Some(Decision::Approved {
            user: row
                .opt_text(9)?
                .and_then(|user| EntityRef::parse(user, None, None).ok())
                .ok_or_else(broken)?,
            scope: row
                .opt_text(10)?
                .and_then(Scope::from_stored)
                .ok_or_else(broken)?,
        }),
        Some(_) => Some(Decision::Denied),
    };
    Ok(Device {
        client: row.text(0)?.to_owned(),
        scope: Scope::from_stored(row.text(1)?).ok_or_else(broken)?,
        address: row.opt_text(2)?.map(str::to_owned),
        agent: row.opt_text(3)?.map(str::to_owned),
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        polled_at: row.opt_time(6)?,
        pause: row.int(7)?,
        decision,
    })
}

/// Writes a device down, and forgets those whose time is over.
pub(crate) async fn insert(
    tx: &mut Tx,
    device: &Device,
    (device_digest, user_digest): (&str, &str),
    network: &str,
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_devices WHERE expires_at <= $1",
        args![device.created_at],
    )
    .await?;
    tx.execute(
        "INSERT INTO identity_devices \
         (device_digest, user_digest, client, scope, address, agent, created_at, expires_at, pause, \
         network) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            device_digest,
            user_digest,
            &device.client,
            &device.scope.to_value(),
            device.address.clone(),
            device.agent.clone(),
            device.created_at,
            device.expires_at,
            device.pause,
            network
        ],
    )
    .await?;
    Ok(())
}

/// How many devices of a network wait.
pub(crate) async fn waiting(
    tx: &mut Tx,
    network: &str,
    now: Timestamp,
) -> Result<i64, IdentityError> {
    let rows = tx
        .query(
            "SELECT count(*) FROM identity_devices WHERE network = $1 AND expires_at > $2",
            args![network, now],
        )
        .await?;
    Ok(rows.first().map_or(Ok(0), |row| row.int(0))?)
}

/// The device that shows this code.
pub(crate) async fn by_user_code(db: &Db, digest: &str) -> Result<Option<Device>, IdentityError> {
    let sql = Sql::assembled(format!(
        "SELECT {COLUMNS} FROM identity_devices WHERE user_digest = $1"
    ));
    let rows = db.read(sql, args![digest]).await?;
    rows.first().map(device).transpose()
}

/// The device that holds this code.
pub(crate) async fn by_device_code(
    tx: &mut Tx,
    digest: &str,
) -> Result<Option<Device>, IdentityError> {
    let sql = Sql::assembled(format!(
        "SELECT {COLUMNS} FROM identity_devices WHERE device_digest = $1"
    ));
    let rows = tx.query(sql, args![digest]).await?;
    rows.first().map(device).transpose()
}

/// Writes down what a person said; `false` when somebody said something before
/// or the time is over.
pub(crate) async fn decide(
    tx: &mut Tx,
    digest: &str,
    decision: &Decision,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let (word, user, granted) = match decision {
        Decision::Approved { user, scope } => (
            "approved",
            Some(user.as_str().to_owned()),
            Some(scope.to_value().to_string()),
        ),
        Decision::Denied => ("denied", None, None),
    };
    let changed = tx
        .execute(
            "UPDATE identity_devices SET decision = $2, user_ref = $3, granted = $4 \
             WHERE user_digest = $1 AND decision IS NULL AND expires_at > $5",
            args![digest, word, user, granted, now],
        )
        .await?;
    Ok(changed > 0)
}

/// Notes that the device asked, and how long it has to wait from now on.
pub(crate) async fn polled(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    pause: i64,
) -> Result<(), IdentityError> {
    tx.execute(
        "UPDATE identity_devices SET polled_at = $2, pause = $3 WHERE device_digest = $1",
        args![digest, now, pause],
    )
    .await?;
    Ok(())
}

/// Forgets the devices that somebody has admitted and that have not come for
/// their tokens yet.
pub(crate) async fn forget_of(tx: &mut Tx, user: &EntityRef) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_devices WHERE user_ref = $1",
        args![user.as_str()],
    )
    .await?;
    Ok(())
}

/// Uses the device's code up; `false` when it was used before.
pub(crate) async fn take(tx: &mut Tx, digest: &str) -> Result<bool, IdentityError> {
    let taken = tx
        .execute(
            "DELETE FROM identity_devices WHERE device_digest = $1",
            args![digest],
        )
        .await?;
    Ok(taken > 0)
}

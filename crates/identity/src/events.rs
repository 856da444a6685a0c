//! What identity writes into the log.

use platform::actor::Actor;
use platform::event::{EventType, NewEvent, Outcome};
use platform::store::Tx;
use serde_json::Value;

use crate::error::IdentityError;

/// An API token was made. Data: `name`, `scope`, `expiresAt`, `before`, `after`.
pub const TOKEN_CREATED: EventType = EventType("dev.portway.identity.token.created");
/// An API token was ended. Data: `name`, `reason`, `before`, `after`.
pub const TOKEN_REVOKED: EventType = EventType("dev.portway.identity.token.revoked");
/// Somebody signed in. Data: `method`.
pub const SESSION_CREATED: EventType = EventType("dev.portway.identity.session.created");
/// A session was ended. Data: `reason`.
pub const SESSION_ENDED: EventType = EventType("dev.portway.identity.session.ended");
/// A person admitted or turned away a program that waited. Data: `decision`,
/// `client`, `address`, `agent`, `scope`.
pub const DEVICE_DECIDED: EventType = EventType("dev.portway.identity.device.decided");
/// An API token runs out within a week. Data: `name`, `expiresAt`.
pub const TOKEN_EXPIRING: EventType = EventType("dev.portway.identity.token.expiring");
/// A program exchanged another issuer's token. Data: `issuer`, `entry`,
/// `scope`, `expiresAt`.
pub const WORKLOAD_ADMITTED: EventType = EventType("dev.portway.identity.workload.admitted");
/// Another issuer's token was genuine, but no entry trusts it. Data: `issuer`,
/// `reason`.
pub const WORKLOAD_REFUSED: EventType = EventType("dev.portway.identity.workload.refused");
/// A local account was made. Data: `name`, `admin`.
pub const ACCOUNT_CREATED: EventType = EventType("dev.portway.identity.account.created");
/// A local account was changed. Data: `name`, `change` (`invited`,
/// `password-set`, `disabled`, `enabled`, `recovery-codes-made`,
/// `recovery-code-used`, `passkey-added`, `passkey-removed`).
pub const ACCOUNT_CHANGED: EventType = EventType("dev.portway.identity.account.changed");
/// Somebody was not signed in. To a local account: data `method`, `address`;
/// with an account elsewhere: `provider`, `reason`, `reference`, `account`,
/// `detail`, `rules`.
pub const SIGN_IN_REFUSED: EventType = EventType("dev.portway.identity.sign-in.refused");

/// Somebody began to see Portway as another person does; the subject is that
/// person. Data: `subject`, `endsAt`.
pub const VIEW_STARTED: EventType = EventType("dev.portway.access.view-as.started");
/// They ended it before its time.
pub const VIEW_ENDED: EventType = EventType("dev.portway.access.view-as.ended");

/// Somebody changed a setting of their own; the subject is the person. Data:
/// `bucket`, `key`, `change` (`set` or `removed`), `before` and `after` as keyed
/// hashes, never the value.
pub const USER_SETTING_CHANGED: EventType = EventType("dev.portway.identity.user-setting.changed");

/// Appends an event about `subject` (`token:<id>`, `session:<id>`) to the
/// transaction that makes it true.
pub(crate) async fn append(
    tx: &mut Tx,
    kind: EventType,
    subject: String,
    actor: &Actor,
    data: Value,
) -> Result<(), IdentityError> {
    let event = (kind, Outcome::Allowed);
    append_as(tx, event, subject, actor, data).await
}

/// The same for what was refused.
pub(crate) async fn append_refusal(
    tx: &mut Tx,
    kind: EventType,
    subject: String,
    actor: &Actor,
    data: Value,
) -> Result<(), IdentityError> {
    let event = (kind, Outcome::Refused);
    append_as(tx, event, subject, actor, data).await
}

async fn append_as(
    tx: &mut Tx,
    (kind, outcome): (EventType, Outcome),
    subject: String,
    actor: &Actor,
    data: Value,
) -> Result<(), IdentityError> {
    tx.append(NewEvent {
        kind,
        subject,
        actor: actor.clone(),
        outcome,
        cause: None,
        data,
    })
    .await?;
    Ok(())
}

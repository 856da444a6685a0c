//! What identity writes into the log.

use platform::actor::Actor;
use platform::event::{EventType, NewEvent};
use platform::store::Tx;
use serde_json::Value;

use crate::error::IdentityError;

/// An API token was made. Data: `name`, `scope`, `expiresAt`.
pub const TOKEN_CREATED: EventType = EventType("dev.portway.identity.token.created");
/// An API token was ended. Data: `name`, `reason`.
pub const TOKEN_REVOKED: EventType = EventType("dev.portway.identity.token.revoked");
/// Somebody signed in. Data: `method`.
pub const SESSION_CREATED: EventType = EventType("dev.portway.identity.session.created");
/// A session was ended. Data: `reason`.
pub const SESSION_ENDED: EventType = EventType("dev.portway.identity.session.ended");

/// Somebody changed a setting of their own; the subject is the person. Data:
/// `bucket`, `key`, `change` (`set` or `removed`), never the value.
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
    tx.append(NewEvent {
        kind,
        subject,
        actor: actor.clone(),
        cause: None,
        data,
    })
    .await?;
    Ok(())
}

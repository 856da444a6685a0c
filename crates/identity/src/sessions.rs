//! Sessions of people in a browser: a row on the server, an opaque id in a
//! cookie. 12 hours without use or 7 days in all end one.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::request::Parts;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::clock::later;
use serde_json::json;

use crate::error::IdentityError;
use crate::events::{self, SESSION_CREATED, SESSION_ENDED};
use crate::identity::Identity;
use crate::store::sessions as rows;

/// How long a session lives without being used.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// How long it lives at most.
const ABSOLUTE: Duration = Duration::from_secs(7 * 86_400);
/// How often its use is written down.
const TOUCH_EVERY: Duration = Duration::from_secs(60);
/// How long ended sessions are kept: well past the time any could still work.
const KEEP: Duration = Duration::from_secs(30 * 86_400);

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As the guest.
    Guest,
    /// With a one-time link.
    Link,
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Link => "link",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Guest, Self::Link]
            .into_iter()
            .find(|method| method.as_str() == text)
    }
}

/// Somebody's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id in events, which is not the cookie's.
    pub id: String,
    /// Whose it is.
    pub user: EntityRef,
    /// How it began.
    pub method: Method,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_seen_at: Timestamp,
}

impl Session {
    fn has_ended(&self, now: Timestamp) -> bool {
        later(self.last_seen_at, IDLE) <= now || later(self.created_at, ABSOLUTE) <= now
    }
}

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: EntityRef,
    /// The value of `Set-Cookie`; nothing else knows the session's secret.
    pub cookie: HeaderValue,
}

impl Identity {
    /// The session that a request carries, if it still counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, parts: &Parts) -> Result<Option<Session>, ApiError> {
        let Some(id) = self.cookie().read(parts) else {
            return Ok(None);
        };
        let Some(mut session) = rows::by_digest(self.db(), &id.digest().to_hex()).await? else {
            return Ok(None);
        };
        let now = self.clock().now();
        if session.has_ended(now) {
            return Ok(None);
        }
        if later(session.last_seen_at, TOUCH_EVERY) <= now {
            match rows::touch(self.db(), &session.id, now).await {
                Ok(()) => session.last_seen_at = now,
                Err(error) => {
                    tracing::warn!(
                        session.id = session.id,
                        "Could not note the use of a session: {error}"
                    );
                }
            }
        }
        Ok(Some(session))
    }

    /// Ends the session that a request carries. Answers the `Set-Cookie` that
    /// removes the cookie, whether or not there was a session.
    ///
    /// # Errors
    /// 403 when another site caused the request.
    pub async fn sign_out(&self, parts: &Parts) -> Result<HeaderValue, ApiError> {
        crate::csrf::require_same_origin(parts)?;
        if let Some(session) = self.session(parts).await? {
            let mut tx = self.db().begin().await?;
            self.end_session_in(&mut tx, &session, "signed out").await?;
            tx.commit().await?;
        }
        Ok(self.cookie().clear())
    }

    /// Begins a session for `user` in `tx` and ends the one the browser had,
    /// so that an id known before signing in is worth nothing afterwards.
    pub(crate) async fn begin_session_in(
        &self,
        tx: &mut platform::store::Tx,
        before: Option<Session>,
        user: EntityRef,
        method: Method,
    ) -> Result<SignedIn, IdentityError> {
        if let Some(before) = before {
            self.end_session_in(tx, &before, "signed in again").await?;
        }
        let now = self.clock().now();
        if let Ok(long_ago) =
            now.checked_sub(jiff::SignedDuration::try_from(KEEP).unwrap_or_default())
        {
            rows::forget_before(tx, long_ago).await?;
        }
        let secret = self.entropy().secret("")?;
        let session = Session {
            id: self.entropy().id()?,
            user,
            method,
            created_at: now,
            last_seen_at: now,
        };
        rows::insert(tx, &session, &secret.digest().to_hex()).await?;
        let data = json!({ "method": method.as_str() });
        events::append(
            tx,
            SESSION_CREATED,
            format!("session:{}", session.id),
            &actor(&session.user),
            data,
        )
        .await?;
        Ok(SignedIn {
            user: session.user,
            cookie: self.cookie().set(&secret),
        })
    }

    async fn end_session_in(
        &self,
        tx: &mut platform::store::Tx,
        session: &Session,
        reason: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock().now();
        if rows::end(tx, &session.id, now).await? {
            let data = json!({ "reason": reason });
            events::append(
                tx,
                SESSION_ENDED,
                format!("session:{}", session.id),
                &actor(&session.user),
                data,
            )
            .await?;
        }
        Ok(())
    }

    /// Who is signed in. A guest's session counts only while guests do.
    pub(crate) async fn caller_with_session(
        &self,
        parts: &Parts,
    ) -> Result<Option<Caller>, ApiError> {
        let Some(session) = self.session(parts).await? else {
            return Ok(None);
        };
        Ok(match session.method {
            Method::Guest => match self.local_guest(parts) {
                Ok(guest) if guest.user == session.user => Some(self.guest_caller(guest)),
                _ => None,
            },
            Method::Link => Some(Caller {
                actor: actor(&session.user),
                ownership: self.ownership(&session.user),
                grants: Grants::All,
            }),
        })
    }
}

/// The actor that a person is.
pub(crate) fn actor(user: &EntityRef) -> Actor {
    Actor {
        kind: ActorKind::User,
        name: user.as_str().to_owned(),
    }
}

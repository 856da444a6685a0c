//! Sessions of people: a row on the server, an opaque id in a cookie. A login
//! of the command line is a session too, with tokens instead of the cookie
//! ([`crate::device`]), so that one list shows, and one button ends, whatever
//! acts in somebody's name.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::request::Parts;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::clock::later;
use platform::store::Tx;
use serde_json::{Value, json};

use crate::actions::SESSION_MANAGE;
use crate::error::IdentityError;
use crate::events::{self, SESSION_CREATED, SESSION_ENDED};
use crate::identity::Identity;
use crate::origin::{RequestOrigin, agent_words};
use crate::scope::Scope;
use crate::store::{bearers, devices, provider_tokens, sessions as rows};
use crate::trust::SessionLimits;

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
    /// With the password of a local account.
    Password,
    /// With a passkey of a local account.
    Passkey,
    /// With a recovery code of a local account.
    Recovery,
    /// The command line, admitted by a person who was signed in.
    Device,
    /// With an account at a provider.
    Provider,
}

impl Method {
    const ALL: [Self; 7] = [
        Self::Guest,
        Self::Link,
        Self::Password,
        Self::Passkey,
        Self::Recovery,
        Self::Device,
        Self::Provider,
    ];

    /// The word for it in events and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Link => "link",
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Recovery => "recovery",
            Self::Device => "device",
            Self::Provider => "provider",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
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
    /// From where it was used last.
    pub address: Option<String>,
    /// What the browser or program calls itself.
    pub agent: Option<String>,
    /// Which program holds it, when it is not a browser.
    pub client: Option<String>,
    /// What such a program may do at most.
    pub scope: Option<Scope>,
    /// Whether the local account behind it administers Portway.
    pub(crate) admin: bool,
    /// The hash of its secret.
    pub(crate) digest: String,
}

impl Session {
    /// As events tell of it.
    fn told(&self) -> Value {
        json!({
            "user": self.user,
            "method": self.method.as_str(),
            "client": self.client,
            "scope": self.scope.as_ref().map(Scope::to_value),
        })
    }

    /// When it ends if nobody uses it any more.
    pub fn ends_at(&self, limits: &SessionLimits) -> Timestamp {
        let whole = later(self.created_at, limits.absolute);
        // A command line is used rarely and holds a token that rotates.
        match self.method {
            Method::Device => whole,
            _ => whole.min(later(self.last_seen_at, limits.idle)),
        }
    }

    /// As programs see it.
    pub fn to_value(&self, limits: &SessionLimits, current: Option<&str>) -> Value {
        json!({
            "id": self.id,
            "user": self.user,
            "method": self.method.as_str(),
            "createdAt": self.created_at,
            "lastSeenAt": self.last_seen_at,
            "endsAt": self.ends_at(limits),
            "address": self.address,
            "agent": self.agent.as_deref().map(agent_words),
            "client": self.client,
            "scope": self.scope.as_ref().map(Scope::to_value),
            "current": current == Some(self.id.as_str()),
        })
    }
}

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: EntityRef,
    /// The session's id in events.
    pub session: String,
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
        let Some(session) = rows::by_digest(self.db(), &id.digest().to_hex()).await? else {
            return Ok(None);
        };
        Ok(self.still_counting(session, parts).await)
    }

    /// The session if it has not run out, with its use written down.
    pub(crate) async fn still_counting(
        &self,
        mut session: Session,
        parts: &Parts,
    ) -> Option<Session> {
        let now = self.clock().now();
        if session.ends_at(&self.trust().sessions) <= now {
            return None;
        }
        let origin = RequestOrigin::of(parts);
        // The first use tells from where; later ones each minute.
        let first = session.address.is_none() && origin.address.is_some();
        if first || later(session.last_seen_at, TOUCH_EVERY) <= now {
            match rows::touch(self.db(), &session, now, &origin).await {
                Ok(()) => {
                    session.last_seen_at = now;
                    session.address = origin.address_text();
                    session.agent = origin.agent.or(session.agent);
                }
                Err(error) => {
                    tracing::warn!(
                        session.id = session.id,
                        "Could not note the use of a session: {error}"
                    );
                }
            }
        }
        Some(session)
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
            let actor = actor(&session.user);
            self.end_session_in(&mut tx, &session, &actor, "signed out")
                .await?;
            tx.commit().await?;
        }
        Ok(self.cookie().clear())
    }

    /// Begins a session for `user` in `tx` and ends the one the browser had,
    /// so that an id known before signing in is worth nothing afterwards.
    pub(crate) async fn begin_session_in(
        &self,
        tx: &mut Tx,
        before: Option<Session>,
        user: EntityRef,
        method: Method,
    ) -> Result<SignedIn, IdentityError> {
        if let Some(before) = before {
            let actor = actor(&before.user);
            self.end_session_in(tx, &before, &actor, "signed in again")
                .await?;
        }
        let secret = self.entropy().secret("")?;
        let session = self.new_session(user, method)?;
        self.insert_session_in(tx, &session, &secret.digest().to_hex())
            .await?;
        Ok(SignedIn {
            user: session.user,
            session: session.id,
            cookie: self.cookie().set(&secret),
        })
    }

    pub(crate) fn new_session(
        &self,
        user: EntityRef,
        method: Method,
    ) -> Result<Session, IdentityError> {
        let now = self.clock().now();
        Ok(Session {
            id: self.entropy().id()?,
            user,
            method,
            created_at: now,
            last_seen_at: now,
            address: None,
            agent: None,
            client: None,
            scope: None,
            admin: false,
            digest: String::new(),
        })
    }

    pub(crate) async fn insert_session_in(
        &self,
        tx: &mut Tx,
        session: &Session,
        digest: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock().now();
        let keep = KEEP.max(self.trust().sessions.absolute);
        if let Ok(long_ago) =
            now.checked_sub(jiff::SignedDuration::try_from(keep).unwrap_or_default())
        {
            rows::forget_before(tx, long_ago).await?;
        }
        rows::insert(tx, session, digest).await?;
        let mut data = json!({ "method": session.method.as_str() });
        if let (Some(client), Some(fields)) = (&session.client, data.as_object_mut()) {
            fields.insert("client".to_owned(), client.clone().into());
            fields.insert(
                "scope".to_owned(),
                session.scope.as_ref().map(Scope::to_value).into(),
            );
        }
        if let Some(fields) = data.as_object_mut() {
            fields.insert("before".to_owned(), Value::Null);
            fields.insert("after".to_owned(), session.told());
        }
        events::append(
            tx,
            SESSION_CREATED,
            format!("session:{}", session.id),
            &actor(&session.user),
            data,
        )
        .await
    }

    pub(crate) async fn end_session_in(
        &self,
        tx: &mut Tx,
        session: &Session,
        by: &Actor,
        reason: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock().now();
        if rows::end(tx, &session.id, now).await? {
            bearers::end_of_session(tx, &session.id).await?;
            provider_tokens::forget(tx, &session.id).await?;
            let data = json!({
                "reason": reason,
                "user": session.user,
                "before": session.told(),
                "after": null,
            });
            events::append(
                tx,
                SESSION_ENDED,
                format!("session:{}", session.id),
                by,
                data,
            )
            .await?;
        }
        Ok(())
    }

    /// The sessions of a person that count, the latest used first: one's own,
    /// or with the permission `identity.session.manage` anybody's.
    ///
    /// # Errors
    /// 401 for nobody, 403 for the sessions of another.
    pub async fn sessions_of(
        &self,
        caller: &Caller,
        user: Option<&EntityRef>,
    ) -> Result<Vec<Session>, ApiError> {
        let user = self.subject_of_sessions(caller, user)?;
        let now = self.clock().now();
        let mut found = rows::of_user(self.db(), &user).await?;
        found.retain(|session| now < session.ends_at(&self.trust().sessions));
        Ok(found)
    }

    /// Everybody's sessions that count, the latest used first, at most `most`.
    ///
    /// # Errors
    /// 403 without the permission `identity.session.manage`.
    pub async fn all_sessions(
        &self,
        caller: &Caller,
        most: usize,
    ) -> Result<Vec<Session>, ApiError> {
        caller.require(SESSION_MANAGE)?;
        let now = self.clock().now();
        let mut found = rows::latest(self.db(), most).await?;
        found.retain(|session| now < session.ends_at(&self.trust().sessions));
        Ok(found)
    }

    /// Ends one session.
    ///
    /// # Errors
    /// 404 for one that is not there or that the caller may not know of.
    pub async fn end_session(&self, caller: &Caller, id: &str) -> Result<Session, ApiError> {
        let missing = || {
            ApiError::not_found("There is no such session that you may end")
                .accepted("the id of a session from /settings/sessions")
        };
        let known = id.len() <= 64 && !id.chars().any(char::is_control);
        let session = match known {
            true => rows::by_id(self.db(), id).await?,
            false => None,
        }
        .ok_or_else(missing)?;
        if self
            .subject_of_sessions(caller, Some(&session.user))
            .is_err()
        {
            return Err(missing());
        }
        let mut tx = self.db().begin().await?;
        self.end_session_in(&mut tx, &session, &caller.actor, "ended from the list")
            .await?;
        tx.commit().await?;
        Ok(session)
    }

    /// Ends every session of a person except `keep`; answers how many.
    ///
    /// # Errors
    /// As [`Identity::sessions_of`].
    pub async fn end_other_sessions(
        &self,
        caller: &Caller,
        user: Option<&EntityRef>,
        keep: Option<&str>,
    ) -> Result<usize, ApiError> {
        let user = self.subject_of_sessions(caller, user)?;
        let mut tx = self.db().begin().await?;
        let ended = self
            .end_all_in(&mut tx, &user, keep, &caller.actor, "all others ended")
            .await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends the sessions of `user` but one, in the transaction that is the
    /// reason for it.
    pub(crate) async fn end_all_in(
        &self,
        tx: &mut Tx,
        user: &EntityRef,
        keep: Option<&str>,
        by: &Actor,
        reason: &str,
    ) -> Result<usize, IdentityError> {
        // A device that was admitted and has no tokens yet is a session to come.
        devices::forget_of(tx, user).await?;
        let mut ended = 0;
        for session in rows::of_user_in(tx, user).await? {
            if keep != Some(session.id.as_str()) {
                self.end_session_in(tx, &session, by, reason).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// Whether a person has a session in a browser that counts. A guest's does
    /// not: it proves nothing.
    pub(crate) async fn is_signed_in(&self, user: &EntityRef) -> Result<bool, IdentityError> {
        let now = self.clock().now();
        let counts = |session: &Session| {
            !matches!(session.method, Method::Guest | Method::Device)
                && now < session.ends_at(&self.trust().sessions)
        };
        Ok(rows::of_user_kept(self.db(), user)
            .await?
            .iter()
            .any(counts))
    }

    /// Whose sessions are meant, if the caller may know of them.
    fn subject_of_sessions(
        &self,
        caller: &Caller,
        user: Option<&EntityRef>,
    ) -> Result<EntityRef, ApiError> {
        let own = (caller.actor.kind == ActorKind::User)
            .then(|| EntityRef::parse(&caller.actor.name, None, None).ok())
            .flatten();
        match (user, own) {
            (None, Some(own)) => Ok(own),
            (Some(user), Some(own)) if *user == own => Ok(own),
            (Some(user), _) => {
                caller.require(SESSION_MANAGE)?;
                Ok(user.clone())
            }
            (None, None) if caller.is_anonymous() => Err(ApiError::unauthenticated(
                "Sessions belong to a person, and none is signed in",
            )
            .accepted("the session of a person, or `user` with the permission to manage sessions")
            .fix("sign in, or name the person")),
            (None, None) => Err(ApiError::input(format!(
                "Sessions belong to a person, and {} is none",
                caller.actor
            ))
            .accepted("`user`, such as user:default/kim, with the permission to manage sessions")
            .fix("name the person")),
        }
    }

    /// Who is signed in. A guest's session counts only while guests do.
    pub(crate) async fn caller_with_session(
        &self,
        parts: &Parts,
    ) -> Result<Option<Caller>, ApiError> {
        let Some(session) = self.session(parts).await? else {
            return Ok(None);
        };
        Ok(self.caller_of(&session, parts))
    }

    /// Who acts through a session, and what they may do.
    pub(crate) fn caller_of(&self, session: &Session, parts: &Parts) -> Option<Caller> {
        // Whoever is the guest is the guest by every way in.
        let is_guest = self
            .guest_user()
            .is_some_and(|guest| *guest == session.user);
        if session.method == Method::Guest || is_guest {
            let guest = self.local_guest(parts).ok()?;
            let mut caller = (guest.user == session.user).then(|| self.guest_caller(guest))?;
            if let Some(scope) = &session.scope {
                caller.grants = scope.within(&caller.grants, self.permissions()).grants();
            }
            return Some(caller);
        }
        let operates = session.method == Method::Link || session.admin;
        let grants = match &session.scope {
            Some(scope) => scope.grants(),
            None if operates => Grants::All,
            None => self.person_grants(),
        };
        Some(Caller {
            actor: actor(&session.user),
            ownership: self.ownership(&session.user),
            grants: if operates {
                self.operator_grants(grants)
            } else {
                grants
            },
        })
    }
}

/// The actor that a person is.
pub(crate) fn actor(user: &EntityRef) -> Actor {
    Actor::new(ActorKind::User, user.as_str().to_owned())
}

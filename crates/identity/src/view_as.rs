//! Seeing the portal as somebody else sees it: for administrators, read-only,
//! written down, and over by itself.

use std::time::Duration;

use access::permission::VIEW_AS;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{ActorKind, Caller, Grants};
use platform::clock::later;
use platform::decision::Rights;
use serde_json::json;

use crate::events::{self, VIEW_ENDED, VIEW_STARTED};
use crate::identity::Identity;
use crate::secret::{Secret, SecretDigest};

/// How long it lasts.
const LASTS: Duration = Duration::from_secs(30 * 60);

impl Identity {
    /// Begins to see Portway as `subject` sees it. Answers the `Set-Cookie`
    /// that does it, in this browser only.
    ///
    /// # Errors
    /// 403 for whoever may not, 400 when `subject` is no user.
    pub async fn start_view_as(
        &self,
        caller: &Caller,
        subject: &EntityRef,
    ) -> Result<HeaderValue, ApiError> {
        caller.require(VIEW_AS)?;
        if caller.actor.kind != ActorKind::User || subject.kind() != "user" {
            return Err(
                ApiError::input("One person can see Portway as another one sees it")
                    .accepted("the session of a person, and a user such as user:default/kim"),
            );
        }
        let Some(access) = self.access_slot().get() else {
            return Err(ApiError::unavailable("There is no policy yet"));
        };
        let secret = self.entropy().secret("")?;
        let ends_at = later(self.clock().now(), LASTS);
        let mut tx = self.db().begin().await?;
        access::open_view(
            &mut tx,
            &secret.digest().to_hex(),
            (&caller.actor.name, subject.as_str()),
            ends_at,
        )
        .await?;
        let data = json!({ "subject": subject, "endsAt": ends_at });
        events::append(
            &mut tx,
            VIEW_STARTED,
            subject.to_string(),
            &caller.actor,
            data,
        )
        .await?;
        tx.commit().await?;
        tracing::debug!(
            policy = access.is_enabled(),
            "somebody looks through other eyes"
        );
        // The name is for the page's banner; what counts is the row.
        let value = Secret::new(format!("{}~{}", secret.expose(), subject.as_str()));
        Ok(self.cookie().set_view(&value, LASTS))
    }

    /// Ends it. Answers the `Set-Cookie` that removes the cookie.
    ///
    /// # Errors
    /// 403 when another site caused the request.
    pub async fn end_view_as(&self, parts: &Parts) -> Result<HeaderValue, ApiError> {
        crate::csrf::require_same_origin(parts)?;
        if let Some((digest, subject)) = self.carried(parts) {
            let now = self.clock().now();
            let mut tx = self.db().begin().await?;
            if let Some(actor) = access::close_view(&mut tx, &digest, now).await?
                && let Ok(user) = EntityRef::parse(&actor, None, None)
            {
                let actor = crate::sessions::actor(&user);
                events::append(&mut tx, VIEW_ENDED, subject, &actor, json!({})).await?;
            }
            tx.commit().await?;
        }
        Ok(self.cookie().clear_view())
    }

    /// The caller as their view makes them. A view that has ended, is somebody
    /// else's, or whose maker may no longer have it, changes nothing.
    pub(crate) async fn through_other_eyes(
        &self,
        parts: &Parts,
        caller: Caller,
    ) -> Result<Caller, ApiError> {
        let Some((digest, _)) = self.carried(parts) else {
            return Ok(caller);
        };
        if caller.actor.kind != ActorKind::User || !caller.may(VIEW_AS) {
            return Ok(caller);
        }
        let now = self.clock().now();
        let found = access::find_view(self.db(), &digest, &caller.actor.name, now).await?;
        let subject = found.and_then(|subject| EntityRef::parse(&subject, None, None).ok());
        let Some(subject) = subject else {
            return Ok(caller);
        };
        // Whatever the permission: also one's own stars would be changed.
        if !parts.method.is_safe() {
            return Err(ApiError::not_allowed(format!(
                "You see Portway as {subject} does, which changes nothing"
            ))
            .fix("end this view first; the button is at the top of every page"));
        }
        let (ownership, grants) = self.rights_of(&subject);
        let rights = match grants {
            Grants::Decided(rights) => rights,
            // Without a policy everybody may do everything.
            _ => access::operator("every signed-in person may do everything here"),
        };
        let rights: Rights = rights;
        Ok(Caller {
            grants: self.limited(rights, caller.grants, &subject),
            actor: caller.actor,
            ownership,
        })
    }

    /// The digest of the view that a request carries, and the name beside it.
    fn carried(&self, parts: &Parts) -> Option<(String, String)> {
        let value = self.cookie().read_view(parts)?;
        let (secret, subject) = value.expose().split_once('~')?;
        Some((SecretDigest::of(secret).to_hex(), subject.to_owned()))
    }
}

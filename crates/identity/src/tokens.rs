//! Generated API tokens: `pw_` and 256 random bits, of which Portway keeps the
//! hash only.

use std::time::Duration;

use axum::http::request::Parts;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller};
use platform::clock::later;
use serde_json::{Value, json};

use crate::actions::SESSION_MANAGE;
use crate::error::IdentityError;
use crate::events::{self, TOKEN_CREATED, TOKEN_EXPIRING, TOKEN_REVOKED};
use crate::identity::Identity;
use crate::origin::RequestOrigin;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::store::tokens as rows;

/// What every generated token begins with, so that secret scanners know it.
pub(crate) const PREFIX: &str = "pw_";
/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 100;
/// The longest name of an agent, in bytes.
pub(crate) const LONGEST_AGENT: usize = 60;
/// A use is noted when the last noted one is this long ago, so that a busy
/// token does not write on every request.
const TOUCH_EVERY: Duration = Duration::from_secs(60);
/// How long before its end a token's maker is warned.
const WARN_BEFORE: Duration = Duration::from_secs(7 * 86_400);
/// The name of the token that each start makes for the local command line.
const LOCAL: &str = "local-access";

/// A generated token without its secret.
#[derive(Clone, Debug)]
pub struct ApiToken {
    /// Its id, a UUID.
    pub id: String,
    /// What its maker called it; unique among tokens that are not revoked.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to work; never when absent.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From where it was used last.
    pub last_used_address: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The agent that holds it, which acts for whoever made it.
    pub agent: Option<String>,
    /// Whether its maker ran Portway at that time, so that no policy binds it.
    pub(crate) operated: bool,
}

impl ApiToken {
    /// As it is shown: everything but the secret, which is nowhere.
    pub fn to_value(&self, now: Timestamp) -> Value {
        let status = if self.revoked_at.is_some() {
            "revoked"
        } else if self.has_expired(now) {
            "expired"
        } else {
            "active"
        };
        json!({
            "id": self.id,
            "name": self.name,
            "scope": self.scope.to_value(),
            "status": status,
            "createdBy": self.created_by,
            "createdAt": self.created_at,
            "expiresAt": self.expires_at,
            "lastUsedAt": self.last_used_at,
            "lastUsedAddress": self.last_used_address,
            "agent": self.agent,
            "onBehalfOf": self.agent.is_some().then_some(&self.created_by),
        })
    }

    /// As events tell of it.
    fn told(&self) -> Value {
        json!({
            "name": self.name,
            "scope": self.scope.to_value(),
            "createdBy": self.created_by,
            "expiresAt": self.expires_at,
            "agent": self.agent,
        })
    }

    /// Whether it runs out within a week.
    pub fn expires_soon(&self, now: Timestamp) -> bool {
        self.expires_at
            .is_some_and(|end| now < end && end <= later(now, WARN_BEFORE))
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// What a new token shall be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it stops to work; as the policy says when left out.
    pub expires_at: Option<Timestamp>,
    /// The agent that will hold it, and act for whoever makes it.
    pub agent: Option<String>,
}

impl Identity {
    /// Makes a token. The secret in the answer exists nowhere else.
    ///
    /// # Errors
    /// 400 for a name or expiry that cannot be, 403 when the token could do
    /// more than `caller`, 409 when a working token has the name.
    pub async fn create_token(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<(ApiToken, Secret<String>), ApiError> {
        let now = self.clock().now();
        let new = self.within_policy(new)?;
        may_send_agent(caller, &new)?;
        self.may_hand_on(caller, &new.scope)?;
        let taken = || {
            ApiError::conflict(format!("A token named {} works already", new.name))
                .fix("choose another name, or revoke that token first")
        };
        let mut tx = self.db().begin().await?;
        for holder in rows::holders(&mut tx, &new.name).await? {
            if !holder.has_expired(now) {
                return Err(taken());
            }
            self.revoke_in(&mut tx, &holder, &caller.actor, "its time had run out")
                .await?;
        }
        let by = (&caller.actor, self.operates(caller));
        match self.insert_token(&mut tx, by, new.clone()).await {
            Ok(made) => {
                tx.commit().await?;
                Ok(made)
            }
            // Somebody else made it at the same time.
            Err(error) if error.is_duplicate() => Err(taken()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the token with which the local command line talks to this
    /// process. The tokens of earlier starts end: those of this `instance`
    /// where replicas share the database, else all of them, since a database
    /// of its own has one server at a time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn issue_local_token(&self, instance: &str) -> Result<Secret<String>, IdentityError> {
        let actor = Actor::system("portway");
        let name = format!("{LOCAL}:{instance}");
        let mut tx = self.db().begin().await?;
        let earlier = if self.db().is_shared() {
            rows::holders(&mut tx, &name).await?
        } else {
            rows::holders_below(&mut tx, LOCAL).await?
        };
        for token in earlier {
            self.revoke_in(&mut tx, &token, &actor, "Portway was started again")
                .await?;
        }
        let new = NewToken {
            name,
            scope: Scope::All,
            expires_at: None,
            agent: None,
        };
        let (_, secret) = self.insert_token(&mut tx, (&actor, false), new).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// The tokens that `caller` may know of, newest first: all for those who
    /// manage other people's sessions, their own for others.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<ApiToken>, ApiError> {
        let mut tokens = rows::unrevoked(self.db()).await?;
        tokens.retain(|token| is_theirs(token, caller));
        Ok(tokens)
    }

    /// The token with this id or name, if `caller` may know of it.
    ///
    /// # Errors
    /// 404 when there is none.
    pub async fn token(&self, caller: &Caller, id_or_name: &str) -> Result<ApiToken, ApiError> {
        // No name holds a control character, and PostgreSQL cannot even compare some.
        let found = match id_or_name.chars().any(char::is_control) {
            true => None,
            false => rows::find(self.db(), id_or_name).await?,
        };
        found
            .filter(|token| is_theirs(token, caller))
            .ok_or_else(|| {
                ApiError::not_found(format!(
                    "There is no token {id_or_name:?} that you may revoke"
                ))
                .accepted("the id or the name of a token from `portway token list`")
            })
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// 404 when there is none with this id or name.
    pub async fn revoke_token(
        &self,
        caller: &Caller,
        id_or_name: &str,
    ) -> Result<ApiToken, ApiError> {
        let token = self.token(caller, id_or_name).await?;
        let mut tx = self.db().begin().await?;
        self.revoke_in(&mut tx, &token, &caller.actor, "asked for")
            .await?;
        tx.commit().await?;
        Ok(ApiToken {
            revoked_at: Some(self.clock().now()),
            ..token
        })
    }

    /// Who presents a generated token.
    pub(crate) async fn caller_with_api_token(
        &self,
        presented: &Secret<String>,
        parts: &Parts,
    ) -> Result<Caller, ApiError> {
        let digest = presented.digest();
        let found = rows::by_digest(self.db(), &digest.to_hex()).await?;
        // The index found it by hash; the comparison that admits is our own.
        let token = match found {
            Some((token, stored)) if digest.matches_hex(&stored) => token,
            _ => return Err(illegal_token("make a new one with `portway token create`")),
        };
        let now = self.clock().now();
        if let Some(revoked) = token.revoked_at {
            return Err(illegal_token(format!(
                "this token was revoked at {revoked}; make a new one with `portway token create`"
            )));
        }
        if let Some(expired) = token.expires_at.filter(|_| token.has_expired(now)) {
            return Err(illegal_token(format!(
                "this token ran out at {expired}; make a new one with `portway token create`"
            )));
        }
        if token
            .last_used_at
            .is_none_or(|last| later(last, TOUCH_EVERY) <= now)
            && let Err(error) = rows::touch(
                self.db(),
                (&token.id, digest.to_hex()),
                now,
                RequestOrigin::of(parts).address_text(),
            )
            .await
        {
            // Worth a line, but no reason to refuse a good token.
            tracing::warn!(
                token.id = token.id,
                "Could not note the use of a token: {error}"
            );
        }
        Ok(Caller {
            actor: actor(&token),
            ownership: Vec::new(),
            grants: self.token_grants(&token),
        })
    }

    /// Writes into the log, once for each, which tokens run out within a week.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn warn_of_ends(&self) -> Result<usize, IdentityError> {
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let ending = rows::ending(&mut tx, now, later(now, WARN_BEFORE)).await?;
        for token in &ending {
            rows::warned(&mut tx, &token.id, now).await?;
            let data = json!({
                "name": token.name,
                "createdBy": token.created_by,
                "expiresAt": token.expires_at,
            });
            let subject = format!("token:{}", token.id);
            events::append(
                &mut tx,
                TOKEN_EXPIRING,
                subject,
                &Actor::system("portway"),
                data,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(ending.len())
    }

    /// The token with its end, if name and end are as they may be. Every token
    /// that somebody makes runs out.
    pub(crate) fn within_policy(&self, new: NewToken) -> Result<NewToken, ApiError> {
        check_name(&new)?;
        let now = self.clock().now();
        let policy = self.trust().tokens;
        let expires_at = new.expires_at.unwrap_or_else(|| later(now, policy.usual));
        let latest = later(now, policy.longest);
        if expires_at <= now {
            return Err(
                ApiError::input("The token would have run out before it is made")
                    .accepted(format!("a time after {now}")),
            );
        }
        // A minute, for clocks that differ and requests that take a while.
        if expires_at > later(latest, Duration::from_secs(60)) {
            return Err(
                ApiError::input("The token would live longer than is allowed here")
                    .accepted(format!(
                        "a time up to {latest}: {} days",
                        policy.longest.as_secs() / 86_400
                    ))
                    .fix("choose an earlier end; auth.tokens.maxLifetime sets the longest"),
            );
        }
        Ok(NewToken {
            expires_at: Some(expires_at),
            ..new
        })
    }

    async fn insert_token(
        &self,
        tx: &mut platform::store::Tx,
        (actor, operated): (&Actor, bool),
        new: NewToken,
    ) -> Result<(ApiToken, Secret<String>), IdentityError> {
        let secret = self.entropy().secret(PREFIX)?;
        let token = ApiToken {
            id: self.entropy().id()?,
            name: new.name,
            scope: new.scope,
            created_by: actor.name.clone(),
            created_at: self.clock().now(),
            expires_at: new.expires_at,
            last_used_at: None,
            last_used_address: None,
            revoked_at: None,
            agent: new.agent,
            operated,
        };
        rows::insert(tx, &token, &secret.digest().to_hex()).await?;
        let data = json!({
            "name": token.name,
            "scope": token.scope.to_value(),
            "expiresAt": token.expires_at,
            "before": null,
            "after": token.told(),
        });
        events::append(
            tx,
            TOKEN_CREATED,
            format!("token:{}", token.id),
            actor,
            data,
        )
        .await?;
        Ok((token, secret))
    }

    /// Ends the tokens that somebody made, in the transaction that is the
    /// reason for it.
    pub(crate) async fn revoke_made_by_in(
        &self,
        tx: &mut platform::store::Tx,
        maker: &EntityRef,
        (actor, reason): (&Actor, &str),
    ) -> Result<(), IdentityError> {
        for token in rows::made_by(tx, maker.as_str()).await? {
            self.revoke_in(tx, &token, actor, reason).await?;
        }
        Ok(())
    }

    async fn revoke_in(
        &self,
        tx: &mut platform::store::Tx,
        token: &ApiToken,
        actor: &Actor,
        reason: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock().now();
        if rows::revoke(tx, &token.id, now).await? {
            let data = json!({
                "name": token.name,
                "reason": reason,
                "before": token.told(),
                "after": null,
            });
            events::append(
                tx,
                TOKEN_REVOKED,
                format!("token:{}", token.id),
                actor,
                data,
            )
            .await?;
        }
        Ok(())
    }
}

/// The actor that a token is: a program or an agent, for the person who made it.
fn actor(token: &ApiToken) -> Actor {
    if let Some(agent) = &token.agent {
        return Actor::new(ActorKind::Agent, format!("agent:{agent}"))
            .for_person(token.created_by.clone());
    }
    let actor = Actor::new(ActorKind::Service, format!("token:{}", token.name));
    if token.created_by.starts_with("user:") {
        return actor.for_person(token.created_by.clone());
    }
    actor
}

fn is_theirs(token: &ApiToken, caller: &Caller) -> bool {
    // Whoever ends other people's sessions ends what acts in their names too.
    caller.is_unlimited() || caller.may(SESSION_MANAGE) || token.created_by == caller.actor.name
}

/// Checks that whoever sends an agent is a person, for whom it can act. An
/// agent sends no others.
pub(crate) fn may_send_agent(caller: &Caller, new: &NewToken) -> Result<(), ApiError> {
    let Some(agent) = &new.agent else {
        return Ok(());
    };
    let fits = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
    if agent.is_empty() || agent.len() > LONGEST_AGENT || !agent.chars().all(fits) {
        return Err(
            ApiError::input("The name of the agent is not usable").accepted(format!(
                "1 to {LONGEST_AGENT} letters, digits, `-`, `_` and `.`, such as release-helper"
            )),
        );
    }
    if caller.actor.kind != ActorKind::User {
        return Err(ApiError::not_allowed(
            "An agent acts for a person, and no person asks for this token",
        )
        .accepted("the session of a person, or a login of the command line")
        .fix("run `portway login` first, then make the token as yourself"));
    }
    Ok(())
}

/// Checks what a new token is to be called.
fn check_name(new: &NewToken) -> Result<(), ApiError> {
    let name_fits = !new.name.is_empty()
        && new.name.chars().count() <= LONGEST_NAME
        && new.name.trim() == new.name
        && !new.name.chars().any(char::is_control);
    if !name_fits {
        return Err(ApiError::input("The name of the token is not usable").accepted(format!(
            "1 to {LONGEST_NAME} characters without control characters and without blanks at the ends"
        )));
    }
    if new.name.starts_with(LOCAL) {
        return Err(
            ApiError::input(format!("Names that begin with {LOCAL} are Portway's own"))
                .fix("choose another name"),
        );
    }
    Ok(())
}

/// The recorded answer to a token that is not valid, with what to do.
pub(crate) fn illegal_token(fix: impl Into<String>) -> ApiError {
    ApiError::unauthenticated("Illegal token")
        .accepted("a token of this Portway that has neither run out nor been revoked")
        .fix(fix)
}

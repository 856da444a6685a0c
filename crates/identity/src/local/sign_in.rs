//! Signing in to an account: password, one-time link, and what wrong attempts
//! cost.

use std::time::Duration;

use axum::http::request::Parts;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller};
use platform::clock::later;
use serde_json::json;

use super::accounts::{Account, changed, known_name};
use super::password::{is_outdated, require_strong};
use crate::csrf::require_same_origin;
use crate::events::{self, SIGN_IN_REFUSED};
use crate::identity::Identity;
use crate::origin::RequestOrigin;
use crate::secret::{Secret, SecretDigest};
use crate::sessions::{Method, Session, SignedIn, actor};
use crate::store::accounts as rows;
use crate::throttle::Counter;

/// How young a session has to be to change how somebody signs in: whoever
/// finds an open browser shall not stay for ever.
const FRESH: Duration = Duration::from_secs(3600);

impl Identity {
    /// Signs in with name and password.
    ///
    /// # Errors
    /// 401 for a wrong name or password, which look the same; 429 when it
    /// comes too soon after others; 403 when another site caused the request;
    /// 404 when passwords are not configured.
    pub async fn sign_in_with_password(
        &self,
        parts: &Parts,
        name: &str,
        password: &Secret<String>,
    ) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        self.require_passwords()?;
        let (name, counters) = self.attempt(parts, name);
        // Held until the outcome has been counted: of many guesses that come
        // at once, no more pass than there are slots.
        let slot = self.hashing().slot().await;
        self.require_patience(&counters).await?;
        let account = rows::by_name(self.db(), &name)
            .await?
            .filter(|(account, _)| account.disabled_at.is_none());
        let (account, stored) = match account {
            Some((account, stored)) => (Some(account), stored),
            None => (None, None),
        };
        let outdated = stored.as_deref().is_some_and(is_outdated);
        let right = slot.matches(password, stored).await?;
        let Some(account) = account.filter(|_| right) else {
            return Err(self
                .refuse_sign_in(parts, &counters, (&name, Method::Password))
                .await?);
        };
        if outdated {
            let hash = slot.hash(password, self.entropy()).await?;
            let mut tx = self.db().begin().await?;
            rows::rehash(&mut tx, &account.id, &hash).await?;
            tx.commit().await?;
        }
        self.enter_account(parts, &account, Method::Password, &counters)
            .await
    }

    /// Whether a link with which a password is set still works, and whose it
    /// is.
    ///
    /// # Errors
    /// 401 when it does not.
    pub async fn invited(&self, code: &str) -> Result<Account, ApiError> {
        let now = self.clock().now();
        rows::invited(self.db(), &SecretDigest::of(code).to_hex(), now)
            .await?
            .filter(|account| account.disabled_at.is_none())
            .ok_or_else(used_link)
    }

    /// Sets the password of the account that a link was made for, uses the
    /// link up and signs in. Other sessions of the account end.
    ///
    /// # Errors
    /// 400 for a weak password, 401 for a link that does not work, 403 when
    /// another site caused the request.
    pub async fn accept_invite(
        &self,
        parts: &Parts,
        code: &str,
        password: &Secret<String>,
    ) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        self.require_passwords()?;
        let account = self.invited(code).await?;
        require_strong(password, &about(&account, self.base_url()))?;
        let slot = self.hashing().slot().await;
        let hash = slot.hash(password, self.entropy()).await?;
        let before = self.session(parts).await?;
        let now = self.clock().now();
        let by = actor(&account.user);
        let mut tx = self.db().begin().await?;
        let digest = SecretDigest::of(code).to_hex();
        if !rows::take_invite(&mut tx, &digest, now).await? {
            return Err(used_link());
        }
        if !rows::signed_in(&mut tx, &account, now).await? {
            return Err(used_link());
        }
        rows::set_password(&mut tx, &account.id, &hash, now).await?;
        self.end_all_in(&mut tx, &account.user, None, &by, "a new password was set")
            .await?;
        changed(&mut tx, &account, &by, "password-set").await?;
        let before = before.filter(|before| before.user != account.user);
        let signed_in = self
            .begin_session_in(&mut tx, before, account.user.clone(), Method::Password)
            .await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Signs in once with such a link where passwords are switched off, so
    /// that the owner can add a passkey.
    ///
    /// # Errors
    /// 401 for a link that does not work, 403 when another site caused the
    /// request, 404 where a password has to be set.
    pub async fn enter_with_invite(&self, parts: &Parts, code: &str) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        if self.trust().local.is_none_or(|local| local.passwords) {
            return Err(ApiError::not_found("This link sets a password")
                .fix("open it and choose a password"));
        }
        let account = self.invited(code).await?;
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        if !rows::take_invite(&mut tx, &SecretDigest::of(code).to_hex(), now).await? {
            return Err(used_link());
        }
        tx.commit().await?;
        self.enter_account(parts, &account, Method::Recovery, &[])
            .await
    }

    /// Changes the password of the account behind a session, and ends the
    /// account's other sessions.
    ///
    /// # Errors
    /// 400 for a weak password, 401 for a wrong old one.
    pub async fn change_password(
        &self,
        caller: &Caller,
        parts: &Parts,
        (old, new): (&Secret<String>, &Secret<String>),
    ) -> Result<(), ApiError> {
        self.require_passwords()?;
        let (session, account) = self.own_fresh_account(caller, parts).await?;
        let (_, counters) = self.attempt(parts, &account.name);
        let slot = self.hashing().slot().await;
        self.require_patience(&counters).await?;
        let stored = rows::by_name(self.db(), &account.name)
            .await?
            .and_then(|(_, stored)| stored);
        // An account with passkeys only sets its first password without one.
        if stored.is_some() && !slot.matches(old, stored).await? {
            self.count_failure(&counters).await?;
            return Err(ApiError::unauthenticated(
                "The current password is not right",
            ));
        }
        require_strong(new, &about(&account, self.base_url()))?;
        let hash = slot.hash(new, self.entropy()).await?;
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        rows::set_password(&mut tx, &account.id, &hash, now).await?;
        self.end_all_in(
            &mut tx,
            &account.user,
            Some(&session.id),
            &caller.actor,
            "the password was changed",
        )
        .await?;
        changed(&mut tx, &account, &caller.actor, "password-set").await?;
        tx.commit().await?;
        Ok(())
    }

    /// What an attempt on a name is counted by.
    pub(super) fn attempt(&self, parts: &Parts, name: &str) -> (String, [Counter; 3]) {
        let name = known_name(name);
        let network = RequestOrigin::of(parts).network();
        let counters = [
            Counter::account_from(&name, &network),
            Counter::network(&network),
            Counter::account(&name),
        ];
        (name, counters)
    }

    /// Counts an attempt that failed and writes it down. The work is the same
    /// for accounts that exist and others.
    pub(super) async fn refuse_sign_in(
        &self,
        parts: &Parts,
        counters: &[Counter],
        (name, method): (&str, Method),
    ) -> Result<ApiError, ApiError> {
        self.count_failure(counters).await?;
        let nobody = Actor::new(ActorKind::Anonymous, "anonymous");
        let data = json!({
            "method": method.as_str(),
            "address": RequestOrigin::of(parts).address_text(),
        });
        let mut tx = self.db().begin().await?;
        events::append_refusal(
            &mut tx,
            SIGN_IN_REFUSED,
            format!("account:{name}"),
            &nobody,
            data,
        )
        .await?;
        tx.commit().await?;
        Ok(ApiError::unauthenticated("Name and password do not belong together")
            .accepted("the name and the password of an account that has not been switched off")
            .fix("try again, use a passkey or a recovery code, or ask an administrator for `portway account reset`"))
    }

    /// Begins a session of an account after its owner has proved to be it.
    pub(super) async fn enter_account(
        &self,
        parts: &Parts,
        account: &Account,
        method: Method,
        counters: &[Counter],
    ) -> Result<SignedIn, ApiError> {
        let before = self.session(parts).await?;
        // What failed elsewhere keeps counting there.
        if let Some(own) = counters.first() {
            self.forget_failures(own).await?;
        }
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        // Whoever switched it off or reset it meanwhile meant this sign-in too.
        if !rows::signed_in(&mut tx, account, now).await? {
            return Err(
                ApiError::unauthenticated("The account was changed while you signed in")
                    .fix("sign in again, or ask an administrator"),
            );
        }
        let signed_in = self
            .begin_session_in(&mut tx, before, account.user.clone(), method)
            .await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// The session and the account of somebody who wants to change how they
    /// sign in.
    pub(super) async fn own_fresh_account(
        &self,
        caller: &Caller,
        parts: &Parts,
    ) -> Result<(Session, Account), ApiError> {
        require_same_origin(parts)?;
        self.require_local_accounts()?;
        let session = self.session(parts).await?;
        let local = |session: &Session| {
            matches!(
                session.method,
                Method::Password | Method::Passkey | Method::Recovery
            ) && session.user.as_str() == caller.actor.name
        };
        let session = session.filter(local).ok_or_else(|| {
            ApiError::not_allowed("This is for accounts that Portway keeps")
                .accepted("a session that began with a password, a passkey or a recovery code")
        })?;
        if later(session.created_at, FRESH) <= self.clock().now() {
            return Err(
                ApiError::not_allowed("This session is too old to change how you sign in")
                    .accepted("a session that began within the last hour")
                    .fix("sign out, sign in again and repeat it"),
            );
        }
        let account = self.own_account(caller).await?.ok_or_else(used_link)?;
        Ok((session, account))
    }

    fn require_passwords(&self) -> Result<(), ApiError> {
        self.require_local_accounts()?;
        match self.trust().local.is_some_and(|local| local.passwords) {
            true => Ok(()),
            false => Err(ApiError::not_found("Passwords sign nobody in here")
                .accepted("a passkey or a recovery code")),
        }
    }
}

/// Words that a guesser tries first for this account.
fn about<'a>(account: &'a Account, base_url: &'a str) -> [&'a str; 4] {
    [&account.name, &account.display_name, base_url, "portway"]
}

fn used_link() -> ApiError {
    ApiError::unauthenticated("This link has been used, has run out or is not complete")
        .accepted("a link not older than 72 hours that nobody has used yet")
        .fix("ask an administrator for `portway account reset`")
}

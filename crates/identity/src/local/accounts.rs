//! Accounts: made, reset, switched off.

use std::time::Duration;

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller};
use platform::clock::later;
use platform::store::Tx;
use serde_json::{Value, json};

use super::LocalMethods;
use crate::actions::ACCOUNT_MANAGE;
use crate::error::IdentityError;
use crate::events::{self, ACCOUNT_CHANGED, ACCOUNT_CREATED};
use crate::identity::Identity;
use crate::secret::Secret;
use crate::store::accounts as rows;

/// How long the link works with which an account's owner sets the password.
const INVITE_LIFETIME: Duration = Duration::from_secs(72 * 3600);
/// The longest name, in characters: that of an entity.
const LONGEST_NAME: usize = 63;
/// The longest name for people, in characters.
const LONGEST_DISPLAY: usize = 100;

/// An account without its secrets.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) id: String,
    /// What its owner types.
    pub name: String,
    /// The person in the catalog.
    pub user: EntityRef,
    /// What people read.
    pub display_name: String,
    /// Whether it may do everything.
    pub admin: bool,
    /// When its password was set; none while the link waits, or with passkeys
    /// only.
    pub password_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was signed in to last.
    pub signed_in_at: Option<Timestamp>,
    /// When it was switched off.
    pub disabled_at: Option<Timestamp>,
    /// What passkeys know the account by.
    pub(crate) handle: Vec<u8>,
}

impl Account {
    /// As programs see it.
    pub fn to_value(&self) -> Value {
        let status = match (self.disabled_at, self.signed_in_at) {
            (Some(_), _) => "disabled",
            (None, None) => "invited",
            (None, Some(_)) => "active",
        };
        json!({
            "name": self.name,
            "user": self.user,
            "displayName": self.display_name,
            "admin": self.admin,
            "status": status,
            "hasPassword": self.password_at.is_some(),
            "createdBy": self.created_by,
            "createdAt": self.created_at,
            "signedInAt": self.signed_in_at,
        })
    }
}

/// What a new account shall be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What its owner types, and the name of the person in the catalog.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// Whether it may do everything.
    pub admin: bool,
}

impl Identity {
    /// The ways in that local accounts offer, for the sign-in page. Its form
    /// and button are at `/sign-in/local`.
    pub fn local_methods(&self) -> LocalMethods {
        match self.trust().local {
            None => LocalMethods::default(),
            Some(settings) => LocalMethods {
                password: settings.passwords,
                passkey: self.relying_party().is_some(),
            },
        }
    }

    pub(crate) fn require_local_accounts(&self) -> Result<(), ApiError> {
        match self.trust().local {
            Some(_) => Ok(()),
            None => Err(ApiError::not_found("This Portway keeps no accounts")
                .accepted("`auth.providers.local` in the configuration")
                .fix("write `auth: {providers: {local: {}}}` into the configuration")),
        }
    }

    /// Makes an account. The link in the answer sets its password, once and
    /// within 72 hours; it exists nowhere else.
    ///
    /// # Errors
    /// 400 for a name that cannot be, 403 without the permission or for an
    /// administrator made by somebody who is none, 404 when accounts are not
    /// configured, 409 when the name is taken.
    pub async fn create_account(
        &self,
        caller: &Caller,
        new: NewAccount,
    ) -> Result<(Account, Secret<String>), ApiError> {
        caller.require(ACCOUNT_MANAGE)?;
        self.require_local_accounts()?;
        require_rank(caller, new.admin)?;
        let user = check(&new)?;
        if self.guest_user() == Some(&user) || new.name == "guest" {
            return Err(reserved(&new.name));
        }
        let account = Account {
            id: self.entropy().id()?,
            name: new.name,
            user,
            display_name: new.display_name,
            admin: new.admin,
            password_at: None,
            created_by: caller.actor.name.clone(),
            created_at: self.clock().now(),
            signed_in_at: None,
            disabled_at: None,
            handle: self.entropy().bytes::<64>()?.to_vec(),
        };
        let taken = || {
            ApiError::conflict(format!("There is an account {} already", account.name))
                .fix("choose another name, or `portway account reset` for a new link")
        };
        let mut tx = self.db().begin().await?;
        if rows::by_name_in(&mut tx, &account.name).await?.is_some() {
            return Err(taken());
        }
        match rows::insert(&mut tx, &account).await {
            // Somebody else made it at the same time.
            Err(error) if error.is_duplicate() => return Err(taken()),
            made => made?,
        }
        let link = self.invite_in(&mut tx, &account).await?;
        let told = json!({ "name": account.name, "admin": account.admin, "state": "active" });
        let data =
            json!({ "name": account.name, "admin": account.admin, "before": null, "after": told });
        let subject = format!("account:{}", account.name);
        events::append(&mut tx, ACCOUNT_CREATED, subject, &caller.actor, data).await?;
        tx.commit().await?;
        Ok((account, link))
    }

    /// Takes an account's password and recovery codes away, ends its sessions
    /// and makes a new link. Passkeys stay.
    ///
    /// # Errors
    /// 404 when there is no such account; as [`Identity::create_account`].
    pub async fn reset_account(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(Account, Secret<String>), ApiError> {
        caller.require(ACCOUNT_MANAGE)?;
        self.require_local_accounts()?;
        let mut tx = self.db().begin().await?;
        let account = found(name, rows::by_name_in(&mut tx, &known_name(name)).await?)?;
        require_rank(caller, account.admin)?;
        rows::forget_password(&mut tx, &account.id).await?;
        let link = self.invite_in(&mut tx, &account).await?;
        self.end_all_in(
            &mut tx,
            &account.user,
            None,
            &caller.actor,
            "the account was reset",
        )
        .await?;
        changed(&mut tx, &account, &caller.actor, "invited").await?;
        tx.commit().await?;
        Ok((
            Account {
                password_at: None,
                ..account
            },
            link,
        ))
    }

    /// Switches an account off, which ends its sessions and revokes the tokens
    /// that its owner made, or on again.
    ///
    /// # Errors
    /// As [`Identity::reset_account`].
    pub async fn switch_account(
        &self,
        caller: &Caller,
        name: &str,
        on: bool,
    ) -> Result<Account, ApiError> {
        caller.require(ACCOUNT_MANAGE)?;
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let account = found(name, rows::by_name_in(&mut tx, &known_name(name)).await?)?;
        require_rank(caller, account.admin)?;
        let disabled_at = (!on).then_some(now);
        rows::switch(&mut tx, &account.id, disabled_at).await?;
        if !on {
            const WHY: &str = "the account was switched off";
            self.end_all_in(&mut tx, &account.user, None, &caller.actor, WHY)
                .await?;
            self.revoke_made_by_in(&mut tx, &account.user, (&caller.actor, WHY))
                .await?;
        }
        let change = if on { "enabled" } else { "disabled" };
        changed(&mut tx, &account, &caller.actor, change).await?;
        tx.commit().await?;
        Ok(Account {
            disabled_at,
            ..account
        })
    }

    /// Every account, by name.
    ///
    /// # Errors
    /// 403 without the permission.
    pub async fn accounts(&self, caller: &Caller) -> Result<Vec<Account>, ApiError> {
        caller.require(ACCOUNT_MANAGE)?;
        Ok(rows::all(self.db()).await?)
    }

    /// The account behind whoever is signed in, if it is a local one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn own_account(&self, caller: &Caller) -> Result<Option<Account>, ApiError> {
        if caller.actor.kind != ActorKind::User || self.trust().local.is_none() {
            return Ok(None);
        }
        let found = rows::by_user(self.db(), &caller.actor.name).await?;
        Ok(found.filter(|account| account.disabled_at.is_none()))
    }

    /// What people read of the account behind a person.
    pub(crate) async fn display_name_of(&self, user: &EntityRef) -> Result<String, ApiError> {
        let account = rows::by_user(self.db(), user.as_str()).await?;
        Ok(account.map_or_else(|| user.name().to_owned(), |account| account.display_name))
    }

    async fn invite_in(
        &self,
        tx: &mut Tx,
        account: &Account,
    ) -> Result<Secret<String>, IdentityError> {
        let code = self.entropy().secret("")?;
        let now = self.clock().now();
        rows::insert_invite(
            tx,
            &account.id,
            &code.digest().to_hex(),
            now,
            later(now, INVITE_LIFETIME),
        )
        .await?;
        Ok(Secret::new(format!(
            "{}/sign-in/invite?code={}",
            self.base_url(),
            code.expose()
        )))
    }
}

/// Writes a change of an account into the log.
pub(super) async fn changed(
    tx: &mut Tx,
    account: &Account,
    by: &Actor,
    change: &str,
) -> Result<(), IdentityError> {
    let state = |text: &str| json!({ "state": text });
    // What proves who somebody is never stands here, nor anything made of it.
    let (before, after) = match change {
        "disabled" => (state("active"), state("disabled")),
        "enabled" => (state("disabled"), state("active")),
        "passkey-removed" => (json!({ "passkey": "one" }), Value::Null),
        "passkey-added" => (Value::Null, json!({ "passkey": "one" })),
        _ => (Value::Null, Value::Null),
    };
    let data = json!({ "name": account.name, "change": change, "before": before, "after": after });
    let subject = format!("account:{}", account.name);
    events::append(tx, ACCOUNT_CHANGED, subject, by, data).await
}

/// A name as it is stored. What no account can be called finds none.
pub(super) fn known_name(name: &str) -> String {
    let name = name.trim().to_lowercase();
    match is_name(&name) {
        true => name,
        false => String::new(),
    }
}

fn is_name(name: &str) -> bool {
    let inner = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_' | '.')
    };
    let outer = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    (1..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(inner)
        && name.starts_with(outer)
        && name.ends_with(outer)
}

/// Whoever may do everything is made and changed by their like only: else the
/// permission to manage accounts would be every permission.
fn require_rank(caller: &Caller, admin: bool) -> Result<(), ApiError> {
    if !admin || caller.is_unlimited() {
        return Ok(());
    }
    Err(
        ApiError::not_allowed("Only an administrator makes and changes administrators")
            .accepted("the session or the token of somebody who may do everything")
            .fix("ask an administrator, or make an account without --admin"),
    )
}

fn reserved(name: &str) -> ApiError {
    ApiError::input(format!("{name:?} is a name that no account can have")).accepted(
        "another name: guests have proved nothing, and `admin` is whoever administers (--admin)",
    )
}

fn found(name: &str, account: Option<Account>) -> Result<Account, ApiError> {
    account.ok_or_else(|| {
        ApiError::not_found(format!("There is no account {name:?}"))
            .accepted("a name from `portway account list`")
    })
}

fn check(new: &NewAccount) -> Result<EntityRef, ApiError> {
    if !is_name(&new.name) {
        return Err(
            ApiError::input(format!("{:?} cannot be the name of an account", new.name)).accepted(
                format!("1 to {LONGEST_NAME} characters a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit"),
            ),
        );
    }
    let user = EntityRef::new("user", "default", &new.name);
    if user == Identity::operator_ref() && !new.admin {
        return Err(reserved(&new.name));
    }
    let display = new.display_name.chars().count();
    if display == 0 || display > LONGEST_DISPLAY || new.display_name.chars().any(char::is_control) {
        return Err(
            ApiError::input("The name for people is not usable").accepted(format!(
                "1 to {LONGEST_DISPLAY} characters without control characters"
            )),
        );
    }
    Ok(user)
}

//! Passkeys of local accounts: WebAuthn with `webauthn_rp`, which does the
//! ceremonies; here stands what is asked for and what is kept.
//!
//! Asked for: ES256 or EdDSA, a discoverable credential, and that the device
//! has verified its owner. The challenge is the library's and random; it works
//! once and for five minutes.

use std::time::Duration;

use axum::http::request::Parts;
use jiff::Timestamp;
use platform::ApiError;
use platform::actor::Caller;
use platform::clock::later;
use serde_json::Value;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CoseAlgorithmIdentifier, CoseAlgorithmIdentifiers, CredProtect, Nickname,
    PublicKeyCredentialUserEntity, RegistrationVerificationOptions, USER_HANDLE_MAX_LEN,
    UserHandle64, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId, TimedCeremony};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use super::accounts::{Account, changed};
use crate::csrf::require_same_origin;
use crate::error::IdentityError;
use crate::identity::Identity;
use crate::origin::{RequestOrigin, agent_words};
use crate::sessions::{Method, SignedIn};
use crate::store::passkeys::{self as rows, Ceremony, PasskeyRow};

/// How long a person has to answer their device.
const LIFETIME: Duration = Duration::from_secs(300);
/// Passkeys of one account.
const MOST: usize = 20;
/// The longest answer of a browser, in bytes.
const LONGEST_ANSWER: usize = 32 * 1024;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// BLE, hybrid, internal, NFC, smart card and USB, as the library writes them.
const ALL_TRANSPORTS: u8 = 0b11_1111;

type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// A passkey, which holds nothing secret.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Its id here.
    pub id: String,
    /// What its owner called it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it signed in last.
    pub last_used_at: Option<Timestamp>,
}

/// For whom passkeys are made: a host, and the one origin that may use them.
#[derive(Clone, Debug)]
pub(crate) struct RelyingParty {
    id: RpId,
    origin: String,
}

impl Identity {
    /// None when people reach Portway by an address instead of a name, which
    /// browsers make no passkeys for. On this machine it is `localhost`.
    pub(crate) fn relying_party(&self) -> Option<RelyingParty> {
        let (scheme, rest) = self.base_url().split_once("://")?;
        let authority = rest.split('/').next()?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, format!(":{port}")),
            _ => (authority, String::new()),
        };
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>();
        let host = match address {
            Ok(address) if address.is_loopback() => "localhost",
            Ok(_) => return None,
            Err(_) => host,
        };
        // Browsers offer passkeys on https, and on this machine.
        if scheme != "https" && host != "localhost" && !host.ends_with(".localhost") {
            return None;
        }
        let domain = AsciiDomain::try_from(host.to_owned()).ok()?;
        Some(RelyingParty {
            id: RpId::Domain(domain),
            origin: format!("{scheme}://{host}{port}"),
        })
    }

    /// The origin at which passkeys work, when they do at all.
    pub fn passkey_origin(&self) -> Option<String> {
        self.relying_party().map(|party| party.origin)
    }

    /// The passkeys of the caller's account, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn passkeys(&self, caller: &Caller) -> Result<Vec<Passkey>, ApiError> {
        match self.own_account(caller).await? {
            Some(account) => Ok(rows::of_account(self.db(), &account.id)
                .await?
                .into_iter()
                .map(|row| row.passkey)
                .collect()),
            None => Ok(Vec::new()),
        }
    }

    /// Begins to add a passkey: what `navigator.credentials.create` needs.
    ///
    /// # Errors
    /// 403 for somebody without an account here or with an old session, 409
    /// when the account has twenty.
    pub async fn begin_passkey(&self, caller: &Caller, parts: &Parts) -> Result<Value, ApiError> {
        let (_, account) = self.own_fresh_account(caller, parts).await?;
        let party = self.relying_party().ok_or_else(no_party)?;
        let existing = rows::of_account(self.db(), &account.id).await?;
        if existing.len() >= MOST {
            return Err(too_many());
        }
        let handle = handle_of(&account)?;
        // Any way of reaching the device may be tried to find it again.
        let transports = AuthTransports::decode(ALL_TRANSPORTS).map_err(|_| broken_passkey())?;
        let mut exclude = Vec::new();
        for row in &existing {
            exclude.push(PublicKeyCredentialDescriptor {
                id: CredentialId::<Vec<u8>>::decode(row.credential.clone())
                    .map_err(|_| broken_passkey())?,
                transports,
            });
        }
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(account.name.as_str()).map_err(|_| broken_passkey())?,
            id: &handle,
            display_name: Nickname::try_from(account.display_name.as_str()).ok(),
        };
        let mut options = PublicKeyCredentialCreationOptions::passkey(&party.id, user, exclude);
        options.pub_key_cred_params = CoseAlgorithmIdentifiers::ALL
            .remove(CoseAlgorithmIdentifier::Es384)
            .remove(CoseAlgorithmIdentifier::Rs256);
        // Many devices do not know this extension, and browsers then refuse to
        // ask them when it is enforced. Each sign-in verifies the owner anyway.
        options.extensions.cred_protect = CredProtect::None;
        let (server, client) = options
            .start_ceremony()
            .map_err(|_| ApiError::internal(broken_ceremony()))?;
        let state = server
            .encode()
            .map_err(|_| ApiError::internal(broken_ceremony()))?;
        self.remember(
            challenge_name(server.sent_challenge().encode()),
            ("create", Some(account.id)),
            state,
        )
        .await?;
        serde_json::to_value(&client).map_err(ApiError::internal)
    }

    /// Adds the passkey that a browser made.
    ///
    /// # Errors
    /// 400 for an answer that is not what was asked for, 403 and 409 as
    /// [`Identity::begin_passkey`].
    pub async fn finish_passkey(
        &self,
        caller: &Caller,
        parts: &Parts,
        (name, answer): (&str, &[u8]),
    ) -> Result<Passkey, ApiError> {
        let (_, account) = self.own_fresh_account(caller, parts).await?;
        let party = self.relying_party().ok_or_else(no_party)?;
        require_size(answer)?;
        let registration =
            Registration::from_json_relaxed(answer).map_err(|error| not_asked_for(&error))?;
        let challenge = registration
            .challenge_relaxed()
            .map_err(|error| not_asked_for(&error))?;
        let ceremony = self
            .recall(challenge_name(challenge.encode()), "create")
            .await?;
        if ceremony.account.as_deref() != Some(account.id.as_str()) {
            return Err(gone_ceremony());
        }
        let state = RegistrationServerState::<USER_HANDLE_MAX_LEN>::decode(&ceremony.state)
            .map_err(|_| gone_ceremony())?;
        let options = RegistrationVerificationOptions::<String, String> {
            allowed_origins: std::slice::from_ref(&party.origin),
            // Some devices tell more than they were asked.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state
            .verify(&party.id, &registration, &options)
            .map_err(|error| not_asked_for(&error))?;
        let (Ok(static_state), Ok(dynamic_state)) =
            (made.static_state().encode(), made.dynamic_state().encode());
        let row = PasskeyRow {
            passkey: Passkey {
                id: self.entropy().id()?,
                name: passkey_name(name, parts),
                created_at: self.clock().now(),
                last_used_at: None,
            },
            account: account.id.clone(),
            credential: made.id().as_ref().to_vec(),
            static_state,
            dynamic_state: dynamic_state.to_vec(),
        };
        let known = || ApiError::conflict("This passkey has been added before");
        let mut tx = self.db().begin().await?;
        if rows::of_account_in(&mut tx, &account.id).await?.len() >= MOST {
            return Err(too_many());
        }
        if rows::by_credential_in(&mut tx, &row.credential)
            .await?
            .is_some()
        {
            return Err(known());
        }
        match rows::insert(&mut tx, &row).await {
            Err(error) if error.is_duplicate() => return Err(known()),
            added => added?,
        }
        changed(&mut tx, &account, &caller.actor, "passkey-added").await?;
        tx.commit().await?;
        Ok(row.passkey)
    }

    /// Removes a passkey of the caller's account.
    ///
    /// # Errors
    /// 404 for one that is not theirs; 409 when nothing else would sign in.
    pub async fn remove_passkey(
        &self,
        caller: &Caller,
        parts: &Parts,
        id: &str,
    ) -> Result<(), ApiError> {
        let (_, account) = self.own_fresh_account(caller, parts).await?;
        let mut tx = self.db().begin().await?;
        let passkeys = rows::of_account_in(&mut tx, &account.id).await?;
        if !passkeys.iter().any(|row| row.passkey.id == id) {
            return Err(ApiError::not_found("There is no such passkey of yours"));
        }
        if passkeys.len() == 1 && account.password_at.is_none() {
            return Err(
                ApiError::conflict("Without this passkey nothing would sign you in")
                    .fix("add another passkey or set a password first"),
            );
        }
        rows::remove(&mut tx, &account.id, id).await?;
        changed(&mut tx, &account, &caller.actor, "passkey-removed").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Begins to sign in with a passkey: what `navigator.credentials.get`
    /// needs. It names no account, so it tells nobody which exist.
    ///
    /// # Errors
    /// 404 when local accounts are not configured or passkeys cannot work.
    pub async fn begin_passkey_sign_in(&self, parts: &Parts) -> Result<Value, ApiError> {
        require_same_origin(parts)?;
        self.require_local_accounts()?;
        let party = self.relying_party().ok_or_else(no_party)?;
        let (server, client) = DiscoverableCredentialRequestOptions::passkey(&party.id)
            .start_ceremony()
            .map_err(|_| ApiError::internal(broken_ceremony()))?;
        let state = server
            .encode()
            .map_err(|_| ApiError::internal(broken_ceremony()))?;
        self.remember(
            challenge_name(server.sent_challenge().encode()),
            ("get", None),
            state,
        )
        .await?;
        serde_json::to_value(&client).map_err(ApiError::internal)
    }

    /// Signs in with the passkey that a browser used.
    ///
    /// # Errors
    /// 400 for an answer that is none, 401 for a passkey that is not known or
    /// not valid.
    pub async fn sign_in_with_passkey(
        &self,
        parts: &Parts,
        answer: &[u8],
    ) -> Result<SignedIn, ApiError> {
        require_same_origin(parts)?;
        self.require_local_accounts()?;
        let party = self.relying_party().ok_or_else(no_party)?;
        require_size(answer)?;
        let presented = DiscoverableAuthentication64::from_json_relaxed(answer)
            .map_err(|error| not_asked_for(&error))?;
        let challenge = presented
            .challenge_relaxed()
            .map_err(|error| not_asked_for(&error))?;
        let ceremony = self
            .recall(challenge_name(challenge.encode()), "get")
            .await?;
        let state = DiscoverableAuthenticationServerState::decode(&ceremony.state)
            .map_err(|_| gone_ceremony())?;
        let credential = presented.raw_id();
        let (row, account) = rows::by_credential(self.db(), credential.as_ref())
            .await?
            .filter(|(_, account)| account.disabled_at.is_none())
            .ok_or_else(unknown_passkey)?;
        let handle = handle_of(&account)?;
        let static_state =
            StaticState::<PublicKey>::decode(&row.static_state).map_err(|_| broken_passkey())?;
        let dynamic: [u8; 7] = row
            .dynamic_state
            .as_slice()
            .try_into()
            .map_err(|_| broken_passkey())?;
        let dynamic_state = DynamicState::decode(dynamic).map_err(|_| broken_passkey())?;
        let mut known =
            AuthenticatedCredential::new(credential, &handle, static_state, dynamic_state)
                .map_err(|_| broken_passkey())?;
        let options = AuthenticationVerificationOptions::<String, String> {
            allowed_origins: std::slice::from_ref(&party.origin),
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state
            .verify(&party.id, &presented, &mut known, &options)
            .map_err(|error| {
                tracing::warn!(account = account.name, "A passkey was refused: {error}");
                unknown_passkey()
            })?;
        let dynamic_state = known
            .dynamic_state()
            .encode()
            .map_err(|_| broken_passkey())?;
        let mut tx = self.db().begin().await?;
        rows::used(&mut tx, &row.passkey.id, &dynamic_state, self.clock().now()).await?;
        tx.commit().await?;
        self.enter_account(parts, &account, Method::Passkey, &[])
            .await
    }

    async fn remember(
        &self,
        challenge: String,
        (kind, account): (&'static str, Option<String>),
        state: Vec<u8>,
    ) -> Result<(), ApiError> {
        let now = self.clock().now();
        let ceremony = Ceremony { account, state };
        let mut tx = self.db().begin().await?;
        rows::remember(
            &mut tx,
            (&challenge, kind),
            &ceremony,
            (now, later(now, LIFETIME)),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was remembered for a challenge, which then works no more.
    async fn recall(&self, challenge: String, kind: &'static str) -> Result<Ceremony, ApiError> {
        let mut tx = self.db().begin().await?;
        let ceremony = rows::recall(&mut tx, (&challenge, kind), self.clock().now()).await?;
        tx.commit().await?;
        ceremony.ok_or_else(gone_ceremony)
    }
}

/// The challenge as the key of a row.
fn challenge_name(challenge: Result<u128, std::convert::Infallible>) -> String {
    let Ok(challenge) = challenge;
    format!("{challenge:032x}")
}

fn handle_of(account: &Account) -> Result<UserHandle64, ApiError> {
    let bytes: [u8; USER_HANDLE_MAX_LEN] = account
        .handle
        .as_slice()
        .try_into()
        .map_err(|_| broken_passkey())?;
    let Ok(handle) = UserHandle64::decode(bytes);
    Ok(handle)
}

/// What the owner calls it, else the browser that made it.
fn passkey_name(name: &str, parts: &Parts) -> String {
    let name: String = name
        .trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_NAME)
        .collect();
    if !name.is_empty() {
        return name;
    }
    RequestOrigin::of(parts)
        .agent
        .map_or_else(|| "passkey".to_owned(), |agent| agent_words(&agent))
}

fn require_size(answer: &[u8]) -> Result<(), ApiError> {
    if answer.len() <= LONGEST_ANSWER {
        return Ok(());
    }
    Err(ApiError::too_large("The answer of the browser is too long")
        .accepted(format!("at most {LONGEST_ANSWER} bytes")))
}

fn not_asked_for(error: &dyn std::fmt::Display) -> ApiError {
    // Readers of JSON quote what they have found, and that may be a secret.
    let problem = error.to_string();
    let told: Vec<&str> = problem.split('"').step_by(2).collect();
    ApiError::input(format!(
        "The device's answer is not what was asked for: {}",
        told.join("…")
    ))
    .accepted("the JSON form of a PublicKeyCredential for the last challenge")
    .fix("try again; a passkey needs a device that verifies you, by PIN, finger or face")
}

fn too_many() -> ApiError {
    ApiError::conflict(format!("This account has {MOST} passkeys"))
        .fix("remove one that is no longer used")
}

fn unknown_passkey() -> ApiError {
    ApiError::unauthenticated("This passkey signs nobody in here")
        .accepted("a passkey that was added to an account which has not been switched off")
        .fix("use another passkey, the password or a recovery code")
}

fn gone_ceremony() -> ApiError {
    ApiError::unauthenticated("This attempt was used or took longer than five minutes")
        .fix("begin again")
}

fn no_party() -> ApiError {
    ApiError::not_found("Passkeys need a name and https")
        .accepted("`backend.baseUrl` with https and a host name, or http://localhost")
        .fix("set backend.baseUrl to the address that people use")
}

fn broken_passkey() -> ApiError {
    ApiError::internal(IdentityError::Row("identity_passkeys".to_owned()))
}

fn broken_ceremony() -> IdentityError {
    IdentityError::Key("a passkey ceremony could not be begun")
}

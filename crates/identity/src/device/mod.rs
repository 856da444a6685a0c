//! Logins of programs that cannot show a page: the device flow (RFC 8628).
//!
//! ```text
//! program ─▶ device_authorization ─▶ device code (kept) + user code (shown)
//! person  ─▶ /device: which program, from where, what it may do ─▶ yes or no
//! program ─▶ token, every few seconds ─▶ access token (1 h) + refresh token
//! ```
//!
//! A login is a session of the person, without a cookie. Its refresh token is
//! good for one use; a second use means that somebody else holds it too, and
//! ends the session.

mod tokens;

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::Caller;
use platform::clock::later;
use serde_json::json;

use crate::csrf::require_same_origin;
use crate::events::{self, DEVICE_DECIDED};
use crate::identity::Identity;
use crate::origin::{RequestOrigin, agent_words};
use crate::scope::Scope;
use crate::secret::{Secret, SecretDigest};
use crate::sessions::{Method, Session};
use crate::store::devices::{self as rows, Decision, Device};
use crate::throttle::Counter;

pub(crate) use tokens::BearerTokens;

/// The one OAuth client that is registered: Portway's own command line, which
/// holds no secret.
pub const CLI_CLIENT: &str = "portway-cli";
/// How long a person has to admit a device.
const LIFETIME: Duration = Duration::from_secs(600);
/// Seconds between two questions of a device (RFC 8628, 3.5).
const INTERVAL: i64 = 5;
/// Devices that may wait at once from one network.
const MOST_WAITING: i64 = 20;
/// Letters of codes that people type: no vowels, so that no word comes out.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters of a code; 20^8 codes, of which a handful are good for 10 minutes.
const CODE_LENGTH: usize = 8;

/// An answer of the OAuth endpoints that is not success (RFC 6749, 5.2).
pub(crate) fn oauth_error(code: &'static str, description: impl Into<String>) -> ApiError {
    let description = description.into();
    let status = match code {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let name = match status {
        StatusCode::UNAUTHORIZED => "AuthenticationError",
        _ => "InputError",
    };
    ApiError::new(status, name, description.clone())
        .with_body(json!({ "error": code, "error_description": description }))
}

/// What a program gets that wants to be admitted.
#[derive(Clone, Debug)]
pub struct DeviceOffer {
    /// The program's own secret, with which it asks for its tokens.
    pub device_code: Secret<String>,
    /// What the person types, such as `BCDF-GHJK`.
    pub user_code: Secret<String>,
    /// The page on which they do.
    pub verification_uri: String,
    /// How long both codes work, in seconds.
    pub expires_in: u64,
    /// Seconds between two questions.
    pub interval: i64,
}

/// A program that waits to be admitted, for the person who decides.
#[derive(Clone, Debug)]
pub struct WaitingDevice {
    /// Its client id.
    pub client: String,
    /// What it calls itself, in words.
    pub agent: Option<String>,
    /// From where it asked.
    pub address: Option<String>,
    /// Whether that is where the person sits.
    pub same_address: bool,
    /// When it asked.
    pub created_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
    /// What it would be able to do: what it asked for, as far as the person
    /// may do it.
    pub scope: Scope,
}

impl Identity {
    /// Takes up a program that wants to be admitted.
    ///
    /// # Errors
    /// RFC 6749's for an unknown client or scope; 429 when too many wait.
    pub async fn offer_device(
        &self,
        parts: &Parts,
        client: &str,
        scope: &str,
    ) -> Result<DeviceOffer, ApiError> {
        require_client(client)?;
        let scope = Scope::from_words(scope, Scope::All, self.permissions()).map_err(|error| {
            oauth_error(
                "invalid_scope",
                format!(
                    "{}; accepted: all, read, or permissions of {}",
                    error.message,
                    self.base_url()
                ),
            )
        })?;
        let origin = RequestOrigin::of(parts);
        let now = self.clock().now();
        let device_code = self.entropy().secret("")?;
        let user_code = self.user_code()?;
        let device = Device {
            client: client.to_owned(),
            scope,
            address: origin.address_text(),
            agent: origin.agent.clone(),
            created_at: now,
            expires_at: later(now, LIFETIME),
            polled_at: None,
            pause: INTERVAL,
            decision: None,
        };
        let mut tx = self.db().begin().await?;
        let network = origin.network();
        if rows::waiting(&mut tx, &network, now).await? >= MOST_WAITING {
            return Err(ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsError",
                "Too many programs at this address wait to be admitted",
            )
            .fix("admit or deny them, or wait ten minutes"));
        }
        let digests = (
            device_code.digest().to_hex(),
            SecretDigest::of(user_code.expose()).to_hex(),
        );
        rows::insert(&mut tx, &device, (&digests.0, &digests.1), &network).await?;
        tx.commit().await?;
        let shown = user_code.expose().split_at_checked(CODE_LENGTH / 2);
        let (head, tail) = shown.unwrap_or((user_code.expose(), ""));
        Ok(DeviceOffer {
            device_code,
            user_code: Secret::new(format!("{head}-{tail}")),
            verification_uri: format!("{}/device", self.base_url()),
            expires_in: LIFETIME.as_secs(),
            interval: INTERVAL,
        })
    }

    /// A code of eight letters, each as likely as the others.
    fn user_code(&self) -> Result<Secret<String>, ApiError> {
        let mut code = String::with_capacity(CODE_LENGTH);
        while code.len() < CODE_LENGTH {
            for byte in self.entropy().bytes::<16>()? {
                // 240 is the largest multiple of 20 in a byte.
                if byte < 240
                    && code.len() < CODE_LENGTH
                    && let Some(letter) = LETTERS.get(usize::from(byte % 20))
                {
                    code.push(char::from(*letter));
                }
            }
        }
        Ok(Secret::new(code))
    }

    /// The program that shows a code, for the signed-in person who typed it.
    ///
    /// # Errors
    /// 401 for nobody, 404 for a code that shows nothing, 429 after several of
    /// these.
    pub async fn waiting_device(
        &self,
        caller: &Caller,
        parts: &Parts,
        code: &str,
    ) -> Result<WaitingDevice, ApiError> {
        self.require_person(parts).await?;
        let (_, device) = self.device_shown(caller, parts, code).await?;
        let here = RequestOrigin::of(parts).address_text();
        Ok(WaitingDevice {
            agent: device.agent.as_deref().map(agent_words),
            same_address: device.address.is_some() && device.address == here,
            address: device.address,
            created_at: device.created_at,
            expires_at: device.expires_at,
            scope: device.scope.within(&caller.grants, self.permissions()),
            client: device.client,
        })
    }

    /// Admits the program that shows a code, or turns it away.
    ///
    /// # Errors
    /// As [`Identity::waiting_device`]; 403 when another site caused the
    /// request.
    pub async fn decide_device(
        &self,
        caller: &Caller,
        parts: &Parts,
        (code, admit): (&str, bool),
    ) -> Result<(), ApiError> {
        require_same_origin(parts)?;
        let session = self.require_person(parts).await?;
        let (digest, device) = self.device_shown(caller, parts, code).await?;
        let decision = match admit {
            true => Decision::Approved {
                user: session.user,
                scope: device.scope.within(&caller.grants, self.permissions()),
            },
            false => Decision::Denied,
        };
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        if !rows::decide(&mut tx, &digest, &decision, now).await? {
            return Err(no_device());
        }
        let data = json!({
            "decision": if admit { "approved" } else { "denied" },
            "client": device.client,
            "address": device.address,
            "agent": device.agent.as_deref().map(agent_words),
            "scope": match &decision {
                Decision::Approved { scope, .. } => scope.to_value(),
                Decision::Denied => serde_json::Value::Null,
            },
        });
        let subject = format!("client:{}", device.client);
        match admit {
            true => events::append(&mut tx, DEVICE_DECIDED, subject, &caller.actor, data).await?,
            false => {
                events::append_refusal(&mut tx, DEVICE_DECIDED, subject, &caller.actor, data)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// The person in the browser: a program must not admit programs.
    async fn require_person(&self, parts: &Parts) -> Result<Session, ApiError> {
        match self.session(parts).await? {
            Some(session) if session.method != Method::Device => Ok(session),
            _ => Err(
                ApiError::unauthenticated("Only a person in a browser can admit a program")
                    .accepted("a session that began on the sign-in page")
                    .fix("sign in, then open the page again"),
            ),
        }
    }

    async fn device_shown(
        &self,
        caller: &Caller,
        parts: &Parts,
        code: &str,
    ) -> Result<(String, Device), ApiError> {
        let counters = [
            Counter::device_codes(&caller.actor.name),
            Counter::network(&RequestOrigin::of(parts).network()),
        ];
        self.require_patience(&counters).await?;
        let code = normal_code(code);
        let digest = SecretDigest::of(&code).to_hex();
        let found = match code.len() {
            CODE_LENGTH => rows::by_user_code(self.db(), &digest).await?,
            _ => None,
        };
        let now = self.clock().now();
        match found.filter(|device| now < device.expires_at && device.decision.is_none()) {
            Some(device) => Ok((digest, device)),
            None => {
                self.count_failure(&counters).await?;
                Err(no_device())
            }
        }
    }

    /// The tokens of a program whose person has said yes.
    ///
    /// # Errors
    /// RFC 8628's: `authorization_pending`, `slow_down`, `access_denied`,
    /// `expired_token`; `invalid_grant` for a code that never was or was used.
    pub(crate) async fn redeem_device(
        &self,
        parts: &Parts,
        client: &str,
        code: &str,
    ) -> Result<BearerTokens, ApiError> {
        require_client(client)?;
        let digest = SecretDigest::of(code).to_hex();
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let device = rows::by_device_code(&mut tx, &digest)
            .await?
            .filter(|device| device.client == client)
            .ok_or_else(|| {
                oauth_error(
                    "invalid_grant",
                    "This device code is not known or has been used; begin again",
                )
            })?;
        if device.expires_at <= now {
            return Err(oauth_error(
                "expired_token",
                "Nobody admitted the device within 10 minutes; begin again",
            ));
        }
        let too_early = device
            .polled_at
            .is_some_and(|last| now < later(last, seconds(device.pause)));
        let pause = device.pause + if too_early { 5 } else { 0 };
        match device.decision.clone() {
            _ if too_early => {
                rows::polled(&mut tx, &digest, now, pause).await?;
                tx.commit().await?;
                Err(oauth_error(
                    "slow_down",
                    format!("Ask every {pause} seconds at most"),
                ))
            }
            None => {
                rows::polled(&mut tx, &digest, now, pause).await?;
                tx.commit().await?;
                Err(oauth_error(
                    "authorization_pending",
                    "Nobody has admitted the device yet",
                ))
            }
            Some(Decision::Denied) => {
                rows::take(&mut tx, &digest).await?;
                tx.commit().await?;
                Err(oauth_error("access_denied", "The device was turned away"))
            }
            Some(Decision::Approved { user, scope }) => {
                if !rows::take(&mut tx, &digest).await? {
                    return Err(oauth_error("invalid_grant", "This device code was used"));
                }
                let tokens = self
                    .begin_program_session(&mut tx, parts, &device, (user, scope))
                    .await?;
                tx.commit().await?;
                Ok(tokens)
            }
        }
    }

    async fn begin_program_session(
        &self,
        tx: &mut platform::store::Tx,
        parts: &Parts,
        device: &Device,
        (user, scope): (EntityRef, Scope),
    ) -> Result<BearerTokens, ApiError> {
        let origin = RequestOrigin::of(parts);
        let session = Session {
            client: Some(device.client.clone()),
            scope: Some(scope),
            address: origin.address_text(),
            agent: origin.agent,
            ..self.new_session(user, Method::Device)?
        };
        // No cookie opens this session: the secret behind the hash is dropped.
        let nobody_knows = self.entropy().secret("")?.digest().to_hex();
        self.insert_session_in(tx, &session, &nobody_knows).await?;
        Ok(self.issue_pair_in(tx, &session).await?)
    }
}

pub(crate) fn require_client(client: &str) -> Result<(), ApiError> {
    if client == CLI_CLIENT {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "AuthenticationError",
        "This OAuth client is not registered",
    )
    .with_body(json!({
        "error": "invalid_client",
        "error_description": format!("This Portway registers no OAuth clients but {CLI_CLIENT}; other programs use an API token or exchange a workload token"),
    })))
}

fn no_device() -> ApiError {
    ApiError::not_found("No program waits with this code")
        .accepted("a code of eight letters that a program showed within the last 10 minutes")
        .fix("compare it with what the program shows, or start `portway login` again")
}

/// As the code was made, whatever a person typed around it.
fn normal_code(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphabetic)
        .take(CODE_LENGTH + 1)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}

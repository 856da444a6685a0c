//! Why somebody was not let in: for the person, for whoever looks after
//! Portway, and for the log.

use jiff::Timestamp;
use platform::ApiError;
use serde_json::{Value, json};

use super::account::Account;
use super::rules::Tried;

/// Why a sign-in ended without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no provider of this name in this environment.
    Unknown,
    /// The provider did not answer, or not in time.
    Down,
    /// The person or the provider said no.
    Denied,
    /// The attempt is too old, was used, or began in another browser.
    Expired,
    /// The account belongs to another organisation than the configured one.
    Tenant,
    /// What came back cannot be believed.
    Untrusted,
    /// No rule found a user.
    Nobody,
    /// The provider does not accept how it is configured here.
    Setup,
    /// The request did not come through the proxy.
    Source,
    /// Something failed inside Portway.
    Inside,
}

impl Reason {
    /// As events, addresses and texts name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Down => "down",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Tenant => "tenant",
            Self::Untrusted => "untrusted",
            Self::Nobody => "nobody",
            Self::Setup => "setup",
            Self::Source => "source",
            Self::Inside => "inside",
        }
    }

    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Unknown => 404,
            Self::Down | Self::Setup => 502,
            Self::Expired => 400,
            Self::Denied | Self::Tenant | Self::Untrusted | Self::Nobody | Self::Source => 403,
            Self::Inside => 500,
        }
    }
}

/// A sign-in that did not happen.
#[derive(Clone, Debug)]
pub struct SignInRefused {
    /// Why.
    pub reason: Reason,
    /// What people call the provider; empty when it is not known.
    pub provider: String,
    /// The provider's id, as the request gave it.
    pub provider_id: String,
    /// The account, as the provider calls it, where it said so.
    pub account: Option<String>,
    /// One technical sentence. It holds no secret.
    pub detail: String,
    /// Finds this refusal in `portway auth doctor`.
    pub reference: String,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Where the person wanted to go.
    pub return_to: String,
    /// What the provider said of the account, for the person to see: claim
    /// and value.
    pub facts: Vec<(&'static str, String)>,
}

/// What goes wrong on the way, before it is told to anybody.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    pub(super) detail: String,
    pub(super) account: Option<Box<Account>>,
    /// The name, the place and the outcome of each rule.
    pub(super) tried: Vec<(String, String, Tried)>,
}

impl Fault {
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            account: None,
            tried: Vec::new(),
        }
    }

    pub(super) fn down(error: &forge::http::Error) -> Self {
        Self::new(Reason::Down, error.to_string())
    }

    pub(super) fn untrusted(detail: impl Into<String>) -> Self {
        Self::new(Reason::Untrusted, detail)
    }

    pub(super) fn setup(detail: impl Into<String>) -> Self {
        Self::new(Reason::Setup, detail)
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        if let Some(cause) = &error.internal {
            tracing::error!(cause = ?cause, "Sign-in failed: {error}");
        }
        Self::new(Reason::Inside, error.message)
    }
}

impl From<crate::IdentityError> for Fault {
    fn from(error: crate::IdentityError) -> Self {
        Self::from(ApiError::from(error))
    }
}

impl From<platform::store::StoreError> for Fault {
    fn from(error: platform::store::StoreError) -> Self {
        Self::from(ApiError::from(error))
    }
}

/// A refusal as the doctor shows it. It lives in memory only, because claims
/// are about people.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub(super) at: Timestamp,
    pub(super) refused: SignInRefused,
    pub(super) account: Option<Box<Account>>,
}

impl Remembered {
    pub(super) fn to_value(&self) -> Value {
        json!({
            "at": self.at,
            "reference": self.refused.reference,
            "provider": self.refused.provider_id,
            "reason": self.refused.reason.as_str(),
            "account": self.refused.account,
            "detail": self.refused.detail,
        })
    }
}

//! Accounts that Portway itself keeps: for small teams, and for the day on
//! which the identity provider does not answer.
//!
//! An account is made with a one-time link, with which its owner sets a
//! password. Passkeys and recovery codes are added by the owner. Whoever fails
//! to sign in learns neither whether the account exists nor what was wrong.

mod accounts;
mod passkeys;
mod password;
mod recovery;
mod sign_in;

use serde_json::Value;

use crate::settings::{SettingsProblem, report};

pub use accounts::{Account, NewAccount};
pub use passkeys::Passkey;
pub(crate) use password::Hashing;

/// `auth.providers.local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalSettings {
    /// Whether passwords sign in. Without them accounts have passkeys and
    /// recovery codes only, and the one-time link signs in once to add one.
    pub passwords: bool,
}

/// The ways in that local accounts offer to one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalMethods {
    /// A form for name and password.
    pub password: bool,
    /// A button for passkeys.
    pub passkey: bool,
}

impl LocalMethods {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self.password || self.passkey
    }
}

impl LocalSettings {
    /// Options stand directly or below the environment's name, as Backstage's
    /// do for every provider.
    pub(crate) fn read(config: &Value, problems: &mut Vec<SettingsProblem>) -> Option<Self> {
        const PATH: &str = "auth.providers.local";
        let mut options = config.pointer("/auth/providers/local")?;
        if let Some(environment) = config.pointer("/auth/environment").and_then(Value::as_str)
            && let Some(below) = options.get(environment).filter(|below| below.is_object())
        {
            options = below;
        }
        let passwords = match options {
            Value::Null => None,
            Value::Object(options) => options.get("passwords"),
            _ => {
                report(
                    problems,
                    PATH,
                    "is not an object",
                    "`local: {}` or `local` with options below it",
                );
                return None;
            }
        };
        let passwords = match passwords {
            None | Some(Value::Null | Value::Bool(true)) => true,
            Some(Value::Bool(false)) => false,
            Some(_) => {
                report(
                    problems,
                    format!("{PATH}.passwords"),
                    "is neither true nor false",
                    "true or false",
                );
                false
            }
        };
        Some(Self { passwords })
    }
}

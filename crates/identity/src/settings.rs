//! What the configuration says about identity, read from Backstage's keys:
//! `backend.baseUrl`, `backend.auth.externalAccess`, `auth.environment`,
//! `auth.backstageTokenExpiration` and `auth.providers.guest`.
//!
//! Reading never fails: what cannot be used is left out (so it grants nothing)
//! and reported, and the rest counts.

use std::time::Duration;

use model::entity_ref::EntityRef;
use serde_json::{Map, Value};

use crate::external::ExternalIssuer;
use crate::guest::GuestSettings;
use crate::providers::{SignInSettings, read_settings as read_sign_in};
use crate::static_token::{self, StaticToken};
use crate::trust::TrustSettings;

/// How long a Backstage user token lives when nothing is configured.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3600);
/// The range that Backstage allows for `auth.backstageTokenExpiration`.
const TOKEN_LIFETIME_RANGE: (Duration, Duration) =
    (Duration::from_secs(600), Duration::from_secs(86_400));

/// Everything that is configured about identity.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `backend.baseUrl` without a trailing slash.
    pub base_url: Option<String>,
    /// `backend.auth.externalAccess` of type `static`.
    pub static_tokens: Vec<StaticToken>,
    /// The same of the types `jwks` and `legacy`.
    pub external: Vec<ExternalIssuer>,
    /// `auth.providers.guest`, when it is there.
    pub guest: Option<GuestSettings>,
    /// How long a user token lives, 10 minutes to 24 hours.
    pub token_lifetime: Duration,
    /// Sessions, API tokens, local accounts and workloads.
    pub trust: TrustSettings,
    /// Accounts from elsewhere: `auth.providers`, `auth.justInTime`.
    pub sign_in: SignInSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: None,
            static_tokens: Vec::new(),
            external: Vec::new(),
            guest: None,
            token_lifetime: TOKEN_LIFETIME,
            trust: TrustSettings::default(),
            sign_in: SignInSettings::default(),
        }
    }
}

/// A part of the configuration that was not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Where, for example `backend.auth.externalAccess[0].options.token`.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

impl Settings {
    /// Reads the merged configuration. The second part lists what was left out.
    pub fn read(config: &Value) -> (Self, Vec<SettingsProblem>) {
        let mut problems = Vec::new();
        let base_url = read_base_url(config, &mut problems);
        let (static_tokens, external) = static_token::read(config, &mut problems);
        let settings = Self {
            base_url,
            static_tokens,
            external,
            guest: read_guest(config, &mut problems),
            token_lifetime: read_token_lifetime(config, &mut problems),
            trust: TrustSettings::read(config, &mut problems),
            sign_in: read_sign_in(config, &mut problems),
        };
        (settings, problems)
    }
}

/// Notes a problem.
pub(crate) fn report(
    problems: &mut Vec<SettingsProblem>,
    path: impl Into<String>,
    message: impl Into<String>,
    accepted: impl Into<String>,
) {
    problems.push(SettingsProblem {
        path: path.into(),
        message: message.into(),
        accepted: accepted.into(),
    });
}

fn read_base_url(config: &Value, problems: &mut Vec<SettingsProblem>) -> Option<String> {
    let url = config.pointer("/backend/baseUrl")?;
    match url.as_str().map(|url| url.trim_end_matches('/')) {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
            Some(url.to_owned())
        }
        _ => {
            report(
                problems,
                "backend.baseUrl",
                "is not the address of a web server",
                "a URL such as https://portway.example.com",
            );
            None
        }
    }
}

fn read_guest(config: &Value, problems: &mut Vec<SettingsProblem>) -> Option<GuestSettings> {
    const PATH: &str = "auth.providers.guest";
    let guest = config.pointer("/auth/providers/guest")?;
    let empty = Map::new();
    let guest = match guest {
        Value::Object(map) => map,
        Value::Null => &empty,
        _ => {
            report(
                problems,
                PATH,
                "is not an object",
                "`guest: {}` or `guest` with options below it",
            );
            return None;
        }
    };
    // Backstage takes the options directly or below the environment's name.
    let environment = config
        .pointer("/auth/environment")
        .and_then(Value::as_str)
        .unwrap_or("development");
    let options = guest
        .get(environment)
        .and_then(Value::as_object)
        .unwrap_or(guest);
    if options
        .get("dangerouslyAllowOutsideDevelopment")
        .is_some_and(|flag| flag != &Value::Bool(false))
    {
        report(
            problems,
            format!("{PATH}.dangerouslyAllowOutsideDevelopment"),
            "is refused: Portway admits guests only from the machine it runs on, because a guest proves nothing about who they are",
            "the key left out; for people on other machines use a token from `portway token create` or a sign-in link",
        );
    }
    let mut settings = GuestSettings::default();
    if let Some(value) = options.get("userEntityRef") {
        match EntityRef::from_value(value, Some("user"), None) {
            Ok(user) => {
                settings.ownership = vec![user.clone()];
                settings.user = user;
            }
            Err(problem) => {
                report(
                    problems,
                    format!("{PATH}.userEntityRef"),
                    problem.to_string(),
                    "a reference such as user:default/guest",
                );
                return None;
            }
        }
    }
    match options.get("ownershipEntityRefs") {
        None | Some(Value::Null) => {}
        Some(Value::Array(refs)) => {
            settings.ownership = refs
                .iter()
                .enumerate()
                .filter_map(|(at, value)| {
                    // What is not a reference owns nothing.
                    EntityRef::from_value(value, Some("user"), None)
                        .map_err(|problem| {
                            report(
                                problems,
                                format!("{PATH}.ownershipEntityRefs[{at}]"),
                                problem.to_string(),
                                "a reference such as group:default/guests",
                            );
                        })
                        .ok()
                })
                .collect();
        }
        Some(_) => report(
            problems,
            format!("{PATH}.ownershipEntityRefs"),
            "is not a list",
            "a list of references such as group:default/guests",
        ),
    }
    Some(settings)
}

fn read_token_lifetime(config: &Value, problems: &mut Vec<SettingsProblem>) -> Duration {
    const PATH: &str = "auth.backstageTokenExpiration";
    let Some(value) = config.pointer("/auth/backstageTokenExpiration") else {
        return TOKEN_LIFETIME;
    };
    let Some(lifetime) = human_duration(value) else {
        report(
            problems,
            PATH,
            "is not a length of time",
            "`{ hours: 1 }`, or a text such as 30m, 1h or PT1H",
        );
        return TOKEN_LIFETIME;
    };
    let (shortest, longest) = TOKEN_LIFETIME_RANGE;
    if lifetime < shortest || lifetime > longest {
        report(
            problems,
            PATH,
            "is out of range and was moved to its nearest end",
            "10 minutes to 24 hours",
        );
    }
    lifetime.clamp(shortest, longest)
}

/// Backstage's `HumanDuration` object, or jiff's reading of `1h` and `PT1H`.
fn human_duration(value: &Value) -> Option<Duration> {
    const SECONDS: [(&str, f64); 6] = [
        ("weeks", 604_800.0),
        ("days", 86_400.0),
        ("hours", 3600.0),
        ("minutes", 60.0),
        ("seconds", 1.0),
        ("milliseconds", 0.001),
    ];
    match value {
        Value::String(text) => Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok(),
        Value::Object(parts) => {
            let mut total = 0.0;
            for (unit, amount) in parts {
                let (_, seconds) = SECONDS.iter().find(|(name, _)| name == unit)?;
                total += amount.as_f64()? * seconds;
            }
            Duration::try_from_secs_f64(total).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_configured_admits_nobody() {
        let (settings, problems) = Settings::read(&json!({}));
        assert!(settings.guest.is_none());
        assert!(settings.static_tokens.is_empty());
        assert_eq!(settings.token_lifetime, Duration::from_secs(3600));
        assert_eq!(problems, []);
    }

    #[test]
    fn guest_options_stand_directly_or_below_the_environment() {
        for config in [
            json!({"auth": {"providers": {"guest": {"userEntityRef": "user:default/kim"}}}}),
            json!({"auth": {"environment": "local", "providers": {"guest": {"local": {"userEntityRef": "user:default/kim"}}}}}),
        ] {
            let (settings, problems) = Settings::read(&config);
            let guest = settings.guest.expect("guest is configured");
            assert_eq!(guest.user.as_str(), "user:default/kim");
            assert_eq!(guest.ownership, std::slice::from_ref(&guest.user));
            assert_eq!(problems, []);
        }
    }

    #[test]
    fn the_dangerous_guest_option_is_refused_with_a_reason() {
        let config =
            json!({"auth": {"providers": {"guest": {"dangerouslyAllowOutsideDevelopment": true}}}});
        let (_, problems) = Settings::read(&config);
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].path,
            "auth.providers.guest.dangerouslyAllowOutsideDevelopment"
        );
        assert!(problems[0].message.contains("only from the machine"));
    }

    #[test]
    fn a_guest_with_a_broken_reference_is_no_guest() {
        let config = json!({"auth": {"providers": {"guest": {"userEntityRef": "user:"}}}});
        let (settings, problems) = Settings::read(&config);
        assert!(settings.guest.is_none());
        assert_eq!(problems[0].path, "auth.providers.guest.userEntityRef");
    }

    #[test]
    fn token_lifetime_is_held_in_range() {
        let read = |value: Value| {
            let (settings, problems) =
                Settings::read(&json!({"auth": {"backstageTokenExpiration": value}}));
            (settings.token_lifetime.as_secs(), problems.len())
        };
        assert_eq!(read(json!({"minutes": 30})), (1800, 0));
        assert_eq!(read(json!("2h")), (7200, 0));
        assert_eq!(read(json!("PT15M")), (900, 0));
        assert_eq!(read(json!({"seconds": 1})), (600, 1));
        assert_eq!(read(json!({"days": 30})), (86_400, 1));
        assert_eq!(read(json!({"fortnights": 1})), (3600, 1));
        assert_eq!(read(json!(-5)), (3600, 1));
    }
}

//! What is configured about sessions, API tokens, local accounts and
//! workloads.

use std::time::Duration;

use serde_json::Value;

use crate::local::LocalSettings;
use crate::settings::{SettingsProblem, report};
use crate::workload::Trust;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// How long a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used: `auth.session.idleTimeout`, 12 hours unless
    /// configured.
    pub idle: Duration,
    /// At most: `auth.session.absoluteTimeout`, 30 days unless configured.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            idle: 12 * HOUR,
            absolute: 30 * DAY,
        }
    }
}

/// How long API tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// The longest life that may be asked for: `auth.tokens.maxLifetime`, a
    /// year unless configured.
    pub longest: Duration,
    /// The life of a token whose maker asks for none: 90 days, or the longest
    /// when that is shorter.
    pub usual: Duration,
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            longest: 365 * DAY,
            usual: 90 * DAY,
        }
    }
}

/// The parts of the configuration that [`crate::Settings`] keeps together
/// because none of them concerns an external provider.
#[derive(Clone, Debug, Default)]
pub struct TrustSettings {
    /// `auth.session`.
    pub sessions: SessionLimits,
    /// `auth.tokens`.
    pub tokens: TokenPolicy,
    /// `auth.providers.local`; local accounts sign nobody in without it.
    pub local: Option<LocalSettings>,
    /// `auth.workload.trust`.
    pub workload: Vec<Trust>,
}

impl TrustSettings {
    pub(crate) fn read(config: &Value, problems: &mut Vec<SettingsProblem>) -> Self {
        let usual = SessionLimits::default();
        let mut sessions = SessionLimits {
            idle: duration(
                config,
                "auth.session.idleTimeout",
                usual.idle,
                (Duration::from_secs(300), 365 * DAY),
                problems,
            ),
            absolute: duration(
                config,
                "auth.session.absoluteTimeout",
                usual.absolute,
                (Duration::from_secs(300), 365 * DAY),
                problems,
            ),
        };
        sessions.idle = sessions.idle.min(sessions.absolute);
        let longest = duration(
            config,
            "auth.tokens.maxLifetime",
            TokenPolicy::default().longest,
            (HOUR, 3650 * DAY),
            problems,
        );
        Self {
            sessions,
            tokens: TokenPolicy {
                longest,
                usual: TokenPolicy::default().usual.min(longest),
            },
            local: LocalSettings::read(config, problems),
            workload: Trust::read_all(config, problems),
        }
    }
}

/// A length of time below a dotted path, held within its range.
fn duration(
    config: &Value,
    path: &str,
    usual: Duration,
    (least, most): (Duration, Duration),
    problems: &mut Vec<SettingsProblem>,
) -> Duration {
    let pointer = format!("/{}", path.replace('.', "/"));
    let Some(value) = config.pointer(&pointer).filter(|value| !value.is_null()) else {
        return usual;
    };
    let Ok(length) = model::duration::parse(value) else {
        report(
            problems,
            path,
            "is not a length of time",
            "`{ hours: 12 }`, or a text such as 30m, 12h or P30D",
        );
        return usual;
    };
    if length < least || length > most {
        report(
            problems,
            path,
            "is out of range and was moved to its nearest end",
            format!(
                "{} minutes to {} days",
                least.as_secs() / 60,
                most.as_secs() / 86_400
            ),
        );
    }
    length.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_are_read_and_held_in_range() {
        let read = |config: Value| {
            let mut problems = Vec::new();
            let settings = TrustSettings::read(&config, &mut problems);
            (settings, problems.len())
        };
        let (settings, problems) = read(json!({}));
        assert_eq!((settings.sessions, problems), (SessionLimits::default(), 0));
        let (settings, problems) = read(json!({"auth": {
            "session": {"idleTimeout": "2h", "absoluteTimeout": {"hours": 1}},
            "tokens": {"maxLifetime": {"days": 30}},
        }}));
        assert_eq!(problems, 0);
        assert_eq!(settings.sessions.idle, HOUR, "never longer than the whole");
        assert_eq!(settings.tokens.usual, 30 * DAY);
        let (settings, problems) =
            read(json!({"auth": {"session": {"idleTimeout": "1s", "absoluteTimeout": "soon"}}}));
        assert_eq!(problems, 2);
        assert_eq!(settings.sessions.idle, Duration::from_secs(300));
        assert_eq!(settings.sessions.absolute, 30 * DAY);
    }
}

//! The `schedule` of a discovery provider: when it runs, and how long at most.
//! The forms are those of Backstage's scheduler.

use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::clock::later;
use platform::controller::Next;
use serde_json::Value;

/// How often a provider runs when its configuration does not say.
const DEFAULT: Duration = Duration::from_secs(30 * 60);
/// A provider that runs all the time would use its whole budget.
const SHORTEST: Duration = Duration::from_secs(10);
/// `frequency: { trigger: manual }`: when somebody asks, or a webhook comes.
const MANUAL: Duration = Duration::from_secs(365 * 24 * 3600);
/// Longer texts are no cron expressions.
const MAX_CRON: usize = 200;

const FREQUENCIES: &str = "a duration such as { minutes: 30 }, 30m, \"1h 30m\" or PT30M, a cron expression such as \
     { cron: '*/30 * * * *' } (in UTC), or { trigger: manual }";
const DURATIONS: &str = "a duration such as { minutes: 5 }, 5m or PT5M";

/// When a provider runs.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    frequency: Frequency,
    /// A run is ended after this.
    pub(super) timeout: Option<Duration>,
    /// How long the first run after a start is put off.
    pub(super) initial_delay: Option<Duration>,
}

#[derive(Clone, Debug)]
enum Frequency {
    Every(Duration),
    /// The expression as written, and what it means.
    Cron(String, Box<Cron>),
    Manual,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            frequency: Frequency::Every(DEFAULT),
            timeout: None,
            initial_delay: None,
        }
    }
}

impl Schedule {
    /// Reads the value of a `schedule` key; `path` is where it stands. The
    /// second part says what cannot be used, and what holds in its place.
    pub(super) fn read(path: &str, schedule: &Value) -> (Self, Vec<String>) {
        let mut read = Self::default();
        let mut problems = Vec::new();
        if !schedule.is_null() && !schedule.is_object() {
            problems.push(format!(
                "{path}: not an object, every 30 minutes is used; accepted is such as {{ frequency: {{ minutes: 30 }}, \
                 timeout: {{ minutes: 5 }} }}"
            ));
        }
        if let Some(frequency) = given(schedule, "frequency") {
            match Frequency::read(frequency) {
                Ok(frequency) => read.frequency = frequency,
                Err(why) => problems.push(format!(
                    "{path}.frequency: {why}; every 30 minutes is used; accepted are {FREQUENCIES}"
                )),
            }
        }
        let mut duration = |key: &str, otherwise: &str| {
            let written = given(schedule, key)?;
            model::duration::parse(written)
                .map_err(|why| {
                    problems.push(format!(
                        "{path}.{key}: {why}; {otherwise}; accepted is {DURATIONS}"
                    ));
                })
                .ok()
        };
        read.timeout = duration("timeout", "a run may take a day");
        read.initial_delay = duration("initialDelay", "the first run is not put off");
        // Both mean one run: replicas share the queue and what it has read.
        if let Some(scope) = given(schedule, "scope")
            && !matches!(scope.as_str(), Some("global" | "local"))
        {
            problems.push(format!(
                "{path}.scope: {scope} is not a scope; each run is made once for all replicas; accepted are global and local"
            ));
        }
        (read, problems)
    }

    /// When to run again after a run that ended at `now`, and why then.
    pub(super) fn next(&self, now: Timestamp) -> Next {
        match &self.frequency {
            Frequency::Every(length) => Next::After(
                (*length).max(SHORTEST),
                "looks for changes on its schedule".into(),
            ),
            Frequency::Cron(text, cron) => match occurrence(cron, now) {
                Some(at) => Next::At(
                    at.max(later(now, SHORTEST)),
                    format!("looks for changes on its schedule, `{text}` in UTC"),
                ),
                None => Next::After(MANUAL, format!("its schedule `{text}` names no time")),
            },
            Frequency::Manual => Next::After(
                MANUAL,
                "waits for somebody who asks, or a webhook: its trigger is manual".into(),
            ),
        }
    }
}

impl Frequency {
    fn read(written: &Value) -> Result<Self, String> {
        if let Some(trigger) = written.get("trigger") {
            return match trigger.as_str() {
                Some("manual") => Ok(Self::Manual),
                _ => Err(format!("{trigger} is not a trigger")),
            };
        }
        match written.get("cron") {
            Some(Value::String(text)) => Self::cron(text),
            Some(other) => Err(format!("{other} is not a cron expression")),
            None => model::duration::parse(written)
                .map(Self::Every)
                .map_err(|why| why.to_string()),
        }
    }

    /// Five fields, or six of which the first is the second, as in Backstage.
    fn cron(text: &str) -> Result<Self, String> {
        if text.len() > MAX_CRON {
            return Err(format!(
                "a cron expression has at most {MAX_CRON} characters"
            ));
        }
        let cron = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .map_err(|why| format!("`{text}` is not a cron expression ({why})"))?;
        // The thirtieth of February never comes.
        if occurrence(&cron, Timestamp::UNIX_EPOCH).is_none() {
            return Err(format!("`{text}` names no time that ever comes"));
        }
        Ok(Self::Cron(text.trim().to_owned(), Box::new(cron)))
    }
}

/// The first time of `cron` after `now`.
fn occurrence(cron: &Cron, now: Timestamp) -> Option<Timestamp> {
    cron.find_next_occurrence(&now.to_zoned(TimeZone::UTC), false)
        .ok()
        .map(|at| at.timestamp())
}

fn given<'a>(schedule: &'a Value, key: &str) -> Option<&'a Value> {
    schedule.get(key).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-03-10T12:07:31.5Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn next(frequency: &Value) -> String {
        let (schedule, problems) = Schedule::read("p", &json!({ "frequency": frequency }));
        assert_eq!(problems, Vec::<String>::new());
        match schedule.next(now()) {
            Next::At(at, _) => at.to_string(),
            Next::After(length, _) => format!("{length:?}"),
            Next::Done => "never".into(),
        }
    }

    #[test]
    fn every_form_of_backstage_is_read() {
        for (frequency, expected) in [
            (json!({ "minutes": 30 }), "1800s"),
            (json!({ "hours": 1, "minutes": "30" }), "5400s"),
            (json!("PT30M"), "1800s"),
            (json!("30 minutes"), "1800s"),
            (json!("1h 30m"), "5400s"),
            (json!({ "seconds": 1 }), "10s"),
            (json!({ "trigger": "manual" }), "31536000s"),
            (json!({ "cron": "*/30 * * * *" }), "2026-03-10T12:30:00Z"),
            (json!({ "cron": " 0 3 * * * " }), "2026-03-11T03:00:00Z"),
            (json!({ "cron": "0 0 9 * * MON" }), "2026-03-16T09:00:00Z"),
            (json!({ "cron": "@daily" }), "2026-03-11T00:00:00Z"),
            // Both days are given, so either of them will do.
            (json!({ "cron": "0 0 1 * 5" }), "2026-03-13T00:00:00Z"),
            (json!({ "cron": "* * * * * *" }), "2026-03-10T12:07:41.5Z"),
        ] {
            assert_eq!(next(&frequency), expected, "{frequency}");
        }
        let (schedule, problems) = Schedule::read(
            "p",
            &json!({ "frequency": "1h", "timeout": "PT5M", "initialDelay": { "seconds": 90 }, "scope": "local" }),
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            (schedule.timeout, schedule.initial_delay),
            (
                Some(Duration::from_secs(300)),
                Some(Duration::from_secs(90))
            )
        );
    }

    #[test]
    fn what_cannot_be_used_is_said_with_what_holds() {
        let problems = |schedule: Value| Schedule::read("catalog.x.schedule", &schedule).1;
        assert_eq!(problems(Value::Null), Vec::<String>::new());
        for (schedule, begin) in [
            (
                json!({ "frequency": "often" }),
                "catalog.x.schedule.frequency: `often` is not a duration; every 30",
            ),
            (
                json!({ "frequency": { "cron": "61 * * * *" } }),
                "catalog.x.schedule.frequency: `61 * * * *` is not a cron expression (",
            ),
            (
                json!({ "frequency": { "cron": "0 0 30 2 *" } }),
                "catalog.x.schedule.frequency: `0 0 30 2 *` names no time that ever comes; every",
            ),
            (
                json!({ "frequency": { "cron": 5 } }),
                "catalog.x.schedule.frequency: 5 is not a cron expression;",
            ),
            (
                json!({ "frequency": { "trigger": "x" } }),
                "catalog.x.schedule.frequency: \"x\" is not a trigger;",
            ),
            (
                json!({ "timeout": 5 }),
                "catalog.x.schedule.timeout: `5` is not a duration; a run may take a day; accepted is",
            ),
            (
                json!({ "initialDelay": "soon" }),
                "catalog.x.schedule.initialDelay: `soon` is not a duration; the first run",
            ),
            (
                json!({ "scope": "all" }),
                "catalog.x.schedule.scope: \"all\" is not a scope;",
            ),
            (
                json!("30m"),
                "catalog.x.schedule: not an object, every 30 minutes is used;",
            ),
        ] {
            let said = problems(schedule.clone());
            assert!(
                said.len() == 1 && said[0].starts_with(begin),
                "{schedule}: {said:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_expression_causes_a_panic_or_a_time_in_the_past(text in "[0-9*/,@#LW?A-Za-z -]{0,30}", begin in 0i64..4_000_000_000) {
            let (schedule, _) = Schedule::read("p", &json!({ "frequency": { "cron": text } }));
            let now = Timestamp::from_second(begin).expect("a time");
            if let Next::At(at, _) = schedule.next(now) {
                prop_assert!(at >= later(now, SHORTEST));
            }
        }

        #[test]
        fn fields_of_numbers_are_read(minute in 0u8..60, hour in 0u8..24, begin in 0i64..4_000_000_000) {
            let (schedule, problems) = Schedule::read("p", &json!({ "frequency": { "cron": format!("{minute} {hour} * * *") } }));
            prop_assert_eq!(problems.len(), 0);
            let now = Timestamp::from_second(begin).expect("a time");
            let Next::At(at, _) = schedule.next(now) else { panic!("a time") };
            let at = at.to_zoned(TimeZone::UTC);
            // A time that is about to come is put off a little.
            if at.timestamp() > later(now, SHORTEST) {
                prop_assert_eq!((at.minute(), at.hour(), at.second()), (minute as i8, hour as i8, 0));
            }
            prop_assert!(at.timestamp() <= later(now, Duration::from_secs(86_400)));
        }
    }
}

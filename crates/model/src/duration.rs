//! Lengths of time as configuration writes them: `{minutes: 5}`, `PT5M`, `5m`,
//! `1h30m`.

use std::time::Duration;

use serde_json::Value;

use crate::quoted::quoted;

/// What is accepted, for messages.
const ACCEPTED: &str = "an object such as {minutes: 5}, an ISO 8601 duration such as PT5M, or a text such as 5m, 1h30m or \"2 days\"";

/// Longest accepted duration: 100 years. Longer ones are typing errors.
const LONGEST: f64 = 100.0 * 365.0 * 86_400.0;

/// Seconds per unit. Months have 30 days and years 365, as in Backstage.
const UNITS: [(&str, f64); 8] = [
    ("years", 365.0 * 86_400.0),
    ("months", 30.0 * 86_400.0),
    ("weeks", 7.0 * 86_400.0),
    ("days", 86_400.0),
    ("hours", 3_600.0),
    ("minutes", 60.0),
    ("seconds", 1.0),
    ("milliseconds", 0.001),
];

/// Why a value is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not of the accepted forms. Holds the value.
    #[error("`{}` is not a duration", quoted(.0))]
    Form(String),
    /// An object key that names no unit.
    #[error("`{}` is not a unit of time", quoted(.0))]
    Unit(String),
    /// A unit whose amount is not a number.
    #[error("the amount of `{}` must be a number", quoted(.0))]
    Amount(String),
    /// Below zero.
    #[error("a duration cannot be negative: `{}`", quoted(.0))]
    Negative(String),
    /// More than 100 years.
    #[error("`{}` is more than 100 years", quoted(.0))]
    TooLong(String),
}

impl DurationError {
    /// What would be accepted instead.
    pub fn accepted(&self) -> &'static str {
        match self {
            Self::Unit(_) => "years, months, weeks, days, hours, minutes, seconds, milliseconds",
            _ => ACCEPTED,
        }
    }
}

/// Reads the object or the text form.
///
/// Bare numbers are refused here, because Backstage has no unit for them; use
/// [`parse_or_seconds`] where a number of seconds is the custom.
///
/// # Errors
/// [`DurationError`].
pub fn parse(value: &Value) -> Result<Duration, DurationError> {
    match value {
        Value::String(text) => parse_text(text),
        Value::Object(map) if !map.is_empty() => {
            let mut total = 0.0;
            for (unit, amount) in map {
                let (_, seconds) = UNITS
                    .iter()
                    .find(|(name, _)| name == unit)
                    .ok_or_else(|| DurationError::Unit(unit.clone()))?;
                let amount = match amount {
                    Value::Number(number) => number.as_f64(),
                    // Environment variables arrive as texts.
                    Value::String(text) => text.trim().parse::<f64>().ok(),
                    _ => None,
                };
                let amount = amount
                    .filter(|amount| amount.is_finite())
                    .ok_or_else(|| DurationError::Amount(unit.clone()))?;
                total += amount * seconds;
            }
            finish(total, &value.to_string())
        }
        other => Err(DurationError::Form(other.to_string())),
    }
}

/// Like [`parse`], and a bare number (or a text that is one) counts as seconds.
///
/// # Errors
/// [`DurationError`].
pub fn parse_or_seconds(value: &Value) -> Result<Duration, DurationError> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    match seconds {
        Some(seconds) => finish(seconds, &crate::javascript::to_string(value)),
        None => parse(value),
    }
}

/// Reads `PT5M`, `5m`, `1h30m`, `2 days`.
///
/// # Errors
/// [`DurationError`].
pub fn parse_text(text: &str) -> Result<Duration, DurationError> {
    let trimmed = text.trim();
    let unsigned = trimmed.strip_prefix('-').unwrap_or(trimmed);
    let iso = unsigned.strip_prefix(['P', 'p']);
    let seconds = match iso {
        Some(body) => iso_seconds(body),
        None => spoken_seconds(unsigned),
    };
    let seconds = seconds.ok_or_else(|| DurationError::Form(text.to_owned()))?;
    let sign = if unsigned.len() == trimmed.len() {
        1.0
    } else {
        -1.0
    };
    finish(sign * seconds, text)
}

fn finish(seconds: f64, shown: &str) -> Result<Duration, DurationError> {
    if seconds < 0.0 {
        return Err(DurationError::Negative(shown.to_owned()));
    }
    if seconds > LONGEST {
        return Err(DurationError::TooLong(shown.to_owned()));
    }
    let exact =
        Duration::try_from_secs_f64(seconds).map_err(|_| DurationError::Form(shown.to_owned()))?;
    // Binary fractions leave stray nanoseconds; nobody asks for less than one
    // millisecond except by writing it.
    let micros = u64::try_from((exact.as_nanos() + 500) / 1_000)
        .map_err(|_| DurationError::TooLong(shown.to_owned()))?;
    Ok(Duration::from_micros(micros))
}

/// What follows the `P`: `3W`, `1DT2H`, `T5M`, `T1.5S`.
fn iso_seconds(body: &str) -> Option<f64> {
    let (date, time) = match body.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (body, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let date = units_in(
        date,
        &[
            ("y", "years"),
            ("m", "months"),
            ("w", "weeks"),
            ("d", "days"),
        ],
    )?;
    let time = units_in(time, &[("h", "hours"), ("m", "minutes"), ("s", "seconds")])?;
    Some(date + time)
}

/// `1h30m`, `1.5 hours`, `2 days 3 hours`.
fn spoken_seconds(text: &str) -> Option<f64> {
    const NAMES: [(&str, &str); 34] = [
        ("ms", "milliseconds"),
        ("msec", "milliseconds"),
        ("msecs", "milliseconds"),
        ("millisecond", "milliseconds"),
        ("milliseconds", "milliseconds"),
        ("s", "seconds"),
        ("sec", "seconds"),
        ("secs", "seconds"),
        ("second", "seconds"),
        ("seconds", "seconds"),
        ("m", "minutes"),
        ("min", "minutes"),
        ("mins", "minutes"),
        ("minute", "minutes"),
        ("minutes", "minutes"),
        ("h", "hours"),
        ("hr", "hours"),
        ("hrs", "hours"),
        ("hour", "hours"),
        ("hours", "hours"),
        ("d", "days"),
        ("day", "days"),
        ("days", "days"),
        ("w", "weeks"),
        ("week", "weeks"),
        ("weeks", "weeks"),
        ("mo", "months"),
        ("month", "months"),
        ("months", "months"),
        ("y", "years"),
        ("yr", "years"),
        ("yrs", "years"),
        ("year", "years"),
        ("years", "years"),
    ];
    if text.is_empty() {
        return None;
    }
    units_in(text, &NAMES)
}

/// Sum of `<number><unit>` pairs, each unit once; spaces between are allowed.
fn units_in(text: &str, names: &[(&str, &str)]) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    let mut used: Vec<&str> = Vec::new();
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (amount, after) = rest.split_at_checked(split)?;
        let after = after.trim_start();
        let split = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (name, remainder) = after.split_at_checked(split)?;
        let name = name.to_ascii_lowercase();
        let (_, unit) = names.iter().find(|(known, _)| *known == name)?;
        if used.contains(unit) {
            return None;
        }
        used.push(unit);
        let (_, seconds) = UNITS.iter().find(|(known, _)| known == unit)?;
        total += amount.parse::<f64>().ok()? * seconds;
        rest = remainder.trim_start();
    }
    Some(total)
}

//! Axes: round numbers and calendar times at which a reader expects a line.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Values beyond this are drawn at the edge: nothing that a portal counts is
/// larger, and the arithmetic below stays exact enough.
pub(super) const MOST: f64 = 1e15;

/// More intervals than this make an axis hard to read (the look: three or
/// four grid lines).
const INTERVALS: f64 = 4.0;

/// Which numbers are round for a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// 1, 2, 2.5 and 5 times a power of ten.
    Decimal,
    /// The same, but never parts of one.
    Whole,
    /// Seconds, minutes, hours and days as clocks divide them.
    Seconds,
    /// Powers of two within a power of 1024.
    Bytes,
}

/// Round steps of time below and above a day, in seconds.
const SECONDS: [f64; 23] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    432_000.0,
    864_000.0,
    2_592_000.0,
    7_776_000.0,
];

/// The values of grid lines: evenly spaced, ascending, two to six of them,
/// covering `low` to `high`, and 0 too when `zero` is set. Anything that is no
/// finite number counts as 0.
pub fn ticks(low: f64, high: f64, zero: bool, steps: Steps) -> Vec<f64> {
    let sane = |value: f64| {
        if value.is_finite() {
            value.clamp(-MOST, MOST)
        } else {
            0.0
        }
    };
    let (mut low, mut high) = (sane(low).min(sane(high)), sane(low).max(sane(high)));
    if zero {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    // A flat line lies in the middle of its range, or on an axis from zero.
    let size = low.abs().max(high.abs());
    if high - low <= size * 1e-9 {
        let room = if size == 0.0 { 1.0 } else { size * 0.1 };
        if size == 0.0 || zero {
            high += room;
        } else {
            (low, high) = (low - room, high + room);
        }
    }
    let step = step(low, high, steps);
    let first = (low / step + 1e-9).floor();
    let count = ((high / step - 1e-9).ceil() - first).clamp(1.0, 8.0) as u32;
    (0..=count)
        .map(|index| (first + f64::from(index)) * step)
        .collect()
}

/// The smallest round step with which the range needs few intervals.
fn step(low: f64, high: f64, steps: Steps) -> f64 {
    let fits = |step: f64| (high / step - 1e-9).ceil() - (low / step + 1e-9).floor() <= INTERVALS;
    let rough = (high - low) / INTERVALS;
    match steps {
        Steps::Seconds if rough >= 0.5 => {
            if let Some(step) = SECONDS.into_iter().find(|step| fits(*step)) {
                return step;
            }
        }
        Steps::Bytes if rough >= 1.0 => {
            for exponent in 0..50_i32 {
                let step = 2_f64.powi(exponent);
                if fits(step) {
                    return step;
                }
            }
        }
        _ => {}
    }
    let start = rough.max(1e-12).log10().floor() as i32 - 1;
    for exponent in start..start + 5 {
        for factor in [1.0, 2.0, 2.5, 5.0] {
            // A division by an exact power of ten rounds better than a product with 0.001.
            let step = if exponent < 0 {
                factor / 10_f64.powi(-exponent)
            } else {
                factor * 10_f64.powi(exponent)
            };
            let whole = steps != Steps::Whole || (step >= 1.0 && step.fract() == 0.0);
            if whole && fits(step) {
                return step;
            }
        }
    }
    (high - low).max(1.0)
}

/// Digits after the point with which neighbours on an axis differ.
pub(super) fn decimals(step: f64) -> usize {
    (0..12_usize)
        .find(|digits| {
            let shifted = step.abs() * 10_f64.powi(i32::try_from(*digits).unwrap_or(0));
            (shifted - shifted.round()).abs() < 1e-6 * shifted.max(1.0)
        })
        .unwrap_or(12)
}

/// How exact the label of a time must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// `17:05`.
    Minute,
    /// `21 Nov`.
    Day,
    /// `Nov 2026`.
    Month,
    /// `2026`.
    Year,
}

/// A step of the calendar.
#[derive(Clone, Copy, Debug)]
enum Calendar {
    Minutes(i64),
    Days(i64),
    Months(i64),
}

const CALENDAR: [Calendar; 20] = [
    Calendar::Minutes(1),
    Calendar::Minutes(5),
    Calendar::Minutes(15),
    Calendar::Minutes(30),
    Calendar::Minutes(60),
    Calendar::Minutes(180),
    Calendar::Minutes(360),
    Calendar::Minutes(720),
    Calendar::Days(1),
    Calendar::Days(2),
    Calendar::Days(7),
    Calendar::Days(14),
    Calendar::Months(1),
    Calendar::Months(2),
    Calendar::Months(3),
    Calendar::Months(6),
    Calendar::Months(12),
    Calendar::Months(24),
    Calendar::Months(60),
    Calendar::Months(120),
];

impl Calendar {
    fn seconds(self) -> i64 {
        match self {
            Self::Minutes(count) => count * 60,
            Self::Days(count) => count * 86_400,
            Self::Months(count) => count * 30 * 86_400,
        }
    }

    /// The last round time of the wall clock that is not after `at`.
    fn before(self, at: DateTime) -> DateTime {
        match self {
            Self::Minutes(count) => {
                let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
                let round = minute - minute.rem_euclid(count);
                let time = Time::new(
                    i8::try_from(round / 60).unwrap_or(0),
                    i8::try_from(round % 60).unwrap_or(0),
                    0,
                    0,
                );
                DateTime::from_parts(at.date(), time.unwrap_or_default())
            }
            Self::Days(count) => {
                // Days are counted from a Monday, so that weeks begin on Mondays.
                let monday = Date::constant(2024, 1, 1);
                let days = at
                    .date()
                    .since(monday)
                    .map_or(0, |span| i64::from(span.get_days()));
                let back = Span::new().days(days.rem_euclid(count));
                at.date()
                    .checked_sub(back)
                    .unwrap_or(at.date())
                    .to_datetime(Time::midnight())
            }
            Self::Months(count) => {
                let month = i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
                let round = month - month.rem_euclid(count);
                let date = Date::new(
                    i16::try_from(round.div_euclid(12)).unwrap_or(1970),
                    i8::try_from(round.rem_euclid(12) + 1).unwrap_or(1),
                    1,
                );
                date.unwrap_or(at.date()).to_datetime(Time::midnight())
            }
        }
    }

    fn next(self, at: DateTime) -> Option<DateTime> {
        let span = match self {
            Self::Minutes(count) => Span::new().minutes(count),
            Self::Days(count) => Span::new().days(count),
            Self::Months(count) => Span::new().months(count),
        };
        at.checked_add(span).ok()
    }

    fn grain(self, at: DateTime) -> Grain {
        match self {
            // A new day says which.
            Self::Minutes(_) if at.time() == Time::midnight() => Grain::Day,
            Self::Minutes(_) => Grain::Minute,
            Self::Days(_) => Grain::Day,
            Self::Months(count) if count % 12 == 0 => Grain::Year,
            Self::Months(_) => Grain::Month,
        }
    }
}

/// At most `most` round times of the calendar between two times, in the zone
/// of the reader, each with the exactness of its label.
pub fn time_ticks(
    first: Timestamp,
    last: Timestamp,
    zone: &TimeZone,
    most: usize,
) -> Vec<(Timestamp, Grain)> {
    let most = most.max(1);
    let seconds = last.as_second().saturating_sub(first.as_second()).max(0);
    let room = i64::try_from(most).unwrap_or(1);
    for step in CALENDAR
        .into_iter()
        .filter(|step| seconds / step.seconds() <= room)
    {
        let found = calendar_ticks(first, last, zone, step);
        if found.len() <= most {
            return found;
        }
    }
    Vec::new()
}

fn calendar_ticks(
    first: Timestamp,
    last: Timestamp,
    zone: &TimeZone,
    step: Calendar,
) -> Vec<(Timestamp, Grain)> {
    let mut found = Vec::new();
    let mut wall = Some(step.before(first.to_zoned(zone.clone()).datetime()));
    // The filter above bounds the number; the limit is for odd time zones.
    for _ in 0..64 {
        let Some(at) = wall else { break };
        wall = step.next(at);
        let Ok(instant) = zone.to_ambiguous_timestamp(at).compatible() else {
            continue;
        };
        if instant > last {
            break;
        }
        if instant >= first {
            found.push((instant, step.grain(at)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn round_numbers() {
        for (low, high, zero, steps, expected) in [
            (24.0, 58.0, true, Steps::Whole, vec![0.0, 20.0, 40.0, 60.0]),
            (0.0, 1.0, true, Steps::Whole, vec![0.0, 1.0]),
            (
                0.0,
                1.0,
                true,
                Steps::Decimal,
                vec![0.0, 0.25, 0.5, 0.75, 1.0],
            ),
            (
                -5.0,
                12.0,
                true,
                Steps::Whole,
                vec![-5.0, 0.0, 5.0, 10.0, 15.0],
            ),
            (
                -8.0,
                -3.0,
                true,
                Steps::Whole,
                vec![-8.0, -6.0, -4.0, -2.0, 0.0],
            ),
            (
                97.2,
                99.9,
                false,
                Steps::Decimal,
                vec![97.0, 98.0, 99.0, 100.0],
            ),
            (0.0, 0.0, true, Steps::Whole, vec![0.0, 1.0]),
            (7.0, 7.0, true, Steps::Whole, vec![0.0, 2.0, 4.0, 6.0, 8.0]),
            (
                0.0,
                61.0 * 3_600.0,
                true,
                Steps::Seconds,
                vec![0.0, 86_400.0, 172_800.0, 259_200.0],
            ),
            (
                0.0,
                3.0 * 1_048_576.0,
                true,
                Steps::Bytes,
                vec![0.0, 1_048_576.0, 2_097_152.0, 3_145_728.0],
            ),
        ] {
            assert_eq!(ticks(low, high, zero, steps), expected, "{low} {high}");
        }
    }

    #[test]
    fn any_range_has_an_axis() {
        let odd = [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            0.0,
            -0.0,
            1e-9,
            3.7,
            -1e14,
            123_456_789.123,
        ];
        for low in odd {
            for high in odd {
                for steps in [Steps::Decimal, Steps::Whole, Steps::Seconds, Steps::Bytes] {
                    for zero in [false, true] {
                        let ticks = ticks(low, high, zero, steps);
                        assert!(
                            (2..=9).contains(&ticks.len()),
                            "{low} {high} {steps:?}: {ticks:?}"
                        );
                        assert!(
                            ticks.windows(2).all(|pair| pair[0] < pair[1]),
                            "{low} {high} {steps:?}: {ticks:?}"
                        );
                    }
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn axes_cover_their_range(low in -1e9..1e9_f64, size in 0.0..1e9_f64, zero: bool) {
            let high = low + size;
            for steps in [Steps::Decimal, Steps::Whole, Steps::Seconds, Steps::Bytes] {
                let ticks = ticks(low, high, zero, steps);
                let slack = (high.abs() + low.abs()) * 1e-6 + 1e-6;
                proptest::prop_assert!(ticks[0] <= low + slack, "{ticks:?}");
                proptest::prop_assert!(ticks[ticks.len() - 1] >= high - slack, "{ticks:?}");
                proptest::prop_assert!(ticks.len() <= 6, "{ticks:?}");
            }
        }
    }

    #[test]
    fn digits_after_the_point() {
        for (step, digits) in [(20.0, 0), (2.5, 1), (0.25, 2), (0.001, 3), (1e6, 0)] {
            assert_eq!(decimals(step), digits, "{step}");
        }
    }

    #[test]
    fn calendars_begin_days_at_midnight_and_weeks_on_monday() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let found = time_ticks(
            at("2026-11-20T03:00:00Z"),
            at("2026-11-21T08:05:00Z"),
            &seoul,
            5,
        );
        let texts: Vec<_> = found
            .iter()
            .map(|(at, grain)| format!("{at} {grain:?}"))
            .collect();
        assert_eq!(
            texts,
            [
                "2026-11-20T03:00:00Z Minute",
                "2026-11-20T09:00:00Z Minute",
                "2026-11-20T15:00:00Z Day",
                "2026-11-20T21:00:00Z Minute",
                "2026-11-21T03:00:00Z Minute",
            ]
        );
        let weeks = time_ticks(
            at("2026-10-20T00:00:00Z"),
            at("2026-11-21T00:00:00Z"),
            &TimeZone::UTC,
            5,
        );
        assert_eq!(weeks.len(), 4);
        assert_eq!(weeks[0].0, at("2026-10-26T00:00:00Z"));
        let months = time_ticks(
            at("2026-01-15T00:00:00Z"),
            at("2026-11-21T00:00:00Z"),
            &TimeZone::UTC,
            5,
        );
        assert!(months.iter().all(|(_, grain)| *grain == Grain::Month));
        let years = time_ticks(
            at("1990-01-15T00:00:00Z"),
            at("2026-11-21T00:00:00Z"),
            &TimeZone::UTC,
            5,
        );
        assert!(!years.is_empty() && years.iter().all(|(_, grain)| *grain == Grain::Year));
    }

    #[test]
    fn odd_times_have_few_ticks() {
        for (first, last) in [
            ("2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z"),
            ("2026-11-21T00:00:00Z", "2020-11-21T00:00:00Z"),
            ("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z"),
        ] {
            for zone in [TimeZone::UTC, TimeZone::get("America/St_Johns").unwrap()] {
                assert!(time_ticks(at(first), at(last), &zone, 5).len() <= 5);
            }
        }
    }
}

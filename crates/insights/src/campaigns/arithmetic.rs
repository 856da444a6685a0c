//! The arithmetic of a campaign: no database, no clock, no catalog.
//!
//! - A **target** is an entity that belongs to the campaign and still exists.
//!   What the targets' filter has matched once stays a target, even if it does
//!   not match any more: a database that has been upgraded is done, not gone.
//!   An entity that has left the catalog is **removed**: it counts neither as
//!   target nor as done, and is told apart.
//! - A target is in exactly one state. **done** wins over **exempt**: who has
//!   moved needs no exemption. An exemption holds through the last day that it
//!   names, and the target is **remaining** again from the next day on.
//! - `total = done + exempt + remaining`. The share that is shown is
//!   `done / (total − exempt)`, rounded down, so that 100 % means all.
//! - A **day** is a day in the campaign's time zone. Its number is what was
//!   seen last on that day. Days on which nobody looked have no number, and
//!   none is made up.
//! - The **ideal line** falls from what was applicable (`total − exempt`) on
//!   the first day that was measured to 0: full on the day of the start, 0 on
//!   the day of the deadline, straight in between, flat outside.
//! - The **forecast** is the line of least squares through the days of the
//!   last two weeks, today included. It says nothing with fewer than three
//!   days or with less than a week between the first and the last of them, and
//!   nothing when the line does not fall or reaches 0 more than ten years
//!   from today.

use jiff::civil::Date;
use serde::Serialize;

/// Days that the forecast looks back at, today included.
pub const WINDOW: i64 = 14;
/// Fewer days than this say nothing about the future.
const LEAST_DAYS: usize = 3;
/// Days between the first and the last that a forecast needs.
const LEAST_SPAN: i64 = 7;
/// A line that reaches 0 later than this is no forecast.
const FARTHEST: f64 = 3_650.0;
/// A line that falls by less each day is level; guards against the noise of
/// floating-point sums.
const LEVEL: f64 = 1e-9;

/// How many targets are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// All targets.
    pub total: u64,
    /// Those that have moved.
    pub done: u64,
    /// Those that need not move.
    pub exempt: u64,
}

impl Tally {
    /// Those that have to move still.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.applicable().saturating_sub(self.done)
    }

    /// Those that have moved or have to.
    #[must_use]
    pub fn applicable(&self) -> u64 {
        self.total.saturating_sub(self.exempt)
    }

    /// Whole per cent of the applicable ones that are done, rounded down;
    /// nothing when none is applicable.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        self.done
            .saturating_mul(100)
            .checked_div(self.applicable())
            .map(|percent| percent.min(100))
    }

    /// Counts one more target.
    pub fn add(&mut self, state: State) {
        self.total += 1;
        match state {
            State::Done => self.done += 1,
            State::Exempt => self.exempt += 1,
            State::Remaining => {}
        }
    }
}

/// The state of one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It has moved.
    Done,
    /// It need not move, at least today.
    Exempt,
    /// It has to move.
    Remaining,
}

/// What was seen last on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day in the campaign's time zone.
    pub day: Date,
    /// The targets on that day.
    pub tally: Tally,
    /// Entities that had left the catalog by then.
    pub removed: u64,
}

/// When a campaign begins and has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub starts: Date,
    /// The last day.
    pub deadline: Date,
}

impl Span {
    /// What would remain on a day if the same number moved every day.
    #[must_use]
    pub fn ideal(&self, baseline: u64, day: Date) -> f64 {
        let baseline = as_float(baseline);
        if day <= self.starts && day < self.deadline {
            return baseline;
        }
        let length = days_between(self.starts, self.deadline);
        let left = days_between(day, self.deadline);
        if left <= 0 || length <= 0 {
            return 0.0;
        }
        baseline * (left as f64) / (length as f64)
    }
}

/// When everything will have moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forecast {
    /// Everything has, since this day.
    Finished(Date),
    /// Probably on this day, at this many targets a day.
    Expected {
        /// The day on which the line reaches 0.
        on: Date,
        /// How many move in a day.
        per_day: f64,
    },
    /// It cannot be said, and why.
    Unknown(Unknown),
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Fewer than three days, or less than a week.
    TooLittleData,
    /// As much remains as before, or more.
    NotFalling,
    /// At this pace it takes more than ten years.
    TooFar,
    /// There is no target.
    NothingToDo,
}

impl Unknown {
    /// The stable name in the API and in message keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLittleData => "too-little-data",
            Self::NotFalling => "not-falling",
            Self::TooFar => "too-far",
            Self::NothingToDo => "no-targets",
        }
    }
}

/// When everything will have moved, by the days up to and including `today`,
/// in order. Days of the future are left out.
#[must_use]
pub fn forecast(days: &[Day], today: Date) -> Forecast {
    let known: Vec<&Day> = days.iter().filter(|day| day.day <= today).collect();
    let Some(last) = known.last() else {
        return Forecast::Unknown(Unknown::TooLittleData);
    };
    if last.tally.total == 0 {
        return Forecast::Unknown(Unknown::NothingToDo);
    }
    if last.tally.remaining() == 0 {
        let since = known
            .iter()
            .rev()
            .take_while(|day| day.tally.total > 0 && day.tally.remaining() == 0)
            .last()
            .map_or(last.day, |day| day.day);
        return Forecast::Finished(since);
    }
    let window: Vec<(i64, f64)> = known
        .iter()
        .map(|day| {
            (
                days_between(today, day.day),
                as_float(day.tally.remaining()),
            )
        })
        .filter(|(x, _)| *x > -WINDOW)
        .collect();
    let span = match (window.first(), window.last()) {
        (Some((first, _)), Some((last, _))) => last - first,
        _ => 0,
    };
    if window.len() < LEAST_DAYS || span < LEAST_SPAN {
        return Forecast::Unknown(Unknown::TooLittleData);
    }
    let (slope, at_today) = least_squares(&window);
    if slope > -LEVEL {
        return Forecast::Unknown(Unknown::NotFalling);
    }
    // Something remains, so that it cannot be finished today.
    let ahead = (at_today / -slope - LEVEL).ceil().max(1.0);
    if ahead > FARTHEST {
        return Forecast::Unknown(Unknown::TooFar);
    }
    match later(today, ahead as i64) {
        Some(on) => Forecast::Expected {
            on,
            per_day: -slope,
        },
        None => Forecast::Unknown(Unknown::TooFar),
    }
}

/// Slope and value at 0 of the line with the least sum of squared distances.
fn least_squares(points: &[(i64, f64)]) -> (f64, f64) {
    let count = points.len().max(1) as f64;
    let mean_x = points.iter().map(|(x, _)| *x as f64).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| *y).sum::<f64>() / count;
    let (mut above, mut below) = (0.0, 0.0);
    for (x, y) in points {
        let dx = *x as f64 - mean_x;
        above += dx * (y - mean_y);
        below += dx * dx;
    }
    let slope = if below > 0.0 { above / below } else { 0.0 };
    (slope, mean_y - slope * mean_x)
}

/// How a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The deadline has passed, and something remains.
    Overdue,
    /// It will be late: by its forecast, or, where there is none, because more
    /// remains than the ideal line says.
    AtRisk,
    /// It will be in time, by the same measure.
    OnTrack,
    /// It has not begun.
    Planned,
    /// Its filter has matched nothing.
    Empty,
    /// Nothing remains.
    Finished,
}

impl Standing {
    /// The stable name in the API and in message keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::AtRisk => "at-risk",
            Self::OnTrack => "on-track",
            Self::Planned => "planned",
            Self::Empty => "empty",
            Self::Finished => "finished",
        }
    }
}

/// How a campaign stands on a day.
#[must_use]
pub fn standing(
    span: Span,
    today: Date,
    tally: Tally,
    baseline: u64,
    forecast: Forecast,
) -> Standing {
    if tally.total == 0 {
        return Standing::Empty;
    }
    if tally.remaining() == 0 {
        return Standing::Finished;
    }
    if today < span.starts {
        return Standing::Planned;
    }
    if today > span.deadline {
        return Standing::Overdue;
    }
    let late = match forecast {
        Forecast::Expected { on, .. } => on > span.deadline,
        Forecast::Finished(_) => false,
        Forecast::Unknown(_) => as_float(tally.remaining()) > span.ideal(baseline, today) + LEVEL,
    };
    if late {
        Standing::AtRisk
    } else {
        Standing::OnTrack
    }
}

/// How many of a wave's targets have to move: `share` per cent of what is
/// applicable, rounded up.
#[must_use]
pub fn share_of(tally: Tally, share: u8) -> Tally {
    let wanted = tally
        .applicable()
        .saturating_mul(u64::from(share))
        .div_ceil(100);
    Tally {
        total: wanted,
        done: tally.done.min(wanted),
        exempt: 0,
    }
}

/// Days from `from` to `to`; negative when `to` is earlier. Civil days: clocks
/// that are put forward or back make no difference.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// The day `days` later, within the calendar.
fn later(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn as_float(count: u64) -> f64 {
    count as f64
}

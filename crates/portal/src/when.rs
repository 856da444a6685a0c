//! Times on pages: absolute in data (`2026-11-21 17:05 KST`), relative beside
//! what is live (`4 min ago`).

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::view::View;

/// A span in the one unit that people would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) unit: Unit,
    pub(crate) count: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Too short to count.
    Moment,
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

impl Span {
    /// From a number of seconds; its sign is ignored.
    pub(crate) fn of(seconds: i64) -> Self {
        const SOON: u64 = 5;
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        // 30 and 365 days are near enough for "4 mo ago"; the exact time is in the title.
        const MONTH: u64 = 30 * DAY;
        const YEAR: u64 = 365 * DAY;
        let seconds = seconds.unsigned_abs();
        let (unit, size) = match seconds {
            0..SOON => (Unit::Moment, 1),
            SOON..MINUTE => (Unit::Second, 1),
            MINUTE..HOUR => (Unit::Minute, MINUTE),
            HOUR..DAY => (Unit::Hour, HOUR),
            DAY..MONTH => (Unit::Day, DAY),
            MONTH..YEAR => (Unit::Month, MONTH),
            _ => (Unit::Year, YEAR),
        };
        Self {
            unit,
            count: i64::try_from(seconds / size).unwrap_or(i64::MAX),
        }
    }
}

/// Which sentence a relative time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// "4 min ago"
    Ago,
    /// "42 min"
    Length,
    /// "in 3 min"
    Until,
}

impl Phrase {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ago => "ago",
            Self::Length => "age",
            Self::Until => "until",
        }
    }

    pub(crate) const fn key(self, unit: Unit) -> &'static str {
        match (self, unit) {
            (Self::Ago, Unit::Moment) => "ago-now",
            (Self::Ago, Unit::Second) => "ago-seconds",
            (Self::Ago, Unit::Minute) => "ago-minutes",
            (Self::Ago, Unit::Hour) => "ago-hours",
            (Self::Ago, Unit::Day) => "ago-days",
            (Self::Ago, Unit::Month) => "ago-months",
            (Self::Ago, Unit::Year) => "ago-years",
            (Self::Length, Unit::Moment | Unit::Second) => "age-seconds",
            (Self::Length, Unit::Minute) => "age-minutes",
            (Self::Length, Unit::Hour) => "age-hours",
            (Self::Length, Unit::Day) => "age-days",
            (Self::Length, Unit::Month) => "age-months",
            (Self::Length, Unit::Year) => "age-years",
            (Self::Until, Unit::Moment) => "until-now",
            (Self::Until, Unit::Second) => "until-seconds",
            (Self::Until, Unit::Minute) => "until-minutes",
            (Self::Until, Unit::Hour) => "until-hours",
            (Self::Until, Unit::Day) => "until-days",
            (Self::Until, Unit::Month) => "until-months",
            (Self::Until, Unit::Year) => "until-years",
        }
    }
}

/// `2026-11-21 17:05 KST`.
pub(crate) fn absolute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// A `<time>` element.
#[derive(Clone, Debug)]
pub struct TimeTag {
    at: Timestamp,
    title: Option<String>,
    text: String,
    /// Lets the page's script keep a relative text true.
    phrase: Option<&'static str>,
}

impl TimeTag {
    pub(crate) fn absolute(view: &View, at: &Timestamp) -> Self {
        Self {
            at: *at,
            title: None,
            text: view.date(at),
            phrase: None,
        }
    }

    pub(crate) fn relative(view: &View, at: &Timestamp, phrase: Phrase) -> Self {
        Self {
            at: *at,
            title: Some(view.date(at)),
            text: view.span(at, phrase),
            phrase: Some(phrase.name()),
        }
    }
}

impl HtmlSafe for TimeTag {}

impl fmt::Display for TimeTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"<time datetime="{:.0}""#, self.at)?;
        if let Some(phrase) = self.phrase {
            write!(f, r#" data-age="{phrase}""#)?;
        }
        if let Some(title) = &self.title {
            let Ok(title) = escape(title, Html);
            write!(f, r#" title="{title}""#)?;
        }
        let Ok(text) = escape(&self.text, Html);
        write!(f, ">{text}</time>")
    }
}

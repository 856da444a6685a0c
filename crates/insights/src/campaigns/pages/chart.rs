//! The burndown, drawn on the server.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portal::View;
use portal::ui::chart::{Chart, ChartKind, MarkerAt};
use portal::ui::{Html, Tone};

use crate::campaigns::report::Report;

/// Days that are drawn; of more, every second, third, … is.
const MAX_DAYS: usize = 400;

/// What remains on each day that was measured, against the ideal line.
pub(super) fn burndown(view: &View, report: &Report) -> Html {
    let span = report.span();
    let step = report.days.len().div_ceil(MAX_DAYS).max(1);
    let last = report.days.len().saturating_sub(1);
    let shown: Vec<_> = report
        .days
        .iter()
        .enumerate()
        .filter(|(at, _)| at % step == 0 || *at == last)
        .map(|(_, day)| day)
        .collect();
    let mut days: BTreeSet<Date> = shown.iter().map(|day| day.day).collect();
    days.extend([span.starts, span.deadline]);
    let found = |day: &Date| shown.iter().find(|known| known.day == *day);
    let text = |key| view.t(key).to_string();
    let first = report.days.first().map(|day| day.tally.remaining());
    let describe = view
        .t("insights-burndown-describe")
        .with("first", first.unwrap_or_default())
        .with("remaining", report.measured.tally.remaining())
        .with("deadline", span.deadline.to_string());
    Chart::new("burndown", text("insights-burndown"), ChartKind::Line)
        .times(
            text("insights-day"),
            days.iter().map(|day| noon(view, *day)),
        )
        .series(
            text("insights-remaining"),
            days.iter()
                .map(|day| found(day).map(|day| day.tally.remaining() as f64)),
        )
        .series(
            text("insights-ideal"),
            days.iter()
                .map(|day| Some(rounded(span.ideal(report.baseline, *day)))),
        )
        .series(
            text("insights-scope"),
            days.iter()
                .map(|day| found(day).map(|day| day.tally.applicable() as f64)),
        )
        .marker(
            MarkerAt::Time(noon(view, span.deadline)),
            text("insights-deadline"),
            Tone::Bad,
        )
        .describe(describe.to_string())
        .card(view)
}

/// Noon in the reader's zone, so that the chart writes the campaign's day.
fn noon(view: &View, day: Date) -> Timestamp {
    let zone = view.preferences.zone.clone().unwrap_or(TimeZone::UTC);
    day.at(12, 0, 0, 0)
        .to_zoned(zone)
        .map_or(Timestamp::UNIX_EPOCH, |noon| noon.timestamp())
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

//! Standing, forecast and distances in the reader's language.

use jiff::civil::Date;
use portal::View;
use portal::ui::{Status, Tone};

use crate::campaigns::Found;
use crate::campaigns::arithmetic::{Forecast, Standing, Tally, Unknown, days_between};
use crate::campaigns::report::Report;

/// The word for how a campaign stands, with its tone.
pub(super) fn status(view: &View, found: &Found) -> Status {
    let (tone, key) = match found.report.as_ref().map(|report| report.standing) {
        None => (Tone::Bad, "insights-standing-invalid"),
        Some(Standing::Overdue) => (Tone::Bad, "insights-standing-overdue"),
        Some(Standing::AtRisk) => (Tone::Warn, "insights-standing-at-risk"),
        Some(Standing::OnTrack) => (Tone::Info, "insights-standing-on-track"),
        Some(Standing::Planned) => (Tone::Neutral, "insights-standing-planned"),
        Some(Standing::Empty) => (Tone::Warn, "insights-standing-empty"),
        Some(Standing::Finished) => (Tone::Ok, "insights-standing-finished"),
    };
    Status {
        tone,
        text: view.t(key).to_string(),
    }
}

/// "in 12 days", "today", "3 days ago".
pub(super) fn distance(view: &View, today: Date, day: Date) -> String {
    let days = days_between(today, day);
    let count = days.unsigned_abs();
    match days {
        0 => view.t("insights-today").to_string(),
        1.. => view.t("insights-in-days").with("count", count).to_string(),
        _ => view.t("insights-days-ago").with("count", count).to_string(),
    }
}

/// When it will be finished: the figure, and a sentence that explains it.
pub(super) fn forecast(view: &View, report: &Report) -> (String, String) {
    let late = |on: Date| days_between(report.plan.deadline, on);
    match report.forecast {
        Forecast::Finished(since) => (
            since.to_string(),
            view.t("insights-forecast-finished").to_string(),
        ),
        Forecast::Expected { on, per_day } => {
            let pace = format!("{:.1}", per_day * 7.0);
            let note = match late(on) {
                0 => view.t("insights-forecast-on-time").with("pace", pace),
                days @ 1.. => view
                    .t("insights-forecast-late")
                    .with("pace", pace)
                    .with("days", days.unsigned_abs()),
                days => view
                    .t("insights-forecast-early")
                    .with("pace", pace)
                    .with("days", days.unsigned_abs()),
            };
            (on.to_string(), note.to_string())
        }
        Forecast::Unknown(why) => {
            let note = match why {
                Unknown::TooLittleData => "insights-unknown-too-little",
                Unknown::NotFalling => "insights-unknown-not-falling",
                Unknown::TooFar => "insights-unknown-too-far",
                Unknown::NothingToDo => "insights-unknown-no-targets",
            };
            (
                view.t("insights-cannot-say").to_string(),
                view.t(note).to_string(),
            )
        }
    }
}

/// "75 %", or a dash where nothing has to move.
pub(super) fn percent(tally: Tally) -> String {
    tally
        .percent()
        .map_or_else(|| "–".to_owned(), |percent| format!("{percent}%"))
}

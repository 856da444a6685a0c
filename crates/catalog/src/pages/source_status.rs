//! How a source is doing: one word, one colour, and why.

use jiff::Timestamp;
use portal::View;
use portal::ui::{Fresh, Status, Tone};

use crate::engine::NextRefresh;
use crate::place::shown;
use crate::source::{Origin, Source};
use crate::store::ProblemRow;

/// A refresh that is this much late is not coming by itself, in seconds.
const LATE_S: i64 = 300;

/// What matters most about a source, the most urgent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// So many entities are gone at the source and wait for a person's word.
    Held(usize),
    /// The place asks to be left alone until then.
    Limited(Option<Timestamp>),
    /// The last refresh could not read everything.
    Failed,
    /// The next refresh should have happened.
    Late,
    /// Read, but so many things in it could not be understood.
    Flawed(u64),
    /// Being read now.
    Reading,
    /// Never read so far.
    Waiting,
    /// Read, and all is well.
    Fine,
}

impl Condition {
    pub(super) fn of(
        source: &Source,
        next: Option<&NextRefresh>,
        problems: u64,
        now: Timestamp,
    ) -> Self {
        let state = &source.state;
        let held = state
            .held
            .as_ref()
            .filter(|held| held.confirmed_by.is_none());
        let running = next.is_some_and(|next| next.running);
        let due = next.and_then(|next| next.at);
        if let Some(held) = held {
            Self::Held(held.refs.len())
        } else if next.is_some_and(is_limited) {
            Self::Limited(due)
        } else if state.last_error.is_some() {
            Self::Failed
        } else if !running && due.is_some_and(|due| now.duration_since(due).as_secs() > LATE_S) {
            Self::Late
        } else if problems > 0 {
            Self::Flawed(problems)
        } else if running {
            Self::Reading
        } else if state.last_attempt_at.is_none() {
            Self::Waiting
        } else {
            Self::Fine
        }
    }

    /// Whether a person should look at the source.
    pub(super) fn asks_for_attention(&self) -> bool {
        !matches!(self, Self::Reading | Self::Waiting | Self::Fine)
    }

    pub(super) fn status(&self, view: &View) -> Status {
        let (tone, text) = match self {
            Self::Held(count) => (
                Tone::Warn,
                view.t("catalog-source-held").with("count", *count),
            ),
            Self::Limited(None) => (Tone::Warn, view.t("catalog-source-limited")),
            Self::Limited(Some(until)) => (
                Tone::Warn,
                view.t("catalog-source-limited-until")
                    .with("time", view.date(until)),
            ),
            Self::Failed => (Tone::Bad, view.t("catalog-source-failed")),
            Self::Reading => (Tone::Info, view.t("catalog-source-reading")),
            Self::Late => (Tone::Warn, view.t("catalog-source-late")),
            Self::Waiting => (Tone::Neutral, view.t("catalog-source-waiting")),
            Self::Flawed(count) => (
                Tone::Warn,
                view.t("catalog-source-flawed").with("count", *count),
            ),
            Self::Fine => (Tone::Ok, view.t("catalog-source-fine")),
        };
        Status {
            tone,
            text: text.to_string(),
        }
    }

    /// Whether the data is older than it should be.
    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Failed | Self::Limited(_) | Self::Late)
    }
}

fn is_limited(next: &NextRefresh) -> bool {
    // The reasons are written by `Ingestion::next`.
    next.reason.starts_with("rate limited")
}

/// Age and next time of a source's data.
pub(super) fn fresh(source: &Source, next: Option<&NextRefresh>, condition: &Condition) -> Fresh {
    Fresh {
        at: source.state.last_success_at,
        source: short_name(source),
        stale: condition.is_stale(),
        next: next.and_then(|next| next.at),
    }
}

/// Where a source's data comes from, in a word: a host, a provider, the last
/// part of a path.
pub(super) fn short_name(source: &Source) -> String {
    if let Origin::Provider(name) = &source.origin {
        return name.clone();
    }
    let target = source.location.target();
    let host = url::Url::parse(target)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| {
        let last = target.trim_end_matches('/').rsplit('/').next();
        last.filter(|part| !part.is_empty())
            .unwrap_or(target)
            .to_owned()
    })
}

/// The source's place as people write it.
pub(super) fn place_of(source: &Source) -> String {
    shown(&source.location.to_string()).to_owned()
}

/// What a source is called above its page: an address without its scheme, or
/// folder and file of a path. The whole place stands on the page.
pub(super) fn heading_of(source: &Source) -> String {
    let place = place_of(source);
    if let Some((_, address)) = place.split_once("://") {
        return address.to_owned();
    }
    let mut steps: Vec<&str> = place.rsplit('/').take(2).collect();
    steps.reverse();
    steps.join("/")
}

pub(super) fn source_href(id: &str) -> String {
    format!("/sources/{}", platform::request::encode(id))
}

/// Whether a row only says what was left alone: nobody has to mend it.
pub(super) fn is_note(row: &ProblemRow) -> bool {
    row.code == crate::ingest::PASSED_OVER
}

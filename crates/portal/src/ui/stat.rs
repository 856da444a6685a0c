//! Figures with their trend, side by side.

use askama::Template;

use super::{Fresh, Html, Spark, Status, Tone};
use crate::view::View;

/// How a figure changed.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// By how much, such as `42%`.
    pub text: String,
    /// Whether the figure went up.
    pub up: bool,
    /// Whether that is good.
    pub tone: Tone,
}

/// One figure.
#[derive(Clone, Debug, Default)]
pub struct Stat {
    /// What it counts.
    pub label: String,
    /// The number as it is written.
    pub value: String,
    /// For example `h` or `per day`.
    pub unit: String,
    /// What the number means, such as `Elite`.
    pub status: Option<Status>,
    /// Its change.
    pub delta: Option<Delta>,
    /// Whatever else, such as a goal.
    pub note: String,
    /// Its course.
    pub spark: Option<Spark>,
    /// How old it is.
    pub fresh: Option<Fresh>,
    /// Where its label leads.
    pub href: Option<String>,
}

impl Stat {
    /// A figure with a label.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            ..Self::default()
        }
    }

    /// Sets the unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets the note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Sets what the number means.
    #[must_use]
    pub fn status(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.status = Some(Status {
            tone,
            text: text.into(),
        });
        self
    }

    /// Sets the change; `good` decides its colour.
    #[must_use]
    pub fn delta(mut self, text: impl Into<String>, up: bool, good: bool) -> Self {
        self.delta = Some(Delta {
            text: text.into(),
            up,
            tone: if good { Tone::Ok } else { Tone::Bad },
        });
        self
    }

    /// Sets the course; `label` says it in words.
    #[must_use]
    pub fn spark(mut self, label: impl Into<String>, values: Vec<f64>) -> Self {
        self.spark = Some(Spark {
            label: label.into(),
            values,
            colour: 1,
            small: false,
        });
        self
    }
}

/// Two to six figures in one card.
#[derive(Clone, Debug, Default)]
pub struct StatBand {
    /// The element's id, for the heading.
    pub id: String,
    /// What the figures have in common, for screen readers.
    pub title: String,
    /// In order.
    pub stats: Vec<Stat>,
}

impl StatBand {
    /// A whole card.
    pub fn card(&self, view: &View) -> Html {
        Html::of(&BandTemplate { view, band: self })
    }
}

#[derive(Template)]
#[template(path = "components/stat-band.html")]
struct BandTemplate<'a> {
    view: &'a View,
    band: &'a StatBand,
}

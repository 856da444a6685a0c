//! A bar that shows the parts of a whole.

use askama::Template;

use super::draw::{Paint, finite, round};
use super::unit::Unit;
use crate::ui::{Html, Tone};
use crate::view::View;

/// One part.
#[derive(Clone, Debug, Default)]
pub struct SharePart {
    /// What it is called.
    pub name: String,
    /// Its size; what is negative or not finite counts as nothing.
    pub value: f64,
    /// A status colour instead of the next chart colour.
    pub tone: Option<Tone>,
    /// Drawn grey: what is left over or unknown.
    pub muted: bool,
}

/// The parts of a whole, as a bar and a legend with the numbers. Parts beyond
/// the eighth belong into one called "other".
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// What the whole is, for screen readers.
    pub label: String,
    /// In order.
    pub parts: Vec<SharePart>,
    /// What the values count.
    pub unit: Unit,
}

impl Share {
    /// Adds a part.
    #[must_use]
    pub fn part(mut self, name: impl Into<String>, value: f64) -> Self {
        self.parts.push(SharePart {
            name: name.into(),
            value,
            ..SharePart::default()
        });
        self
    }

    /// The markup: bar and legend.
    pub fn html(&self, view: &View) -> Html {
        let total: f64 = self.parts.iter().map(size).sum();
        let mut at = 0.0;
        let mut colour = 0;
        let mut boxes = Vec::new();
        for part in &self.parts {
            let width = if total > 0.0 {
                size(part) / total * 100.0
            } else {
                0.0
            };
            let paint = match part.tone {
                Some(tone) => Some(Paint::Tone(tone)),
                None if part.muted => None,
                None => {
                    colour = colour % 8 + 1;
                    Some(Paint::Colour(colour))
                }
            };
            // Parts do not touch; a small part stays visible.
            let gap = if at + width < 99.9 {
                0.5_f64.min(width / 2.0)
            } else {
                0.0
            };
            boxes.push(Drawn {
                part,
                paint,
                x: round(at),
                width: round(width - gap),
                text: self.unit.text(view, size(part)),
            });
            at += width;
        }
        Html::of(&ShareTemplate { share: self, boxes })
    }
}

fn size(part: &SharePart) -> f64 {
    finite(Some(part.value)).unwrap_or(0.0).max(0.0)
}

struct Drawn<'a> {
    part: &'a SharePart,
    paint: Option<Paint>,
    x: f64,
    width: f64,
    text: String,
}

#[derive(Template)]
#[template(path = "components/share.html")]
struct ShareTemplate<'a> {
    share: &'a Share,
    boxes: Vec<Drawn<'a>>,
}

impl ShareTemplate<'_> {
    /// The names and numbers in one sentence.
    fn label(&self) -> String {
        let parts: Vec<String> = self
            .boxes
            .iter()
            .map(|drawn| format!("{} {}", drawn.part.name, drawn.text))
            .collect();
        if self.share.label.is_empty() {
            parts.join(", ")
        } else {
            format!("{}: {}", self.share.label, parts.join(", "))
        }
    }
}

//! Components that prepare data. Each is a plain struct with a method
//! `html(&view)`, to be written into a page as `{{ facets.html(view) }}`.
//! The markup is in `templates/components/`.

pub mod chart;
mod code;
mod dialog;
mod diff;
pub mod form;
mod found;
mod fresh;
mod heading;
mod highlight;
mod listing;
pub mod log;
mod palette;
mod panel;
mod problem;
pub mod radar;
mod spark;
mod stat;
mod steps;
mod tree;

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

pub use code::{Code, CodeLine};
pub use dialog::Dialog;
pub use diff::Diff;
pub use found::found;
pub use fresh::Fresh;
pub use heading::{Crumbs, Segments, Tab, Tabs};
pub use highlight::Syntax;
pub use listing::{Chip, Chips, Column, Facet, FacetValue, Facets, Pager, TableHead};
pub use log::{Log, LogLine};
pub use palette::{PaletteGroup, PaletteItem, PaletteResults};
pub use panel::{Empty, Failed, Stale};
pub use problem::{Problem, Problems};
pub use spark::{Bar, Bars, Spark};
pub use stat::{Delta, Stat, StatBand};
pub use steps::{Step, StepProgress, Steps};
pub use tree::{Tree, TreeNode};

/// What a colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Works, where a problem was possible.
    Ok,
    /// Act soon.
    Warn,
    /// Broken now.
    Bad,
    /// Under way, or worth knowing.
    Info,
    /// Not known or not applicable.
    #[default]
    Neutral,
}

impl Tone {
    /// All tones, from the best.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Info, Self::Neutral, Self::Warn, Self::Bad];

    /// The value of `data-tone`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Neutral => "neutral",
        }
    }
}

impl HtmlSafe for Tone {}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A status in a table, list or tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What its colour and shape say.
    pub tone: Tone,
    /// The word.
    pub text: String,
}

/// Finished markup, which templates write as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Renders a template. Writing into a string cannot fail; should it fail
    /// all the same, the part is left out and the log says so.
    pub fn of(template: &impl Template) -> Self {
        Self(template.render().unwrap_or_else(|error| {
            tracing::error!(cause = %error, "A component could not be rendered: {error}");
            String::new()
        }))
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HtmlSafe for Html {}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

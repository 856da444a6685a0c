//! Charts drawn on the server: a stretched SVG, labels that keep their size,
//! and the same numbers as a table.
//!
//! ```
//! use portal::ui::chart::{Chart, ChartKind, Unit};
//! # fn page(view: &portal::View, weeks: Vec<jiff::Timestamp>) -> portal::ui::Html {
//! Chart::new("deploys", "Deployments per week", ChartKind::Stacked)
//!     .times("Week", weeks)
//!     .series("Other", [Some(18.0), Some(21.0), None])
//!     .series("Golden path", [Some(6.0), Some(7.0), Some(9.0)])
//!     .goal("Goal", 24.0)
//!     .card(view)
//! # }
//! ```

mod draw;
mod heat;
mod labels;
mod scale;
mod share;
mod shown;
mod unit;

use jiff::Timestamp;

use super::{Html, Tone};
use crate::view::View;

pub use heat::{HeatCell, HeatMap, HeatRow};
pub use scale::{Grain, Steps, ticks, time_ticks};
pub use share::{Share, SharePart};
pub use unit::Unit;

/// How values are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartKind {
    /// Lines. More than four are drawn as small charts of one scale.
    #[default]
    Line,
    /// Lines with the area below filled.
    Area,
    /// Bars side by side, from zero.
    Bar,
    /// Bars on top of each other, from zero. Parts beyond the eighth become one.
    Stacked,
}

/// One row of values.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// One per position of the axis; [`None`] and what is not finite is a gap.
    pub values: Vec<Option<f64>>,
    /// A status colour instead of the next chart colour; only for status.
    pub tone: Option<Tone>,
}

/// What lies along the horizontal axis.
#[derive(Clone, Debug)]
pub(crate) enum Axis {
    Labels(Vec<String>),
    Times(Vec<Timestamp>),
}

impl Axis {
    fn len(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Times(times) => times.len(),
        }
    }
}

/// A moment that explains the values: a vertical line with a word.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Where it stands.
    pub at: MarkerAt,
    /// The word, such as `v3.3.0` or `INC-207`.
    pub text: String,
    /// `Bad` for an incident, `Info` for a deployment.
    pub tone: Tone,
    /// Where it leads, from the list below the chart.
    pub href: Option<String>,
}

/// The place of a marker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MarkerAt {
    /// The position of a value, from 0.
    Index(usize),
    /// A time; it may lie between values.
    Time(Timestamp),
}

/// A chart with axes. Build it with [`Chart::new`] and the methods below.
#[derive(Clone, Debug)]
pub struct Chart {
    id: String,
    title: String,
    kind: ChartKind,
    axis: Axis,
    axis_title: String,
    series: Vec<Series>,
    unit: Unit,
    goal: Option<(String, f64)>,
    markers: Vec<Marker>,
    from_zero: bool,
    describe: Option<String>,
}

impl Chart {
    /// An empty chart; `id` is unique on the page, `title` says what is drawn.
    pub fn new(id: impl Into<String>, title: impl Into<String>, kind: ChartKind) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            kind,
            axis: Axis::Labels(Vec::new()),
            axis_title: String::new(),
            series: Vec::new(),
            unit: Unit::Number,
            goal: None,
            markers: Vec::new(),
            from_zero: true,
            describe: None,
        }
    }

    /// Positions that have names, with the heading of their column in the table.
    #[must_use]
    pub fn labels(
        mut self,
        title: impl Into<String>,
        labels: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.axis_title = title.into();
        self.axis = Axis::Labels(labels.into_iter().map(Into::into).collect());
        self
    }

    /// Positions in time, ascending, with the heading of their column in the
    /// table. Lines are drawn true to time; bars stand at equal distances.
    #[must_use]
    pub fn times(
        mut self,
        title: impl Into<String>,
        times: impl IntoIterator<Item = Timestamp>,
    ) -> Self {
        self.axis_title = title.into();
        self.axis = Axis::Times(times.into_iter().collect());
        self
    }

    /// Adds values, one per position. Missing ones are gaps.
    #[must_use]
    pub fn series<V: Into<Option<f64>>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.series.push(Series {
            name: name.into(),
            values: values.into_iter().map(Into::into).collect(),
            tone: None,
        });
        self
    }

    /// Adds values whose colour is a status.
    #[must_use]
    pub fn status<V: Into<Option<f64>>>(
        mut self,
        name: impl Into<String>,
        tone: Tone,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self = self.series(name, values);
        if let Some(last) = self.series.last_mut() {
            last.tone = Some(tone);
        }
        self
    }

    /// What the values count.
    #[must_use]
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// A dotted line to reach or to stay below.
    #[must_use]
    pub fn goal(mut self, text: impl Into<String>, value: f64) -> Self {
        self.goal = Some((text.into(), value)).filter(|_| value.is_finite());
        self
    }

    /// A vertical line with a word.
    #[must_use]
    pub fn marker(mut self, at: MarkerAt, text: impl Into<String>, tone: Tone) -> Self {
        self.markers.push(Marker {
            at,
            text: text.into(),
            tone,
            href: None,
        });
        self
    }

    /// Vertical lines with words and links.
    #[must_use]
    pub fn markers(mut self, markers: impl IntoIterator<Item = Marker>) -> Self {
        self.markers.extend(markers);
        self
    }

    /// Lets lines begin above zero; the chart then says where. Bars never do.
    #[must_use]
    pub fn free(mut self) -> Self {
        self.from_zero = false;
        self
    }

    /// What it shows, with numbers and direction. Without it the chart says
    /// the first, last, lowest and highest value of each series.
    #[must_use]
    pub fn describe(mut self, text: impl Into<String>) -> Self {
        self.describe = Some(text.into());
        self
    }

    /// The names of the series and the goal, as a list with their colours.
    /// Nothing for a single series without goal.
    pub fn legend(&self, view: &View) -> Html {
        shown::legend(self, view)
    }

    /// Plot, axes and table, with the legend on top when there is something to tell apart.
    pub fn html(&self, view: &View) -> Html {
        shown::body(self, view, true)
    }

    /// A whole card: title and legend in its head, the chart in its body.
    pub fn card(&self, view: &View) -> Html {
        shown::card(self, view)
    }
}

//! Small charts drawn on the server, each with its numbers as a table.

use askama::Template;

use super::{Html, Tone};
use crate::view::View;

/// More points than a screen has pixels are thinned out by the caller.
const MAX_POINTS: usize = 2_000;

/// A line without axes, for a table cell or under a figure.
#[derive(Clone, Debug, Default)]
pub struct Spark {
    /// What it shows, with numbers and direction.
    pub label: String,
    /// Equally spaced values.
    pub values: Vec<f64>,
    /// Chart colour, 1 to 8.
    pub colour: u8,
    /// For a table cell.
    pub small: bool,
}

impl Spark {
    /// The markup; nothing for fewer than two finite values.
    pub fn html(&self) -> Html {
        if self.values.len() < 2 || self.values.iter().any(|value| !value.is_finite()) {
            return Html::default();
        }
        Html::of(&SparkTemplate {
            spark: self,
            line: self.line(),
        })
    }

    /// Path data in a box of 100 by 32, with a margin for the stroke.
    fn line(&self) -> String {
        let values: Vec<f64> = self.values.iter().copied().take(MAX_POINTS).collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = if high > low { high - low } else { 1.0 };
        let steps = (values.len().max(2) - 1) as f64;
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let x = index as f64 * 100.0 / steps;
                let y = if high > low {
                    28.0 - (value - low) / range * 24.0
                } else {
                    16.0
                };
                format!("{x:.1} {y:.1}")
            })
            .collect();
        format!("M{}", points.join(" "))
    }

    fn end(&self) -> String {
        let line = self.line();
        let mut words = line.rsplit(' ');
        match (words.next(), words.next()) {
            (Some(y), Some(x)) => format!("M{} {y}h0", x.trim_start_matches('M')),
            _ => String::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "components/spark.html")]
struct SparkTemplate<'a> {
    spark: &'a Spark,
    line: String,
}

/// One bar.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// What it counts.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// How many.
    pub value: u64,
    /// A status colour instead of the chart's.
    pub tone: Option<Tone>,
}

/// Horizontal bars from 0, as a table whose cells are drawn: chart and table
/// are one.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// What is counted.
    pub caption: String,
    /// The heading of the names.
    pub names: String,
    /// The heading of the numbers.
    pub numbers: String,
    /// In order.
    pub bars: Vec<Bar>,
}

impl Bars {
    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&BarsTemplate { view, bars: self })
    }

    /// A bar's width in a box that is 100 wide.
    fn width(&self, bar: &Bar) -> String {
        let most = self
            .bars
            .iter()
            .map(|bar| bar.value)
            .max()
            .unwrap_or(0)
            .max(1);
        format!("{:.1}", bar.value as f64 * 100.0 / most as f64)
    }
}

#[derive(Template)]
#[template(path = "components/bars.html")]
struct BarsTemplate<'a> {
    view: &'a View,
    bars: &'a Bars,
}

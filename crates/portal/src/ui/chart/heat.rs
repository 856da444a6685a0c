//! Heat maps: tables whose cells are coloured, so that chart and table are one.

use askama::Template;

use super::draw::finite;
use super::unit::Unit;
use crate::ui::{Html, Tone};
use crate::view::View;

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct HeatCell {
    /// Its value; [`None`] when there is none.
    pub value: Option<f64>,
    /// What is written instead of the value, such as `8/12`.
    pub text: String,
    /// A status colour. Without it the colour follows the value.
    pub tone: Option<Tone>,
    /// Where it leads.
    pub href: Option<String>,
}

impl HeatCell {
    /// A cell that is coloured by its value.
    pub fn of(value: impl Into<Option<f64>>) -> Self {
        Self {
            value: value.into(),
            ..Self::default()
        }
    }

    /// A cell with a status.
    pub fn status(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone: Some(tone),
            ..Self::default()
        }
    }
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct HeatRow {
    /// Its heading.
    pub name: String,
    /// Where the heading leads.
    pub href: Option<String>,
    /// One per column.
    pub cells: Vec<HeatCell>,
}

/// A heat map.
#[derive(Clone, Debug, Default)]
pub struct HeatMap {
    /// What it shows.
    pub caption: String,
    /// The heading of the row headings.
    pub corner: String,
    /// The headings of the columns.
    pub columns: Vec<String>,
    /// In order.
    pub rows: Vec<HeatRow>,
    /// What the values count.
    pub unit: Unit,
}

impl HeatMap {
    /// The markup: a table of a card.
    pub fn html(&self, view: &View) -> Html {
        let values: Vec<f64> = self
            .rows
            .iter()
            .flat_map(|row| row.cells.iter())
            .filter_map(|cell| finite(cell.value))
            .collect();
        let low = values.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let high = values.iter().copied().reduce(f64::max).unwrap_or(0.0);
        Html::of(&HeatTemplate {
            view,
            heat: self,
            // Counts begin at zero: the lowest of many is not nothing.
            low: low.min(0.0),
            high,
        })
    }
}

#[derive(Template)]
#[template(path = "components/heat.html")]
struct HeatTemplate<'a> {
    view: &'a View,
    heat: &'a HeatMap,
    low: f64,
    high: f64,
}

impl HeatTemplate<'_> {
    /// 0 to 5: how strong the colour is.
    fn level(&self, cell: &HeatCell) -> Option<u8> {
        if cell.tone.is_some() {
            return None;
        }
        let value = finite(cell.value)?;
        let range = self.high - self.low;
        if range <= 0.0 {
            return Some(0);
        }
        Some(((value - self.low) / range * 5.0).ceil().clamp(0.0, 5.0) as u8)
    }

    fn text(&self, cell: &HeatCell) -> String {
        if !cell.text.is_empty() {
            return cell.text.clone();
        }
        finite(cell.value).map_or_else(
            || self.view.t("chart-gap").to_string(),
            |value| self.heat.unit.text(self.view, value),
        )
    }
}

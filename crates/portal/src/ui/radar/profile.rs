//! A polygon over several qualities, such as the aspects of a maturity model.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::fmt::Write;

use askama::Template;

use crate::ui::Html;
use crate::ui::chart::Unit;
use crate::view::View;

/// Fewer make no area.
const LEAST_AXES: usize = 3;
/// More cannot be told apart.
const MOST_AXES: usize = 16;
/// More polygons hide each other (as for lines).
const MOST_SERIES: usize = 4;
/// Half the side of the box in which it is drawn.
const MIDDLE_X: f64 = 180.0;
const MIDDLE_Y: f64 = 140.0;
/// Where the outermost ring lies.
const RADIUS: f64 = 100.0;
/// How many rings.
const RINGS: u32 = 4;

/// One quality.
#[derive(Clone, Debug, Default)]
pub struct ProfileAxis {
    /// What it is called.
    pub name: String,
    /// The value at the rim; all axes begin at 0.
    pub most: f64,
}

/// One polygon.
#[derive(Clone, Debug, Default)]
pub struct ProfileSeries {
    /// What it is called.
    pub name: String,
    /// One per axis; [`None`] counts as unknown and leaves its corner out.
    pub values: Vec<Option<f64>>,
}

/// A radar chart with its table.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Unique on the page.
    pub id: String,
    /// What is shown.
    pub title: String,
    /// The heading of the qualities in the table.
    pub axis_title: String,
    /// Three to sixteen, clockwise from the top.
    pub axes: Vec<ProfileAxis>,
    /// Up to four are drawn; the table has all.
    pub series: Vec<ProfileSeries>,
    /// What the values count.
    pub unit: Unit,
}

impl Profile {
    /// The markup: drawing, legend, table. With fewer than three qualities
    /// only the table, open.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&ProfileTemplate {
            view,
            profile: self,
            axes: self.drawn_axes(),
            polygons: self.polygons(),
        })
    }

    fn count(&self) -> usize {
        if self.axes.len() < LEAST_AXES {
            0
        } else {
            self.axes.len().min(MOST_AXES)
        }
    }

    fn point(&self, index: usize, share: f64) -> (f64, f64) {
        let angle = index as f64 / self.count().max(1) as f64 * TAU - FRAC_PI_2;
        let radius = RADIUS * share.clamp(0.0, 1.0);
        (
            tenth(MIDDLE_X + radius * angle.cos()),
            tenth(MIDDLE_Y + radius * angle.sin()),
        )
    }

    fn drawn_axes(&self) -> Vec<DrawnAxis<'_>> {
        self.axes
            .iter()
            .take(self.count())
            .enumerate()
            .map(|(index, axis)| {
                let (x, y) = self.point(index, 1.0);
                let angle = index as f64 / self.count().max(1) as f64 * TAU - FRAC_PI_2;
                let name_x = MIDDLE_X + (RADIUS + 12.0) * angle.cos();
                let name_y = MIDDLE_Y + (RADIUS + 14.0) * angle.sin() + 4.0;
                let anchor = match angle.cos() {
                    cos if cos > 0.2 => "start",
                    cos if cos < -0.2 => "end",
                    _ => "middle",
                };
                DrawnAxis {
                    x,
                    y,
                    name_x: tenth(name_x),
                    name_y: tenth(name_y),
                    anchor,
                    name: fitted(&axis.name),
                }
            })
            .collect()
    }

    fn polygons(&self) -> Vec<Polygon> {
        self.series
            .iter()
            .take(MOST_SERIES)
            .enumerate()
            .map(|(number, series)| {
                let corners: Vec<(f64, f64)> = self
                    .axes
                    .iter()
                    .take(self.count())
                    .enumerate()
                    .filter_map(|(index, axis)| {
                        let value = series.values.get(index).copied().flatten()?;
                        let share = value / axis.most;
                        share.is_finite().then(|| self.point(index, share))
                    })
                    .collect();
                let mut points = String::new();
                let mut dots = String::new();
                for (x, y) in &corners {
                    let _ = write!(points, "{x},{y} ");
                    let _ = write!(dots, "M{x} {y}h0");
                }
                Polygon {
                    colour: number + 1,
                    dash: if self.series.len() > 1 { number % 3 } else { 0 },
                    points: points.trim_end().to_owned(),
                    dots,
                }
            })
            .filter(|polygon| !polygon.points.is_empty())
            .collect()
    }
}

fn tenth(value: f64) -> f64 {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// Names stand beside the drawing, where there is little room.
fn fitted(name: &str) -> String {
    const MOST: usize = 84;
    let mut width = 0;
    let mut out = String::new();
    for c in name.chars() {
        width += if c.is_ascii() { 7 } else { 12 };
        if width > MOST {
            return format!("{}…", out.trim_end());
        }
        out.push(c);
    }
    out
}

struct DrawnAxis<'a> {
    x: f64,
    y: f64,
    name_x: f64,
    name_y: f64,
    anchor: &'a str,
    name: String,
}

struct Polygon {
    colour: usize,
    dash: usize,
    points: String,
    dots: String,
}

#[derive(Template)]
#[template(path = "components/profile.html")]
struct ProfileTemplate<'a> {
    view: &'a View,
    profile: &'a Profile,
    axes: Vec<DrawnAxis<'a>>,
    polygons: Vec<Polygon>,
}

impl ProfileTemplate<'_> {
    /// Corners of each ring, from the outermost.
    fn rings(&self) -> Vec<String> {
        (1..=RINGS)
            .rev()
            .map(|ring| {
                let share = f64::from(ring) / f64::from(RINGS);
                (0..self.axes.len())
                    .map(|index| {
                        let (x, y) = self.profile.point(index, share);
                        format!("{x},{y}")
                    })
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    fn value(&self, series: &ProfileSeries, index: usize) -> String {
        series
            .values
            .get(index)
            .copied()
            .flatten()
            .filter(|value| value.is_finite())
            .map_or_else(
                || self.view.t("chart-gap").to_string(),
                |value| self.profile.unit.text(self.view, value),
            )
    }

    /// Each quality with its values, in the order of the series.
    fn rows(&self) -> Vec<(&str, Vec<String>)> {
        self.profile
            .axes
            .iter()
            .enumerate()
            .map(|(index, axis)| {
                let values = self.profile.series.iter();
                let values = values.map(|series| self.value(series, index)).collect();
                (axis.name.as_str(), values)
            })
            .collect()
    }

    fn desc(&self) -> String {
        let lines: Vec<String> = self
            .profile
            .series
            .iter()
            .take(MOST_SERIES)
            .map(|series| {
                let parts: Vec<String> = self
                    .profile
                    .axes
                    .iter()
                    .enumerate()
                    .map(|(index, axis)| format!("{} {}", axis.name, self.value(series, index)))
                    .collect();
                if series.name.is_empty() {
                    parts.join(", ")
                } else {
                    format!("{}: {}", series.name, parts.join(", "))
                }
            })
            .collect();
        lines.join(". ")
    }
}

//! Charts as markup: plot, labels, legend, table.

use askama::Template;
use jiff::tz::TimeZone;

use super::draw::{Paint, Plot, Shape, drawn_series, finite, marker_places, paint, plot, round};
use super::labels::{Label, NARROW, SMALL, bands, text_width, x_labels};
use super::{Axis, Chart, ChartKind, Marker, Series};
use crate::ui::Html;
use crate::view::View;

/// More rows of the table are left out, and the table says so.
const MAX_ROWS: usize = 1_000;
/// Lines beyond this are drawn as charts of their own (from the look).
const MAX_LINES: usize = 4;
/// Beyond this many bars no tooltips are written: the table has the numbers.
const MAX_TITLES: usize = 400;

/// A vertical line with a word.
struct Mark<'a> {
    x: f64,
    word_x: f64,
    y: usize,
    anchor: &'static str,
    marker: &'a Marker,
    when: String,
}

/// One name of the legend.
struct Entry<'a> {
    name: &'a str,
    paint: Paint,
    dash: usize,
}

#[derive(Template)]
#[template(path = "components/chart.html")]
struct ChartTemplate<'a> {
    view: &'a View,
    chart: &'a Chart,
    plot: Option<&'a Plot>,
    /// From the top.
    y_labels: Vec<String>,
    x_labels: Vec<Label>,
    /// Names below bars, when there are few.
    bands: &'a [String],
    marks: Vec<Mark<'a>>,
    desc: String,
    starts_at: Option<String>,
    id: String,
    title: &'a str,
}

impl ChartTemplate<'_> {
    /// Grid lines without the axis.
    fn grid(&self, plot: &Plot) -> Vec<f64> {
        plot.ticks
            .iter()
            .filter(|value| **value != self.floor(plot))
            .map(|value| round(plot.y(*value)))
            .collect()
    }

    /// The value at which the axis lies: zero when it is in sight.
    fn floor(&self, plot: &Plot) -> f64 {
        if plot.low() <= 0.0 && plot.high() >= 0.0 {
            plot.ticks
                .iter()
                .copied()
                .find(|value| value.abs() < plot.step() * 1e-6)
                .unwrap_or(0.0)
        } else {
            plot.low()
        }
    }

    fn floor_y(&self, plot: &Plot) -> f64 {
        round(plot.y(self.floor(plot)))
    }

    fn goal_y(&self, plot: &Plot) -> Option<f64> {
        self.chart
            .goal
            .as_ref()
            .map(|(_, value)| round(plot.y(*value)))
    }
}

#[derive(Template)]
#[template(path = "components/chart-legend.html")]
struct LegendTemplate<'a> {
    entries: Vec<Entry<'a>>,
    goal: Option<&'a str>,
    lines: bool,
    push: bool,
}

#[derive(Template)]
#[template(path = "components/chart-data.html")]
struct DataTemplate<'a> {
    view: &'a View,
    chart: &'a Chart,
    series: &'a [Series],
    marks: Vec<Mark<'a>>,
    cut: usize,
}

impl DataTemplate<'_> {
    fn positions(&self) -> Vec<(usize, String)> {
        (0..self.chart.axis.len().min(MAX_ROWS))
            .map(|index| (index, position(self.view, self.chart, index)))
            .collect()
    }

    fn value(&self, series: &Series, index: usize) -> String {
        finite(series.values.get(index).copied().flatten()).map_or_else(
            || self.view.t("chart-gap").to_string(),
            |value| self.chart.unit.text(self.view, value),
        )
    }
}

#[derive(Template)]
#[template(path = "components/chart-body.html")]
struct BodyTemplate {
    legend: Html,
    plots: Vec<(String, Html)>,
    data: Html,
}

#[derive(Template)]
#[template(path = "components/chart-card.html")]
struct CardTemplate<'a> {
    chart: &'a Chart,
    legend: Html,
    body: Html,
}

pub(super) fn card(chart: &Chart, view: &View) -> Html {
    Html::of(&CardTemplate {
        chart,
        legend: legend_with(chart, view, true),
        body: body(chart, view, false),
    })
}

pub(super) fn legend(chart: &Chart, view: &View) -> Html {
    legend_with(chart, view, false)
}

fn legend_with(chart: &Chart, view: &View, push: bool) -> Html {
    let series = drawn_series(chart, &view.t("chart-rest").to_string());
    let lines = matches!(chart.kind, ChartKind::Line | ChartKind::Area);
    let small = lines && series.len() > MAX_LINES;
    let goal = chart.goal.as_ref().map(|(text, _)| text.as_str());
    if (series.len() < 2 || small) && goal.is_none() {
        return Html::default();
    }
    let entries = series
        .iter()
        .enumerate()
        .filter(|_| !small)
        .map(|(index, one)| Entry {
            name: &one.name,
            paint: paint(one, index),
            dash: if lines && series.len() > 1 {
                index % 3
            } else {
                0
            },
        })
        .collect();
    Html::of(&LegendTemplate {
        entries,
        goal,
        lines,
        push,
    })
}

pub(super) fn body(chart: &Chart, view: &View, with_legend: bool) -> Html {
    let series = drawn_series(chart, &view.t("chart-rest").to_string());
    let lines = matches!(chart.kind, ChartKind::Line | ChartKind::Area);
    let plots = if lines && series.len() > MAX_LINES {
        small_charts(chart, view, &series)
    } else {
        vec![(
            String::new(),
            one_plot(chart, view, &series, chart.id.clone(), &chart.title, None),
        )]
    };
    let places = plot(chart, &series, None, &|_, _, _| String::new()).map(|plot| plot.places);
    let data = DataTemplate {
        view,
        chart,
        series: &chart.series,
        marks: marks(chart, view, &places.unwrap_or_default()),
        cut: chart.axis.len().saturating_sub(MAX_ROWS),
    };
    Html::of(&BodyTemplate {
        legend: if with_legend {
            legend(chart, view)
        } else {
            Html::default()
        },
        plots,
        data: Html::of(&data),
    })
}

/// Each line in a chart of its own, all with one scale.
fn small_charts(chart: &Chart, view: &View, series: &[Series]) -> Vec<(String, Html)> {
    let all = series
        .iter()
        .flat_map(|one| one.values.iter().filter_map(|value| finite(*value)));
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    series
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let mut small = chart.clone();
            small.describe = None;
            small.series = vec![one.clone()];
            let html = one_plot(
                &small,
                view,
                &small.series,
                format!("{}-{}", chart.id, index + 1),
                &one.name,
                Some((low, high)),
            );
            (one.name.clone(), html)
        })
        .collect()
}

fn one_plot(
    chart: &Chart,
    view: &View,
    series: &[Series],
    id: String,
    title: &str,
    range: Option<(f64, f64)>,
) -> Html {
    let tooltips = series.len() * chart.axis.len() <= MAX_TITLES;
    let tooltip = |one: &Series, index: usize, value: f64| {
        if tooltips {
            let what = position(view, chart, index);
            let value = chart.unit.text(view, value);
            if one.name.is_empty() {
                format!("{what}: {value}")
            } else {
                format!("{what}, {}: {value}", one.name)
            }
        } else {
            String::new()
        }
    };
    let laid_out = plot(chart, series, range, &tooltip);
    let most = laid_out
        .as_ref()
        .map_or(1.0, |plot| plot.low().abs().max(plot.high().abs()));
    let y_labels = laid_out.as_ref().map_or_else(Vec::new, |plot| {
        let top = plot.ticks.len().saturating_sub(1);
        plot.ticks
            .iter()
            .enumerate()
            .rev()
            .map(|(index, value)| {
                chart
                    .unit
                    .tick(view, *value, plot.step(), most, index == top)
            })
            .collect()
    });
    let places: &[f64] = laid_out.as_ref().map_or(&[], |plot| &plot.places);
    let starts_at = laid_out
        .as_ref()
        .filter(|plot| plot.low() > 0.0)
        .map(|plot| chart.unit.text(view, plot.low()));
    Html::of(&ChartTemplate {
        view,
        chart,
        y_labels,
        x_labels: x_labels(
            chart,
            view,
            places,
            if range.is_some() { SMALL } else { NARROW },
        ),
        bands: bands(chart),
        marks: marks(chart, view, places),
        desc: description(chart, view, series),
        starts_at,
        plot: laid_out.as_ref(),
        id,
        title,
    })
}

/// What stands at a position, in full.
fn position(view: &View, chart: &Chart, index: usize) -> String {
    match &chart.axis {
        Axis::Labels(labels) => labels.get(index).cloned().unwrap_or_default(),
        Axis::Times(times) => times.get(index).map_or_else(String::new, |at| {
            let zone = view.preferences.zone.clone().unwrap_or(TimeZone::UTC);
            let wall = at.to_zoned(zone.clone());
            let daily = times.windows(2).all(|pair| match pair {
                [a, b] => b.as_second() - a.as_second() >= 72_000,
                _ => true,
            });
            if daily && times.len() > 1 {
                wall.strftime("%Y-%m-%d").to_string()
            } else {
                crate::when::absolute(*at, &zone)
            }
        }),
    }
}

fn description(chart: &Chart, view: &View, series: &[Series]) -> String {
    if let Some(text) = &chart.describe {
        return text.clone();
    }
    let mut sentences: Vec<String> = series
        .iter()
        .take(8)
        .filter_map(|one| {
            let values: Vec<f64> = one.values.iter().filter_map(|v| finite(*v)).collect();
            let low = values.iter().copied().reduce(f64::min)?;
            let high = values.iter().copied().reduce(f64::max)?;
            let say = |value: f64| chart.unit.text(view, value);
            let name = if one.name.is_empty() {
                &chart.title
            } else {
                &one.name
            };
            let sentence = view
                .t("chart-desc")
                .with("name", name)
                .with("first", say(values.first().copied()?))
                .with("last", say(values.last().copied()?))
                .with("low", say(low))
                .with("high", say(high));
            Some(sentence.to_string())
        })
        .collect();
    if let Some((text, value)) = &chart.goal {
        sentences.push(format!("{text}: {}", chart.unit.text(view, *value)));
    }
    sentences.join(" ")
}

/// Vertical lines; words that would lie on each other go one line down.
fn marks<'a>(chart: &'a Chart, view: &View, places: &[f64]) -> Vec<Mark<'a>> {
    const LINES: usize = 3;
    let mut ends = [f64::NEG_INFINITY; LINES];
    marker_places(chart, places)
        .into_iter()
        .filter_map(|(number, x)| {
            let marker = chart.markers.get(number)?;
            // Words stand on the side that has room.
            let width = text_width(&marker.text) as f64 * 100.0 / NARROW as f64;
            let right = x + width + 2.0 <= 100.0;
            let start = if right { x } else { x - width };
            let line = ends.iter().position(|end| *end <= start).unwrap_or(0);
            if let Some(end) = ends.get_mut(line) {
                *end = start + width + 2.0;
            }
            let when = match marker.at {
                super::MarkerAt::Index(index) => position(view, chart, index),
                super::MarkerAt::Time(at) => view.date(&at),
            };
            Some(Mark {
                x: round(x),
                word_x: round(if right { x + 1.0 } else { x - 1.0 }),
                y: 10 + line * 14,
                anchor: if right { "start" } else { "end" },
                marker,
                when,
            })
        })
        .collect()
}

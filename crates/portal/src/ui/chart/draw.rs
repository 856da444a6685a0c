//! From values to shapes in a box of 100 by 100 that the browser stretches.

use std::fmt::Write;

use super::scale::{MOST, ticks};
use super::{Axis, Chart, ChartKind, MarkerAt, Series};

/// More points of one line than this are thinned out: each pixel then keeps
/// its lowest and highest value, so that no spike is lost.
const MAX_POINTS: usize = 1_000;
/// More bars than a screen has pixels cannot be told apart.
const MAX_BARS: usize = 2_000;
/// More vertical lines than this hide the values.
const MAX_MARKERS: usize = 40;
/// The share of its band that a bar leaves empty on each side (from the look).
const BAR_MARGIN: f64 = 0.2;
/// A bar among few is no wider than this, in hundredths of the plot.
const MAX_BAND: f64 = 25.0;
/// The gap between stacked parts, in hundredths of the plot (from the look).
const BAR_GAP: f64 = 0.6;

/// Which of the eight colours, or which status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// 1 to 8.
    Colour(usize),
    /// A status.
    Tone(crate::ui::Tone),
}

impl askama::filters::HtmlSafe for Paint {}

impl std::fmt::Display for Paint {
    /// The attribute that sets the colour.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Colour(number) => write!(f, "data-c=\"{number}\""),
            Self::Tone(tone) => write!(f, "data-tone=\"{tone}\""),
        }
    }
}

/// One thing to draw.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Area {
        paint: Paint,
        d: String,
    },
    Line {
        paint: Paint,
        dash: usize,
        d: String,
    },
    Point {
        paint: Paint,
        d: String,
    },
    Bar {
        paint: Paint,
        bar: BarBox,
        title: String,
    },
}

/// A bar, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BarBox {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where things lie.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// Values of the grid lines, ascending.
    pub(super) ticks: Vec<f64>,
    /// Horizontal place of each position.
    pub(super) places: Vec<f64>,
    /// In order of drawing.
    pub(super) shapes: Vec<Shape>,
}

impl Plot {
    pub(super) fn low(&self) -> f64 {
        self.ticks.first().copied().unwrap_or(0.0)
    }

    pub(super) fn high(&self) -> f64 {
        self.ticks.last().copied().unwrap_or(1.0)
    }

    pub(super) fn step(&self) -> f64 {
        match self.ticks.as_slice() {
            [first, second, ..] => second - first,
            _ => 1.0,
        }
    }

    /// Hundredths from the top.
    pub(super) fn y(&self, value: f64) -> f64 {
        height(value, self.low(), self.high())
    }
}

fn height(value: f64, low: f64, high: f64) -> f64 {
    let range = if high > low { high - low } else { 1.0 };
    (100.0 - (value.clamp(-MOST, MOST) - low) / range * 100.0).clamp(0.0, 100.0)
}

/// A value that can be drawn.
pub(super) fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// The series as they are drawn: a stack gathers what follows the seventh.
pub(super) fn drawn_series(chart: &Chart, rest: &str) -> Vec<Series> {
    const COLOURS: usize = 8;
    if chart.series.len() <= COLOURS || chart.kind != ChartKind::Stacked {
        return chart.series.clone();
    }
    let (kept, gathered) = chart.series.split_at(COLOURS - 1);
    let mut series = kept.to_vec();
    let values = (0..chart.axis.len())
        .map(|index| {
            let here: Vec<f64> = gathered
                .iter()
                .filter_map(|series| finite(series.values.get(index).copied().flatten()))
                .collect();
            (!here.is_empty()).then(|| here.iter().sum())
        })
        .collect();
    series.push(Series {
        name: rest.to_owned(),
        values,
        tone: None,
    });
    series
}

pub(super) fn paint(series: &Series, index: usize) -> Paint {
    series
        .tone
        .map_or(Paint::Colour(index % 8 + 1), Paint::Tone)
}

/// The lowest and highest value that the axis must reach; [`None`] when there
/// is no value at all.
fn range(chart: &Chart, series: &[Series]) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = Vec::new();
    if chart.kind == ChartKind::Stacked {
        for index in 0..chart.axis.len() {
            let here = series
                .iter()
                .filter_map(|series| finite(series.values.get(index).copied().flatten()));
            let (mut below, mut above, mut any) = (0.0, 0.0, false);
            for value in here {
                any = true;
                if value < 0.0 {
                    below += value;
                } else {
                    above += value;
                }
            }
            if any {
                values.extend([below, above]);
            }
        }
    } else {
        values.extend(
            series
                .iter()
                .flat_map(|series| series.values.iter().take(chart.axis.len()))
                .filter_map(|value| finite(*value)),
        );
    }
    let goal = chart.goal.as_ref().map(|(_, goal)| *goal);
    if !values.is_empty() {
        values.extend(goal);
    }
    let low = values.iter().copied().reduce(f64::min)?;
    let high = values.iter().copied().reduce(f64::max)?;
    Some((low, high))
}

/// Lays a chart out; [`None`] when it has no value. `at_least` widens the axis,
/// so that several charts have one.
pub(super) fn plot(
    chart: &Chart,
    series: &[Series],
    at_least: Option<(f64, f64)>,
    title: &dyn Fn(&Series, usize, f64) -> String,
) -> Option<Plot> {
    let (mut low, mut high) = range(chart, series)?;
    if let Some((least, most)) = at_least {
        (low, high) = (low.min(least), high.max(most));
    }
    let bars = matches!(chart.kind, ChartKind::Bar | ChartKind::Stacked);
    let whole = series
        .iter()
        .flat_map(|series| &series.values)
        .filter_map(|value| finite(*value))
        .all(|value| value.fract() == 0.0);
    let zero = chart.from_zero || bars;
    let mut plot = Plot {
        ticks: ticks(low, high, zero, chart.unit.steps(whole)),
        places: places(&chart.axis, bars),
        shapes: Vec::new(),
    };
    match chart.kind {
        ChartKind::Line | ChartKind::Area => {
            lines(&mut plot, series, chart.kind == ChartKind::Area);
        }
        ChartKind::Bar => side_by_side(&mut plot, series, title),
        ChartKind::Stacked => stacked(&mut plot, series, title),
    }
    Some(plot)
}

/// Middle of each band for bars; for lines from edge to edge, true to time.
fn places(axis: &Axis, bars: bool) -> Vec<f64> {
    let count = axis.len();
    if bars {
        let band = 100.0 / count.max(1) as f64;
        return (0..count)
            .map(|index| (index as f64 + 0.5) * band)
            .collect();
    }
    if let Axis::Times(times) = axis
        && let (Some(first), Some(last)) = (times.iter().min(), times.iter().max())
        && last > first
    {
        return times
            .iter()
            .map(|at| {
                along(
                    at.as_millisecond(),
                    first.as_millisecond(),
                    last.as_millisecond(),
                )
            })
            .collect();
    }
    if count == 1 {
        return vec![50.0];
    }
    let step = 100.0 / count.saturating_sub(1).max(1) as f64;
    (0..count).map(|index| index as f64 * step).collect()
}

fn along(at: i64, first: i64, last: i64) -> f64 {
    let range = (last - first).max(1) as f64;
    ((at - first) as f64 / range * 100.0).clamp(0.0, 100.0)
}

/// Runs of points without a gap between them.
fn runs(plot: &Plot, series: &Series) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for (place, value) in plot.places.iter().zip(&series.values) {
        match finite(*value) {
            None => open = false,
            Some(value) => {
                let point = (*place, plot.y(value));
                match runs.last_mut().filter(|_| open) {
                    Some(run) => run.push(point),
                    None => runs.push(vec![point]),
                }
                open = true;
            }
        }
    }
    runs.into_iter().map(thinned).collect()
}

/// Keeps the lowest and the highest point of each stretch of a long run.
fn thinned(run: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if run.len() <= MAX_POINTS {
        return run;
    }
    let size = run.len().div_ceil(MAX_POINTS / 2);
    run.chunks(size)
        .flat_map(|chunk| {
            let low = chunk.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = chunk.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
            let mut pair: Vec<_> = low.into_iter().chain(high).collect();
            pair.sort_by(|a, b| a.0.total_cmp(&b.0));
            pair.dedup();
            pair
        })
        .collect()
}

fn lines(plot: &mut Plot, series: &[Series], filled: bool) {
    let floor = plot.y(0.0);
    let mut shapes = Vec::new();
    for (index, one) in series.iter().enumerate() {
        let paint = paint(one, index);
        let runs = runs(plot, one);
        let mut d = String::new();
        let mut lonely = String::new();
        for run in &runs {
            match run.as_slice() {
                [] => {}
                [(x, y)] => path(&mut lonely, 'M', *x, *y, "h0"),
                [(x, y), rest @ ..] => {
                    path(&mut d, 'M', *x, *y, "");
                    for (x, y) in rest {
                        path(&mut d, ' ', *x, *y, "");
                    }
                    if filled && let Some((end, _)) = rest.last() {
                        let mut area = String::new();
                        path(&mut area, 'M', *x, *y, "");
                        for (x, y) in rest {
                            path(&mut area, ' ', *x, *y, "");
                        }
                        path(&mut area, ' ', *end, floor, "");
                        path(&mut area, ' ', *x, floor, "z");
                        shapes.push(Shape::Area { paint, d: area });
                    }
                }
            }
        }
        if !d.is_empty() {
            let dash = if series.len() > 1 { index % 3 } else { 0 };
            shapes.push(Shape::Line { paint, dash, d });
        }
        if let Some((x, y)) = runs.last().and_then(|run| run.last()) {
            path(&mut lonely, 'M', *x, *y, "h0");
        }
        if !lonely.is_empty() {
            shapes.push(Shape::Point { paint, d: lonely });
        }
    }
    plot.shapes = shapes;
}

fn path(out: &mut String, command: char, x: f64, y: f64, end: &str) {
    // Writing into a string cannot fail.
    let _ = write!(out, "{command}{} {}{end}", round(x), round(y));
}

/// Two digits are a hundredth of a hundredth: less than a pixel.
pub(super) fn round(value: f64) -> f64 {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

fn side_by_side(plot: &mut Plot, series: &[Series], title: &dyn Fn(&Series, usize, f64) -> String) {
    let band = 100.0 / plot.places.len().max(1) as f64;
    let shown_band = band.min(MAX_BAND);
    let width = shown_band * (1.0 - 2.0 * BAR_MARGIN) / series.len().max(1) as f64;
    let zero = plot.y(0.0);
    let mut shapes = Vec::new();
    for (index, place) in plot.places.iter().enumerate().take(MAX_BARS) {
        for (number, one) in series.iter().enumerate() {
            let Some(value) = finite(one.values.get(index).copied().flatten()) else {
                continue;
            };
            let top = plot.y(value);
            let left = place - shown_band * (0.5 - BAR_MARGIN) + width * number as f64;
            // Bars of a group do not touch.
            let shown = if series.len() > 1 { width * 0.9 } else { width };
            shapes.push(Shape::Bar {
                paint: paint(one, number),
                bar: BarBox {
                    x: round(left),
                    y: round(top.min(zero)),
                    width: round(shown),
                    height: round((top - zero).abs()),
                },
                title: title(one, index, value),
            });
        }
    }
    plot.shapes = shapes;
}

fn stacked(plot: &mut Plot, series: &[Series], title: &dyn Fn(&Series, usize, f64) -> String) {
    let band = 100.0 / plot.places.len().max(1) as f64;
    let width = band.min(MAX_BAND) * (1.0 - 2.0 * BAR_MARGIN);
    let mut shapes = Vec::new();
    for (index, place) in plot.places.iter().enumerate().take(MAX_BARS) {
        let (mut above, mut below) = (0.0, 0.0);
        for (number, one) in series.iter().enumerate() {
            let Some(value) = finite(one.values.get(index).copied().flatten()) else {
                continue;
            };
            let base = if value < 0.0 { &mut below } else { &mut above };
            let (from, to) = (*base, *base + value);
            *base = to;
            let (top, bottom) = (plot.y(from.max(to)), plot.y(from.min(to)));
            let height = bottom - top;
            if height <= 0.0 {
                continue;
            }
            shapes.push(Shape::Bar {
                paint: paint(one, number),
                bar: BarBox {
                    x: round(place - width / 2.0),
                    y: round(top),
                    width: round(width),
                    // A thin part stays visible: the gap takes no more than half of it.
                    height: round(height - BAR_GAP.min(height / 2.0)),
                },
                title: title(one, index, value),
            });
        }
    }
    plot.shapes = shapes;
}

/// Where markers stand: index into the chart's markers and place in
/// hundredths, ordered by place. Those outside are left out.
pub(super) fn marker_places(chart: &Chart, places: &[f64]) -> Vec<(usize, f64)> {
    let mut found: Vec<(usize, f64)> = chart
        .markers
        .iter()
        .enumerate()
        .filter_map(|(number, marker)| {
            let place = match (marker.at, &chart.axis) {
                (MarkerAt::Index(index), _) => places.get(index).copied(),
                (MarkerAt::Time(at), Axis::Times(times)) => between(times, places, at),
                (MarkerAt::Time(_), Axis::Labels(_)) => None,
            };
            place.map(|place| (number, place))
        })
        .take(MAX_MARKERS)
        .collect();
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    found
}

/// The place of a time between the places of its neighbours.
fn between(times: &[jiff::Timestamp], places: &[f64], at: jiff::Timestamp) -> Option<f64> {
    let after = times.iter().position(|time| *time >= at)?;
    let (time, place) = (times.get(after)?, places.get(after)?);
    if *time == at {
        return Some(*place);
    }
    let before = after.checked_sub(1)?;
    let (time_before, place_before) = (times.get(before)?, places.get(before)?);
    let share = along(
        at.as_millisecond(),
        time_before.as_millisecond(),
        time.as_millisecond(),
    ) / 100.0;
    Some(place_before + (place - place_before) * share)
}

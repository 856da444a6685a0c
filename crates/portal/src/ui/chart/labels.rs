//! Labels below the plot: as many as have room on a phone.

use jiff::tz::TimeZone;

use super::draw::round;
use super::scale::{Grain, time_ticks};
use super::{Axis, Chart, ChartKind};
use crate::view::View;

/// The width, in pixels, of a plot on a phone: labels must have room there.
pub(super) const NARROW: usize = 270;
/// The same of one of several small charts.
pub(super) const SMALL: usize = 150;
/// A label below the plot.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

/// Names of few bars stand below each, in as many lines as they need.
pub(super) fn bands(chart: &Chart) -> &[String] {
    const MOST: usize = 8;
    match &chart.axis {
        Axis::Labels(labels)
            if matches!(chart.kind, ChartKind::Bar | ChartKind::Stacked)
                && labels.len() <= MOST =>
        {
            labels
        }
        _ => &[],
    }
}

pub(super) fn x_labels(chart: &Chart, view: &View, places: &[f64], width: usize) -> Vec<Label> {
    let found = match &chart.axis {
        Axis::Labels(labels) => {
            let texts: Vec<&str> = labels.iter().map(String::as_str).collect();
            chosen(&texts)
                .into_iter()
                .filter_map(|index| Some((*places.get(index)?, shortened(texts.get(index)?))))
                .collect()
        }
        Axis::Times(_) if matches!(chart.kind, ChartKind::Bar | ChartKind::Stacked) => {
            bar_times(chart, view, places)
        }
        Axis::Times(times) => {
            let zone = view.preferences.zone.clone().unwrap_or(TimeZone::UTC);
            let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
                return Vec::new();
            };
            let range = (last.as_millisecond() - first.as_millisecond()).max(1) as f64;
            // As many as have room: words differ in length between languages.
            (1..=6_usize)
                .rev()
                .map(|most| {
                    time_ticks(*first, *last, &zone, most)
                        .into_iter()
                        .map(|(at, grain)| {
                            let place = (at.as_millisecond() - first.as_millisecond()) as f64;
                            let x = if last > first {
                                place / range * 100.0
                            } else {
                                50.0
                            };
                            (x, view.at_grain(&at, grain))
                        })
                        .collect::<Vec<_>>()
                })
                .find(|labels| !labels.is_empty() && have_room(labels, width))
                .unwrap_or_default()
        }
    };
    found.into_iter().map(|(x, text)| label(x, text)).collect()
}

/// Whether labels at these places keep apart in a plot of this many pixels.
fn have_room(labels: &[(f64, String)], width: usize) -> bool {
    const APART: f64 = 8.0;
    let mut end = f64::NEG_INFINITY;
    labels.iter().all(|(x, text)| {
        let size = text_width(text) as f64;
        let at = x / 100.0 * width as f64;
        let from = match label(*x, text.clone()).anchor {
            "start" => at,
            "end" => at - size,
            _ => at - size / 2.0,
        };
        let free = from >= end + APART;
        end = from + size;
        free
    })
}

/// Bars stand at equal distances, so every n-th of their own times is written.
fn bar_times(chart: &Chart, view: &View, places: &[f64]) -> Vec<(f64, String)> {
    let Axis::Times(times) = &chart.axis else {
        return Vec::new();
    };
    let days = match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) => (last.as_second() - first.as_second()) / 86_400,
        _ => 0,
    };
    let step = days / i64::try_from(times.len().max(1)).unwrap_or(1);
    let grain = match (days, step) {
        (0..2, _) => Grain::Minute,
        (_, 360..) => Grain::Year,
        (_, 26..) => Grain::Month,
        _ => Grain::Day,
    };
    let texts: Vec<String> = times.iter().map(|at| view.at_grain(at, grain)).collect();
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    chosen(&borrowed)
        .into_iter()
        .filter_map(|index| Some((*places.get(index)?, texts.get(index)?.clone())))
        .collect()
}

/// Which of many labels are written: all when they have room on a phone,
/// otherwise as many as have, at equal distances.
fn chosen(texts: &[&str]) -> Vec<usize> {
    let widest = texts
        .iter()
        .map(|text| text_width(&shortened(text)))
        .max()
        .unwrap_or(0);
    let room = (NARROW / (widest + 10)).clamp(2, 12);
    if texts.len() <= room {
        return (0..texts.len()).collect();
    }
    let last = texts.len() - 1;
    // Equal distances from the first to the last when the number allows it.
    let gaps = (1..room).rev().find(|gaps| last.is_multiple_of(*gaps));
    match gaps.filter(|gaps| *gaps > 1 || room == 2) {
        Some(gaps) => (0..=gaps).map(|gap| gap * (last / gaps)).collect(),
        None => (0..texts.len())
            .step_by(texts.len().div_ceil(room))
            .collect(),
    }
}

/// Long names are cut at their end; the table has them whole.
fn shortened(text: &str) -> String {
    const MOST: usize = 14;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let head: String = text.chars().take(MOST - 1).collect();
    format!("{head}…")
}

/// An estimate in pixels at 12 px.
pub(super) fn text_width(text: &str) -> usize {
    text.chars()
        .map(|c| if c.is_ascii() { 7 } else { 12 })
        .sum()
}

/// Labels at the edges stay inside.
fn label(x: f64, text: String) -> Label {
    // Beside the plot are the labels of the other axis and the card's padding.
    const LEFT: f64 = 8.0;
    const RIGHT: f64 = 4.0;
    let half = text_width(&text) as f64 * 50.0 / NARROW as f64;
    let anchor = if x < half - LEFT {
        "start"
    } else if x > 100.0 - half + RIGHT {
        "end"
    } else {
        "middle"
    };
    Label {
        x: round(x),
        anchor,
        text,
    }
}

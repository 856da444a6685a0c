//! What a value counts, and how it is written.

use super::scale::{Steps, decimals};
use crate::lang::Lang;
use crate::view::View;

/// What the values of a chart count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    #[default]
    Number,
    /// Something with a name, such as `ms` or `req/s`; the axis names it once.
    Named(String),
    /// Values from 0 to 100.
    Percent,
    /// Lengths of time in seconds, written as `38 min` or `1.5 h`.
    Seconds,
    /// Bytes, written as `512 MiB`.
    Bytes,
    /// Money and the like: what stands before and after the number.
    Affix {
        /// For example `$`.
        before: String,
        /// For example `원`.
        after: String,
    },
}

impl Unit {
    /// One value in full: `1,204`, `9.4%`, `31 h`.
    pub fn text(&self, view: &View, value: f64) -> String {
        match self {
            Self::Number => view.number(short(value)),
            Self::Named(name) => format!("{} {name}", view.number(short(value))),
            Self::Percent => format!("{}%", view.number(short(value))),
            Self::Affix { before, after } => {
                let sign = if value < 0.0 { "-" } else { "" };
                format!("{sign}{before}{}{after}", view.number(short(value.abs())))
            }
            Self::Seconds => seconds(view, value, value.abs(), &short),
            Self::Bytes => bytes(view, value, &short),
        }
    }

    /// A value of an axis, with as many digits as its neighbours need. `most`
    /// is the largest size on the axis; `top` is the one label that names the unit.
    pub(super) fn tick(&self, view: &View, value: f64, step: f64, most: f64, top: bool) -> String {
        let exact = |scale: f64| {
            let digits = decimals(step / scale);
            move |value: f64| fixed(value, digits)
        };
        // The sign of a rounded zero says nothing.
        let value = if value.abs() < step * 1e-6 {
            0.0
        } else {
            value
        };
        match self {
            Self::Seconds => seconds(view, value, most, &|value| {
                fixed(value, decimals(value).min(2))
            }),
            Self::Bytes => bytes(view, value, &|value| fixed(value, decimals(value).min(2))),
            Self::Percent => format!("{}%", exact(1.0)(value)),
            _ => {
                let (scale, sign) = compact(view, most);
                let number = if value == 0.0 {
                    "0".to_owned()
                } else {
                    format!("{}{sign}", view.number(exact(scale)(value / scale)))
                };
                match self {
                    Self::Named(name) if top => format!("{number} {name}"),
                    Self::Affix { before, after } if value != 0.0 => {
                        format!("{before}{number}{after}")
                    }
                    _ => number,
                }
            }
        }
    }

    /// Which numbers are round.
    pub(super) fn steps(&self, whole: bool) -> Steps {
        match self {
            Self::Seconds => Steps::Seconds,
            Self::Bytes => Steps::Bytes,
            _ if whole => Steps::Whole,
            _ => Steps::Decimal,
        }
    }
}

/// Three digits that count, no more than two after the point of larger numbers.
fn short(value: f64) -> String {
    let size = value.abs();
    let digits = if size == 0.0 || size >= 1_000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        let zeros = -size.log10().floor();
        (zeros as usize + 2).min(9)
    };
    fixed(value, digits)
}

/// With at most this many digits after the point.
fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn seconds(view: &View, value: f64, size: f64, write: &dyn Fn(f64) -> String) -> String {
    const UNITS: [(f64, &str); 4] = [
        (86_400.0, "age-days"),
        (3_600.0, "age-hours"),
        (60.0, "age-minutes"),
        (1.0, "age-seconds"),
    ];
    if value == 0.0 {
        return "0".to_owned();
    }
    // Up to four days are said in hours: "36 h" compares better than "1.5 d".
    let (scale, key) = UNITS
        .into_iter()
        .find(|(scale, _)| {
            size >= if *scale > 80_000.0 {
                scale * 4.0
            } else {
                *scale
            }
        })
        .unwrap_or((0.001, "age-milliseconds"));
    view.t(key)
        .with("n", view.number(write(value / scale)))
        .to_string()
}

fn bytes(view: &View, value: f64, write: &dyn Fn(f64) -> String) -> String {
    const NAMES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut scaled = value;
    let mut names = NAMES.iter();
    let mut name = names.next();
    while scaled.abs() >= 1_024.0 {
        let Some(next) = names.next() else { break };
        name = Some(next);
        scaled /= 1_024.0;
    }
    format!(
        "{} {}",
        view.number(write(scaled)),
        name.copied().unwrap_or_default()
    )
}

/// The scale at which an axis writes large numbers, and the scale's sign:
/// thousands in English, ten thousands in Korean.
fn compact(view: &View, size: f64) -> (f64, String) {
    // Numbers up to here are short enough as they are.
    if size < 10_000.0 {
        return (1.0, String::new());
    }
    let scales: &[(f64, &str)] = match view.lang {
        Lang::En => &[
            (1e9, "number-billion"),
            (1e6, "number-million"),
            (1e3, "number-thousand"),
        ],
        Lang::Ko => &[
            (1e8, "number-hundred-million"),
            (1e4, "number-ten-thousand"),
        ],
    };
    scales
        .iter()
        .find(|(scale, _)| size >= *scale)
        .map_or((1.0, String::new()), |(scale, key)| {
            (*scale, view.t(key).to_string())
        })
}

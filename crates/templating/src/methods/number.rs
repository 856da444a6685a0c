//! Methods of numbers.

use super::arity;
use crate::coerce::{self, number, whole};
use crate::value::Value;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "digits are checked to be between 0 and 100"
)]
pub(super) fn call(value: f64, name: &str, arguments: &[Value]) -> Result<Value, String> {
    arity(name, arguments, 0, 1)?;
    let digits = match arguments.first() {
        None | Some(Value::Undefined) => None,
        Some(digits) => Some(whole(number(digits)?)),
    };
    let plain = || Value::text(&coerce::number_text(value));
    let within = |least: f64, most: f64, digits: f64| {
        if (least..=most).contains(&digits) {
            Ok(digits as usize)
        } else {
            Err(format!("`{name}` takes a number from {least} to {most}"))
        }
    };
    Ok(match (name, digits) {
        ("toFixed", digits) => {
            let digits = within(0.0, 100.0, digits.unwrap_or_default())?;
            if !value.is_finite() || value.abs() >= 1e21 {
                return Ok(plain());
            }
            Value::text(&fixed(value, digits))
        }
        ("toPrecision", Some(digits)) => Value::text(&precise(value, within(1.0, 100.0, digits)?)),
        ("toString", Some(radix)) => {
            let radix = within(2.0, 36.0, radix)?;
            if radix == 10 || !value.is_finite() {
                return Ok(plain());
            }
            Value::text(&in_radix(value, radix as u32))
        }
        _ => plain(),
    })
}

/// `toFixed`: JavaScript rounds halves of the exact value up, away from zero.
fn fixed(value: f64, digits: usize) -> String {
    // A double is exact with 1,074 decimals at most; Rust prints it exactly.
    let exact = format!("{:.1$}", value.abs(), digits + 60);
    let keep = exact.len() - 60;
    let (kept, cut) = exact.split_at_checked(keep).unwrap_or((&exact, ""));
    let up = cut.starts_with(['5', '6', '7', '8', '9']);
    let kept = if digits == 0 {
        kept.trim_end_matches('.')
    } else {
        kept
    };
    let mut made = if up { increment(kept) } else { kept.to_owned() };
    if value < 0.0 && made.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        made.insert(0, '-');
    }
    made
}

/// A decimal number plus one in its last place.
fn increment(digits: &str) -> String {
    let mut made: Vec<char> = digits.chars().collect();
    for digit in made.iter_mut().rev() {
        match digit {
            '.' => {}
            '9' => *digit = '0',
            other => {
                *other =
                    char::from_digit(other.to_digit(10).unwrap_or_default() + 1, 10).unwrap_or('0');
                return made.into_iter().collect();
            }
        }
    }
    made.insert(0, '1');
    made.into_iter().collect()
}

fn precise(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return coerce::number_text(value);
    }
    let scientific = format!("{:.1$e}", value, digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let most = i32::try_from(digits).unwrap_or(i32::MAX);
    if exponent < -6 || exponent >= most {
        let sign = if exponent < 0 { "" } else { "+" };
        return format!("{mantissa}e{sign}{exponent}");
    }
    let decimals = usize::try_from(most - 1 - exponent).unwrap_or_default();
    format!("{value:.decimals$}")
}

fn in_radix(value: f64, radix: u32) -> String {
    let digit = |number: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 35"
        )]
        char::from_digit(number as u32, radix).unwrap_or('0')
    };
    let (mut front, mut rest) = (value.abs().trunc(), value.abs().fract());
    let mut made = Vec::new();
    while front >= 1.0 {
        made.push(digit(front % f64::from(radix)));
        front = (front / f64::from(radix)).trunc();
    }
    if made.is_empty() {
        made.push('0');
    }
    if value < 0.0 {
        made.push('-');
    }
    made.reverse();
    if rest > 0.0 {
        made.push('.');
        for _ in 0..52 {
            rest *= f64::from(radix);
            made.push(digit(rest.trunc()));
            rest = rest.fract();
            if rest == 0.0 {
                break;
            }
        }
    }
    made.into_iter().collect()
}

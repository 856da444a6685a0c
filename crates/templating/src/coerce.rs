//! What JavaScript makes of a value where another type is wanted
//! (ECMAScript 2023, section 7: abstract operations).

use std::cmp::Ordering;
use std::rc::Rc;

use crate::limits::{self, DEPTH};
use crate::value::Value;

/// Whether a value counts as true. Empty lists and objects do.
pub(crate) fn truth(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => *number != 0.0 && !number.is_nan(),
        Value::Text(text) | Value::Safe(text) => !text.is_empty(),
        Value::Regex(_) | Value::List(_) | Value::Record(_) | Value::Callable(_) => true,
    }
}

/// A value as it is written into the output: nothing for null and undefined.
pub(crate) fn output(value: &Value) -> Result<Rc<str>, String> {
    if value.is_missing() {
        return Ok(Rc::from(""));
    }
    text(value)
}

/// `String(value)`.
pub(crate) fn text(value: &Value) -> Result<Rc<str>, String> {
    text_within(value, DEPTH)
}

fn text_within(value: &Value, depth: usize) -> Result<Rc<str>, String> {
    // A list may hold one value many times: each time counts.
    limits::charge(1, 0)?;
    Ok(match value {
        Value::Undefined => Rc::from("undefined"),
        Value::Null => Rc::from("null"),
        Value::Bool(truth) => Rc::from(if *truth { "true" } else { "false" }),
        Value::Number(number) => Rc::from(number_text(*number)),
        Value::Text(text) | Value::Safe(text) => Rc::clone(text),
        Value::Regex(regex) => Rc::from(regex.to_string()),
        Value::Record(_) => Rc::from("[object Object]"),
        Value::Callable(_) => {
            return Err("a function cannot be written as text; call it with ()".to_owned());
        }
        Value::List(items) => {
            let depth = depth
                .checked_sub(1)
                .ok_or_else(|| format!("the value is more than {DEPTH} deep"))?;
            let mut joined = String::new();
            for (index, item) in items.borrow().iter().enumerate() {
                if index > 0 {
                    joined.push(',');
                }
                if !item.is_missing() {
                    let part = text_within(item, depth)?;
                    limits::charge_room(joined.len() + part.len())?;
                    joined.push_str(&part);
                }
            }
            limits::charge(0, joined.len())?;
            Rc::from(joined)
        }
    })
}

/// A number as JavaScript prints it.
pub(crate) fn number_text(number: f64) -> String {
    ryu_js::Buffer::new().format(number).to_owned()
}

/// `Number(value)`.
pub(crate) fn number(value: &Value) -> Result<f64, String> {
    Ok(match value {
        Value::Undefined => f64::NAN,
        Value::Null => 0.0,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Number(number) => *number,
        other => text_number(&text(other)?),
    })
}

fn text_number(text: &str) -> f64 {
    let text = text.trim();
    let radix = |digits: &str, radix: u32| {
        let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
        let value = |digits: &str| {
            digits
                .chars()
                .filter_map(|digit| digit.to_digit(radix))
                .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit))
        };
        if plain { value(digits) } else { f64::NAN }
    };
    match text.get(..2) {
        Some("0x" | "0X") => return radix(text.get(2..).unwrap_or_default(), 16),
        Some("0o" | "0O") => return radix(text.get(2..).unwrap_or_default(), 8),
        Some("0b" | "0B") => return radix(text.get(2..).unwrap_or_default(), 2),
        _ => {}
    }
    match text {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        // Rust also reads "inf" and "nan".
        _ if text
            .bytes()
            .any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) =>
        {
            f64::NAN
        }
        _ => text.parse().unwrap_or(f64::NAN),
    }
}

/// `parseFloat(text)`: the longest number at the start.
pub(crate) fn parse_float(text: &str) -> f64 {
    let text = text.trim_start();
    let mut best = f64::NAN;
    for (end, _) in text.char_indices().map(|(at, c)| (at + c.len_utf8(), c)) {
        let start = text.get(..end).unwrap_or_default();
        let last = start.as_bytes().last().copied().unwrap_or_default();
        if !(last.is_ascii_digit() || matches!(last, b'.' | b'e' | b'E' | b'+' | b'-')) {
            break;
        }
        if let Ok(number) = start.parse() {
            best = number;
        }
    }
    best
}

/// `parseInt(text, radix)`.
pub(crate) fn parse_int(text: &str, radix: u32) -> f64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let digits = match hex {
        Some(rest) if radix == 16 => rest,
        _ => digits,
    };
    if !(2..=36).contains(&radix) {
        return f64::NAN;
    }
    let mut value = f64::NAN;
    for digit in digits.chars().map_while(|digit| digit.to_digit(radix)) {
        let so_far = if value.is_nan() { 0.0 } else { value };
        value = so_far * f64::from(radix) + f64::from(digit);
    }
    sign * value
}

/// A number as an index: cut to a whole number, 0 for NaN.
pub(crate) fn whole(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.trunc() }
}

/// `left == right`.
pub(crate) fn loosely_equal(left: &Value, right: &Value) -> Result<bool, String> {
    use Value::{Bool, List, Null, Number, Record, Regex, Safe, Text, Undefined};
    Ok(match (left, right) {
        (Undefined | Null, Undefined | Null) => true,
        (Undefined | Null, _) | (_, Undefined | Null) => false,
        (Text(_) | Safe(_), Text(_) | Safe(_)) | (Bool(_), Bool(_)) | (Number(_), Number(_)) => {
            strictly_equal(left, right)
        }
        (List(_) | Record(_) | Regex(_), List(_) | Record(_) | Regex(_)) => {
            strictly_equal(left, right)
        }
        (Value::Callable(_), _) | (_, Value::Callable(_)) => strictly_equal(left, right),
        (List(_) | Record(_) | Regex(_), _) => loosely_equal(&Text(text(left)?), right)?,
        (_, List(_) | Record(_) | Regex(_)) => loosely_equal(left, &Text(text(right)?))?,
        _ => number(left)? == number(right)?,
    })
}

/// `left === right`.
pub(crate) fn strictly_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::Text(a) | Value::Safe(a), Value::Text(b) | Value::Safe(b)) => a == b,
        (Value::List(a), Value::List(b)) => Rc::ptr_eq(a, b),
        (Value::Record(a), Value::Record(b)) => Rc::ptr_eq(a, b),
        (Value::Callable(a), Value::Callable(b)) => Rc::ptr_eq(a, b),
        (Value::Regex(a), Value::Regex(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}

/// How two values compare for `<` and its kin; nothing when one is no number.
pub(crate) fn compare(left: &Value, right: &Value) -> Result<Option<Ordering>, String> {
    let primitive = |value: &Value| -> Result<Value, String> {
        Ok(match value {
            Value::List(_) | Value::Record(_) | Value::Regex(_) | Value::Callable(_) => {
                Value::Text(text(value)?)
            }
            other => other.clone(),
        })
    };
    let (left, right) = (primitive(left)?, primitive(right)?);
    if let (Some(a), Some(b)) = (left.as_text(), right.as_text()) {
        limits::charge_scan(a.len().min(b.len()))?;
        return Ok(Some(utf16_order(a, b)));
    }
    Ok(number(&left)?.partial_cmp(&number(&right)?))
}

/// JavaScript orders text by UTF-16 units.
pub(crate) fn utf16_order(left: &str, right: &str) -> Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

/// `left + right`.
pub(crate) fn add(left: &Value, right: &Value) -> Result<Value, String> {
    let is_number = |value: &Value| {
        matches!(
            value,
            Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_)
        )
    };
    if is_number(left) && is_number(right) {
        return Ok(Value::Number(number(left)? + number(right)?));
    }
    joined(left, right)
}

/// The texts of two values, one behind the other.
pub(crate) fn joined(left: &Value, right: &Value) -> Result<Value, String> {
    let (left, right) = (text(left)?, text(right)?);
    limits::charge(0, left.len().saturating_add(right.len()))?;
    Ok(Value::Text(Rc::from([&*left, &*right].concat())))
}

/// A part of a text by UTF-16 units. Half a pair becomes U+FFFD.
pub(crate) fn utf16_part(units: &[u16], from: usize, to: usize) -> Rc<str> {
    let to = to.min(units.len());
    Rc::from(String::from_utf16_lossy(
        units.get(from.min(to)..to).unwrap_or_default(),
    ))
}

/// The number of UTF-16 units.
pub(crate) fn utf16_len(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.encode_utf16().count()
}

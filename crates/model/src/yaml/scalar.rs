//! Plain scalars by the YAML 1.2 core schema, as the JavaScript `yaml` package
//! reads them.

use serde_json::Number;

use super::node::NodeValue;

/// Whole floats up to here become integers, because JSON made by JavaScript
/// prints them without a fraction. 2^53.
const LARGEST_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

/// Reads a plain (unquoted) scalar.
pub(super) fn plain(text: &str) -> NodeValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeValue::Null,
        "true" | "True" | "TRUE" => NodeValue::Bool(true),
        "false" | "False" | "FALSE" => NodeValue::Bool(false),
        _ => number(text).unwrap_or_else(|| NodeValue::String(text.to_owned())),
    }
}

/// A scalar under a `!!` tag; `None` when the text does not fit the tag or the
/// tag is none of the core schema's.
pub(super) fn tagged(suffix: &str, text: &str) -> Option<NodeValue> {
    let value = plain(text);
    let fits = match suffix {
        "str" => return Some(NodeValue::String(text.to_owned())),
        "null" => matches!(value, NodeValue::Null),
        "bool" => matches!(value, NodeValue::Bool(_)),
        "int" => matches!(&value, NodeValue::Number(number) if !number.is_f64()),
        "float" => matches!(value, NodeValue::Number(_)) || is_not_finite(text),
        _ => false,
    };
    fits.then_some(value)
}

/// A scalar key as text: numbers and truth values in JavaScript's spelling,
/// `null` as the empty text.
pub(super) fn key_text(value: &NodeValue) -> Option<String> {
    match value {
        NodeValue::Null => Some(String::new()),
        NodeValue::Bool(flag) => Some(flag.to_string()),
        NodeValue::Number(number) => Some(crate::javascript::number_to_string(number)),
        NodeValue::String(text) => Some(text.clone()),
        NodeValue::Sequence(_) | NodeValue::Mapping(_) => None,
    }
}

fn number(text: &str) -> Option<NodeValue> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    if is_not_finite(text) {
        // JSON has no infinity; JavaScript writes null in its place.
        return Some(NodeValue::Null);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    decimal(text)
}

fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn radix(digits: &str, radix: u32) -> Option<NodeValue> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    match u64::from_str_radix(digits, radix) {
        Ok(value) => Some(NodeValue::Number(Number::from(value))),
        Err(_) => float(digits.chars().fold(0.0, |sum, c| {
            sum * f64::from(radix) + f64::from(c.to_digit(radix).unwrap_or(0))
        })),
    }
}

/// `[-+]?(digits[.digits]|.digits)([eE][-+]?digits)?`
fn decimal(text: &str) -> Option<NodeValue> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let has_digit = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    if !has_digit || !digits(whole) || !fraction.is_none_or(digits) || !exponent_fits {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        let text = text.strip_prefix('+').unwrap_or(text);
        if let Ok(value) = text.parse::<i64>() {
            return Some(NodeValue::Number(Number::from(value)));
        }
        if let Ok(value) = text.parse::<u64>() {
            return Some(NodeValue::Number(Number::from(value)));
        }
    }
    float(text.parse::<f64>().ok()?)
}

fn float(value: f64) -> Option<NodeValue> {
    if !value.is_finite() {
        return Some(NodeValue::Null);
    }
    if value.fract() == 0.0 && value.abs() <= LARGEST_EXACT_INTEGER {
        // Whole and at most 2^53, which i64 holds exactly.
        return Some(NodeValue::Number(Number::from(value as i64)));
    }
    Number::from_f64(value).map(NodeValue::Number)
}

//! Tests: `value is …`.

use model::nearest;

use crate::coerce::{compare, number, strictly_equal, truth};
use crate::eval::Given;
use crate::limits;
use crate::value::Value;

const NAMES: [&str; 27] = [
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "falsy",
    "ge",
    "greaterthan",
    "gt",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "null",
    "number",
    "odd",
    "sameas",
    "string",
    "truthy",
    "undefined",
    "upper",
];

/// Whether the test `name` holds for `value`.
pub(crate) fn holds(name: &str, value: &Value, given: &Given) -> Result<bool, String> {
    let other = given.get(0);
    limits::charge_scan(value.as_text().map_or(0, |text| text.len()))?;
    let ordered = |wanted: &[std::cmp::Ordering]| {
        compare(value, &other).map(|order| order.is_some_and(|order| wanted.contains(&order)))
    };
    use std::cmp::Ordering::{Equal, Greater, Less};
    Ok(match name {
        "callable" => matches!(value, Value::Callable(_)),
        "defined" => !matches!(value, Value::Undefined),
        "undefined" => matches!(value, Value::Undefined),
        "divisibleby" => number(value)? % number(&other)? == 0.0,
        "eq" | "equalto" | "sameas" => strictly_equal(value, &other),
        "ne" => !strictly_equal(value, &other),
        "escaped" => matches!(value, Value::Safe(_)),
        "even" => number(value)? % 2.0 == 0.0,
        "odd" => (number(value)? % 2.0).abs() == 1.0,
        "falsy" => !truth(value),
        "truthy" => truth(value),
        "ge" => ordered(&[Greater, Equal])?,
        "gt" | "greaterthan" => ordered(&[Greater])?,
        "le" => ordered(&[Less, Equal])?,
        "lt" | "lessthan" => ordered(&[Less])?,
        "iterable" => matches!(value, Value::List(_) | Value::Text(_) | Value::Safe(_)),
        "mapping" => matches!(value, Value::Record(_)),
        "none" | "null" => matches!(value, Value::Null),
        "number" => matches!(value, Value::Number(_)),
        "string" => value.as_text().is_some(),
        "lower" => value
            .as_text()
            .is_some_and(|text| text.to_lowercase() == **text),
        "upper" => value
            .as_text()
            .is_some_and(|text| text.to_uppercase() == **text),
        _ => {
            let hint = nearest(name, NAMES).map(|near| format!("; did you mean `{near}`?"));
            return Err(format!(
                "there is no test `{name}`{}",
                hint.unwrap_or_default()
            ));
        }
    })
}

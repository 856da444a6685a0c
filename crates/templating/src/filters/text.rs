//! Filters of text and numbers.

use std::rc::Rc;

use crate::coerce::{self, number, truth, utf16_len, utf16_part};
use crate::eval::{Given, Run};
use crate::value::Value;

/// The text that a filter works on: nothing for null, undefined and false.
pub(super) fn wanted(input: &Value) -> Result<Rc<str>, String> {
    match input {
        Value::Undefined | Value::Null | Value::Bool(false) => Ok(Rc::from("")),
        Value::Text(text) | Value::Safe(text) => Ok(Rc::clone(text)),
        other => Err(format!(
            "this works on text, and was given {}",
            other.kind()
        )),
    }
}

/// Text again, safe if the input was.
fn like(input: &Value, text: &str) -> Value {
    match input {
        Value::Safe(_) => Value::Safe(Rc::from(text)),
        _ => Value::text(text),
    }
}

pub(super) fn apply(
    run: &Run<'_>,
    name: &str,
    input: &Value,
    given: &Given,
) -> Result<Value, String> {
    let count = |index: usize, otherwise: usize| -> Result<usize, String> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        match given.get(index) {
            Value::Undefined | Value::Null => Ok(otherwise),
            other => Ok(coerce::whole(number(&other)?).clamp(0.0, 1e9) as usize),
        }
    };
    Ok(match name {
        "abs" => Value::Number(number(input)?.abs()),
        "round" => round(input, given)?,
        "float" => parsed(coerce::parse_float(&coerce::text(input)?), &given.get(0)),
        "int" => int(input, given)?,
        "string" => match input {
            Value::Safe(_) => input.clone(),
            Value::Undefined | Value::Null => {
                return Err(format!("there is no text for {}", input.kind()));
            }
            other => Value::Text(coerce::text(other)?),
        },
        "upper" => Value::text(&wanted(input)?.to_uppercase()),
        "lower" => Value::text(&wanted(input)?.to_lowercase()),
        "capitalize" => like(input, &capitalized(&wanted(input)?)),
        "title" => {
            let words: Vec<String> = wanted(input)?.split(' ').map(capitalized).collect();
            like(input, &words.join(" "))
        }
        "trim" => match input {
            Value::Text(text) | Value::Safe(text) => like(
                input,
                text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'),
            ),
            other => {
                return Err(format!(
                    "this works on text, and was given {}",
                    other.kind()
                ));
            }
        },
        "center" => center(run, input, count(0, 80)?)?,
        "indent" => indent(run, input, count(0, 4)?, truth(&given.get(1)))?,
        "replace" => replace(run, input, given)?,
        "truncate" => truncate(input, given, count(0, 255)?)?,
        "wordcount" => {
            let text = wanted(input)?;
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let words = text
                .split(|c| !word(c))
                .filter(|part| !part.is_empty())
                .count();
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            if words == 0 {
                Value::Null
            } else {
                Value::Number(words as f64)
            }
        }
        other => return Err(format!("there is no filter `{other}`")),
    })
}

fn center(run: &Run<'_>, input: &Value, width: usize) -> Result<Value, String> {
    let text = wanted(input)?;
    let spaces = width.saturating_sub(utf16_len(&text));
    run.budget.room(text.len() + spaces)?;
    // An odd space goes behind.
    let before = spaces / 2;
    Ok(like(
        input,
        &format!(
            "{}{text}{}",
            " ".repeat(before),
            " ".repeat(spaces - before)
        ),
    ))
}

/// Blanks before each line; before the first only where that is wanted.
fn indent(run: &Run<'_>, input: &Value, width: usize, first: bool) -> Result<Value, String> {
    let text = wanted(input)?;
    if text.is_empty() {
        return Ok(Value::text(""));
    }
    let lines = text.matches('\n').count() + 1;
    run.budget
        .room(width.saturating_mul(lines).saturating_add(text.len()))?;
    let space = " ".repeat(width);
    let mut made = String::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            made.push('\n');
        }
        if index > 0 || first {
            made.push_str(&space);
        }
        made.push_str(line);
    }
    Ok(like(input, &made))
}

fn capitalized(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut chars = lower.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn parsed(number: f64, otherwise: &Value) -> Value {
    if number.is_nan() {
        otherwise.clone()
    } else {
        Value::Number(number)
    }
}

/// `int(default, base)`.
fn int(input: &Value, given: &Given) -> Result<Value, String> {
    let named = |name: &str, index: usize| {
        let found = given.named.iter().find(|(known, _)| **known == *name);
        found.map_or_else(|| given.get(index), |(_, value)| value.clone())
    };
    let radix = match named("base", 1) {
        Value::Undefined | Value::Null => 10.0,
        other => number(&other)?,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped"
    )]
    let radix = coerce::whole(radix).clamp(0.0, 99.0) as u32;
    let radix = if radix == 0 { 10 } else { radix };
    Ok(parsed(
        coerce::parse_int(&coerce::text(input)?, radix),
        &named("default", 0),
    ))
}

/// `round(precision, 'ceil' | 'floor' | 'common')`; halves go up.
fn round(input: &Value, given: &Given) -> Result<Value, String> {
    let precision = match given.get(0) {
        Value::Undefined | Value::Null => 0.0,
        other => number(&other)?,
    };
    let method = match given.get(1) {
        Value::Undefined | Value::Null => Rc::from("common"),
        other => coerce::text(&other)?,
    };
    let factor = 10_f64.powf(precision);
    let scaled = number(input)? * factor;
    let rounded = match &*method {
        "ceil" => scaled.ceil(),
        "floor" => scaled.floor(),
        _ => (scaled + 0.5).floor(),
    };
    Ok(Value::Number(rounded / factor))
}

/// `replace(old, new, how often)`; `old` may be a regular expression.
fn replace(run: &Run<'_>, input: &Value, given: &Given) -> Result<Value, String> {
    let (old, new) = (given.get(0), given.get(1));
    if let (Value::Regex(regex), Some(text)) = (&old, input.as_text()) {
        let made = regex.replace(text, &coerce::text(&new)?)?;
        return Ok(Value::text(&made));
    }
    let text = match input {
        Value::Text(text) | Value::Safe(text) => Rc::clone(text),
        Value::Number(_) => coerce::text(input)?,
        other => return Ok(other.clone()),
    };
    let old = match &old {
        Value::Number(_) | Value::Text(_) | Value::Safe(_) => coerce::text(&old)?,
        _ => return Ok(like(input, &text)),
    };
    let new = coerce::text(&new)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped"
    )]
    let most = match given.get(2) {
        Value::Undefined | Value::Null => usize::MAX,
        other => match coerce::whole(number(&other)?) {
            many if many < 0.0 => usize::MAX,
            many => many.min(1e9) as usize,
        },
    };
    // Before and behind each character when nothing is to be replaced.
    let places = if old.is_empty() {
        text.chars().count() + 1
    } else {
        text.matches(&*old).count()
    };
    run.budget
        .room(text.len().saturating_add(places.saturating_mul(new.len())))?;
    run.budget.work(places)?;
    Ok(like(input, &text.replacen(&*old, &new, most)))
}

/// `truncate(length, cut words, end)`.
fn truncate(input: &Value, given: &Given, length: usize) -> Result<Value, String> {
    let text = wanted(input)?;
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.len() <= length {
        return Ok(input.clone());
    }
    let length = if length == 0 && matches!(given.get(0), Value::Number(_)) {
        255
    } else {
        length
    };
    if units.len() <= length {
        return Ok(input.clone());
    }
    let mut cut = length;
    if !truth(&given.get(1)) {
        let space = |unit: &u16| *unit == u16::from(b' ');
        let before = units
            .get(..=length.min(units.len() - 1))
            .unwrap_or_default();
        match before.iter().rposition(space) {
            Some(at) if at > 0 || before.first().is_some_and(space) => cut = at,
            _ => {}
        }
    }
    let end = match given.get(2) {
        Value::Undefined | Value::Null => Rc::from("..."),
        other => coerce::text(&other)?,
    };
    Ok(like(input, &format!("{}{end}", utf16_part(&units, 0, cut))))
}

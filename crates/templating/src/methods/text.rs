//! Methods of text.

use std::rc::Rc;

use super::{arity, count, position};
use crate::coerce::{number, text, utf16_part, whole};
use crate::eval::Run;
use crate::limits::{self, ITEMS};
use crate::regex;
use crate::value::Value;

pub(super) fn call(
    run: &Run<'_>,
    whole_text: &Rc<str>,
    name: &str,
    arguments: &[Value],
) -> Result<Value, String> {
    let (least, most) = match name {
        "toLowerCase" | "toUpperCase" | "trim" | "trimStart" | "trimEnd" => (0, 0),
        "charAt" | "charCodeAt" => (0, 1),
        "endsWith" | "startsWith" | "includes" | "indexOf" | "lastIndexOf" => (1, 2),
        "replace" => (2, 2),
        "concat" => (0, ITEMS),
        _ => (0, 2),
    };
    arity(name, arguments, least, most)?;
    run.budget.work(1 + whole_text.len() / 64)?;
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    match name {
        "toLowerCase" => return Ok(Value::text(&whole_text.to_lowercase())),
        "toUpperCase" => return Ok(Value::text(&whole_text.to_uppercase())),
        "trim" => return Ok(Value::text(whole_text.trim_matches(blank))),
        "trimStart" => return Ok(Value::text(whole_text.trim_start_matches(blank))),
        "trimEnd" => return Ok(Value::text(whole_text.trim_end_matches(blank))),
        "concat" => {
            let mut joined = whole_text.to_string();
            for argument in arguments {
                let part = text(argument)?;
                run.budget.room(joined.len() + part.len())?;
                joined.push_str(&part);
            }
            return Ok(Value::Text(Rc::from(joined)));
        }
        "replace" => return replace_first(whole_text, arguments),
        "split" => return split(whole_text, arguments),
        _ => {}
    }
    let units: Vec<u16> = whole_text.encode_utf16().collect();
    let place = |index: usize, otherwise: f64| -> Result<f64, String> {
        match arguments.get(index) {
            None | Some(Value::Undefined) => Ok(otherwise),
            Some(value) => Ok(whole(number(value)?)),
        }
    };
    Ok(match name {
        "charAt" | "charCodeAt" => {
            let at = place(0, 0.0)?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be within the text"
            )]
            let unit = (0.0..1e15)
                .contains(&at)
                .then(|| units.get(at as usize))
                .flatten();
            match (name, unit) {
                ("charAt", Some(unit)) => Value::Text(utf16_part(&[*unit], 0, 1)),
                ("charAt", None) => Value::text(""),
                (_, Some(unit)) => Value::Number(f64::from(*unit)),
                (_, None) => Value::Number(f64::NAN),
            }
        }
        "slice" => {
            let (from, to) = (
                position(place(0, 0.0)?, units.len()),
                position(place(1, f64::INFINITY)?, units.len()),
            );
            Value::Text(utf16_part(&units, from, to.max(from)))
        }
        "substring" => {
            let cut = |number: f64| position(number.max(0.0), units.len());
            let (a, b) = (cut(place(0, 0.0)?), cut(place(1, f64::INFINITY)?));
            Value::Text(utf16_part(&units, a.min(b), a.max(b)))
        }
        _ => search(
            &units,
            name,
            &text(arguments.first().unwrap_or(&Value::Undefined))?,
            |otherwise| place(1, otherwise),
        )?,
    })
}

/// `includes`, `indexOf`, `lastIndexOf`, `startsWith` and `endsWith`.
fn search(
    units: &[u16],
    name: &str,
    part: &str,
    place: impl Fn(f64) -> Result<f64, String>,
) -> Result<Value, String> {
    let part: Vec<u16> = part.encode_utf16().collect();
    // Each place may be compared to its last letter.
    limits::charge(units.len().saturating_mul(part.len()) / 1024, 0)?;
    let from = |number: f64| position(number.max(0.0), units.len());
    let found = |from: usize| -> Option<usize> {
        (from..=units.len()).find(|at| units.get(*at..).is_some_and(|rest| rest.starts_with(&part)))
    };
    Ok(match name {
        "includes" => Value::Bool(found(from(place(0.0)?)).is_some()),
        "startsWith" => {
            let rest = units.get(from(place(0.0)?)..).unwrap_or_default();
            Value::Bool(rest.starts_with(&part))
        }
        "endsWith" => {
            let start = units.get(..from(place(f64::INFINITY)?)).unwrap_or_default();
            Value::Bool(start.ends_with(&part))
        }
        "indexOf" => found(from(place(0.0)?)).map_or(Value::Number(-1.0), count),
        _ => {
            // What is no number means the end, unlike everywhere else.
            let last = place(f64::INFINITY)?;
            let last = from(last);
            (0..=last)
                .rev()
                .find(|at| units.get(*at..).is_some_and(|rest| rest.starts_with(&part)))
                .map_or(Value::Number(-1.0), count)
        }
    })
}

/// `text.replace(what, with)`: the first place only, unless `what` is a regular
/// expression with `g`.
fn replace_first(whole_text: &str, arguments: &[Value]) -> Result<Value, String> {
    let (Some(what), Some(with)) = (arguments.first(), arguments.get(1)) else {
        return Ok(Value::text(whole_text));
    };
    let with = text(with)?;
    let made = if let Value::Regex(regex) = what {
        regex.replace(whole_text, &with)?
    } else {
        let what = text(what)?;
        let Some((before, after)) = whole_text.split_once(&*what) else {
            return Ok(Value::text(whole_text));
        };
        let longest = regex::longest(&with, &[Some(&what)]);
        limits::charge_room(whole_text.len().saturating_add(longest))?;
        let mut made = before.to_owned();
        regex::expand(&mut made, &with, &[Some(&what)]);
        made.push_str(after);
        made
    };
    Ok(Value::Text(Rc::from(made)))
}

fn split(whole_text: &str, arguments: &[Value]) -> Result<Value, String> {
    let parts: Vec<Value> = match arguments.first() {
        None | Some(Value::Undefined) => vec![Value::text(whole_text)],
        Some(by) => {
            let by = text(by)?;
            let parts = if by.is_empty() {
                whole_text.len()
            } else {
                whole_text.matches(&*by).count() + 1
            };
            limits::charge(parts, 0)?;
            if parts > ITEMS {
                return Err(format!("a list of more than {ITEMS} items"));
            }
            if by.is_empty() {
                let units: Vec<u16> = whole_text.encode_utf16().collect();
                units
                    .chunks(1)
                    .map(|unit| Value::Text(utf16_part(unit, 0, 1)))
                    .collect()
            } else {
                whole_text.split(&*by).map(Value::text).collect()
            }
        }
    };
    let most = match arguments.get(1) {
        None | Some(Value::Undefined) => parts.len(),
        Some(most) => position(number(most)?.max(0.0), parts.len()),
    };
    Ok(Value::list(parts.into_iter().take(most).collect()))
}

//! What stands behind a point: parts of values, and the methods that text,
//! numbers, lists and (for cookiecutter's templates) objects have.

use std::rc::Rc;

use crate::coerce::{self, number, strictly_equal, text, utf16_len, utf16_part, whole};
use crate::eval::Run;
use crate::globals::{CYCLE, TURN};
use crate::limits::ITEMS;
use crate::regex;
use crate::value::{Callable, Value, array_index};

const TEXT: [&str; 17] = [
    "charAt",
    "charCodeAt",
    "concat",
    "endsWith",
    "includes",
    "indexOf",
    "lastIndexOf",
    "replace",
    "slice",
    "split",
    "startsWith",
    "substring",
    "toLowerCase",
    "toUpperCase",
    "trim",
    "trimEnd",
    "trimStart",
];
const NUMBER: [&str; 3] = ["toFixed", "toPrecision", "toString"];
const LIST: [&str; 16] = [
    "at",
    "concat",
    "copyWithin",
    "fill",
    "flat",
    "includes",
    "indexOf",
    "join",
    "lastIndexOf",
    "pop",
    "push",
    "reverse",
    "shift",
    "slice",
    "sort",
    "splice",
];
const UNSHIFT: &str = "unshift";
const PYTHON_LIST: [&str; 6] = ["append", "count", "find", "index", "insert", "remove"];
const PYTHON_RECORD: [&str; 12] = [
    "get",
    "has_key",
    "items",
    "iteritems",
    "iterkeys",
    "itervalues",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// `of.key` or `of[key]`; whatever is not there is undefined.
pub(crate) fn member(of: &Value, key: &Value, python: bool) -> Result<Value, String> {
    let name = match of {
        Value::Undefined | Value::Null | Value::Bool(_) => return Ok(Value::Undefined),
        _ => text(key)?,
    };
    if matches!(&*name, "constructor" | "prototype" | "__proto__") {
        return Err(format!("`{name}` is a reserved name"));
    }
    let method = |names: &[&str]| names.contains(&&*name);
    let known = match of {
        Value::Text(whole) | Value::Safe(whole) => {
            if &*name == "length" {
                return Ok(count(utf16_len(whole)));
            }
            if let Some(index) = array_index(&name) {
                let unit: Vec<u16> = whole.encode_utf16().skip(index as usize).take(1).collect();
                return Ok(match unit.as_slice() {
                    [] => Value::Undefined,
                    unit => Value::Text(utf16_part(unit, 0, 1)),
                });
            }
            method(&TEXT)
        }
        Value::Number(_) => method(&NUMBER),
        Value::List(items) => {
            let items = items.borrow();
            if &*name == "length" {
                return Ok(count(items.len()));
            }
            if let Some(index) = array_index(&name) {
                return Ok(items
                    .get(index as usize)
                    .cloned()
                    .unwrap_or(Value::Undefined));
            }
            method(&LIST) || &*name == UNSHIFT || (python && method(&PYTHON_LIST))
        }
        Value::Record(record) => {
            let record = record.borrow();
            if let Some(value) = record.get(&name) {
                return Ok(value.clone());
            }
            let turns = record.get(CYCLE).is_some() && method(&["next", "reset"]);
            turns || (python && method(&PYTHON_RECORD))
        }
        _ => false,
    };
    Ok(if known {
        Value::Callable(Rc::new(Callable::Method(of.clone(), name)))
    } else {
        Value::Undefined
    })
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
fn count(length: usize) -> Value {
    Value::Number(length as f64)
}

/// A position as JavaScript reads it: negative counts from the end, anything
/// beyond is the end.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to 0..=length first, and lengths are far below 2^53"
)]
fn position(number: f64, length: usize) -> usize {
    let number = whole(number);
    let from_start = if number < 0.0 {
        number + length as f64
    } else {
        number
    };
    from_start.clamp(0.0, length as f64) as usize
}

/// `of[from:to:step]`, as Nunjucks's compatibility with Jinja has it: always a
/// list, also of a text.
#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds are whole and cut to the length of the list"
)]
pub(crate) fn slice(of: &Value, bounds: [Option<f64>; 3]) -> Result<Value, String> {
    let items: Vec<Value> = match of {
        Value::List(items) => items.borrow().clone(),
        Value::Text(whole) | Value::Safe(whole) => {
            let units: Vec<u16> = whole.encode_utf16().collect();
            units
                .chunks(1)
                .map(|unit| Value::Text(utf16_part(unit, 0, 1)))
                .collect()
        }
        _ => Vec::new(),
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |number: Option<f64>| number.map(|number| number.clamp(-1e15, 1e15) as i64);
    let step = bound(bounds[2]).unwrap_or(1);
    if step == 0 {
        return Err("the step of a slice is not 0".to_owned());
    }
    let from_end = |at: i64| if at < 0 { at + length } else { at };
    let start = bound(bounds[0]).map_or(if step < 0 { length - 1 } else { 0 }, from_end);
    let stop = match bound(bounds[1]) {
        Some(stop) => from_end(stop),
        None if step < 0 => -1,
        None => length,
    };
    let mut taken = Vec::new();
    let mut at = start;
    while (0..=length).contains(&at) && ((step > 0 && at < stop) || (step < 0 && at > stop)) {
        let item = usize::try_from(at).ok().and_then(|at| items.get(at));
        taken.push(item.cloned().unwrap_or(Value::Undefined));
        at += step;
    }
    Ok(Value::list(taken))
}

/// Calls a method of `of`.
pub(crate) fn call(
    run: &Run<'_>,
    of: &Value,
    name: &str,
    arguments: &[Value],
) -> Result<Value, String> {
    match of {
        Value::Text(whole) | Value::Safe(whole) => text_method(run, whole, name, arguments),
        Value::Number(number) => number_method(*number, name, arguments),
        Value::List(_) if PYTHON_LIST.contains(&name) => python_list(of, name, arguments),
        Value::List(_) => list_method(run, of, name, arguments),
        Value::Record(_) => record_method(of, name, arguments),
        other => Err(format!("{} has no method `{name}`", other.kind())),
    }
}

/// That the count of arguments is right.
fn arity(name: &str, arguments: &[Value], least: usize, most: usize) -> Result<(), String> {
    if (least..=most).contains(&arguments.len()) {
        return Ok(());
    }
    let wanted = if least == most {
        least.to_string()
    } else {
        format!("{least} to {most}")
    };
    Err(format!(
        "`{name}` takes {wanted} arguments, not {}",
        arguments.len()
    ))
}

fn text_method(
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
                joined.push_str(&text(argument)?);
            }
            run.budget.output(joined.len())?;
            return Ok(Value::Text(Rc::from(joined)));
        }
        "replace" => return replace_first(run, whole_text, arguments),
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
fn replace_first(run: &Run<'_>, whole_text: &str, arguments: &[Value]) -> Result<Value, String> {
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
        let mut made = before.to_owned();
        regex::expand(&mut made, &with, &[Some(&what)]);
        made.push_str(after);
        made
    };
    run.budget.output(made.len())?;
    Ok(Value::Text(Rc::from(made)))
}

fn split(whole_text: &str, arguments: &[Value]) -> Result<Value, String> {
    let parts: Vec<Value> = match arguments.first() {
        None | Some(Value::Undefined) => vec![Value::text(whole_text)],
        Some(by) => {
            let by = text(by)?;
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

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "digits are checked to be between 0 and 100"
)]
fn number_method(value: f64, name: &str, arguments: &[Value]) -> Result<Value, String> {
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

/// That `item` may be put into `list`: nothing holds itself.
fn storable(list: &Value, items: &[Value]) -> Result<(), String> {
    for item in items {
        if matches!(item, Value::Callable(_)) {
            return Err("a function cannot be kept in a list".to_owned());
        }
        if item.holds(list) {
            return Err("a list cannot hold itself".to_owned());
        }
    }
    Ok(())
}

fn list_method(
    run: &Run<'_>,
    list: &Value,
    name: &str,
    arguments: &[Value],
) -> Result<Value, String> {
    let Value::List(items) = list else {
        return Ok(Value::Undefined);
    };
    let (least, most) = match name {
        "at" => (1, 1),
        "includes" | "indexOf" | "lastIndexOf" => (1, 2),
        "fill" | "copyWithin" => (1, 3),
        "join" | "flat" => (0, 1),
        "pop" | "shift" | "reverse" | "sort" => (0, 0),
        "slice" => (0, 2),
        _ => (0, ITEMS),
    };
    arity(name, arguments, least, most)?;
    let length = items.borrow().len();
    run.budget.work(1 + length / 8)?;
    if length + arguments.len() > ITEMS {
        return Err(format!("a list of more than {ITEMS} items"));
    }
    let place = |index: usize, otherwise: f64| -> Result<usize, String> {
        Ok(match arguments.get(index) {
            None | Some(Value::Undefined) => position(otherwise, length),
            Some(value) => position(number(value)?, length),
        })
    };
    Ok(match name {
        "at" => {
            let at = whole(number(arguments.first().unwrap_or(&Value::Undefined))?);
            let inside =
                at.abs() <= 1e15 && (at >= 0.0 || position(at, length) > 0 || -at == length as f64);
            let found = inside
                .then(|| items.borrow().get(position_at(at, length)).cloned())
                .flatten();
            found.unwrap_or(Value::Undefined)
        }
        "concat" => {
            let mut made = items.borrow().clone();
            for argument in arguments {
                match argument {
                    Value::List(more) => made.extend(more.borrow().iter().cloned()),
                    other => made.push(other.clone()),
                }
            }
            run.budget.work(made.len())?;
            Value::list(made)
        }
        "push" | "unshift" => {
            storable(list, arguments)?;
            let at = if name == "push" { length } else { 0 };
            items.borrow_mut().splice(at..at, arguments.iter().cloned());
            count(items.borrow().len())
        }
        "pop" => items.borrow_mut().pop().unwrap_or(Value::Undefined),
        "shift" if length == 0 => Value::Undefined,
        "shift" => items.borrow_mut().remove(0),
        "reverse" => {
            items.borrow_mut().reverse();
            list.clone()
        }
        "sort" => {
            let mut keyed: Vec<(Rc<str>, Value)> = items
                .borrow()
                .iter()
                .map(|item| Ok((text(item)?, item.clone())))
                .collect::<Result<_, String>>()?;
            keyed.sort_by(|(a, _), (b, _)| coerce::utf16_order(a, b));
            *items.borrow_mut() = keyed.into_iter().map(|(_, item)| item).collect();
            list.clone()
        }
        "slice" => {
            let (from, to) = (place(0, 0.0)?, place(1, f64::INFINITY)?);
            let taken = items
                .borrow()
                .get(from..to.max(from))
                .map(<[Value]>::to_vec);
            Value::list(taken.unwrap_or_default())
        }
        "splice" => {
            if arguments.is_empty() {
                return Ok(Value::list(Vec::new()));
            }
            let from = place(0, 0.0)?;
            let gone = match arguments.get(1) {
                None => length - from,
                Some(gone) => position(number(gone)?.max(0.0), length - from),
            };
            let new = arguments.get(2..).unwrap_or_default();
            storable(list, new)?;
            let removed = items
                .borrow_mut()
                .splice(from..from + gone, new.iter().cloned())
                .collect();
            Value::list(removed)
        }
        "fill" => {
            let value = arguments.first().cloned().unwrap_or(Value::Undefined);
            storable(list, std::slice::from_ref(&value))?;
            let (from, to) = (place(1, 0.0)?, place(2, f64::INFINITY)?);
            items
                .borrow_mut()
                .iter_mut()
                .take(to)
                .skip(from)
                .for_each(|slot| *slot = value.clone());
            list.clone()
        }
        "copyWithin" => {
            let (to, from, end) = (place(0, 0.0)?, place(1, 0.0)?, place(2, f64::INFINITY)?);
            let copied = items
                .borrow()
                .get(from..end.max(from))
                .map(<[Value]>::to_vec)
                .unwrap_or_default();
            for (slot, value) in items.borrow_mut().iter_mut().skip(to).zip(copied) {
                *slot = value;
            }
            list.clone()
        }
        "flat" => {
            let depth = match arguments.first() {
                None | Some(Value::Undefined) => 1.0,
                Some(depth) => whole(number(depth)?),
            };
            let mut made = Vec::new();
            flatten(&items.borrow(), depth, &mut made);
            Value::list(made)
        }
        "join" => {
            let between = match arguments.first() {
                None | Some(Value::Undefined) => Rc::from(","),
                Some(between) => text(between)?,
            };
            let parts: Vec<Rc<str>> = items
                .borrow()
                .iter()
                .map(coerce::output)
                .collect::<Result<_, _>>()?;
            let joined = parts.join(&*between);
            run.budget.output(joined.len())?;
            Value::Text(Rc::from(joined))
        }
        _ => list_search(&items.borrow(), name, arguments)?,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "called for indices whose size is below 10^15 only"
)]
fn position_at(at: f64, length: usize) -> usize {
    let at = if at < 0.0 { at + length as f64 } else { at };
    at.max(0.0) as usize
}

fn flatten(items: &[Value], depth: f64, made: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::List(inner) if depth >= 1.0 => flatten(&inner.borrow(), depth - 1.0, made),
            other => made.push(other.clone()),
        }
    }
}

fn list_search(items: &[Value], name: &str, arguments: &[Value]) -> Result<Value, String> {
    let wanted = arguments.first().cloned().unwrap_or(Value::Undefined);
    let from = match arguments.get(1) {
        None | Some(Value::Undefined) => None,
        Some(from) => Some(whole(number(from)?)),
    };
    let same = |item: &Value| {
        let both_nan = |a: &Value, b: &Value| matches!((a, b), (Value::Number(a), Value::Number(b)) if a.is_nan() && b.is_nan());
        strictly_equal(item, &wanted) || (name == "includes" && both_nan(item, &wanted))
    };
    if name == "lastIndexOf" {
        let end = match from {
            None => items.len(),
            Some(from) if from < 0.0 => {
                position(from, items.len())
                    + usize::from(position(from, items.len()) > 0 || -from == items.len() as f64)
            }
            Some(from) => position(from + 1.0, items.len()),
        };
        let found = items.get(..end).unwrap_or_default().iter().rposition(same);
        return Ok(found.map_or(Value::Number(-1.0), count));
    }
    let from = position(from.unwrap_or_default(), items.len());
    let found = items
        .iter()
        .enumerate()
        .skip(from)
        .find(|(_, item)| same(item))
        .map(|(index, _)| index);
    Ok(if name == "includes" {
        Value::Bool(found.is_some())
    } else {
        found.map_or(Value::Number(-1.0), count)
    })
}

/// Python's methods of lists, for cookiecutter's templates.
fn python_list(list: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let Value::List(items) = list else {
        return Ok(Value::Undefined);
    };
    let first = arguments.first().cloned().unwrap_or(Value::Undefined);
    let place = items
        .borrow()
        .iter()
        .position(|item| strictly_equal(item, &first));
    Ok(match name {
        "append" => {
            storable(list, std::slice::from_ref(&first))?;
            items.borrow_mut().push(first);
            count(items.borrow().len())
        }
        "count" => count(
            items
                .borrow()
                .iter()
                .filter(|item| strictly_equal(item, &first))
                .count(),
        ),
        "insert" => {
            let value = arguments.get(1).cloned().unwrap_or(Value::Undefined);
            storable(list, std::slice::from_ref(&value))?;
            let at = position(number(&first)?, items.borrow().len());
            items.borrow_mut().insert(at, value);
            Value::Undefined
        }
        "find" => place.map_or(Value::Number(-1.0), count),
        _ => {
            let at = place.ok_or("the list does not hold this value")?;
            if name == "remove" {
                items.borrow_mut().remove(at);
                return Ok(Value::Undefined);
            }
            count(at)
        }
    })
}

/// Python's methods of objects, for cookiecutter's templates; and the turns of
/// a cycler.
fn record_method(record: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let Value::Record(fields) = record else {
        return Ok(Value::Undefined);
    };
    if fields.borrow().get(CYCLE).is_some() {
        return cycle(record, name);
    }
    let key = text(arguments.first().unwrap_or(&Value::Undefined))?;
    let second = arguments.get(1).cloned().unwrap_or(Value::Undefined);
    let found = fields.borrow().get(&key).cloned();
    let entries = fields.borrow().entries();
    Ok(match name {
        "items" | "iteritems" => Value::list(
            entries
                .into_iter()
                .map(|(key, value)| Value::list(vec![Value::Text(key), value]))
                .collect(),
        ),
        "keys" | "iterkeys" => Value::list(
            entries
                .into_iter()
                .map(|(key, _)| Value::Text(key))
                .collect(),
        ),
        "values" | "itervalues" => {
            Value::list(entries.into_iter().map(|(_, value)| value).collect())
        }
        "get" => found.unwrap_or(second),
        "has_key" => Value::Bool(found.is_some()),
        "pop" => match fields.borrow_mut().remove(&key) {
            Some(value) => value,
            None if arguments.len() > 1 => second,
            None => return Err(format!("there is no `{key}` to take out")),
        },
        "popitem" => {
            let (key, value) = entries.into_iter().next().ok_or("the object is empty")?;
            fields.borrow_mut().remove(&key);
            Value::list(vec![Value::Text(key), value])
        }
        "setdefault" => match found {
            Some(value) => value,
            None => {
                storable(record, std::slice::from_ref(&second))?;
                fields.borrow_mut().set(key, second.clone());
                second
            }
        },
        _ => {
            let Some(Value::Record(more)) = arguments.first() else {
                return Err("`update` takes an object".to_owned());
            };
            let more = more.borrow().entries();
            for (key, value) in more {
                storable(record, std::slice::from_ref(&value))?;
                fields.borrow_mut().set(key, value);
            }
            Value::Null
        }
    })
}

/// `cycler(…).next()` and `.reset()`.
fn cycle(cycler: &Value, name: &str) -> Result<Value, String> {
    let Value::Record(fields) = cycler else {
        return Ok(Value::Undefined);
    };
    let mut fields = fields.borrow_mut();
    let values = match fields.get(CYCLE) {
        Some(Value::List(values)) => values.borrow().clone(),
        _ => Vec::new(),
    };
    let (turn, current) = if name == "reset" {
        (-1.0, Value::Null)
    } else {
        let turn = fields.get(TURN).map(number).transpose()?.unwrap_or(-1.0) + 1.0;
        let turn = position_at(turn, values.len()) % values.len().max(1);
        let current = values.get(turn).cloned().unwrap_or(Value::Undefined);
        let Value::Number(turn) = count(turn) else {
            return Ok(current);
        };
        (turn, current)
    };
    fields.set(Rc::from(TURN), Value::Number(turn));
    fields.set(Rc::from("current"), current.clone());
    Ok(if name == "reset" {
        Value::Undefined
    } else {
        current
    })
}

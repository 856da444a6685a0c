//! What stands behind a point: parts of values, and the methods that text,
//! numbers, lists and (for cookiecutter's templates) objects have.

mod list;
mod number;
mod python;
mod text;

use std::rc::Rc;

use crate::coerce::{self, utf16_len, utf16_part, whole};
use crate::eval::Run;
use crate::filters;
use crate::globals::CYCLE;
use crate::limits::{self, ITEMS};
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
        _ => coerce::text(key)?,
    };
    if matches!(&*name, "constructor" | "prototype" | "__proto__") {
        return Err(format!("`{name}` is a reserved name"));
    }
    let method = |names: &[&str]| names.contains(&&*name);
    let known = match of {
        Value::Text(whole) | Value::Safe(whole) => {
            limits::charge_scan(whole.len())?;
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
        Value::List(items) => {
            limits::charge(items.borrow().len(), 0)?;
            items.borrow().to_vec()
        }
        Value::Text(whole) | Value::Safe(whole) => {
            limits::charge(whole.len(), 0)?;
            if whole.len() > ITEMS {
                return Err(format!("a list of more than {ITEMS} items"));
            }
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

/// Calls a method of `of`. A text that it makes counts.
pub(crate) fn call(
    run: &Run<'_>,
    of: &Value,
    name: &str,
    arguments: &[Value],
) -> Result<Value, String> {
    let made = called(run, of, name, arguments)?;
    run.budget.output(filters::made_of(of.as_text(), &made))?;
    Ok(made)
}

fn called(run: &Run<'_>, of: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    match of {
        Value::Text(whole) | Value::Safe(whole) => text::call(run, whole, name, arguments),
        Value::Number(number) => number::call(*number, name, arguments),
        Value::List(_) if PYTHON_LIST.contains(&name) => python::list(of, name, arguments),
        Value::List(_) => list::call(run, of, name, arguments),
        Value::Record(_) => python::record(of, name, arguments),
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

/// That a value may be kept in a list or an object. A function may hold the
/// names that it sees, and these the list.
pub(crate) fn keepable(value: &Value) -> Result<(), String> {
    if matches!(value, Value::Callable(_)) {
        return Err("a function cannot be kept in a list or an object".to_owned());
    }
    Ok(())
}

/// That `item` may be put into `list`: nothing holds itself.
fn storable(list: &Value, items: &[Value]) -> Result<(), String> {
    for item in items {
        keepable(item)?;
        if item.holds(list)? {
            return Err("a list cannot hold itself".to_owned());
        }
    }
    Ok(())
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

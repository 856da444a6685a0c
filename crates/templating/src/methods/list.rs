//! Methods of lists.

use std::cell::RefCell;
use std::rc::Rc;

use super::{arity, count, position, position_at, storable};
use crate::coerce::{self, number, strictly_equal, text, whole};
use crate::eval::Run;
use crate::limits::{self, ITEMS};
use crate::value::{Items, Value};

pub(super) fn call(
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
    match name {
        "push" | "unshift" | "pop" | "shift" | "reverse" | "sort" | "splice" | "fill"
        | "copyWithin" => changing(list, items, name, arguments),
        _ => reading(run, items, name, arguments),
    }
}

/// The position that an argument says.
fn place(
    arguments: &[Value],
    index: usize,
    otherwise: f64,
    length: usize,
) -> Result<usize, String> {
    Ok(match arguments.get(index) {
        None | Some(Value::Undefined) => position(otherwise, length),
        Some(value) => position(number(value)?, length),
    })
}

/// Methods that leave the list as it is.
fn reading(
    run: &Run<'_>,
    items: &RefCell<Items>,
    name: &str,
    arguments: &[Value],
) -> Result<Value, String> {
    let length = items.borrow().len();
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
            let more = arguments.iter().map(|argument| match argument {
                Value::List(more) => more.borrow().len(),
                _ => 1,
            });
            let whole = more.fold(length, usize::saturating_add);
            run.budget.work(whole)?;
            if whole > ITEMS {
                return Err(format!("a list of more than {ITEMS} items"));
            }
            let mut made = items.borrow().to_vec();
            for argument in arguments {
                super::keepable(argument)?;
                match argument {
                    Value::List(more) => made.extend(more.borrow().iter().cloned()),
                    other => made.push(other.clone()),
                }
            }
            Value::list(made)
        }
        "slice" => {
            let (from, to) = (
                place(arguments, 0, 0.0, length)?,
                place(arguments, 1, f64::INFINITY, length)?,
            );
            let taken = items
                .borrow()
                .get(from..to.max(from))
                .map(<[Value]>::to_vec);
            Value::list(taken.unwrap_or_default())
        }
        "flat" => {
            let depth = match arguments.first() {
                None | Some(Value::Undefined) => 1.0,
                Some(depth) => whole(number(depth)?),
            };
            let mut made = Vec::new();
            flatten(&items.borrow(), depth.min(1e3), &mut made)?;
            Value::list(made)
        }
        "join" => {
            let between = match arguments.first() {
                None | Some(Value::Undefined) => Rc::from(","),
                Some(between) => text(between)?,
            };
            let mut joined = String::new();
            for (index, item) in items.borrow().iter().enumerate() {
                let part = coerce::output(item)?;
                let between = if index > 0 { &*between } else { "" };
                run.budget.room(joined.len() + between.len() + part.len())?;
                joined.push_str(between);
                joined.push_str(&part);
            }
            Value::Text(Rc::from(joined))
        }
        _ => list_search(&items.borrow(), name, arguments)?,
    })
}

/// Methods that change the list.
fn changing(
    list: &Value,
    items: &RefCell<Items>,
    name: &str,
    arguments: &[Value],
) -> Result<Value, String> {
    let length = items.borrow().len();
    Ok(match name {
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
            **items.borrow_mut() = keyed.into_iter().map(|(_, item)| item).collect();
            list.clone()
        }
        "splice" => {
            if arguments.is_empty() {
                return Ok(Value::list(Vec::new()));
            }
            let from = place(arguments, 0, 0.0, length)?;
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
            let (from, to) = (
                place(arguments, 1, 0.0, length)?,
                place(arguments, 2, f64::INFINITY, length)?,
            );
            items
                .borrow_mut()
                .iter_mut()
                .take(to)
                .skip(from)
                .for_each(|slot| *slot = value.clone());
            list.clone()
        }
        "copyWithin" => {
            let (to, from, end) = (
                place(arguments, 0, 0.0, length)?,
                place(arguments, 1, 0.0, length)?,
                place(arguments, 2, f64::INFINITY, length)?,
            );
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
        other => return Err(format!("a list has no method `{other}`")),
    })
}

fn flatten(items: &[Value], depth: f64, made: &mut Vec<Value>) -> Result<(), String> {
    for item in items {
        limits::charge(1, 0)?;
        match item {
            Value::List(inner) if depth >= 1.0 => {
                limits::with_stack(|| flatten(&inner.borrow(), depth - 1.0, made))?;
            }
            other => made.push(other.clone()),
        }
    }
    if made.len() > ITEMS {
        return Err(format!("a list of more than {ITEMS} items"));
    }
    Ok(())
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

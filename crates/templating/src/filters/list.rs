//! Filters of lists and objects.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::coerce::{self, loosely_equal, number, text, truth, utf16_len, utf16_part};
use crate::eval::{Given, Run};
use crate::limits::{self, ITEMS};
use crate::value::{Record, Value};
use crate::{checks, methods};

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
fn count(length: usize) -> Value {
    Value::Number(length as f64)
}

/// The characters of a text, each a value.
fn characters(whole: &str) -> Vec<Value> {
    let units: Vec<u16> = whole.encode_utf16().collect();
    units
        .chunks(1)
        .map(|unit| Value::Text(utf16_part(unit, 0, 1)))
        .collect()
}

/// The items of a list or a text.
fn items(input: &Value) -> Result<Vec<Value>, String> {
    match input {
        Value::List(items) => Ok(items.borrow().to_vec()),
        Value::Text(whole) | Value::Safe(whole) => {
            limits::charge(whole.len(), 0)?;
            if whole.len() > ITEMS {
                return Err(format!("a list of more than {ITEMS} items"));
            }
            Ok(characters(whole))
        }
        other => Err(format!(
            "this works on a list, and was given {}",
            other.kind()
        )),
    }
}

/// `a.b` of a value.
fn attribute(of: &Value, path: &str) -> Result<Value, String> {
    path.split('.').try_fold(of.clone(), |value, key| {
        methods::member(&value, &Value::text(key), false)
    })
}

fn named_attribute(given: &Given, index: usize) -> Result<Option<Rc<str>>, String> {
    match given.get(index) {
        Value::Undefined | Value::Null => Ok(None),
        other => text(&other).map(Some),
    }
}

pub(super) fn apply(
    run: &Run<'_>,
    name: &str,
    input: &Value,
    given: &Given,
) -> Result<Value, String> {
    if let Value::List(items) = input {
        run.budget.work(items.borrow().len())?;
    }
    Ok(match name {
        "length" => match input {
            Value::Undefined | Value::Null | Value::Bool(false) => Value::Number(0.0),
            Value::List(items) => count(items.borrow().len()),
            Value::Record(record) => count(record.borrow().len()),
            Value::Text(whole) | Value::Safe(whole) => count(utf16_len(whole)),
            _ => Value::Undefined,
        },
        "first" | "last" => match input {
            Value::List(items) => {
                let items = items.borrow();
                let found = if name == "first" {
                    items.first()
                } else {
                    items.last()
                };
                found.cloned().unwrap_or(Value::Undefined)
            }
            Value::Text(whole) | Value::Safe(whole) => {
                let mut units = [0; 2];
                let end = if name == "first" {
                    whole.chars().next()
                } else {
                    whole.chars().next_back()
                };
                let units = end.map(|end| &*end.encode_utf16(&mut units));
                let unit = units.and_then(|units| match name {
                    "first" => units.first(),
                    _ => units.last(),
                });
                unit.map_or(Value::Undefined, |unit| {
                    Value::Text(utf16_part(&[*unit], 0, 1))
                })
            }
            Value::Undefined | Value::Null => items(input).map(|_| Value::Undefined)?,
            _ => Value::Undefined,
        },
        "list" => match input {
            Value::Record(record) => Value::list(
                record
                    .borrow()
                    .entries()
                    .into_iter()
                    .map(|(key, value)| {
                        Value::record([
                            (Rc::from("key"), Value::Text(key)),
                            (Rc::from("value"), value),
                        ])
                    })
                    .collect(),
            ),
            Value::List(_) => input.clone(),
            _ => Value::list(items(input)?),
        },
        "reverse" => match input {
            Value::Text(whole) | Value::Safe(whole) => {
                let mut units: Vec<u16> = whole.encode_utf16().collect();
                units.reverse();
                Value::Text(utf16_part(&units, 0, units.len()))
            }
            Value::List(items) => {
                let mut items = items.borrow().to_vec();
                items.reverse();
                Value::list(items)
            }
            _ => Value::list(Vec::new()),
        },
        "join" => join(run, input, given)?,
        "batch" => batch(input, given)?,
        "slice" => slices(input, given)?,
        "sum" => sum(input, given)?,
        "select" | "reject" => chosen(input, given, name == "select")?,
        "selectattr" | "rejectattr" => chosen_by_attribute(input, given, name == "selectattr")?,
        "groupby" => groupby(input, given)?,
        "dictsort" => dictsort(input, given)?,
        "sort" => sort(input, given)?,
        _ => picked(input)?,
    })
}

fn sum(input: &Value, given: &Given) -> Result<Value, String> {
    let path = named_attribute(given, 0)?;
    let start = match given.get(1) {
        Value::Undefined => Value::Number(0.0),
        other => other,
    };
    // Twice a zero: text in the list is joined behind both.
    let zero = Value::Number(0.0);
    let sum = items(input)?.iter().try_fold(zero, |sum, item| {
        let item = match &path {
            Some(path) => attribute(item, path)?,
            None => item.clone(),
        };
        coerce::add(&sum, &item)
    })?;
    coerce::add(&start, &sum)
}

/// The items that a test holds for, or does not.
fn chosen(input: &Value, given: &Given, wanted: bool) -> Result<Value, String> {
    let test = match given.get(0) {
        Value::Undefined => Rc::from("truthy"),
        other => text(&other)?,
    };
    let rest = Given {
        plain: given.plain.iter().skip(1).cloned().collect(),
        named: Vec::new(),
    };
    let mut kept = Vec::new();
    for item in items(input)? {
        if checks::holds(&test, &item, &rest)? == wanted {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

/// The items whose attribute counts as true, or does not.
fn chosen_by_attribute(input: &Value, given: &Given, wanted: bool) -> Result<Value, String> {
    let path = text(&given.get(0))?;
    let mut kept = Vec::new();
    for item in items(input)? {
        if truth(&attribute(&item, &path)?) == wanted {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

/// `random`: the same inputs give the same output, so the choice depends on the
/// items alone.
fn picked(input: &Value) -> Result<Value, String> {
    let items = items(input)?;
    let seed = items.iter().try_fold(0_usize, |seed, item| {
        text(item).map(|text| {
            text.bytes().fold(seed, |seed, byte| {
                seed.wrapping_mul(31).wrapping_add(usize::from(byte))
            })
        })
    })?;
    let chosen = seed.checked_rem(items.len()).and_then(|at| items.get(at));
    Ok(chosen.cloned().unwrap_or(Value::Undefined))
}

fn join(run: &Run<'_>, input: &Value, given: &Given) -> Result<Value, String> {
    let Value::List(items) = input else {
        return Err(format!(
            "this works on a list, and was given {}",
            input.kind()
        ));
    };
    let between = match given.get(0) {
        Value::Undefined | Value::Null => Rc::from(""),
        other => text(&other)?,
    };
    let path = named_attribute(given, 1)?;
    let mut joined = String::new();
    for (index, item) in items.borrow().iter().enumerate() {
        let item = match &path {
            Some(path) => attribute(item, path)?,
            None => item.clone(),
        };
        let part = coerce::output(&item)?;
        let between = if index > 0 { &*between } else { "" };
        run.budget.room(joined.len() + between.len() + part.len())?;
        joined.push_str(between);
        joined.push_str(&part);
    }
    Ok(Value::Text(Rc::from(joined)))
}

/// A number of at least one from an argument.
fn size(value: &Value, what: &str) -> Result<usize, String> {
    let number = coerce::whole(number(value)?);
    if !(1.0..=1e9).contains(&number) {
        return Err(format!("{what} is a number of at least 1"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within 1 and 10^9"
    )]
    Ok(number as usize)
}

/// `batch(how many, fill)`: lists of so many items.
fn batch(input: &Value, given: &Given) -> Result<Value, String> {
    let size = size(&given.get(0), "the size of a batch")?;
    let fill = given.get(1);
    methods::keepable(&fill)?;
    let mut made = Vec::new();
    for chunk in items(input)?.chunks(size) {
        let mut chunk = chunk.to_vec();
        if truth(&fill) {
            if size > ITEMS {
                return Err(format!("a list of more than {ITEMS} items"));
            }
            limits::charge(size, 0)?;
            chunk.resize(size, fill.clone());
        }
        made.push(Value::list(chunk));
    }
    Ok(Value::list(made))
}

/// `slice(how many lists, fill)`: the first lists get one more item.
fn slices(input: &Value, given: &Given) -> Result<Value, String> {
    let slices = size(&given.get(0), "the number of slices")?;
    if slices > ITEMS {
        return Err(format!("a list of more than {ITEMS} items"));
    }
    let fill = given.get(1);
    methods::keepable(&fill)?;
    limits::charge(slices, 0)?;
    if let Value::Text(whole) | Value::Safe(whole) = input {
        let units: Vec<u16> = whole.encode_utf16().collect();
        let parts = cuts(units.len(), slices);
        return Ok(Value::list(
            parts
                .map(|(from, to)| Value::Text(utf16_part(&units, from, to)))
                .collect(),
        ));
    }
    let items = items(input)?;
    let extra = items.len() % slices;
    let lists = cuts(items.len(), slices)
        .enumerate()
        .map(|(index, (from, to))| {
            let mut list = items.get(from..to).unwrap_or_default().to_vec();
            if truth(&fill) && index >= extra {
                list.push(fill.clone());
            }
            Value::list(list)
        })
        .collect();
    Ok(Value::list(lists))
}

fn cuts(length: usize, slices: usize) -> impl Iterator<Item = (usize, usize)> {
    let (each, extra) = (length / slices, length % slices);
    (0..slices).scan(0, move |from, index| {
        let start = *from;
        *from += each + usize::from(index < extra);
        Some((start, *from))
    })
}

fn groupby(input: &Value, given: &Given) -> Result<Value, String> {
    let path = text(&given.get(0))?;
    let mut groups = Record::default();
    for item in items(input)? {
        let key = text(&attribute(&item, &path)?)?;
        match groups.get(&key) {
            Some(Value::List(group)) => group.borrow_mut().push(item),
            _ => groups.set(key, Value::list(vec![item])),
        }
    }
    Ok(Value::record(groups.entries()))
}

/// How filters compare: text without regard to case, unless that is wanted.
fn ordered(left: &Value, right: &Value, case: bool) -> Result<Ordering, String> {
    let folded = |value: &Value| match value.as_text() {
        Some(text) if !case => Value::text(&text.to_lowercase()),
        _ => value.clone(),
    };
    let (left, right) = (folded(left), folded(right));
    if loosely_equal(&left, &right)? {
        return Ok(Ordering::Equal);
    }
    Ok(coerce::compare(&left, &right)?.unwrap_or(Ordering::Equal))
}

/// A stable merge sort. The standard library's may panic when an order
/// contradicts itself, as JavaScript's does for numbers among text; this one
/// then gives some order, and hands errors on.
fn sorted<T: Clone>(
    list: &[T],
    compare: &dyn Fn(&T, &T) -> Result<Ordering, String>,
) -> Result<Vec<T>, String> {
    if list.len() <= 32 {
        return inserted(list, compare);
    }
    let (left, right) = list.split_at(list.len() / 2);
    let (left, right) = (sorted(left, compare)?, sorted(right, compare)?);
    let mut made = Vec::with_capacity(list.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(a, b)? == Ordering::Greater {
            right.next()
        } else {
            left.next()
        };
        made.extend(next);
    }
    made.extend(left);
    made.extend(right);
    Ok(made)
}

/// Binary insertion, as JavaScript engines sort short lists: where the order
/// contradicts itself, the outcome is theirs too.
fn inserted<T: Clone>(
    list: &[T],
    compare: &dyn Fn(&T, &T) -> Result<Ordering, String>,
) -> Result<Vec<T>, String> {
    let mut made: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        let (mut from, mut to) = (0, made.len());
        while from < to {
            let middle = from + (to - from) / 2;
            let Some(other) = made.get(middle) else { break };
            if compare(item, other)? == Ordering::Less {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        made.insert(from, item.clone());
    }
    Ok(made)
}

/// `dictsort(case matters, 'key' | 'value')`: pairs in order.
fn dictsort(input: &Value, given: &Given) -> Result<Value, String> {
    let Value::Record(record) = input else {
        return Err(format!(
            "this works on an object, and was given {}",
            input.kind()
        ));
    };
    let case = truth(&given.get(0));
    let by_value = match given.get(1) {
        Value::Undefined | Value::Null => false,
        other => match &*text(&other)? {
            "key" => false,
            "value" => true,
            other => return Err(format!("sorts by `key` or `value`, not by `{other}`")),
        },
    };
    let entries = sorted(&record.borrow().entries(), &|a, b| {
        if by_value {
            ordered(&a.1, &b.1, case)
        } else {
            ordered(
                &Value::Text(Rc::clone(&a.0)),
                &Value::Text(Rc::clone(&b.0)),
                case,
            )
        }
    })?;
    Ok(Value::list(
        entries
            .into_iter()
            .map(|(key, value)| Value::list(vec![Value::Text(key), value]))
            .collect(),
    ))
}

/// `sort(reversed, case matters, attribute)`, also by name.
fn sort(input: &Value, given: &Given) -> Result<Value, String> {
    let argument = |name: &str, index: usize| {
        let found = given.named.iter().find(|(known, _)| **known == *name);
        found.map_or_else(|| given.get(index), |(_, value)| value.clone())
    };
    let reversed = truth(&argument("reverse", 0));
    let case = truth(&argument("case_sensitive", 1));
    let path = match argument("attribute", 2) {
        Value::Undefined | Value::Null => None,
        other => Some(text(&other)?),
    };
    let items = match input {
        Value::List(_) | Value::Text(_) | Value::Safe(_) => items(input)?,
        _ => Vec::new(),
    };
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let key = match &path {
            Some(path) => attribute(&item, path)?,
            None => item.clone(),
        };
        keyed.push((key, item));
    }
    let made = sorted(&keyed, &|a, b| {
        let order = ordered(&a.0, &b.0, case)?;
        Ok(if reversed { order.reverse() } else { order })
    })?;
    Ok(Value::list(
        made.into_iter().map(|(_, item)| item).collect(),
    ))
}

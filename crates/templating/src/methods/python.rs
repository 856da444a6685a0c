//! Python's methods of lists and objects, which cookiecutter's templates use;
//! and the turns of a cycler.

use std::rc::Rc;

use super::{count, position, position_at, storable};
use crate::coerce::{number, strictly_equal, text};
use crate::globals::{CYCLE, TURN};
use crate::limits::{self, ITEMS};
use crate::value::Value;

/// Python's methods of lists, for cookiecutter's templates.
pub(super) fn list(list: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let Value::List(items) = list else {
        return Ok(Value::Undefined);
    };
    let first = arguments.first().cloned().unwrap_or(Value::Undefined);
    limits::charge(1 + items.borrow().len() / 8, 0)?;
    let place = items
        .borrow()
        .iter()
        .position(|item| strictly_equal(item, &first));
    Ok(match name {
        "append" | "insert" if items.borrow().len() >= ITEMS => {
            return Err(format!("a list of more than {ITEMS} items"));
        }
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
pub(super) fn record(record: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let Value::Record(fields) = record else {
        return Ok(Value::Undefined);
    };
    if fields.borrow().get(CYCLE).is_some() {
        return cycle(record, name);
    }
    limits::charge(1 + fields.borrow().len(), 0)?;
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
        Some(Value::List(values)) => values.borrow().to_vec(),
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

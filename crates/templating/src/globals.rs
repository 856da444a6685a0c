//! Functions that every text may call.

use std::cell::RefCell;
use std::rc::Rc;

use crate::Engine;
use crate::coerce;
use crate::eval::Run;
use crate::limits::ITEMS;
use crate::methods;
use crate::value::{Callable, Value};

const OWN: [&str; 3] = ["cycler", "joiner", "range"];

/// The function with this name.
pub(crate) fn named(engine: &Engine, name: &str) -> Option<Value> {
    let callable = match engine.globals.get(name) {
        Some(run) => Callable::Registered(run.clone()),
        None => Callable::Global(OWN.iter().find(|own| **own == name)?),
    };
    Some(Value::Callable(Rc::new(callable)))
}

/// Calls one of the language's own functions.
pub(crate) fn call(run: &Run<'_>, name: &str, arguments: &[Value]) -> Result<Value, String> {
    match name {
        "range" => range(run, arguments),
        "joiner" => {
            let between = match arguments.first() {
                Some(value) if coerce::truth(value) => coerce::text(value)?,
                _ => Rc::from(","),
            };
            let joiner = Callable::Joiner(between, RefCell::new(false));
            Ok(Value::Callable(Rc::new(joiner)))
        }
        // A cycler is an object whose methods turn it.
        _ => {
            arguments.iter().try_for_each(methods::keepable)?;
            Ok(Value::record([
                (Rc::from("current"), Value::Null),
                (Rc::from(CYCLE), Value::list(arguments.to_vec())),
                (Rc::from(TURN), Value::Number(-1.0)),
            ]))
        }
    }
}

/// Where a cycler keeps its values; no name that a text can write.
pub(crate) const CYCLE: &str = "\u{0}cycle";
/// Where a cycler keeps its turn.
pub(crate) const TURN: &str = "\u{0}turn";

fn range(run: &Run<'_>, arguments: &[Value]) -> Result<Value, String> {
    let number = |index: usize| arguments.get(index).map(coerce::number).transpose();
    let (start, stop, step) = match (number(0)?, number(1)?, number(2)?) {
        (Some(stop), None, _) => (0.0, stop, 1.0),
        (Some(start), Some(stop), step) => (start, stop, step.filter(|s| *s != 0.0).unwrap_or(1.0)),
        (None, ..) => (0.0, 0.0, 1.0),
    };
    let mut items = Vec::new();
    let mut next = start;
    while (step > 0.0 && next < stop) || (step < 0.0 && next > stop) {
        if items.len() >= ITEMS {
            return Err(format!("`range` makes more than {ITEMS} numbers"));
        }
        run.budget.work(1)?;
        items.push(Value::Number(next));
        next += step;
    }
    Ok(Value::list(items))
}

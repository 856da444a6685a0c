//! Values while a text is rendered. They are shared and can be changed by
//! methods such as `push`, as in JavaScript.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use crate::Function;
use crate::ast::Macro;
use crate::limits::{self, DEPTH};
use crate::regex::Regex;
use crate::scope::Scope;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    /// Text that `escape` leaves alone.
    Safe(Rc<str>),
    Regex(Rc<Regex>),
    List(Rc<RefCell<Items>>),
    Record(Rc<RefCell<Record>>),
    Callable(Rc<Callable>),
}

/// The items of a list. Lists within lists are let go one after the other: a
/// loop can nest them deeper than any stack.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items(Vec<Value>);

impl Deref for Items {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.0
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        &mut self.0
    }
}

impl From<Vec<Value>> for Items {
    fn from(items: Vec<Value>) -> Self {
        Self(items)
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        let_go(std::mem::take(&mut self.0));
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut self.entries);
        let_go(entries.into_iter().map(|(_, value)| value).collect());
    }
}

/// Drops values, and what only they hold, without going deeper each time.
fn let_go(mut open: Vec<Value>) {
    while let Some(value) = open.pop() {
        match value {
            Value::List(items) => {
                if let Ok(items) = Rc::try_unwrap(items) {
                    open.append(&mut items.into_inner().0);
                }
            }
            Value::Record(record) => {
                if let Ok(record) = Rc::try_unwrap(record) {
                    let entries = std::mem::take(&mut record.into_inner().entries);
                    open.extend(entries.into_iter().map(|(_, value)| value));
                }
            }
            Value::Callable(callable) => {
                if let Ok(Callable::Method(of, _)) = Rc::try_unwrap(callable) {
                    open.push(of);
                }
            }
            _ => {}
        }
    }
}

/// An object: keys in the order that JavaScript keeps them (numbers first,
/// ascending; then the rest as they came).
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    places: HashMap<Rc<str>, usize>,
    entries: Vec<(Rc<str>, Value)>,
}

/// What can be called.
pub(crate) enum Callable {
    Macro(Rc<Macro>),
    /// The body of a `{% call %}`, with the names that it sees.
    Caller(Rc<Macro>, Scope),
    /// A method with what it belongs to.
    Method(Value, Rc<str>),
    /// One of the language's own functions.
    Global(&'static str),
    /// A function that was registered.
    Registered(Arc<Function>),
    Joiner(Rc<str>, RefCell<bool>),
}

impl std::fmt::Debug for Callable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Macro(_) => "macro",
            Self::Caller(..) => "caller",
            Self::Method(..) => "method",
            Self::Global(_) | Self::Registered(_) => "function",
            Self::Joiner(..) => "joiner",
        })
    }
}

impl Record {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.places
            .get(key)
            .and_then(|place| self.entries.get(*place))
            .map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, key: Rc<str>, value: Value) {
        if let Some((_, old)) = self
            .places
            .get(&key)
            .and_then(|place| self.entries.get_mut(*place))
        {
            *old = value;
            return;
        }
        self.places.insert(Rc::clone(&key), self.entries.len());
        self.entries.push((key, value));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Keys and values in JavaScript's order.
    pub(crate) fn entries(&self) -> Vec<(Rc<str>, Value)> {
        let mut entries = self.entries.clone();
        // Stable: whatever is no array index keeps its turn behind them.
        entries.sort_by_key(|(key, _)| array_index(key).map_or(u64::MAX, u64::from));
        entries
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Value> {
        let place = self.places.remove(key)?;
        let (_, value) = self.entries.remove(place);
        for other in self.places.values_mut() {
            if *other > place {
                *other -= 1;
            }
        }
        Some(value)
    }
}

/// `key` as the index of an array, if it is written as one.
pub(crate) fn array_index(key: &str) -> Option<u32> {
    let index: u32 = key.parse().ok()?;
    (index != u32::MAX && index.to_string() == key).then_some(index)
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(Rc::from(text))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(Items(items))))
    }

    pub(crate) fn record(entries: impl IntoIterator<Item = (Rc<str>, Self)>) -> Self {
        let mut record = Record::default();
        for (key, value) in entries {
            record.set(key, value);
        }
        Self::Record(Rc::new(RefCell::new(record)))
    }

    /// The text, if this is one.
    pub(crate) fn as_text(&self) -> Option<&Rc<str>> {
        match self {
            Self::Text(text) | Self::Safe(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// What this is, for errors.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) | Self::Safe(_) => "text",
            Self::Regex(_) => "a regular expression",
            Self::List(_) => "a list",
            Self::Record(_) => "an object",
            Self::Callable(_) => "a function",
        }
    }

    /// Whether `part` is this very value or somewhere inside it.
    ///
    /// # Errors
    /// This takes too many steps: one value can be in a list many times.
    pub(crate) fn holds(&self, part: &Self) -> Result<bool, String> {
        let mut open = vec![self.clone()];
        while let Some(value) = open.pop() {
            match (&value, part) {
                (Self::List(a), Self::List(b)) if Rc::ptr_eq(a, b) => return Ok(true),
                (Self::Record(a), Self::Record(b)) if Rc::ptr_eq(a, b) => return Ok(true),
                (Self::List(items), _) => {
                    limits::charge(items.borrow().len(), 0)?;
                    open.extend(items.borrow().iter().cloned());
                }
                (Self::Record(record), _) => {
                    let record = record.borrow();
                    limits::charge(record.len(), 0)?;
                    open.extend(record.entries.iter().map(|(_, item)| item.clone()));
                }
                _ => {}
            }
        }
        Ok(false)
    }

    pub(crate) fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Bool(*truth),
            Json::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::list(items.iter().map(Self::from_json).collect()),
            Json::Object(fields) => Self::record(
                fields
                    .iter()
                    .map(|(key, value)| (Rc::from(key.as_str()), Self::from_json(value))),
            ),
        }
    }

    /// As JSON, `None` for `undefined`.
    pub(crate) fn to_json(&self) -> Result<Option<Json>, String> {
        self.json_within(DEPTH)
    }

    fn json_within(&self, depth: usize) -> Result<Option<Json>, String> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| format!("the value is more than {DEPTH} deep"))?;
        limits::charge(1, self.as_text().map_or(0, |text| text.len()))?;
        Ok(Some(match self {
            Self::Undefined => return Ok(None),
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Number(number) => json_number(*number),
            Self::Text(text) | Self::Safe(text) => Json::String(text.to_string()),
            Self::Regex(regex) => Json::String(regex.to_string()),
            Self::Callable(_) => return Err("a function is no value that can be kept".to_owned()),
            Self::List(items) => {
                let items = items.borrow();
                let made: Result<Vec<_>, String> = items
                    .iter()
                    .map(|item| Ok(item.json_within(depth)?.unwrap_or(Json::Null)))
                    .collect();
                Json::Array(made?)
            }
            Self::Record(record) => {
                let mut fields = Map::new();
                for (key, value) in record.borrow().entries() {
                    if let Some(value) = value.json_within(depth)? {
                        fields.insert(key.to_string(), value);
                    }
                }
                Json::Object(fields)
            }
        }))
    }
}

/// A number as JavaScript's `JSON.stringify` would write it: whole numbers
/// without a fraction, `null` for what JSON does not know.
fn json_number(number: f64) -> Json {
    /// The largest whole number that a double holds exactly.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole and within 2^53, so it is exact"
        )]
        return Json::Number(Number::from(number as i64));
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

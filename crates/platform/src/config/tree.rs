//! Configuration as a tree in which every value knows where it was written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Number, Value};

/// Where a value was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    source: Arc<str>,
    line: u32,
    column: u32,
}

impl Origin {
    /// A place in a file; `line` and `column` count from 1.
    pub(super) fn in_file(file: &Arc<str>, line: u32, column: u32) -> Self {
        Self {
            source: Arc::clone(file),
            line,
            column,
        }
    }

    /// Something that has no lines: an environment variable, a test.
    pub(super) fn named(source: impl Into<Arc<str>>) -> Self {
        Self {
            source: source.into(),
            line: 0,
            column: 0,
        }
    }

    /// The file as it was named when loading, or the name of the variable.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The line, from 1; `None` when the value does not come from a file.
    pub fn line(&self) -> Option<u32> {
        (self.line > 0).then_some(self.line)
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> Option<u32> {
        (self.line > 0).then_some(self.column)
    }

    /// The folder of the file, against which relative paths in it are read.
    pub fn directory(&self) -> Option<PathBuf> {
        self.line()?;
        Path::new(&*self.source).parent().map(Path::to_path_buf)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.source)
        } else {
            write!(f, "{}:{}:{}", self.source, self.line, self.column)
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value, where it stands, and where its key stands.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) data: Data,
    pub(super) origin: Origin,
    pub(super) key_origin: Origin,
}

#[derive(Clone)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

impl Data {
    /// The word for this sort of value in messages.
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }
}

impl Node {
    pub(super) fn new(data: Data, origin: Origin) -> Self {
        Self {
            data,
            key_origin: origin.clone(),
            origin,
        }
    }

    pub(super) fn empty_map(origin: Origin) -> Self {
        Self::new(Data::Map(BTreeMap::new()), origin)
    }

    /// Takes JSON, all of it from one place.
    pub(super) fn from_json(value: Value, origin: &Origin) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(value),
            Value::Number(value) => Data::Number(value),
            Value::String(value) => Data::Text(value),
            Value::Array(items) => Data::List(
                items
                    .into_iter()
                    .map(|item| Self::from_json(item, origin))
                    .collect(),
            ),
            Value::Object(fields) => Data::Map(
                fields
                    .into_iter()
                    .map(|(key, value)| (key, Self::from_json(value, origin)))
                    .collect(),
            ),
        };
        Self::new(data, origin.clone())
    }

    pub(super) fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(value) => Value::Number(value.clone()),
            Data::Text(value) => Value::String(value.clone()),
            Data::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Data::Map(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// Lays `over` on top: objects merge key by key, everything else is
    /// replaced, and `null` takes the value below away.
    pub(super) fn merge(&mut self, over: Self) {
        match (&mut self.data, over) {
            (
                Data::Map(below),
                Self {
                    data: Data::Map(above),
                    ..
                },
            ) => {
                for (key, value) in above {
                    if matches!(value.data, Data::Null) {
                        below.remove(&key);
                    } else if let Some(existing) = below.get_mut(&key) {
                        existing.merge(value);
                    } else {
                        below.insert(key, value);
                    }
                }
            }
            (_, over) => *self = over,
        }
    }

    /// Follows a path such as `catalog.locations[0].target`; list items may
    /// also be written `catalog.locations.0.target`.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        steps(path).try_fold(self, |node, step| node.child(step))
    }

    pub(super) fn child(&self, key: &str) -> Option<&Self> {
        match &self.data {
            Data::Map(fields) => fields.get(key),
            Data::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }
}

/// The steps of a path: `a.b[0].c` is a, b, 0, c.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '['])
        .map(|step| step.strip_suffix(']').unwrap_or(step))
        .filter(|step| !step.is_empty())
}

/// `parent.key`, without a leading dot at the root.
pub(super) fn join(parent: &str, key: &str) -> String {
    if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

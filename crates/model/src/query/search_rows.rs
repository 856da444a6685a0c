//! What an entity can be found by: a flat list of key/value pairs.
//!
//! The rule is Backstage's (reference 3.2): every scalar leaf gives its dotted
//! path, arrays add nothing to the path, a string element `x` of an array at
//! `p` also gives `p.x = true`, relations give `relations.<type>`, and name,
//! namespace and uid are always there. Keys and values compare lower-cased.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::{Map, Number, Value};

use crate::entity_ref::DEFAULT_NAMESPACE;

/// Keys longer than this, in UTF-16 units, are not searchable.
pub const MAX_KEY_UNITS: usize = 200;
/// Values longer than this, in UTF-16 units, keep their key but no value.
pub const MAX_VALUE_UNITS: usize = 200;
/// Nesting below this many levels is not searchable. Documents are limited
/// well below it when they are read; the bound protects the stack.
const MAX_DEPTH: usize = 200;

/// Paths that are left out of the walk: output only, or added separately.
const SKIPPED: [&str; 7] = [
    "attachments",
    "relations",
    "status",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.etag",
];

/// One searchable pair of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Row {
    /// Dotted path, lower case.
    pub key: String,
    /// Value, lower case. `None` for null and for a value that is too long:
    /// the key exists, but equals nothing.
    pub value: Option<String>,
    /// The value as it was written.
    pub original: Option<String>,
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrigin {
    /// A scalar, or a scalar inside an array that is no string.
    Leaf,
    /// A string element of an array. An [`RowOrigin::ElementName`] row follows
    /// where its key is not too long.
    Element,
    /// The `path.element = true` row of a string element.
    ElementName,
    /// A relation.
    Relation,
}

/// A row while it is being visited; see [`visit_rows`].
#[derive(Debug, Clone, Copy)]
pub struct RowRef<'a> {
    /// Dotted path, lower case.
    pub key: &'a str,
    /// Dotted path as written.
    pub written_key: &'a str,
    /// The value: lower case, and as written.
    pub value: Option<(&'a str, &'a str)>,
    /// Where the row comes from.
    pub origin: RowOrigin,
}

/// Two keys of one entity differ only in casing, so that a search could not
/// tell them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKeys {
    /// The keys in question, lower case, in order of appearance.
    pub keys: Vec<String>,
}

impl fmt::Display for DuplicateKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Entity has duplicate keys that vary only in casing, '{}'",
            self.keys.join("', '")
        )
    }
}

impl std::error::Error for DuplicateKeys {}

/// All rows of an entity, without repetitions, in document order.
///
/// # Errors
/// [`DuplicateKeys`] when two keys differ only in casing.
pub fn search_rows(entity: &Value) -> Result<Vec<Row>, DuplicateKeys> {
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    let mut casing: HashMap<String, String> = HashMap::new();
    let mut duplicates: Vec<String> = Vec::new();
    visit(entity, &mut |row, searchable| {
        match casing.get(row.key) {
            None => {
                casing.insert(row.key.to_owned(), row.written_key.to_owned());
            }
            // Element names are folded, not refused: tags may repeat in any casing.
            Some(first)
                if first != row.written_key
                    && row.origin != RowOrigin::ElementName
                    && !duplicates.iter().any(|key| key == row.key) =>
            {
                duplicates.push(row.key.to_owned());
            }
            Some(_) => {}
        }
        if searchable {
            let row = Row {
                key: row.key.to_owned(),
                value: row.value.map(|(folded, _)| folded.to_owned()),
                original: row.value.map(|(_, written)| written.to_owned()),
            };
            if seen.insert((row.key.clone(), row.value.clone())) {
                rows.push(row);
            }
        }
    });
    if duplicates.is_empty() {
        Ok(rows)
    } else {
        Err(DuplicateKeys { keys: duplicates })
    }
}

/// Hands every row of an entity to `visitor`, in document order, possibly the
/// same one twice, without collecting them and without looking for
/// [`DuplicateKeys`].
pub fn visit_rows(entity: &Value, visitor: &mut dyn FnMut(RowRef<'_>)) {
    visit(entity, &mut |row, searchable| {
        if searchable {
            visitor(row);
        }
    });
}

/// Lower-cases independent of the locale, borrowing where nothing changes.
#[must_use]
pub fn fold_case(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        let folded = text.to_lowercase();
        if folded == text {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(folded)
        }
    }
}

/// Whether a text has more than `limit` UTF-16 units, the unit in which the
/// limits of search keys and values are counted.
#[must_use]
pub fn utf16_longer_than(text: &str, limit: usize) -> bool {
    // A UTF-16 unit takes at least one and at most three bytes in UTF-8.
    if text.len() <= limit {
        false
    } else if text.len() > limit.saturating_mul(3) {
        true
    } else {
        text.encode_utf16().nth(limit).is_some()
    }
}

fn visit(entity: &Value, visitor: &mut dyn FnMut(RowRef<'_>, bool)) {
    let mut walk = Walk {
        folded: String::with_capacity(96),
        written: String::with_capacity(96),
        visitor,
    };
    walk.value(entity, 0);
    let empty = Map::new();
    let metadata = entity
        .get("metadata")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    for (field, path) in [
        ("name", "metadata.name"),
        ("namespace", "metadata.namespace"),
        ("uid", "metadata.uid"),
    ] {
        walk.special(path, metadata.get(field).unwrap_or(&Value::Null));
    }
    let namespace = metadata.get("namespace");
    if namespace.is_none_or(|value| value.is_null() || value.as_str() == Some("")) {
        let default = Value::from(DEFAULT_NAMESPACE);
        walk.special("metadata.namespace", &default);
    }
    let relations = entity.get("relations").and_then(Value::as_array);
    for relation in relations.into_iter().flatten() {
        if let Some(kind) = relation.get("type").and_then(Value::as_str) {
            walk.reset("relations.");
            walk.push(kind);
            let target = relation.get("targetRef").unwrap_or(&Value::Null);
            walk.scalar(target, RowOrigin::Relation);
        }
    }
}

struct Walk<'v> {
    folded: String,
    written: String,
    visitor: &'v mut dyn FnMut(RowRef<'_>, bool),
}

impl Walk<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        if SKIPPED.contains(&self.written.as_str()) || depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Array(items) => {
                for item in items {
                    if let Value::String(text) = item {
                        self.scalar(item, RowOrigin::Element);
                        self.element_name(text);
                    } else {
                        self.value(item, depth + 1);
                    }
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    let mark = (self.folded.len(), self.written.len());
                    if !self.written.is_empty() {
                        self.push(".");
                    }
                    self.push(key);
                    self.value(value, depth + 1);
                    self.folded.truncate(mark.0);
                    self.written.truncate(mark.1);
                }
            }
            scalar => self.scalar(scalar, RowOrigin::Leaf),
        }
    }

    fn push(&mut self, part: &str) {
        self.folded.push_str(&fold_case(part));
        self.written.push_str(part);
    }

    fn reset(&mut self, path: &str) {
        self.folded.clear();
        self.written.clear();
        self.push(path);
    }

    fn special(&mut self, path: &str, value: &Value) {
        self.reset(path);
        self.scalar(value, RowOrigin::Leaf);
    }

    fn scalar(&mut self, value: &Value, origin: RowOrigin) {
        let text: Option<Cow<'_, str>> = match value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Bool(true) => Some(Cow::Borrowed("true")),
            Value::Bool(false) => Some(Cow::Borrowed("false")),
            Value::Number(number) => Some(Cow::Owned(number_text(number))),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        // Looked at before folding, so that a large text is not copied; folding
        // may lengthen a text, so that it is looked at again.
        let folded = text
            .as_deref()
            .filter(|text| text.len() <= MAX_VALUE_UNITS * 3)
            .map(fold_case)
            .filter(|folded| !utf16_longer_than(folded, MAX_VALUE_UNITS));
        let value = folded.as_deref().zip(text.as_deref());
        self.emit(value, origin);
    }

    fn element_name(&mut self, element: &str) {
        if element.len() > MAX_KEY_UNITS * 3 {
            return;
        }
        let mark = (self.folded.len(), self.written.len());
        self.push(".");
        self.push(element);
        self.emit(Some(("true", "true")), RowOrigin::ElementName);
        self.folded.truncate(mark.0);
        self.written.truncate(mark.1);
    }

    fn emit(&mut self, value: Option<(&str, &str)>, origin: RowOrigin) {
        let searchable = !utf16_longer_than(&self.folded, MAX_KEY_UNITS);
        let row = RowRef {
            key: &self.folded,
            written_key: &self.written,
            value,
            origin,
        };
        (self.visitor)(row, searchable);
    }
}

/// A number as JavaScript writes it, because that is what clients compare with.
pub(super) fn number_text(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    match number.as_f64() {
        Some(float) => float_text(float),
        None => number.to_string(),
    }
}

fn float_text(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&magnitude) {
        return float.to_string();
    }
    // Rust writes `1.5e21` and `1e-7`; JavaScript wants a sign on the exponent.
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

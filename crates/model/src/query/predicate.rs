//! Conditions on entities and their JSON form (reference 3.3):
//! `{field: value}`, `{field: {$in | $exists | $hasPrefix | $contains}}`,
//! `{$all: []}`, `{$any: []}`, `{$not: {}}`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value, json};

use super::search_rows::{fold_case, number_text};
use crate::quoted::quoted;

/// Conditions nested deeper than this are refused.
const MAX_DEPTH: usize = 64;
/// More conditions and listed values than this in one predicate are refused.
const MAX_PARTS: usize = 50_000;

/// A condition on an entity. Keys and texts keep the casing they were written
/// in; they are compared without regard to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Every one holds; true when there is none.
    All(Vec<Predicate>),
    /// At least one holds; false when there is none.
    Any(Vec<Predicate>),
    /// The inner one does not hold.
    Not(Box<Predicate>),
    /// A test of one search key, see [`super::search_rows`].
    Field {
        /// Dotted path, for example `metadata.tags` or `relations.ownedBy`.
        key: String,
        /// What its values are tested for.
        test: Test,
    },
}

/// A test of the values that an entity has for one key.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of the values is this one. On an array: it contains it.
    Equals(Primitive),
    /// One of the values is one of these.
    In(Vec<Primitive>),
    /// The entity has the key (or has it not).
    Exists(bool),
    /// One of the values begins with this text.
    HasPrefix(String),
}

/// A JSON scalar that is no null.
#[derive(Debug, Clone, PartialEq)]
pub enum Primitive {
    /// A text.
    Text(String),
    /// A number, compared by its text.
    Number(Number),
    /// A truth value, compared by its text.
    Bool(bool),
}

impl Primitive {
    /// The text that search values are compared with: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        match self {
            Self::Text(text) => fold_case(text).into_owned(),
            Self::Number(number) => number_text(number).to_lowercase(),
            Self::Bool(value) => value.to_string(),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Number(number) => Some(Self::Number(number.clone())),
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Bool(value) => Value::Bool(*value),
        }
    }
}

impl From<&str> for Primitive {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Why a predicate was refused: where in the JSON, and what would be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid query at {path}: {problem}")]
pub struct PredicateError {
    /// The place, for example `$all[1].spec.type`, or `the root`.
    pub path: String,
    /// What is wrong and what is accepted.
    pub problem: String,
}

impl Predicate {
    /// The predicate that every entity fulfils.
    #[must_use]
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// The predicate that no entity fulfils.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// `key` has the value `value`.
    #[must_use]
    pub fn equals(key: &str, value: &str) -> Self {
        Self::Field {
            key: key.to_owned(),
            test: Test::Equals(value.into()),
        }
    }

    /// `key` has one of these values.
    #[must_use]
    pub fn is_in<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Field {
            key: key.to_owned(),
            test: Test::In(values.into_iter().map(Primitive::from).collect()),
        }
    }

    /// `key` is there.
    #[must_use]
    pub fn exists(key: &str) -> Self {
        Self::Field {
            key: key.to_owned(),
            test: Test::Exists(true),
        }
    }

    /// The entity has a relation of this type to `target`, a full reference.
    #[must_use]
    pub fn relation(kind: &str, target: &str) -> Self {
        Self::equals(&format!("relations.{kind}"), target)
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Both hold. `None` stands for no condition.
    #[must_use]
    pub fn and(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(Self::All(vec![a, b])),
            (a, b) => a.or(b),
        }
    }

    /// Reads the JSON form. The root must be an object.
    ///
    /// # Errors
    /// [`PredicateError`] with the place of the first mistake; also when the
    /// predicate is nested more than 64 deep or has more than 50,000 parts.
    pub fn from_json(value: &Value) -> Result<Self, PredicateError> {
        let mut reader = Reader {
            path: Vec::new(),
            parts: 0,
        };
        reader.predicate(value)
    }

    /// The JSON form. Reading it again gives a predicate with the same meaning.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::All(list) => json!({"$all": list.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Any(list) => json!({"$any": list.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Not(inner) => json!({"$not": inner.to_json()}),
            Self::Field { key, test } => {
                let test = match test {
                    Test::Equals(value) => value.to_json(),
                    Test::In(values) => {
                        json!({"$in": values.iter().map(Primitive::to_json).collect::<Vec<_>>()})
                    }
                    Test::Exists(exists) => json!({"$exists": exists}),
                    Test::HasPrefix(prefix) => json!({"$hasPrefix": prefix}),
                };
                let mut map = Map::new();
                map.insert(key.clone(), test);
                Value::Object(map)
            }
        }
    }
}

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Predicate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_json(&value).map_err(serde::de::Error::custom)
    }
}

/// Reads the JSON form and knows where it is.
struct Reader {
    path: Vec<String>,
    parts: usize,
}

impl Reader {
    fn fail<T>(&self, problem: impl Into<String>) -> Result<T, PredicateError> {
        Err(PredicateError {
            path: if self.path.is_empty() {
                "the root".to_owned()
            } else {
                self.path.join(".")
            },
            problem: problem.into(),
        })
    }

    fn count(&mut self, parts: usize) -> Result<(), PredicateError> {
        self.parts = self.parts.saturating_add(parts);
        if self.parts > MAX_PARTS {
            return self.fail(format!(
                "the query has more than {MAX_PARTS} conditions and values; ask in several requests"
            ));
        }
        Ok(())
    }

    fn at<T>(
        &mut self,
        step: impl Into<String>,
        read: impl FnOnce(&mut Self) -> Result<T, PredicateError>,
    ) -> Result<T, PredicateError> {
        self.path.push(step.into());
        let result = read(self);
        self.path.pop();
        result
    }

    fn predicate(&mut self, value: &Value) -> Result<Predicate, PredicateError> {
        self.count(1)?;
        if self.path.len() > MAX_DEPTH {
            return self.fail(format!("conditions are nested more than {MAX_DEPTH} deep"));
        }
        let Value::Object(map) = value else {
            return self.fail(format!(
                "expected an object such as {{\"kind\": \"component\"}} or {{\"$all\": [...]}}, but found {}",
                found(value)
            ));
        };
        let operator = map.keys().find(|key| key.starts_with('$'));
        let Some(operator) = operator else {
            let mut fields = Vec::with_capacity(map.len());
            for (key, value) in map {
                let field = self.at(quoted(key), |reader| reader.field(key, value))?;
                fields.push(field);
            }
            return Ok(match <[Predicate; 1]>::try_from(fields) {
                Ok([only]) => only,
                Err(fields) => Predicate::All(fields),
            });
        };
        if !matches!(operator.as_str(), "$all" | "$any" | "$not") {
            return self.fail(format!(
                "unknown operator {}; between conditions $all, $any and $not are known",
                quoted(operator)
            ));
        }
        if map.len() != 1 {
            return self.fail(format!(
                "operator {operator} must be the only key of its object; wrap it and the others in $all"
            ));
        }
        let operand = map.get(operator).unwrap_or(&Value::Null);
        self.at(operator.as_str(), |reader| match operator.as_str() {
            "$all" => reader.list(operand).map(Predicate::All),
            "$any" => reader.list(operand).map(Predicate::Any),
            _ => reader.predicate(operand).map(Predicate::negated),
        })
    }

    fn list(&mut self, value: &Value) -> Result<Vec<Predicate>, PredicateError> {
        let Value::Array(items) = value else {
            return self.fail(format!(
                "expected a list of conditions, but found {}",
                found(value)
            ));
        };
        let operator = self.path.pop().unwrap_or_default();
        let mut list = Vec::with_capacity(items.len().min(64));
        for (index, item) in items.iter().enumerate() {
            let step = format!("{operator}[{index}]");
            list.push(self.at(step, |reader| reader.predicate(item))?);
        }
        self.path.push(operator);
        Ok(list)
    }

    fn field(&mut self, key: &str, value: &Value) -> Result<Predicate, PredicateError> {
        let field = |test| {
            Ok(Predicate::Field {
                key: key.to_owned(),
                test,
            })
        };
        if let Some(primitive) = Primitive::from_json(value) {
            return field(Test::Equals(primitive));
        }
        let operators = "a string, number or boolean, or one of {\"$in\": [...]}, {\"$exists\": true}, {\"$hasPrefix\": \"...\"}, {\"$contains\": ...}";
        let Some((operator, operand)) = single_member(value) else {
            return self.fail(format!("expected {operators}, but found {}", found(value)));
        };
        match (operator, operand) {
            ("$exists", Value::Bool(exists)) => field(Test::Exists(*exists)),
            ("$exists", other) => self.fail(format!(
                "$exists takes true or false, but found {}",
                found(other)
            )),
            ("$hasPrefix", Value::String(prefix)) => field(Test::HasPrefix(prefix.clone())),
            ("$hasPrefix", other) => self.fail(format!(
                "$hasPrefix takes a string, but found {}",
                found(other)
            )),
            ("$in", operand) => field(Test::In(self.values("$in", operand)?)),
            ("$contains", Value::Object(relation)) => self.relation(key, relation),
            ("$contains", operand) => match Primitive::from_json(operand) {
                Some(primitive) => field(Test::Equals(primitive)),
                None => self.fail(format!(
                    "$contains takes a string, number or boolean, but found {}",
                    found(operand)
                )),
            },
            (operator, _) => self.fail(format!(
                "unknown operator {}; expected {operators}",
                quoted(operator)
            )),
        }
    }

    fn values(&mut self, operator: &str, value: &Value) -> Result<Vec<Primitive>, PredicateError> {
        let primitives: Option<Vec<Primitive>> = value
            .as_array()
            .and_then(|items| items.iter().map(Primitive::from_json).collect());
        let Some(primitives) = primitives else {
            return self.fail(format!(
                "{operator} takes a list of strings, numbers or booleans, but found {}",
                found(value)
            ));
        };
        self.count(primitives.len())?;
        Ok(primitives)
    }

    /// `{relations: {$contains: {type, targetRef?}}}`, which is the same as a
    /// test of the search key `relations.<type>`.
    fn relation(
        &mut self,
        key: &str,
        relation: &Map<String, Value>,
    ) -> Result<Predicate, PredicateError> {
        if !key.eq_ignore_ascii_case("relations") {
            return self.fail(
                "$contains takes an object only for the field \"relations\"; elsewhere a string, number or boolean",
            );
        }
        if let Some(unknown) = relation
            .keys()
            .find(|key| !matches!(key.as_str(), "type" | "targetRef"))
        {
            return self.fail(format!(
                "unknown key \"{}\"; a relation is described by \"type\" and, if wanted, \"targetRef\"",
                quoted(unknown)
            ));
        }
        let Some(kind) = relation.get("type").and_then(Value::as_str) else {
            return self.fail("a relation needs its \"type\", for example {\"type\": \"ownedBy\"}");
        };
        let test = match relation.get("targetRef") {
            None => Test::Exists(true),
            Some(Value::String(target)) => Test::Equals(target.as_str().into()),
            Some(target) => match single_member(target) {
                Some(("$in", operand)) => Test::In(self.values("$in", operand)?),
                _ => {
                    return self.fail(format!(
                        "\"targetRef\" takes a string or {{\"$in\": [...]}}, but found {}",
                        found(target)
                    ));
                }
            },
        };
        Ok(Predicate::Field {
            key: format!("relations.{kind}"),
            test,
        })
    }
}

fn single_member(value: &Value) -> Option<(&str, &Value)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.iter().next().map(|(key, value)| (key.as_str(), value))
}

/// What was found, short enough for a message.
fn found(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(map) => match map.keys().next() {
            Some(key) => format!(
                "an object with {} keys, first \"{}\"",
                map.len(),
                quoted(key)
            ),
            None => "an empty object".to_owned(),
        },
        Value::String(text) => format!("\"{}\"", quoted(text)),
        scalar => scalar.to_string(),
    }
}

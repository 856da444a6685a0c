//! Small JSON Schemas, put together by functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Schemas that several operations share, by the name that [`named`] refers to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schemas(BTreeMap<&'static str, Value>);

impl Schemas {
    /// Adds a schema. The first one of a name stays.
    #[must_use]
    pub fn with(mut self, name: &'static str, schema: Value) -> Self {
        self.0.entry(name).or_insert(schema);
        self
    }

    /// Adds the schemas of another set.
    pub fn extend(&mut self, other: Self) {
        for (name, schema) in other.0 {
            self.0.entry(name).or_insert(schema);
        }
    }

    pub(super) fn to_json(&self) -> Map<String, Value> {
        self.0
            .iter()
            .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
            .collect()
    }
}

/// A shared schema.
pub fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Any text.
pub fn text() -> Value {
    json!({ "type": "string" })
}

/// A time as RFC 3339 writes it.
pub fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A whole number.
pub fn integer() -> Value {
    json!({ "type": "integer" })
}

/// A whole number within bounds, both included.
pub fn between(least: i64, most: i64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

/// A whole number of at least this.
pub fn at_least(least: i64) -> Value {
    json!({ "type": "integer", "minimum": least })
}

/// `true` or `false`.
pub fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// One of a few texts.
pub fn choice(choices: &[&str]) -> Value {
    json!({ "type": "string", "enum": choices })
}

/// What the schema says, or `null`.
pub fn nullable(schema: Value) -> Value {
    fields([(
        "anyOf",
        Value::Array(vec![schema, json!({ "type": "null" })]),
    )])
}

/// A list.
pub fn list(items: Value) -> Value {
    fields([("type", "array".into()), ("items", items)])
}

/// An object whose values are alike.
pub fn map(values: Value) -> Value {
    fields([("type", "object".into()), ("additionalProperties", values)])
}

fn fields<const N: usize>(all: [(&str, Value); N]) -> Value {
    let all = all.map(|(name, value)| (name.to_owned(), value));
    Value::Object(Map::from_iter(all))
}

/// An object of which nothing more is known.
pub fn any_object() -> Value {
    json!({ "type": "object", "additionalProperties": true })
}

/// An object with these properties. One whose name ends with `?` may be missing.
pub fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let mut required = Vec::new();
    let mut all = Map::new();
    for (name, schema) in properties {
        let optional = name.strip_suffix('?');
        if optional.is_none() {
            required.push(name);
        }
        all.insert(optional.unwrap_or(name).to_owned(), schema);
    }
    let mut object = json!({ "type": "object", "properties": all });
    if !required.is_empty()
        && let Some(fields) = object.as_object_mut()
    {
        fields.insert("required".to_owned(), json!(required));
    }
    object
}

/// `{"items": [...]}`, as most lists are answered.
pub fn items(of: Value) -> Value {
    object([("items", list(of))])
}

/// The same schema with a sentence for its reader.
pub fn saying(mut schema: Value, description: &str) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), description.into());
    }
    schema
}

/// The same schema for an object that may hold more than it says.
pub fn open(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("additionalProperties".to_owned(), true.into());
    }
    schema
}

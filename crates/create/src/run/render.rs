//! Values of a template with their expressions rendered.

use serde_json::{Map, Value, json};
use templating::{Engine, TemplateError};

/// An expression that cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenderError {
    /// Where it stands in the template: `/spec/steps/2/input/url`.
    pub(crate) pointer: String,
    /// The text that holds it.
    pub(crate) text: String,
    /// What is wrong, with the place in the text.
    pub(crate) error: TemplateError,
}

/// Renders every text of a value, keys excepted. `None` is what Backstage's
/// engine takes for `undefined`: the key goes, an item of a list is `null`.
/// With `lenient` an expression that cannot be rendered stays as it is.
///
/// # Errors
/// The first expression that cannot be rendered.
pub(crate) fn render(
    engine: &Engine,
    value: &Value,
    context: &Value,
    pointer: &str,
    lenient: bool,
) -> Result<Option<Value>, RenderError> {
    Ok(Some(match value {
        Value::String(text) => match engine.value(text, context) {
            Ok(rendered) => return Ok(rendered),
            Err(_) if lenient => value.clone(),
            Err(error) => {
                return Err(RenderError {
                    pointer: pointer.to_owned(),
                    text: text.clone(),
                    error,
                });
            }
        },
        Value::Array(items) => {
            let mut rendered = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let below = format!("{pointer}/{index}");
                let item = render(engine, item, context, &below, lenient)?;
                rendered.push(item.unwrap_or(Value::Null));
            }
            Value::Array(rendered)
        }
        Value::Object(fields) => {
            let mut rendered = Map::with_capacity(fields.len());
            for (key, field) in fields {
                let below = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                if let Some(field) = render(engine, field, context, &below, lenient)? {
                    rendered.insert(key.clone(), field);
                }
            }
            Value::Object(rendered)
        }
        other => other.clone(),
    }))
}

/// Whether a text of the value names secrets.
pub(crate) fn names_secrets(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("secrets"),
        Value::Array(items) => items.iter().any(names_secrets),
        Value::Object(fields) => fields.values().any(names_secrets),
        _ => false,
    }
}

/// Texts of `with` that are others than in `without`: they hold something of a
/// secret.
pub(crate) fn differences(with: &Value, without: &Value, found: &mut Vec<String>) {
    match (with, without) {
        (Value::String(one), Value::String(other)) if one == other => {}
        (Value::String(one), _) => found.push(one.clone()),
        (Value::Array(ones), Value::Array(others)) if ones.len() == others.len() => {
            for (one, other) in ones.iter().zip(others) {
                differences(one, other, found);
            }
        }
        (Value::Array(ones), _) => {
            for one in ones {
                differences(one, &Value::Null, found);
            }
        }
        (Value::Object(ones), _) => {
            for (key, one) in ones {
                differences(one, other_field(without, key), found);
            }
        }
        _ => {}
    }
}

fn other_field<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// What JavaScript takes for true, except that an empty list is false.
pub(crate) fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// A value that fits an output schema, for actions that a dry run leaves out.
pub(crate) fn example_of(schema: &Value, depth: usize) -> Value {
    if let Some(first) = schema.get("examples").and_then(|list| list.get(0)) {
        return first.clone();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    match kind {
        _ if depth > 16 => Value::Null,
        Some("object") => {
            let fields = schema.get("properties").and_then(Value::as_object);
            let fields = fields.into_iter().flatten();
            fields
                .map(|(key, field)| (key.clone(), example_of(field, depth + 1)))
                .collect()
        }
        Some("array") => match schema.get("items") {
            Some(Value::Array(items)) => items
                .iter()
                .take(1)
                .map(|one| example_of(one, depth + 1))
                .collect(),
            Some(one) => json!([example_of(one, depth + 1)]),
            None => json!([]),
        },
        Some("string") => "<example>".into(),
        Some("number" | "integer") => 0.into(),
        Some("boolean") => false.into(),
        _ => "<unknown>".into(),
    }
}

//! What a person can do about a finding of a schema.

use serde_json::Value;

use super::schema::SchemaProblem;
use crate::near_miss::nearest;
use crate::yaml::escape_token;

/// Stable name of the rule behind a keyword.
pub(super) fn code(keyword: &str) -> &'static str {
    match keyword {
        "required" => "missing-field",
        "type" => "wrong-type",
        "minLength" => "text-too-short",
        "maxLength" => "text-too-long",
        "enum" | "const" => "value-not-allowed",
        "additionalProperties" => "unknown-field",
        "pattern" | "format" | "propertyNames" => "wrong-format",
        "minItems" | "maxItems" | "additionalItems" | "uniqueItems" | "contains" => "wrong-list",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            "number-out-of-range"
        }
        _ => "schema",
    }
}

/// The words of a schema for people.
pub(super) fn description(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str)
}

/// Fills in `subject`, `accepted`, `fix` and `near_miss`. `schema` holds the
/// keyword that refused `found`.
pub(super) fn advise(problem: &mut SchemaProblem, schema: &Value, found: &Value) {
    problem.accepted = description(schema).map(str::to_owned);
    let last = problem
        .pointer
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    match problem.keyword {
        "required" => missing(problem, schema, found),
        "additionalProperties" => unknown(problem, schema),
        "type" => {
            let expected = schema
                .get("type")
                .map(crate::javascript::to_string)
                .unwrap_or_default();
            if problem.accepted.is_none() {
                problem.accepted = Some(type_in_words(&expected));
            }
            problem.fix = type_fix(&expected, &last, found);
        }
        "minLength" => problem.fix = Some(format!("write a value for `{last}`, or remove it")),
        "enum" | "const" => {
            let allowed = allowed_values(schema);
            let shown: Vec<String> = allowed.iter().map(|value| format!("`{value}`")).collect();
            problem.accepted = Some(shown.join(", "));
            let near = found
                .as_str()
                .and_then(|found| nearest(found, allowed.iter().map(String::as_str)));
            problem.fix = match (near, allowed.first()) {
                (Some(near), _) => Some(format!("write `{near}`")),
                (None, Some(first)) if allowed.len() == 1 => Some(format!("write `{first}`")),
                _ => Some("write one of these".to_owned()),
            };
        }
        "pattern" | "format" => {
            let rule = problem
                .params
                .first()
                .map(|(_, rule)| rule.clone())
                .unwrap_or_default();
            problem
                .accepted
                .get_or_insert_with(|| format!("a text of the form `{rule}`"));
        }
        _ => {}
    }
}

fn missing(problem: &mut SchemaProblem, schema: &Value, found: &Value) {
    let Some((_, name)) = problem.params.first().cloned() else {
        return;
    };
    let property = schema.get("properties").and_then(|all| all.get(&name));
    problem.accepted = property
        .and_then(description)
        .map(|description| format!("`{name}`: {description}"));
    problem.subject = format!("{}/{}", problem.pointer, escape_token(&name));
    let known = schema.get("properties").and_then(Value::as_object);
    let strangers = found.as_object().into_iter().flat_map(|map| {
        map.keys()
            .map(String::as_str)
            .filter(|key| known.is_none_or(|known| !known.contains_key(*key)))
    });
    if let Some(near) = nearest(&name, strangers) {
        problem.fix = Some(format!("rename `{near}` to `{name}`"));
        problem.near_miss = Some(format!("{}/{}", problem.pointer, escape_token(near)));
        return;
    }
    let example = property
        .and_then(|property| property.get("examples"))
        .and_then(|examples| examples.get(0));
    let place = match problem.pointer.as_str() {
        "" => "at the top of the document".to_owned(),
        pointer => format!("under `{}`", dotted(pointer)),
    };
    let line = match (example, property.and_then(|property| property.get("type"))) {
        (Some(example), _) => format!("{name}: {}", inline(example)),
        (None, Some(Value::String(kind))) if kind == "array" => format!("{name}: []"),
        _ => format!("{name}: …"),
    };
    problem.fix = Some(format!("add `{line}` {place}"));
}

fn unknown(problem: &mut SchemaProblem, schema: &Value) {
    let Some((_, name)) = problem.params.first().cloned() else {
        return;
    };
    problem.subject = format!("{}/{}", problem.pointer, escape_token(&name));
    problem.near_miss = Some(problem.subject.clone());
    let known: Vec<&str> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|known| known.keys().map(String::as_str))
        .collect();
    problem.accepted = Some(known.join(", "));
    problem.fix = Some(match nearest(&name, known.iter().copied()) {
        Some(near) => format!("rename `{name}` to `{near}`"),
        None if problem.pointer.is_empty() => {
            format!("move `{name}` under `spec` or `metadata`, or remove it")
        }
        None => format!("remove `{name}`"),
    });
}

fn allowed_values(schema: &Value) -> Vec<String> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(values)), _) => {
            values.iter().map(crate::javascript::to_string).collect()
        }
        (_, Some(value)) => vec![crate::javascript::to_string(value)],
        _ => Vec::new(),
    }
}

fn type_in_words(expected: &str) -> String {
    let words: Vec<&str> = expected
        .split(',')
        .map(|name| match name {
            "string" => "a text",
            "array" => "a list",
            "object" => "a mapping",
            "boolean" => "true or false",
            "number" => "a number",
            "integer" => "a whole number",
            "null" => "nothing",
            other => other,
        })
        .collect();
    words.join(" or ")
}

fn type_fix(expected: &str, name: &str, found: &Value) -> Option<String> {
    match (expected, found) {
        (_, Value::Null) => Some(format!("write a value for `{name}`, or remove it")),
        ("string", Value::Number(_) | Value::Bool(_)) => Some(format!(
            "put the value in quotes: \"{}\"",
            crate::javascript::to_string(found)
        )),
        ("string", Value::Array(items)) if items.len() == 1 => {
            Some("write the value itself instead of a list".to_owned())
        }
        ("array", Value::String(text)) if text.len() <= 100 => Some(format!(
            "write a list: [{}]",
            inline(&Value::String(text.clone()))
        )),
        ("array", _) => Some("write a list, one `- ` line per item".to_owned()),
        ("object", _) => Some("write `key: value` lines below it".to_owned()),
        _ => None,
    }
}

/// `/spec/remotes/0` as `spec.remotes[0]`.
pub(crate) fn dotted(pointer: &str) -> String {
    let mut shown = String::new();
    for token in crate::yaml::tokens(pointer) {
        if !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()) {
            shown.push('[');
            shown.push_str(&token);
            shown.push(']');
        } else {
            if !shown.is_empty() {
                shown.push('.');
            }
            shown.push_str(&token);
        }
    }
    shown
}

/// A value on one line of YAML; plain when that is unambiguous.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let plain = !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
                && text.starts_with(|c: char| c.is_ascii_alphabetic());
            if plain {
                text.clone()
            } else {
                value.to_string()
            }
        }
        Value::Object(map) => {
            let pairs: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", inline(value)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

//! What a person can do about a finding of a schema.

use serde_json::{Map, Value};

use super::order::{Place, Role};
use super::schema::SchemaProblem;
use crate::near_miss::nearest;
use crate::quoted::{is_hidden, quoted};
use crate::yaml::{equals_sign, escape_token, missing_space, tokens};

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

/// Fills in `subject`, `accepted`, `fix` and `near_miss`. `place` has the
/// schema with the keyword that refused `found`.
pub(super) fn advise(problem: &mut SchemaProblem, place: &Place<'_>, found: &Value) {
    let schema = place.schema;
    problem.accepted = description(schema).map(str::to_owned);
    let value = Refused {
        label: label(&problem.pointer, place.role),
        role: place.role,
        found,
    };
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
            problem.fix = value.type_fix(&expected, schema);
        }
        "minLength" => problem.fix = Some(value.write_one()),
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

/// A value as people call it: `owner` in back quotes, or the number of an item.
fn label(pointer: &str, role: Role) -> String {
    if let (Role::Item(index), Some((list, _))) = (role, pointer.rsplit_once('/')) {
        return format!("item {} of `{}`", index + 1, quoted(&dotted(list)));
    }
    let last = tokens(pointer).last().unwrap_or_default();
    format!("`{}`", quoted(&last))
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
    let strangers: Vec<&str> = strangers.collect();
    if let Some((stranger, fix)) = strangers
        .iter()
        .find_map(|stranger| Some((*stranger, slip_of(&name, stranger)?)))
    {
        problem.fix = Some(fix);
        problem.near_miss = Some(format!("{}/{}", problem.pointer, escape_token(stranger)));
        return;
    }
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
        pointer => format!("under `{}`", quoted(&dotted(pointer))),
    };
    let line = match (example, property.and_then(|property| property.get("type"))) {
        (Some(example), _) => format!("{name}: {}", inline(example)),
        (None, Some(Value::String(kind))) if kind == "array" => format!("{name}: []"),
        _ => format!("{name}: …"),
    };
    problem.fix = Some(format!("add `{line}` {place}"));
}

/// How the key became another one than `name`, by something that is hard to see.
fn slip_of(name: &str, key: &str) -> Option<String> {
    if key.trim_matches(is_odd) == name {
        return Some(format!(
            "delete the invisible character beside `{name}`; type spaces with the space bar"
        ));
    }
    let (written, value) = missing_space(key)?;
    (written == name).then(|| {
        let pair = format!("{name}: {value}");
        format!("write a space after the colon: `{}`", quoted(&pair))
    })
}

/// Characters that look like a space, or like nothing.
fn is_odd(c: char) -> bool {
    is_hidden(c) || (!c.is_ascii() && c.is_whitespace())
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
    let slip = known.iter().find_map(|known| slip_of(known, &name));
    let plain = name.trim_matches(is_odd);
    let shown = quoted(plain);
    problem.fix = Some(match nearest(&name, known.iter().copied()) {
        _ if slip.is_some() => slip.unwrap_or_default(),
        _ if plain != name => {
            format!(
                "delete the invisible character beside `{shown}`; type spaces with the space bar"
            )
        }
        Some(near) => format!("rename `{shown}` to `{near}`"),
        None if problem.pointer.is_empty() => {
            format!("move `{shown}` under `spec` or `metadata`, or remove it")
        }
        None => format!("remove `{shown}`"),
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

/// A value that the schema refused.
struct Refused<'v> {
    label: String,
    role: Role,
    found: &'v Value,
}

impl Refused<'_> {
    fn write_one(&self) -> String {
        self.or_remove(format!("write a value for {}", self.label))
    }

    /// Only what may be left out can be removed.
    fn or_remove(&self, fix: String) -> String {
        match self.role {
            Role::Required => fix,
            Role::Optional | Role::Item(_) => format!("{fix}, or remove it"),
        }
    }

    fn type_fix(&self, expected: &str, schema: &Value) -> Option<String> {
        match (expected, self.found) {
            ("object", Value::Null) => Some(format!(
                "write `key: value` lines below {}, indented by two spaces more",
                self.label
            )),
            ("array", Value::Null) => Some(format!(
                "write `- ` lines below {}, or `[]` for an empty list",
                self.label
            )),
            (_, Value::Null) => Some(self.write_one()),
            ("string", Value::Number(_) | Value::Bool(_)) => Some(format!(
                "put the value in quotes: \"{}\"",
                quoted(&crate::javascript::to_string(self.found))
            )),
            ("string", Value::Array(items)) if items.len() == 1 => {
                Some("write the value itself instead of a list".to_owned())
            }
            ("string", Value::Array(_)) => Some("write one text instead of a list".to_owned()),
            ("string", Value::Object(fields)) => self.text_of_mapping(fields),
            ("array", Value::String(text)) => Some(list_of_text(text)),
            ("array", Value::Object(fields)) => Some(list_of_mapping(fields)),
            ("array", _) => Some("write a list, one `- ` line per item".to_owned()),
            ("object", Value::String(text)) => Some(mapping_of_text(text, schema)),
            ("object", Value::Array(items))
                if !items.is_empty() && items.iter().all(Value::is_object) =>
            {
                Some(format!(
                    "write the lines below {} without dashes",
                    self.label
                ))
            }
            ("object", _) => Some("write `key: value` lines below it".to_owned()),
            ("number" | "integer", Value::String(text)) if text.trim().parse::<f64>().is_ok() => {
                Some(format!("write the number without quotes: {}", text.trim()))
            }
            ("boolean", Value::String(text)) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Some("write true without quotes".to_owned()),
                "false" | "no" | "off" => Some("write false without quotes".to_owned()),
                _ => Some("write true or false".to_owned()),
            },
            _ => None,
        }
    }

    /// A mapping where a text was expected.
    fn text_of_mapping(&self, fields: &Map<String, Value>) -> Option<String> {
        let only = fields.iter().next().filter(|_| fields.len() == 1);
        if let Role::Item(_) = self.role {
            let Some((key, Value::String(value))) = only else {
                return Some("write a text as item instead of a mapping".to_owned());
            };
            let kinds = [
                "component",
                "resource",
                "api",
                "system",
                "domain",
                "group",
                "user",
            ];
            return Some(if kinds.contains(&key.to_lowercase().as_str()) {
                format!(
                    "write no space after the colon: `{}`",
                    quoted(&format!("{key}:{value}"))
                )
            } else {
                format!(
                    "write a text; put it in quotes if it holds `: `: \"{}\"",
                    quoted(&format!("{key}: {value}"))
                )
            });
        }
        Some(format!(
            "write a text; put `|` after the colon of {} if the lines below it are meant as one",
            self.label
        ))
    }
}

/// A text where a list was expected.
fn list_of_text(text: &str) -> String {
    if let Some(rest) = text.strip_prefix('-')
        && rest.starts_with(|c: char| !c.is_whitespace() && c != '-')
    {
        let mut items = rest.split(" -");
        let first = quoted(items.next().unwrap_or(rest).trim()).into_owned();
        return match items.next() {
            Some(_) => format!("write a space after each dash: `- {first}`"),
            None => format!("write a space after the dash: `- {first}`"),
        };
    }
    let parts: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let items: Vec<String> = if parts.is_empty() { vec![text] } else { parts }
        .into_iter()
        .map(|part| inline(&Value::from(quoted(part).into_owned())))
        .collect();
    if items.len() > 10 {
        return "write a list, one `- ` line per item".to_owned();
    }
    format!("write a list: [{}]", items.join(", "))
}

/// A mapping where a list was expected.
fn list_of_mapping(fields: &Map<String, Value>) -> String {
    let glued = fields.keys().find_map(|key| {
        let name = key.strip_prefix('-')?;
        name.starts_with(char::is_alphabetic).then_some(name)
    });
    match glued {
        Some(name) => format!("write a space after the dash: `- {}: …`", quoted(name)),
        None => "write a list, one `- ` line per item".to_owned(),
    }
}

/// A text where a mapping was expected: often a pair with a slip.
fn mapping_of_text(text: &str, schema: &Value) -> String {
    let pair = |key: &str, value: &str| quoted(&format!("{key}: {value}")).into_owned();
    if let Some((key, value)) = missing_space(text) {
        return format!("write a space after the colon: `{}`", pair(key, value));
    }
    if let Some((key, value)) = equals_sign(text) {
        return format!(
            "write a colon and a space in place of `=`: `{}`",
            pair(key, value)
        );
    }
    if text.contains(": ") {
        return "write `key: value` lines below it, without quotes and without `|` or `>` behind the key".to_owned();
    }
    let known = schema.get("properties").and_then(Value::as_object);
    if let Some((key, value)) = text.split_once(' ')
        && known.is_some_and(|known| known.contains_key(key))
    {
        return format!("write a colon after `{key}`: `{}`", pair(key, value.trim()));
    }
    "write `key: value` lines below it".to_owned()
}

/// `/spec/remotes/0` as `spec.remotes[0]`.
pub(crate) fn dotted(pointer: &str) -> String {
    let mut shown = String::new();
    for token in tokens(pointer) {
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

//! Secrets out of what is written down. A schema says what is secret:
//! `"writeOnly": true` or `"format": "password"`.

use serde_json::Value;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
/// Schemas that go round in circles end here; what lies deeper is not kept.
const DEEPEST: usize = 64;

/// The value without what its schema marks as secret. Where a schema leaves a
/// choice, whatever any of the choices marks is left out.
pub(super) fn redacted(schema: &Value, value: &Value) -> Value {
    let mut value = value.clone();
    hide(schema, schema, &mut value, 0);
    value
}

/// Whether something of the original was a secret that is not in what is kept.
pub(super) fn hid_something(kept: &Value, original: &Value) -> bool {
    match (kept, original) {
        (Value::String(text), other) if text == REDACTED => other.as_str() != Some(REDACTED),
        (Value::Object(kept), Value::Object(original)) => kept.iter().any(|(name, kept)| {
            original
                .get(name)
                .is_some_and(|original| hid_something(kept, original))
        }),
        (Value::Array(kept), Value::Array(original)) => kept
            .iter()
            .zip(original)
            .any(|(kept, original)| hid_something(kept, original)),
        _ => false,
    }
}

fn hide(root: &Value, schema: &Value, value: &mut Value, depth: usize) {
    let Some(fields) = schema.as_object() else {
        return;
    };
    let secret = fields.get("writeOnly").and_then(Value::as_bool) == Some(true)
        || fields.get("format").and_then(Value::as_str) == Some("password");
    if secret || depth > DEEPEST {
        *value = REDACTED.into();
        return;
    }
    let target = fields
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| target.strip_prefix('#'))
        .and_then(|pointer| root.pointer(pointer));
    let alone = ["if", "then", "else"]
        .iter()
        .filter_map(|key| fields.get(*key));
    let lists = ["allOf", "anyOf", "oneOf"]
        .iter()
        .filter_map(|key| fields.get(*key)?.as_array())
        .flatten();
    for schema in target.into_iter().chain(alone).chain(lists) {
        hide(root, schema, value, depth + 1);
    }
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                hide_property(root, schema, (name, value), depth);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter_mut().enumerate() {
                hide_item(root, schema, (at, value), depth);
            }
        }
        _ => {}
    }
}

fn hide_property(root: &Value, schema: &Value, (name, value): (&str, &mut Value), depth: usize) {
    let own = schema.get("properties").and_then(|all| all.get(name));
    let rest = schema.get("additionalProperties").filter(|_| own.is_none());
    // Patterns are not matched: leaving out too much is safe.
    let patterns = schema
        .get("patternProperties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|all| all.values());
    for schema in own.into_iter().chain(rest).chain(patterns) {
        hide(root, schema, value, depth + 1);
    }
}

fn hide_item(root: &Value, schema: &Value, (at, value): (usize, &mut Value), depth: usize) {
    let of = |key: &str| schema.get(key);
    let items = of("items").and_then(|items| match items.as_array() {
        // Draft 7 writes a tuple like this.
        Some(tuple) => tuple.get(at),
        None => Some(items),
    });
    let tuple = of("prefixItems").and_then(|tuple| tuple.get(at));
    let others = ["additionalItems", "contains"].into_iter().filter_map(of);
    for schema in items.into_iter().chain(tuple).chain(others) {
        hide(root, schema, value, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hides_what_is_marked_wherever_it_is_marked() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "password": { "type": "string", "format": "password" },
                "nested": { "properties": { "key": { "writeOnly": true } } },
                "list": { "type": "array", "items": { "$ref": "#/definitions/login" } },
                "tuple": { "items": [{}, { "writeOnly": true }] },
                "prefixed": { "prefixItems": [{ "writeOnly": true }] },
                "either": { "oneOf": [{ "type": "null" }, { "properties": { "token": { "writeOnly": true } } }] },
                "shown": { "writeOnly": false },
            },
            "patternProperties": { "^x-": { "format": "password" } },
            "definitions": { "login": { "properties": { "pin": { "writeOnly": true } } } },
        });
        let value = json!({
            "nested": { "key": "s3cret", "other": 1 },
            "list": [{ "pin": 1234, "user": "kim" }],
            "tuple": ["a", "s3cret", "c"],
            "prefixed": ["s3cret", "b"],
            "either": { "token": ["s3cret"], "id": 1 },
        });
        // A pattern hides every property here, so it is left out of this one.
        let mut without = schema.clone();
        without.as_object_mut().unwrap().remove("patternProperties");
        assert_eq!(
            redacted(&without, &value),
            json!({
                "nested": { "key": REDACTED, "other": 1 },
                "list": [{ "pin": REDACTED, "user": "kim" }],
                "tuple": ["a", REDACTED, "c"],
                "prefixed": [REDACTED, "b"],
                "either": { "token": REDACTED, "id": 1 },
            })
        );
        let flat = json!({ "name": "x", "password": "s3cret", "shown": "y" });
        assert_eq!(
            redacted(&without, &flat),
            json!({ "name": "x", "password": REDACTED, "shown": "y" })
        );
        assert!(
            !redacted(&schema, &json!({ "x-a": "s3cret" }))
                .to_string()
                .contains("s3cret")
        );
    }

    #[test]
    fn a_schema_without_end_hides_what_lies_too_deep() {
        let schema = json!({ "properties": { "in": { "$ref": "#" } } });
        let mut value = json!("s3cret");
        for _ in 0..100 {
            value = json!({ "in": value });
        }
        assert!(!redacted(&schema, &value).to_string().contains("s3cret"));
    }

    #[test]
    fn a_reference_to_itself_ends() {
        let schema = json!({ "$ref": "#" });
        assert_eq!(redacted(&schema, &json!({ "a": 1 })), json!(REDACTED));
    }
}

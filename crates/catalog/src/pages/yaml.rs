//! JSON values as YAML that a person would write: blocks, plain texts where
//! they cannot be mistaken for anything else, long texts line by line.

use serde_json::Value;

/// Deeper values are written in flow style, which is JSON.
const MAX_DEPTH: usize = 60;

/// One document, with a line end.
pub(super) fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    if is_block(value, 0) {
        block(&mut out, value, 0);
    } else {
        scalar(&mut out, value, 0);
        out.push('\n');
    }
    out
}

/// Whether the value takes lines of its own.
fn is_block(value: &Value, depth: usize) -> bool {
    let filled = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    filled && depth < MAX_DEPTH
}

fn block(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                indent(out, depth);
                entry(out, key, value, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                indent(out, depth);
                out.push('-');
                element(out, item, depth);
            }
        }
        other => scalar(out, other, depth),
    }
}

/// `key: value`, the indentation being there already.
fn entry(out: &mut String, key: &str, value: &Value, depth: usize) {
    text(out, key);
    out.push(':');
    if is_block(value, depth + 1) {
        out.push('\n');
        block(out, value, depth + 1);
    } else {
        out.push(' ');
        scalar(out, value, depth + 1);
        out.push('\n');
    }
}

/// What follows a dash: an object begins on the same line.
fn element(out: &mut String, item: &Value, depth: usize) {
    match item {
        Value::Object(fields) if is_block(item, depth + 1) => {
            for (at, (key, value)) in fields.iter().enumerate() {
                if at == 0 {
                    out.push(' ');
                } else {
                    indent(out, depth + 1);
                }
                entry(out, key, value, depth + 1);
            }
        }
        Value::Array(_) if is_block(item, depth + 1) => {
            out.push('\n');
            block(out, item, depth + 1);
        }
        other => {
            out.push(' ');
            scalar(out, other, depth + 1);
            out.push('\n');
        }
    }
}

fn scalar(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(value) if is_literal(value) => literal(out, value, depth),
        Value::String(value) => text(out, value),
        // JSON is YAML in flow style.
        other => out.push_str(&other.to_string()),
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Whether a text can stand line by line below `|`, and comes back the same.
fn is_literal(value: &str) -> bool {
    let body = value.strip_suffix('\n').unwrap_or(value);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && body
            .chars()
            .all(|c| c == '\n' || c == '\t' || is_printable(c))
}

fn literal(out: &mut String, value: &str, depth: usize) {
    let (body, head) = match value.strip_suffix('\n') {
        Some(body) => (body, "|"),
        None => (value, "|-"),
    };
    out.push_str(head);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(out, depth.max(1));
            out.push_str(line);
        }
    }
}

fn text(out: &mut String, value: &str) {
    if is_plain(value) {
        out.push_str(value);
        return;
    }
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) > 0xFFFF => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
}

/// Characters that may stand as they are (YAML 1.2, 5.1), without breaks and
/// byte order marks.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
}

/// Whether a text means itself to readers of YAML 1.1 and 1.2 alike: it begins
/// with a letter or a path, and nothing in it ends a plain text.
fn is_plain(value: &str) -> bool {
    /// Words that are no text (YAML 1.1, bool and null).
    const WORDS: [&str; 10] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan",
    ];
    let starts = value
        .chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '/' || c == '_');
    starts
        && value.len() <= 200
        && !value.ends_with([' ', ':'])
        && !value.contains(": ")
        && !value.contains(" #")
        && value.chars().all(|c| {
            c.is_alphanumeric()
                || matches!(
                    c,
                    ' ' | '_' | '.' | '/' | '-' | ':' | '@' | '+' | '(' | ')' | ';' | '=' | '~'
                )
        })
        && !WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use model::yaml::{Limits, parse_value};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::to_yaml;

    fn back(text: &str) -> Value {
        let node = parse_value("test.yaml", text.as_bytes(), &Limits::default());
        node.expect("it is YAML")
            .map_or(Value::Null, |node| node.to_json())
    }

    #[test]
    fn reads_like_a_catalog_file() {
        let value = json!({
            "kind": "API",
            "metadata": { "name": "orders", "tags": ["rest", "on"], "links": [{ "url": "https://a.example", "title": "A: b" }] },
            "spec": { "definition": "openapi: 3.1.0\ninfo:\n  title: x\n", "empty": {}, "none": null, "number": 1.5 },
        });
        let expected = "kind: API\nmetadata:\n  name: orders\n  tags:\n    - rest\n    - \"on\"\n  links:\n    - url: https://a.example\n      title: \"A: b\"\n\
                        spec:\n  definition: |\n    openapi: 3.1.0\n    info:\n      title: x\n  empty: {}\n  none: null\n  number: 1.5\n";
        assert_eq!(to_yaml(&value), expected);
        assert_eq!(back(expected), value);
    }

    fn values() -> impl Strategy<Value = Value> {
        let texts = prop_oneof![
            "\\PC{0,12}",
            "[a-z: #\\-\\n\\t\"'|>%@&*!?{}\\[\\],0-9.~]{0,16}",
            "(a|  b|\\n|c: d|# e){0,6}",
        ];
        let scalars = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            texts.clone().prop_map(Value::from),
        ];
        scalars.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((texts.clone(), inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn comes_back_as_it_was(value in values()) {
            let text = to_yaml(&value);
            prop_assert_eq!(back(&text), value, "{}", text);
        }
    }
}

//! JSON as block-style YAML that every YAML 1.1 and 1.2 reader takes back as
//! the same value.

use serde_json::Value;

/// The value as YAML, with a line end.
pub(in crate::cli) fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => block(value, 0, &mut out),
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut out),
        scalar => {
            flow(scalar, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

/// Lines of a mapping or sequence, each with its indentation.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                out.push_str(&" ".repeat(indent));
                text(key, true, 0, out);
                out.push(':');
                after(value, indent + 2, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                out.push_str(&" ".repeat(indent));
                out.push('-');
                match item {
                    // The first key stands behind the dash.
                    Value::Object(fields) if !fields.is_empty() => {
                        let mut inner = String::new();
                        block(item, indent + 2, &mut inner);
                        out.push(' ');
                        out.push_str(inner.trim_start_matches(' '));
                    }
                    _ => after(item, indent + 2, out),
                }
            }
        }
        _ => {}
    }
}

fn after(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            out.push('\n');
            block(value, indent, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(value, indent, out);
        }
        scalar => {
            out.push(' ');
            flow(scalar, indent, out);
            out.push('\n');
        }
    }
}

fn flow(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(value) => text(value, false, indent, out),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// A plain text where that is safe, a literal block for several lines, and
/// JSON's quotes (which are YAML's) for everything else.
fn text(value: &str, key: bool, indent: usize, out: &mut String) {
    if is_plain(value) {
        out.push_str(value);
    } else if !key && is_literal(value) {
        out.push_str(if value.ends_with('\n') { "|" } else { "|-" });
        for line in value.strip_suffix('\n').unwrap_or(value).split('\n') {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&" ".repeat(indent.max(2)));
                out.push_str(line);
            }
        }
    } else {
        out.push_str(&Value::from(value).to_string());
    }
}

fn is_plain(value: &str) -> bool {
    const WORDS: [&str; 11] = [
        "true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", ".inf",
    ];
    let mut letters = value.chars();
    let Some(first) = letters.next() else {
        return false;
    };
    let opens = first.is_alphabetic() || matches!(first, '/' | '_' | '$');
    let safe = |letter: char| {
        letter.is_alphanumeric()
            || matches!(
                letter,
                ' ' | '/' | '_' | '-' | '.' | ':' | '@' | '(' | ')' | '+' | '$' | ';' | '='
            )
    };
    opens
        && value.chars().all(safe)
        && !value.contains(": ")
        && !value.ends_with([':', ' '])
        && !WORDS.contains(&value.to_lowercase().as_str())
}

/// Several plain lines, the last of which ends at most once.
fn is_literal(value: &str) -> bool {
    let body = value.strip_suffix('\n').unwrap_or(value);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n'])
        && value.chars().all(|letter| {
            letter == '\n'
                || !(letter.is_control()
                    || matches!(letter, '\u{feff}' | '\u{85}' | '\u{2028}' | '\u{2029}'))
        })
}

#[cfg(test)]
mod tests {
    use model::yaml::{Limits, parse_value};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read_back(value: &Value) -> Value {
        let text = to_yaml(value);
        parse_value("x", text.as_bytes(), &Limits::default())
            .unwrap_or_else(|found| panic!("{text}\n{found:?}"))
            .map_or(Value::Null, |node| node.to_json())
    }

    #[test]
    fn entities_read_well() {
        let value = json!({
            "apiVersion": "backstage.io/v1alpha1",
            "metadata": {"name": "결제", "tags": ["java", "on"], "links": [{"url": "https://a.b/c", "title": "x: y"}], "labels": {}},
            "spec": {"definition": "openapi: 3.1.0\ninfo:\n  title: T\n", "lifecycle": null, "count": 3},
        });
        let expected = "apiVersion: backstage.io/v1alpha1\nmetadata:\n  name: 결제\n  tags:\n    - java\n    - \"on\"\n  links:\n    - url: https://a.b/c\n      title: \"x: y\"\n  labels: {}\nspec:\n  definition: |\n    openapi: 3.1.0\n    info:\n      title: T\n  lifecycle: null\n  count: 3\n";
        assert_eq!(to_yaml(&value), expected);
        assert_eq!(read_back(&value), value);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            "\\PC{0,12}",
            "[a-z:# \\-\\n|>'\"]{0,16}",
            Just("~".to_owned()),
            Just("1e3".to_owned()),
            Just("- a".to_owned())
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text.clone().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text.clone(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any_json()) {
            prop_assert_eq!(read_back(&value), value);
        }
    }
}

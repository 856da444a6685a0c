//! JSON values as YAML that a person would write: blocks, plain texts where
//! they cannot be mistaken for anything else, long texts line by line.

use serde_json::Value;

/// Deeper values are written in flow style, which is JSON.
const MAX_DEPTH: usize = 60;

/// Keys with more characters are written behind `?`: a key behind which only a
/// colon tells that it is one has at most 1,024 (YAML 1.2.2, section 7.4.3).
const LONGEST_KEY: usize = 200;

/// The value as one YAML document, with a line end and without `---`.
///
/// Readers of YAML 1.1 and 1.2 take it back as the same value: texts that look
/// like numbers, dates, `null` or `yes` are put in quotes, and the order of keys
/// is kept. As everywhere in [`super`], whole floats come back as integers.
pub fn to_yaml(value: &Value) -> String {
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
    if key.chars().nth(LONGEST_KEY).is_some() {
        out.push_str("? ");
        quotes(out, key);
        out.push('\n');
        indent(out, depth);
    } else {
        text(out, key);
    }
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
    } else {
        quotes(out, value);
    }
}

fn quotes(out: &mut String, value: &str) {
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
        .is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '_' | '$'));
    starts
        && value.len() <= 200
        && !value.ends_with([' ', ':'])
        && !value.contains(": ")
        && value.chars().all(|c| {
            c.is_alphanumeric()
                || matches!(
                    c,
                    ' ' | '_'
                        | '.'
                        | '/'
                        | '-'
                        | ':'
                        | '@'
                        | '+'
                        | '('
                        | ')'
                        | ';'
                        | '='
                        | '~'
                        | '$'
                )
        })
        && !WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

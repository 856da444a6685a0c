//! What an API definition offers, read from its text without a parser for
//! each language: paths, operations, summaries, types, channels, error codes.
//! A broken definition gives what can be read of it.

use serde_json::Value;

/// Bytes of a definition that are looked at.
const MAX_TEXT: usize = 512 * 1024;
/// Bytes that are kept.
const MAX_KEPT: usize = 64 * 1024;
/// Levels of JSON that are walked.
const MAX_DEPTH: usize = 40;
/// Fields whose value says what an operation does.
const TELLING: [&str; 6] = [
    "operationId",
    "summary",
    "title",
    "description",
    "address",
    "messageId",
];
/// Fields whose keys are names.
const NAMING: [&str; 8] = [
    "paths",
    "channels",
    "operations",
    "schemas",
    "messages",
    "definitions",
    "webhooks",
    "components",
];

/// The words of a definition that somebody would look for, one text.
pub(super) fn operations(text: &str) -> String {
    let text = beginning(text, MAX_TEXT);
    let mut kept = Kept(String::new());
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => walk(&value, &mut kept, 0),
        _ => lines(text, &mut kept),
    }
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')) {
        if is_code(word) {
            kept.add(word);
        }
    }
    kept.0
}

struct Kept(String);

impl Kept {
    fn add(&mut self, text: &str) {
        let text = text.trim().trim_matches(['"', '\'']);
        if !text.is_empty() && self.0.len() + text.len() < MAX_KEPT {
            self.0.push_str(text);
            self.0.push('\n');
        }
    }
}

/// At most this many bytes, cut between two characters.
fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// `ORDER-001`, `PAY_4012`: how people name errors.
fn is_code(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
    letters >= 2
        && digits >= 2
        && word.len() <= 40
        && word.bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
        })
        && word.contains(['-', '_'])
}

fn walk(value: &Value, kept: &mut Kept, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                if let Some(text) = inner.as_str().filter(|_| TELLING.contains(&key.as_str())) {
                    kept.add(text);
                }
                if let Some(names) = inner.as_object().filter(|_| NAMING.contains(&key.as_str())) {
                    names.keys().for_each(|name| kept.add(name));
                }
                walk(inner, kept, depth + 1);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, kept, depth + 1)),
        _ => {}
    }
}

/// YAML, GraphQL and protocol buffers, line by line.
fn lines(text: &str, kept: &mut Kept) {
    // The depth of a field whose keys are names, and the depth of those.
    let mut naming: Option<(usize, Option<usize>)> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let trimmed = trimmed.strip_prefix("- ").unwrap_or(trimmed);
        if let Some((key, value)) = trimmed.split_once(':') {
            let key = key.trim_matches(['"', '\'', ' ']);
            if TELLING.contains(&key) {
                kept.add(value);
            }
            if naming.is_some_and(|(above, _)| indent <= above) {
                naming = None;
            }
            if let Some((above, level)) = naming {
                let level = level.unwrap_or(indent);
                naming = Some((above, Some(level)));
                if indent == level {
                    kept.add(key);
                }
            }
            if key.starts_with('/') {
                kept.add(key);
            } else if NAMING.contains(&key) && value.trim().is_empty() {
                naming = Some((indent, None));
            }
        }
        declared(trimmed, kept);
    }
}

/// `type Order {`, `rpc Capture(…)`, and the fields of GraphQL types.
fn declared(line: &str, kept: &mut Kept) {
    const WORDS: [&str; 10] = [
        "type",
        "input",
        "enum",
        "interface",
        "union",
        "service",
        "rpc",
        "message",
        "scalar",
        "package",
    ];
    let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
    let mut words = line.split_whitespace();
    if let (Some(first), Some(second)) = (words.next(), words.next())
        && WORDS.contains(&first)
    {
        kept.add(second.split(end).next().unwrap_or_default());
    } else if let Some((name, _)) = line.split_once('(')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        kept.add(name);
    }
}

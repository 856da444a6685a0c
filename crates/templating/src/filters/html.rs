//! Filters that write HTML or addresses.

use std::rc::Rc;

use crate::coerce::{self, number, text, truth, utf16_len, utf16_part};
use crate::eval::Given;
use crate::filters::text::wanted;
use crate::value::Value;

pub(super) fn apply(name: &str, input: &Value, given: &Given) -> Result<Value, String> {
    let made = match name {
        "escape" | "e" => match input {
            Value::Safe(_) => return Ok(input.clone()),
            Value::Undefined | Value::Null => Value::Safe(Rc::from("")),
            other => Value::Safe(Rc::from(escaped(&text(other)?))),
        },
        "forceescape" => match input {
            Value::Undefined | Value::Null => Value::Safe(Rc::from("")),
            other => Value::Safe(Rc::from(escaped(&text(other)?))),
        },
        "nl2br" => match input {
            Value::Undefined | Value::Null => Value::text(""),
            other => {
                let whole = text(other)?.replace("\r\n", "\n");
                Value::text(&whole.replace('\n', "<br />\n"))
            }
        },
        "striptags" => Value::text(&striptags(&wanted(input)?, truth(&given.get(0)))),
        "urlencode" => Value::text(&urlencode(input)?),
        _ => Value::text(&urlize(&wanted(input)?, given)?),
    };
    Ok(made)
}

fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#39;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            other => made.push(other),
        }
    }
    made
}

/// Without tags and comments. White space becomes single blanks; or, where
/// line breaks stay, at most one empty line.
fn striptags(text: &str, lines: bool) -> String {
    let bare = without_tags(text);
    let bare = bare.trim();
    if !lines {
        return bare.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut made: Vec<String> = Vec::new();
    for line in bare.replace("\r\n", "\n").split('\n') {
        let line = line
            .split(' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let empty = |line: Option<&String>| line.is_some_and(String::is_empty);
        if !(line.is_empty() && empty(made.last())) {
            made.push(line);
        }
    }
    made.join("\n")
}

fn without_tags(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        made.push_str(before);
        if let Some(comment) = after.strip_prefix("!--")
            && let Some((_, behind)) = comment.split_once("-->")
        {
            rest = behind;
            continue;
        }
        let name = after.strip_prefix('/').unwrap_or(after);
        let is_tag = name.starts_with(|c: char| c.is_ascii_alphabetic());
        match after.split_once('>') {
            Some((_, behind)) if is_tag => rest = behind,
            _ => {
                made.push('<');
                rest = after;
            }
        }
    }
    made.push_str(rest);
    made
}

/// `encodeURIComponent`; of an object or a list of pairs, a query.
fn urlencode(input: &Value) -> Result<String, String> {
    let pair = |key: &Value, value: &Value| -> Result<String, String> {
        Ok(format!(
            "{}={}",
            component(&text(key)?),
            component(&text(value)?)
        ))
    };
    let pairs: Vec<String> = match input {
        Value::Record(record) => record
            .borrow()
            .entries()
            .into_iter()
            .map(|(key, value)| pair(&Value::Text(key), &value))
            .collect::<Result<_, _>>()?,
        Value::List(items) => items
            .borrow()
            .iter()
            .map(|item| match item {
                Value::List(parts) => {
                    let parts = parts.borrow();
                    let part = |index: usize| parts.get(index).unwrap_or(&Value::Undefined);
                    pair(part(0), part(1))
                }
                other => Err(format!(
                    "a query is made of pairs, and this is {}",
                    other.kind()
                )),
            })
            .collect::<Result<_, _>>()?,
        Value::Text(text) | Value::Safe(text) => return Ok(component(text)),
        _ => return Ok(String::new()),
    };
    Ok(pairs.join("&"))
}

fn component(text: &str) -> String {
    let mut made = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            made.push(char::from(byte));
        } else {
            made.push_str(&format!("%{byte:02X}"));
        }
    }
    made
}

/// Addresses in a text as links: `urlize(longest, nofollow)`.
fn urlize(text: &str, given: &Given) -> Result<String, String> {
    let longest = match given.get(0) {
        Value::Undefined | Value::Null => f64::INFINITY,
        other => number(&other)?,
    };
    let nofollow = if truth(&given.get(1)) {
        " rel=\"nofollow\""
    } else {
        ""
    };
    let shown = |word: &str| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "clamped to the length"
        )]
        let most = coerce::whole(longest.clamp(0.0, utf16_len(word) as f64)) as usize;
        let units: Vec<u16> = word.encode_utf16().collect();
        utf16_part(&units, 0, most)
    };
    let mut made = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let blank = word.get(bare.len()..).unwrap_or_default();
        let address = bare
            .trim_start_matches(['(', '<'])
            .trim_start_matches("&lt;")
            .trim_end_matches(['.', ',', ')', '\n', '>'])
            .trim_end_matches("&gt;");
        let link =
            |href: String, rel: &str| format!("<a href=\"{href}\"{rel}>{}</a>", shown(address));
        let has_name = |ending: &str| {
            address.split_once(ending).is_some_and(|(before, after)| {
                !before.is_empty() && (after.is_empty() || after.starts_with(['/', ':', '.']))
            })
        };
        let made_link = if address.starts_with("http://") || address.starts_with("https://") {
            Some(link(address.to_owned(), nofollow))
        } else if address.starts_with("www.") {
            Some(link(format!("http://{address}"), nofollow))
        } else if is_mail(address) {
            Some(link(format!("mailto:{address}"), ""))
        } else if [".org", ".net", ".com"].into_iter().any(has_name) {
            Some(link(format!("http://{address}"), nofollow))
        } else {
            None
        };
        match made_link {
            Some(link) => made.push_str(&link),
            None => made.push_str(bare),
        }
        made.push_str(blank);
    }
    Ok(made)
}

fn is_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        let plain = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
        };
        !name.is_empty()
            && plain(name)
            && plain(host)
            && host
                .split_once('.')
                .is_some_and(|(host, ending)| !host.is_empty() && ending.len() > 1)
    })
}

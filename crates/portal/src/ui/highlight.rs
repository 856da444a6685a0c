//! Four colours for YAML and JSON: keys, strings, numbers, comments. It reads
//! line by line and never fails; what it does not understand stays plain.

use std::fmt::Write;

use askama::filters::{Html as HtmlEscaper, escape};

/// The language of a code block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// No colours.
    #[default]
    Plain,
    /// YAML 1.2, block and flow style.
    Yaml,
    /// JSON.
    Json,
}

/// Longer lines stay plain.
const MAX_LINE_BYTES: usize = 2_000;

/// One line as markup, everything escaped.
pub(super) fn line(text: &str, syntax: Syntax) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    if syntax == Syntax::Plain || text.len() > MAX_LINE_BYTES {
        plain(&mut out, text);
        return out;
    }
    match key_end(text, syntax) {
        Some(end) => {
            let (key, value) = text.split_at_checked(end).unwrap_or((text, ""));
            let start = key.len() - key.trim_start_matches([' ', '-', '{', '[', ',']).len();
            let (indent, name) = key.split_at_checked(start).unwrap_or(("", key));
            plain(&mut out, indent);
            token(&mut out, "tok-key", name);
            scalar(&mut out, value, syntax);
        }
        None => {
            let content = text.trim_start_matches([' ', '-']);
            let (indent, rest) = text
                .split_at_checked(text.len() - content.len())
                .unwrap_or(("", text));
            plain(&mut out, indent);
            scalar(&mut out, rest, syntax);
        }
    }
    out
}

/// Where `key:` ends, the colon included.
fn key_end(text: &str, syntax: Syntax) -> Option<usize> {
    let mut quote = None;
    let mut after_space = true;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some('"'), '\\') => {
                chars.next();
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if after_space => quote = Some(c),
            (None, '#') if after_space && syntax == Syntax::Yaml => return None,
            (None, ':')
                if syntax == Syntax::Json || chars.peek().is_none_or(|(_, next)| *next == ' ') =>
            {
                return Some(at + 1);
            }
            _ => {}
        }
        after_space = matches!(c, ' ' | '-' | '{' | '[' | ',');
    }
    None
}

/// A value with what follows it.
fn scalar(out: &mut String, text: &str, syntax: Syntax) {
    let content = text.trim_start_matches([' ', '[', '{']);
    let (lead, rest) = text
        .split_at_checked(text.len() - content.len())
        .unwrap_or(("", text));
    plain(out, lead);
    let comment = (syntax == Syntax::Yaml)
        .then(|| comment_start(rest))
        .flatten();
    let (value, comment) = comment
        .and_then(|at| rest.split_at_checked(at))
        .unwrap_or((rest, ""));
    let bare = value.trim_end_matches([' ', ',', ']', '}']);
    let (bare, tail) = value.split_at_checked(bare.len()).unwrap_or((value, ""));
    if bare.starts_with('"') || bare.starts_with('\'') {
        token(out, "tok-str", bare);
    } else if bare.parse::<f64>().is_ok() || matches!(bare, "true" | "false" | "null" | "~") {
        token(out, "tok-num", bare);
    } else {
        plain(out, bare);
    }
    plain(out, tail);
    token(out, "tok-com", comment);
}

/// Where a comment begins: at the start or after a blank, outside of quotes.
fn comment_start(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && before == ' ' => quote = Some(c),
            None if c == '#' && before == ' ' => return Some(at),
            None => {}
        }
        before = c;
    }
    None
}

fn plain(out: &mut String, text: &str) {
    let Ok(escaped) = escape(text, HtmlEscaper);
    // Writing into a string cannot fail.
    let _ = write!(out, "{escaped}");
}

fn token(out: &mut String, class: &str, text: &str) {
    if !text.is_empty() {
        let _ = write!(out, r#"<span class="{class}">"#);
        plain(out, text);
        out.push_str("</span>");
    }
}

//! Templates: no text of their own, no inline style, no inline script.

use std::path::Path;

use super::{Allowed, files, is_hangul, line_of};

/// Stands for an expression while a template is read.
const HOLE: char = '\u{1}';

/// Attributes that people read or hear.
const SPOKEN: [&str; 6] = [
    "aria-label",
    "aria-description",
    "title",
    "placeholder",
    "alt",
    "label",
];

/// Reads every template below `templates/`.
pub fn templates(root: &Path, allowed: &Allowed<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in files(&root.join("templates"), "html") {
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let mut report = |at: usize, what: String| {
            findings.push(format!("{name}:{}: {what}", line_of(&text, at)))
        };
        let bare = without_expressions(&text, allowed, &mut report);
        walk(&bare, allowed, &mut report);
    }
    findings
}

/// The template with every `{# #}`, `{% %}` and `{{ }}` blanked to the same
/// length, so that positions stay.
fn without_expressions(
    text: &str,
    allowed: &Allowed<'_>,
    report: &mut impl FnMut(usize, String),
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut at = 0;
    while let Some(start) = ["{{", "{%", "{#"]
        .iter()
        .filter_map(|open| rest.find(open))
        .min()
    {
        let (before, tail) = rest.split_at_checked(start).unwrap_or((rest, ""));
        out.push_str(before);
        let close = match tail.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            _ => "#}",
        };
        let end = tail.find(close).map_or(tail.len(), |end| end + 2);
        let (inside, after) = tail.split_at_checked(end).unwrap_or((tail, ""));
        if close != "#}" {
            for literal in inside
                .split('"')
                .skip(1)
                .step_by(2)
                .filter(|literal| is_text(literal))
            {
                if !allowed.literals.contains(&literal) {
                    report(
                        at + start,
                        format!("the text `{literal}` belongs into locales/"),
                    );
                }
            }
        }
        out.push_str(
            &inside
                .chars()
                .flat_map(|c| std::iter::repeat_n(if c == '\n' { c } else { HOLE }, c.len_utf8()))
                .collect::<String>(),
        );
        at += start + end;
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a literal of an expression is language rather than a name: words
/// with spaces between them, or Hangul.
fn is_text(literal: &str) -> bool {
    let words = literal
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphabetic))
        .count();
    words > 1 || literal.contains(is_hangul)
}

fn walk(bare: &str, allowed: &Allowed<'_>, report: &mut impl FnMut(usize, String)) {
    let mut at = 0;
    while let Some(rest) = bare.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(tag) = rest
            .strip_prefix('<')
            .and_then(tag_end)
            .and_then(|end| rest.get(..end))
        {
            tag_rules(tag, |what| report(at, what));
            at += tag.len();
        } else {
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| *c == '<')
                .map_or(rest.len(), |(end, _)| end);
            let text = rest.get(..end).unwrap_or_default();
            let mut left = text.replace(HOLE, " ");
            for literal in allowed.literals {
                left = left.replace(literal, " ");
            }
            let left = without_entities(&left);
            if left.chars().any(char::is_alphabetic) {
                let shown = left.split_whitespace().collect::<Vec<_>>().join(" ");
                report(at, format!("the text `{shown}` belongs into locales/"));
            }
            at += end;
        }
    }
}

/// Where a tag ends, counted with its `<`; [`None`] for a bare `<`.
fn tag_end(after: &str) -> Option<usize> {
    let first = after.chars().next()?;
    if !(first.is_ascii_alphabetic() || first == '/' || first == '!') {
        return None;
    }
    let mut quote = None;
    for (at, c) in after.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 2),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

fn tag_rules(tag: &str, mut report: impl FnMut(String)) {
    let name = tag
        .trim_start_matches('<')
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    if name == "style" || (name == "script" && !tag.contains("src=")) {
        report(format!(
            "<{name}> within the page is refused by the Content-Security-Policy"
        ));
    }
    let mut rest = tag;
    while let Some((head, tail)) = rest.split_once('=') {
        let attribute = head
            .rsplit(|c: char| c.is_whitespace() || c == HOLE || c == '"' || c == '\'')
            .next()
            .unwrap_or_default();
        let quote = tail.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some((value, after)) = quote.and_then(|quote| tail.get(1..)?.split_once(quote)) else {
            rest = tail;
            continue;
        };
        rest = after;
        if attribute == "style" || attribute.starts_with("on") || attribute.contains("hx-on") {
            report(format!(
                "the attribute `{attribute}` is refused by the Content-Security-Policy"
            ));
        }
        let lower = value.trim_start().to_ascii_lowercase();
        if lower.starts_with("javascript:") || lower.starts_with("js:") {
            report(format!("the attribute `{attribute}` holds a script"));
        }
        if SPOKEN.contains(&attribute) && value.replace(HOLE, " ").chars().any(char::is_alphabetic)
        {
            report(format!(
                "the text `{}` of `{attribute}` belongs into locales/",
                value.replace(HOLE, "")
            ));
        }
    }
}

fn without_entities(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('&') {
        out.push_str(head);
        match tail.split_once(';') {
            Some((entity, after)) if entity.len() < 10 && !entity.contains(char::is_whitespace) => {
                rest = after
            }
            _ => rest = tail,
        }
    }
    out.push_str(rest);
    out
}

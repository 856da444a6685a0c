//! `[…]` and `{…}`.

use super::lines::{Open, before, split};
use super::{Finding, Stop, in_quotes};
use crate::quoted::quoted;

pub(super) fn explain(stop: &Stop<'_>) -> Option<Finding> {
    let here = stop.here();
    if stop.said("misplaced bracket") {
        let bracket = stop.next_char().unwrap_or(']');
        return Some(Finding::new(
            here,
            format!("`{bracket}` closes nothing"),
            "as many closing brackets as opening ones",
            "remove the bracket, or put the value in quotes if it is part of a text",
        ));
    }
    if stop.said("<document start>") {
        if let Some(found) = root_indent(stop) {
            return Some(found);
        }
        return Some(Finding::new(
            here,
            "the document has ended before this place",
            "as many closing brackets as opening ones, and nothing behind the last one",
            "remove the closing bracket that is too many, or what follows it",
        ));
    }
    let Some(inner) = stop.lines.brackets.last() else {
        return after_brackets(stop);
    };
    let about_brackets = [
        "flow",
        "':'",
        "node content",
        "simple key",
        "eof",
        "end of plain",
    ];
    if !about_brackets.iter().any(|part| stop.said(part)) {
        return None;
    }
    let closing = closing(inner.what);
    if let Some(wrong @ (']' | '}')) = stop.next_char().filter(|next| *next != closing) {
        return Some(Finding::new(
            here,
            format!("`{wrong}` stands where `{}` is still open", inner.what),
            format!("`{closing}`"),
            format!("write `{closing}` before `{wrong}`, or in place of it"),
        ));
    }
    if let Some(open) = never_closed(stop) {
        return Some(not_closed(open));
    }
    match stop.next_char() {
        Some(',') => Some(Finding::new(
            here,
            "nothing stands between two commas",
            "one comma between two items",
            "remove the comma",
        )),
        _ => Some(comma_missing(stop)),
    }
}

/// The root ends where a line has fewer spaces than its first one.
fn root_indent(stop: &Stop<'_>) -> Option<Finding> {
    let current = stop.lines.get(stop.line)?;
    if split(stop.text)
        .take(stop.line)
        .any(|line| line.starts_with('%'))
    {
        return Some(Finding::new(
            stop.here(),
            "a `---` line is missing between a `%` directive and the document",
            "`%YAML 1.2`, then `---`, then the document",
            "write `---` before this line, or remove the line that begins with `%`",
        ));
    }
    let first = stop.lines.above(stop.line).last()?;
    (first.indent > current.indent).then(|| {
        Finding::new(
            (first.number, 0),
            "the first line is indented more than the lines that should be its neighbours",
            "all keys of the root at the left margin",
            format!(
                "remove the {} before `{}`",
                super::spaces(first.indent),
                quoted(first.content())
            ),
        )
    })
}

fn closing(bracket: char) -> char {
    if bracket == '[' { ']' } else { '}' }
}

fn not_closed(open: Open) -> Finding {
    let closing = closing(open.what);
    Finding::new(
        (open.line, open.column),
        format!("`{}` is not closed", open.what),
        format!("`{closing}` behind the last item"),
        format!(
            "add the missing `{closing}`, or put the value in quotes if `{}` is part of a text",
            open.what
        ),
    )
}

/// The bracket for which a line follows that can only stand outside it, or
/// which is open at the end.
fn never_closed(stop: &Stop<'_>) -> Option<Open> {
    let first = stop.lines.brackets.first()?;
    let mut walk = Walk::default();
    for (at, text) in split(stop.text)
        .enumerate()
        .skip(first.line.saturating_sub(1))
    {
        let number = at + 1;
        if number <= stop.line
            && let Some(culprit) = walk.left_by(text)
        {
            return Some(culprit);
        }
        let from = if number == first.line {
            first.column
        } else {
            0
        };
        walk.line(number, text, from);
        if walk.open.is_empty() && number >= stop.line {
            return None;
        }
    }
    walk.open
        .first()
        .map(|(open, _)| *open)
        .filter(|open| open.line <= stop.line)
}

/// The brackets that are open, each with how its line looks.
#[derive(Default)]
struct Walk {
    open: Vec<(Open, Shape)>,
    quote: Option<char>,
}

#[derive(Clone, Copy)]
struct Shape {
    indent: usize,
    /// Nothing but blanks stands before the bracket.
    begins_line: bool,
    ends_line: bool,
}

impl Walk {
    /// The outermost bracket that a line with a key of its own cannot be in.
    fn left_by(&self, text: &str) -> Option<Open> {
        if self.quote.is_some() {
            return None;
        }
        let pair = pair_indent(text)?;
        let is_json = self
            .open
            .first()
            .is_some_and(|(_, shape)| shape.begins_line);
        let left = self.open.iter().find(|(_, shape)| {
            // JSON without indentation breaks its lines behind brackets.
            if shape.begins_line || (is_json && shape.ends_line) {
                pair < shape.indent
            } else {
                pair <= shape.indent
            }
        });
        left.map(|(open, _)| *open)
    }

    fn line(&mut self, number: usize, text: &str, from: usize) {
        let indent = text.chars().take_while(|c| *c == ' ').count();
        let length = text.trim_end().chars().count();
        let mut before = ' ';
        for (column, c) in text.chars().enumerate().skip(from) {
            match (self.quote, c) {
                (Some(open), c) if open == c && before != '\\' => self.quote = None,
                (Some(_), _) => {}
                (None, '"') => self.quote = Some(c),
                (None, '\'') if !before.is_alphanumeric() => self.quote = Some(c),
                (None, '#') if before == ' ' => break,
                (None, '[' | '{') => {
                    let shape = Shape {
                        indent,
                        begins_line: column == indent,
                        ends_line: column + 1 == length,
                    };
                    self.open.push((
                        Open {
                            what: c,
                            line: number,
                            column,
                        },
                        shape,
                    ));
                }
                (None, ']' | '}') => {
                    self.open.pop();
                }
                _ => {}
            }
            before = c;
        }
    }
}

/// Spaces before a line that looks like `key: …`.
fn pair_indent(text: &str) -> Option<usize> {
    let content = text.trim_start_matches(' ');
    let (key, value) = content.split_once(':')?;
    let name = key.trim_matches(['"', '\'']);
    let fits = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '$'))
        && (value.is_empty() || value.starts_with(' ') || key.ends_with('"'));
    fits.then(|| text.len() - content.len())
}

fn comma_missing(stop: &Stop<'_>) -> Finding {
    let accepted = "items with commas between them, such as `[a, b]` or `{a: 1, b: 2}`";
    let above = stop.lines.above(stop.line).next();
    let indent = stop.lines.get(stop.line).map_or(0, |line| line.indent);
    let inside = stop.lines.brackets.last().map_or(0, |open| open.line);
    let begins_line = stop.column <= indent || stop.next_char() == Some(':');
    if begins_line
        && let Some(above) = above.filter(|above| above.number >= inside)
        && !above.text.trim_end().ends_with([',', '[', '{', ':'])
    {
        let text = above.text.trim_end();
        return Finding::new(
            (above.number, text.chars().count()),
            "a comma is missing at the end of the line",
            accepted,
            format!("write a comma after `{}`", quoted(text.trim_start())),
        );
    }
    // The parser stops at the colon; the comma belongs before the key.
    let read: Vec<char> = before(stop.current(), stop.column).chars().collect();
    let word = read.iter().rev().take_while(|c| !c.is_whitespace()).count();
    let key = if stop.next_char() == Some(':') {
        word
    } else {
        0
    };
    Finding::new(
        (stop.line, stop.column.saturating_sub(key)),
        "a comma is missing before this place",
        accepted,
        "write the comma, or put the value in quotes if it is one text",
    )
}

/// `[WIP] service`: brackets that end before the value does.
fn after_brackets(stop: &Stop<'_>) -> Option<Finding> {
    let line = stop.lines.get(stop.line)?;
    let value = line.value()?;
    let bracket = value.chars().next().filter(|c| matches!(c, '[' | '{'))?;
    if stop.column <= line.start || !stop.said("did not find expected key") {
        return None;
    }
    Some(Finding::new(
        stop.here(),
        format!(
            "something follows the closing `{}` on the same line",
            closing(bracket)
        ),
        "a list or mapping alone, or a text in quotes",
        format!(
            "put the value in quotes: {}",
            in_quotes(super::value_until_comment(value, false))
        ),
    ))
}

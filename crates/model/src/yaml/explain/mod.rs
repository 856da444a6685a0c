//! From the parser's message to what a person did wrong and can do about it.
//!
//! The parser stops where the text makes no sense any more, which is often
//! lines behind the mistake. The rules here look at the lines around that
//! place, the most telling evidence first.

mod brackets;
mod lines;
mod quotes;
mod shape;
mod slips;
mod whole;

use lines::Lines;

use crate::diagnostic::Diagnostic;
use crate::quoted::quoted;

pub(super) use lines::{after, split as split_lines};
pub(crate) use slips::{equals_sign, missing_space};
pub(super) use whole::{is_separator_like, template_value};

/// Line (from 1) and column (from 0) inside the piece.
type Place = (usize, usize);

/// What a rule says.
struct Finding {
    code: &'static str,
    message: String,
    accepted: String,
    fix: String,
    place: Place,
}

impl Finding {
    fn new(
        place: Place,
        message: impl Into<String>,
        accepted: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            code: "yaml-syntax",
            message: message.into(),
            accepted: accepted.into(),
            fix: fix.into(),
            place,
        }
    }
}

/// What the parser said, and where.
struct Stop<'t> {
    info: &'t str,
    text: &'t str,
    line: usize,
    column: usize,
    lines: Lines<'t>,
}

impl<'t> Stop<'t> {
    fn said(&self, part: &str) -> bool {
        self.info.contains(part)
    }

    fn here(&self) -> Place {
        (self.line, self.column)
    }

    /// The line on which the parser stopped.
    fn current(&self) -> &'t str {
        self.lines.get(self.line).map_or("", |line| line.text)
    }

    /// The text from the place on, without the blanks at its end.
    fn rest(&self) -> &'t str {
        lines::after(self.current(), self.column).trim_end()
    }

    fn next_char(&self) -> Option<char> {
        self.rest().chars().next()
    }
}

/// The diagnostic for a parser message, without a mark, and the place to show.
pub(super) fn explain(info: &str, text: &str, line: usize, column: usize) -> (Diagnostic, Place) {
    let stop = Stop {
        info,
        text,
        line,
        column,
        lines: Lines::up_to(text, line, column),
    };
    let found = whole::explain(&stop)
        .or_else(|| quotes::explain(&stop))
        .or_else(|| brackets::explain(&stop))
        .or_else(|| token(&stop))
        .or_else(|| shape::explain(&stop))
        .unwrap_or_else(|| other(&stop));
    let problem = Diagnostic::error(found.code, found.message)
        .accepting(found.accepted)
        .fixed_by(found.fix);
    (problem, found.place)
}

/// Values that begin with a character that means something to YAML.
fn token(stop: &Stop<'_>) -> Option<Finding> {
    let here = stop.here();
    let rest = value_until_comment(stop.rest(), !stop.lines.brackets.is_empty());
    let quote_it = || format!("put the value in quotes: {}", in_quotes(rest));
    let text = "a text that begins with a letter, a digit, `/`, `.` or `_`, or any text in quotes";
    let first = stop.next_char().unwrap_or(' ');
    if stop.said("unknown anchor") {
        let name = quoted(word(rest));
        let mut found = Finding::new(
            here,
            format!(
                "the alias `{name}` refers to an anchor that is not defined before it in this document"
            ),
            "an anchor such as `&name` earlier in the same document",
            format!(
                "define the anchor, or put the value in quotes if it is meant as text: \"{name}\""
            ),
        );
        found.code = "yaml-unknown-anchor";
        return Some(found);
    }
    if stop.said("anchor or alias") {
        let message = match first {
            '&' => "`&` names a value for later, and no name follows it",
            _ => "`*` refers to an anchor, and no name follows it",
        };
        return Some(Finding::new(here, message, text, quote_it()));
    }
    if stop.said("did not find expected comment or line break") && matches!(first, '|' | '>') {
        return Some(Finding::new(
            here,
            format!(
                "`{first}` begins a text on the lines below, and something follows it on the same line"
            ),
            format!("`{first}` alone and the text indented below it, or a text in quotes"),
            format!("{}, or begin the text on the next line", quote_it()),
        ));
    }
    if stop.said("unexpected character")
        || stop.said("mapping keys are not allowed")
        || (stop.said("expected node content")
            && matches!(first, ',' | ']' | '}')
            && stop.lines.brackets.is_empty())
    {
        return Some(Finding::new(
            here,
            match first {
                '`' => "a value cannot begin with a back quote".to_owned(),
                first => format!("a value cannot begin with `{first}`"),
            },
            text,
            quote_it(),
        ));
    }
    if stop.said("separated from other tokens") {
        return Some(Finding::new(
            here,
            "`#` begins a comment only behind a space",
            "a space before `#`",
            "write a space before `#`, or put the value in quotes if `#` is part of it",
        ));
    }
    if first == '!' && (stop.said("tag") || stop.said("TAG") || stop.said("handle")) {
        return Some(Finding::new(
            here,
            "`!` begins a tag, and this is none",
            text,
            quote_it(),
        ));
    }
    if stop.said("only valid inside a block") || stop.said("cannot start with '-'") {
        return Some(Finding::new(
            here,
            "a dash begins no item inside `[ ]` or `{ }`",
            "items with commas between them, such as `[a, b]`",
            "remove the dash, or write the list as `- ` lines without brackets",
        ));
    }
    None
}

fn other(stop: &Stop<'_>) -> Finding {
    let shown = quoted(stop.current().trim());
    let fix = if shown.is_empty() {
        "check the end of the document: something is not closed".to_owned()
    } else {
        format!("check this line and the one before it: `{shown}`")
    };
    Finding::new(
        stop.here(),
        format!("the text is not valid YAML: {}", stop.info),
        "YAML 1.2",
        fix,
    )
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}'));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The value without a comment behind it and, inside brackets, without what
/// follows the next comma or bracket.
fn value_until_comment(text: &str, in_brackets: bool) -> &str {
    let text = text
        .find(" #")
        .and_then(|at| text.get(..at))
        .unwrap_or(text);
    let end = text
        .char_indices()
        .skip(1)
        .find(|(_, c)| in_brackets && matches!(c, ',' | ']' | '}'));
    end.and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
        .trim_end()
}

/// A value as a quoted YAML text, for people to copy.
fn in_quotes(text: &str) -> String {
    let shown = quoted(text.trim());
    if shown.contains(['"', '\\']) {
        format!("'{}'", shown.replace('\'', "''"))
    } else {
        format!("\"{shown}\"")
    }
}

/// `1 space`, `4 spaces`, `no space`.
fn spaces(count: usize) -> String {
    match count {
        0 => "no space".to_owned(),
        1 => "1 space".to_owned(),
        more => format!("{more} spaces"),
    }
}

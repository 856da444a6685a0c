//! Texts in quotes.

use super::lines::{after, before};
use super::{Finding, Stop, in_quotes};
use crate::quoted::quoted;

pub(super) fn explain(stop: &Stop<'_>) -> Option<Finding> {
    if stop.said("indentation in quoted scalar")
        || (stop.said("quoted scalar")
            && (stop.said("unexpected end of stream")
                || stop.said("unexpected document indicator")))
    {
        return Some(not_closed(stop, stop.here()));
    }
    if stop.said("unknown escape") || stop.said("hexadecimal") || stop.said("character escape") {
        return Some(escape(stop));
    }
    if stop.said("trailing content after") {
        return Some(trailing(stop));
    }
    if stop.said("':' must be followed") && before(stop.current(), stop.column).ends_with('\t') {
        let mut found = Finding::new(
            (stop.line, stop.column.saturating_sub(1)),
            "a tab follows the colon",
            "a space behind the colon",
            "replace the tab by a space",
        );
        found.code = "yaml-tab";
        return Some(found);
    }
    if stop.said("':' must be followed") {
        return Some(Finding::new(
            stop.here(),
            "no space follows the colon",
            "`key: value`, with a colon and a space",
            "write a space after the colon",
        ));
    }
    None
}

fn not_closed(stop: &Stop<'_>, place: (usize, usize)) -> Finding {
    let quote = stop
        .lines
        .get(place.0)
        .and_then(|line| after(line.text, place.1).chars().next())
        .filter(|quote| matches!(quote, '"' | '\''))
        .unwrap_or('"');
    let inner = match quote {
        '"' => "write \\\" for a quote inside double quotes",
        _ => "write '' for an apostrophe inside single quotes",
    };
    Finding::new(
        place,
        "a quoted text is not closed",
        format!("a text between two `{quote}`"),
        format!("add the closing `{quote}`; {inner}"),
    )
}

/// The backslash that no escape begins with.
fn escape(stop: &Stop<'_>) -> Finding {
    let mut escaped = false;
    let text = stop.lines.get(stop.line).map_or("", |line| line.text);
    let bad = after(text, stop.column)
        .chars()
        .enumerate()
        .skip(1)
        .find(|(_, c)| {
            let wrong = escaped && !"0abt\tnvfre \"/\\N_LPxuU".contains(*c);
            escaped = *c == '\\' && !escaped;
            wrong
        });
    let (place, shown) = match bad {
        Some((at, c)) => ((stop.line, stop.column + at - 1), format!("`\\{c}`")),
        None => (stop.here(), "this".to_owned()),
    };
    Finding::new(
        place,
        format!("{shown} is no escape of a double-quoted text"),
        "`\\\\`, `\\\"`, `\\n`, `\\t`, `\\u` with four hexadecimal digits, and the others of YAML",
        "write a backslash twice (\\\\), or use single quotes",
    )
}

fn trailing(stop: &Stop<'_>) -> Finding {
    let here = stop.here();
    let Some(open) = stop.lines.quote else {
        return not_closed(stop, here);
    };
    if open.line < stop.line {
        return not_closed(stop, (open.line, open.column));
    }
    let rest = stop.rest();
    if rest.starts_with(',') {
        return Finding::new(
            here,
            "a comma follows the value",
            "commas inside `[ ]` and `{ }` only",
            "remove the comma",
        );
    }
    if !stop.lines.brackets.is_empty() {
        return Finding::new(
            here,
            "a comma is missing between two items",
            "items with commas between them, such as `[a, b]`",
            format!("write a comma before `{}`", quoted(super::word(rest))),
        );
    }
    if rest.starts_with('#') {
        return Finding::new(
            here,
            "`#` begins a comment only behind a space",
            "a space before `#`",
            "write a space before `#`",
        );
    }
    let whole = after(stop.current(), open.column);
    let inner = whole.trim_end().trim_end_matches(open.what);
    let inner = inner.strip_prefix(open.what).unwrap_or(inner);
    let ends_in_quote = whole.trim_end().ends_with(open.what);
    if open.what == '\'' && rest.starts_with(char::is_alphanumeric) && ends_in_quote {
        let fix = if inner.contains(['"', '\\']) {
            format!(
                "write two apostrophes: '{}'",
                quoted(&inner.replace('\'', "''"))
            )
        } else {
            format!("use double quotes: \"{}\"", quoted(inner))
        };
        return Finding::new(
            here,
            "an apostrophe ends the text in single quotes",
            "'' for an apostrophe inside single quotes, or double quotes around the text",
            fix,
        );
    }
    if open.what == '"' && ends_in_quote {
        return Finding::new(
            here,
            "a `\"` inside the text ends it",
            "\\\" for a quote inside double quotes, or single quotes around the text",
            format!("use single quotes: {}", in_single_quotes(inner)),
        );
    }
    let shown = before(whole, 70);
    Finding::new(
        here,
        "something follows a quoted text on the same line",
        "one text in one pair of quotes",
        if shown.len() == whole.len() && !ends_in_quote {
            format!(
                "put the whole value in one pair of quotes: {}",
                in_quotes(&shown.replace(open.what, ""))
            )
        } else {
            "put the whole value in one pair of quotes".to_owned()
        },
    )
}

fn in_single_quotes(text: &str) -> String {
    format!("'{}'", quoted(&text.replace('\'', "''")))
}

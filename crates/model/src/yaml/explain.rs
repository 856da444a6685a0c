//! From the parser's message to what a person did wrong and can do about it.

use crate::diagnostic::Diagnostic;

/// Line (from 1) and column (from 0) inside the piece.
type Place = (usize, usize);

/// The diagnostic for a parser message, without a mark, and the place to show.
pub(super) fn explain(info: &str, text: &str, line: usize, column: usize) -> (Diagnostic, Place) {
    let here = (line, column);
    if let Some(place) = tab_near(info, text, line) {
        let problem = Diagnostic::error("yaml-tab", "a tab is used as indentation")
            .accepting("spaces only, two per level by custom")
            .fixed_by("replace the tab by spaces");
        return (problem, place);
    }
    if info.contains("unknown anchor") {
        let name = word_at(text, here);
        let problem = Diagnostic::error(
            "yaml-unknown-anchor",
            format!("the alias `{name}` refers to an anchor that is not defined before it in this document"),
        )
        .accepting("an anchor such as `&name` earlier in the same document")
        .fixed_by(format!(
            "define the anchor, or put the value in quotes if it is meant as text: \"{name}\""
        ));
        return (problem, here);
    }
    let (message, fix) = message_for(info, text, here);
    let problem = Diagnostic::error("yaml-syntax", message)
        .accepting("YAML 1.2")
        .fixed_by(fix);
    (problem, here)
}

fn message_for(info: &str, text: &str, here: Place) -> (String, String) {
    let has = |needle: &str| info.contains(needle);
    let (message, fix) = if has("unexpected character") {
        (
            "a value cannot begin with `@`, a back quote or `%`",
            "put the value in quotes",
        )
    } else if has("illegal placement of ':'") || has("indentation in flow construct") {
        (
            "a `[` or `{` before this place is not closed",
            "add the missing `]` or `}`, or put the value in quotes if the bracket is part of a text",
        )
    } else if has("mapping values are not allowed") && has_key_before(text, here) {
        (
            "`: ` stands twice on one line",
            "put the value in quotes, because it holds `: `",
        )
    } else if has("mapping values are not allowed") {
        (
            "the line is indented more than the line before, which already has a value",
            "indent the line like the line before, or remove the value before it",
        )
    } else if has("found unexpected end of stream")
        || has("found unexpected document indicator")
        || has("indentation in quoted scalar")
    {
        (
            "a quoted text is not closed",
            "add the closing quote; write '' for a quote inside single quotes and \\\" inside double quotes",
        )
    } else if has("flow mapping, did not find") {
        (
            "`{` is not closed, or a comma is missing",
            "add the missing `}` or `,`",
        )
    } else if has("flow sequence, expected") {
        (
            "`[` is not closed, or a comma is missing",
            "add the missing `]` or `,`",
        )
    } else if has("misplaced bracket") {
        (
            "a closing bracket has no opening one",
            "remove the bracket, or put the value in quotes",
        )
    } else if has("simple key expect") || has("simple key expected") {
        (
            "the line is no `key: value` pair although its neighbours are",
            "add a colon and a space after the key, or indent the line so that it belongs to the value before it",
        )
    } else if has("did not find expected '-'") {
        (
            "the line stands among list items but does not begin with `- `",
            "begin the line with `- `, or indent it like the key that it belongs to",
        )
    } else if has("did not find expected key")
        || has("invalid indentation")
        || has("wrongly indented")
    {
        (
            "the line is not indented like its neighbours",
            "use the same number of spaces for keys of one mapping, more for what belongs to a key",
        )
    } else if has("block sequence entries are not allowed") {
        (
            "a `- ` item is not allowed here",
            "put the item on a line of its own below its key",
        )
    } else if has("unknown escape character")
        || has("Unicode character escape")
        || has("hexadecimal")
    {
        (
            "a double-quoted text holds an unknown escape",
            "write a backslash twice (\\\\), or use single quotes",
        )
    } else if has("trailing content after") {
        (
            "something follows a quoted text on the same line",
            "put the whole value in one pair of quotes",
        )
    } else {
        return (
            format!("the text is not valid YAML: {info}"),
            other_fix(text, here.0),
        );
    };
    (message.to_owned(), fix.to_owned())
}

fn other_fix(text: &str, line: usize) -> String {
    match line_of(text, line).map(str::trim) {
        Some(content) if !content.is_empty() => {
            let shown: String = content.chars().take(60).collect();
            format!("check this line and the one before it: `{shown}`")
        }
        _ => "check the end of the document: something is not closed".to_owned(),
    }
}

/// Whether the line has a `key: ` before the place.
fn has_key_before(text: &str, (line, column): Place) -> bool {
    let before: String = line_of(text, line)
        .unwrap_or_default()
        .chars()
        .take(column)
        .collect();
    before.contains(": ")
}

/// The tab in the indentation that made the parser stop: on the reported line,
/// or on the next one with content.
fn tab_near(info: &str, text: &str, line: usize) -> Option<Place> {
    let place = (line.saturating_sub(1)..=line + 1)
        .filter(|number| *number > 0)
        .find_map(|number| {
            let content = line_of(text, number)?;
            let indentation = content.chars().take_while(|c| matches!(c, ' ' | '\t'));
            let column = indentation.collect::<String>().find('\t')?;
            Some((number, column))
        });
    if info.contains("tab") {
        return Some(place.unwrap_or((line, 0)));
    }
    // Other messages may be caused by a tab, but only on the very line.
    place.filter(|(number, _)| *number == line)
}

fn line_of(text: &str, line: usize) -> Option<&str> {
    text.lines().nth(line.checked_sub(1)?)
}

fn word_at(text: &str, (line, column): Place) -> String {
    let rest = line_of(text, line).unwrap_or_default().chars().skip(column);
    rest.take_while(|c| !c.is_whitespace() && !matches!(c, ',' | ']' | '}'))
        .take(60)
        .collect()
}

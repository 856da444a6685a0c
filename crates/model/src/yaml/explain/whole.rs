//! Evidence that explains a document as a whole: it is half of a merge, a web
//! page, a template that nobody rendered; or a character that nobody sees.

use super::lines::{Kind, split};
use super::{Finding, Place, Stop, in_quotes};

pub(super) fn explain(stop: &Stop<'_>) -> Option<Finding> {
    merge_conflict(stop)
        .or_else(|| no_yaml(stop))
        .or_else(|| tab(stop))
        .or_else(|| hidden_character(stop))
        .or_else(|| template(stop))
        .or_else(|| separator(stop))
}

fn merge_conflict(stop: &Stop<'_>) -> Option<Finding> {
    let is_mark = |line: &str, mark: &str| {
        line.strip_prefix(mark)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let first = |marks: &[&str]| {
        split(stop.text).position(|line| marks.iter().any(|mark| is_mark(line, mark)))
    };
    let at = first(&["<<<<<<<"])
        .or_else(|| first(&[">>>>>>>", "|||||||"]))
        .or_else(|| {
            let at = split(stop.text).position(|line| line.trim_end() == "=======")?;
            (at < stop.line).then_some(at)
        })?;
    Some(Finding::new(
        (at + 1, 0),
        "a merge conflict of Git is not resolved",
        "one of the two sides, without the lines that divide them",
        "keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
    ))
}

/// A web page, or YAML copied with the fence of its code block.
fn no_yaml(stop: &Stop<'_>) -> Option<Finding> {
    let (at, first) = split(stop.text)
        .enumerate()
        .find(|(_, line)| !line.trim().is_empty() && !line.starts_with("---"))?;
    let start: String = first.trim_start().chars().take(9).collect();
    let start = start.to_ascii_lowercase();
    if ["<!doctype", "<html", "<?xml"]
        .iter()
        .any(|page| start.starts_with(page))
    {
        return Some(Finding::new(
            (at + 1, 0),
            "this is a web page, not YAML",
            "YAML or JSON text",
            "save the file itself (on code hosts: its raw form) in place of the page that shows it",
        ));
    }
    let fence = if start.starts_with("```") {
        at + 1
    } else {
        let here = stop.lines.get(stop.line)?;
        (here.text.trim_start().starts_with("```")).then_some(here.number)?
    };
    Some(Finding::new(
        (fence, 0),
        "a line of back quotes comes from Markdown and is no YAML",
        "the lines between the fences",
        "remove the lines that begin with three back quotes",
    ))
}

fn tab(stop: &Stop<'_>) -> Option<Finding> {
    let said = stop.said("tab") && !stop.said("table");
    let numbers = stop.line.saturating_sub(1)..=stop.line;
    let indented = numbers.rev().find_map(|number| {
        let line = stop.lines.get(number)?;
        if matches!(line.kind, Kind::Block | Kind::Inside) {
            return None;
        }
        let column = line.text.chars().take_while(|c| *c == ' ').count();
        (line.text.chars().nth(column) == Some('\t') && !line.text.trim().is_empty())
            .then_some((number, column))
    });
    let finding = |place: Place, message: &str, accepted: &str, fix: &str| {
        let mut found = Finding::new(place, message, accepted, fix);
        found.code = "yaml-tab";
        found
    };
    // Other messages may be caused by a tab, but only on the very line.
    if let Some(place) = indented.filter(|(number, _)| said || *number == stop.line) {
        return Some(finding(
            place,
            "a tab is used as indentation",
            "spaces only, two per level by custom",
            "replace the tab by spaces",
        ));
    }
    if !said {
        return None;
    }
    let next = split(stop.text).nth(stop.line).unwrap_or_default();
    let below = next.chars().take_while(|c| *c == ' ').count();
    if next.chars().nth(below) == Some('\t') {
        return Some(finding(
            (stop.line + 1, below),
            "a tab is used as indentation",
            "spaces only, two per level by custom",
            "replace the tab by spaces",
        ));
    }
    let on_line = stop.current().chars().position(|c| c == '\t');
    Some(finding(
        (stop.line, on_line.unwrap_or(stop.column)),
        "a tab stands where YAML wants a space",
        "spaces",
        "replace the tab by a space",
    ))
}

fn hidden_character(stop: &Stop<'_>) -> Option<Finding> {
    let name = if stop.said("byte order mark") {
        "a byte order mark (U+FEFF, invisible)".to_owned()
    } else if stop.said("unprintable") {
        let code = stop.next_char().map_or(0, u32::from);
        format!("the control character U+{code:04X}")
    } else {
        return None;
    };
    Some(Finding::new(
        stop.here(),
        format!("{name} stands in the text"),
        "characters that can be seen, spaces and line breaks",
        "remove the character; editors show it with \"show invisible characters\"",
    ))
}

/// `{{ … }}` or `{% … %}` outside quotes, on the line of the mistake or of the
/// bracket that is open there.
fn template(stop: &Stop<'_>) -> Option<Finding> {
    let bracket = stop.lines.brackets.first().map(|open| open.line);
    let number = [Some(stop.line), bracket]
        .into_iter()
        .flatten()
        .find(|number| {
            stop.lines
                .get(*number)
                .is_some_and(|line| line.kind != Kind::Block && mark_of(line.text).is_some())
        })?;
    let line = stop.lines.get(number)?;
    let (column, mark) = mark_of(line.text)?;
    let place = (number, column);
    let content = line.text.trim();
    if content.starts_with(mark) {
        return Some(Finding::new(
            place,
            format!("a line that begins with `{mark}` belongs to a template and is no YAML"),
            "YAML without template statements",
            "render the template first, or leave template files out of the catalog's locations",
        ));
    }
    Some(Finding::new(
        place,
        format!("`{mark}` is not in quotes, so that YAML reads a mapping"),
        "a text in quotes",
        match template_value(line.text, column) {
            Some(value) => {
                format!("put the value in quotes: {value}; or render the template first")
            }
            None => "put the value in quotes, or render the template first".to_owned(),
        },
    ))
}

/// Column and kind of the first template mark that begins a value.
fn mark_of(text: &str) -> Option<(usize, &'static str)> {
    let found = ["{{", "{%"]
        .into_iter()
        .filter_map(|mark| Some((text.find(mark)?, mark)))
        .min()?;
    let before = text.get(..found.0)?;
    let in_quotes = before.matches('"').count() % 2 == 1 || before.matches('\'').count() % 2 == 1;
    (!in_quotes && !before.ends_with('$')).then(|| (before.chars().count(), found.1))
}

/// The value that begins at the column, in quotes.
pub(in crate::yaml) fn template_value(line: &str, column: usize) -> Option<String> {
    let value = super::lines::after(line, column);
    let value = value
        .find(" #")
        .and_then(|at| value.get(..at))
        .unwrap_or(value);
    (value.chars().count() <= 70).then(|| in_quotes(value))
}

/// A line of dashes that is no `---`.
fn separator(stop: &Stop<'_>) -> Option<Finding> {
    let lines = stop.lines.get(stop.line).into_iter();
    let line = lines
        .chain(stop.lines.above(stop.line).take(1))
        .find(|line| {
            !matches!(line.kind, Kind::Block | Kind::Inside) && is_separator_like(line.text)
        })?;
    Some(Finding::new(
        (line.number, line.indent),
        format!("`{}` divides no documents", line.text.trim()),
        "`---` at the left margin, alone on its line",
        if line.text.trim() == "---" {
            "write `---` without spaces before it"
        } else {
            "write three dashes at the left margin: `---`"
        },
    ))
}

/// Dashes and nothing else, though not a separator.
pub(in crate::yaml) fn is_separator_like(line: &str) -> bool {
    let content = line.trim();
    let count = content.chars().count();
    (2..=80).contains(&count)
        && content.chars().all(|c| matches!(c, '-' | '–' | '—' | '−'))
        && line.trim_end() != "---"
        || matches!(content, "—" | "–")
}

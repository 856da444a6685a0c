//! Lines that do not fit their neighbours: indentation, dashes, colons.

use super::lines::{Kind, Line};
use super::{Finding, Stop, in_quotes, slips, spaces, value_until_comment};
use crate::quoted::quoted;

pub(super) fn explain(stop: &Stop<'_>) -> Option<Finding> {
    if stop.said("mapping values are not allowed") {
        return mapping_value(stop);
    }
    if stop.said("simple key") {
        let found = stray_line(stop)?;
        return Some(slips::stray(stop, found));
    }
    if stop.said("comment intercepting") {
        return Some(Finding::new(
            stop.here(),
            "a comment stands inside a text of several lines",
            "comments above the key",
            "move the comment above the key, or write the text below `|`",
        ));
    }
    if stop.said("directive") && stop.current().starts_with('%') {
        return Some(Finding::new(
            (stop.line, 0),
            "a line that begins with `%` is a directive",
            "`%YAML 1.2` and `%TAG` before the `---` of a document",
            "remove the line, or put the text in quotes",
        ));
    }
    if stop.said("document end marker") {
        return Some(Finding::new(
            stop.here(),
            "something follows `...`, which ends a document",
            "`...` alone on its line",
            "remove the line, or put the text in quotes",
        ));
    }
    let about_indentation = [
        "did not find expected key",
        "expected '-'",
        "indent",
        "block sequence",
    ];
    if !about_indentation.iter().any(|part| stop.said(part)) {
        return None;
    }
    let line = stop.lines.get(stop.line)?;
    if stop.said("block sequence") && stop.column > line.start {
        return Some(item_behind_key(stop, line));
    }
    if matches!(line.kind, Kind::Stray | Kind::Value) && !line.dashed {
        return Some(slips::stray(stop, line));
    }
    Some(if line.dashed {
        odd_item(stop, line)
    } else {
        odd_indent(stop, line)
    })
}

/// The line that is no pair, at the place or before it.
fn stray_line<'a, 't>(stop: &'a Stop<'t>) -> Option<&'a Line<'t>> {
    let current = stop
        .lines
        .get(stop.line)
        .filter(|line| stop.column > line.indent);
    let is_stray = |line: &&Line<'_>| matches!(line.kind, Kind::Stray | Kind::Flow);
    current
        .filter(is_stray)
        .or_else(|| stop.lines.above(stop.line).find(is_stray))
        .or_else(|| {
            // At the root a text on the first line counts as the value.
            stop.lines
                .above(stop.line)
                .find(|line| line.kind == Kind::Value)
        })
}

fn mapping_value(stop: &Stop<'_>) -> Option<Finding> {
    let line = stop.lines.get(stop.line)?;
    if let Some(rest) = line.text.strip_prefix("--- ") {
        return Some(Finding::new(
            (line.number, 4),
            "a mapping cannot begin on the line of `---`",
            "`---` alone on its line",
            format!("write `{}` on the next line", quoted(rest.trim())),
        ));
    }
    if line.kind == Kind::Continued {
        let from = stop.lines.get(line.text_from)?;
        // `name:x` or `metadata`, read as a text that goes on.
        if matches!(from.kind, Kind::Value | Kind::Stray) && from.colons.is_empty() {
            return Some(slips::stray(stop, from));
        }
        return Some(too_deep(line, from));
    }
    let first = *line.colons.first()?;
    if first < stop.column {
        let value = value_until_comment(line.value().unwrap_or_default(), false);
        let quote_it = format!("put the value in quotes: {}", in_quotes(value));
        let inner = value.split_once(':').map_or(value, |(key, _)| key);
        return Some(Finding::new(
            stop.here(),
            "`: ` stands twice on one line",
            "one `key: value` on a line; `: ` inside a value in quotes only",
            if slips::is_field(inner) {
                format!(
                    "write `{}` on the next line, indented by two spaces more; or {quote_it}",
                    quoted(value)
                )
            } else {
                quote_it
            },
        ));
    }
    let above = stop.lines.above(line.number).next()?;
    if matches!(above.kind, Kind::Stray | Kind::Value) {
        return Some(slips::stray(stop, above));
    }
    Some(too_deep(line, above))
}

fn too_deep(line: &Line<'_>, above: &Line<'_>) -> Finding {
    Finding::new(
        (line.number, line.start),
        "the line is indented more than the line before, which already has a value",
        match above.key() {
            Some(key) => format!("{}, as before `{}`", spaces(above.start), quoted(key)),
            None => spaces(above.start),
        },
        format!(
            "{}, or remove the value on line {} if the line belongs to it",
            begin(above.start),
            above.number
        ),
    )
}

fn item_behind_key(stop: &Stop<'_>, line: &Line<'_>) -> Finding {
    let value = value_until_comment(stop.rest(), false);
    Finding::new(
        stop.here(),
        "a list cannot begin behind its key",
        "`- ` items on lines of their own, or `[a, b]`",
        match line.key() {
            Some(key) => format!(
                "write `{}` on a line of its own below `{}:`, or put the value in quotes if it is a text",
                quoted(value),
                quoted(key)
            ),
            None => "write the item on a line of its own".to_owned(),
        },
    )
}

/// A `- ` line where none fits.
fn odd_item(stop: &Stop<'_>, line: &Line<'_>) -> Finding {
    let place = (line.number, line.indent);
    let earlier = stop
        .lines
        .above(line.number)
        .take_while(|above| above.dashed || above.indent + 2 >= line.indent)
        .find(|above| above.dashed);
    if let Some(earlier) = earlier
        && earlier.indent != line.indent
    {
        return Finding::new(
            place,
            "the item is not indented like the items before it",
            format!("{}, as on line {}", spaces(earlier.indent), earlier.number),
            begin(earlier.indent),
        );
    }
    Finding::new(
        place,
        "a `- ` item stands among `key: value` lines",
        "`- ` items below the key of a list, and `key: value` lines elsewhere",
        "indent the item below the key of its list, or write it as `key: value`",
    )
}

fn odd_indent(stop: &Stop<'_>, line: &Line<'_>) -> Finding {
    let place = (line.number, line.start);
    let above = stop.lines.above(line.number).next();
    if let Some(text) =
        above.filter(|above| above.kind == Kind::Block && above.indent > line.indent)
        && line.colons.is_empty()
    {
        return Finding::new(
            place,
            "the line is indented less than the text above it",
            spaces(text.indent),
            format!("{} if it belongs to the text", begin(text.indent)),
        );
    }
    let parents = parents(stop, line);
    let item = above.filter(|above| above.dashed && above.indent <= line.indent);
    if let Some(item) = item
        && item.kind == Kind::Pair
        && item.start != line.start
        && line.indent > item.indent
    {
        return Finding::new(
            place,
            "the line is not indented like the key above it",
            format!(
                "{}, as before `{}`",
                spaces(item.start),
                quoted(item.key().unwrap_or_default())
            ),
            begin(item.start),
        );
    }
    if stop.said("expected '-'") {
        let (accepted, fix) = match item
            .or_else(|| stop.lines.above(line.number).find(|above| above.dashed))
        {
            Some(item) => (
                format!(
                    "`- ` items, or {} for a key of the item on line {}",
                    spaces(item.start),
                    item.number
                ),
                format!(
                    "begin the line with `- `, or with {} if it belongs to the item on line {}",
                    spaces(item.start),
                    item.number
                ),
            ),
            None => (
                "`- ` items".to_owned(),
                "begin the line with `- `, or indent it like the key that it belongs to".to_owned(),
            ),
        };
        return Finding::new(
            place,
            "the line stands among list items but does not begin with `- `",
            accepted,
            fix,
        );
    }
    let listed: Vec<String> = parents
        .iter()
        .map(|(column, key)| format!("{}, as before `{}`", spaces(*column), quoted(key)))
        .collect();
    let nearest = parents
        .iter()
        .min_by_key(|(column, _)| column.abs_diff(line.indent));
    Finding::new(
        place,
        "the line is not indented like its neighbours",
        if listed.is_empty() {
            "the same number of spaces before all keys of one mapping".to_owned()
        } else {
            listed.join("; or ")
        },
        match nearest {
            Some((column, key)) => format!(
                "{} if it stands beside `{}`; keys of one mapping have the same number of spaces",
                begin(*column),
                quoted(key)
            ),
            None => "use the same number of spaces for keys of one mapping, more for what belongs to a key".to_owned(),
        },
    )
}

fn begin(column: usize) -> String {
    match column {
        0 => "begin the line at the left margin".to_owned(),
        column => format!("begin the line with {}", spaces(column)),
    }
}

/// Columns at which a key could stand on this line, deepest first.
fn parents(stop: &Stop<'_>, line: &Line<'_>) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for above in stop.lines.above(line.number).take(1_000) {
        let Some(key) = above.key().filter(|_| above.kind == Kind::Pair) else {
            continue;
        };
        if found.last().is_none_or(|(column, _)| above.start < *column) {
            found.push((above.start, key.to_owned()));
        }
        if above.start == 0 || found.len() >= 4 {
            break;
        }
    }
    found
}

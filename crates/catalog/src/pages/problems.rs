//! Problems as the design system shows them, from the table of problems and
//! from an entity's `status`.

use model::diagnostic::Severity;
use portal::ui::{Problem, Tone};
use serde_json::Value;

use super::summary::text_at;
use crate::place::shown;
use crate::store::ProblemRow;

/// One row of the table.
pub(super) fn problem_of(row: &ProblemRow) -> Problem {
    Problem {
        tone: tone_of(&row.severity),
        message: row.message.clone(),
        place: place_text(&row.location, row.line, row.column),
        href: line_href(&row.location, row.line),
        accepted: row.accepted.clone(),
        fix: row.fix.clone(),
    }
}

/// An entity's remarks: those of the table, and those of its `status` that the
/// table does not have, such as a source that could not be read.
pub(super) fn problems_of(rows: &[ProblemRow], status: Option<&str>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = rows.iter().map(problem_of).collect();
    let status: Value = status
        .and_then(|status| serde_json::from_str(status).ok())
        .unwrap_or_default();
    let items = status.get("items").and_then(Value::as_array);
    for item in items.into_iter().flatten() {
        let Some(text) = text_at(item, "/error/message").or_else(|| text_at(item, "/message"))
        else {
            continue;
        };
        if !rows.iter().any(|row| text.contains(&row.message)) {
            let tone = tone_of(text_at(item, "/level").unwrap_or("error"));
            problems.push(printed(text, tone));
        }
    }
    problems.sort_by_key(|problem| problem.tone != Tone::Bad);
    problems
}

fn tone_of(severity: &str) -> Tone {
    if severity == Severity::Error.as_str() {
        Tone::Bad
    } else if severity == Severity::Warning.as_str() {
        Tone::Warn
    } else {
        Tone::Info
    }
}

/// Takes the printed form of a diagnostic apart:
/// `file:line:column: error[code]: message`, then `accepted:` and `fix:` lines.
fn printed(text: &str, tone: Tone) -> Problem {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let head = ["error", "warning", "info"].iter().find_map(|severity| {
        let (place, rest) = first.split_once(&format!("{severity}["))?;
        let (_, message) = rest.split_once("]: ")?;
        Some((place.trim_end_matches([' ', ':']), message))
    });
    let (place, message) = head.unwrap_or(("", first));
    let mut problem = Problem {
        tone,
        message: message.to_owned(),
        place: place.to_owned(),
        ..Problem::default()
    };
    let mut into = Part::Message;
    for line in lines.map(str::trim) {
        if let Some(accepted) = line.strip_prefix("accepted: ") {
            problem.accepted = Some(accepted.to_owned());
            into = Part::Accepted;
        } else if let Some(fix) = line.strip_prefix("fix: ") {
            problem.fix = Some(fix.to_owned());
            into = Part::Fix;
        } else {
            let part = match into {
                Part::Message => &mut problem.message,
                Part::Accepted => problem.accepted.get_or_insert_default(),
                Part::Fix => problem.fix.get_or_insert_default(),
            };
            part.push(' ');
            part.push_str(line);
        }
    }
    problem
}

/// Where a further line of a printed diagnostic belongs.
enum Part {
    Message,
    Accepted,
    Fix,
}

/// `file:line:column`, as far as it is known.
pub(super) fn place_text(location: &str, line: u32, column: u32) -> String {
    let file = shown(location);
    match (line, column) {
        (0, _) => file.to_owned(),
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    }
}

/// A link to a line of a file on the web. Code hosts understand `#L7`; others
/// ignore it.
pub(super) fn line_href(location: &str, line: u32) -> Option<String> {
    let url = location.strip_prefix("url:")?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    Some(match line {
        0 => url.to_owned(),
        line => format!("{url}#L{line}"),
    })
}

/// The page of a commit, where the file's address tells how its host writes
/// them: `…/blob/…` (GitHub), `…/-/blob/…` (GitLab), `…/src/branch/…` (Gitea).
pub(super) fn commit_href(location: &str, revision: &str) -> Option<String> {
    let url = location.strip_prefix("url:")?;
    if !url.starts_with("https://") && !url.starts_with("http://") || !is_commit(revision) {
        return None;
    }
    for (mark, commit) in [
        ("/-/blob/", "/-/commit/"),
        ("/-/tree/", "/-/commit/"),
        ("/blob/", "/commit/"),
        ("/tree/", "/commit/"),
        ("/src/branch/", "/commit/"),
    ] {
        if let Some((repository, _)) = url.split_once(mark) {
            return Some(format!("{repository}{commit}{revision}"));
        }
    }
    None
}

fn is_commit(revision: &str) -> bool {
    revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A commit in short, anything else as it is.
pub(super) fn short_revision(revision: &str) -> &str {
    if is_commit(revision) {
        revision.get(..8).unwrap_or(revision)
    } else {
        revision
    }
}

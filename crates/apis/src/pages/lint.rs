//! Score and findings.

use askama::Template;
use portal::View;
use portal::ui::{Html, Tone};

use super::{Desk, clipped, tone, wide};
use crate::doc::ApiDoc;
use crate::lint::lint;

/// Findings that a page lists.
const MAX_ROWS: usize = 300;

#[derive(Template)]
#[template(path = "apis/lint.html")]
struct LintPart<'a> {
    view: &'a View,
    score: u8,
    tone: Tone,
    total: u64,
    rows: Vec<Row>,
    left: usize,
}

struct Row {
    tone: Tone,
    severity: &'static str,
    message: &'static str,
    code: &'static str,
    subject: String,
    line: Option<(u32, String)>,
}

/// Draws the report.
pub(super) fn draw(desk: &Desk<'_>, doc: &ApiDoc) -> Html {
    let report = lint(doc);
    let rows: Vec<Row> = report
        .findings
        .iter()
        .take(MAX_ROWS)
        .map(|finding| Row {
            tone: tone(finding.severity),
            severity: match finding.severity {
                model::diagnostic::Severity::Error => "apis-severity-error",
                model::diagnostic::Severity::Warning => "apis-severity-warning",
                model::diagnostic::Severity::Info => "apis-severity-info",
            },
            message: finding.message,
            code: finding.code,
            subject: clipped(&finding.subject, 160),
            line: desk
                .line_href(finding.line)
                .map(|href| (finding.line, href)),
        })
        .collect();
    Html::of(&LintPart {
        view: desk.view,
        score: report.score,
        tone: tone_of(report.score),
        total: wide(report.total),
        left: report.total.saturating_sub(rows.len()),
        rows,
    })
}

/// How a score of 0 to 100 looks.
pub(super) fn tone_of(score: u8) -> Tone {
    match score {
        0..50 => Tone::Bad,
        50..80 => Tone::Warn,
        _ => Tone::Ok,
    }
}

//! The definition as it is written.

use askama::Template;
use portal::View;
use portal::ui::{Code, CodeLine, Html, Syntax, Tone};

use super::Desk;

/// Lines on a page.
const WINDOW: usize = 1_500;
/// Bytes on a page.
const MAX_BYTES: usize = 150_000;

#[derive(Template)]
#[template(path = "apis/definition.html")]
struct DefinitionPart<'a> {
    view: &'a View,
    code: Code,
    is_cut: bool,
    previous: Option<String>,
    next: Option<String>,
}

/// Draws the lines around `?line=`.
pub(super) fn draw(desk: &Desk<'_>) -> Html {
    let view = desk.view;
    let text = &desk.written.text;
    let wanted = view.here.get("line").and_then(|text| text.parse().ok());
    let total = text.lines().count();
    let line = wanted.unwrap_or(1_usize).clamp(1, total.max(1));
    let first = (line - 1) / WINDOW * WINDOW;
    let mut bytes = 0;
    let lines: Vec<&str> = text
        .lines()
        .skip(first)
        .take(WINDOW)
        .take_while(|line| {
            bytes += line.len();
            bytes <= MAX_BYTES
        })
        .collect();
    let last = first + lines.len();
    let is_cut = lines.len() < WINDOW.min(total - first);
    let to = |line: usize| {
        let line = line.to_string();
        Some(desk.href(&[("show", "definition"), ("line", &line)]))
    };
    let is_whole = first == 0 && last == total;
    let caption = if is_whole {
        view.t("apis-definition").to_string()
    } else {
        let range = view.t("apis-lines").with("first", first + 1);
        range.with("last", last).with("total", total).to_string()
    };
    Html::of(&DefinitionPart {
        view,
        code: Code {
            id: "definition".to_owned(),
            caption,
            syntax: syntax(text),
            text: lines.join("\n"),
            first: first + 1,
            numbered: true,
            marks: wanted
                .map(|_| CodeLine {
                    line,
                    tone: Tone::Info,
                    text: String::new(),
                })
                .into_iter()
                .collect(),
        },
        is_cut,
        previous: if first > 0 {
            to(first + 1 - WINDOW)
        } else {
            None
        },
        next: if first + WINDOW < total {
            to(first + WINDOW + 1)
        } else {
            None
        },
    })
}

fn syntax(text: &str) -> Syntax {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        Syntax::Json
    } else if ["openapi:", "swagger:", "asyncapi:", "---"]
        .iter()
        .any(|word| start.starts_with(word))
    {
        Syntax::Yaml
    } else {
        Syntax::Plain
    }
}

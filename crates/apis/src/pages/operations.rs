//! Operations by tag, each with everything that it takes and gives.

use std::cell::Cell;

use askama::Template;
use portal::View;
use portal::ui::{Code, Html, Pager, Syntax};

use super::markdown::prose;
use super::shape::Shapes;
use super::{Desk, anchor, clipped, curl, wide};
use crate::doc::{ApiDoc, Operation, Payload};

/// Operations on a page.
const PAGE: usize = 30;
/// Bytes of all examples of one page.
const MAX_EXAMPLES: usize = 60_000;
/// Operations that are open without a click.
const OPEN: usize = 1;

#[derive(Template)]
#[template(path = "apis/operations.html")]
struct OperationsPart<'a> {
    view: &'a View,
    search: String,
    total: u64,
    groups: Vec<Group<'a>>,
    pager: Pager,
}

struct Group<'a> {
    name: String,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    id: String,
    verb: &'a str,
    target: String,
    summary: String,
    deprecated: bool,
    open: bool,
    body: Html,
}

#[derive(Template)]
#[template(path = "apis/operation.html")]
struct Body<'a> {
    view: &'a View,
    name: Option<&'a str>,
    description: Option<Html>,
    security: &'a [String],
    parameters: Vec<Html>,
    inputs: Vec<Part>,
    outputs: Vec<Part>,
    curl: Option<Code>,
    line: Option<(u32, String)>,
}

struct Part {
    title: String,
    description: Option<Html>,
    shape: Option<Html>,
    examples: Vec<Code>,
}

/// Draws the operations that `?op=` asks for.
pub(super) fn draw(desk: &Desk<'_>, doc: &ApiDoc) -> Html {
    let search = clipped(desk.view.here.get("op").unwrap_or_default(), 200);
    let wanted = search.to_lowercase();
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let mut found: Vec<(usize, usize, &Operation)> = Vec::new();
    let mut tags: Vec<&str> = Vec::new();
    for (at, operation) in doc.operations.iter().enumerate() {
        if !words.is_empty() && !matches(operation, &words) {
            continue;
        }
        let tag = operation.tags.first().map_or("", String::as_str);
        let rank = tags.iter().position(|known| *known == tag);
        let rank = rank.unwrap_or_else(|| {
            tags.push(tag);
            tags.len() - 1
        });
        found.push((rank, at, operation));
    }
    found.sort_by_key(|(rank, at, _)| (*rank, *at));
    let shapes = Shapes::new(desk);
    let examples = Cell::new(MAX_EXAMPLES);
    let open = found.len() <= OPEN;
    let mut groups: Vec<Group<'_>> = Vec::new();
    let page = found.iter().skip((desk.page() - 1) * PAGE).take(PAGE);
    for (rank, at, operation) in page {
        let name = tags.get(*rank).copied().unwrap_or_default();
        let row = Row {
            id: format!("{}-{at}", anchor("op", &operation.key)),
            verb: &operation.verb,
            target: clipped(&operation.target, 200),
            summary: clipped(operation.summary.as_deref().unwrap_or_default(), 160),
            deprecated: operation.deprecated,
            open,
            body: body(desk, doc, operation, (*at, &shapes, &examples)),
        };
        match groups.last_mut() {
            Some(group) if group.name == name => group.rows.push(row),
            _ => groups.push(Group {
                name: name.to_owned(),
                rows: vec![row],
            }),
        }
    }
    Html::of(&OperationsPart {
        view: desk.view,
        total: wide(found.len()),
        search,
        groups,
        pager: desk.pager(found.len(), PAGE),
    })
}

/// Whether every word is somewhere in what an operation is called.
fn matches(operation: &Operation, words: &[&str]) -> bool {
    let texts = [
        Some(&operation.key),
        Some(&operation.target),
        operation.name.as_ref(),
        operation.summary.as_ref(),
    ];
    let text: Vec<String> = texts
        .into_iter()
        .flatten()
        .chain(&operation.tags)
        .map(|text| text.to_lowercase())
        .collect();
    words
        .iter()
        .all(|word| text.iter().any(|text| text.contains(word)))
}

fn body(
    desk: &Desk<'_>,
    doc: &ApiDoc,
    operation: &Operation,
    (at, shapes, left): (usize, &Shapes<'_>, &Cell<usize>),
) -> Html {
    let view = desk.view;
    let parts = |payloads: &[Payload], prefix: &str| -> Vec<Part> {
        let numbered = payloads.iter().enumerate();
        numbered
            .map(|(number, payload)| Part {
                title: title(payload),
                description: prose(&payload.description, 1_000),
                shape: payload.shape.as_ref().map(|shape| shapes.draw(shape)),
                examples: examples(view, payload, &format!("{prefix}-{at}-{number}"), left),
            })
            .collect()
    };
    let curl = curl::command(doc, operation);
    Html::of(&Body {
        view,
        name: operation.name.as_deref(),
        description: prose(operation.description.as_deref().unwrap_or_default(), 4_000),
        security: &operation.security,
        parameters: operation
            .parameters
            .iter()
            .map(|parameter| {
                let mut parameter = parameter.clone();
                if !parameter.place.is_empty() && parameter.place != "argument" {
                    parameter.shape.limits.insert(0, parameter.place.to_owned());
                }
                shapes.field(&parameter)
            })
            .collect(),
        inputs: parts(&operation.inputs, "in"),
        outputs: parts(&operation.outputs, "out"),
        curl: curl.map(|text| Code::command(format!("curl-{at}"), text)),
        line: desk
            .line_href(operation.line)
            .map(|href| (operation.line, href)),
    })
}

fn title(payload: &Payload) -> String {
    let words = [payload.status.as_str(), payload.media.as_str()];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    clipped(&words.join(" · "), 160)
}

fn examples(view: &View, payload: &Payload, id: &str, left: &Cell<usize>) -> Vec<Code> {
    payload
        .examples
        .iter()
        .take(2)
        .enumerate()
        .filter_map(|(number, example)| {
            let text = clipped(example, 4_000);
            left.set(left.get().checked_sub(text.len())?);
            Some(Code {
                id: format!("{id}-{number}"),
                caption: view.t("apis-example").to_string(),
                syntax: if payload.media.contains("json") || text.starts_with(['{', '[']) {
                    Syntax::Json
                } else {
                    Syntax::Plain
                },
                text,
                ..Code::default()
            })
        })
        .collect()
}

//! The named types.

use std::collections::HashMap;

use askama::Template;
use portal::View;
use portal::ui::{Html, Pager};

use super::markdown::prose;
use super::shape::Shapes;
use super::{Desk, anchor, clipped, wide};
use crate::doc::ApiDoc;

/// Types on a page.
const PAGE: usize = 60;

#[derive(Template)]
#[template(path = "apis/types.html")]
struct TypesPart<'a> {
    view: &'a View,
    total: u64,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    id: String,
    name: String,
    kind: &'static str,
    description: Option<Html>,
    line: Option<(u32, String)>,
    shape: Html,
}

/// On which page each type stands.
pub(super) fn pages(doc: &ApiDoc) -> HashMap<&str, usize> {
    let numbered = doc.types.iter().enumerate();
    numbered
        .map(|(at, def)| (def.name.as_str(), at / PAGE + 1))
        .collect()
}

/// Draws the types of one page.
pub(super) fn draw(desk: &Desk<'_>, doc: &ApiDoc) -> Html {
    let shapes = Shapes::new(desk);
    let page = doc.types.iter().skip((desk.page() - 1) * PAGE).take(PAGE);
    let rows = page
        .map(|def| Row {
            id: anchor("type", &def.name),
            name: clipped(&def.name, 160),
            kind: def.kind,
            description: prose(&def.description, 2_000),
            line: desk.line_href(def.line).map(|href| (def.line, href)),
            shape: shapes.draw(&def.shape),
        })
        .collect();
    Html::of(&TypesPart {
        view: desk.view,
        total: wide(doc.types.len()),
        rows,
        pager: desk.pager(doc.types.len(), PAGE),
    })
}

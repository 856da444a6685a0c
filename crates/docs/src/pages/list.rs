//! `/docs`: everything that can be read, with owner and age.

use askama::Template;
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use platform::request::Call;
use portal::ui::Pager;
use portal::{Page, View};

use super::{Answer, Desk, entity_href};
use crate::find::Row;

/// Rows of one page.
const PAGE: usize = 50;
/// Documentation that nobody has changed for so long may be wrong.
pub(super) const OLD: SignedDuration = SignedDuration::from_hours(180 * 24);

#[derive(Template)]
#[template(path = "docs/list.html")]
struct ListPage {
    rows: Vec<Row>,
    total: usize,
    all: usize,
    text: String,
    pager: Pager,
    view: View,
}

impl ListPage {
    fn owner_href(&self, row: &Row) -> String {
        row.owner.as_ref().map(entity_href).unwrap_or_default()
    }

    fn changed(&self, row: &Row) -> Option<Timestamp> {
        row.summary.as_ref()?.changed_at
    }

    fn is_old(&self, at: &Timestamp) -> bool {
        self.view.now.duration_since(*at) > OLD
    }
}

/// `GET /docs`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let text: String = view
        .here
        .get("q")
        .unwrap_or_default()
        .trim()
        .chars()
        .take(200)
        .collect();
    let rows = desk.docs.listed(&call.caller);
    let all = rows.len();
    let wanted = text.to_lowercase();
    let fits = |row: &Row| {
        let name = row.summary.as_ref().map_or("", |summary| &summary.name);
        [
            row.title.as_str(),
            row.entity_ref.as_str(),
            &row.owner_title,
            name,
        ]
        .iter()
        .any(|part| part.to_lowercase().contains(&wanted))
    };
    let rows: Vec<Row> = rows.into_iter().filter(fits).collect();
    let total = rows.len();
    let number = view.here.get("page").and_then(|text| text.parse().ok());
    let number = number.unwrap_or(1_usize).clamp(1, 10_000);
    let first = (number - 1) * PAGE;
    let rows: Vec<Row> = rows.into_iter().skip(first).take(PAGE).collect();
    let to = |number: usize| Some(view.here.with("page", &number.to_string()).to_string());
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let last = first + rows.len();
    let pager = Pager {
        first: if rows.is_empty() { 0 } else { wide(first + 1) },
        last: if rows.is_empty() { 0 } else { wide(last) },
        total: wide(total),
        previous: if number > 1 { to(number - 1) } else { None },
        next: if last < total { to(number + 1) } else { None },
    };
    Ok(Page::new(ListPage {
        rows,
        total,
        all,
        text,
        pager,
        view,
    })
    .into_response())
}

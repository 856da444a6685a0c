//! `/sources`: where the catalog comes from, and how each place is doing.

use askama::Template;
use axum::response::IntoResponse;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Pager, Status, Tab, Tabs, Tone};
use portal::{Page, View};

use super::labels::origin_label;
use super::problems::short_revision;
use super::reasons::reason_text;
use super::shorten::{ending, shortened};
use super::source_status::{Condition, heading_of, source_href};
use super::{Answer, Desk};
use crate::engine::NextRefresh;
use crate::source::Source;

/// Sources on a page.
const LIMIT: usize = 50;
/// Room for the reason of the next refresh, in columns of the screen.
const REASON_COLUMNS: usize = 90;
/// Room for a place; its own page has all of it.
const PLACE_COLUMNS: usize = 48;

#[derive(Template)]
#[template(path = "catalog/sources.html")]
struct SourcesPage {
    tabs: Tabs,
    rows: Vec<Row>,
    /// All sources, whatever is shown.
    total: u64,
    attention: bool,
    may_register: bool,
    pager: Pager,
    view: View,
}

struct Row {
    place: String,
    href: String,
    location_type: String,
    origin: String,
    status: Status,
    revision: Option<String>,
    entities: u64,
    read_at: Option<jiff::Timestamp>,
    stale: bool,
    next: Option<Upcoming>,
    problems: u64,
}

/// When a source is read next, and why then.
pub(super) struct Upcoming {
    pub(super) at: Option<jiff::Timestamp>,
    pub(super) running: bool,
    pub(super) why: String,
}

impl Upcoming {
    pub(super) fn of(view: &View, next: &NextRefresh) -> Self {
        Self {
            at: next.at,
            running: next.running,
            why: reason_text(view, &next.reason),
        }
    }
}

/// `GET /sources`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call).following(["sources"]);
    let attention = view.here.get("view") == Some("attention");
    let number = view
        .here
        .get("page")
        .and_then(|text| text.parse::<usize>().ok());
    let number = number.unwrap_or(1).clamp(1, 1_000_000);
    let store = desk.catalog.store();
    let sources = store.sources().await?;
    let counts = store.problem_counts().await?;
    let flaws = |source: &Source| counts.get(source.id.as_str()).copied().unwrap_or(0);
    let in_need: Vec<&Source> = sources
        .iter()
        .filter(|source| Condition::of(source, None, flaws(source), view.now).asks_for_attention())
        .collect();
    let tabs = tabs(&view, sources.len(), in_need.len(), attention);
    let selected: Vec<&Source> = if attention {
        in_need
    } else {
        sources.iter().collect()
    };
    let mut rows = Vec::new();
    for source in selected.iter().skip((number - 1) * LIMIT).take(LIMIT) {
        rows.push(row(&desk, &view, source, flaws(source)).await?);
    }
    let pager = pager(&view, number, selected.len(), rows.len());
    let total = u64::try_from(sources.len()).unwrap_or(u64::MAX);
    Ok(Page::new(SourcesPage {
        tabs,
        rows,
        total,
        attention,
        may_register: call.caller.may(crate::permission::LOCATION_CREATE),
        pager,
        view,
    })
    .into_response())
}

/// `GET /sources.json`
pub(super) async fn json(desk: Desk, _call: Call) -> Answer {
    crate::api::sources_document(&desk.catalog).await
}

async fn row(desk: &Desk, view: &View, source: &Source, problems: u64) -> Result<Row, ApiError> {
    let next = desk.catalog.next_refresh(&source.id).await?;
    let condition = Condition::of(source, next.as_ref(), problems, view.now);
    Ok(Row {
        place: ending(&heading_of(source), PLACE_COLUMNS),
        href: source_href(&source.id),
        location_type: source.location.location_type().to_owned(),
        origin: origin_label(view, &source.origin),
        status: condition.status(view),
        revision: source
            .state
            .revision
            .as_deref()
            .map(|revision| short_revision(revision).to_owned()),
        entities: u64::try_from(source.state.entities).unwrap_or(0),
        read_at: source.state.last_success_at,
        stale: condition.is_stale(),
        next: next.map(|next| {
            let next = Upcoming::of(view, &next);
            Upcoming {
                why: shortened(&next.why, REASON_COLUMNS),
                ..next
            }
        }),
        problems,
    })
}

fn tabs(view: &View, all: usize, in_need: usize, attention: bool) -> Tabs {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let tone = (in_need > 0).then_some(Tone::Warn);
    Tabs {
        label: view.t("catalog-views").to_string(),
        tabs: vec![
            Tab::new(
                view.t("catalog-view-all").to_string(),
                "/sources",
                !attention,
            )
            .counting(count(all), None),
            Tab::new(
                view.t("catalog-sources-attention").to_string(),
                "/sources?view=attention",
                attention,
            )
            .counting(count(in_need), tone),
        ],
    }
}

fn pager(view: &View, number: usize, total: usize, shown: usize) -> Pager {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let offset = (number - 1) * LIMIT;
    let to = |number: usize| view.here.with("page", &number.to_string()).to_string();
    Pager {
        first: if shown == 0 { 0 } else { count(offset + 1) },
        last: if shown == 0 { 0 } else { count(offset + shown) },
        total: count(total),
        previous: (number > 1).then(|| to(number - 1)),
        next: (shown > 0 && offset + shown < total).then(|| to(number + 1)),
    }
}

impl SourcesPage {
    fn import_command(&self) -> portal::ui::Html {
        portal::ui::Code::command("import", "portway up ./my-repositories").html(&self.view)
    }
}

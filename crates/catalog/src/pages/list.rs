//! `/catalog`: find and compare.

use askama::Template;
use axum::response::IntoResponse;
use jiff::Timestamp;
use model::query::Predicate;
use platform::request::Call;
use portal::ui::{
    Chip, Chips, Code, Column, Crumbs, Facets, Pager, Segments, Tab, TableHead, Tabs, Tone,
};
use portal::{Page, View};

use super::facets::Question;
use super::labels::{kind_plural, kind_title};
use super::moment::moment_of;
use super::selection::{FACETS, LIMITS, SavedView, Selection};
use super::shorten::shortened;
use super::standing::Flags;
use super::summary::Summary;
use super::{Answer, Desk};
use crate::index::{Index, ListRequest};
use crate::visibility::visible_to;

/// Filters whose removal is proposed for an empty list.
const MAX_PROPOSALS: usize = 6;
/// Room for a description below its name, in columns of the screen.
const DESCRIPTION_COLUMNS: usize = 52;

#[derive(Template)]
#[template(path = "catalog/list.html")]
struct ListPage {
    title: String,
    crumbs: Crumbs,
    views: Tabs,
    facets: Facets,
    chips: Chips,
    limits: Segments,
    head: TableHead,
    rows: Vec<Row>,
    /// All kinds are shown, so each row says its own.
    kinds: bool,
    /// What fulfils the conditions.
    found: u64,
    /// What there is of the kind.
    total: u64,
    took_ms: u64,
    pager: Pager,
    text: String,
    /// What the search form must keep.
    keep: Vec<(String, String)>,
    exports: Vec<(&'static str, String)>,
    at: Option<Timestamp>,
    now_href: String,
    empty: Option<Empty>,
    view: View,
}

struct Row {
    summary: Summary,
    kind: String,
    description: String,
}

/// Why there is nothing, and what to do.
struct Empty {
    reason: EmptyReason,
    proposals: Vec<Proposal>,
}

enum EmptyReason {
    Nothing,
    NothingOwned,
    Narrow,
    Fine,
}

/// A filter that can be taken off.
struct Proposal {
    text: String,
    href: String,
    count: u64,
}

/// `GET /catalog`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let selection = Selection::of(&view.here);
    let started = desk.catalog.clock.now();
    let mut page = {
        let index = desk.catalog.index_for(&call).await?;
        let flags = desk.flags(&index, moment_of(&view).is_some());
        assemble(&desk, &call, &index, &flags, &selection, view)
    };
    let took = desk.catalog.clock.now().duration_since(started);
    page.took_ms = u64::try_from(took.as_millis()).unwrap_or(0);
    Ok(Page::new(page).into_response())
}

fn assemble(
    desk: &Desk,
    call: &Call,
    index: &Index,
    flags: &Flags,
    selection: &Selection,
    view: View,
) -> ListPage {
    let visible = visible_to(&call.caller);
    let question = Question {
        index,
        kinds: desk.catalog.model.kinds(),
        selection,
        flags,
        caller: &call.caller,
        visible: visible.as_ref(),
    };
    let listed = index.list(&request(&question));
    let found = u64::try_from(listed.total).unwrap_or(u64::MAX);
    let rows: Vec<Row> = listed
        .items
        .iter()
        .map(|entity| {
            let summary = Summary::of(index, entity);
            let kind = kind_title(&view, question.kinds, &summary.kind);
            Row {
                description: shortened(summary.description(view.lang), DESCRIPTION_COLUMNS),
                summary,
                kind,
            }
        })
        .collect();
    let of_kind = selection.kind().map(|kind| Predicate::equals("kind", kind));
    let total = question.count(of_kind.clone());
    let title = match selection.kind() {
        Some(kind) => kind_plural(&view, question.kinds, kind),
        None => view.t("nav-catalog").to_string(),
    };
    let facets = question.facets(&view);
    let chips = chips(&view, &question);
    let kinds = selection.kind().is_none();
    ListPage {
        crumbs: crumbs(&view, &title, kinds),
        views: views(&view, &question, of_kind.as_ref()),
        limits: limits(&view, selection),
        head: TableHead::new(&view.here, "name", columns(&view, kinds)),
        empty: rows
            .is_empty()
            .then(|| empty(&view, &question, &chips, found)),
        pager: pager(&view, selection, found, rows.len()),
        keep: kept(&view),
        exports: exports(&view),
        at: moment_of(&view),
        now_href: view.here.without("at").without("page").to_string(),
        text: selection.text.clone(),
        took_ms: 0,
        title,
        facets,
        chips,
        rows,
        kinds,
        found,
        total,
        view,
    }
}

/// What the selection asks of the index.
pub(super) fn request(question: &Question<'_>) -> ListRequest {
    let selection = question.selection;
    ListRequest {
        query: selection.predicate(question.flags, question.caller, None),
        visible: question.visible.cloned(),
        full_text: selection.full_text(),
        order: selection.order.clone(),
        offset: selection.offset(),
        limit: Some(selection.limit),
    }
}

fn crumbs(view: &View, title: &str, all_kinds: bool) -> Crumbs {
    let here = Crumbs::to(title);
    if all_kinds {
        here
    } else {
        here.via(view.t("nav-catalog").to_string(), "/catalog")
    }
}

fn views(view: &View, question: &Question<'_>, of_kind: Option<&Predicate>) -> Tabs {
    let tabs = SavedView::ALL.map(|saved| {
        let condition = saved.condition(question.flags, question.caller);
        let number = question.count(Predicate::and(of_kind.cloned(), condition));
        let tone = match saved {
            SavedView::Flawed if number > 0 => Some(Tone::Bad),
            SavedView::Orphans | SavedView::Ownerless if number > 0 => Some(Tone::Warn),
            _ => None,
        };
        let current = question.selection.view == saved;
        Tab::new(
            view.t(saved.title()).to_string(),
            saved.href(&view.here),
            current,
        )
        .counting(number, tone)
    });
    Tabs {
        label: view.t("catalog-views").to_string(),
        tabs: tabs.into(),
    }
}

fn columns(view: &View, kinds: bool) -> Vec<Column> {
    let text = |key| view.t(key).to_string();
    let mut columns = vec![Column::sorted(text("catalog-name"), "name")];
    if kinds {
        columns.push(Column::sorted(text("catalog-kind"), "kind"));
    }
    columns.extend([
        Column::sorted(text("catalog-type"), "type").narrow("hide"),
        Column::sorted(text("catalog-owner"), "owner"),
        Column::sorted(text("catalog-lifecycle"), "lifecycle").narrow("hide"),
        Column::sorted(text("catalog-system"), "system").narrow("hide"),
        Column::new(text("catalog-tags")).narrow("wide"),
    ]);
    columns
}

fn limits(view: &View, selection: &Selection) -> Segments {
    let choices = LIMITS.map(|limit| {
        let text = limit.to_string();
        let href = view.here.without("page").with("limit", &text).to_string();
        Tab::new(text, href, limit == selection.limit)
    });
    Segments {
        label: view.t("catalog-limit").to_string(),
        choices: choices.into(),
    }
}

fn pager(view: &View, selection: &Selection, found: u64, shown: usize) -> Pager {
    let offset = u64::try_from(selection.offset()).unwrap_or(u64::MAX);
    let last = offset.saturating_add(u64::try_from(shown).unwrap_or(0));
    let to = |page: usize| Some(view.here.with("page", &page.to_string()).to_string());
    Pager {
        first: if shown == 0 { 0 } else { offset + 1 },
        last: if shown == 0 { 0 } else { last },
        total: found,
        previous: (selection.page > 1)
            .then(|| to(selection.page - 1))
            .flatten(),
        next: (shown > 0 && last < found)
            .then(|| to(selection.page + 1))
            .flatten(),
    }
}

/// What the search form does not itself set.
fn kept(view: &View) -> Vec<(String, String)> {
    let pairs = view.here.pairs().iter();
    pairs
        .filter(|(name, _)| !matches!(name.as_str(), "q" | "page"))
        .cloned()
        .collect()
}

/// The same selection as data.
fn exports(view: &View) -> Vec<(&'static str, String)> {
    let here = view.here.without("lang").to_string();
    let query = here.split_once('?').map_or("", |(_, query)| query);
    ["csv", "json", "yaml"]
        .map(|format| {
            let separator = if query.is_empty() { "" } else { "?" };
            (format, format!("/catalog.{format}{separator}{query}"))
        })
        .into()
}

fn chips(view: &View, question: &Question<'_>) -> Chips {
    let selection = question.selection;
    let here = view.here.without("page");
    let mut chips = Vec::new();
    if !selection.text.is_empty() {
        chips.push(Chip {
            text: view
                .t("catalog-chip-text")
                .with("text", &selection.text)
                .to_string(),
            remove: here.without("q").to_string(),
        });
    }
    for facet in &FACETS {
        for value in selection.values(facet) {
            let (name, shown) = (
                view.t(facet.title).to_string(),
                question.value_text(view, facet, value),
            );
            chips.push(Chip {
                text: view
                    .t("catalog-chip")
                    .with("name", name)
                    .with("value", shown)
                    .to_string(),
                remove: here.without_value(facet.name, value).to_string(),
            });
        }
    }
    if let Some(source) = &selection.source {
        let name = view.t("catalog-source").to_string();
        let shown = crate::place::shown(source).to_owned();
        chips.push(Chip {
            text: view
                .t("catalog-chip")
                .with("name", name)
                .with("value", shown)
                .to_string(),
            remove: here.without("source").to_string(),
        });
    }
    let mut clear = here.without("q").without("source");
    for facet in &FACETS {
        clear = clear.without(facet.name);
    }
    Chips {
        chips,
        clear: clear.to_string(),
    }
}

fn empty(view: &View, question: &Question<'_>, chips: &Chips, found: u64) -> Empty {
    let selection = question.selection;
    let reason = if question.index.is_empty() {
        EmptyReason::Nothing
    } else if selection.view == SavedView::Mine && chips.chips.len() == 1 {
        EmptyReason::NothingOwned
    } else if chips.chips.is_empty() && selection.view != SavedView::All {
        EmptyReason::Fine
    } else {
        EmptyReason::Narrow
    };
    let mut proposals = Vec::new();
    if found > 0 {
        // The page number is beyond the end.
        proposals.push(Proposal {
            text: view.t("catalog-first-page").to_string(),
            href: view.here.without("page").to_string(),
            count: found,
        });
    } else if matches!(reason, EmptyReason::Narrow) {
        for chip in chips.chips.iter().take(MAX_PROPOSALS) {
            let without = Selection::of(&portal::Address::parse(&chip.remove));
            let narrower = Question {
                selection: &without,
                ..*question
            };
            let number = question
                .index
                .list(&ListRequest {
                    limit: Some(0),
                    ..request(&narrower)
                })
                .total;
            proposals.push(Proposal {
                text: view
                    .t("catalog-without")
                    .with("filter", &chip.text)
                    .to_string(),
                href: chip.remove.clone(),
                count: u64::try_from(number).unwrap_or(u64::MAX),
            });
        }
    }
    Empty { reason, proposals }
}

impl ListPage {
    fn import_command(&self) -> portal::ui::Html {
        Code::command("import", "portway up ./my-repositories").html(&self.view)
    }
}

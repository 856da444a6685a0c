//! `/catalog`: find and compare.

use askama::Template;
use axum::response::IntoResponse;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::request::Call;
use portal::ui::{
    Chip, Chips, Code, Crumbs, Dialog, Facets, Html, Pager, Segments, Tab, TableHead, Tabs, Tone,
};
use portal::{Page, View};

use super::columns::{Cell, Columns, ListColumn};
use super::facets::Question;
use super::labels::{kind_plural, kind_title};
use super::moment::moment_of;
use super::query::{Ground, Named, Part, QueryError};
use super::selection::{FACETS, LIMITS, SavedView, Selection};
use super::shorten::shortened;
use super::summary::Summary;
use super::views::{OwnView, rename_dialogs, save_dialog};
use super::{Answer, Desk};
use crate::index::{EntityView, ListRequest};
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
    /// What the cells are.
    shown: Vec<ListColumn>,
    /// Their headings, for cards.
    titles: Vec<String>,
    /// A list of cards instead of a table.
    cards: bool,
    shapes: Segments,
    /// What can be chosen as columns.
    choices: Vec<ColumnChoice>,
    dialogs: Vec<(Html, Html)>,
    /// Names of fields, for browsers without script.
    fields: Vec<String>,
    wrong: Option<Wrong>,
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
    description: String,
    /// Where it is left out, and what stands in it.
    cells: Vec<(&'static str, Cell)>,
    starred: bool,
    /// No longer declared anywhere.
    orphan: bool,
}

/// A column in the form that chooses them.
struct ColumnChoice {
    name: &'static str,
    title: String,
    chosen: bool,
    /// From 1.
    place: usize,
}

/// A query that was not understood, with the place marked.
struct Wrong {
    before: String,
    marked: String,
    after: String,
    sentence: String,
    accepted: String,
}

/// What the reader has kept.
struct Kept {
    stars: Vec<EntityRef>,
    views: Vec<OwnView>,
    columns: Vec<ListColumn>,
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
    let kept = Kept {
        stars: desk.stars(&call.caller).await?,
        views: desk.own_views(&call.caller).await?,
        columns: desk.columns(&call.caller).await?,
    };
    let past = moment_of(&view).is_some();
    let mut page = {
        let index = desk.catalog.index_for(&call).await?;
        let flags = desk.flags(&index, past);
        let visible = visible_to(&call.caller);
        let question = Question {
            ground: Ground {
                index: &index,
                flags: &flags,
                caller: &call.caller,
                stars: &kept.stars,
            },
            kinds: desk.catalog.model.kinds(),
            selection: &selection,
            visible: visible.as_ref(),
        };
        assemble(&desk, &question, &kept, view)
    };
    // Nobody knows the last change before a past moment.
    if !past && let Some(at) = page.column(ListColumn::Changed) {
        let refs: Vec<EntityRef> = page
            .rows
            .iter()
            .map(|row| row.summary.entity_ref.clone())
            .collect();
        let mut changes = desk.changes(&refs).await?;
        for row in &mut page.rows {
            if let Some((_, cell)) = row.cells.get_mut(at)
                && let Some(change) = changes.remove(&row.summary.entity_ref)
            {
                *cell = change;
            }
        }
    }
    let took = desk.catalog.clock.now().duration_since(started);
    page.took_ms = u64::try_from(took.as_millis()).unwrap_or(0);
    Ok(Page::new(page).into_response())
}

fn assemble(desk: &Desk, question: &Question<'_>, kept: &Kept, view: View) -> ListPage {
    let selection = question.selection;
    let listed = question.ground.index.list(&request(question));
    let found = u64::try_from(listed.total).unwrap_or(u64::MAX);
    let columns = Columns::of(&view.here, &kept.columns, selection.kind().is_none());
    let rows: Vec<Row> = listed
        .items
        .iter()
        .map(|entity| row(&view, desk, question, &columns, entity))
        .collect();
    let of_kind = selection.kind().map(|kind| Predicate::equals("kind", kind));
    let total = question.count(of_kind.clone());
    let title = match selection.kind() {
        Some(kind) => kind_plural(&view, question.kinds, kind),
        None => view.t("nav-catalog").to_string(),
    };
    let wrong = selection
        .query
        .as_ref()
        .err()
        .map(|error| wrong(&view, &selection.text, error));
    let facets = question.facets(&view);
    let chips = chips(&view, question);
    ListPage {
        crumbs: crumbs(&view, &title, selection.kind().is_none()),
        views: views(&view, question, of_kind.as_ref(), &kept.views),
        limits: limits(&view, selection),
        shapes: shapes(&view, selection),
        head: TableHead::new(&view.here, "name", columns.head(&view)),
        empty: (rows.is_empty() && wrong.is_none()).then(|| empty(&view, question, &chips, found)),
        pager: pager(&view, selection, found, rows.len()),
        keep: kept_pairs(&view),
        exports: exports(&view),
        at: moment_of(&view),
        now_href: view.here.without("at").without("page").to_string(),
        text: selection.text.clone(),
        cards: selection.cards,
        titles: titles(&view, &columns),
        choices: choices(&view, &columns),
        dialogs: dialogs(&view, &kept.views),
        fields: field_names(),
        took_ms: 0,
        wrong,
        title,
        facets,
        chips,
        rows,
        shown: columns.shown,
        found,
        total,
        view,
    }
}

fn row(
    view: &View,
    desk: &Desk,
    question: &Question<'_>,
    columns: &Columns,
    entity: &EntityView<'_>,
) -> Row {
    let summary = Summary::of(question.ground.index, entity);
    let kind = kind_title(view, question.kinds, &summary.kind);
    let of = (kind.as_str(), desk.catalog.tiers());
    let cells = columns
        .shown
        .iter()
        .map(|column| (columns.narrow(*column), column.cell(&summary, entity, of)))
        .collect();
    Row {
        description: shortened(summary.description(view.lang), DESCRIPTION_COLUMNS),
        starred: question.ground.stars.contains(&summary.entity_ref),
        orphan: summary.annotation("backstage.io/orphan") == Some("true"),
        cells,
        summary,
    }
}

/// The query with the wrong place cut out.
fn wrong(view: &View, text: &str, error: &QueryError) -> Wrong {
    let (head, after) = text.split_at_checked(error.place.end).unwrap_or((text, ""));
    let (before, marked) = head
        .split_at_checked(error.place.start)
        .unwrap_or((head, ""));
    let (key, what) = error.problem.message();
    Wrong {
        before: before.to_owned(),
        marked: marked.to_owned(),
        after: after.to_owned(),
        sentence: view.t(key).with("what", what).to_string(),
        accepted: error.problem.accepted(),
    }
}

/// The fields as they begin in a query.
fn field_names() -> Vec<String> {
    let named = Named::ALL.iter().map(|named| format!("{}:", named.name()));
    named
        .chain(["label.", "annotation."].map(str::to_owned))
        .collect()
}

/// What the selection asks of the index. Nothing fulfils a query that cannot
/// be read.
pub(super) fn request(question: &Question<'_>) -> ListRequest {
    let selection = question.selection;
    let query = match selection.query {
        Ok(_) => selection.predicate(&question.ground, None),
        Err(_) => Some(Predicate::nothing()),
    };
    ListRequest {
        query,
        visible: question.visible.cloned(),
        also: selection.condition(&question.ground),
        full_text: None,
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

fn views(
    view: &View,
    question: &Question<'_>,
    of_kind: Option<&Predicate>,
    own: &[OwnView],
) -> Tabs {
    let own_open = own.iter().find(|own| own.is_open(&view.here));
    let mut tabs: Vec<Tab> = SavedView::ALL
        .into_iter()
        .map(|saved| {
            let condition = saved.condition(&question.ground);
            let number = question.count(Predicate::and(of_kind.cloned(), condition));
            let tone = match saved {
                SavedView::Flawed if number > 0 => Some(Tone::Bad),
                SavedView::Orphans | SavedView::Ownerless if number > 0 => Some(Tone::Warn),
                _ => None,
            };
            let current = own_open.is_none() && question.selection.view == saved;
            Tab::new(
                view.t(saved.title()).to_string(),
                saved.href(&view.here),
                current,
            )
            .counting(number, tone)
        })
        .collect();
    tabs.extend(own.iter().map(|own| {
        let current = own_open.is_some_and(|open| open == own);
        Tab::new(&own.name, own.href(&view.here), current)
    }));
    Tabs {
        label: view.t("catalog-views").to_string(),
        tabs,
    }
}

fn titles(view: &View, columns: &Columns) -> Vec<String> {
    let shown = columns.shown.iter();
    shown
        .map(|column| view.t(column.title()).to_string())
        .collect()
}

/// Every column, those that are shown first and in their order.
fn choices(view: &View, columns: &Columns) -> Vec<ColumnChoice> {
    let others = ListColumn::ALL
        .iter()
        .filter(|column| !columns.has(**column));
    let all = columns.shown.iter().chain(others);
    all.enumerate()
        .map(|(at, column)| ColumnChoice {
            name: column.name(),
            title: view.t(column.title()).to_string(),
            chosen: columns.has(*column),
            place: at + 1,
        })
        .collect()
}

/// What can be done with views here: button and dialog of each.
fn dialogs(view: &View, own: &[OwnView]) -> Vec<(Html, Html)> {
    let open = own.iter().find(|own| own.is_open(&view.here));
    let all: Vec<(Dialog, &str, &str)> = match open {
        Some(open) => rename_dialogs(view, open),
        None => vec![save_dialog(view)],
    };
    all.iter()
        .map(|(dialog, text, icon)| {
            let button = dialog.opener(&view.t(text).to_string(), icon, "");
            (button, dialog.html(view))
        })
        .collect()
}

fn shapes(view: &View, selection: &Selection) -> Segments {
    let here = view.here.without("as");
    let here = here.without_value("view", "cards");
    Segments {
        label: view.t("catalog-shape").to_string(),
        choices: vec![
            Tab::new(
                view.t("catalog-shape-table").to_string(),
                here.to_string(),
                !selection.cards,
            ),
            Tab::new(
                view.t("catalog-shape-cards").to_string(),
                here.with("as", "cards").to_string(),
                selection.cards,
            ),
        ],
    }
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
fn kept_pairs(view: &View) -> Vec<(String, String)> {
    let pairs = view.here.pairs().iter();
    pairs
        .filter(|(name, _)| !matches!(name.as_str(), "q" | "page"))
        .cloned()
        .collect()
}

/// The same selection as data.
fn exports(view: &View) -> Vec<(&'static str, String)> {
    let here = view.here.without("lang").without("page").with("all", "1");
    let here = here.to_string();
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
    chips.extend(query_chips(view, selection));
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

/// One chip for each part of the query, or one for all of what cannot be read.
fn query_chips(view: &View, selection: &Selection) -> Vec<Chip> {
    let here = view.here.without("page");
    let text = |text: &str| view.t("catalog-chip-text").with("text", text).to_string();
    let Ok(query) = &selection.query else {
        return vec![Chip {
            text: text(&selection.text),
            remove: here.without("q").to_string(),
        }];
    };
    let parts = query.parts().iter().enumerate();
    parts
        .map(|(at, part)| {
            let rest = query.without(at);
            let remove = if rest.parts().is_empty() {
                here.without("q")
            } else {
                here.with("q", &rest.to_string())
            };
            Chip {
                text: match part {
                    Part::Text(term) => text(term),
                    _ => query.only(at).to_string(),
                },
                remove: remove.to_string(),
            }
        })
        .collect()
}

fn empty(view: &View, question: &Question<'_>, chips: &Chips, found: u64) -> Empty {
    let selection = question.selection;
    let reason = if question.ground.index.is_empty() {
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
                .ground
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
    /// The place of a column among the cells.
    fn column(&self, column: ListColumn) -> Option<usize> {
        self.shown.iter().position(|shown| *shown == column)
    }

    fn import_command(&self) -> portal::ui::Html {
        Code::command("import", "portway up ./my-repositories").html(&self.view)
    }
}

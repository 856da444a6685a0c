//! `/catalog`: find and compare.

mod controls;
mod narrowing;

use askama::Template;
use axum::response::IntoResponse;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::request::Call;
use portal::ui::{Chips, Code, Crumbs, Facets, Html, Pager, Segments, TableHead, Tabs};
use portal::{Page, View};

use controls::{ColumnChoice, choices, dialogs, exports, kept_pairs, limits, pager, shapes, views};
use narrowing::{Empty, EmptyReason, chips, empty};

use super::columns::{Cell, Columns, ListColumn};
use super::facets::Question;
use super::labels::{kind_plural, kind_title};
use super::moment::{following, moment_of};
use super::query::{Ground, Named, QueryError};
use super::selection::Selection;
use super::shorten::shortened;
use super::summary::Summary;
use super::views::OwnView;
use super::{Answer, Desk};
use crate::index::{EntityView, ListRequest};
use crate::visibility::visible_to;

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

/// `GET /catalog`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = following(desk.view(&call), ["catalog"]);
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
        dialogs: dialogs(&view, question, &kept.views),
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
    let visible = visible_to(question.ground.caller);
    let summary =
        Summary::of(question.ground.index, entity).seen_by(question.ground.index, visible.as_ref());
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
pub(in crate::pages) fn request(question: &Question<'_>) -> ListRequest {
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

fn titles(view: &View, columns: &Columns) -> Vec<String> {
    let shown = columns.shown.iter();
    shown
        .map(|column| view.t(column.title()).to_string())
        .collect()
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

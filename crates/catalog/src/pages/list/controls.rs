//! What one may do with the list: views, shapes, sizes, pages, columns, exports.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use portal::View;
use portal::ui::{Dialog, Html, Pager, Segments, Tab, Tabs, Tone};

use crate::pages::columns::{Columns, ListColumn};
use crate::pages::facets::Question;
use crate::pages::selection::{LIMITS, SavedView, Selection};
use crate::pages::summary::RefLine;
use crate::pages::views::{OwnView, rename_dialogs, save_dialog, teams};

/// A column in the form that chooses them.
pub(super) struct ColumnChoice {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) chosen: bool,
    /// From 1.
    pub(super) place: usize,
}

pub(super) fn views(
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
        let text = match &own.team {
            None => own.name.clone(),
            Some(team) => {
                let team = RefLine::of(question.ground.index, team).text;
                let text = view.t("catalog-view-of-team").with("name", &own.name);
                text.with("team", team).to_string()
            }
        };
        Tab::new(text, own.href(&view.here), current)
    }));
    Tabs {
        label: view.t("catalog-views").to_string(),
        tabs,
    }
}

/// Every column, those that are shown first and in their order.
pub(super) fn choices(view: &View, columns: &Columns) -> Vec<ColumnChoice> {
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
pub(super) fn dialogs(view: &View, question: &Question<'_>, own: &[OwnView]) -> Vec<(Html, Html)> {
    let open = own.iter().find(|own| own.is_open(&view.here));
    let all: Vec<(Dialog, &str, &str)> = match open {
        Some(open) => rename_dialogs(view, open),
        None => {
            let title = |team: &EntityRef| RefLine::of(question.ground.index, team).text;
            let teams: Vec<(EntityRef, String)> = teams(question.ground.caller)
                .map(|team| (team.clone(), title(team)))
                .collect();
            vec![save_dialog(view, &teams)]
        }
    };
    all.iter()
        .map(|(dialog, text, icon)| {
            let button = dialog.opener(&view.t(text).to_string(), icon, "");
            (button, dialog.html(view))
        })
        .collect()
}

pub(super) fn shapes(view: &View, selection: &Selection) -> Segments {
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

pub(super) fn limits(view: &View, selection: &Selection) -> Segments {
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

pub(super) fn pager(view: &View, selection: &Selection, found: u64, shown: usize) -> Pager {
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
pub(super) fn kept_pairs(view: &View) -> Vec<(String, String)> {
    let pairs = view.here.pairs().iter();
    pairs
        .filter(|(name, _)| !matches!(name.as_str(), "q" | "page"))
        .cloned()
        .collect()
}

/// The same selection as data.
pub(super) fn exports(view: &View) -> Vec<(&'static str, String)> {
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

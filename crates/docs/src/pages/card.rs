//! The card on an entity's overview: where its documentation is, with its
//! runbooks and decisions.

use askama::Template;
use catalog::Shown;
use jiff::Timestamp;
use portal::View;
use portal::ui::Html;

use super::base_of;
use crate::markdown::path;
use crate::named::{Named, named};
use crate::service::Docs;
use crate::site::PageKind;
use crate::summary::Summary;

/// Pages of each sort that the card lists.
const MAX_EACH: usize = 4;

#[derive(Template)]
#[template(path = "docs/card.html")]
struct CardPart<'a> {
    view: &'a View,
    summary: &'a Summary,
    base: String,
    changed_at: Option<Timestamp>,
    runbooks: Vec<(String, String)>,
    decisions: Vec<(String, String)>,
    /// How many decisions there are; the newest are listed.
    all_decisions: usize,
}

/// Draws the card from what is known; nothing is read for it.
pub(crate) fn card(docs: &Docs, shown: &Shown) -> Option<Html> {
    let summary = match named(&shown.entity) {
        Named::Ref(_) => docs.summary(&shown.entity_ref)?,
        Named::Entity(other) => {
            docs.entity(&shown.caller, &other)?;
            docs.summary(&other)?
        }
        Named::Nothing(_) => return None,
    };
    if summary.pages == 0 {
        return None;
    }
    let base = base_of(&shown.entity_ref);
    let of = |kind: PageKind| -> Vec<(String, String)> {
        let pages = summary.notable.iter().filter(|page| page.kind == kind);
        pages
            .map(|page| (page.title.clone(), format!("{base}/{}", path(&page.url))))
            .collect()
    };
    let (mut runbooks, decisions) = (of(PageKind::Runbook), of(PageKind::Decision));
    runbooks.truncate(MAX_EACH);
    let all_decisions = decisions.len();
    let newest = decisions.into_iter().rev().take(MAX_EACH).collect();
    Some(Html::of(&CardPart {
        view: &shown.view,
        changed_at: summary.changed_at,
        summary: &summary,
        base: base.clone(),
        runbooks,
        decisions: newest,
        all_decisions,
    }))
}

//! What narrows the list: a chip for each condition, and what to take off when
//! nothing fulfils all of them.

use portal::View;
use portal::ui::{Chip, Chips};

use super::request;
use crate::index::ListRequest;
use crate::pages::facets::Question;
use crate::pages::moment::moment_of;
use crate::pages::query::Part;
use crate::pages::selection::{FACETS, SavedView, Selection};

/// Filters whose removal is proposed for an empty list.
const MAX_PROPOSALS: usize = 6;

/// Why there is nothing, and what to do.
pub(super) struct Empty {
    pub(super) reason: EmptyReason,
    pub(super) proposals: Vec<Proposal>,
}

pub(super) enum EmptyReason {
    Nothing,
    /// There was nothing at the moment that is looked at.
    NothingThen,
    NothingOwned,
    Narrow,
    Fine,
}

/// A filter that can be taken off.
pub(super) struct Proposal {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) count: u64,
}

pub(super) fn chips(view: &View, question: &Question<'_>) -> Chips {
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

pub(super) fn empty(view: &View, question: &Question<'_>, chips: &Chips, found: u64) -> Empty {
    let selection = question.selection;
    let reason = if question.ground.index.is_empty() {
        match moment_of(view) {
            Some(_) => EmptyReason::NothingThen,
            None => EmptyReason::Nothing,
        }
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

//! The way from this entity to another one.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use portal::View;

use crate::index::{Index, Step};
use crate::pages::graph::{Meant, Ways, lookup};
use crate::pages::labels::relation_label;
use crate::pages::summary::RefLine;

/// Names in the form's field; the rest of a longer one is left out.
const MAX_CHARS: usize = 300;

/// The form and what it found.
#[derive(Debug)]
pub(super) struct PathCard {
    /// As typed.
    pub(super) to: String,
    pub(super) action: String,
    /// What the form keeps of the address.
    pub(super) keep: Vec<(String, String)>,
    pub(super) answer: Option<PathAnswer>,
}

#[derive(Debug)]
pub(super) enum PathAnswer {
    /// The same name leads to several things, or to none: text and address.
    Which(Vec<(String, String)>),
    /// It is this very entity.
    Same,
    Found {
        target: RefLine,
        /// A sentence and the chains below it.
        groups: Vec<(String, Vec<Vec<Link>>)>,
        /// What both need, and what needs both, where nothing connects them.
        common: Vec<(String, Vec<RefLine>)>,
    },
}

/// One thing of a chain, with the relation that led to it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) relation: String,
    pub(super) line: RefLine,
}

impl PathCard {
    pub(super) fn of(
        view: &View,
        (index, entity_ref): (&Index, &EntityRef),
        visible: Option<&Predicate>,
    ) -> Self {
        let to: String = view
            .here
            .get("to")
            .unwrap_or_default()
            .trim()
            .chars()
            .take(MAX_CHARS)
            .collect();
        let keep = view.here.without("to").without("format");
        Self {
            answer: (!to.is_empty()).then(|| answer(view, index, entity_ref, &to, visible)),
            to,
            action: format!("{}#path", view.here.path()),
            keep: keep.pairs().to_vec(),
        }
    }
}

fn answer(
    view: &View,
    index: &Index,
    from: &EntityRef,
    to: &str,
    visible: Option<&Predicate>,
) -> PathAnswer {
    let target = match lookup(index, to, visible) {
        Meant::One(target) => target,
        Meant::Perhaps(refs) => {
            let link = |found: &EntityRef| {
                let address = view.here.with("to", found.as_str());
                (found.to_string(), format!("{address}#path"))
            };
            return PathAnswer::Which(refs.iter().map(link).collect());
        }
    };
    if target == *from {
        return PathAnswer::Same;
    }
    let ways = Ways::between(index, (from, &target), visible);
    let names = |key| {
        view.t(key)
            .with("from", RefLine::of(index, from).text)
            .with("to", RefLine::of(index, &target).text)
            .to_string()
    };
    let chains = |ways: &[Vec<Step>]| ways.iter().map(|way| chain(view, index, way)).collect();
    let groups = [
        ("graph-path-down", &ways.down),
        ("graph-path-up", &ways.up),
        ("graph-path-any", &ways.any),
    ];
    let common = [
        ("graph-path-both-need", &ways.both_need),
        ("graph-path-need-both", &ways.need_both),
    ];
    PathAnswer::Found {
        groups: groups
            .into_iter()
            .filter(|(_, ways)| !ways.is_empty())
            .map(|(key, ways)| (names(key), chains(ways)))
            .collect(),
        common: common
            .into_iter()
            .filter(|(_, refs)| !refs.is_empty())
            .map(|(key, refs)| {
                let lines = refs.iter().map(|found| RefLine::of(index, found));
                (names(key), lines.collect())
            })
            .collect(),
        target: RefLine::of(index, &target),
    }
}

fn chain(view: &View, index: &Index, way: &[Step]) -> Vec<Link> {
    way.iter()
        .map(|step| Link {
            relation: step
                .via
                .as_ref()
                .map(|(relation, _)| relation_label(view, relation))
                .unwrap_or_default(),
            line: RefLine::of(index, &step.entity_ref),
        })
        .collect()
}

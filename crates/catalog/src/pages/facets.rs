//! The facet rail: values with their counts under the other filters.

use model::query::{Predicate, fold_case};
use portal::View;
use portal::ui::{Facet, FacetValue, Facets};

use super::labels::kind_plural;
use super::query::Ground;
use super::selection::{FACETS, FacetKey, ME, Selection, referred};
use super::summary::RefLine;
use crate::index::ListRequest;
use crate::visibility::visible_to;
use model::kinds::Kinds;

/// Values of a facet that are offered, the most frequent first.
const MAX_OFFERED: usize = 12;

/// What counting needs.
pub(super) struct Question<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) kinds: &'a Kinds,
    pub(super) selection: &'a Selection,
    pub(super) visible: Option<&'a Predicate>,
}

impl Question<'_> {
    /// What the selection asks for, one facet left out.
    fn without(&self, facet: Option<&FacetKey>) -> ListRequest {
        ListRequest {
            query: self.selection.predicate(&self.ground, facet),
            visible: self.visible.cloned(),
            also: self.selection.condition(&self.ground),
            ..ListRequest::default()
        }
    }

    /// How many entities fulfil a condition.
    pub(super) fn count(&self, query: Option<Predicate>) -> u64 {
        self.ground.flags.count(
            self.ground.index,
            &ListRequest {
                query,
                visible: self.visible.cloned(),
                ..ListRequest::default()
            },
        )
    }

    /// The rail.
    pub(super) fn facets(&self, view: &View) -> Facets {
        let all = self.without(None);
        let free: Vec<&FacetKey> = FACETS
            .iter()
            .filter(|facet| self.selection.values(facet).is_empty() && !facet.key.is_empty())
            .collect();
        let keys: Vec<&str> = free.iter().map(|facet| facet.key).collect();
        let counted = self.ground.flags.choices(self.ground.index, &keys, &all);
        let mut counted = counted.iter();
        let facets = FACETS
            .iter()
            .filter_map(|facet| {
                let (values, request) = if let Some(known) = facet.derived(self.ground.flags) {
                    let others = self.without(Some(facet));
                    (self.counted(known, &others), others)
                } else if free.contains(&facet) {
                    (counted.next()?.values.clone(), all.clone())
                } else {
                    let others = self.without(Some(facet));
                    let counted =
                        self.ground
                            .flags
                            .choices(self.ground.index, &[facet.key], &others);
                    (counted.first()?.values.clone(), others)
                };
                let mut values = self.offered(view, facet, values, &request);
                self.add_me(view, facet, request, &mut values);
                let chosen = values.iter().any(|value| value.checked);
                // One namespace for everything is no choice.
                let pointless = facet.name == "namespace" && values.len() < 2 && !chosen;
                (!values.is_empty() && !pointless).then(|| Facet {
                    name: facet.name.to_owned(),
                    title: view.t(facet.title).to_string(),
                    values,
                })
            })
            .collect();
        Facets {
            action: "/catalog".to_owned(),
            keep: Vec::new(),
            facets,
        }
        .keeping(&view.here, &["page"])
    }

    /// Counts what has no search key of its own.
    fn counted(
        &self,
        known: &[(String, Predicate)],
        others: &ListRequest,
    ) -> Vec<crate::index::FacetValue> {
        let number = |condition: &Predicate| {
            let both = ListRequest {
                query: Predicate::and(others.query.clone(), Some(condition.clone())),
                ..others.clone()
            };
            usize::try_from(self.ground.flags.count(self.ground.index, &both)).unwrap_or(usize::MAX)
        };
        let values = known
            .iter()
            .map(|(name, condition)| crate::index::FacetValue {
                value: name.clone(),
                count: number(condition),
            })
            .filter(|value| value.count > 0);
        in_order(crate::index::Facet {
            key: String::new(),
            values: values.collect(),
        })
        .values
    }

    /// What is chosen stays, also where it is not among the most frequent.
    fn offered(
        &self,
        view: &View,
        facet: &FacetKey,
        counted: Vec<crate::index::FacetValue>,
        request: &ListRequest,
    ) -> Vec<FacetValue> {
        let chosen = self.selection.values(facet);
        let is_it = |chosen: &str, value: &str| {
            fold_case(chosen) == fold_case(value)
                || (!facet.refers_to.is_empty()
                    && referred(facet, chosen).is_some_and(|found| found.as_str() == value))
        };
        let mut values: Vec<FacetValue> = counted
            .into_iter()
            .map(|found| FacetValue {
                text: self.value_text(view, facet, &found.value),
                count: u64::try_from(found.count).unwrap_or(u64::MAX),
                checked: chosen.iter().any(|chosen| is_it(chosen, &found.value)),
                value: found.value,
            })
            .collect();
        for value in chosen.iter().filter(|value| *value != ME) {
            if values.iter().any(|offered| is_it(value, &offered.value)) {
                continue;
            }
            let condition = facet.condition(std::slice::from_ref(value), &self.ground);
            let both = ListRequest {
                query: Predicate::and(request.query.clone(), Some(condition)),
                ..request.clone()
            };
            values.push(FacetValue {
                text: self.value_text(view, facet, value),
                count: self.ground.flags.count(self.ground.index, &both),
                checked: true,
                value: value.clone(),
            });
        }
        values
    }

    /// The reader, as an owner.
    fn add_me(
        &self,
        view: &View,
        facet: &FacetKey,
        request: ListRequest,
        values: &mut Vec<FacetValue>,
    ) {
        if facet.name != "owner" {
            return;
        }
        let owners = &self.ground.caller.ownership;
        let checked = self.selection.values(facet).iter().any(|value| value == ME);
        if !checked
            && !owners
                .iter()
                .any(|owner| self.ground.index.get(owner).is_some())
        {
            return;
        }
        let mine = Predicate::is_in(facet.key, owners.iter().map(model::EntityRef::as_str));
        let me = FacetValue {
            value: ME.to_owned(),
            text: view.t("catalog-owner-me").to_string(),
            count: self.ground.flags.count(
                self.ground.index,
                &ListRequest {
                    query: Predicate::and(request.query, Some(mine)),
                    ..request
                },
            ),
            checked,
        };
        values.insert(0, me);
    }

    /// What a value is called.
    pub(super) fn value_text(&self, view: &View, facet: &FacetKey, value: &str) -> String {
        if facet.name == "kind" {
            return kind_plural(view, self.kinds, value);
        }
        if facet.name == "owner" && value == ME {
            return view.t("catalog-owner-me").to_string();
        }
        let target = (!facet.refers_to.is_empty())
            .then(|| referred(facet, value))
            .flatten();
        match target {
            Some(target) => {
                let visible = visible_to(self.ground.caller);
                let line = RefLine::of(self.ground.index, &target);
                line.seen_by(self.ground.index, visible.as_ref()).text
            }
            None => value.to_owned(),
        }
    }
}

/// The values of a key as its facet offers them: the most frequent first, and no
/// more than a person looks through.
pub(super) fn in_order(facet: crate::index::Facet) -> crate::index::Facet {
    let known = FACETS.iter().find(|known| known.key == facet.key);
    let mut values = match known {
        Some(known) => merged(known, facet.values),
        None => facet.values,
    };
    let order = |a: &crate::index::FacetValue, b: &crate::index::FacetValue| {
        b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value))
    };
    if values.len() > MAX_OFFERED {
        values.select_nth_unstable_by(MAX_OFFERED, order);
        values.truncate(MAX_OFFERED);
    }
    values.sort_unstable_by(order);
    crate::index::Facet { values, ..facet }
}

/// Values that differ only in casing are one; only refs of the facet's own
/// kind count where it is about systems, since domains have parts too.
fn merged(
    facet: &FacetKey,
    counted: Vec<crate::index::FacetValue>,
) -> Vec<crate::index::FacetValue> {
    let mut values: Vec<crate::index::FacetValue> = Vec::with_capacity(counted.len());
    for mut found in counted {
        if facet.name == "system" && !found.value.starts_with("system:") {
            continue;
        }
        if facet.name == "kind" {
            found.value = found.value.to_lowercase();
        }
        match values.last_mut() {
            // The index answers them side by side.
            Some(last) if fold_case(&last.value) == fold_case(&found.value) => {
                last.count += found.count
            }
            _ => values.push(found),
        }
    }
    values
}

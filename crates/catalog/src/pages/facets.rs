//! The facet rail: values with their counts under the other filters.

use model::query::{Predicate, fold_case};
use platform::actor::Caller;
use portal::View;
use portal::ui::{Facet, FacetValue, Facets};

use super::labels::kind_plural;
use super::selection::{FACETS, FacetKey, ME, Selection, count, referred};
use super::standing::Flags;
use super::summary::RefLine;
use crate::index::{Index, ListRequest};
use model::kinds::Kinds;

/// Values of a facet that are offered, the most frequent first.
const MAX_OFFERED: usize = 12;

/// What counting needs.
pub(super) struct Question<'a> {
    pub(super) index: &'a Index,
    pub(super) kinds: &'a Kinds,
    pub(super) selection: &'a Selection,
    pub(super) flags: &'a Flags,
    pub(super) caller: &'a Caller,
    pub(super) visible: Option<&'a Predicate>,
}

impl Question<'_> {
    /// The selection's condition without one facet, the text included.
    fn without(&self, facet: Option<&FacetKey>, text: Option<&Predicate>) -> Option<Predicate> {
        let chosen = self.selection.predicate(self.flags, self.caller, facet);
        Predicate::and(chosen, text.cloned())
    }

    /// The entities that hold the text, as a condition.
    fn text(&self) -> Option<Predicate> {
        let full_text = self.selection.full_text()?;
        let found = self.index.list(&ListRequest {
            full_text: Some(full_text),
            ..ListRequest::default()
        });
        let uids: Vec<String> = found
            .items
            .iter()
            .map(|entity| entity.uid().to_string())
            .collect();
        Some(Predicate::is_in(
            "metadata.uid",
            uids.iter().map(String::as_str),
        ))
    }

    /// The rail.
    pub(super) fn facets(&self, view: &View) -> Facets {
        let text = self.text();
        let all = self.without(None, text.as_ref());
        let free: Vec<&FacetKey> = FACETS
            .iter()
            .filter(|facet| self.selection.values(facet).is_empty())
            .collect();
        let keys: Vec<&str> = free.iter().map(|facet| facet.key).collect();
        let mut counted = self
            .index
            .facets(&keys, all.as_ref(), self.visible)
            .into_iter();
        let facets = FACETS
            .iter()
            .filter_map(|facet| {
                let (values, condition) = if free.contains(&facet) {
                    (counted.next()?.values, all.clone())
                } else {
                    let others = self.without(Some(facet), text.as_ref());
                    let counted = self
                        .index
                        .facets(&[facet.key], others.as_ref(), self.visible);
                    (counted.into_iter().next()?.values, others)
                };
                let mut values = self.offered(view, facet, values);
                self.add_me(view, facet, condition, &mut values);
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

    fn offered(
        &self,
        view: &View,
        facet: &FacetKey,
        counted: Vec<crate::index::FacetValue>,
    ) -> Vec<FacetValue> {
        let chosen = self.selection.values(facet);
        let is_chosen = |value: &str| {
            chosen.iter().any(|chosen| {
                fold_case(chosen) == fold_case(value)
                    || (!facet.refers_to.is_empty()
                        && referred(facet, chosen).is_some_and(|found| found.as_str() == value))
            })
        };
        let mut values: Vec<FacetValue> = Vec::new();
        for found in merged(facet, counted) {
            let (checked, number) = (
                is_chosen(&found.value),
                u64::try_from(found.count).unwrap_or(u64::MAX),
            );
            values.push(FacetValue {
                text: String::new(),
                count: number,
                checked,
                value: found.value,
            });
        }
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        let mut room = MAX_OFFERED;
        values.retain(|value| {
            let shown = value.checked || room > 0;
            room = room.saturating_sub(1);
            shown
        });
        for value in chosen.iter().filter(|value| *value != ME) {
            let listed = values.iter().any(|offered| {
                fold_case(&offered.value) == fold_case(value)
                    || referred(facet, value).is_some_and(|found| found.as_str() == offered.value)
            });
            if !listed {
                values.push(FacetValue {
                    text: String::new(),
                    count: 0,
                    checked: true,
                    value: value.clone(),
                });
            }
        }
        for value in &mut values {
            value.text = self.value_text(view, facet, &value.value);
        }
        values
    }

    /// The reader, as an owner.
    fn add_me(
        &self,
        view: &View,
        facet: &FacetKey,
        condition: Option<Predicate>,
        values: &mut Vec<FacetValue>,
    ) {
        if facet.name != "owner" {
            return;
        }
        let owners = &self.caller.ownership;
        let checked = self.selection.values(facet).iter().any(|value| value == ME);
        if !checked && !owners.iter().any(|owner| self.index.get(owner).is_some()) {
            return;
        }
        let mine = Predicate::is_in(facet.key, owners.iter().map(model::EntityRef::as_str));
        let me = FacetValue {
            value: ME.to_owned(),
            text: view.t("catalog-owner-me").to_string(),
            count: count(
                self.index,
                Predicate::and(condition, Some(mine)),
                self.visible,
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
            Some(target) => RefLine::of(self.index, &target).text,
            None => value.to_owned(),
        }
    }
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

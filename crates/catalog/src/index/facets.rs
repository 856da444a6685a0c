//! Counting values: which ones there are, and how many entities have each.

use model::query::{Predicate, fold_case};

use super::evaluate::KeyView;
use super::slots::SlotSet;
use super::{Index, ListRequest};

/// The values of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The key as it was asked for.
    pub key: String,
    /// Sorted by value without regard to casing, then by casing. Values that
    /// nobody has are left out.
    pub values: Vec<FacetValue>,
}

/// A value and how many entities have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// As the entities write it; two ways to write it are two values.
    pub value: String,
    /// Number of entities.
    pub count: usize,
}

impl Index {
    /// Counts the values of each key over the entities that fulfil both
    /// conditions. A list that an entity has counts once for each element.
    #[must_use]
    pub fn facets<S: AsRef<str>>(
        &self,
        keys: &[S],
        predicate: Option<&Predicate>,
        visible: Option<&Predicate>,
    ) -> Vec<Facet> {
        self.facets_of(
            keys,
            &ListRequest {
                query: predicate.cloned(),
                visible: visible.cloned(),
                ..ListRequest::default()
            },
        )
    }

    /// As [`Index::facets`], over what a list would hold without its offset and limit.
    #[must_use]
    pub fn facets_of<S: AsRef<str>>(&self, keys: &[S], request: &ListRequest) -> Vec<Facet> {
        let set = self.wanted(request);
        let everything = set.len() == self.len();
        keys.iter()
            .map(|key| Facet {
                key: key.as_ref().to_owned(),
                values: self.values(key.as_ref(), &set, everything),
            })
            .collect()
    }

    fn values(&self, key: &str, set: &SlotSet, everything: bool) -> Vec<FacetValue> {
        let key = fold_case(key);
        let view = KeyView::new(self, &key);
        let mut values = Vec::new();
        let mut push = |written: &str, count: usize| {
            if count > 0 {
                values.push(FacetValue {
                    value: written.to_owned(),
                    count,
                });
            }
        };
        let Some(stored) = view.only_stored() else {
            view.each_value(&mut |_, written, owners| push(written, owners.common(set)));
            return values;
        };
        let mut variants = Vec::new();
        for (folded, entry) in &stored.values {
            entry.each(folded, &mut |written, postings| {
                let count = if everything {
                    postings.len()
                } else {
                    postings.common(set)
                };
                variants.push((written, count));
            });
            variants.sort_unstable();
            for (written, count) in variants.drain(..) {
                push(written, count);
            }
        }
        values
    }
}

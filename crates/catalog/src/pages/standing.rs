//! Questions that look at everything, answered once for each state of the
//! catalog: which entities have errors, which have no owner, and how often each
//! value of a facet occurs.

use std::collections::HashMap;
use std::sync::Arc;

use model::kinds::Kinds;
use model::query::Predicate;
use parking_lot::Mutex;

use super::facets::in_order;
use crate::compliance;
use crate::index::{Facet, Index, ListRequest};
use crate::read_model::ReadModel;
use crate::tier::Tiers;

/// The annotation of what is no longer declared.
const ORPHAN: &str = "metadata.annotations.backstage.io/orphan";

/// Answers that are kept for one state. People filter by a few things again and
/// again; whoever asks for more than this pays for it once more.
const MAX_KEPT: usize = 1_000;

/// Conditions that hold for one state of the catalog, and counts over it.
#[derive(Debug)]
pub(super) struct Flags {
    /// Something is wrong with the entity.
    pub(super) flawed: Predicate,
    /// Its kind has owners, and it has none that exists.
    pub(super) ownerless: Predicate,
    /// Each tier, the strictest first, with the condition for it.
    pub(super) tiers: Vec<(String, Predicate)>,
    /// Each standard that somebody falls under, with the condition for it.
    pub(super) standards: Vec<(String, Predicate)>,
    facets: Kept<Vec<Facet>>,
    choices: Kept<Vec<Facet>>,
    counts: Kept<u64>,
}

/// Answers by question.
#[derive(Debug)]
struct Kept<T>(Mutex<HashMap<String, Arc<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Kept<T> {
    /// The kept answer, or a new one. Two readers may both find it; nobody
    /// waits for the other.
    fn answer(&self, question: String, find: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.0.lock().get(&question) {
            return Arc::clone(known);
        }
        let found = Arc::new(find());
        let mut kept = self.0.lock();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(question, Arc::clone(&found));
        found
    }
}

impl Flags {
    /// Looks at every entity: some milliseconds at 100,000.
    pub(super) fn of(index: &Index, kinds: &Kinds, tiers: &Tiers) -> Self {
        let all = index.list(&ListRequest::default());
        let flawed: Vec<String> = all
            .items
            .iter()
            .filter(|entity| entity.status().is_some())
            .map(|entity| entity.uid().to_string())
            .collect();
        Self {
            flawed: Predicate::is_in("metadata.uid", flawed.iter().map(String::as_str)),
            ownerless: ownerless(index, kinds),
            tiers: tiers
                .all()
                .iter()
                .map(|tier| (tier.name.clone(), tiers.condition(tier)))
                .collect(),
            standards: compliance::conditions(index),
            facets: Kept::default(),
            choices: Kept::default(),
            counts: Kept::default(),
        }
    }

    /// The values of facets, as [`Index::facets_of`]. `index` is that of this state.
    pub(super) fn facets(
        &self,
        index: &Index,
        keys: &[&str],
        request: &ListRequest,
    ) -> Arc<Vec<Facet>> {
        let question = format!("{keys:?} {request:?}");
        self.facets
            .answer(question, || index.facets_of(keys, request))
    }

    /// The same, as people choose from them: the first of [`in_order`]. Among
    /// thousands of owners nobody chooses, and keeping them all would cost more
    /// than the list itself.
    pub(super) fn choices(
        &self,
        index: &Index,
        keys: &[&str],
        request: &ListRequest,
    ) -> Arc<Vec<Facet>> {
        let question = format!("{keys:?} {request:?}");
        self.choices.answer(question, || {
            let facets = index.facets_of(keys, request);
            facets.into_iter().map(in_order).collect()
        })
    }

    /// How many entities a list would hold.
    pub(super) fn count(&self, index: &Index, request: &ListRequest) -> u64 {
        *self.counts.answer(format!("{request:?}"), || {
            let none = ListRequest {
                limit: Some(0),
                ..request.clone()
            };
            u64::try_from(index.list(&none).total).unwrap_or(u64::MAX)
        })
    }
}

fn ownerless(index: &Index, kinds: &Kinds) -> Predicate {
    let owned = kinds
        .iter()
        .filter(|definition| {
            let mut fields = definition.relations.iter();
            fields.any(|field| field.relation == "ownedBy")
        })
        .map(|definition| definition.kind.as_str());
    let dangling = index.dangling();
    let missing = dangling
        .iter()
        .filter(|dangling| dangling.sources.iter().any(|(kind, _)| *kind == "ownedBy"))
        .map(|dangling| dangling.target.as_str());
    Predicate::All(vec![
        Predicate::is_in("kind", owned),
        Predicate::Any(vec![
            Predicate::exists("relations.ownedBy").negated(),
            Predicate::is_in("relations.ownedBy", missing),
        ]),
    ])
}

/// What is no longer declared at its source, but kept.
pub(super) fn orphans() -> Predicate {
    Predicate::equals(ORPHAN, "true")
}

/// The latest [`Flags`], with the event up to which they hold.
#[derive(Debug, Default)]
pub(super) struct Standing(Mutex<Option<(i64, Arc<Flags>)>>);

impl Standing {
    /// The flags of the live index, which the caller holds.
    pub(super) fn live(&self, model: &ReadModel, tiers: &Tiers, index: &Index) -> Arc<Flags> {
        let seq = model.applied();
        let kept = self
            .0
            .lock()
            .as_ref()
            .filter(|(at, _)| *at == seq)
            .map(|(_, flags)| Arc::clone(flags));
        kept.unwrap_or_else(|| {
            let flags = Arc::new(Flags::of(index, model.kinds(), tiers));
            *self.0.lock() = Some((seq, Arc::clone(&flags)));
            flags
        })
    }
}

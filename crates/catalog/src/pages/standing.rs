//! Which entities have errors and which have no owner: questions that look at
//! everything, answered once for each state of the catalog.

use std::sync::Arc;

use model::kinds::Kinds;
use model::query::Predicate;
use parking_lot::Mutex;

use crate::index::{Index, ListRequest};
use crate::read_model::ReadModel;

/// The annotation of what is no longer declared.
const ORPHAN: &str = "metadata.annotations.backstage.io/orphan";

/// Conditions that hold for one state of the catalog.
#[derive(Debug)]
pub(super) struct Flags {
    /// Something is wrong with the entity.
    pub(super) flawed: Predicate,
    /// Its kind has owners, and it has none that exists.
    pub(super) ownerless: Predicate,
}

impl Flags {
    /// Looks at every entity: some milliseconds at 100,000.
    pub(super) fn of(index: &Index, kinds: &Kinds) -> Self {
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
        }
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
    pub(super) fn live(&self, model: &ReadModel, index: &Index) -> Arc<Flags> {
        let seq = model.applied();
        let kept = self
            .0
            .lock()
            .as_ref()
            .filter(|(at, _)| *at == seq)
            .map(|(_, flags)| Arc::clone(flags));
        kept.unwrap_or_else(|| {
            let flags = Arc::new(Flags::of(index, model.kinds()));
            *self.0.lock() = Some((seq, Arc::clone(&flags)));
            flags
        })
    }
}

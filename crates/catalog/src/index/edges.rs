//! Relations, kept once as edges instead of inside every entity.
//!
//! An edge may be emitted by several entities (a group that lists its members
//! and the users that list their groups); it stays until the last of them is
//! gone. Both ends may be entities that do not exist.

use std::collections::{BTreeMap, HashMap};

use model::query::fold_case;

use super::slots::{Postings, Slot};

/// The number of a relation type.
pub(super) type Kind = u32;

/// `from` has the relation `kind` to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Edge {
    pub(super) from: Slot,
    pub(super) kind: Kind,
    pub(super) to: Slot,
}

/// A relation type, for example `ownedBy`.
#[derive(Debug)]
struct KindIndex {
    name: Box<str>,
    /// The entities that have such a relation.
    sources: Postings,
    /// The entities that such a relation points to.
    targets: Postings,
}

type Adjacency = BTreeMap<(Slot, Kind), Postings>;

#[derive(Debug, Default)]
pub(super) struct Edges {
    /// What the relation leads to, by where it begins and its type.
    out: Adjacency,
    /// Where the relation begins, by what it leads to and its type.
    inward: Adjacency,
    count: usize,
    /// How often an edge is emitted beyond the first time.
    repeated: HashMap<Edge, u32>,
    kinds: Vec<KindIndex>,
    by_name: HashMap<Box<str>, Kind>,
    /// By search key: `relations.` and the lower-cased name.
    by_key: HashMap<Box<str>, Vec<Kind>>,
}

impl Edges {
    /// The number of a relation type, given out when it is new.
    pub(super) fn kind(&mut self, name: &str) -> Kind {
        if let Some(kind) = self.by_name.get(name) {
            return *kind;
        }
        let kind = self.kinds.len() as Kind;
        self.kinds.push(KindIndex {
            name: name.into(),
            sources: Postings::default(),
            targets: Postings::default(),
        });
        self.by_name.insert(name.into(), kind);
        let key = format!("relations.{}", fold_case(name));
        self.by_key.entry(key.into()).or_default().push(kind);
        kind
    }

    /// The number of a relation type that occurs, by its exact name.
    pub(super) fn known_kind(&self, name: &str) -> Option<Kind> {
        self.by_name.get(name).copied()
    }

    /// The relation types that a lower-cased search key stands for.
    pub(super) fn kinds_of_key(&self, key: &str) -> &[Kind] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn name(&self, kind: Kind) -> &str {
        self.kinds.get(kind as usize).map_or("", |kind| &kind.name)
    }

    pub(super) fn insert(&mut self, edge: Edge) {
        if !self
            .out
            .entry((edge.from, edge.kind))
            .or_default()
            .insert(edge.to)
        {
            *self.repeated.entry(edge).or_default() += 1;
            return;
        }
        self.inward
            .entry((edge.to, edge.kind))
            .or_default()
            .insert(edge.from);
        self.count += 1;
        if let Some(kind) = self.kinds.get_mut(edge.kind as usize) {
            kind.sources.insert(edge.from);
            kind.targets.insert(edge.to);
        }
    }

    pub(super) fn remove(&mut self, edge: Edge) {
        if let Some(count) = self.repeated.get_mut(&edge) {
            *count -= 1;
            if *count == 0 {
                self.repeated.remove(&edge);
            }
            return;
        }
        let last_out = cut(&mut self.out, edge.from, edge.kind, edge.to);
        let last_inward = cut(&mut self.inward, edge.to, edge.kind, edge.from);
        self.count -= usize::from(last_out != Cut::Absent);
        if let Some(kind) = self.kinds.get_mut(edge.kind as usize) {
            if last_out == Cut::Last {
                kind.sources.remove(edge.from);
            }
            if last_inward == Cut::Last {
                kind.targets.remove(edge.to);
            }
        }
    }

    /// Everything that an entity has a relation to.
    pub(super) fn from(&self, from: Slot) -> impl Iterator<Item = (Kind, Slot)> {
        around(&self.out, from)
    }

    /// Everything that has a relation to an entity.
    pub(super) fn to(&self, to: Slot) -> impl Iterator<Item = (Kind, Slot)> {
        around(&self.inward, to)
    }

    /// What an entity has the relation `kind` to.
    pub(super) fn targets(&self, from: Slot, kind: Kind) -> Option<&Postings> {
        self.out.get(&(from, kind))
    }

    /// What has the relation `kind` to an entity.
    pub(super) fn sources(&self, to: Slot, kind: Kind) -> Option<&Postings> {
        self.inward.get(&(to, kind))
    }

    /// The entities that have the relation `kind` to anything.
    pub(super) fn all_sources(&self, kind: Kind) -> Option<&Postings> {
        self.kinds.get(kind as usize).map(|kind| &kind.sources)
    }

    /// The entities that the relation `kind` points to.
    pub(super) fn all_targets(&self, kind: Kind) -> Option<&Postings> {
        self.kinds.get(kind as usize).map(|kind| &kind.targets)
    }

    /// Whether no edge begins or ends here.
    pub(super) fn is_alone(&self, slot: Slot) -> bool {
        self.from(slot).next().is_none() && self.to(slot).next().is_none()
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Bytes on the heap, about.
    pub(super) fn bytes(&self) -> usize {
        // Tree nodes are about two thirds full.
        const PLACE: usize = size_of::<((Slot, Kind), Postings)>() * 3 / 2;
        let adjacent = self.out.values().chain(self.inward.values());
        let adjacent: usize = adjacent.map(|postings| PLACE + postings.bytes()).sum();
        let kinds = self
            .kinds
            .iter()
            .map(|kind| kind.sources.bytes() + kind.targets.bytes());
        adjacent + self.repeated.capacity() * (size_of::<Edge>() + 5) + kinds.sum::<usize>()
    }
}

fn around(edges: &Adjacency, slot: Slot) -> impl Iterator<Item = (Kind, Slot)> {
    edges
        .range((slot, 0)..=(slot, Kind::MAX))
        .flat_map(|((_, kind), others)| others.iter().map(|other| (*kind, other)))
}

/// What became of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// There was none.
    Absent,
    /// Others of its type are left.
    One,
    /// It was the last of its type.
    Last,
}

fn cut(edges: &mut Adjacency, slot: Slot, kind: Kind, other: Slot) -> Cut {
    let Some(others) = edges.get_mut(&(slot, kind)) else {
        return Cut::Absent;
    };
    if !others.remove(other) {
        return Cut::Absent;
    }
    if others.is_empty() {
        edges.remove(&(slot, kind));
        return Cut::Last;
    }
    Cut::One
}

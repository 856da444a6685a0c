//! Walking relations: what depends on what, who belongs to whom, what points
//! nowhere. Every walk visits an entity once, so that cycles do no harm.

use std::collections::{HashMap, VecDeque};

use model::EntityRef;
use model::query::Predicate;

use super::edges::Kind;
use super::slots::{Slot, SlotSet};
use super::{EntityView, Index};

/// Which relations to follow.
#[derive(Debug, Clone, Copy)]
pub enum Direction<'a> {
    /// Who is affected when this fails: what depends on it, the APIs it
    /// provides and who consumes them, and what is part of it.
    Dependents,
    /// What this needs: what it depends on, the APIs it consumes and who
    /// provides them.
    Dependencies,
    /// Everything, whatever the relation.
    Any,
    /// Relations of these types, by their exact names.
    Types(&'a [&'a str]),
}

impl<'a> Direction<'a> {
    fn names(self) -> Option<&'a [&'a str]> {
        match self {
            Self::Dependents => Some(&["dependencyOf", "providesApi", "apiConsumedBy", "hasPart"]),
            Self::Dependencies => Some(&["dependsOn", "consumesApi", "apiProvidedBy"]),
            Self::Any => None,
            Self::Types(names) => Some(names),
        }
    }
}

/// An entity that a walk came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where the walk came to.
    pub entity_ref: EntityRef,
    /// How many relations it is away from the start; zero is the start.
    pub depth: usize,
    /// The relation that led there, and from where; nothing for the start.
    pub via: Option<(String, EntityRef)>,
    /// Whether there is an entity of that reference.
    pub exists: bool,
}

/// The same as the index holds it: thousands of these cost nothing until their
/// names are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepView<'i> {
    slot: Slot,
    pub(crate) entity_ref: &'i EntityRef,
    pub(crate) depth: usize,
    pub(crate) via: Option<(&'i str, &'i EntityRef)>,
    pub(crate) exists: bool,
}

/// The entities that fulfil a condition, for asking of many one by one.
#[derive(Debug, Clone)]
pub struct Those(SlotSet);

impl Those {
    /// Whether an entity of the same index is one of them.
    #[must_use]
    pub fn hold(&self, index: &Index, entity_ref: &EntityRef) -> bool {
        let slot = index.nodes.find(entity_ref.as_str());
        slot.is_some_and(|slot| self.0.contains(slot))
    }

    pub(crate) fn have(&self, step: &StepView<'_>) -> bool {
        self.0.contains(step.slot)
    }
}

/// A reference that points to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling<'a> {
    /// What does not exist.
    pub target: &'a EntityRef,
    /// Who points to it: relation type and entity, sorted.
    pub sources: Vec<(&'a str, &'a EntityRef)>,
}

/// How a walk came to a slot.
struct Came {
    slot: Slot,
    depth: usize,
    via: Option<(Kind, Slot)>,
}

impl Index {
    /// Everything within `depth` relations of an entity, nearest first, then
    /// by type and reference; without the start. At most `limit` steps.
    #[must_use]
    pub fn walk(
        &self,
        from: &EntityRef,
        direction: Direction<'_>,
        depth: usize,
        limit: usize,
    ) -> Vec<Step> {
        self.walk_within(from, direction, (depth, limit), None)
    }

    /// The same through what fulfils `visible` only: what a caller may not see
    /// is neither shown nor passed through. `depth` and `limit` together.
    #[must_use]
    pub fn walk_within(
        &self,
        from: &EntityRef,
        direction: Direction<'_>,
        (depth, limit): (usize, usize),
        visible: Option<&Predicate>,
    ) -> Vec<Step> {
        let steps = self.steps(from, direction, (depth, limit), visible);
        steps.into_iter().map(StepView::into_step).collect()
    }

    /// [`Index::walk_within`] without a copy of any name.
    pub(crate) fn steps(
        &self,
        from: &EntityRef,
        direction: Direction<'_>,
        (depth, limit): (usize, usize),
        visible: Option<&Predicate>,
    ) -> Vec<StepView<'_>> {
        let Some(start) = self.nodes.find(from.as_str()) else {
            return Vec::new();
        };
        let hidden = self.hidden(visible);
        let mut steps = Vec::new();
        self.spread(start, direction, (depth, hidden.as_ref()), &mut |came| {
            if came.depth > 0 {
                steps.extend(self.step(came));
            }
            steps.len() < limit
        });
        steps.truncate(limit);
        steps
    }

    /// The entities that fulfil a condition: some microseconds, also of 100,000,
    /// where [`Index::matches`] for each of them would take as many milliseconds.
    #[must_use]
    pub fn those(&self, predicate: &Predicate) -> Those {
        Those(self.matching(predicate))
    }

    /// What an entity has the relation `kind` to, in no order.
    pub(crate) fn targets(
        &self,
        entity_ref: &EntityRef,
        kind: &str,
    ) -> impl Iterator<Item = &EntityRef> {
        let slot = self.nodes.find(entity_ref.as_str());
        self.targets_of(slot, kind)
    }

    /// The same of something that a walk came to.
    pub(crate) fn targets_from(
        &self,
        step: &StepView<'_>,
        kind: &str,
    ) -> impl Iterator<Item = &EntityRef> {
        self.targets_of(Some(step.slot), kind)
    }

    fn targets_of(&self, from: Option<Slot>, kind: &str) -> impl Iterator<Item = &EntityRef> {
        let kind = self.edges.known_kind(kind);
        let targets = from
            .zip(kind)
            .and_then(|(from, kind)| self.edges.targets(from, kind));
        let slots = targets.into_iter().flat_map(|targets| targets.iter());
        slots.filter_map(|slot| self.nodes.entity_ref(slot))
    }

    /// A shortest way between two entities along the relations of `direction`,
    /// both ends included. `None` when there is no way.
    #[must_use]
    pub fn path(
        &self,
        from: &EntityRef,
        to: &EntityRef,
        direction: Direction<'_>,
    ) -> Option<Vec<Step>> {
        self.path_within(from, to, direction, None)
    }

    /// The same through what fulfils `visible` only.
    #[must_use]
    pub fn path_within(
        &self,
        from: &EntityRef,
        to: &EntityRef,
        direction: Direction<'_>,
        visible: Option<&Predicate>,
    ) -> Option<Vec<Step>> {
        let hidden = self.hidden(visible);
        let start = self.nodes.find(from.as_str())?;
        let end = self.nodes.find(to.as_str())?;
        let mut came_by: HashMap<Slot, (usize, Option<(Kind, Slot)>)> = HashMap::new();
        self.spread(
            start,
            direction,
            (usize::MAX, hidden.as_ref()),
            &mut |came| {
                came_by.insert(came.slot, (came.depth, came.via));
                came.slot != end
            },
        );
        let mut path = Vec::new();
        let mut at = Some(end);
        while let Some(slot) = at {
            let (depth, via) = *came_by.get(&slot)?;
            let step = self.step(&Came { slot, depth, via });
            path.extend(step.map(StepView::into_step));
            at = via.map(|(_, before)| before);
        }
        path.reverse();
        Some(path)
    }

    /// The groups below a group, at any depth, nearest first.
    #[must_use]
    pub fn descendant_groups(&self, group: &EntityRef) -> Vec<EntityRef> {
        self.reach(group, &["parentOf"])
    }

    /// What has a relation of this type to something.
    pub fn sources_of(&self, target: &EntityRef, kind: &str) -> impl Iterator<Item = &EntityRef> {
        let found = self
            .edges
            .known_kind(kind)
            .zip(self.nodes.find(target.as_str()));
        let sources = found.and_then(|(kind, slot)| self.edges.sources(slot, kind));
        let slots = sources.into_iter().flat_map(|slots| slots.iter());
        slots.filter_map(|slot| self.nodes.entity_ref(slot))
    }

    /// The references that stand for an owner: a user and all groups it
    /// belongs to; a group and all groups below it.
    #[must_use]
    pub fn owner_refs(&self, owner: &EntityRef) -> Vec<EntityRef> {
        let mut refs = vec![owner.clone()];
        refs.extend(if owner.kind() == "user" {
            self.groups_of(owner)
        } else {
            self.descendant_groups(owner)
        });
        refs
    }

    /// The entities that have one of [`Index::owner_refs`] as their owner, by
    /// reference.
    #[must_use]
    pub fn owned_by(&self, owner: &EntityRef) -> Vec<EntityView<'_>> {
        let Some(kind) = self.edges.known_kind("ownedBy") else {
            return Vec::new();
        };
        let owners = self.owner_refs(owner);
        let owners = owners
            .iter()
            .filter_map(|owner| self.nodes.find(owner.as_str()));
        let mut slots = SlotSet::with_room(self.nodes.room());
        owners
            .filter_map(|owner| self.edges.sources(owner, kind))
            .for_each(|sources| sources.add_to(&mut slots));
        let mut owned: Vec<EntityView<'_>> = slots
            .iter()
            .filter_map(|slot| EntityView::new(self, slot))
            .collect();
        owned.sort_by(|a, b| a.entity_ref().cmp(b.entity_ref()));
        owned
    }

    /// Every reference that entities have relations to and that does not
    /// exist, by reference.
    #[must_use]
    pub fn dangling(&self) -> Vec<Dangling<'_>> {
        let missing = self
            .nodes
            .refs_from("")
            .filter(|(_, slot)| !self.nodes.live.contains(*slot));
        missing
            .filter_map(|(target, slot)| {
                let mut sources: Vec<(&str, &EntityRef)> = self
                    .edges
                    .to(slot)
                    .filter(|(_, source)| self.nodes.live.contains(*source))
                    .filter_map(|(kind, source)| {
                        Some((self.edges.name(kind), self.nodes.entity_ref(source)?))
                    })
                    .collect();
                sources.sort_unstable();
                (!sources.is_empty()).then_some(Dangling { target, sources })
            })
            .collect()
    }

    fn reach(&self, from: &EntityRef, types: &[&str]) -> Vec<EntityRef> {
        let steps = self.walk(from, Direction::Types(types), usize::MAX, usize::MAX);
        steps.into_iter().map(|step| step.entity_ref).collect()
    }

    /// What exists and does not fulfil a condition.
    fn hidden(&self, visible: Option<&Predicate>) -> Option<SlotSet> {
        visible.map(|visible| {
            let mut hidden = self.nodes.live.clone();
            hidden.subtract(&self.matching(visible));
            hidden
        })
    }

    /// Breadth first from `start`; `visit` says whether to go on.
    fn spread(
        &self,
        start: Slot,
        direction: Direction<'_>,
        (depth, hidden): (usize, Option<&SlotSet>),
        visit: &mut dyn FnMut(&Came) -> bool,
    ) {
        let kinds: Option<Vec<Kind>> = direction.names().map(|names| {
            names
                .iter()
                .filter_map(|name| self.edges.known_kind(name))
                .collect()
        });
        let mut seen = SlotSet::with_room(self.nodes.room());
        seen.insert(start);
        let mut queue = VecDeque::from([Came {
            slot: start,
            depth: 0,
            via: None,
        }]);
        while let Some(came) = queue.pop_front() {
            if !visit(&came) {
                return;
            }
            if came.depth >= depth {
                continue;
            }
            let edges = self.edges.from(came.slot);
            let mut next: Vec<(Kind, Slot)> = edges
                .filter(|(kind, _)| kinds.as_ref().is_none_or(|kinds| kinds.contains(kind)))
                .filter(|(_, slot)| !seen.contains(*slot))
                .filter(|(_, slot)| hidden.is_none_or(|hidden| !hidden.contains(*slot)))
                .collect();
            // The same answer whatever the history of the index.
            if next.len() > 1 {
                next.sort_by_key(|(kind, slot)| {
                    (self.edges.name(*kind), self.nodes.entity_ref(*slot))
                });
            }
            for (kind, slot) in next {
                if !seen.contains(slot) {
                    seen.insert(slot);
                    queue.push_back(Came {
                        slot,
                        depth: came.depth + 1,
                        via: Some((kind, came.slot)),
                    });
                }
            }
        }
    }

    fn step(&self, came: &Came) -> Option<StepView<'_>> {
        Some(StepView {
            slot: came.slot,
            entity_ref: self.nodes.entity_ref(came.slot)?,
            depth: came.depth,
            via: came.via.and_then(|(kind, from)| {
                Some((self.edges.name(kind), self.nodes.entity_ref(from)?))
            }),
            exists: self.nodes.live.contains(came.slot),
        })
    }
}

impl StepView<'_> {
    fn into_step(self) -> Step {
        Step {
            entity_ref: self.entity_ref.clone(),
            depth: self.depth,
            via: self.via.map(|(kind, from)| (kind.to_owned(), from.clone())),
            exists: self.exists,
        }
    }
}

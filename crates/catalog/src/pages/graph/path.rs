//! The ways between two entities: the shortest ones, each as a chain.

use std::collections::HashMap;

use model::entity_ref::EntityRef;
use model::query::Predicate;

use super::families::Families;
use crate::index::{Direction, Index, Step};

/// Ways that are shown; more of the same length say nothing new.
const MAX_WAYS: usize = 5;
/// Entities that are looked at when further ways are sought.
const MAX_LOOKED: usize = 20_000;
/// Calls of the search for further ways.
const MAX_TRIES: usize = 2_000;
/// Things that two entities have in common and that are shown.
const MAX_COMMON: usize = 12;

/// What connects two entities.
#[derive(Debug, Default)]
pub(in crate::pages) struct Ways {
    /// Along dependencies, from the one to the other: it is needed.
    pub(in crate::pages) down: Vec<Vec<Step>>,
    /// Against dependencies: the one is needed by the other.
    pub(in crate::pages) up: Vec<Vec<Step>>,
    /// Through any relation, where dependencies connect nothing.
    pub(in crate::pages) any: Vec<Vec<Step>>,
    /// The nearest things that both need, where dependencies connect nothing.
    pub(in crate::pages) both_need: Vec<EntityRef>,
    /// The nearest things that need both.
    pub(in crate::pages) need_both: Vec<EntityRef>,
}

impl Ways {
    /// Looks in both directions.
    pub(in crate::pages) fn between(
        index: &Index,
        (from, to): (&EntityRef, &EntityRef),
        visible: Option<&Predicate>,
    ) -> Self {
        let seen = Seen { index, visible };
        let families = Families::dependencies();
        let (down, up) = (families.down(), families.up());
        let (down, up) = (Direction::Types(&down), Direction::Types(&up));
        let mut ways = Self {
            down: shortest(seen, (from, to), down, up),
            up: shortest(seen, (from, to), up, down),
            ..Self::default()
        };
        if ways.down.is_empty() && ways.up.is_empty() {
            ways.any = shortest(seen, (from, to), Direction::Any, Direction::Any);
            ways.both_need = common(seen, from, to, down);
            ways.need_both = common(seen, from, to, up);
        }
        ways
    }
}

/// What the reader may see of the index.
#[derive(Clone, Copy)]
struct Seen<'a> {
    index: &'a Index,
    visible: Option<&'a Predicate>,
}

impl Seen<'_> {
    fn walk(self, from: &EntityRef, direction: Direction<'_>, depth: usize) -> Vec<Step> {
        self.index
            .walk_within(from, direction, (depth, MAX_LOOKED), self.visible)
    }
}

/// All shortest ways in one direction, as far as they can be found cheaply.
fn shortest(
    seen: Seen<'_>,
    (from, to): (&EntityRef, &EntityRef),
    direction: Direction<'_>,
    back: Direction<'_>,
) -> Vec<Vec<Step>> {
    let Some(first) = seen.index.path_within(from, to, direction, seen.visible) else {
        return Vec::new();
    };
    let length = first.len().saturating_sub(1);
    // From each node the distance to the end, found from there backwards.
    let mut distance: HashMap<EntityRef, usize> = seen
        .walk(to, back, length)
        .into_iter()
        .map(|step| (step.entity_ref, step.depth))
        .collect();
    distance.insert(to.clone(), 0);
    let mut search = Search {
        index: seen.index,
        direction,
        distance,
        found: vec![first.clone()],
        tries: 0,
    };
    let mut way: Vec<Step> = first.into_iter().take(1).collect();
    search.go_on(&mut way, length);
    search.found
}

struct Search<'a> {
    index: &'a Index,
    direction: Direction<'a>,
    distance: HashMap<EntityRef, usize>,
    found: Vec<Vec<Step>>,
    tries: usize,
}

impl Search<'_> {
    /// `left` relations are to go. The depth of the calls is the length of the
    /// way, which the distances bound.
    fn go_on(&mut self, way: &mut Vec<Step>, left: usize) {
        self.tries += 1;
        if left == 0 {
            let same = |known: &Vec<Step>| {
                let refs = |steps: &[Step]| -> Vec<EntityRef> {
                    steps.iter().map(|step| step.entity_ref.clone()).collect()
                };
                refs(known) == refs(way)
            };
            if !self.found.iter().any(same) {
                self.found.push(way.clone());
            }
            return;
        }
        let Some(last) = way.last().map(|step| step.entity_ref.clone()) else {
            return;
        };
        for relation in self.index.relations(&last) {
            if self.found.len() >= MAX_WAYS || self.tries >= MAX_TRIES {
                return;
            }
            let follows = match self.direction {
                Direction::Types(types) => types.contains(&relation.kind),
                _ => true,
            };
            if follows && self.distance.get(relation.target) == Some(&(left - 1)) {
                way.push(Step {
                    entity_ref: relation.target.clone(),
                    depth: way.len(),
                    via: Some((relation.kind.to_owned(), last.clone())),
                    exists: relation.exists,
                });
                self.go_on(way, left - 1);
                way.pop();
            }
        }
    }
}

/// What both reach in one direction, nearest to both first.
fn common(
    seen: Seen<'_>,
    from: &EntityRef,
    to: &EntityRef,
    direction: Direction<'_>,
) -> Vec<EntityRef> {
    let near: HashMap<EntityRef, usize> = seen
        .walk(from, direction, usize::MAX)
        .into_iter()
        .map(|step| (step.entity_ref, step.depth))
        .collect();
    let mut found: Vec<(usize, EntityRef)> = seen
        .walk(to, direction, usize::MAX)
        .into_iter()
        .filter_map(|step| Some((near.get(&step.entity_ref)? + step.depth, step.entity_ref)))
        .collect();
    found.sort();
    found
        .into_iter()
        .take(MAX_COMMON)
        .map(|(_, entity_ref)| entity_ref)
        .collect()
}

//! The groups that somebody belongs to. Asked with every request of somebody
//! who is signed in, so it looks at nothing but these relations: a group may
//! own thousands of entities, and a set of all entities would have to be made.

use std::collections::HashSet;

use model::entity_ref::EntityRef;

use super::Index;
use super::slots::Slot;

/// Relations that lead from a member to its groups, by name.
const UPWARDS: [&str; 2] = ["childOf", "memberOf"];

impl Index {
    /// The groups that an entity belongs to, with all groups above them, the
    /// nearest first.
    #[must_use]
    pub fn groups_of(&self, member: &EntityRef) -> Vec<EntityRef> {
        let Some(start) = self.nodes.find(member.as_str()) else {
            return Vec::new();
        };
        let kinds = UPWARDS.map(|name| self.edges.known_kind(name));
        let mut seen = HashSet::from([start]);
        let mut found = vec![start];
        let mut at = 0;
        while let Some(slot) = found.get(at).copied() {
            at += 1;
            for kind in kinds.into_iter().flatten() {
                let targets = self.edges.targets(slot, kind).into_iter();
                let mut next: Vec<Slot> = targets
                    .flat_map(|targets| targets.iter())
                    .filter(|to| seen.insert(*to))
                    .collect();
                // The same answer whatever the history of the index.
                next.sort_by_key(|to| self.nodes.entity_ref(*to));
                found.extend(next);
            }
        }
        found
            .into_iter()
            .skip(1)
            .filter_map(|slot| self.nodes.entity_ref(slot).cloned())
            .collect()
    }
}

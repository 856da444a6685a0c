//! Who gains and who loses when a policy changes.

use std::sync::Arc;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::decision::{Decisions, Reach};

use crate::builtin;
use crate::compile::Compiled;
use crate::person::Person;
use crate::policy::Policy;

/// One permission of one person that is not what it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Whose.
    pub person: EntityRef,
    /// Which permission.
    pub permission: &'static str,
    /// What they gain.
    pub gained: Difference,
    /// What they lose.
    pub lost: Difference,
}

/// What one reach has and another one has not.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// Nothing.
    None,
    /// All of it.
    Everything,
    /// The entities that fulfil this.
    Where(Predicate),
}

/// Compares two policies for people, each given with all their groups.
#[must_use]
pub fn difference<P: Clone + Into<Person>>(
    before: &Arc<Policy>,
    after: &Arc<Policy>,
    people: &[P],
) -> Vec<Change> {
    let mut changes = Vec::new();
    for whole in people {
        let whole: Person = whole.clone().into();
        let Some(person) = whole.refs.first().cloned() else {
            continue;
        };
        let old = Compiled::new(Arc::clone(before), &whole);
        let new = Compiled::new(Arc::clone(after), &whole);
        for known in builtin::known() {
            let verb = Some(known.verb);
            let (old, new) = (old.reach(&known.name, verb), new.reach(&known.name, verb));
            if old != new {
                changes.push(Change {
                    person: person.clone(),
                    permission: &known.name,
                    gained: beyond(&new, &old),
                    lost: beyond(&old, &new),
                });
            }
        }
    }
    changes
}

/// What is within `one` and not within `other`.
fn beyond(one: &Reach, other: &Reach) -> Difference {
    match (one, other) {
        (Reach::Nothing, _) | (_, Reach::Everything) => Difference::None,
        (Reach::Everything, Reach::Nothing) => Difference::Everything,
        (Reach::Where(one), Reach::Nothing) => Difference::Where((**one).clone()),
        (Reach::Everything, Reach::Where(other)) => Difference::Where((**other).clone().negated()),
        (Reach::Where(one), Reach::Where(other)) => Difference::Where(Predicate::All(vec![
            (**one).clone(),
            (**other).clone().negated(),
        ])),
    }
}

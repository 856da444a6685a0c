//! Whom decisions are about.

use model::entity_ref::EntityRef;

/// Things for which one person is on call that count; more are no rota.
const MOST_DUTIES: usize = 1_000;

/// A person, with what they own things as and what they are on call for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Person {
    /// The person first, then every group they belong to.
    pub(crate) refs: Vec<EntityRef>,
    /// Groups, systems and other things for which they are on call now.
    pub(crate) on_call: Vec<EntityRef>,
}

impl Person {
    /// A person who is on call for these things. `refs` is the person and all
    /// groups they belong to, nested ones included.
    pub fn on_call(refs: Vec<EntityRef>, on_call: Vec<EntityRef>) -> Self {
        Self {
            refs,
            on_call: in_order(on_call),
        }
    }

    /// What they are on call for, of one kind.
    pub(crate) fn duties(&self, kind: &str) -> impl Iterator<Item = &str> {
        let own = self.on_call.iter();
        own.filter(move |duty| duty.kind() == kind)
            .map(EntityRef::as_str)
    }
}

/// Duties sorted, each once.
pub(crate) fn in_order(mut on_call: Vec<EntityRef>) -> Vec<EntityRef> {
    on_call.sort();
    on_call.dedup();
    on_call.truncate(MOST_DUTIES);
    on_call
}

impl From<Vec<EntityRef>> for Person {
    fn from(refs: Vec<EntityRef>) -> Self {
        Self {
            refs,
            on_call: Vec::new(),
        }
    }
}

impl From<&Person> for Person {
    fn from(person: &Person) -> Self {
        person.clone()
    }
}

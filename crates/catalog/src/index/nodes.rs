//! The entities of the index and the references that point nowhere: one slot
//! for each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::EntityRef;
use uuid::Uuid;

use super::edges::Edge;
use super::slots::{Slot, SlotSet};

/// What is kept of an entity.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) uid: Uuid,
    pub(super) etag: Box<str>,
    /// The entity as a JSON object, without relations and status.
    pub(super) json: Box<str>,
    /// The status as JSON.
    pub(super) status: Option<Box<str>>,
    /// The edges that this entity emits.
    pub(super) emitted: Box<[Edge]>,
    /// When it changed last, in microseconds since 1970.
    pub(super) changed: i64,
}

#[derive(Debug)]
struct Node {
    entity_ref: EntityRef,
    /// `None` for a reference to something that does not exist.
    stored: Option<Box<Stored>>,
}

#[derive(Debug, Default)]
pub(super) struct Nodes {
    nodes: Vec<Option<Node>>,
    free: Vec<Slot>,
    by_ref: HashMap<EntityRef, Slot>,
    /// The same, ordered: for lists and prefixes.
    ordered: BTreeMap<EntityRef, Slot>,
    by_uid: BTreeSet<(Uuid, Slot)>,
    /// By slot: ordering asks for many.
    uids: Vec<Uuid>,
    /// The slots with an entity.
    pub(super) live: SlotSet,
    count: usize,
    text_bytes: usize,
}

impl Nodes {
    /// The slot of a reference, given out when it is new.
    pub(super) fn intern(&mut self, entity_ref: &EntityRef) -> Slot {
        if let Some(slot) = self.by_ref.get(entity_ref) {
            return *slot;
        }
        let node = Some(Node {
            entity_ref: entity_ref.clone(),
            stored: None,
        });
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.nodes.len() as Slot,
        };
        match self.nodes.get_mut(slot as usize) {
            Some(place) => *place = node,
            None => self.nodes.push(node),
        }
        self.by_ref.insert(entity_ref.clone(), slot);
        self.ordered.insert(entity_ref.clone(), slot);
        slot
    }

    /// Gives a slot back that has neither an entity nor an edge.
    pub(super) fn release(&mut self, slot: Slot) {
        let Some(place) = self.nodes.get_mut(slot as usize) else {
            return;
        };
        if let Some(node) = place.take_if(|node| node.stored.is_none()) {
            self.by_ref.remove(&node.entity_ref);
            self.ordered.remove(&node.entity_ref);
            self.free.push(slot);
        }
    }

    /// Puts an entity into a slot and gives back the one that was there.
    pub(super) fn store(&mut self, slot: Slot, stored: Stored) -> Option<Box<Stored>> {
        let uid = stored.uid;
        let before = self.take(slot);
        self.text_bytes += text_bytes(&stored);
        if let Some(Some(node)) = self.nodes.get_mut(slot as usize) {
            node.stored = Some(Box::new(stored));
        }
        self.by_uid.insert((uid, slot));
        if self.uids.len() <= slot as usize {
            self.uids.resize(slot as usize + 1, Uuid::nil());
        }
        if let Some(place) = self.uids.get_mut(slot as usize) {
            *place = uid;
        }
        self.live.insert(slot);
        self.count += 1;
        before
    }

    /// Takes the entity out of a slot; the reference stays.
    pub(super) fn take(&mut self, slot: Slot) -> Option<Box<Stored>> {
        let node = self.nodes.get_mut(slot as usize)?.as_mut()?;
        let stored = node.stored.take()?;
        self.by_uid.remove(&(stored.uid, slot));
        self.live.remove(slot);
        self.count -= 1;
        self.text_bytes -= text_bytes(&stored);
        Some(stored)
    }

    pub(super) fn find(&self, entity_ref: &str) -> Option<Slot> {
        self.by_ref.get(entity_ref).copied()
    }

    pub(super) fn find_uid(&self, uid: Uuid) -> Option<Slot> {
        let (found, slot) = self.by_uid.range((uid, 0)..).next()?;
        (*found == uid).then_some(*slot)
    }

    pub(super) fn entity_ref(&self, slot: Slot) -> Option<&EntityRef> {
        let node = self.nodes.get(slot as usize)?.as_ref()?;
        Some(&node.entity_ref)
    }

    pub(super) fn stored(&self, slot: Slot) -> Option<&Stored> {
        self.nodes.get(slot as usize)?.as_ref()?.stored.as_deref()
    }

    /// The uid in a slot that has an entity.
    pub(super) fn uid(&self, slot: Slot) -> Uuid {
        self.uids.get(slot as usize).copied().unwrap_or_default()
    }

    /// Every reference from `first` on, in order.
    pub(super) fn refs_from<'a>(
        &'a self,
        first: &str,
    ) -> impl Iterator<Item = (&'a EntityRef, Slot)> {
        self.ordered
            .range::<str, _>((std::ops::Bound::Included(first), std::ops::Bound::Unbounded))
            .map(|(entity_ref, slot)| (entity_ref, *slot))
    }

    pub(super) fn uids(&self) -> &BTreeSet<(Uuid, Slot)> {
        &self.by_uid
    }

    /// The number of entities.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The number of slots in use or free: every slot is below it.
    pub(super) fn room(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes on the heap, about.
    pub(super) fn bytes(&self) -> usize {
        // A reference is one shared text of about 40 bytes with its counters,
        // found in a hash map and in a tree that are two thirds full.
        let references = self.by_ref.len() * (56 + 2 * 24 * 3 / 2);
        let entities = self.count * (size_of::<Stored>() + 16 + 24 * 3 / 2);
        references + entities + self.nodes.capacity() * size_of::<Node>() + self.text_bytes
    }
}

fn text_bytes(stored: &Stored) -> usize {
    stored.json.len()
        + stored.etag.len()
        + stored.status.as_ref().map_or(0, |status| status.len())
        + size_of_val(&*stored.emitted)
}

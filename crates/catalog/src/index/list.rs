//! The plain list: several sort fields, offset paging, nothing left out.

use model::query::{Predicate, fold_case};

use super::column::{Course, UNRANKED};
use super::evaluate::KeyView;
use super::page::{FullText, Order};
use super::slots::{Slot, SlotSet};
use super::{Condition, EntityView, Index};

/// The sort field that no document has: when an entity changed last.
pub const CHANGED: &str = "portway:changed";

/// A request for a list.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// The entities wanted.
    pub query: Option<Predicate>,
    /// What the caller may see.
    pub visible: Option<Predicate>,
    /// What else has to hold of them.
    pub also: Option<Condition>,
    /// Text that they have to contain; without fields, in the first sort
    /// field, else in the uid.
    pub full_text: Option<FullText>,
    /// What to sort by, ties by uid. Entities without a value for a field come
    /// last, whatever the direction. Without sort fields: by reference.
    pub order: Vec<Order>,
    /// How many to leave out at the beginning.
    pub offset: usize,
    /// At most this many entities; all when absent.
    pub limit: Option<usize>,
}

/// A list of entities.
#[derive(Debug)]
pub struct List<'a> {
    /// The entities, in order.
    pub items: Vec<EntityView<'a>>,
    /// How many there are without offset and limit.
    pub total: usize,
}

impl Index {
    /// A list of entities.
    #[must_use]
    pub fn list(&self, request: &ListRequest) -> List<'_> {
        let set = self.wanted(request);
        let total = set.len();
        let take = request.limit.unwrap_or(usize::MAX);
        let slots = if request.order.is_empty() {
            self.by_reference(&set, request.offset, take)
        } else {
            self.by_fields(&set, &request.order, request.offset, take)
        };
        List {
            items: slots
                .into_iter()
                .filter_map(|slot| EntityView::new(self, slot))
                .collect(),
            total,
        }
    }

    /// Everything that a request speaks of, before offset and limit.
    pub(super) fn wanted(&self, request: &ListRequest) -> SlotSet {
        let mut set = self.select(request.query.as_ref(), request.visible.as_ref());
        if let Some(also) = &request.also
            && !set.is_empty()
        {
            set.keep(&self.meeting(also));
        }
        if let Some(full_text) = &request.full_text {
            self.filter_text(full_text, request.order.first(), &mut set);
        }
        set
    }

    /// The usual list, page by page along its one sort field, without a look at
    /// what comes behind the page. Nothing when the page reaches what has no
    /// value, and for falling orders, whose ties rise.
    fn by_one_field(
        &self,
        set: &SlotSet,
        order: &Order,
        skip: usize,
        take: usize,
    ) -> Option<Vec<Slot>> {
        if order.descending || order.field == CHANGED {
            return None;
        }
        let rising = Course {
            descending: false,
            backward: false,
        };
        let key = fold_case(&order.field);
        let column = KeyView::new(self, &key).column();
        let uid_of = |slot| self.nodes.uid(slot);
        let found = column.walk(set, rising, None, (skip, take), &uid_of);
        let wanted = set.len().saturating_sub(skip).min(take);
        (found.len() == wanted).then(|| found.into_iter().map(|(slot, _)| slot).collect())
    }

    /// The ranks of [`CHANGED`]: the time itself. What has none comes last.
    fn change_ranks(&self, set: &SlotSet, room: usize) -> Vec<u64> {
        let mut ranks = vec![UNRANKED; room];
        for slot in set.iter() {
            let changed = self.nodes.stored(slot).map_or(0, |stored| stored.changed);
            if let Some(rank) = ranks.get_mut(slot as usize)
                && let Ok(time @ 1..) = u64::try_from(changed)
            {
                *rank = time;
            }
        }
        ranks
    }

    fn by_reference(&self, set: &SlotSet, skip: usize, take: usize) -> Vec<Slot> {
        if set.len().saturating_mul(16) < self.len() {
            let mut slots: Vec<Slot> = set.iter().collect();
            slots
                .sort_unstable_by(|a, b| self.nodes.entity_ref(*a).cmp(&self.nodes.entity_ref(*b)));
            return slots.into_iter().skip(skip).take(take).collect();
        }
        let all = self.nodes.refs_from("").map(|(_, slot)| slot);
        all.filter(|slot| set.contains(*slot))
            .skip(skip)
            .take(take)
            .collect()
    }

    fn by_fields(&self, set: &SlotSet, order: &[Order], skip: usize, take: usize) -> Vec<Slot> {
        if let [only] = order
            && let Some(slots) = self.by_one_field(set, only, skip, take)
        {
            return slots;
        }
        let room = self.nodes.room();
        let ranks: Vec<Vec<u64>> = order
            .iter()
            .map(|order| {
                let mut ranks = if order.field == CHANGED {
                    self.change_ranks(set, room)
                } else {
                    let key = fold_case(&order.field);
                    let column = KeyView::new(self, &key).column();
                    column.ranks(room, order.descending)
                };
                if order.descending {
                    // Turned round, but what has no value stays last.
                    ranks
                        .iter_mut()
                        .filter(|rank| **rank != UNRANKED)
                        .for_each(|rank| *rank = UNRANKED - 1 - *rank);
                }
                ranks
            })
            .collect();
        let rank = |ranks: &Vec<u64>, slot: Slot| ranks.get(slot as usize).copied();
        let compare = |a: &Slot, b: &Slot| {
            let fields = ranks
                .iter()
                .map(|ranks| rank(ranks, *a).cmp(&rank(ranks, *b)));
            fields
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
                .then_with(|| self.nodes.uid(*a).cmp(&self.nodes.uid(*b)))
        };
        let mut slots: Vec<Slot> = set.iter().collect();
        // Only the part that is shown is put in order.
        let end = skip.saturating_add(take);
        if end < slots.len() {
            slots.select_nth_unstable_by(end, compare);
            slots.truncate(end);
        }
        slots.sort_unstable_by(compare);
        slots.into_iter().skip(skip).collect()
    }
}

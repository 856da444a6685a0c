//! Sets of slots: dense for working with, compact for keeping.

/// The number of an entity in the index. Slots are small and reused, so that
/// a set of them is a string of bits.
pub(super) type Slot = u32;

const BITS: usize = u64::BITS as usize;

/// A dense set of slots: one bit each. At 100,000 entities it takes 12.5 kB,
/// and two of them are intersected in a fraction of a microsecond.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SlotSet {
    words: Vec<u64>,
}

impl SlotSet {
    /// An empty set with room for slots below `slots`.
    pub(super) fn with_room(slots: usize) -> Self {
        Self {
            words: vec![0; slots.div_ceil(BITS)],
        }
    }

    pub(super) fn insert(&mut self, slot: Slot) {
        let (word, bit) = place(slot);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        let (word, bit) = place(slot);
        if let Some(word) = self.words.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        let (word, bit) = place(slot);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    pub(super) fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Keeps what is in `other` too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in `other`.
    pub(super) fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes away what is in `other`.
    pub(super) fn subtract(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// How many slots are in both.
    pub(super) fn common(&self, other: &Self) -> usize {
        let both = self.words.iter().zip(&other.words);
        both.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// The slots in ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                if rest == 0 {
                    return None;
                }
                rest &= rest - 1;
                Some((index * BITS) as Slot + bit)
            })
        })
    }

    fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }
}

fn place(slot: Slot) -> (usize, u64) {
    (slot as usize / BITS, 1 << (slot as usize % BITS))
}

/// The slots that have something in common, kept as compactly as their number
/// allows. Most values of a catalog belong to a single entity.
#[derive(Debug, Clone, Default)]
pub(super) enum Postings {
    #[default]
    None,
    One(Slot),
    /// Ascending. Boxed twice so that the enum stays at two words.
    #[expect(
        clippy::box_collection,
        reason = "a million of these are kept; a thin pointer halves them"
    )]
    Few(Box<Vec<Slot>>),
    Many(Box<Counted>),
}

/// A dense set that knows its size.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    set: SlotSet,
    len: usize,
}

/// Below this many slots a list is always smaller and as fast.
const DENSE_FROM: usize = 1_024;
const SPARSE_BELOW: usize = 512;

impl Postings {
    pub(super) fn insert(&mut self, slot: Slot) -> bool {
        match self {
            Self::None => *self = Self::One(slot),
            Self::One(only) if *only == slot => return false,
            Self::One(only) => {
                let pair = if *only < slot {
                    vec![*only, slot]
                } else {
                    vec![slot, *only]
                };
                *self = Self::Few(Box::new(pair));
            }
            Self::Few(list) => {
                // Slots are handed out in ascending order while loading.
                if list.last().is_some_and(|last| *last < slot) {
                    list.push(slot);
                } else {
                    match list.binary_search(&slot) {
                        Ok(_) => return false,
                        Err(at) => list.insert(at, slot),
                    }
                }
                let highest = list.last().copied().unwrap_or_default() as usize;
                // A list takes 32 bits a slot, a dense set one bit for every slot.
                if list.len() >= DENSE_FROM && list.len() * 32 > highest {
                    let mut set = SlotSet::with_room(highest + 1);
                    for slot in list.iter() {
                        set.insert(*slot);
                    }
                    let len = list.len();
                    *self = Self::Many(Box::new(Counted { set, len }));
                }
            }
            Self::Many(many) => {
                if many.set.contains(slot) {
                    return false;
                }
                many.set.insert(slot);
                many.len += 1;
            }
        }
        true
    }

    pub(super) fn remove(&mut self, slot: Slot) -> bool {
        match self {
            Self::One(only) if *only == slot => *self = Self::None,
            Self::None | Self::One(_) => return false,
            Self::Few(list) => {
                let Ok(at) = list.binary_search(&slot) else {
                    return false;
                };
                list.remove(at);
                if let [only] = list.as_slice() {
                    *self = Self::One(*only);
                }
            }
            Self::Many(many) => {
                if !many.set.contains(slot) {
                    return false;
                }
                many.set.remove(slot);
                many.len -= 1;
                if many.len < SPARSE_BELOW {
                    *self = Self::Few(Box::new(many.set.iter().collect()));
                }
            }
        }
        true
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        match self {
            Self::None => false,
            Self::One(only) => *only == slot,
            Self::Few(list) => list.binary_search(&slot).is_ok(),
            Self::Many(many) => many.set.contains(slot),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Few(list) => list.len(),
            Self::Many(many) => many.len,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Adds the slots to a dense set.
    pub(super) fn add_to(&self, set: &mut SlotSet) {
        match self {
            Self::None => {}
            Self::One(only) => set.insert(*only),
            Self::Few(list) => list.iter().for_each(|slot| set.insert(*slot)),
            Self::Many(many) => set.add(&many.set),
        }
    }

    /// How many of the slots are in a dense set.
    pub(super) fn common(&self, set: &SlotSet) -> usize {
        match self {
            Self::None => 0,
            Self::One(only) => usize::from(set.contains(*only)),
            Self::Few(list) => list.iter().filter(|slot| set.contains(**slot)).count(),
            Self::Many(many) => many.set.common(set),
        }
    }

    /// The slots in ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        let (list, set): (&[Slot], Option<&SlotSet>) = match self {
            Self::None => (&[], None),
            Self::One(only) => (std::slice::from_ref(only), None),
            Self::Few(list) => (list, None),
            Self::Many(many) => (&[], Some(&many.set)),
        };
        list.iter()
            .copied()
            .chain(set.into_iter().flat_map(SlotSet::iter))
    }

    /// Bytes on the heap, about.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::None | Self::One(_) => 0,
            Self::Few(list) => size_of::<Vec<Slot>>() + list.capacity() * size_of::<Slot>(),
            Self::Many(many) => size_of::<Counted>() + many.set.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn postings_are_a_set_whatever_their_form(
            runs in prop::collection::vec((0u32..4_000, 1u32..1_500, any::<bool>()), 1..8),
        ) {
            let mut postings = Postings::default();
            let mut expected = BTreeSet::new();
            for (start, length, insert) in runs {
                for slot in start..start + length {
                    if insert {
                        prop_assert_eq!(postings.insert(slot), expected.insert(slot));
                    } else {
                        prop_assert_eq!(postings.remove(slot), expected.remove(&slot));
                    }
                }
                prop_assert_eq!(postings.len(), expected.len());
                prop_assert_eq!(postings.is_empty(), expected.is_empty());
            }
            let listed: Vec<_> = postings.iter().collect();
            prop_assert_eq!(&listed, &expected.iter().copied().collect::<Vec<_>>());
            let mut dense = SlotSet::default();
            postings.add_to(&mut dense);
            prop_assert_eq!(dense.iter().collect::<Vec<_>>(), listed);
            prop_assert_eq!(postings.common(&dense), expected.len());
            prop_assert!((0..6_000).all(|slot| postings.contains(slot) == expected.contains(&slot)));
        }

        #[test]
        fn dense_sets_follow_set_algebra(
            a in prop::collection::btree_set(0u32..300, 0..40),
            b in prop::collection::btree_set(0u32..600, 0..40),
        ) {
            let dense = |set: &BTreeSet<u32>| {
                let mut dense = SlotSet::with_room(10);
                set.iter().for_each(|slot| dense.insert(*slot));
                dense
            };
            let list = |set: &SlotSet| set.iter().collect::<BTreeSet<_>>();
            let (da, db) = (dense(&a), dense(&b));
            let mut set = da.clone();
            set.keep(&db);
            prop_assert_eq!(list(&set), a.intersection(&b).copied().collect());
            prop_assert_eq!(set.len(), da.common(&db));
            prop_assert_eq!(set.is_empty(), a.is_disjoint(&b));
            set = da.clone();
            set.add(&db);
            prop_assert_eq!(list(&set), a.union(&b).copied().collect());
            set = da.clone();
            set.subtract(&db);
            prop_assert_eq!(list(&set), a.difference(&b).copied().collect());
        }
    }
}

//! Which slots have a document: one bit each, so that a word of 100,000 documents
//! is counted without a look at any of them.

use super::vocabulary::Slot;

const BITS: usize = u64::BITS as usize;

#[derive(Debug, Default)]
pub(super) struct Live {
    words: Vec<u64>,
}

impl Live {
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
}

fn place(slot: Slot) -> (usize, u64) {
    (slot as usize / BITS, 1 << (slot as usize % BITS))
}

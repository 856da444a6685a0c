//! The values that entities have for one search key.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::column::Column;
use super::slots::{Postings, Slot};

/// The entities with one (lower-cased) value.
#[derive(Debug)]
pub(super) enum Entry {
    /// All of them write it in lower case.
    Plain(Postings),
    /// Told apart by how they write it.
    #[expect(clippy::box_collection, reason = "keeps the common case at two words")]
    Cased(Box<Vec<Variant>>),
}

impl Default for Entry {
    fn default() -> Self {
        Self::Plain(Postings::default())
    }
}

/// From this many values on a key is taken to have one for each entity.
const LARGE: usize = 256;

/// One way to write a value.
#[derive(Debug)]
pub(super) struct Variant {
    /// As written; `None` when that is the lower-cased value itself.
    written: Option<Box<str>>,
    postings: Postings,
}

impl Entry {
    /// An entity has a value once: the first way it writes it counts.
    fn insert(&mut self, folded: &str, written: &str, slot: Slot) {
        if let Self::Plain(postings) = self {
            if folded == written {
                postings.insert(slot);
                return;
            }
            if postings.contains(slot) {
                return;
            }
            let mut variants = Vec::with_capacity(1);
            if !postings.is_empty() {
                variants.push(Variant {
                    written: None,
                    postings: std::mem::take(postings),
                });
            }
            *self = Self::Cased(Box::new(variants));
        }
        if let Self::Cased(variants) = self {
            if variants
                .iter()
                .any(|variant| variant.postings.contains(slot))
            {
                return;
            }
            let written = (folded != written).then_some(written);
            match variants
                .iter_mut()
                .find(|v| v.written.as_deref() == written)
            {
                Some(variant) => {
                    variant.postings.insert(slot);
                }
                None => variants.push(Variant {
                    written: written.map(Box::from),
                    postings: Postings::One(slot),
                }),
            }
        }
    }

    fn remove(&mut self, slot: Slot) {
        match self {
            Self::Plain(postings) => {
                postings.remove(slot);
            }
            Self::Cased(variants) => variants.retain_mut(|variant| {
                variant.postings.remove(slot);
                !variant.postings.is_empty()
            }),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Plain(postings) => postings.is_empty(),
            Self::Cased(variants) => variants.is_empty(),
        }
    }

    /// Calls `visit` with every way of writing `folded` and who writes it so.
    pub(super) fn each<'a>(
        &'a self,
        folded: &'a str,
        visit: &mut dyn FnMut(&'a str, &'a Postings),
    ) {
        match self {
            Self::Plain(postings) => visit(folded, postings),
            Self::Cased(variants) => {
                for variant in variants.iter() {
                    visit(
                        variant.written.as_deref().unwrap_or(folded),
                        &variant.postings,
                    );
                }
            }
        }
    }
}

/// Everything about one search key.
#[derive(Debug, Default)]
pub(super) struct KeyIndex {
    /// By lower-cased value, ascending.
    pub(super) values: BTreeMap<Box<str>, Entry>,
    /// The values that are string elements of an array, which are therefore
    /// keys themselves: `metadata.tags` has `java`, so `metadata.tags.java`
    /// is true. Those keys are not stored; there would be a hundred thousand.
    elements: BTreeMap<Box<str>, Postings>,
    /// The entities that have the key at all.
    pub(super) present: Postings,
    /// Those of them for which it is null or too long to compare.
    pub(super) null: Postings,
    /// Built when it is first needed for ordering or text search.
    pub(super) column: OnceLock<Box<Column>>,
}

impl KeyIndex {
    /// Adds a row of an entity.
    pub(super) fn insert(&mut self, slot: Slot, value: Option<(&str, &str)>, element: bool) {
        self.present.insert(slot);
        let Some((folded, written)) = value else {
            self.null.insert(slot);
            return;
        };
        // Copying the value costs less than searching a large tree twice.
        let entry = if self.values.len() > LARGE {
            Some(self.values.entry(folded.into()).or_default())
        } else {
            self.values.get_mut(folded)
        };
        match entry {
            Some(entry) => entry.insert(folded, written, slot),
            None => {
                let mut entry = Entry::default();
                entry.insert(folded, written, slot);
                self.values.insert(folded.into(), entry);
            }
        }
        if element {
            match self.elements.get_mut(folded) {
                Some(postings) => {
                    postings.insert(slot);
                }
                None => {
                    self.elements.insert(folded.into(), Postings::One(slot));
                }
            }
        }
    }

    /// Takes a row of an entity away. The key stays present until
    /// [`KeyIndex::forget`].
    pub(super) fn remove(&mut self, slot: Slot, folded: Option<&str>) {
        let Some(folded) = folded else {
            self.null.remove(slot);
            return;
        };
        if let Some(entry) = self.values.get_mut(folded) {
            entry.remove(slot);
            if entry.is_empty() {
                self.values.remove(folded);
            }
        }
        if let Some(postings) = self.elements.get_mut(folded) {
            postings.remove(slot);
            if postings.is_empty() {
                self.elements.remove(folded);
            }
        }
    }

    /// The entity has the key no more. Says whether no entity has it.
    pub(super) fn forget(&mut self, slot: Slot) -> bool {
        self.present.remove(slot);
        self.present.is_empty()
    }

    /// Bytes on the heap, about.
    pub(super) fn bytes(&self) -> usize {
        // Tree nodes are about two thirds full.
        const PLACE: usize = (size_of::<Box<str>>() + size_of::<Entry>()) * 3 / 2;
        let mut bytes = self.present.bytes() + self.null.bytes();
        for (folded, entry) in &self.values {
            bytes += PLACE + folded.len();
            entry.each(folded, &mut |written, postings| {
                if written != &**folded {
                    bytes += size_of::<Variant>() + written.len();
                }
                bytes += postings.bytes();
            });
        }
        for (element, postings) in &self.elements {
            bytes += PLACE + element.len() + postings.bytes();
        }
        bytes + self.column.get().map_or(0, |column| column.bytes())
    }

    /// The entities for which `value` is a string element of an array.
    pub(super) fn element(&self, value: &str) -> Option<&Postings> {
        self.elements.get(value)
    }
}

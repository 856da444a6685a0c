//! The index in memory that answers every search. It knows nothing of HTTP,
//! databases or tasks. One writer, many readers: put it into a lock.
//!
//! - [`Vocabulary`] holds the words of all documents, folded
//!   ([`crate::text`]), and which documents have each.
//! - A query is cut into words; each word becomes the [`query`](self) words
//!   that it may stand for, with a factor for how sure that is.
//! - What may not be seen is left out while hits are collected, before
//!   anything is counted, so that neither numbers nor corrections tell of it.
//! - A changed document gets a new slot; slots that nothing uses any more are
//!   swept when they are many.

mod edits;
mod explain;
mod field;
mod hits;
mod live;
mod query;
mod search;
mod synonyms;
mod vocabulary;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::entity_ref::EntityRef;

use crate::text::{fold, is_hangul, phrases};

pub use explain::{Evidence, Explanation};
pub use field::{Document, Facets, Field, MatchKind, Shown};
pub use search::{Hit, Narrow, Request, Results, Visibility};

use live::Live;
use vocabulary::{Posting, Slot, Vocabulary};

/// More words of one document than this are not indexed.
const MAX_WORDS: usize = 6_000;
/// Slots that nothing uses are swept when they are more than this and more
/// than a quarter.
const SWEEP_FROM: usize = 256;
/// Stands before the initials of Latin words, so that they are not mixed up
/// with those of Hangul.
const LATIN: u8 = b'\'';

/// The index. See the module's documentation.
#[derive(Debug, Default)]
pub struct Engine {
    words: Vocabulary,
    /// First letters and initial consonants of names.
    initials: Vocabulary,
    /// Tags as they are written, folded.
    tags: Vocabulary,
    slots: Vec<Option<Entry>>,
    /// The slots that have an entry.
    live: Live,
    free: Vec<Slot>,
    /// Slots whose document is gone and whose postings are still there.
    stale: usize,
    by_id: HashMap<Arc<str>, Slot>,
    /// The documents that are about an entity without being it.
    about: HashMap<EntityRef, BTreeSet<Slot>>,
    values: Values,
}

/// What is kept of a document.
#[derive(Debug)]
struct Entry {
    id: Arc<str>,
    subject: Option<EntityRef>,
    collection: &'static str,
    owner: Option<EntityRef>,
    /// Kind, type, lifecycle, namespace, as numbers of [`Values`].
    facets: [u32; 4],
    boost: f32,
    shown: Option<Box<Shown>>,
}

impl Entry {
    /// The entity, when the document is not the entity itself.
    fn is_about(&self) -> Option<&EntityRef> {
        self.subject.as_ref().filter(|_| self.shown.is_some())
    }
}

/// Texts that many documents share.
#[derive(Debug, Default)]
struct Values {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Values {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    fn numbers(&mut self, facets: &Facets) -> [u32; 4] {
        let Facets {
            kind,
            spec_type,
            lifecycle,
            namespace,
        } = facets;
        [kind, spec_type, lifecycle, namespace].map(|text| self.number(text))
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }
}

/// How much the engine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Documents.
    pub documents: usize,
    /// Different words.
    pub words: usize,
    /// Memory in bytes, estimated.
    pub bytes: usize,
}

impl Engine {
    /// An engine with these documents.
    pub fn of(documents: impl IntoIterator<Item = Document>) -> Self {
        let mut engine = Self::default();
        for document in documents {
            engine.put(&document);
        }
        engine
    }

    /// How many documents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How much it holds.
    #[must_use]
    pub fn size(&self) -> Size {
        Size {
            documents: self.by_id.len(),
            words: self.words.len(),
            bytes: self.words.bytes()
                + self.initials.bytes()
                + self.tags.bytes()
                + self.slots.capacity() * size_of::<Option<Entry>>()
                + self.by_id.capacity() * 32,
        }
    }

    /// Adds a document, or puts it in the place of the one with its id.
    pub fn put(&mut self, document: &Document) {
        self.put_ready(&Ready::of(document));
    }

    /// As [`Engine::put`], of a document whose words were cut out before.
    pub fn put_ready(&mut self, ready: &Ready<'_>) {
        let Ready {
            document,
            words,
            initials,
        } = ready;
        self.drop_slot(&document.id);
        let Some(slot) = self.new_slot() else { return };
        let entry = Entry {
            id: Arc::clone(&document.id),
            subject: document.subject.clone(),
            collection: document.collection,
            owner: document.owner.clone(),
            facets: self.values.numbers(&document.facets),
            boost: document.boost,
            shown: document.shown.clone().map(Box::new),
        };
        for (word, field) in words {
            self.words.add(word, slot, *field);
        }
        for (word, field) in initials {
            self.initials.add(word, slot, *field);
        }
        for tag in &document.tags {
            self.tags.add(&fold(tag), slot, Field::Tag);
        }
        self.by_id.insert(Arc::clone(&document.id), slot);
        if let Some(subject) = entry.is_about() {
            self.about.entry(subject.clone()).or_default().insert(slot);
        }
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(entry);
            self.live.insert(slot);
        }
        self.sweep();
    }

    /// Takes a document away. Says whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        let found = self.drop_slot(id);
        self.sweep();
        found
    }

    /// Gives back memory that growing has reserved, after many documents have
    /// been put in.
    pub fn shrink(&mut self) {
        for vocabulary in [&mut self.words, &mut self.initials, &mut self.tags] {
            vocabulary.shrink();
        }
        self.slots.shrink_to_fit();
        self.by_id.shrink_to_fit();
    }

    /// The ids of a collection's documents.
    pub fn ids(&self, collection: &str) -> Vec<Arc<str>> {
        let entries = self.slots.iter().flatten();
        entries
            .filter(|entry| entry.collection == collection)
            .map(|entry| Arc::clone(&entry.id))
            .collect()
    }

    /// The ids of the documents that are about an entity; of one collection,
    /// or of all.
    pub fn ids_about(&self, subject: &EntityRef, collection: Option<&str>) -> Vec<Arc<str>> {
        let slots = self.about.get(subject).into_iter().flatten();
        slots
            .filter_map(|slot| self.slots.get(*slot as usize)?.as_ref())
            .filter(|entry| collection.is_none_or(|collection| entry.collection == collection))
            .map(|entry| Arc::clone(&entry.id))
            .collect()
    }

    /// How many documents are about an entity without being it.
    #[must_use]
    pub fn about(&self) -> usize {
        self.about.values().map(BTreeSet::len).sum()
    }

    /// Documents about an entity are narrowed and boosted by what it has now.
    pub fn restate(&mut self, subject: &EntityRef, facets: &Facets, owner: Option<&EntityRef>) {
        let Some(slots) = self.about.get(subject) else {
            return;
        };
        let numbers = self.values.numbers(facets);
        for slot in slots {
            if let Some(Some(entry)) = self.slots.get_mut(*slot as usize) {
                entry.facets = numbers;
                entry.owner = owner.cloned();
            }
        }
    }

    fn drop_slot(&mut self, id: &str) -> bool {
        let Some(slot) = self.by_id.remove(id) else {
            return false;
        };
        let gone = self.slots.get_mut(slot as usize).and_then(Option::take);
        self.live.remove(slot);
        if let Some(subject) = gone.as_ref().and_then(Entry::is_about)
            && let Some(slots) = self.about.get_mut(subject)
        {
            slots.remove(&slot);
            if slots.is_empty() {
                self.about.remove(subject);
            }
        }
        self.stale += 1;
        true
    }

    fn new_slot(&mut self) -> Option<Slot> {
        if let Some(slot) = self.free.pop() {
            return Some(slot);
        }
        let slot = Slot::try_from(self.slots.len())
            .ok()
            .filter(|slot| *slot <= Posting::MAX_SLOT)?;
        self.slots.push(None);
        Some(slot)
    }

    fn sweep(&mut self) {
        if self.stale < SWEEP_FROM || self.stale * 4 < self.slots.len() {
            return;
        }
        let slots = &self.slots;
        let keep = |slot: Slot| slots.get(slot as usize).is_some_and(Option::is_some);
        self.words.retain(keep);
        self.initials.retain(keep);
        self.tags.retain(keep);
        self.free = (0..)
            .zip(&self.slots)
            .filter(|(_, entry)| entry.is_none())
            .map(|(slot, _)| slot)
            .collect();
        self.stale = 0;
    }
}

/// A document with its words cut out. This is most of the work of putting it
/// in, and needs no engine: readers wait for none of it.
#[derive(Debug)]
pub struct Ready<'a> {
    document: &'a Document,
    words: Vec<(Vec<u8>, Field)>,
    initials: Vec<(Vec<u8>, Field)>,
}

impl<'a> Ready<'a> {
    /// Cuts the words out.
    pub fn of(document: &'a Document) -> Self {
        Self {
            document,
            words: words_of(document),
            initials: initials_of(document),
        }
    }
}

/// The folded words of a document, each once, with the weightiest field.
fn words_of(document: &Document) -> Vec<(Vec<u8>, Field)> {
    let mut words: Vec<(Vec<u8>, Field)> = Vec::new();
    for (field, text) in &document.texts {
        let mut whole: Vec<u8> = Vec::new();
        for phrase in phrases(text) {
            if words.len() > MAX_WORDS {
                break;
            }
            for part in &phrase.parts {
                whole.extend_from_slice(&part.folded);
                words.push((part.folded.clone(), *field));
            }
            words.extend(phrase.joined.map(|joined| (joined, *field)));
        }
        if *field == Field::Name && !whole.is_empty() {
            whole.truncate(crate::text::MAX_WORD);
            words.push((whole, Field::WholeName));
        }
    }
    words.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    words.dedup_by(|next, first| next.0 == first.0);
    words
}

/// What stands for a document's names when only initials are typed.
fn initials_of(document: &Document) -> Vec<(Vec<u8>, Field)> {
    let mut found = Vec::new();
    let named = document
        .texts
        .iter()
        .filter(|(field, _)| field.is_name() || *field == Field::Owner);
    for (field, text) in named {
        let (mut latin, mut hangul) = (vec![LATIN], Vec::new());
        for phrase in phrases(text) {
            for part in &phrase.parts {
                let consonants = consonants(&part.written);
                if consonants.is_empty() {
                    latin.extend(part.folded.first().filter(|first| !is_hangul(**first)));
                } else {
                    found.push((consonants.clone(), *field));
                    hangul.extend(consonants);
                }
            }
        }
        if latin.len() > 2 && *field != Field::Owner {
            found.push((latin, *field));
        }
        found.push((hangul, *field));
    }
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    found.dedup_by(|next, first| next.0 == first.0);
    found
}

/// The initial consonants of the syllables in a word, as key strokes.
fn consonants(word: &str) -> Vec<u8> {
    let initial = |c: char| {
        let at = u32::from(c).checked_sub(0xAC00).filter(|at| *at < 11_172)? / 588;
        char::from_u32(0x1100 + at)
    };
    fold(&word.chars().filter_map(initial).collect::<String>())
}

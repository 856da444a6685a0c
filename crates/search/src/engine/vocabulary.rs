//! The words of all documents, each with the documents that have it.
//!
//! All words stand in one string of bytes, so that looking for the middle of
//! a word is one pass over some megabytes. For typing errors each word has a
//! signature of the bytes that occur in it; few words come near enough for
//! their distance to be computed.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;
use memchr::memmem;
use smallvec::SmallVec;

use super::edits::{Distance, distance};
use super::field::Field;

/// Stands before each word and behind the last.
const BORDER: u8 = 0;

/// A word's number.
pub(super) type Term = u32;
/// A document's number.
pub(super) type Slot = u32;

/// A document and the weightiest field in which it has the word: the field
/// in the lowest four bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting(u32);

impl Posting {
    /// More documents than this cannot be told apart.
    pub(super) const MAX_SLOT: Slot = u32::MAX >> 4;

    fn new(slot: Slot, field: Field) -> Self {
        Self(slot << 4 | field.code())
    }

    pub(super) fn slot(self) -> Slot {
        self.0 >> 4
    }

    pub(super) fn field(self) -> Field {
        Field::of_code(self.0 & 15)
    }
}

/// Where in a word something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Whole,
    Start,
    Inside,
}

/// Words and their postings.
#[derive(Debug)]
pub(super) struct Vocabulary {
    text: Vec<u8>,
    /// Where each word starts in `text`.
    starts: Vec<u32>,
    signatures: Vec<u64>,
    postings: Vec<SmallVec<[Posting; 4]>>,
    /// By the hash of the word, which stands in `text` and nowhere else.
    by_word: HashTable<Term>,
    hasher: RandomState,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            text: vec![BORDER],
            starts: Vec::new(),
            signatures: Vec::new(),
            postings: Vec::new(),
            by_word: HashTable::new(),
            hasher: RandomState::new(),
        }
    }
}

impl Vocabulary {
    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Memory in bytes, estimated.
    pub(super) fn bytes(&self) -> usize {
        let long = self.postings.iter().filter(|postings| postings.spilled());
        self.text.capacity()
            + self.starts.capacity() * 4
            + self.signatures.capacity() * 8
            + self.postings.capacity() * size_of::<SmallVec<[Posting; 4]>>()
            + self.by_word.capacity() * 6
            + long.map(|postings| postings.capacity() * 4).sum::<usize>()
    }

    pub(super) fn word(&self, term: Term) -> &[u8] {
        word(&self.text, &self.starts, term)
    }

    pub(super) fn postings(&self, term: Term) -> &[Posting] {
        self.postings
            .get(term as usize)
            .map_or(&[], |postings| postings)
    }

    /// Says that a document has a word. Words of one document come one after
    /// the other, the weightiest field first.
    pub(super) fn add(&mut self, word: &[u8], slot: Slot, field: Field) {
        if word.is_empty() || word.contains(&BORDER) {
            return;
        }
        let term = self.intern(word);
        if let Some(postings) = self.postings.get_mut(term as usize)
            && postings.last().is_none_or(|last| last.slot() != slot)
        {
            postings.push(Posting::new(slot, field));
        }
    }

    /// The word exactly.
    pub(super) fn find(&self, word: &[u8]) -> Option<Term> {
        let hash = self.hasher.hash_one(word);
        let same = |term: &Term| self.word(*term) == word;
        self.by_word.find(hash, same).copied()
    }

    fn intern(&mut self, word: &[u8]) -> Term {
        if let Some(term) = self.find(word) {
            return term;
        }
        let term = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        self.starts
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.text.extend_from_slice(word);
        self.text.push(BORDER);
        self.signatures.push(signature(word));
        self.postings.push(SmallVec::new());
        let (text, starts, hasher) = (&self.text, &self.starts, &self.hasher);
        let hash = |term: &Term| hasher.hash_one(self::word(text, starts, *term));
        self.by_word.insert_unique(hash(&term), term, hash);
        term
    }

    /// Every word that has `part` in it, in the order of their numbers; only
    /// those that begin with it unless `inside`.
    pub(super) fn containing(&self, part: &[u8], inside: bool, mut found: impl FnMut(Term, Place)) {
        let mut needle = Vec::with_capacity(part.len() + 1);
        if !inside {
            needle.push(BORDER);
        }
        needle.extend_from_slice(part);
        let finder = memmem::Finder::new(&needle);
        let (mut from, mut last) = (0, 0);
        while let Some(at) = self.text.get(from..).and_then(|rest| finder.find(rest)) {
            let at = from + at + usize::from(!inside);
            let term = self.word_at(at, last);
            last = term;
            let number = u32::try_from(term).unwrap_or(u32::MAX);
            let word = self.word(number);
            let starts = self
                .starts
                .get(term)
                .is_some_and(|start| *start as usize == at);
            found(
                number,
                match (starts, word.len() == part.len()) {
                    (true, true) => Place::Whole,
                    (true, false) => Place::Start,
                    (false, _) => Place::Inside,
                },
            );
            // The border behind this word may be the one before the next.
            from = self
                .starts
                .get(term)
                .map_or(self.text.len(), |start| *start as usize)
                + word.len();
        }
    }

    /// The word that this place of the text belongs to, which is not before the
    /// word `from`. Hits are near one another, so the steps begin small.
    fn word_at(&self, at: usize, from: usize) -> usize {
        let rest = self.starts.get(from..).unwrap_or_default();
        let behind = |start: &u32| *start as usize > at;
        let mut reach = 1;
        while rest.get(reach).is_some_and(|start| !behind(start)) {
            reach *= 2;
        }
        let near = rest.get(reach / 2..rest.len().min(reach + 1));
        let steps = near
            .unwrap_or_default()
            .partition_point(|start| !behind(start));
        (from + reach / 2 + steps).saturating_sub(1)
    }

    /// Gives back memory that growing has reserved.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.signatures.shrink_to_fit();
        for postings in &mut self.postings {
            postings.shrink_to_fit();
        }
        self.postings.shrink_to_fit();
        let (text, starts, hasher) = (&self.text, &self.starts, &self.hasher);
        self.by_word
            .shrink_to_fit(|term| hasher.hash_one(word(text, starts, *term)));
    }

    /// Every word that `typed` may have been meant for, with its distance.
    pub(super) fn near(&self, typed: &[u8], most: usize, mut found: impl FnMut(Term, Distance)) {
        let wanted = signature(typed);
        let tolerated = u32::try_from(most).unwrap_or(u32::MAX);
        for (term, present) in (0..).zip(&self.signatures) {
            if (wanted & !present).count_ones() > tolerated {
                continue;
            }
            let word = self.word(term);
            if word.len() + most < typed.len() {
                continue;
            }
            if let Some(distance) = distance(typed, word, most) {
                found(term, distance);
            }
        }
    }

    /// Forgets documents, and the words that only they had.
    pub(super) fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        let mut next = Self {
            hasher: self.hasher.clone(),
            ..Self::default()
        };
        for (term, postings) in (0..).zip(&self.postings) {
            let kept: SmallVec<[Posting; 4]> = postings
                .iter()
                .copied()
                .filter(|posting| keep(posting.slot()))
                .collect();
            if !kept.is_empty() {
                let term = next.intern(self.word(term));
                if let Some(place) = next.postings.get_mut(term as usize) {
                    *place = kept;
                }
            }
        }
        *self = next;
    }
}

/// The word of this number.
fn word<'a>(text: &'a [u8], starts: &[u32], term: Term) -> &'a [u8] {
    let at = |term: usize| starts.get(term).map(|start| *start as usize);
    let term = term as usize;
    let Some(start) = at(term) else { return &[] };
    let end = at(term + 1).unwrap_or(text.len()).saturating_sub(1);
    text.get(start..end).unwrap_or_default()
}

/// One bit for each of 64 classes of bytes.
fn signature(word: &[u8]) -> u64 {
    word.iter().fold(0, |bits, byte| bits | 1 << (byte & 63))
}

//! What somebody typed, and what each word of it may stand for.

use super::field::MatchKind;
use super::synonyms::synonyms;
use super::{LATIN, vocabulary};
use crate::text::{Word, as_hangul, as_latin, is_consonants, is_hangul, query_words, syllables};

/// More words than this are not looked at.
const MAX_PARTS: usize = 12;

/// A query, cut and folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// Its words; every one should be in a hit.
    pub(super) parts: Vec<Part>,
    /// Everything without spaces, when that is another word.
    pub(super) joined: Option<Vec<u8>>,
}

/// A word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) word: Word,
    /// It belongs to something like `ORDER-001`, in which nothing may differ.
    pub(super) code: bool,
}

/// A word to look for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) folded: Vec<u8>,
    pub(super) kind: MatchKind,
    /// What a hit is worth, from 0 to 1.
    pub(super) factor: f32,
    /// Where in a word it may stand.
    pub(super) reach: Reach,
    pub(super) list: List,
}

/// Where in a word something may stand; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Whole,
    Start,
    Inside,
}

/// Which vocabulary is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Words,
    Initials,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut joined = Vec::new();
        let phrases = query_words(text, MAX_PARTS);
        for phrase in &phrases {
            let digits = |word: &Word| word.folded.iter().all(u8::is_ascii_digit);
            let code = phrase.parts.len() > 1 && phrase.parts.last().is_some_and(digits);
            for word in &phrase.parts {
                joined.extend_from_slice(&word.folded);
                if parts.len() < MAX_PARTS {
                    parts.push(Part {
                        word: word.clone(),
                        code,
                    });
                }
            }
        }
        joined.truncate(crate::text::MAX_WORD);
        Self {
            joined: (parts.len() > 1).then_some(joined),
            parts,
        }
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

impl Part {
    pub(super) fn folded(&self) -> &[u8] {
        &self.word.folded
    }

    /// How many edits may be between what was typed and what was meant.
    pub(super) fn edits(&self) -> usize {
        let folded = self.folded();
        if self.code
            || folded.iter().any(u8::is_ascii_digit)
            || !folded.iter().all(|byte| byte.is_ascii())
        {
            return 0;
        }
        // A syllable is two or three key strokes.
        let letters = if folded.iter().any(|byte| is_hangul(*byte)) {
            folded.len() - 1
        } else {
            folded.len()
        };
        match letters {
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        }
    }

    /// What is always looked for.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let folded = self.folded();
        let consonants = is_consonants(folded);
        let mut wanted = vec![Wanted {
            folded: folded.to_vec(),
            kind: MatchKind::Exact,
            factor: 1.0,
            reach: if self.code && folded.iter().all(u8::is_ascii_digit) {
                Reach::Whole
            } else if folded.len() >= 3 && !consonants {
                Reach::Inside
            } else {
                Reach::Start
            },
            list: List::Words,
        }];
        let word = |folded: Vec<u8>, kind, factor, reach| Wanted {
            folded,
            kind,
            factor,
            reach,
            list: List::Words,
        };
        if let Some(shorter) = self.without_ending() {
            wanted.push(word(shorter, MatchKind::Exact, 0.9, Reach::Start));
        }
        for other in synonyms(folded) {
            let reach = if other.first().is_some_and(|first| is_hangul(*first)) {
                Reach::Start
            } else {
                Reach::Whole
            };
            wanted.push(word(other.clone(), MatchKind::Synonym, 0.6, reach));
        }
        let initials = |folded, reach, factor| Wanted {
            folded,
            kind: MatchKind::Initials,
            factor,
            reach,
            list: List::Initials,
        };
        if consonants {
            wanted.push(initials(folded.to_vec(), Reach::Inside, 0.85));
        } else if (2..=6).contains(&folded.len()) && folded.iter().all(u8::is_ascii_lowercase) {
            let mut marked = vec![LATIN];
            marked.extend_from_slice(folded);
            wanted.push(initials(marked, Reach::Start, 0.7));
        }
        wanted
    }

    /// What is looked for when nothing begins with the word: the keyboard had
    /// the other layout.
    pub(super) fn other_layout(&self) -> Option<Wanted> {
        let folded = if self.folded().iter().all(|byte| is_hangul(*byte)) {
            as_latin(self.folded())
        } else {
            as_hangul(&self.word.written)
        }?;
        Some(Wanted {
            folded,
            kind: MatchKind::Layout,
            factor: 0.8,
            reach: Reach::Start,
            list: List::Words,
        })
    }

    /// Without the plural's `s` or a Korean particle of one syllable.
    fn without_ending(&self) -> Option<Vec<u8>> {
        let folded = self.folded();
        if let Some(stem) = folded.strip_suffix(b"s")
            && stem.len() >= 4
            && !stem.ends_with(b"s")
        {
            return Some(stem.to_vec());
        }
        if syllables(folded) < 3 {
            return None;
        }
        super::synonyms::particles()
            .iter()
            .find_map(|particle| folded.strip_suffix(particle.as_slice()))
            .map(<[u8]>::to_vec)
    }
}

/// How much less a hit counts for where in the word it is: a short rest makes
/// it likelier that this word is meant.
pub(super) fn place_factor(place: vocabulary::Place, typed: usize, word: usize) -> f32 {
    let share = ratio(typed, word);
    match place {
        vocabulary::Place::Whole => 1.0,
        vocabulary::Place::Start => 0.72 + 0.22 * share,
        vocabulary::Place::Inside => 0.45 + 0.2 * share,
    }
}

pub(super) fn ratio(part: usize, whole: usize) -> f32 {
    let small = |number: usize| u16::try_from(number).map_or(f32::from(u16::MAX), f32::from);
    if whole == 0 {
        1.0
    } else {
        small(part) / small(whole)
    }
}

//! Text as the engine compares it.
//!
//! Every text is folded to a byte string: letters without case and accents as
//! they are, Hangul as the keys that are pressed for it. With keys, a syllable
//! that is still being typed is a prefix of the finished one, whether the
//! input method shows it as a loose consonant or below the syllable before;
//! one wrong vowel is one edit; and a word typed with the wrong keyboard
//! layout is the same word with other byte values.

mod fold;
mod hangul;
mod marks;
mod words;

pub(crate) use fold::fold;
pub(crate) use hangul::{as_hangul, as_latin, is_consonants, is_hangul, syllables};
pub(crate) use marks::{Pieces, excerpt, marked};
pub(crate) use words::{MAX_WORD, Word, phrases, query_words};

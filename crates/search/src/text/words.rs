//! Cutting text into words: at white space, at punctuation inside names, at
//! capitals, and where Hangul meets another script.

use unicode_normalization::UnicodeNormalization as _;

use super::fold::fold;

/// Longer words are cut, in bytes of folded text: nobody types more.
pub(crate) const MAX_WORD: usize = 48;
/// More parts than a name has; addresses and paths have more.
const MAX_PARTS: usize = 8;

/// What stands between white space, `ORDER-001` or `결제API`, with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// Its parts, folded: `order`, `001`.
    pub(crate) parts: Vec<Word>,
    /// The parts without what stood between them, when there are several.
    pub(crate) joined: Option<Vec<u8>>,
}

/// A part of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it was written.
    pub(crate) written: String,
    /// Folded, at most [`MAX_WORD`] bytes.
    pub(crate) folded: Vec<u8>,
}

/// The phrases of a text.
pub(crate) fn phrases(text: &str) -> impl Iterator<Item = Phrase> + '_ {
    text.split(ends_phrase).filter_map(phrase)
}

/// The words of a query, at most `most`.
pub(crate) fn query_words(text: &str, most: usize) -> Vec<Phrase> {
    phrases(text).take(most).collect()
}

fn ends_phrase(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | ';'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '<'
                | '>'
                | '"'
                | '\''
                | '`'
                | '/'
                | '\\'
                | '|'
                | '='
                | '?'
                | '&'
                | '!'
                | '%'
                | '^'
                | '“'
                | '”'
                | '‘'
                | '’'
                | '「'
                | '」'
                | '·'
                | '…'
        )
}

fn phrase(chunk: &str) -> Option<Phrase> {
    let mut parts: Vec<Word> = Vec::new();
    for written in split(chunk) {
        let mut folded = fold(&written);
        folded.truncate(MAX_WORD);
        if !folded.is_empty() {
            parts.push(Word { written, folded });
        }
    }
    if parts.is_empty() {
        return None;
    }
    let joined = (2..=MAX_PARTS).contains(&parts.len()).then(|| {
        let mut joined: Vec<u8> = parts
            .iter()
            .flat_map(|part| part.folded.iter().copied())
            .collect();
        joined.truncate(MAX_WORD);
        joined
    });
    Some(Phrase { parts, joined })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Hangul,
    Other,
}

fn class(c: char) -> Option<Class> {
    Some(match c {
        'a'..='z' => Class::Lower,
        'A'..='Z' => Class::Upper,
        '0'..='9' => Class::Digit,
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7A3}' => {
            Class::Hangul
        }
        c if c.is_uppercase() => Class::Upper,
        c if c.is_alphanumeric() => Class::Other,
        _ => return None,
    })
}

/// The parts of a chunk without white space.
fn split(chunk: &str) -> Vec<String> {
    // Composed, so that a syllable is one character.
    let chars: Vec<char> = chunk.nfkc().collect();
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut before: Option<Class> = None;
    for (at, c) in chars.iter().copied().enumerate() {
        let Some(now) = class(c) else {
            if keeps(c) {
                part.push(c);
            } else if !part.is_empty() {
                parts.push(std::mem::take(&mut part));
                before = None;
            }
            continue;
        };
        let next = chars.get(at + 1).copied().and_then(class);
        if before.is_some_and(|before| turns(before, now, next)) && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        part.push(c);
        before = Some(now);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Combining marks and joiners belong to the letter before them.
fn keeps(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{200B}'..='\u{200D}')
}

/// Whether a new part begins.
fn turns(before: Class, now: Class, next: Option<Class>) -> bool {
    use Class::{Digit, Hangul, Lower, Other, Upper};
    match (before, now) {
        // userService
        (Lower | Other, Upper) => true,
        // HTTPServer, but not APIs
        (Upper, Upper) => next == Some(Lower),
        (Hangul, Lower | Upper | Other) | (Lower | Upper | Other, Hangul) => true,
        (Digit, Upper) => next == Some(Lower),
        _ => false,
    }
}

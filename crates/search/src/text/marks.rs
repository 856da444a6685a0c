//! Which characters of a text a query is about, to be marked.

use super::fold::fold;
use super::hangul::is_consonants;
use super::words::query_words;

/// Words of a query that are marked.
const MAX_WORDS: usize = 12;

/// A text in pieces, each marked or not.
pub(crate) type Pieces = Vec<(bool, String)>;

/// Cuts a text where a query's words begin and end. Words with typing errors
/// are not marked.
pub(crate) fn marked(text: &str, query: &str) -> Pieces {
    let chars: Vec<char> = text.chars().collect();
    let mut marks = vec![false; chars.len()];
    // The folded text, and which character each of its bytes comes from.
    let (mut folded, mut origin) = (Vec::new(), Vec::new());
    for (at, c) in chars.iter().enumerate() {
        let bytes = fold(c.encode_utf8(&mut [0; 4]));
        origin.extend(std::iter::repeat_n(at, bytes.len()));
        folded.extend(bytes);
    }
    let phrases = query_words(query, MAX_WORDS);
    for word in phrases.iter().flat_map(|phrase| &phrase.parts) {
        if is_consonants(&word.folded) {
            mark_initials(&chars, &word.folded, &mut marks);
        } else {
            mark_word(&chars, (&folded, &origin), &word.folded, &mut marks);
        }
    }
    pieces(&chars, &marks)
}

fn mark_word(chars: &[char], (folded, origin): (&[u8], &[usize]), word: &[u8], marks: &mut [bool]) {
    for at in memchr::memmem::find_iter(folded, word) {
        let (Some(first), Some(last)) = (origin.get(at), origin.get(at + word.len() - 1)) else {
            continue;
        };
        // Not from the middle of a syllable.
        let whole = at == 0 || origin.get(at - 1) != Some(first);
        let before = first.checked_sub(1).and_then(|before| chars.get(before));
        let begins = before.is_none_or(|before| !before.is_alphanumeric());
        if whole && (word.len() > 1 || begins) {
            marks
                .iter_mut()
                .take(last + 1)
                .skip(*first)
                .for_each(|mark| *mark = true);
        }
    }
}

/// Marks syllables that begin with these consonants, one after the other.
fn mark_initials(chars: &[char], consonants: &[u8], marks: &mut [bool]) {
    let initials: Vec<Option<u8>> = chars
        .iter()
        .map(|c| {
            let syllable = ('\u{AC00}'..='\u{D7A3}').contains(c);
            syllable
                .then(|| fold(c.encode_utf8(&mut [0; 4])).first().copied())
                .flatten()
        })
        .collect();
    for (at, window) in initials.windows(consonants.len().max(1)).enumerate() {
        if window
            .iter()
            .zip(consonants)
            .all(|(initial, wanted)| *initial == Some(*wanted))
        {
            marks
                .iter_mut()
                .skip(at)
                .take(consonants.len())
                .for_each(|mark| *mark = true);
        }
    }
}

fn pieces(chars: &[char], marks: &[bool]) -> Pieces {
    let mut pieces: Pieces = Vec::new();
    for (c, mark) in chars.iter().zip(marks) {
        match pieces.last_mut() {
            Some((marked, text)) if marked == mark => text.push(*c),
            _ => pieces.push((*mark, c.to_string())),
        }
    }
    pieces
}

/// A part of a long text with the first mark in it, at most about `most`
/// characters.
pub(crate) fn excerpt(text: &str, query: &str, most: usize) -> Pieces {
    let mut all = marked(text, query);
    if text.chars().count() <= most {
        return all;
    }
    let before: usize = all
        .iter()
        .take_while(|(mark, _)| !mark)
        .map(|(_, text)| text.chars().count())
        .sum();
    let none = all.iter().all(|(mark, _)| !mark);
    let start = if none {
        0
    } else {
        before.saturating_sub(most / 3)
    };
    let (mut skip, mut room) = (start, most);
    for (_, piece) in &mut all {
        let length = piece.chars().count();
        let kept: String = piece.chars().skip(skip).take(room).collect();
        room -= kept.chars().count();
        skip = skip.saturating_sub(length);
        *piece = kept;
    }
    all.retain(|(_, piece)| !piece.is_empty());
    if start > 0 {
        all.insert(0, (false, "…".to_owned()));
    }
    all.push((false, "…".to_owned()));
    all
}

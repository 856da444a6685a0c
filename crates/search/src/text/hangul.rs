//! Hangul as key strokes of the common two-set keyboard (KS X 5002).
//!
//! A stroke on a plain key is its letter in upper case, which folded Latin
//! text never holds; the seven strokes that need Shift are control characters.

/// Strokes with Shift, in the order of their codes from 1.
const SHIFTED: &[u8; 7] = b"REQTWOP";

/// Initial consonants U+1100 to U+1112.
const INITIALS: [&str; 19] = [
    "r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g",
];
/// Vowels U+1161 to U+1175.
const VOWELS: [&str; 21] = [
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b",
    "m", "ml", "l",
];
/// Final consonants U+11A8 to U+11C2.
const FINALS: [&str; 27] = [
    "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q",
    "qt", "t", "T", "d", "w", "c", "z", "x", "v", "g",
];

/// The strokes of a conjoining jamo; nothing for any other character.
pub(super) fn strokes(c: char) -> Option<impl Iterator<Item = u8>> {
    let code = u32::from(c);
    let at = |first: u32| usize::try_from(code.checked_sub(first)?).ok();
    let keys = match code {
        0x1100..=0x1112 => INITIALS.get(at(0x1100)?)?,
        0x1161..=0x1175 => VOWELS.get(at(0x1161)?)?,
        0x11A8..=0x11C2 => FINALS.get(at(0x11A8)?)?,
        _ => return None,
    };
    Some(keys.bytes().map(stroke))
}

/// The code of the stroke on a key; other bytes stay.
fn stroke(key: u8) -> u8 {
    if key.is_ascii_lowercase() {
        return key.to_ascii_uppercase();
    }
    match SHIFTED.iter().position(|shifted| *shifted == key) {
        Some(at) => u8::try_from(at + 1).unwrap_or(1),
        None => key,
    }
}

/// The key of a stroke; nothing for what is no stroke.
fn key(stroke: u8) -> Option<u8> {
    match stroke {
        b'A'..=b'Z' => Some(stroke.to_ascii_lowercase()),
        _ => SHIFTED.get(usize::from(stroke).checked_sub(1)?).copied(),
    }
}

/// Whether a byte of folded text is a stroke.
pub(crate) fn is_hangul(byte: u8) -> bool {
    byte.is_ascii_uppercase() || (1..=7).contains(&byte)
}

fn is_consonant(byte: u8) -> bool {
    key(byte).is_some_and(|key| b"rRseEfaqQtTdwWczxvg".contains(&key))
}

/// Whether folded text is consonants only, as in a search by initials.
pub(crate) fn is_consonants(folded: &[u8]) -> bool {
    !folded.is_empty() && folded.iter().all(|byte| is_consonant(*byte))
}

/// What Latin letters mean with the Korean layout. `typed` still has its case,
/// because Shift makes another letter; Caps Lock does not matter where Shift
/// means nothing.
pub(crate) fn as_hangul(typed: &str) -> Option<Vec<u8>> {
    let all = typed.bytes().all(|byte| byte.is_ascii_alphabetic());
    let vowel = typed
        .bytes()
        .any(|byte| b"koiOjpuPhynbmlKIJUHYNBML".contains(&byte));
    (all && vowel && typed.len() >= 2).then(|| {
        typed
            .bytes()
            .map(|byte| match byte {
                shifted if SHIFTED.contains(&shifted) => stroke(shifted),
                other => stroke(other.to_ascii_lowercase()),
            })
            .collect()
    })
}

/// What strokes mean with the Latin layout.
pub(crate) fn as_latin(folded: &[u8]) -> Option<Vec<u8>> {
    if folded.len() < 2 {
        return None;
    }
    folded
        .iter()
        .map(|byte| key(*byte).map(|key| key.to_ascii_lowercase()))
        .collect()
}

/// How many whole syllables there are, a loose last consonant not counted.
pub(crate) fn syllables(folded: &[u8]) -> usize {
    // A consonant before a vowel begins a syllable.
    folded
        .windows(2)
        .filter(|pair| matches!(pair, [first, second] if is_consonant(*first) && is_hangul(*second) && !is_consonant(*second)))
        .count()
}

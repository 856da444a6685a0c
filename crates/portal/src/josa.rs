//! Korean particles (josa), which follow the sound that a word ends with:
//! `order-service가`, `팀을`, `v3.2.4로`.
//!
//! Hangul decides by its final consonant. Numbers are read in Sino-Korean.
//! Latin capitals and words without a vowel are read letter by letter
//! (`URL` ends in ㄹ), other Latin words as loanwords, whose final consonant is
//! estimated from the spelling; [`LOANWORDS`] holds words that break the rule.

/// How the sound of a word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// Counts as a vowel for `(으)로` and as a consonant for everything else.
    Rieul,
    Consonant,
}

/// Loanwords whose ending the spelling does not tell.
const LOANWORDS: &[(&str, Ending)] = &[
    ("template", Ending::Consonant),
    ("type", Ending::Consonant),
    ("pipe", Ending::Vowel),
    ("hub", Ending::Vowel),
    ("pub", Ending::Consonant),
    ("route", Ending::Consonant),
    ("batch", Ending::Vowel),
    ("disk", Ending::Vowel),
    ("secret", Ending::Consonant),
    ("one", Ending::Consonant),
    ("zone", Ending::Consonant),
    ("group", Ending::Consonant),
    ("backup", Ending::Consonant),
    ("cookie", Ending::Vowel),
    ("app", Ending::Consonant),
    ("step", Ending::Consonant),
];

/// `word` with the fitting particle of `pair`, which names the form after a
/// consonant first: `이/가`, `을/를`, `은/는`, `과/와`, `으로/로`.
///
/// A pair without `/` is appended as it is.
pub fn with_josa(word: &str, pair: &str) -> String {
    let mut out = String::with_capacity(word.len() + pair.len());
    out.push_str(word);
    out.push_str(josa(word, pair));
    out
}

/// Only the particle, for a word that stands in markup of its own.
pub fn josa<'p>(word: &str, pair: &'p str) -> &'p str {
    let Some((after_consonant, after_vowel)) = pair.split_once('/') else {
        return pair;
    };
    match ending(word) {
        Ending::Vowel => after_vowel,
        Ending::Consonant => after_consonant,
        Ending::Rieul if after_consonant.starts_with("으로") => after_vowel,
        Ending::Rieul => after_consonant,
    }
}

fn ending(word: &str) -> Ending {
    let spoken = without_parentheses(word.trim_end());
    let Some(last) = spoken.chars().rev().find(|c| c.is_alphanumeric()) else {
        return Ending::Vowel;
    };
    if ('가'..='힣').contains(&last) {
        return hangul(last);
    }
    let end = spoken.rfind(last).map_or(0, |at| at + last.len_utf8());
    let head = spoken.get(..end).unwrap_or_default();
    if last.is_ascii_digit() {
        return digits(tail(head, |c| c.is_ascii_digit()));
    }
    if last.is_ascii_alphabetic() {
        return latin(tail(head, |c| c.is_ascii_alphabetic()));
    }
    Ending::Vowel
}

/// What stands in parentheses at the end is not read: `payment(결제)` is `payment`.
fn without_parentheses(word: &str) -> &str {
    if !word.ends_with(')') {
        return word;
    }
    match word.rfind('(').and_then(|at| word.get(..at)) {
        Some(head) if head.chars().any(char::is_alphanumeric) => head,
        _ => word,
    }
}

fn tail(word: &str, keep: impl Fn(char) -> bool) -> &str {
    let start = word
        .char_indices()
        .rev()
        .take_while(|(_, c)| keep(*c))
        .last()
        .map_or(word.len(), |(at, _)| at);
    word.get(start..).unwrap_or_default()
}

/// The final consonant of a composed syllable (Unicode 3.12): index 0 is none, 8 is ㄹ.
fn hangul(syllable: char) -> Ending {
    match (u32::from(syllable) - u32::from('가')) % 28 {
        0 => Ending::Vowel,
        8 => Ending::Rieul,
        _ => Ending::Consonant,
    }
}

/// Numbers end like their last digit, or like their last power of ten.
fn digits(number: &str) -> Ending {
    let zeros = number.chars().rev().take_while(|c| *c == '0').count();
    if zeros == number.len() {
        return Ending::Consonant; // 영
    }
    match zeros {
        0 => match number.chars().next_back() {
            Some('1' | '7' | '8') => Ending::Rieul, // 일, 칠, 팔
            Some('3' | '6') => Ending::Consonant,   // 삼, 육
            _ => Ending::Vowel,                     // 이, 사, 오, 구
        },
        12..16 => Ending::Vowel, // 조
        _ => Ending::Consonant,  // 십, 백, 천, 만, 억
    }
}

fn latin(word: &str) -> Ending {
    let lower = word.to_ascii_lowercase();
    if let Some((_, known)) = LOANWORDS.iter().find(|(known, _)| *known == lower) {
        return *known;
    }
    let spelled_out = word.chars().all(|c| c.is_ascii_uppercase())
        || !lower.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if spelled_out {
        letter(&lower)
    } else {
        loanword(&lower)
    }
}

/// The Korean names of the letters: 엘, 알 end in ㄹ, 엠, 엔 in a consonant.
fn letter(lower: &str) -> Ending {
    match lower.chars().next_back() {
        Some('l' | 'r') => Ending::Rieul,
        Some('m' | 'n') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// Loanwords (외래어 표기법, chapter 3, section 1): a stop after a short vowel
/// is a final consonant (웹, 깃, 북), after anything else it gets a vowel (카트,
/// 링크); l, m, n and ng always are finals (파일, 네임, 디자인, 빌링).
fn loanword(lower: &str) -> Ending {
    for (suffix, end) in [
        ("le", Ending::Rieul),
        ("ne", Ending::Consonant),
        ("me", Ending::Consonant),
    ] {
        if lower.len() > 3 && lower.ends_with(suffix) {
            return end;
        }
    }
    if lower.ends_with("ng") || lower.ends_with("ck") {
        return Ending::Consonant;
    }
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let mut back = lower.chars().rev();
    let (last, before, earlier) = (back.next(), back.next(), back.next());
    match last {
        Some('l') => Ending::Rieul,
        Some('m' | 'n') => Ending::Consonant,
        Some('b' | 'p' | 't' | 'k' | 'c') => {
            let short = before.is_some_and(vowel) && !earlier.is_some_and(vowel);
            let book = last == Some('k') && before == Some('o') && earlier == Some('o');
            if short || book {
                Ending::Consonant
            } else {
                Ending::Vowel
            }
        }
        _ => Ending::Vowel,
    }
}

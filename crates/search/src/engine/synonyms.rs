//! Words that mean the same, and endings that mean nothing: data.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::fold;

/// A group of words on each line.
static GROUPS: &str = include_str!("../../data/synonyms.txt");
/// An ending on each line.
static PARTICLES: &str = include_str!("../../data/particles.txt");

static BY_WORD: LazyLock<HashMap<Vec<u8>, Vec<Vec<u8>>>> = LazyLock::new(|| {
    let mut by_word: HashMap<Vec<u8>, Vec<Vec<u8>>> = HashMap::new();
    for line in lines(GROUPS) {
        let words: Vec<Vec<u8>> = line.split_whitespace().map(fold).collect();
        for word in &words {
            let others = words.iter().filter(|other| *other != word).cloned();
            by_word.entry(word.clone()).or_default().extend(others);
        }
    }
    by_word
});

static ENDINGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| lines(PARTICLES).map(fold).collect());

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Folded words that mean the same as a folded word.
pub(super) fn synonyms(word: &[u8]) -> &'static [Vec<u8>] {
    BY_WORD.get(word).map_or(&[], |others| others)
}

/// Korean particles, folded, the longest first.
pub(super) fn particles() -> &'static [Vec<u8>] {
    &ENDINGS
}

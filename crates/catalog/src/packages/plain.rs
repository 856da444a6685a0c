//! Versions of most ecosystems: numbers with dots, then perhaps a pre-release.
//! In order as Semantic Versioning 2.0.0 §11 has it, with any count of
//! numbers, as RubyGems, NuGet and Composer allow.

use std::cmp::Ordering;

/// A version that can be put in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    /// Digits without leading zeros, trailing zeros of the list left out.
    numbers: Vec<String>,
    /// Empty for a release.
    pre_release: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Number(String),
    Word(String),
}

impl Plain {
    /// `None` for what has no order: hashes, names, dates with words.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = match text.strip_prefix(['v', 'V', '=']) {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
            _ => text,
        };
        // Build metadata does not count.
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let core = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .and_then(|end| text.split_at_checked(end))
            .unwrap_or((text, ""));
        let (numbers, rest) = core;
        let numbers = numbers.trim_end_matches('.');
        if numbers.is_empty() || numbers.split('.').any(str::is_empty) {
            return None;
        }
        // `1a2b3c4` is a hash, `1.0rc1` and `2-beta` are versions.
        if !rest.is_empty() && !rest.starts_with('-') && !numbers.contains('.') {
            return None;
        }
        let mut numbers: Vec<String> = numbers.split('.').map(number).collect();
        while numbers.len() > 1 && numbers.last().is_some_and(|last| last == "0") {
            numbers.pop();
        }
        Some(Self {
            numbers,
            pre_release: parts(rest)?,
        })
    }
}

/// The identifiers of a pre-release; `None` for characters that no version has.
fn parts(rest: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for word in rest
        .split(['.', '-', '_', '~'])
        .filter(|word| !word.is_empty())
    {
        if !word.chars().all(|c| c.is_ascii_alphanumeric()) {
            return None;
        }
        // `rc1` is `rc`, then 1, so that `rc10` follows `rc9`.
        let mut current = String::new();
        for c in word.chars() {
            let digit = current
                .chars()
                .next()
                .is_some_and(|first| first.is_ascii_digit());
            if !current.is_empty() && digit != c.is_ascii_digit() {
                parts.push(part(&current));
                current.clear();
            }
            current.push(c);
        }
        parts.push(part(&current));
    }
    Some(parts)
}

fn part(text: &str) -> Part {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        Part::Number(number(text))
    } else {
        Part::Word(text.to_ascii_lowercase())
    }
}

/// Digits without leading zeros; `0` stays.
pub(super) fn number(digits: &str) -> String {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }.to_owned()
}

/// Numbers of any length, without leading zeros.
pub(super) fn by_number(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl Ord for Plain {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.numbers.len().max(other.numbers.len());
        for at in 0..longest {
            let of = |version: &Self| version.numbers.get(at).cloned();
            let zero = || "0".to_owned();
            let (a, b) = (
                of(self).unwrap_or_else(zero),
                of(other).unwrap_or_else(zero),
            );
            let order = by_number(&a, &b);
            if order.is_ne() {
                return order;
            }
        }
        match (self.pre_release.is_empty(), other.pre_release.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        for (a, b) in self.pre_release.iter().zip(&other.pre_release) {
            let order = match (a, b) {
                (Part::Number(a), Part::Number(b)) => by_number(a, b),
                (Part::Number(_), Part::Word(_)) => Ordering::Less,
                (Part::Word(_), Part::Number(_)) => Ordering::Greater,
                (Part::Word(a), Part::Word(b)) => a.cmp(b),
            };
            if order.is_ne() {
                return order;
            }
        }
        self.pre_release.len().cmp(&other.pre_release.len())
    }
}

impl PartialOrd for Plain {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

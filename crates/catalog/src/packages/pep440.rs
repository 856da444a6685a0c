//! Versions of Python packages (<https://peps.python.org/pep-0440/>).

use std::cmp::Ordering;

use super::plain::{by_number, number};

/// A version in the order of PEP 440, local versions left out.
#[derive(Clone, Debug)]
pub(super) struct Python {
    epoch: String,
    /// Without trailing zeros.
    release: Vec<String>,
    /// 0 for a development release alone, 1 to 3 for a, b and rc, 4 for none.
    stage: (u8, String),
    /// `None` stands before all.
    post: Option<String>,
    /// `None` stands behind all.
    dev: Option<String>,
}

impl Python {
    /// `None` for what PEP 440 does not accept.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let lower = text.trim().to_ascii_lowercase();
        let text = lower.strip_prefix('v').unwrap_or(&lower);
        let text = text.split_once('+').map_or(text, |(public, _)| public);
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, rest)) => (digits(epoch)?, rest),
            None => ("0".to_owned(), text),
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (numbers, rest) = text.split_at_checked(end)?;
        // `1.0.post1`: the dot belongs to what follows.
        let numbers = numbers.trim_end_matches('.');
        let mut release = numbers.split('.').map(digits).collect::<Option<Vec<_>>>()?;
        while release.len() > 1 && release.last().is_some_and(|last| last == "0") {
            release.pop();
        }
        let (stage, post, dev) = suffixes(rest)?;
        let stage = match stage {
            Some(stage) => stage,
            None if post.is_none() && dev.is_some() => (0, String::new()),
            None => (4, String::new()),
        };
        Some(Self {
            epoch,
            release,
            stage,
            post,
            dev,
        })
    }
}

type Suffixes = (Option<(u8, String)>, Option<String>, Option<String>);

/// Pre, post and development release, in this order.
fn suffixes(mut rest: &str) -> Option<Suffixes> {
    let (mut stage, mut post, mut dev) = (None, None, None);
    while !rest.is_empty() {
        let implicit = rest
            .strip_prefix('-')
            .filter(|after| after.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(after) = implicit {
            let (value, left) = leading_digits(after);
            if post.is_some() || dev.is_some() {
                return None;
            }
            post = Some(value);
            rest = left;
            continue;
        }
        rest = rest.trim_start_matches(['.', '-', '_']);
        let end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        let value = after.trim_start_matches(['.', '-', '_']);
        let (value, left) = if value.starts_with(|c: char| c.is_ascii_digit()) {
            leading_digits(value)
        } else {
            ("0".to_owned(), after)
        };
        match word {
            "a" | "alpha" if stage.is_none() => stage = Some((1, value)),
            "b" | "beta" if stage.is_none() => stage = Some((2, value)),
            "c" | "rc" | "pre" | "preview" if stage.is_none() => stage = Some((3, value)),
            "post" | "rev" | "r" if post.is_none() => post = Some(value),
            "dev" if dev.is_none() => dev = Some(value),
            _ => return None,
        }
        rest = left;
    }
    Some((stage, post, dev))
}

fn leading_digits(text: &str) -> (String, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (number(value), rest)
}

fn digits(text: &str) -> Option<String> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| number(text))
}

impl Ord for Python {
    fn cmp(&self, other: &Self) -> Ordering {
        let release = || {
            let longest = self.release.len().max(other.release.len());
            let at = |version: &Self, place: usize| {
                version
                    .release
                    .get(place)
                    .cloned()
                    .unwrap_or_else(|| "0".to_owned())
            };
            (0..longest)
                .map(|place| by_number(&at(self, place), &at(other, place)))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        let optional = |a: &Option<String>, b: &Option<String>| match (a, b) {
            (Some(a), Some(b)) => by_number(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        by_number(&self.epoch, &other.epoch)
            .then_with(release)
            .then_with(|| self.stage.0.cmp(&other.stage.0))
            .then_with(|| by_number(&self.stage.1, &other.stage.1))
            .then_with(|| optional(&self.post, &other.post))
            // A development release comes before what it develops.
            .then_with(|| match (&self.dev, &other.dev) {
                (Some(a), Some(b)) => by_number(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
    }
}

impl PartialOrd for Python {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Python {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Python {}

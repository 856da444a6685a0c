//! Names of headings in addresses, as Python-Markdown makes them. Letters of
//! all scripts stay, so that Korean headings have names too.

use std::collections::HashMap;

use super::clean::{RESERVED_IDS, RESERVED_PREFIX};

/// Gives each heading of a page a name of its own. Knows the names that are
/// taken, and for each the number to go on with, so that ten thousand headings
/// with one text do not try each other's names.
#[derive(Debug)]
pub(super) struct Slugs(HashMap<String, Option<u32>>);

impl Slugs {
    pub(super) fn new() -> Self {
        let reserved = RESERVED_IDS.iter().map(|id| ((*id).to_owned(), None));
        Self(reserved.collect())
    }

    /// The name of the next heading with this text.
    pub(super) fn name(&mut self, text: &str) -> String {
        self.unique(slug(text))
    }

    /// `wanted`, or the next free name after it.
    pub(super) fn unique(&mut self, wanted: String) -> String {
        let mut name = wanted;
        if let Some(rest) = name.strip_prefix(RESERVED_PREFIX) {
            name = format!("doc-{rest}");
        }
        let mut tried = Vec::new();
        let mut number = 0;
        while name.is_empty() || self.0.contains_key(&name) {
            let (stem, next) = counted(&name).unwrap_or((&name, 1));
            number = self.0.get(&name).copied().flatten().unwrap_or(next);
            let next = format!("{stem}_{number}");
            tried.push(std::mem::replace(&mut name, next));
        }
        for tried in tried {
            self.0.insert(tried, Some(number));
        }
        self.0.insert(name.clone(), None);
        name
    }
}

/// What stands before the number at the end of a name, and the next number.
fn counted(name: &str) -> Option<(&str, u32)> {
    let (stem, number) = name.rsplit_once('_')?;
    Some((stem, number.parse::<u32>().ok()?.checked_add(1)?))
}

fn slug(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | '-'))
        .collect();
    let mut slug = String::new();
    for c in kept.trim().to_lowercase().chars() {
        if c.is_whitespace() || c == '-' {
            if !slug.ends_with('-') {
                slug.push('-');
            }
        } else {
            slug.push(c);
        }
        if slug.len() > 200 {
            break;
        }
    }
    slug
}

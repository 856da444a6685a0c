//! Names of headings in addresses, as Python-Markdown makes them. Letters of
//! all scripts stay, so that Korean headings have names too.

use std::collections::HashSet;

use super::clean::{RESERVED_IDS, RESERVED_PREFIX};

/// Gives each heading of a page a name of its own.
#[derive(Debug)]
pub(super) struct Slugs(HashSet<String>);

impl Slugs {
    pub(super) fn new() -> Self {
        Self(RESERVED_IDS.iter().map(|id| (*id).to_owned()).collect())
    }

    /// The name of the next heading with this text.
    pub(super) fn name(&mut self, text: &str) -> String {
        self.unique(slug(text))
    }

    /// `wanted`, or the next free name after it.
    pub(super) fn unique(&mut self, wanted: String) -> String {
        let mut name = wanted;
        while name.is_empty() || name.starts_with(RESERVED_PREFIX) || self.0.contains(&name) {
            if let Some(rest) = name.strip_prefix(RESERVED_PREFIX) {
                name = format!("doc-{rest}");
                continue;
            }
            let counted = name
                .rsplit_once('_')
                .and_then(|(stem, number)| Some((stem.to_owned(), number.parse::<u32>().ok()?)));
            name = match counted {
                Some((stem, number)) => format!("{stem}_{}", number.saturating_add(1)),
                None => format!("{name}_1"),
            };
        }
        self.0.insert(name.clone());
        name
    }
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

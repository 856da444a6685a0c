//! The query string of a page's address, which holds the page's state.

use std::fmt;

use url::form_urlencoded;

/// More pairs than any page uses; the rest of a longer query is ignored.
const MAX_PAIRS: usize = 200;

/// A path with a query, from which links to neighbouring states are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// From a path and a query string without `?`.
    pub fn new(path: &str, query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .take(MAX_PAIRS)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self {
            path: path.to_owned(),
            pairs,
        }
    }

    /// From an address such as `/catalog?kind=api`.
    pub fn parse(href: &str) -> Self {
        let (path, query) = href.split_once('?').unwrap_or((href, ""));
        Self::new(path, query)
    }

    /// The path, still percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// All pairs in their order, decoded.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of `name`.
    pub fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the pair is there.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|present| present == value)
    }

    /// The same with one value of `name`.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut next = self.without(name);
        next.pairs.push((name.to_owned(), value.to_owned()));
        next
    }

    /// The same with one more value of `name`.
    #[must_use]
    pub fn and(&self, name: &str, value: &str) -> Self {
        let mut next = self.clone();
        if !next.has(name, value) {
            next.pairs.push((name.to_owned(), value.to_owned()));
        }
        next
    }

    /// The same without `name`.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut next = self.clone();
        next.pairs.retain(|(key, _)| key != name);
        next
    }

    /// The same without this one value of `name`.
    #[must_use]
    pub fn without_value(&self, name: &str, value: &str) -> Self {
        let mut next = self.clone();
        next.pairs
            .retain(|(key, present)| key != name || present != value);
        next
    }

    /// Whether the other address is this one or narrows it: same path, and
    /// every pair of this address is among the other's.
    pub fn covers(&self, other: &Self) -> bool {
        self.path == other.path
            && self
                .pairs
                .iter()
                .all(|(name, value)| other.has(name, value))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.pairs.is_empty() {
            return Ok(());
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish();
        write!(f, "?{query}")
    }
}

/// Whether a redirect may go there: a path of this site and nothing else.
pub(crate) fn is_local(target: &str) -> bool {
    target.starts_with('/')
        && !target.starts_with("//")
        && target.len() <= 4096
        && !target.contains(['\\', '\r', '\n', '\t'])
        && target.bytes().all(|byte| byte.is_ascii_graphic())
}

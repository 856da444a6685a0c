//! What all requests share.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::nav::Nav;
use crate::texts::{Texts, TextsError};

/// The portal's own messages: `(language, Fluent source)`.
pub const LOCALES: [(&str, &str); 2] = [
    (
        "en",
        concat!(
            include_str!("../locales/en/portal.ftl"),
            "\n",
            include_str!("../locales/en/home.ftl"),
            "\n",
            include_str!("../locales/en/live.ftl")
        ),
    ),
    (
        "ko",
        concat!(
            include_str!("../locales/ko/portal.ftl"),
            "\n",
            include_str!("../locales/ko/home.ftl"),
            "\n",
            include_str!("../locales/ko/live.ftl")
        ),
    ),
];

/// Messages, rail and name of this installation.
#[derive(Debug)]
pub struct Portal {
    texts: Arc<Texts>,
    nav: Nav,
    organisation: String,
    counts: RwLock<BTreeMap<String, u64>>,
}

impl Portal {
    /// Takes the messages of all capabilities (the portal adds its own), the
    /// rail and the organisation's name, which may be empty.
    pub fn new(
        messages: &[(&str, &str)],
        nav: Nav,
        organisation: impl Into<String>,
    ) -> Result<Arc<Self>, TextsError> {
        let mut sources = LOCALES.to_vec();
        sources.extend_from_slice(messages);
        Ok(Arc::new(Self {
            texts: Arc::new(Texts::new(&sources)?),
            nav,
            organisation: organisation.into(),
            counts: RwLock::new(BTreeMap::new()),
        }))
    }

    /// All messages.
    pub fn texts(&self) -> &Arc<Texts> {
        &self.texts
    }

    /// The organisation's name.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// Sets the count beside the rail entry with this label.
    pub fn set_count(&self, label: &str, count: u64) {
        self.counts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(label.to_owned(), count);
    }

    /// The rail with its latest counts.
    pub fn nav(&self) -> Nav {
        let mut nav = self.nav.clone();
        let counts = self.counts.read().unwrap_or_else(PoisonError::into_inner);
        for entry in nav.entries_mut() {
            entry.count = counts.get(&entry.label).copied().or(entry.count);
        }
        nav
    }
}

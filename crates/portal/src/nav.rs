//! The left rail as data. What is not built is not in it.

use crate::query::Address;

/// The order of the groups (product page, section 4.1); others follow.
const ORDER: [&str; 6] = [
    "nav-catalog",
    "nav-create",
    "nav-deliver",
    "nav-operate",
    "nav-improve",
    "nav-learn",
];

/// The whole rail below `Home`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nav {
    /// In the order in which they are shown.
    pub groups: Vec<NavGroup>,
    /// Single links at the bottom: help, administration.
    pub foot: Vec<NavEntry>,
}

/// One foldable group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavGroup {
    /// Message key of its name, such as `nav-catalog`; the icon is what follows `nav-`.
    pub key: String,
    /// The icon's name.
    pub icon: String,
    /// Its links.
    pub entries: Vec<NavEntry>,
}

/// One link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NavEntry {
    /// Message key of its text.
    pub label: String,
    /// Where it leads; the query decides which of several entries with one path is current.
    pub href: String,
    /// Only shown at the foot of the rail.
    pub icon: String,
    /// How many things are behind it, when that is known.
    pub count: Option<u64>,
    /// Whether the page belongs to it.
    pub current: bool,
    /// Shown to holders of the permission of this name; to everybody when absent.
    pub needs: Option<&'static str>,
}

impl NavEntry {
    /// An entry without count.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            ..Self::default()
        }
    }
}

impl NavEntry {
    /// The same for holders of a permission.
    #[must_use]
    pub fn needing(mut self, permission: &'static str) -> Self {
        self.needs = Some(permission);
        self
    }
}

impl NavGroup {
    /// The key that follows `g` and leads to the group's first page; none for
    /// groups that the product does not know.
    pub fn go_key(&self) -> Option<&'static str> {
        const KEYS: [&str; 6] = ["c", "n", "d", "o", "i", "l"];
        let place = ORDER.iter().position(|key| *key == self.key)?;
        KEYS.get(place).copied()
    }

    /// Whether one of its entries is current.
    pub fn is_current(&self) -> bool {
        self.entries.iter().any(|entry| entry.current)
    }
}

impl Nav {
    /// Adds a link to the group `group` (a message key such as `nav-catalog`).
    /// Groups appear in the product's order, links in the order of these calls.
    #[must_use]
    pub fn entry(mut self, group: &str, entry: NavEntry) -> Self {
        if let Some(found) = self.groups.iter_mut().find(|found| found.key == group) {
            found.entries.push(entry);
            return self;
        }
        let icon = group.strip_prefix("nav-").unwrap_or("catalog").to_owned();
        self.groups.push(NavGroup {
            key: group.to_owned(),
            icon,
            entries: vec![entry],
        });
        self.groups.sort_by_key(|found| {
            ORDER
                .iter()
                .position(|key| *key == found.key)
                .unwrap_or(ORDER.len())
        });
        self
    }

    /// Leaves out what the reader may not open.
    pub fn keep_for(&mut self, may: impl Fn(&str) -> bool) {
        let open = |entry: &NavEntry| entry.needs.is_none_or(&may);
        for group in &mut self.groups {
            group.entries.retain(open);
        }
        self.groups.retain(|group| !group.entries.is_empty());
        self.foot.retain(open);
    }

    /// Marks the entry whose address fits `here` best: same path and as much
    /// of the query as possible.
    #[must_use]
    pub fn marked_for(mut self, here: &Address) -> Self {
        let best = self
            .entries()
            .map(|entry| Address::parse(&entry.href))
            .filter(|address| address.covers(here))
            .map(|address| address.pairs().len())
            .max();
        if let Some(pairs) = best {
            for entry in self.entries_mut() {
                let address = Address::parse(&entry.href);
                entry.current = address.covers(here) && address.pairs().len() == pairs;
            }
        }
        self
    }

    /// Marks the entry with this label, for pages that lie below it.
    #[must_use]
    pub fn marked(mut self, label: &str) -> Self {
        for entry in self.entries_mut() {
            entry.current = entry.label == label;
        }
        self
    }

    fn entries(&self) -> impl Iterator<Item = &NavEntry> {
        self.groups
            .iter()
            .flat_map(|group| &group.entries)
            .chain(&self.foot)
    }

    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut NavEntry> {
        self.groups
            .iter_mut()
            .flat_map(|group| &mut group.entries)
            .chain(&mut self.foot)
    }
}

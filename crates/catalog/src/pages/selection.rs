//! The catalog list's address, read: what is chosen, in which order, which page.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::Caller;
use portal::Address;

use super::standing::{Flags, orphans};
use crate::index::{FullText, Order};

/// More values of one facet than a person would choose; the rest is ignored.
const MAX_VALUES: usize = 50;
/// Longer queries are cut; no name is that long.
const MAX_QUERY_CHARS: usize = 200;
/// How many rows a page may have.
pub(super) const LIMITS: [usize; 3] = [25, 50, 100];
const DEFAULT_LIMIT: usize = 50;
/// The owner that stands for the reader and the reader's groups.
pub(super) const ME: &str = "me";

/// One way to narrow the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FacetKey {
    /// Its name in the address.
    pub(super) name: &'static str,
    /// The search key that is counted; empty for what is derived of several.
    pub(super) key: &'static str,
    /// The message key of its heading.
    pub(super) title: &'static str,
    /// The kind of references that write none; empty for plain values.
    pub(super) refers_to: &'static str,
}

impl FacetKey {
    /// The values with their conditions, for a facet without a search key.
    pub(super) fn derived<'f>(&self, flags: &'f Flags) -> Option<&'f [(String, Predicate)]> {
        match self.name {
            "tier" => Some(&flags.tiers),
            "compliance" => Some(&flags.standards),
            _ => None,
        }
    }
}

/// All facets, in the order of the rail.
pub(super) static FACETS: [FacetKey; 9] = [
    FacetKey {
        name: "kind",
        key: "kind",
        title: "catalog-kind",
        refers_to: "",
    },
    FacetKey {
        name: "type",
        key: "spec.type",
        title: "catalog-type",
        refers_to: "",
    },
    FacetKey {
        name: "owner",
        key: "relations.ownedBy",
        title: "catalog-owner",
        refers_to: "group",
    },
    FacetKey {
        name: "lifecycle",
        key: "spec.lifecycle",
        title: "catalog-lifecycle",
        refers_to: "",
    },
    FacetKey {
        name: "system",
        key: "relations.partOf",
        title: "catalog-system",
        refers_to: "system",
    },
    FacetKey {
        name: "tier",
        key: "",
        title: "catalog-tier",
        refers_to: "",
    },
    FacetKey {
        name: "compliance",
        key: "",
        title: "catalog-compliance",
        refers_to: "",
    },
    FacetKey {
        name: "tag",
        key: "metadata.tags",
        title: "catalog-tag",
        refers_to: "",
    },
    FacetKey {
        name: "namespace",
        key: "metadata.namespace",
        title: "catalog-namespace",
        refers_to: "",
    },
];

/// The search key that `sort=` means.
fn sort_field(sort: &str) -> Option<&'static str> {
    Some(match sort {
        "name" => "metadata.name",
        "kind" => "kind",
        "type" => "spec.type",
        "owner" => "spec.owner",
        "lifecycle" => "spec.lifecycle",
        "system" => "spec.system",
        _ => return None,
    })
}

/// Lists that somebody thought of beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SavedView {
    All,
    Mine,
    Orphans,
    Ownerless,
    Flawed,
}

impl SavedView {
    pub(super) const ALL: [Self; 5] = [
        Self::All,
        Self::Mine,
        Self::Orphans,
        Self::Ownerless,
        Self::Flawed,
    ];

    /// What the address says; `Mine` is the owner [`ME`].
    fn in_address(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::All => None,
            Self::Mine => Some(("owner", ME)),
            Self::Orphans => Some(("view", "orphans")),
            Self::Ownerless => Some(("view", "ownerless")),
            Self::Flawed => Some(("view", "errors")),
        }
    }

    /// The message key of its name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::All => "catalog-view-all",
            Self::Mine => "catalog-view-mine",
            Self::Orphans => "catalog-view-orphans",
            Self::Ownerless => "catalog-view-ownerless",
            Self::Flawed => "catalog-view-errors",
        }
    }

    /// Its address: what is chosen besides the kind and the moment goes.
    pub(super) fn href(self, here: &Address) -> String {
        let mut pairs = Address::new("/catalog", "");
        for (name, value) in here.pairs() {
            if matches!(name.as_str(), "kind" | "at" | "limit" | "lang") {
                pairs = pairs.and(name, value);
            }
        }
        match self.in_address() {
            Some((name, value)) => pairs.with(name, value).to_string(),
            None => pairs.to_string(),
        }
    }

    /// Its own condition; [`None`] for all, and for `Mine` of somebody unknown nothing.
    pub(super) fn condition(self, flags: &Flags, caller: &Caller) -> Option<Predicate> {
        match self {
            Self::All => None,
            Self::Mine => Some(owned_by(caller.ownership.iter().map(EntityRef::as_str))),
            Self::Orphans => Some(orphans()),
            Self::Ownerless => Some(flags.ownerless.clone()),
            Self::Flawed => Some(flags.flawed.clone()),
        }
    }
}

fn owned_by<'a>(owners: impl IntoIterator<Item = &'a str>) -> Predicate {
    Predicate::is_in("relations.ownedBy", owners)
}

/// What the address asks for.
#[derive(Debug)]
pub(super) struct Selection {
    /// Chosen values of each facet, as in the address; same order as [`FACETS`].
    chosen: Vec<Vec<String>>,
    pub(super) view: SavedView,
    /// The text to look for; may be empty.
    pub(super) text: String,
    /// Only what this source brought.
    pub(super) source: Option<String>,
    pub(super) order: Vec<Order>,
    /// From 1.
    pub(super) page: usize,
    pub(super) limit: usize,
}

impl Selection {
    /// Reads an address. Values that mean nothing are left out, so that an old
    /// link still shows a list.
    pub(super) fn of(here: &Address) -> Self {
        let chosen = FACETS
            .iter()
            .map(|facet| {
                let values = here.all(facet.name).filter(|value| !value.is_empty());
                values.take(MAX_VALUES).map(str::to_owned).collect()
            })
            .collect();
        let number = |name: &str| here.get(name).and_then(|text| text.parse::<usize>().ok());
        let view = SavedView::ALL
            .into_iter()
            .rev()
            .find(|view| {
                view.in_address()
                    .is_some_and(|(name, value)| here.has(name, value))
            })
            .unwrap_or(SavedView::All);
        Self {
            chosen,
            view,
            text: here
                .get("q")
                .unwrap_or_default()
                .trim()
                .chars()
                .take(MAX_QUERY_CHARS)
                .collect(),
            source: here
                .get("source")
                .filter(|source| !source.is_empty())
                .map(str::to_owned),
            order: order_of(here.get("sort").unwrap_or("name")),
            page: number("page").unwrap_or(1).clamp(1, 1_000_000),
            limit: number("limit")
                .filter(|limit| LIMITS.contains(limit))
                .unwrap_or(DEFAULT_LIMIT),
        }
    }

    /// The chosen values of a facet.
    pub(super) fn values(&self, facet: &FacetKey) -> &[String] {
        let at = FACETS.iter().position(|known| known == facet);
        at.and_then(|at| self.chosen.get(at))
            .map_or(&[], Vec::as_slice)
    }

    /// The one kind that the list is about, if it is one.
    pub(super) fn kind(&self) -> Option<&str> {
        match self.values(&FACETS[0]) {
            [kind] => Some(kind),
            _ => None,
        }
    }

    /// All conditions but the text and those of the facet `except`.
    pub(super) fn predicate(
        &self,
        flags: &Flags,
        caller: &Caller,
        except: Option<&FacetKey>,
    ) -> Option<Predicate> {
        let mut all: Vec<Predicate> = FACETS
            .iter()
            .filter(|facet| except != Some(*facet))
            .filter_map(|facet| self.facet_condition(facet, flags, caller))
            .collect();
        // `Mine` is a value of the facet `owner`.
        if self.view != SavedView::Mine {
            all.extend(self.view.condition(flags, caller));
        }
        if let Some(source) = &self.source {
            let key = "metadata.annotations.backstage.io/managed-by-origin-location";
            all.push(Predicate::equals(key, source));
        }
        (!all.is_empty()).then_some(Predicate::All(all))
    }

    /// One of the chosen values of a facet.
    fn facet_condition(
        &self,
        facet: &FacetKey,
        flags: &Flags,
        caller: &Caller,
    ) -> Option<Predicate> {
        let values = self.values(facet);
        if values.is_empty() {
            return None;
        }
        if let Some(known) = facet.derived(flags) {
            let chosen = known
                .iter()
                .filter(|(name, _)| values.iter().any(|value| value.eq_ignore_ascii_case(name)));
            // Nothing fulfils a value that nobody has.
            return Some(Predicate::Any(
                chosen.map(|(_, condition)| condition.clone()).collect(),
            ));
        }
        let mut wanted: Vec<String> = Vec::with_capacity(values.len());
        for value in values {
            if facet.name == "owner" && value == ME {
                wanted.extend(caller.ownership.iter().map(ToString::to_string));
            } else if facet.refers_to.is_empty() {
                wanted.push(value.clone());
            } else {
                wanted.extend(referred(facet, value).map(|found| found.to_string()));
            }
        }
        Some(Predicate::is_in(
            facet.key,
            wanted.iter().map(String::as_str),
        ))
    }

    /// The text to look for, in the fields that people see.
    pub(super) fn full_text(&self) -> Option<FullText> {
        (!self.text.is_empty()).then(|| FullText {
            term: self.text.clone(),
            fields: Some(
                [
                    "metadata.name",
                    "metadata.title",
                    "metadata.description",
                    "spec.profile.displayname",
                ]
                .map(str::to_owned)
                .into(),
            ),
        })
    }

    pub(super) fn offset(&self) -> usize {
        (self.page - 1).saturating_mul(self.limit)
    }
}

/// What a value of a facet of references means: a full ref, or a name.
pub(super) fn referred(facet: &FacetKey, value: &str) -> Option<EntityRef> {
    EntityRef::parse(value, Some(facet.refers_to), None).ok()
}

/// By the field that `sort=` names, ties by name.
fn order_of(sort: &str) -> Vec<Order> {
    let (name, descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let by = |field: &str, descending| Order {
        field: field.to_owned(),
        descending,
    };
    let Some(field) = sort_field(name) else {
        return vec![by("metadata.name", false)];
    };
    let mut order = vec![by(field, descending)];
    if field != "metadata.name" {
        order.push(by("metadata.name", false));
    }
    order
}

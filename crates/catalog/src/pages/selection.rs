//! The catalog list's address, read: what is chosen, in which order, which page.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use portal::Address;

use super::query::{Ground, ListQuery, QueryError};
use super::standing::{Flags, orphans};
use crate::index::{CHANGED, Condition, Order};

/// More values of one facet than a person would choose; the rest is ignored.
const MAX_VALUES: usize = 50;
/// Rows that may be picked: as many as a page has.
const MAX_PICKED: usize = 100;
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

    /// The condition that one of these values holds.
    pub(super) fn condition(&self, values: &[String], ground: &Ground<'_>) -> Predicate {
        if let Some(known) = self.derived(ground.flags) {
            let chosen = known.iter().filter(|(name, _)| {
                let is_it = |value: &String| {
                    let lower = value.to_ascii_lowercase();
                    let tier = (self.name == "tier").then(|| lower.strip_prefix("tier-"));
                    lower == *name || tier.flatten() == Some(name.as_str())
                };
                values.iter().any(is_it)
            });
            // Nothing fulfils a value that nobody has.
            return Predicate::Any(chosen.map(|(_, condition)| condition.clone()).collect());
        }
        let mut wanted: Vec<String> = Vec::with_capacity(values.len());
        for value in values {
            if self.name == "owner" && value.eq_ignore_ascii_case(ME) {
                wanted.extend(ground.caller.ownership.iter().map(ToString::to_string));
            } else if self.refers_to.is_empty() {
                wanted.push(value.clone());
            } else {
                wanted.extend(referred(self, value).map(|found| found.to_string()));
            }
        }
        Predicate::is_in(self.key, wanted.iter().map(String::as_str))
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
        "changed" => CHANGED,
        _ => return None,
    })
}

/// Lists that somebody thought of beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SavedView {
    All,
    Mine,
    Starred,
    Orphans,
    Ownerless,
    Flawed,
}

impl SavedView {
    pub(super) const ALL: [Self; 6] = [
        Self::All,
        Self::Mine,
        Self::Starred,
        Self::Orphans,
        Self::Ownerless,
        Self::Flawed,
    ];

    /// What the address says; `Mine` is the owner [`ME`].
    fn in_address(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::All => None,
            Self::Mine => Some(("owner", ME)),
            Self::Starred => Some(("view", "starred")),
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
            Self::Starred => "catalog-view-starred",
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
    pub(super) fn condition(self, ground: &Ground<'_>) -> Option<Predicate> {
        match self {
            Self::All => None,
            Self::Mine => Some(ground.mine()),
            Self::Starred => Some(ground.starred()),
            Self::Orphans => Some(orphans()),
            Self::Ownerless => Some(ground.flags.ownerless.clone()),
            Self::Flawed => Some(ground.flags.flawed.clone()),
        }
    }
}

/// What the address asks for.
#[derive(Debug)]
pub(super) struct Selection {
    /// Chosen values of each facet, as in the address; same order as [`FACETS`].
    chosen: Vec<Vec<String>>,
    pub(super) view: SavedView,
    /// What stands in the query box; may be empty.
    pub(super) text: String,
    /// What that means.
    pub(super) query: Result<ListQuery, QueryError>,
    /// Only these, picked from a list; all when empty.
    pub(super) picked: Vec<EntityRef>,
    /// Cards instead of a table.
    pub(super) cards: bool,
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
        let text = here.get("q").unwrap_or_default().trim().to_owned();
        Self {
            chosen,
            view,
            query: ListQuery::parse(&text),
            text,
            picked: picked(here),
            cards: here.has("as", "cards") || here.has("view", "cards"),
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

    /// All conditions but the query and those of the facet `except`.
    pub(super) fn predicate(
        &self,
        ground: &Ground<'_>,
        except: Option<&FacetKey>,
    ) -> Option<Predicate> {
        let mut all: Vec<Predicate> = FACETS
            .iter()
            .filter(|facet| except != Some(*facet))
            .filter_map(|facet| {
                let values = self.values(facet);
                (!values.is_empty()).then(|| facet.condition(values, ground))
            })
            .collect();
        // `Mine` is a value of the facet `owner`.
        if self.view != SavedView::Mine {
            all.extend(self.view.condition(ground));
        }
        if let Some(source) = &self.source {
            let key = "metadata.annotations.backstage.io/managed-by-origin-location";
            all.push(Predicate::equals(key, source));
        }
        (!all.is_empty()).then_some(Predicate::All(all))
    }

    /// What the query box asks for; nothing when it is empty or wrong.
    pub(super) fn condition(&self, ground: &Ground<'_>) -> Option<Condition> {
        self.query.as_ref().ok()?.condition(ground)
    }

    pub(super) fn offset(&self) -> usize {
        (self.page - 1).saturating_mul(self.limit)
    }
}

/// The entities that `ref=` names, each once.
pub(super) fn picked(here: &Address) -> Vec<EntityRef> {
    let mut picked: Vec<EntityRef> = Vec::new();
    for text in here.all("ref").take(MAX_PICKED) {
        if let Ok(found) = EntityRef::parse(text, None, None)
            && !picked.contains(&found)
        {
            picked.push(found);
        }
    }
    picked
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

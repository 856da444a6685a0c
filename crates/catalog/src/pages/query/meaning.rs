//! What a query asks of the index.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::Caller;

use super::super::selection::{FACETS, FacetKey};
use super::super::standing::{Flags, orphans};
use super::{Compare, Field, ListQuery, Named, Part};
use crate::index::{Condition, FullText, Index};

/// The fields that people see, in which words are looked for.
const FIELDS: [&str; 4] = [
    "metadata.name",
    "metadata.title",
    "metadata.description",
    "spec.profile.displayname",
];
/// What the catalog itself writes into annotations.
const OWN_ANNOTATIONS: [&str; 5] = [
    "backstage.io/managed-by-",
    "backstage.io/orphan",
    "backstage.io/view-url",
    "backstage.io/edit-url",
    "backstage.io/source-location",
];
/// Keys that `has:label` and `has:annotation` look at.
const MAX_KEYS: usize = 2_000;

/// What conditions are read against: a state of the catalog and its reader.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct Ground<'a> {
    pub(in crate::pages) index: &'a Index,
    pub(in crate::pages) flags: &'a Flags,
    pub(in crate::pages) caller: &'a Caller,
    /// What the caller has starred.
    pub(in crate::pages) stars: &'a [EntityRef],
}

impl Ground<'_> {
    /// What the caller has starred.
    pub(in crate::pages) fn starred(&self) -> Predicate {
        let uids: Vec<String> = self
            .stars
            .iter()
            .filter_map(|star| Some(self.index.get(star)?.uid().to_string()))
            .collect();
        Predicate::is_in("metadata.uid", uids.iter().map(String::as_str))
    }

    /// What the caller owns.
    pub(in crate::pages) fn mine(&self) -> Predicate {
        let owners = self.caller.ownership.iter().map(EntityRef::as_str);
        Predicate::is_in("relations.ownedBy", owners)
    }
}

impl ListQuery {
    /// The condition; nothing for an empty query.
    pub(in crate::pages) fn condition(&self, ground: &Ground<'_>) -> Option<Condition> {
        match self.parts.as_slice() {
            [] => None,
            [one] => Some(of_part(one, ground)),
            parts => Some(Condition::All(all_of(parts, ground))),
        }
    }
}

fn all_of(parts: &[Part], ground: &Ground<'_>) -> Vec<Condition> {
    parts.iter().map(|part| of_part(part, ground)).collect()
}

fn of_part(part: &Part, ground: &Ground<'_>) -> Condition {
    match part {
        Part::All(list) => Condition::All(all_of(list, ground)),
        Part::Any(list) => Condition::Any(all_of(list, ground)),
        Part::Not(inner) => Condition::Not(Box::new(of_part(inner, ground))),
        Part::Text(text) => Condition::Contains(FullText {
            term: text.clone(),
            fields: Some(FIELDS.map(str::to_owned).into()),
        }),
        Part::There(field) => Condition::Holds(match key_of(field) {
            Some(key) => Predicate::exists(&key),
            None => Predicate::nothing(),
        }),
        Part::Tier(compare, tier) => Condition::Holds(tiers(*compare, tier, ground)),
        Part::Is(field, values) => Condition::Holds(is(field, values, ground)),
    }
}

/// The search key of a label or an annotation.
pub(super) fn key_of(field: &Field) -> Option<String> {
    match field {
        Field::Named(_) => None,
        Field::Label(key) => Some(format!("metadata.labels.{key}")),
        Field::Annotation(key) => Some(format!("metadata.annotations.{key}")),
    }
}

/// The facet that asks the same.
pub(super) fn facet_of(field: &Field) -> Option<&'static FacetKey> {
    let Field::Named(named) = field else {
        return None;
    };
    FACETS.iter().find(|facet| facet.name == named.name())
}

fn is(field: &Field, values: &[String], ground: &Ground<'_>) -> Predicate {
    if let Some(facet) = facet_of(field) {
        return facet.condition(values, ground);
    }
    let texts = values.iter().map(String::as_str);
    let each = |of: fn(&str, &Ground<'_>) -> Predicate| {
        Predicate::Any(values.iter().map(|value| of(value, ground)).collect())
    };
    match field {
        Field::Named(Named::Is) => each(state),
        Field::Named(Named::Has) => each(having),
        Field::Named(_) => Predicate::is_in("metadata.name", texts),
        Field::Label(_) | Field::Annotation(_) => match key_of(field) {
            Some(key) => Predicate::is_in(&key, texts),
            None => Predicate::nothing(),
        },
    }
}

/// `is:orphan` and its like.
pub(super) fn state(value: &str, ground: &Ground<'_>) -> Predicate {
    match value.to_ascii_lowercase().as_str() {
        "orphan" => orphans(),
        "ownerless" => ground.flags.ownerless.clone(),
        "error" => ground.flags.flawed.clone(),
        "starred" => ground.starred(),
        "mine" => ground.mine(),
        _ => Predicate::nothing(),
    }
}

/// `has:owner` and its like.
pub(super) fn having(value: &str, ground: &Ground<'_>) -> Predicate {
    if let Some(key) = Field::of(value).as_ref().and_then(key_of) {
        return Predicate::exists(&key);
    }
    let one_of = |known: &[(String, Predicate)]| {
        Predicate::Any(known.iter().map(|(_, holds)| holds.clone()).collect())
    };
    let key = match value.to_ascii_lowercase().as_str() {
        "compliance" => return one_of(&ground.flags.standards),
        "tier" => return one_of(&ground.flags.tiers),
        "label" => return any_key(ground.index, "metadata.labels.", &[]),
        "annotation" => return any_key(ground.index, "metadata.annotations.", &OWN_ANNOTATIONS),
        "api" => "relations.providesApi",
        "dependency" => "relations.dependsOn",
        "description" => "metadata.description",
        "docs" => "metadata.annotations.backstage.io/techdocs-ref",
        "lifecycle" => "spec.lifecycle",
        "owner" => "relations.ownedBy",
        "system" => "spec.system",
        "tag" => "metadata.tags",
        "type" => "spec.type",
        _ => return Predicate::nothing(),
    };
    Predicate::exists(key)
}

fn any_key(index: &Index, prefix: &str, except: &[&str]) -> Predicate {
    let foreign = |key: &String| {
        let name = key.strip_prefix(prefix).unwrap_or(key);
        !except.iter().any(|own| name.starts_with(own))
    };
    let keys = index.keys_under(prefix).into_iter().filter(foreign);
    Predicate::Any(
        keys.take(MAX_KEYS)
            .map(|key| Predicate::exists(&key))
            .collect(),
    )
}

/// The tiers on one side of `tier`, which may be written `tier-1`; none when
/// there is no such tier.
fn tiers(compare: Compare, tier: &str, ground: &Ground<'_>) -> Predicate {
    let lower = tier.to_ascii_lowercase();
    let name = lower.strip_prefix("tier-").unwrap_or(&lower);
    let all = &ground.flags.tiers;
    let Some(at) = all.iter().position(|(known, _)| known == name) else {
        return Predicate::nothing();
    };
    let chosen = all.iter().enumerate().filter(|(place, _)| match compare {
        Compare::Less => *place < at,
        Compare::AtMost => *place <= at,
        Compare::More => *place > at,
        Compare::AtLeast => *place >= at,
    });
    Predicate::Any(chosen.map(|(_, (_, holds))| holds.clone()).collect())
}

//! The entity that somebody means by a name.

use model::entity_ref::EntityRef;
use model::query::Predicate;

use crate::index::{Index, ListRequest};
use crate::pages::entity::near;

/// Longer texts are no name.
const MAX_CHARS: usize = 300;
const MAX_SAME: usize = 8;

/// What a name leads to.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::pages) enum Meant {
    One(EntityRef),
    /// Several may be meant, or names that are near; empty when nothing is.
    Perhaps(Vec<EntityRef>),
}

/// Looks for a reference, or for a name alone in every kind and namespace.
pub(in crate::pages) fn lookup(index: &Index, text: &str, visible: Option<&Predicate>) -> Meant {
    let text: String = text.trim().chars().take(MAX_CHARS).collect();
    let seen = |entity_ref: &EntityRef| {
        index.get(entity_ref).is_some()
            && visible.is_none_or(|visible| index.matches(entity_ref, visible))
    };
    let Ok(parsed) = EntityRef::parse(&text, Some("component"), None) else {
        return Meant::Perhaps(Vec::new());
    };
    if text.contains(':') && seen(&parsed) {
        return Meant::One(parsed);
    }
    let same = index.list(&ListRequest {
        query: Some(Predicate::equals("metadata.name", parsed.name())),
        visible: visible.cloned(),
        limit: Some(MAX_SAME),
        ..ListRequest::default()
    });
    let same: Vec<EntityRef> = same
        .items
        .iter()
        .map(|entity| entity.entity_ref().clone())
        .collect();
    match same.as_slice() {
        [one] if !text.contains(':') => Meant::One(one.clone()),
        [] => Meant::Perhaps(near(index, &parsed, visible)),
        _ => Meant::Perhaps(same),
    }
}

//! While the index is still being filled, whatever it lacks is found by its
//! name and title in the catalog itself.

use std::sync::Arc;

use catalog::index::{FullText, Index, PageRequest, Start};
use model::entity_ref::EntityRef;
use model::query::Predicate;

use crate::collate::COLLECTION;
use crate::engine::{Hit, Narrow, Results};

/// Adds entities that have the text in their name or title and that are not
/// among the hits. One that is called exactly so goes first.
pub(crate) fn add_by_name(
    index: &Index,
    text: &str,
    (narrow, visible): (&Narrow, Option<Predicate>),
    limit: usize,
    found: &mut Results,
) {
    let term = text.trim();
    let entities =
        narrow.collections.is_empty() || narrow.collections.iter().any(|one| one == COLLECTION);
    // Tags are asked for by their beginning, which the catalog does not know.
    if term.is_empty() || !entities || !narrow.tags.is_empty() {
        return;
    }
    let page = index.page(&PageRequest {
        start: Start::First {
            query: predicate(narrow),
            full_text: Some(FullText {
                term: term.to_owned(),
                fields: Some(vec!["metadata.name".into(), "metadata.title".into()]),
            }),
            order: None,
            offset: 0,
            total: false,
        },
        visible,
        limit,
    });
    let Ok(page) = page else { return };
    for entity in page.items {
        let entity_ref = entity.entity_ref();
        if found.hits.iter().any(|hit| *hit.id == *entity_ref.as_str()) {
            continue;
        }
        found.total += 1;
        let exactly = entity_ref.name().eq_ignore_ascii_case(term);
        let best = found.hits.first().map_or(0.0, |hit| hit.score);
        if exactly {
            found.hits.insert(0, hit(entity_ref, best + 1.0));
        } else if found.hits.len() < limit {
            found.hits.push(hit(entity_ref, 0.0));
        }
    }
    found.hits.truncate(limit);
}

fn hit(entity_ref: &EntityRef, score: f32) -> Hit {
    Hit {
        id: Arc::from(entity_ref.as_str()),
        subject: Some(entity_ref.clone()),
        collection: COLLECTION,
        score,
        shown: None,
    }
}

/// What the catalog is narrowed by.
fn predicate(narrow: &Narrow) -> Option<Predicate> {
    let one_of = |key: &str, values: &[String]| {
        (!values.is_empty()).then(|| Predicate::is_in(key, values.iter().map(String::as_str)))
    };
    let owners = (!narrow.owners.is_empty()).then(|| {
        let owners = narrow.owners.iter().map(EntityRef::as_str);
        Predicate::is_in("relations.ownedBy", owners)
    });
    [
        one_of("kind", &narrow.kinds),
        one_of("spec.type", &narrow.types),
        one_of("spec.lifecycle", &narrow.lifecycles),
        one_of("metadata.namespace", &narrow.namespaces),
        owners,
    ]
    .into_iter()
    .fold(None, Predicate::and)
}

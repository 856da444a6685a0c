//! The catalog as it is defined: a list of entities that is looked through.

use std::collections::{BTreeMap, BTreeSet};

use catalog::index::{Document, Facet, FacetValue, FullText, Index, Order};
use model::query::{Predicate, visit_rows};
use model::{EmittedRelation, EntityRef};
use serde_json::{Value, json};
use uuid::Uuid;

/// A document from an entity and the relations it emits.
pub(crate) fn document(entity: &Value, uid: Uuid, relations: &[(&str, &str, &str)]) -> Document {
    let reference = |text: &str| EntityRef::parse(text, None, None).unwrap();
    let mut entity = entity.clone();
    entity["metadata"]["uid"] = json!(uid);
    entity["metadata"]["etag"] = json!("e");
    let metadata = &entity["metadata"];
    Document {
        entity_ref: EntityRef::new(
            entity["kind"].as_str().unwrap(),
            metadata["namespace"].as_str().unwrap_or("default"),
            metadata["name"].as_str().unwrap(),
        ),
        uid,
        etag: "e".to_owned(),
        json: entity.to_string().into(),
        relations: relations
            .iter()
            .map(|(source, kind, target)| EmittedRelation {
                source: reference(source),
                kind: (*kind).to_owned(),
                target: reference(target),
            })
            .collect(),
        status: None,
        changed: 0,
    }
}

/// An index of these documents.
pub(crate) fn index(documents: impl IntoIterator<Item = Document>) -> Index {
    let mut index = Index::new();
    for document in documents {
        index.upsert(document).unwrap();
    }
    index
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Naive {
    pub(crate) documents: BTreeMap<EntityRef, Document>,
}

impl Naive {
    /// All relations of a reference, sorted and without repetitions.
    pub(crate) fn relations(&self, entity_ref: &EntityRef) -> Vec<(String, EntityRef)> {
        let emitted = self
            .documents
            .values()
            .flat_map(|document| &document.relations);
        let own = emitted.filter(|relation| relation.source == *entity_ref);
        let set: BTreeSet<_> = own.map(|r| (r.kind.clone(), r.target.clone())).collect();
        set.into_iter().collect()
    }

    /// The entity as it is shown.
    pub(crate) fn entity(&self, document: &Document) -> Value {
        let mut entity: Value = serde_json::from_str(&document.json).unwrap();
        let relations = self.relations(&document.entity_ref);
        entity["relations"] = relations
            .iter()
            .map(|(kind, target)| json!({"type": kind, "targetRef": target}))
            .collect();
        if let Some(status) = &document.status {
            entity["status"] = serde_json::from_str(status).unwrap();
        }
        entity
    }

    /// The entities that fulfil a predicate, by reference.
    pub(crate) fn matching(&self, predicate: Option<&Predicate>) -> Vec<(&Document, Value)> {
        let all = self
            .documents
            .values()
            .map(|document| (document, self.entity(document)));
        all.filter(|(_, entity)| predicate.is_none_or(|p| p.matches_entity(entity)))
            .collect()
    }

    pub(crate) fn facet(&self, key: &str, predicate: Option<&Predicate>) -> Facet {
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (_, entity) in self.matching(predicate) {
            for (folded, written) in values(&entity, key) {
                *counts.entry((folded, written)).or_default() += 1;
            }
        }
        let values = counts.into_iter();
        Facet {
            key: key.to_owned(),
            values: values
                .map(|((_, value), count)| FacetValue { value, count })
                .collect(),
        }
    }

    /// What by-query answers: entities with a value for the sort field, by
    /// value and uid, containing the text.
    pub(crate) fn ordered(
        &self,
        predicate: Option<&Predicate>,
        order: Option<&Order>,
        full_text: Option<&FullText>,
    ) -> Vec<EntityRef> {
        let mut rows = Vec::new();
        for (document, entity) in self.matching(predicate) {
            let value = match order {
                None => String::new(),
                Some(order) => match sort_value(&entity, order) {
                    Some(value) => value,
                    None => continue,
                },
            };
            if full_text.is_some_and(|full_text| !contains(&entity, order, full_text)) {
                continue;
            }
            rows.push((value, document.uid, document.entity_ref.clone()));
        }
        rows.sort();
        if order.is_some_and(|order| order.descending) {
            rows.reverse();
        }
        rows.into_iter()
            .map(|(_, _, entity_ref)| entity_ref)
            .collect()
    }

    /// What the plain list answers: by several fields, lacking ones last.
    pub(crate) fn listed(&self, predicate: Option<&Predicate>, order: &[Order]) -> Vec<EntityRef> {
        let mut rows = self.matching(predicate);
        rows.sort_by(|(a, a_entity), (b, b_entity)| {
            for order in order {
                let ordering = match (sort_value(a_entity, order), sort_value(b_entity, order)) {
                    (Some(a), Some(b)) if order.descending => b.cmp(&a),
                    (Some(a), Some(b)) => a.cmp(&b),
                    (a, b) => a.is_none().cmp(&b.is_none()),
                };
                if ordering.is_ne() {
                    return ordering;
                }
            }
            if order.is_empty() {
                a.entity_ref.cmp(&b.entity_ref)
            } else {
                a.uid.cmp(&b.uid)
            }
        });
        rows.into_iter()
            .map(|(document, _)| document.entity_ref.clone())
            .collect()
    }

    /// Missing targets and who points to them.
    pub(crate) fn dangling(&self) -> BTreeMap<EntityRef, BTreeSet<(String, EntityRef)>> {
        let mut missing: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for relation in self
            .documents
            .values()
            .flat_map(|document| &document.relations)
        {
            if self.documents.contains_key(&relation.source)
                && !self.documents.contains_key(&relation.target)
            {
                let source = (relation.kind.clone(), relation.source.clone());
                missing
                    .entry(relation.target.clone())
                    .or_default()
                    .insert(source);
            }
        }
        missing
    }
}

fn values(entity: &Value, key: &str) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = Vec::new();
    visit_rows(entity, &mut |row| {
        if let Some((folded, written)) = row.value
            && row.key == key.to_lowercase()
            && !values.iter().any(|(other, _)| other == folded)
        {
            values.push((folded.to_owned(), written.to_owned()));
        }
    });
    values
}

fn sort_value(entity: &Value, order: &Order) -> Option<String> {
    let values = values(entity, &order.field)
        .into_iter()
        .map(|(folded, _)| folded);
    if order.descending {
        values.max()
    } else {
        values.min()
    }
}

fn contains(entity: &Value, order: Option<&Order>, full_text: &FullText) -> bool {
    let default = vec![
        order
            .map_or("metadata.uid", |order| &order.field)
            .to_owned(),
    ];
    let term = full_text.term.trim().to_lowercase();
    let fields = full_text.fields.as_ref().unwrap_or(&default);
    term.is_empty()
        || fields.iter().any(|field| {
            values(entity, field)
                .iter()
                .any(|(folded, _)| folded.contains(&term))
        })
}

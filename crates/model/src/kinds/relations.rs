//! Relations that follow from the fields of an entity.

use serde::Serialize;
use serde_json::Value;

use super::KindDefinition;
use super::advice::dotted;
use super::definition::RelationField;
use crate::entity::Entity;
use crate::entity_ref::{EntityRef, RefError};
use crate::quoted::quoted;

/// Every relation type with its inverse (Backstage's well-known relations).
pub const RELATION_PAIRS: [(&str, &str); 8] = [
    ("ownedBy", "ownerOf"),
    ("partOf", "hasPart"),
    ("providesApi", "apiProvidedBy"),
    ("consumesApi", "apiConsumedBy"),
    ("dependsOn", "dependencyOf"),
    ("childOf", "parentOf"),
    ("memberOf", "hasMember"),
    ("scaffoldedFrom", "scaffolderOf"),
];

/// The type of the same relation seen from the other end.
pub fn inverse_of(relation: &str) -> Option<&'static str> {
    RELATION_PAIRS.iter().find_map(|(one, other)| {
        if *one == relation {
            Some(*other)
        } else if *other == relation {
            Some(*one)
        } else {
            None
        }
    })
}

/// A directed relation. Both directions are emitted by the entity whose file
/// holds the field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmittedRelation {
    /// Where the relation begins.
    pub source: EntityRef,
    /// Its type, for example `ownedBy`.
    pub kind: String,
    /// Where it leads.
    pub target: EntityRef,
}

/// A relation field whose value is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RelationError {
    /// Dotted name, for example `spec.dependsOn[0]`.
    pub field: String,
    /// JSON pointer of the value.
    pub pointer: String,
    /// What is wrong, in Backstage's words.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
    /// How to fix it.
    pub fix: String,
    /// The name of the JavaScript error that Backstage raises.
    pub(crate) error_name: &'static str,
}

/// A reference to a kind that makes no sense in its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OddTarget {
    pub pointer: String,
    pub field: String,
    pub target: EntityRef,
    pub expected: Vec<String>,
}

/// What the relation fields of one entity say.
pub(crate) struct Reading {
    /// Both directions, sorted, without duplicates.
    pub relations: Vec<EmittedRelation>,
    pub errors: Vec<RelationError>,
    pub odd: Vec<OddTarget>,
}

/// Reads all relation fields of an entity of this kind.
pub(crate) fn read(definition: &KindDefinition, entity: &Entity) -> Reading {
    let mut reading = Reading {
        relations: Vec::new(),
        errors: Vec::new(),
        odd: Vec::new(),
    };
    if definition.relations.is_empty() {
        return reading;
    }
    let source = entity.entity_ref();
    for field in &definition.relations {
        let pointer = field.pointer();
        match value_at(entity, &field.field) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    reading.add(entity, &source, field, format!("{pointer}/{index}"), item);
                }
            }
            Some(value) => reading.add(entity, &source, field, pointer, value),
        }
    }
    reading.relations.sort();
    reading.relations.dedup();
    reading
}

impl Reading {
    fn add(
        &mut self,
        entity: &Entity,
        source: &EntityRef,
        field: &RelationField,
        pointer: String,
        value: &Value,
    ) {
        let parsed = EntityRef::from_value(
            value,
            field.default_kind.as_deref(),
            Some(entity.namespace()),
        );
        let target = match parsed {
            Ok(target) => target,
            Err(error) => {
                self.errors.push(refused(field, pointer, value, &error));
                return;
            }
        };
        let fits = field.target_kinds.is_empty()
            || field
                .target_kinds
                .iter()
                .any(|kind| kind.eq_ignore_ascii_case(target.kind()));
        if !fits {
            self.odd.push(OddTarget {
                field: dotted(&pointer),
                pointer,
                target: target.clone(),
                expected: field.target_kinds.clone(),
            });
        }
        self.relations.push(EmittedRelation {
            source: source.clone(),
            kind: field.relation.clone(),
            target: target.clone(),
        });
        self.relations.push(EmittedRelation {
            source: target,
            kind: field.inverse.clone(),
            target: source.clone(),
        });
    }
}

fn value_at<'a>(entity: &'a Entity, field: &str) -> Option<&'a Value> {
    let mut parts = field.split('.');
    let first = entity.as_object().get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

fn refused(
    field: &RelationField,
    pointer: String,
    value: &Value,
    error: &RefError,
) -> RelationError {
    let name = dotted(&pointer);
    let text = value.as_str().unwrap_or_default();
    let (form, example) = match &field.default_kind {
        Some(kind) => (
            "[<kind>:][<namespace>/]<name>",
            format!("{}:default/name", kind.to_lowercase()),
        ),
        None => (
            "<kind>:[<namespace>/]<name>",
            "component:default/name".to_owned(),
        ),
    };
    let fix = match error {
        RefError::MissingKind(_) if !text.is_empty() => {
            let text = quoted(text);
            format!("write the kind, for example `component:{text}` or `resource:{text}`")
        }
        RefError::Form(_) => "remove the empty part, or write what belongs there".to_owned(),
        RefError::Empty => "write a reference, or remove the item".to_owned(),
        _ => "write the reference as a text".to_owned(),
    };
    RelationError {
        message: error.to_string(),
        accepted: format!("`{name}` takes `{form}`, such as `{example}`"),
        fix,
        field: name,
        pointer,
        error_name: match error {
            RefError::Form(_) => "TypeError",
            _ => "Error",
        },
    }
}

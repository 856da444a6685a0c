//! Relations that follow from the fields of an entity.

use serde::Serialize;
use serde_json::Value;

use super::KindDefinition;
use super::advice::dotted;
use super::definition::RelationField;
use crate::entity::Entity;
use crate::entity_ref::{EntityRef, RefError};
use crate::quoted::quoted;

/// The annotation that says who is on call: references to people and groups,
/// separated by commas. Each becomes a relation `onCall`.
pub const ON_CALL: &str = "portway.dev/on-call";
/// People and groups in one annotation; more are no rota.
const MOST_ON_CALL: usize = 50;

/// Every relation type with its inverse: Backstage's well-known relations, and
/// who is on call.
pub const RELATION_PAIRS: [(&str, &str); 9] = [
    ("ownedBy", "ownerOf"),
    ("partOf", "hasPart"),
    ("providesApi", "apiProvidedBy"),
    ("consumesApi", "apiConsumedBy"),
    ("dependsOn", "dependencyOf"),
    ("childOf", "parentOf"),
    ("memberOf", "hasMember"),
    ("scaffoldedFrom", "scaffolderOf"),
    ("onCall", "onCallFor"),
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
    pub unread: Vec<UnreadOnCall>,
}

/// A part of the annotation [`ON_CALL`] that is no reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadOnCall {
    pub pointer: String,
    pub text: String,
    pub problem: String,
}

/// Reads all relation fields of an entity of this kind.
pub(crate) fn read(definition: &KindDefinition, entity: &Entity) -> Reading {
    let mut reading = Reading {
        relations: Vec::new(),
        errors: Vec::new(),
        odd: Vec::new(),
        unread: Vec::new(),
    };
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
    reading.add_on_call(entity, &source);
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
        self.relate(source, (&field.relation, &field.inverse), &target);
        self.expect_kind(&field.target_kinds, pointer, target);
    }

    /// Who is on call, as the annotation says. What cannot be read is only
    /// warned about: elsewhere the annotation means nothing.
    fn add_on_call(&mut self, entity: &Entity, source: &EntityRef) {
        let written = value_at(entity, "metadata.annotations").and_then(|all| all.get(ON_CALL));
        let Some(text) = written.and_then(Value::as_str) else {
            return;
        };
        let pointer = format!("/metadata/annotations/{}", ON_CALL.replace('/', "~1"));
        let parts = text.split(',').map(str::trim);
        for part in parts.filter(|part| !part.is_empty()).take(MOST_ON_CALL) {
            match EntityRef::parse(part, Some("user"), Some(entity.namespace())) {
                Ok(target) => {
                    self.relate(source, ("onCall", "onCallFor"), &target);
                    let kinds = ["User".to_owned(), "Group".to_owned()];
                    self.expect_kind(&kinds, pointer.clone(), target);
                }
                Err(error) => self.unread.push(UnreadOnCall {
                    pointer: pointer.clone(),
                    text: part.to_owned(),
                    problem: error.to_string(),
                }),
            }
        }
    }

    /// A relation in both directions.
    fn relate(
        &mut self,
        source: &EntityRef,
        (relation, inverse): (&str, &str),
        target: &EntityRef,
    ) {
        let directed = |source: &EntityRef, kind: &str, target: &EntityRef| EmittedRelation {
            source: source.clone(),
            kind: kind.to_owned(),
            target: target.clone(),
        };
        self.relations.push(directed(source, relation, target));
        self.relations.push(directed(target, inverse, source));
    }

    fn expect_kind(&mut self, kinds: &[String], pointer: String, target: EntityRef) {
        let fits = kinds.is_empty()
            || kinds
                .iter()
                .any(|kind| kind.eq_ignore_ascii_case(target.kind()));
        if !fits {
            self.odd.push(OddTarget {
                field: dotted(&pointer),
                pointer,
                target,
                expected: kinds.to_vec(),
            });
        }
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

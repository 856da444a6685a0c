//! What the index is fed with.

use model::{EmittedRelation, EntityRef};
use serde_json::Value;
use uuid::Uuid;

/// An entity as it is to be shown, with what it says about others.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its identity.
    pub entity_ref: EntityRef,
    /// The uid that stays with it.
    pub uid: Uuid,
    /// The etag that changes with it.
    pub etag: String,
    /// The entity as a JSON object without `relations` and `status`, with
    /// `metadata.uid` and `metadata.etag`.
    pub json: Box<str>,
    /// All relations that this entity emits: usually two for each reference in
    /// its `spec`, there and back. Neither end has to be this entity or to exist.
    pub relations: Vec<EmittedRelation>,
    /// The `status` object as JSON, where there is something to report.
    pub status: Option<Box<str>>,
    /// When it changed last, in microseconds since 1970; 0 where nobody knows.
    pub changed: i64,
}

/// What [`super::Index::upsert`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The entity is new.
    Added,
    /// It was there and is different now.
    Updated,
    /// It was there already, just like this.
    Unchanged,
}

/// A document that cannot be indexed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entity {entity_ref} is not stored as a JSON object: {problem}")]
pub struct DocumentError {
    /// Which entity.
    pub entity_ref: EntityRef,
    /// What is wrong with the text.
    pub problem: String,
}

impl Document {
    pub(super) fn parse(&self) -> Result<Value, DocumentError> {
        parse(&self.json).map_err(|problem| DocumentError {
            entity_ref: self.entity_ref.clone(),
            problem,
        })
    }
}

/// The stored text as a value.
pub(super) fn parse(json: &str) -> Result<Value, String> {
    match serde_json::from_str(json) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("expected an object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

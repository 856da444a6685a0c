//! What the annotations of an entity say of its documentation.

use model::entity_ref::EntityRef;
use serde_json::Value;

/// Says where the documentation of an entity lies.
pub(crate) const REF: &str = "backstage.io/techdocs-ref";
/// Says whose documentation is an entity's as well.
pub(crate) const ENTITY: &str = "backstage.io/techdocs-entity";

/// Where an entity says that its documentation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// `backstage.io/techdocs-ref`
    Ref(String),
    /// `backstage.io/techdocs-entity`
    Entity(EntityRef),
    /// Neither, or one that cannot be read: why.
    Nothing(Option<String>),
}

/// What the annotations of an entity say.
pub(crate) fn named(entity: &Value) -> Named {
    let annotation = |name: &str| {
        let found = entity.pointer("/metadata/annotations")?.get(name)?;
        found
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    if let Some(text) = annotation(ENTITY) {
        return match EntityRef::parse(text, Some("component"), Some("default")) {
            Ok(other) => Named::Entity(other),
            Err(error) => Named::Nothing(Some(format!("{ENTITY}: {error}"))),
        };
    }
    match annotation(REF) {
        Some(text) => Named::Ref(text.to_owned()),
        None => Named::Nothing(None),
    }
}

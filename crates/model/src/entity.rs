//! One entity: the fields that every kind has by name, everything else verbatim.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::entity_ref::{DEFAULT_NAMESPACE, EntityRef};

/// Why a value is no entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntityError {
    /// The value is not an object.
    #[error("an entity must be an object with apiVersion, kind, metadata and spec")]
    NotAnObject,
    /// A required text is missing, empty or of another type. Holds its name.
    #[error("an entity must have a non-empty text in `{0}`")]
    Missing(&'static str),
}

/// An entity whose `apiVersion`, `kind` and `metadata.name` are known to be
/// non-empty texts. Nothing else is promised here: [`crate::check`] says whether
/// the entity follows the rules of its kind.
///
/// The JSON is kept as it was written, in the order it was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Entity(Map<String, Value>);

/// One entry of `metadata.links`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// Absolute URL.
    pub url: &'a str,
    /// Text to show instead of the URL.
    pub title: Option<&'a str>,
    /// Name of an icon.
    pub icon: Option<&'a str>,
    /// Free category.
    pub link_type: Option<&'a str>,
}

impl Entity {
    /// Wraps a JSON object.
    ///
    /// # Errors
    /// [`EntityError`] when the envelope lacks `apiVersion`, `kind` or `metadata.name`.
    pub fn from_json(value: Value) -> Result<Self, EntityError> {
        let Value::Object(map) = value else {
            return Err(EntityError::NotAnObject);
        };
        let filled = |value: Option<&Value>| {
            value
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        if !filled(map.get("apiVersion")) {
            return Err(EntityError::Missing("apiVersion"));
        }
        if !filled(map.get("kind")) {
            return Err(EntityError::Missing("kind"));
        }
        if !filled(
            map.get("metadata")
                .and_then(|metadata| metadata.get("name")),
        ) {
            return Err(EntityError::Missing("metadata.name"));
        }
        Ok(Self(map))
    }

    /// `apiVersion`, for example `backstage.io/v1alpha1`.
    pub fn api_version(&self) -> &str {
        self.text("apiVersion")
    }

    /// `kind` as written, for example `Component`.
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// `metadata.name` as written.
    pub fn name(&self) -> &str {
        self.metadata_text("name").unwrap_or_default()
    }

    /// `metadata.namespace`, or `default`.
    pub fn namespace(&self) -> &str {
        match self.metadata_text("namespace") {
            Some(namespace) if !namespace.is_empty() => namespace,
            _ => DEFAULT_NAMESPACE,
        }
    }

    /// `metadata.title`.
    pub fn title(&self) -> Option<&str> {
        self.metadata_text("title")
    }

    /// `metadata.description`.
    pub fn description(&self) -> Option<&str> {
        self.metadata_text("description")
    }

    /// `metadata.uid`, which the store sets.
    pub fn uid(&self) -> Option<&str> {
        self.metadata_text("uid")
    }

    /// What to call the entity on a page: its title, or its name.
    pub fn display_name(&self) -> &str {
        self.title().unwrap_or_else(|| self.name())
    }

    /// One label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata().get("labels")?.get(key)?.as_str()
    }

    /// All labels in the order of the file; values that are not texts are left out.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(self.metadata().get("labels"))
    }

    /// One annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata().get("annotations")?.get(key)?.as_str()
    }

    /// All annotations in the order of the file; values that are not texts are left out.
    pub fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(self.metadata().get("annotations"))
    }

    /// All tags in the order of the file.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        items(self.metadata().get("tags")).filter_map(Value::as_str)
    }

    /// All links that have a URL, in the order of the file.
    pub fn links(&self) -> impl Iterator<Item = Link<'_>> {
        items(self.metadata().get("links")).filter_map(|link| {
            let text = |key: &str| link.get(key).and_then(Value::as_str);
            Some(Link {
                url: text("url")?,
                title: text("title"),
                icon: text("icon"),
                link_type: text("type"),
            })
        })
    }

    /// `spec`, verbatim.
    pub fn spec(&self) -> Option<&Map<String, Value>> {
        self.0.get("spec").and_then(Value::as_object)
    }

    /// A text directly below `spec`, for example `owner` or `lifecycle`.
    pub fn spec_text(&self, field: &str) -> Option<&str> {
        self.spec()?.get(field)?.as_str()
    }

    /// `spec.type`.
    pub fn spec_type(&self) -> Option<&str> {
        self.spec_text("type")
    }

    /// The identity: `kind:namespace/name`, lower-cased.
    pub fn entity_ref(&self) -> EntityRef {
        EntityRef::new(self.kind(), self.namespace(), self.name())
    }

    /// The whole entity as a JSON object.
    pub fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The whole entity as JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The whole entity as JSON, without a copy.
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }

    /// Sets an annotation; an existing one keeps its place.
    pub fn set_annotation(&mut self, key: &str, value: impl Into<String>) {
        let annotations = self
            .metadata_mut()
            .entry("annotations")
            .or_insert_with(|| Value::Object(Map::new()));
        object_mut(annotations).insert(key.to_owned(), Value::String(value.into()));
    }

    /// Sets an annotation unless the entity has it already: what users write
    /// wins over what is computed.
    pub fn set_default_annotation(&mut self, key: &str, value: impl Into<String>) {
        if self.annotation(key).is_none() {
            self.set_annotation(key, value);
        }
    }

    /// Removes an annotation and says whether it was there.
    pub fn remove_annotation(&mut self, key: &str) -> bool {
        self.metadata_mut()
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
            .is_some_and(|annotations| annotations.shift_remove(key).is_some())
    }

    /// Sets a field of `metadata`, for example `uid` or `etag`.
    pub fn set_metadata(&mut self, key: &str, value: Value) {
        self.metadata_mut().insert(key.to_owned(), value);
    }

    /// Sets `relations`, an output field.
    pub fn set_relations(&mut self, relations: Value) {
        self.0.insert("relations".to_owned(), relations);
    }

    /// Sets `status`, an output field.
    pub fn set_status(&mut self, status: Value) {
        self.0.insert("status".to_owned(), status);
    }

    /// Writes `namespace: default` into an entity that has no namespace, as
    /// Backstage's `DefaultNamespace` policy does.
    pub fn set_default_namespace(&mut self) {
        let missing = self
            .metadata_text("namespace")
            .is_none_or(|namespace| namespace.is_empty());
        if missing {
            self.set_metadata("namespace", Value::String(DEFAULT_NAMESPACE.to_owned()));
        }
    }

    fn text(&self, field: &str) -> &str {
        self.0
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn metadata(&self) -> &Value {
        self.0.get("metadata").unwrap_or(&Value::Null)
    }

    fn metadata_text(&self, field: &str) -> Option<&str> {
        self.metadata().get(field)?.as_str()
    }

    fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        let metadata = self
            .0
            .entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()));
        object_mut(metadata)
    }
}

/// The object inside `value`, which becomes an empty one if it is anything else.
fn object_mut(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made an object just above"),
    }
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = (&str, &str)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

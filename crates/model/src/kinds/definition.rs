//! A kind as data: names, JSON Schema, relation fields, titles.

use serde::Deserialize;
use serde_json::Value;

use super::KindError;
use super::schema::Schema;

/// The document that describes a kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    kind: String,
    api_versions: Vec<String>,
    spec_type: Option<String>,
    #[serde(default)]
    base_accepted: bool,
    #[serde(default)]
    title: Titles,
    icon: Option<String>,
    description: Option<String>,
    processor: Option<String>,
    #[serde(default)]
    recommended: Vec<String>,
    schema: Value,
    #[serde(default)]
    relations: Vec<RelationField>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Titles {
    en: Option<String>,
    ko: Option<String>,
}

/// A field whose value names other entities.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelationField {
    /// Dotted path, for example `spec.owner`. Holds one reference or a list of them.
    pub field: String,
    /// Relation from this entity to the one that is named, for example `ownedBy`.
    #[serde(rename = "type")]
    pub relation: String,
    /// Relation in the other direction, for example `ownerOf`.
    pub inverse: String,
    /// Kind of references that write none; without it the kind has to be written.
    #[serde(default)]
    pub default_kind: Option<String>,
    /// Kinds that make sense here; empty means any. Others are warned about.
    #[serde(default)]
    pub target_kinds: Vec<String>,
}

impl RelationField {
    /// The JSON pointer of the field.
    pub(super) fn pointer(&self) -> String {
        self.field
            .split('.')
            .fold(String::new(), |pointer, part| pointer + "/" + part)
    }
}

/// A kind that entities can have.
#[derive(Debug)]
pub struct KindDefinition {
    /// The kind as it has to be written.
    pub kind: String,
    /// The accepted `apiVersion` values.
    pub api_versions: Vec<String>,
    /// Only entities with this `spec.type` are meant.
    pub spec_type: Option<String>,
    /// An entity that fits the definition without `spec_type` is accepted too.
    pub(super) base_accepted: bool,
    title_en: String,
    title_ko: String,
    /// Name of the icon.
    pub icon: Option<String>,
    /// What the kind is for, in English.
    pub description: Option<String>,
    /// The part of Backstage that checks this kind; it stands in messages.
    pub(crate) processor: String,
    /// Dotted paths of fields whose absence is only warned about, although
    /// Backstage refuses it.
    pub(crate) recommended: Vec<String>,
    pub(super) schema: Schema,
    /// Fields that relations come from.
    pub relations: Vec<RelationField>,
}

impl KindDefinition {
    /// Reads and compiles the description of a kind.
    pub(super) fn read(document: &Value) -> Result<Self, KindError> {
        let document =
            Document::deserialize(document).map_err(|error| KindError::Form(error.to_string()))?;
        if !crate::field_format::is_valid_kind(&document.kind) {
            return Err(KindError::Name(document.kind));
        }
        if document.api_versions.is_empty() {
            return Err(KindError::Form(
                "`apiVersions` must name at least one version".to_owned(),
            ));
        }
        for version in &document.api_versions {
            if !crate::field_format::is_valid_api_version(version) {
                return Err(KindError::ApiVersion(version.clone()));
            }
        }
        let schema = Schema::compile(document.schema).map_err(|reason| KindError::Schema {
            kind: document.kind.clone(),
            reason,
        })?;
        let title_en = document.title.en.unwrap_or_else(|| document.kind.clone());
        Ok(Self {
            title_ko: document.title.ko.unwrap_or_else(|| title_en.clone()),
            title_en,
            kind: document.kind,
            api_versions: document.api_versions,
            spec_type: document.spec_type,
            base_accepted: document.base_accepted,
            icon: document.icon,
            description: document.description,
            processor: document
                .processor
                .unwrap_or_else(|| "BuiltinKindsEntityProcessor".to_owned()),
            recommended: document.recommended,
            schema,
            relations: document.relations,
        })
    }

    /// The name to show in a language (`en`, `ko`); English for any other.
    pub fn title(&self, language: &str) -> &str {
        match language {
            "ko" => &self.title_ko,
            _ => &self.title_en,
        }
    }

    /// What the schema says about a field directly below `spec`.
    pub(crate) fn spec_field_description(&self, field: &str) -> Option<&str> {
        self.schema
            .source()
            .pointer("/properties/spec/properties")?
            .get(field)?
            .get("description")?
            .as_str()
    }

    /// Names of the fields directly below `spec` that the schema and the
    /// relations know.
    pub fn spec_fields(&self) -> impl Iterator<Item = &str> {
        let declared = self
            .schema
            .source()
            .pointer("/properties/spec/properties")
            .and_then(Value::as_object);
        let related = self
            .relations
            .iter()
            .filter_map(|relation| relation.field.strip_prefix("spec."));
        declared
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str))
            .chain(related)
    }
}

//! What a result shows of an entity, read from the index without parsing the
//! whole document.

use std::borrow::Cow;

use catalog::index::Index;
use model::entity_ref::EntityRef;
use platform::request::encode;
use serde_json::Value;

/// The parts of an entity that a result needs.
const PARTS: [(&str, &[&str]); 3] = [
    ("kind", &[]),
    (
        "metadata",
        &[
            "name",
            "namespace",
            "title",
            "description",
            "tags",
            "annotations",
        ],
    ),
    ("spec", &["type", "owner", "lifecycle", "profile"]),
];

/// One entity as a result.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) entity_ref: EntityRef,
    /// As written.
    pub(crate) kind: String,
    /// As written.
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) title: Option<String>,
    pub(crate) spec_type: String,
    pub(crate) lifecycle: String,
    /// `spec.owner` as written.
    pub(crate) owner_written: String,
    pub(crate) owner: Option<Owner>,
    pub(crate) tags: Vec<String>,
    value: Value,
}

/// Who owns it.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) entity_ref: EntityRef,
    /// Its title, or its name.
    pub(crate) text: String,
    pub(crate) exists: bool,
}

impl Card {
    /// Nothing when the catalog does not have it any more.
    pub(crate) fn of(index: &Index, entity_ref: &EntityRef) -> Option<Self> {
        let entity = index.get(entity_ref)?;
        let value = entity.parts(&PARTS);
        let text = |pointer: &str| text_at(&value, pointer).unwrap_or_default().to_owned();
        let relations = entity.relations();
        let owner = relations
            .iter()
            .find(|relation| relation.kind == "ownedBy")
            .map(|relation| Owner {
                entity_ref: relation.target.clone(),
                text: called(index, relation.target),
                exists: relation.exists,
            });
        let tags = value.pointer("/metadata/tags").and_then(Value::as_array);
        Some(Self {
            kind: text("/kind"),
            name: text("/metadata/name"),
            namespace: entity_ref.namespace().to_owned(),
            title: title_of(&value).map(str::to_owned),
            spec_type: text("/spec/type"),
            lifecycle: text("/spec/lifecycle"),
            owner_written: text("/spec/owner"),
            tags: tags
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            owner,
            entity_ref: entity_ref.clone(),
            value,
        })
    }

    /// What to call it: its title, or its name.
    pub(crate) fn display(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn href(&self) -> String {
        href(&self.entity_ref)
    }

    pub(crate) fn icon(&self) -> &'static str {
        let spec_type = Some(self.spec_type.as_str()).filter(|text| !text.is_empty());
        portal::kind_icon(&self.kind, spec_type)
    }

    /// `metadata.title` as written, or nothing.
    pub(crate) fn metadata_title(&self) -> &str {
        text_at(&self.value, "/metadata/title").unwrap_or_default()
    }

    /// `metadata.description` as written.
    pub(crate) fn description_written(&self) -> &str {
        text_at(&self.value, "/metadata/description").unwrap_or_default()
    }

    /// What it is for, in this language where its author wrote that.
    pub(crate) fn description(&self, language: &str) -> &str {
        let own = self
            .value
            .pointer("/metadata/annotations")
            .and_then(|all| all.get(format!("portway.dev/description.{language}")))
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        own.unwrap_or_else(|| self.description_written())
    }

    /// A field of `spec.profile`.
    pub(crate) fn profile(&self, field: &str) -> Option<&str> {
        self.value
            .pointer("/spec/profile")?
            .get(field)?
            .as_str()
            .filter(|text| !text.is_empty())
    }
}

/// The address of an entity's page, in Backstage's form.
pub(crate) fn href(entity_ref: &EntityRef) -> String {
    format!(
        "/catalog/{}/{}/{}",
        encode(entity_ref.namespace()),
        encode(entity_ref.kind()),
        encode(entity_ref.name())
    )
}

fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.is_empty())
}

/// People and teams have their own field for their title.
fn title_of(value: &Value) -> Option<&str> {
    text_at(value, "/metadata/title").or_else(|| text_at(value, "/spec/profile/displayName"))
}

fn called(index: &Index, target: &EntityRef) -> String {
    let title = index.get(target).and_then(|entity| {
        entity
            .text(&["metadata", "title"])
            .or_else(|| entity.text(&["spec", "profile", "displayName"]))
    });
    title.map_or_else(|| target.name().to_owned(), Cow::into_owned)
}

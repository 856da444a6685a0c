//! One entity of the catalog as a document.

use std::borrow::Cow;
use std::sync::Arc;

use catalog::index::{EntityView, Index};
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use serde_json::{Map, Value};

use super::definition::operations;
use crate::engine::{Document, Facets, Field};

/// Backstage's name of the sort of document.
pub(crate) const COLLECTION: &str = "software-catalog";
/// Bytes of a description or another text that are searched.
const MAX_TEXT: usize = 32 * 1024;
/// Annotations, labels and links of one entity that are searched.
const MAX_ANNOTATIONS: usize = 100;
/// Annotations that say nothing about the entity.
const NOISE: [&str; 6] = [
    "backstage.io/managed-by",
    "backstage.io/source-location",
    "backstage.io/view-url",
    "backstage.io/edit-url",
    "backstage.io/orphan",
    "portway.dev/description",
];

/// What the index knows of an entity, copied, so that it can be read without
/// holding the index.
#[derive(Debug)]
pub(crate) struct Source {
    entity_ref: EntityRef,
    json: String,
    owner: Option<EntityRef>,
    /// Names and titles of what it relates to, with the field they count for.
    around: Vec<(Field, String)>,
}

impl Source {
    pub(crate) fn of(index: &Index, entity: &EntityView<'_>) -> Self {
        let mut around = Vec::new();
        let mut owner = None;
        for relation in entity.relations() {
            let field = match relation.kind {
                "ownedBy" => Field::Owner,
                "partOf" | "memberOf" | "childOf" => Field::System,
                _ => continue,
            };
            if field == Field::Owner && owner.is_none() {
                owner = Some(relation.target.clone());
            }
            around.push((field, relation.target.name().to_owned()));
            let titles = index.get(relation.target).map(|target| titles(&target));
            around.extend(titles.into_iter().flatten().map(|title| (field, title)));
        }
        Self {
            entity_ref: entity.entity_ref().clone(),
            json: entity.json().to_owned(),
            owner,
            around,
        }
    }
}

fn titles(entity: &EntityView<'_>) -> Vec<String> {
    let paths: [&[&str]; 2] = [&["metadata", "title"], &["spec", "profile", "displayName"]];
    let titles = paths.iter().filter_map(|path| entity.text(path));
    titles.map(Cow::into_owned).collect()
}

/// The document of an entity.
pub(crate) fn document(source: Source, kinds: &Kinds) -> Document {
    let Source {
        entity_ref,
        json,
        owner,
        around,
    } = source;
    let value: Value = serde_json::from_str(&json).unwrap_or_default();
    let text = |pointer: &str| {
        let text = value.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let kind = text("/kind").unwrap_or_default();
    let spec_type = text("/spec/type").unwrap_or_default();
    let lifecycle = text("/spec/lifecycle").unwrap_or_default();
    let mut texts: Vec<(Field, String)> = Vec::new();
    for pointer in [
        "/metadata/name",
        "/metadata/title",
        "/spec/profile/displayName",
    ] {
        texts.extend(text(pointer).map(|text| (Field::Name, text.to_owned())));
    }
    // The part before the @: the rest is the same for everybody.
    let local = text("/spec/profile/email").and_then(|email| email.split('@').next());
    texts.extend(local.map(|local| (Field::Address, local.to_owned())));
    texts.push((Field::Kind, format!("{kind} {spec_type}")));
    for definition in kinds.of_kind(kind) {
        texts.push((
            Field::Kind,
            format!("{} {}", definition.title("en"), definition.title("ko")),
        ));
    }
    texts.extend(around);
    let tags = tags(&value);
    texts.extend(tags.iter().map(|tag| (Field::Tag, tag.clone())));
    texts.extend(text("/metadata/description").map(|text| (Field::Description, cut(text))));
    annotations(&value, &mut texts);
    let definition = text("/spec/definition").filter(|_| kind.eq_ignore_ascii_case("api"));
    texts.extend(definition.map(|text| (Field::Definition, operations(text))));
    Document {
        id: Arc::from(entity_ref.as_str()),
        collection: COLLECTION,
        texts,
        tags,
        owner,
        facets: Facets {
            kind: kind.to_owned(),
            spec_type: spec_type.to_owned(),
            lifecycle: lifecycle.to_owned(),
            namespace: text("/metadata/namespace").unwrap_or("default").to_owned(),
        },
        boost: kind_boost(kind) * lifecycle_boost(lifecycle),
        subject: Some(entity_ref),
        shown: None,
    }
}

fn tags(value: &Value) -> Vec<String> {
    let tags = value.pointer("/metadata/tags").and_then(Value::as_array);
    tags.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT / 4).collect()
}

/// Whose annotation it is: `pagerduty.com` of `pagerduty.com/service-id`. The
/// rest of a name says the same on every entity.
fn tool(key: &str) -> &str {
    key.split_once('/').map_or(key, |(tool, _)| tool)
}

/// Annotations and labels with the tool that they are for, links with title and address;
/// descriptions in other languages count as description.
fn annotations(value: &Value, texts: &mut Vec<(Field, String)>) {
    let object = |pointer: &str| value.pointer(pointer).and_then(Value::as_object);
    let pairs = |map: Option<&Map<String, Value>>| -> Vec<(String, String)> {
        let pairs = map.into_iter().flatten();
        pairs
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .take(MAX_ANNOTATIONS)
            .collect()
    };
    for (key, text) in pairs(object("/metadata/annotations")) {
        if key.starts_with("portway.dev/description.") {
            texts.push((Field::Description, cut(&text)));
        } else if !NOISE.iter().any(|noise| key.starts_with(noise)) {
            texts.push((Field::Annotation, format!("{} {}", tool(&key), cut(&text))));
        }
    }
    for (key, text) in pairs(object("/metadata/labels")) {
        texts.push((Field::Annotation, format!("{} {text}", tool(&key))));
    }
    let links = value.pointer("/metadata/links").and_then(Value::as_array);
    for link in links.into_iter().flatten().take(MAX_ANNOTATIONS) {
        let part = |key: &str| link.get(key).and_then(Value::as_str).unwrap_or_default();
        texts.push((
            Field::Annotation,
            format!("{} {}", part("title"), part("url")),
        ));
    }
}

/// What people look for most comes first among equals.
fn kind_boost(kind: &str) -> f32 {
    match kind.to_ascii_lowercase().as_str() {
        "component" => 1.15,
        "api" | "system" | "group" => 1.05,
        "template" => 0.95,
        "location" => 0.5,
        _ => 1.0,
    }
}

fn lifecycle_boost(lifecycle: &str) -> f32 {
    match lifecycle {
        "deprecated" => 0.8,
        "experimental" => 0.95,
        _ => 1.0,
    }
}

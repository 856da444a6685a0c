//! What lists show of an entity, read from the index without parsing the
//! whole document: an API definition of some megabytes costs nothing here.

use std::borrow::Cow;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::request::encode;
use portal::Lang;
use serde_json::Value;

use crate::index::{EntityView, Index};
use crate::socket::TabSubject;
use crate::tier::{Standing, Tiers};
use crate::visibility::is_shown;

/// The parts of an entity that a list needs.
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
            "labels",
            "links",
        ],
    ),
    ("spec", &["type", "owner", "lifecycle", "system", "profile"]),
];

/// One entity in a list.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    pub(super) entity_ref: EntityRef,
    /// As written.
    pub(super) kind: String,
    /// As written.
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) spec_type: Option<String>,
    pub(super) lifecycle: Option<String>,
    pub(super) owner: Option<RefLine>,
    pub(super) system: Option<RefLine>,
    pub(super) tags: Vec<String>,
    /// Something is wrong with it.
    pub(super) flawed: bool,
    value: Value,
}

impl Summary {
    pub(super) fn of(index: &Index, entity: &EntityView<'_>) -> Self {
        let value = parts_of(entity);
        let text = |pointer: &str| text_at(&value, pointer).map(str::to_owned);
        let named = |pointer: &str, kind: &str| {
            let target = reference_at(&value, pointer, kind, entity.entity_ref())?;
            Some(RefLine::of(index, &target))
        };
        Self {
            entity_ref: entity.entity_ref().clone(),
            kind: text("/kind").unwrap_or_default(),
            name: text("/metadata/name").unwrap_or_default(),
            title: title_of(&value).map(str::to_owned),
            spec_type: text("/spec/type"),
            lifecycle: text("/spec/lifecycle"),
            owner: named("/spec/owner", "group"),
            system: named("/spec/system", "system"),
            tags: texts_at(&value, "/metadata/tags"),
            flawed: entity.status().is_some(),
            value,
        }
    }

    /// The same for a reader who may not see everything.
    #[must_use]
    pub(super) fn seen_by(mut self, index: &Index, visible: Option<&Predicate>) -> Self {
        self.owner = self.owner.map(|line| line.seen_by(index, visible));
        self.system = self.system.map(|line| line.seen_by(index, visible));
        self
    }

    /// What to call it: its title, or its name.
    pub(super) fn display(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    pub(super) fn href(&self) -> String {
        entity_href(&self.entity_ref)
    }

    pub(super) fn icon(&self) -> &'static str {
        portal::kind_icon(&self.kind, self.spec_type.as_deref())
    }

    /// What decides which tabs it has.
    pub(super) fn subject(&self) -> TabSubject<'_> {
        TabSubject { parts: &self.value }
    }

    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.value
            .pointer("/metadata/annotations")?
            .get(name)?
            .as_str()
    }

    /// Its tier and objective.
    pub(super) fn standing(&self, tiers: &Tiers) -> Standing {
        tiers.of(&self.value)
    }

    /// What it is for, in the reader's language where its author wrote that.
    pub(super) fn description(&self, lang: Lang) -> &str {
        description_of(&self.value, lang).unwrap_or_default()
    }
}

/// A reference to another entity, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefLine {
    pub(super) entity_ref: EntityRef,
    /// Its title, or its name, with the namespace unless that is `default`.
    pub(super) text: String,
    pub(super) icon: &'static str,
    pub(super) href: String,
    pub(super) exists: bool,
}

impl RefLine {
    pub(super) fn of(index: &Index, target: &EntityRef) -> Self {
        let found = index.get(target);
        let text = |path: &[&str]| found.and_then(|entity| entity.text(path));
        // As `title_of`; pages have hundreds of these, so nothing is parsed.
        let title =
            text(&["metadata", "title"]).or_else(|| text(&["spec", "profile", "displayName"]));
        Self {
            icon: portal::kind_icon(target.kind(), text(&["spec", "type"]).as_deref()),
            text: title.map_or_else(
                || {
                    let name = text(&["metadata", "name"]);
                    let name = name.as_deref().unwrap_or_else(|| target.name());
                    match target.namespace() {
                        "default" => name.to_owned(),
                        namespace => format!("{namespace}/{name}"),
                    }
                },
                Cow::into_owned,
            ),
            href: entity_href(target),
            exists: found.is_some(),
            entity_ref: target.clone(),
        }
    }
}

impl RefLine {
    /// The same for a reader who may not see what it is about: then it says no
    /// more than the reference does.
    #[must_use]
    pub(super) fn seen_by(self, index: &Index, visible: Option<&Predicate>) -> Self {
        if is_shown(index, visible, &self.entity_ref) {
            return self;
        }
        Self::of(&Index::new(), &self.entity_ref)
    }
}

/// The address of an entity's page, in Backstage's form.
pub(super) fn entity_href(entity_ref: &EntityRef) -> String {
    format!(
        "/catalog/{}/{}/{}",
        encode(entity_ref.namespace()),
        encode(entity_ref.kind()),
        encode(entity_ref.name())
    )
}

/// The reference that a field holds; one without kind or namespace means this
/// kind and the namespace of its entity.
pub(super) fn reference_at(
    value: &Value,
    pointer: &str,
    kind: &str,
    of: &EntityRef,
) -> Option<EntityRef> {
    let written = text_at(value, pointer)?;
    EntityRef::parse(written, Some(kind), Some(of.namespace())).ok()
}

/// The fields that lists show, as they are in the document.
pub(crate) fn parts_of(entity: &EntityView<'_>) -> Value {
    entity.parts(&PARTS)
}

/// A text in an entity; empty ones count as absent.
pub(crate) fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.is_empty())
}

pub(super) fn texts_at(value: &Value, pointer: &str) -> Vec<String> {
    let items = value.pointer(pointer).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// What to call an entity besides its name: people and teams have their own
/// field for it.
pub(crate) fn title_of(value: &Value) -> Option<&str> {
    text_at(value, "/metadata/title").or_else(|| text_at(value, "/spec/profile/displayName"))
}

/// What an entity is for, in this language, or as its author wrote it.
pub(super) fn description_of(value: &Value, lang: Lang) -> Option<&str> {
    let annotations = value.pointer("/metadata/annotations");
    let own = annotations
        .and_then(|all| all.get(format!("portway.dev/description.{lang}")))
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    own.or_else(|| text_at(value, "/metadata/description"))
}

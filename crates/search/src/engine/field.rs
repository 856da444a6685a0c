//! What is searched, and how much each part of it counts.

use std::sync::Arc;

use model::entity_ref::EntityRef;
use serde::Serialize;

/// A part of a document. The order is that of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// Operations, types and channels of an API definition.
    Definition,
    /// Annotations, labels and links.
    Annotation,
    /// Running text.
    Description,
    /// The kind and type, in every language.
    Kind,
    /// The system that it is part of.
    System,
    /// The owner's name and title.
    Owner,
    /// A tag.
    Tag,
    /// The part of a mail address before the `@`.
    Address,
    /// A part of the name or title.
    Name,
    /// The name or title as a whole.
    WholeName,
}

impl Field {
    const ALL: [Self; 10] = [
        Self::Definition,
        Self::Annotation,
        Self::Description,
        Self::Kind,
        Self::System,
        Self::Owner,
        Self::Tag,
        Self::Address,
        Self::Name,
        Self::WholeName,
    ];

    /// What a hit in this field is worth.
    #[must_use]
    pub fn weight(self) -> f32 {
        match self {
            Self::Definition => 1.6,
            Self::Annotation => 2.0,
            Self::Description => 3.0,
            Self::Kind => 3.5,
            Self::System => 3.5,
            Self::Owner => 4.5,
            Self::Tag => 5.0,
            Self::Address => 8.0,
            Self::Name => 10.0,
            Self::WholeName => 12.0,
        }
    }

    /// Its place in [`Field::ALL`].
    pub(super) fn code(self) -> u32 {
        self as u32
    }

    pub(super) fn of_code(code: u32) -> Self {
        usize::try_from(code)
            .ok()
            .and_then(|at| Self::ALL.get(at))
            .copied()
            .unwrap_or(Self::Definition)
    }

    /// Whether it says what something is called.
    pub(super) fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::WholeName)
    }
}

/// How a word of the query was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchKind {
    /// The same word.
    Exact,
    /// The word begins so.
    Prefix,
    /// It is inside of the word.
    Infix,
    /// The first letters of the words of a name, or the initial consonants.
    Initials,
    /// A word that means the same.
    Synonym,
    /// The same keys with the other keyboard layout.
    Layout,
    /// One letter more, less, other or exchanged; or two.
    Typo,
}

/// Something that can be found.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Unique among all documents: an entity ref, or `<collection>:<name>`.
    pub id: Arc<str>,
    /// The entity whose visibility decides; without one only whoever may see
    /// everything finds it.
    pub subject: Option<EntityRef>,
    /// Backstage's name of the sort of document, such as `software-catalog`.
    pub collection: &'static str,
    /// What is searched.
    pub texts: Vec<(Field, String)>,
    /// Tags as they are, for `#tag`.
    pub tags: Vec<String>,
    /// Who owns it, for the boost of what is the reader's own.
    pub owner: Option<EntityRef>,
    /// What lists are narrowed by.
    pub facets: Facets,
    /// Factor for the sort of document: 1 counts for nothing.
    pub boost: f32,
    /// Shown where no entity has it all: title, text and address.
    pub shown: Option<Shown>,
}

/// The values that results can be narrowed by. An empty text is no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// The kind as written, `Component`.
    pub kind: String,
    /// `spec.type`.
    pub spec_type: String,
    /// `spec.lifecycle`.
    pub lifecycle: String,
    /// As written.
    pub namespace: String,
}

/// How a document that is no entity is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its title.
    pub title: String,
    /// Its text, or the beginning of it.
    pub text: String,
    /// Its address.
    pub location: String,
    /// The icon's name.
    pub icon: &'static str,
    /// What tells it from others about the same entity.
    pub path: String,
    /// What it is for, as programs call it: `runbook`.
    pub kind: Option<&'static str>,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            id: Arc::from(""),
            subject: None,
            collection: "",
            texts: Vec::new(),
            tags: Vec::new(),
            owner: None,
            facets: Facets::default(),
            boost: 1.0,
            shown: None,
        }
    }
}

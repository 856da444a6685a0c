//! Which kinds of entities exist, what they must look like, and which
//! relations follow from their fields. All of it is data: the ten built-in
//! kinds are the JSON files in `schemas/`, and any other kind can be added in
//! the same form.
//!
//! ```json
//! {
//!   "kind": "Dashboard",
//!   "apiVersions": ["example.com/v1"],
//!   "title": {"en": "Dashboard", "ko": "대시보드"},
//!   "icon": "chart",
//!   "schema": {"type": "object", "required": ["spec"], "properties": {"spec": {"type": "object"}}},
//!   "relations": [
//!     {"field": "spec.owner", "type": "ownedBy", "inverse": "ownerOf", "defaultKind": "Group"}
//!   ]
//! }
//! ```
//! `specType` restricts a definition to entities with that `spec.type`; it goes
//! before the definition of the same kind without one. With `baseAccepted` an
//! entity that fits the latter is valid too. `recommended` lists fields
//! (`spec.type`) whose absence is warned about.

mod advice;
mod definition;
mod order;
mod relations;
mod schema;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use crate::entity::Entity;
use crate::near_miss::nearest;

pub use definition::{KindDefinition, RelationField};
pub use relations::{EmittedRelation, ON_CALL, RELATION_PAIRS, RelationError, inverse_of};
pub(crate) use relations::{OddTarget, UnreadOnCall};
pub(crate) use schema::Schema;
pub use schema::SchemaProblem;

/// The files of the built-in kinds.
const BUILTIN: [&str; 16] = [
    include_str!("../../schemas/api.json"),
    include_str!("../../schemas/api-mcp-server.json"),
    include_str!("../../schemas/component.json"),
    include_str!("../../schemas/resource.json"),
    include_str!("../../schemas/group.json"),
    include_str!("../../schemas/user.json"),
    include_str!("../../schemas/location.json"),
    include_str!("../../schemas/system.json"),
    include_str!("../../schemas/domain.json"),
    include_str!("../../schemas/template.json"),
    include_str!("../../schemas/ai-resource.json"),
    include_str!("../../schemas/ai-resource-skill.json"),
    include_str!("../../schemas/ai-resource-rule.json"),
    include_str!("../../schemas/ai-resource-plugin.json"),
    include_str!("../../schemas/ai-resource-marketplace.json"),
    include_str!("../../schemas/campaign.json"),
];

/// Why the description of a kind is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// A field is missing, unknown or of the wrong type.
    #[error("the description of the kind is not valid: {0}")]
    Form(String),
    /// The kind is no valid name.
    #[error(
        "`{0}` cannot be the name of a kind; expected 1 to 63 of [a-zA-Z0-9], the first a letter"
    )]
    Name(String),
    /// An apiVersion is not valid.
    #[error("`{0}` is no valid apiVersion; expected `v1` or `example.com/v1`")]
    ApiVersion(String),
    /// The JSON Schema does not compile.
    #[error("the JSON Schema of the kind `{kind}` is not valid: {reason}")]
    Schema {
        /// The kind.
        kind: String,
        /// What the compiler says.
        reason: String,
    },
    /// Kind, apiVersion and specType are taken.
    #[error("the kind `{kind}` with apiVersion `{api_version}` is already defined")]
    AlreadyDefined {
        /// The kind.
        kind: String,
        /// The apiVersion that both have.
        api_version: String,
    },
}

/// What a kind's check says about an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A known kind, and the entity follows its schema.
    Valid,
    /// No known kind has this `kind` and `apiVersion`.
    NotMine,
    /// A known kind; the first problem is the one that Backstage reports.
    Invalid(Vec<SchemaProblem>),
}

/// All known kinds, compiled. Build it once and share it.
#[derive(Debug)]
pub struct Kinds {
    definitions: Vec<KindDefinition>,
    by_kind: HashMap<String, Vec<usize>>,
    entity: Schema,
    envelope: Schema,
    fingerprint: u64,
}

impl Kinds {
    /// The ten built-in kinds.
    #[expect(
        clippy::expect_used,
        reason = "the files are compiled into the binary and a test loads every one"
    )]
    pub fn builtin() -> Self {
        let parse = |text: &str| -> Value {
            serde_json::from_str(text).expect("a built-in schema is JSON")
        };
        let compile =
            |text: &str| Schema::compile(parse(text)).expect("a built-in schema compiles");
        let mut kinds = Self {
            definitions: Vec::new(),
            by_kind: HashMap::new(),
            entity: compile(include_str!("../../schemas/entity.json")),
            envelope: compile(include_str!("../../schemas/envelope.json")),
            fingerprint: 0,
        };
        for file in BUILTIN {
            kinds.add(&parse(file)).expect("a built-in kind is valid");
        }
        kinds
    }

    /// Adds a kind given as data; the module's documentation shows the form.
    ///
    /// # Errors
    /// [`KindError`] says which part of the description is refused.
    pub fn add(&mut self, document: &Value) -> Result<(), KindError> {
        let definition = KindDefinition::read(document)?;
        let taken = self.of_kind(&definition.kind).find_map(|known| {
            (known.spec_type == definition.spec_type)
                .then(|| {
                    known
                        .api_versions
                        .iter()
                        .find(|version| definition.api_versions.contains(version))
                })
                .flatten()
        });
        if let Some(api_version) = taken {
            return Err(KindError::AlreadyDefined {
                api_version: api_version.clone(),
                kind: definition.kind,
            });
        }
        self.by_kind
            .entry(definition.kind.clone())
            .or_default()
            .push(self.definitions.len());
        self.definitions.push(definition);
        let mut hasher = DefaultHasher::new();
        (self.fingerprint, document.to_string()).hash(&mut hasher);
        self.fingerprint = hasher.finish();
        Ok(())
    }

    /// Differs between two sets of kinds, and is the same for one that is built
    /// twice by the same program.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// All definitions, the built-in ones first. A kind may have several, one
    /// per `specType`.
    pub fn iter(&self) -> impl Iterator<Item = &KindDefinition> {
        self.definitions.iter()
    }

    /// The names of all kinds, each once, the built-in ones first.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for definition in &self.definitions {
            if !names.contains(&definition.kind.as_str()) {
                names.push(&definition.kind);
            }
        }
        names
    }

    /// The definition for an entity: the one for its `spec.type`, or else the
    /// one for all types.
    pub fn find(
        &self,
        kind: &str,
        api_version: &str,
        spec_type: Option<&str>,
    ) -> Option<&KindDefinition> {
        let mut general = None;
        for definition in self.of_kind(kind) {
            if !definition
                .api_versions
                .iter()
                .any(|version| version == api_version)
            {
                continue;
            }
            match definition.spec_type.as_deref() {
                None => general = Some(definition),
                wanted if wanted == spec_type => return Some(definition),
                Some(_) => {}
            }
        }
        general
    }

    /// The definition for an entity.
    pub fn of(&self, entity: &Entity) -> Option<&KindDefinition> {
        self.find(entity.kind(), entity.api_version(), entity.spec_type())
    }

    /// The definitions with exactly this kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &KindDefinition> {
        self.by_kind
            .get(kind)
            .into_iter()
            .flatten()
            .filter_map(|index| self.definitions.get(*index))
    }

    /// The kind that a mistyped one was probably meant to be.
    pub fn nearest_kind(&self, kind: &str) -> Option<&str> {
        nearest(kind, self.by_kind.keys().map(String::as_str))
    }

    /// Whether some kind's apiVersion has this group (the part before `/`).
    pub(crate) fn knows_group(&self, group: &str) -> bool {
        self.definitions
            .iter()
            .flat_map(|definition| &definition.api_versions)
            .any(|version| {
                version
                    .split_once('/')
                    .is_some_and(|(known, _)| known == group)
            })
    }

    /// The groups of all apiVersions.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        self.definitions
            .iter()
            .flat_map(|definition| &definition.api_versions)
            .filter_map(|version| version.split_once('/').map(|(group, _)| group))
    }

    /// Checks a document against the general entity schema and the schema of
    /// its kind, as Backstage's kind validators do.
    pub fn validate(&self, document: &Value) -> Verdict {
        let text = |field: &str| document.get(field).and_then(Value::as_str);
        let (Some(kind), Some(api_version)) = (text("kind"), text("apiVersion")) else {
            return Verdict::Invalid(self.entity.problems(document));
        };
        let spec_type = document.pointer("/spec/type").and_then(Value::as_str);
        let Some(definition) = self.find(kind, api_version, spec_type) else {
            return Verdict::NotMine;
        };
        let mut problems = Vec::new();
        if !self.entity.accepts(document) {
            problems = self.entity.problems(document);
        }
        for problem in self.kind_problems(definition, document) {
            let known = problems.iter().any(|other| other.repeats(&problem));
            if !known {
                problems.push(problem);
            }
        }
        if problems.is_empty() {
            Verdict::Valid
        } else {
            Verdict::Invalid(problems)
        }
    }

    /// What the kind's own schema finds, without the general entity schema.
    pub(crate) fn kind_problems(
        &self,
        definition: &KindDefinition,
        document: &Value,
    ) -> Vec<SchemaProblem> {
        if definition.schema.accepts(document) {
            return Vec::new();
        }
        let base = self
            .of_kind(&definition.kind)
            .find(|other| definition.base_accepted && other.spec_type.is_none());
        if base.is_some_and(|base| base.schema.accepts(document)) {
            return Vec::new();
        }
        definition.schema.problems(document)
    }

    pub(crate) fn entity_schema(&self) -> &Schema {
        &self.entity
    }

    pub(crate) fn envelope_schema(&self) -> &Schema {
        &self.envelope
    }

    /// The relations that the fields of an entity declare: both directions,
    /// sorted, without duplicates. Empty for entities of unknown kinds.
    ///
    /// # Errors
    /// Every field value that is no reference.
    pub fn relations(&self, entity: &Entity) -> Result<Vec<EmittedRelation>, Vec<RelationError>> {
        let Some(definition) = self.of(entity) else {
            return Ok(Vec::new());
        };
        let reading = relations::read(definition, entity);
        if reading.errors.is_empty() {
            Ok(reading.relations)
        } else {
            Err(reading.errors)
        }
    }

    pub(crate) fn read_relations(
        &self,
        definition: &KindDefinition,
        entity: &Entity,
    ) -> relations::Reading {
        relations::read(definition, entity)
    }
}

//! A source: one place that entities come from, with what its last refresh found.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

/// Who declared a source, which decides who may remove it and which rules hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "name")]
pub enum Origin {
    /// A path on the command line. All kinds are allowed: the person chose it.
    Path,
    /// `catalog.locations` of the configuration.
    Config,
    /// Registered over the API, the portal or the command line.
    Api,
    /// Found by the discovery provider of this name.
    Provider(String),
}

impl Origin {
    /// The form that is stored.
    pub fn as_text(&self) -> String {
        match self {
            Self::Path => "path".into(),
            Self::Config => "config".into(),
            Self::Api => "api".into(),
            Self::Provider(name) => format!("provider:{name}"),
        }
    }

    /// Reads the stored form; unknown text counts as configuration.
    pub fn from_text(text: &str) -> Self {
        match text {
            "path" => Self::Path,
            "api" => Self::Api,
            other => other
                .strip_prefix("provider:")
                .map_or(Self::Config, |name| Self::Provider(name.to_owned())),
        }
    }
}

/// One place that entities come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Backstage's location id (a UUID).
    pub id: String,
    /// What to read.
    pub location: LocationRef,
    /// Who declared it.
    pub origin: Origin,
    /// The Location entity that stands for it.
    pub entity_ref: EntityRef,
    /// When it was declared.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// What the last refresh found.
    pub state: SourceState,
}

/// What the last refresh of a source found.
#[derive(Clone, Debug, Default)]
pub struct SourceState {
    /// When a refresh last started.
    pub last_attempt_at: Option<Timestamp>,
    /// When a refresh last read everything it wanted to read.
    pub last_success_at: Option<Timestamp>,
    /// The commit, or another name of the content's version.
    pub revision: Option<String>,
    /// Why the last refresh could not read everything; absent after success.
    pub last_error: Option<String>,
    /// Refreshes in a row that failed.
    pub failures: i64,
    /// How long the last refresh took, in microseconds.
    pub duration_us: Option<i64>,
    /// How many entities it holds.
    pub entities: i64,
    /// Entities that are gone at the source and wait for a person's word.
    pub held: Option<HeldDeletion>,
}

/// A deletion that is larger than the guard lets through by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldDeletion {
    /// When it was first noticed.
    pub since: Timestamp,
    /// What would be deleted, as refs.
    pub refs: Vec<String>,
    /// Set when somebody has confirmed it.
    pub confirmed_by: Option<String>,
}

/// The ref of the Location entity that Backstage generates for a location.
pub(crate) fn generated_location_ref(location: &LocationRef) -> EntityRef {
    let digest = Sha1::digest(location.to_string().as_bytes());
    EntityRef::new(
        "location",
        "default",
        &format!("generated-{}", hex::encode(digest)),
    )
}

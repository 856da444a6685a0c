//! The permissions and roles that come with Portway: one data file, which the
//! program, `docs/security/roles.md` and the test of every route read.

use std::sync::OnceLock;

use platform::actor::Verb;
use serde::{Deserialize, Serialize};

/// What stands in `data/roles.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    pub(crate) permissions: Vec<Known>,
    pub(crate) roles: Vec<BuiltIn>,
}

/// A text in both languages.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct Localised {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// One permission that Portway knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Its name, Backstage's where Backstage has it.
    pub name: String,
    /// What kind of access it is.
    pub verb: Verb,
    /// The type of thing that it is about, for example `catalog-entity`;
    /// nothing for a basic permission.
    #[serde(default)]
    pub resource: Option<String>,
    /// What it allows, in English.
    pub en: String,
    /// What it allows, in Korean.
    pub ko: String,
}

/// A role as it stands in the data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuiltIn {
    pub(crate) name: String,
    pub(crate) title: Localised,
    pub(crate) about: Localised,
    pub(crate) includes: Vec<String>,
    pub(crate) permissions: Vec<String>,
}

/// The data file. A test reads it, so that it is never broken in a release;
/// were it, nobody would hold anything.
pub(crate) fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        serde_json::from_str(include_str!("../data/roles.json")).unwrap_or_default()
    })
}

/// Every permission that Portway knows, in the order of the data file.
pub fn known() -> &'static [Known] {
    &data().permissions
}

/// The permission of a name.
pub(crate) fn find(name: &str) -> Option<&'static Known> {
    known().iter().find(|known| known.name == name)
}

//! Roles, bindings and rules as they are written, in the configuration and in
//! the portal alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleSpec {
    /// Its name: lower-case letters, digits and `-`.
    pub name: String,
    /// What people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Roles whose permissions it has too.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub includes: Vec<String>,
    /// `catalog.entity.read`, `catalog.*`, `catalog-entity/read` or `*`.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub permissions: Vec<String>,
}

/// A role given to people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BindingSpec {
    /// What explanations call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role.
    pub role: String,
    /// `user:default/kim`, `group:default/payments` (with every group below
    /// it), or `everyone`, which is whoever is signed in.
    #[serde(deserialize_with = "many")]
    pub subjects: Vec<String>,
    /// On which entities; without it, on everything.
    #[serde(default, skip_serializing_if = "ScopeSpec::is_empty")]
    pub scope: ScopeSpec,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which way a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleEffect {
    /// Grants.
    Allow,
    /// Refuses, whatever grants.
    Deny,
}

/// A rule about permissions, whatever the roles.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleSpec {
    /// What explanations call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `allow` or `deny`.
    pub effect: RuleEffect,
    /// As in a role.
    #[serde(deserialize_with = "many")]
    pub permissions: Vec<String>,
    /// As in a binding, and `role:NAME` for the holders of a role. Everyone
    /// when left out.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub subjects: Vec<String>,
    /// Whom it does not concern.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub except: Vec<String>,
    /// On which entities; without it, on everything.
    #[serde(default, skip_serializing_if = "ScopeSpec::is_empty")]
    pub scope: ScopeSpec,
    /// Why, which everybody reads whom it refuses something.
    pub reason: String,
}

/// Entities. Every field that is there has to hold; of several values one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScopeSpec {
    /// `Component`, `API`, …
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub kind: Vec<String>,
    /// `metadata.namespace`
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub namespace: Vec<String>,
    /// Parts of these systems, and the systems themselves.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub system: Vec<String>,
    /// `spec.environment`, or the label `environment`.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub environment: Vec<String>,
    /// Labels with these values; `*` for any.
    #[serde(
        default,
        deserialize_with = "labels",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub label: BTreeMap<String, Vec<String>>,
    /// `spec.type`
    #[serde(
        default,
        rename = "type",
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub types: Vec<String>,
    /// `metadata.tags`
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub tag: Vec<String>,
    /// `owner`: what the person or one of their groups owns; `member`: what
    /// one of their groups owns; `on-call`: what they are on call for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The catalog's own filter, `spec.lifecycle=production`; several are
    /// alternatives.
    #[serde(
        default,
        deserialize_with = "many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub filter: Vec<String>,
}

impl ScopeSpec {
    /// Whether it leaves nothing out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One text or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Many {
    One(String),
    List(Vec<String>),
}

impl From<Many> for Vec<String> {
    fn from(many: Many) -> Self {
        match many {
            Many::One(one) => vec![one],
            Many::List(list) => list,
        }
    }
}

fn many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Many::deserialize(deserializer).map(Vec::from)
}

fn labels<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let labels = BTreeMap::<String, Many>::deserialize(deserializer)?;
    Ok(labels
        .into_iter()
        .map(|(key, many)| (key, many.into()))
        .collect())
}

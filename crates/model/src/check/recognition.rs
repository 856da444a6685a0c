//! Whose document is this? Directories hold many YAML files that are no
//! entities; a scan skips those without a word.

use serde_json::Value;

use crate::kinds::Kinds;
use crate::near_miss::nearest;

/// What a document seems to be, judged by `apiVersion` and `kind` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// A known kind; it may still be invalid.
    Known,
    /// Meant as an entity, but the kind or apiVersion is unknown or mistyped.
    Unknown,
    /// A document of somebody else: a Kubernetes manifest, a Helm chart …
    Foreign,
    /// Has neither `apiVersion` nor a known `kind`.
    NotAnEntity,
}

/// Judges a document.
pub fn recognise(kinds: &Kinds, document: &Value) -> Recognition {
    let text = |field: &str| document.get(field).and_then(Value::as_str);
    match (text("apiVersion"), text("kind")) {
        (Some(api_version), Some(kind)) => {
            if kinds.find(kind, api_version, None).is_some()
                || has_version(kinds, kind, api_version)
            {
                Recognition::Known
            } else if is_our_group(kinds, api_version)
                || is_bare_known_kind(kinds, kind, api_version)
            {
                Recognition::Unknown
            } else {
                Recognition::Foreign
            }
        }
        (Some(api_version), None) if is_our_group(kinds, api_version) => Recognition::Unknown,
        (None, Some(kind)) if kinds.of_kind(kind).next().is_some() => Recognition::Unknown,
        (None, Some(kind))
            if document.get("metadata").is_some() && kinds.nearest_kind(kind).is_some() =>
        {
            Recognition::Unknown
        }
        _ => Recognition::NotAnEntity,
    }
}

/// Kinds that exist for some `spec.type` only.
fn has_version(kinds: &Kinds, kind: &str, api_version: &str) -> bool {
    kinds.of_kind(kind).any(|definition| {
        definition
            .api_versions
            .iter()
            .any(|version| version == api_version)
    })
}

/// The group is one of ours, or a slip of the finger away from one.
fn is_our_group(kinds: &Kinds, api_version: &str) -> bool {
    let group = api_version
        .split_once('/')
        .map_or(api_version, |(group, _)| group);
    kinds.knows_group(group)
        || group.contains("backstage")
        || nearest(group, kinds.groups()).is_some()
}

/// `apiVersion: v1` with `kind: Component`: the group was forgotten. Kinds of
/// Kubernetes' own core group never have our names.
fn is_bare_known_kind(kinds: &Kinds, kind: &str, api_version: &str) -> bool {
    !api_version.contains('/') && kinds.of_kind(kind).next().is_some()
}

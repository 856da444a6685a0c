//! References to entities: `[<kind>:][<namespace>/]<name>`.
//!
//! Two types, because two things are wanted of a reference. [`CompoundRef`]
//! keeps the letters as somebody wrote them (for messages and for reading
//! `spec` fields); [`EntityRef`] is the identity: lower-cased, comparable,
//! cheap to clone and hash.
//!
//! Rules (Backstage's entity reference format): the first `:` ends the kind
//! unless a `/` stands before it; the first `/` ends the namespace; a part that
//! is present must not be empty.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::quoted::quoted;

/// The namespace of an entity that names none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// Why a text or object is no entity reference.
///
/// The wording is Backstage's, so that clients which match on it keep working.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// Nothing was given.
    #[error("Entity reference must not be empty")]
    Empty,
    /// A part is present but empty (`:x`, `a/`, `a:/b`).
    #[error("Entity reference \"{}\" was not on the form [<kind>:][<namespace>/]<name>", quoted(.0))]
    Form(String),
    /// No kind is written and the context offers none. Holds the reference as JSON.
    #[error(
        "Entity reference {} had missing or empty kind (e.g. did not start with \"component:\" or similar)",
        quoted(.0)
    )]
    MissingKind(String),
    /// The object form has an empty namespace. Holds the reference as JSON.
    #[error("Entity reference {} had missing or empty namespace", quoted(.0))]
    MissingNamespace(String),
    /// The object form has no name. Holds the reference as JSON.
    #[error("Entity reference {} had missing or empty name", quoted(.0))]
    MissingName(String),
    /// Neither a text nor an object. Holds the value as JSON.
    #[error(
        "Entity reference {} must be a string on the form [<kind>:][<namespace>/]<name> or an object with kind, namespace and name",
        quoted(.0)
    )]
    Type(String),
}

/// The three parts of a reference in the casing they were written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompoundRef {
    /// Kind, for example `Component`.
    pub kind: String,
    /// Namespace, for example `default`.
    pub namespace: String,
    /// Name, for example `my-service`.
    pub name: String,
}

impl CompoundRef {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`RefError::Empty`], [`RefError::Form`] or [`RefError::MissingKind`].
    pub fn parse(
        text: &str,
        default_kind: Option<&str>,
        default_namespace: Option<&str>,
    ) -> Result<Self, RefError> {
        let parts = Parts::parse(text, default_kind, default_namespace)?;
        Ok(Self {
            kind: parts.kind.to_owned(),
            namespace: parts.namespace.to_owned(),
            name: parts.name.to_owned(),
        })
    }

    /// Reads the text form or the object form `{kind?, namespace?, name}`.
    ///
    /// # Errors
    /// Any [`RefError`].
    pub fn from_value(
        value: &Value,
        default_kind: Option<&str>,
        default_namespace: Option<&str>,
    ) -> Result<Self, RefError> {
        match value {
            Value::String(text) => Self::parse(text, default_kind, default_namespace),
            Value::Null => Err(RefError::Empty),
            Value::Object(map) => {
                // An absent or null part falls back; an empty one does not.
                let part = |key: &str| match map.get(key) {
                    None | Some(Value::Null) => Ok(None),
                    Some(Value::String(text)) => Ok(Some(text.as_str())),
                    Some(_) => Err(RefError::Type(value.to_string())),
                };
                let kind = part("kind")?.or(default_kind).unwrap_or_default();
                let namespace =
                    part("namespace")?.unwrap_or_else(|| namespace_or_default(default_namespace));
                let name = part("name")?.unwrap_or_default();
                if kind.is_empty() {
                    Err(RefError::MissingKind(value.to_string()))
                } else if namespace.is_empty() {
                    Err(RefError::MissingNamespace(value.to_string()))
                } else if name.is_empty() {
                    Err(RefError::MissingName(value.to_string()))
                } else {
                    Ok(Self {
                        kind: kind.to_owned(),
                        namespace: namespace.to_owned(),
                        name: name.to_owned(),
                    })
                }
            }
            other => Err(RefError::Type(other.to_string())),
        }
    }
}

impl fmt::Display for CompoundRef {
    /// `kind:namespace/name` in the casing that was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.kind, self.namespace, self.name)
    }
}

/// The identity of an entity: `kind:namespace/name`, all lower case.
///
/// One shared text, so a clone is a counter and a hash map keyed by it can be
/// asked with a `&str`. Ordering is that of the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityRef(Arc<str>);

impl EntityRef {
    /// Puts a reference together from its parts and lower-cases them
    /// (independent of the locale). The parts are taken as valid: use
    /// [`EntityRef::parse`] for text that somebody wrote.
    #[must_use]
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        let mut text = String::with_capacity(kind.len() + namespace.len() + name.len() + 2);
        text.push_str(kind);
        text.push(':');
        text.push_str(namespace);
        text.push('/');
        text.push_str(name);
        Self(lower_case(text).into())
    }

    /// Reads the text form. `default_kind` fills in a missing kind,
    /// `default_namespace` (else `default`) a missing namespace.
    ///
    /// # Errors
    /// [`RefError::Empty`], [`RefError::Form`] or [`RefError::MissingKind`].
    pub fn parse(
        text: &str,
        default_kind: Option<&str>,
        default_namespace: Option<&str>,
    ) -> Result<Self, RefError> {
        let parts = Parts::parse(text, default_kind, default_namespace)?;
        Ok(Self::new(parts.kind, parts.namespace, parts.name))
    }

    /// Reads the text form or the object form `{kind?, namespace?, name}`.
    ///
    /// # Errors
    /// Any [`RefError`].
    pub fn from_value(
        value: &Value,
        default_kind: Option<&str>,
        default_namespace: Option<&str>,
    ) -> Result<Self, RefError> {
        CompoundRef::from_value(value, default_kind, default_namespace).map(|c| Self::from(&c))
    }

    /// The whole reference, `kind:namespace/name`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind, lower case.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.split().0
    }

    /// The namespace, lower case.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.split().1
    }

    /// The name, lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        self.split().2
    }

    fn split(&self) -> (&str, &str, &str) {
        // `new` always writes both separators, so the fallbacks are never taken.
        let (kind, rest) = self.0.split_once(':').unwrap_or(("", &self.0));
        let (namespace, name) = rest.split_once('/').unwrap_or(("", rest));
        (kind, namespace, name)
    }
}

impl From<&CompoundRef> for EntityRef {
    fn from(compound: &CompoundRef) -> Self {
        Self::new(&compound.kind, &compound.namespace, &compound.name)
    }
}

impl From<CompoundRef> for EntityRef {
    fn from(compound: CompoundRef) -> Self {
        Self::from(&compound)
    }
}

impl FromStr for EntityRef {
    type Err = RefError;

    /// Reads a reference that names its kind; the namespace may be left out.
    fn from_str(text: &str) -> Result<Self, RefError> {
        Self::parse(text, None, None)
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for EntityRef {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for EntityRef {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for EntityRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EntityRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text, None, None).map_err(serde::de::Error::custom)
    }
}

/// The parts of a text reference, borrowed.
struct Parts<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(
        text: &'a str,
        default_kind: Option<&'a str>,
        default_namespace: Option<&'a str>,
    ) -> Result<Self, RefError> {
        if text.is_empty() {
            return Err(RefError::Empty);
        }
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) if !kind.contains('/') => (Some(kind), rest),
            _ => (None, text),
        };
        let (namespace, name) = match rest.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, rest),
        };
        if kind == Some("") || namespace == Some("") || name.is_empty() {
            return Err(RefError::Form(text.to_owned()));
        }
        let kind = kind.or(default_kind).unwrap_or_default();
        if kind.is_empty() {
            return Err(RefError::MissingKind(Value::from(text).to_string()));
        }
        Ok(Self {
            kind,
            namespace: namespace.unwrap_or_else(|| namespace_or_default(default_namespace)),
            name,
        })
    }
}

/// An empty default counts as none, as it does in Backstage.
fn namespace_or_default(default_namespace: Option<&str>) -> &str {
    default_namespace
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or(DEFAULT_NAMESPACE)
}

/// Lower-cases without touching text that is lower case already.
fn lower_case(text: String) -> String {
    if text.is_ascii() {
        let mut text = text;
        text.make_ascii_lowercase();
        text
    } else {
        text.to_lowercase()
    }
}

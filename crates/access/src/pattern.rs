//! How permissions are named in roles and rules.

use std::fmt;

use platform::actor::Verb;

use crate::builtin;

/// One permission or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `*`
    Everything,
    /// `catalog.*`: whatever begins with `catalog.`
    Below(String),
    /// `catalog.entity.read`
    Name(String),
    /// `catalog-entity/read`: by type of resource and verb, as the RBAC
    /// plugin of Backstage's community writes it.
    Resource(String, Verb),
}

impl Pattern {
    /// Reads what is written. Whether there is such a permission is another
    /// question: see [`Pattern::is_known`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everything);
        }
        let fits = |part: &str| {
            !part.is_empty()
                && part.len() <= 200
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        };
        if let Some(prefix) = text.strip_suffix(".*") {
            return fits(prefix).then(|| Self::Below(format!("{prefix}.")));
        }
        if let Some((resource, verb)) = text.split_once('/') {
            let verb = verb_of(verb)?;
            return fits(resource).then(|| Self::Resource(resource.to_owned(), verb));
        }
        fits(text).then(|| Self::Name(text.to_owned()))
    }

    /// Whether it speaks of a permission that Portway knows.
    pub(crate) fn is_known(&self) -> bool {
        builtin::known()
            .iter()
            .any(|known| self.covers(&known.name, known.resource.as_deref(), Some(known.verb)))
    }

    /// Whether it speaks of this permission.
    pub(crate) fn covers(&self, name: &str, resource: Option<&str>, verb: Option<Verb>) -> bool {
        match self {
            Self::Everything => true,
            Self::Below(prefix) => name.starts_with(prefix),
            Self::Name(own) => own == name,
            Self::Resource(own, own_verb) => {
                resource == Some(own.as_str()) && verb == Some(*own_verb)
            }
        }
    }

    /// Whether it names one permission that is not about an entity.
    pub(crate) fn is_basic(&self) -> bool {
        match self {
            Self::Name(name) => builtin::find(name).is_none_or(|known| known.resource.is_none()),
            Self::Everything | Self::Below(_) | Self::Resource(..) => false,
        }
    }
}

/// The attribute `action` as text.
pub(crate) fn verb_of(text: &str) -> Option<Verb> {
    match text {
        "read" => Some(Verb::Read),
        "create" => Some(Verb::Create),
        "update" => Some(Verb::Update),
        "delete" => Some(Verb::Delete),
        _ => None,
    }
}

pub(crate) fn verb_name(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "read",
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("*"),
            Self::Below(prefix) => write!(f, "{prefix}*"),
            Self::Name(name) => f.write_str(name),
            Self::Resource(resource, verb) => write!(f, "{resource}/{}", verb_name(*verb)),
        }
    }
}

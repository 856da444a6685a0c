//! References to locations: `<type>:<target>`, for example `url:https://host/path`.

use std::fmt;
use std::str::FromStr;

use crate::javascript::trim;
use crate::quoted::quoted;

/// Why a text is no location reference. The wording is Backstage's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationRefError {
    /// No colon, or nothing before or after it.
    #[error(
        "Unable to parse location ref '{}', expected '<type>:<target>', e.g. 'url:https://host/path'",
        quoted(.0)
    )]
    Form(String),
    /// A bare `http:` or `https:` address.
    #[error("Invalid location ref '{shown}', please prefix it with 'url:', e.g. 'url:{shown}'", shown = quoted(.0))]
    BareUrl(String),
    /// A target that a browser would run as a script.
    #[error("Invalid location ref '{}', target is a javascript: URL", quoted(.0))]
    Script(String),
    /// Made from parts, of which the type is empty.
    #[error("Unable to stringify location reference, empty location type")]
    EmptyType,
    /// Made from parts, of which the target is empty.
    #[error("Unable to stringify location reference, empty location target")]
    EmptyTarget,
}

impl LocationRefError {
    /// What would be accepted instead.
    pub fn accepted(&self) -> &'static str {
        "`<type>:<target>`, such as `url:https://host/path/catalog-info.yaml` or `file:./catalog-info.yaml`"
    }
}

/// Type and target of a location. Both are trimmed and not empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocationRef {
    location_type: String,
    target: String,
}

impl LocationRef {
    /// Reads `<type>:<target>`; the first colon divides.
    ///
    /// # Errors
    /// [`LocationRefError`] with Backstage's wording.
    pub fn parse(text: &str) -> Result<Self, LocationRefError> {
        let form = || LocationRefError::Form(text.to_owned());
        let (location_type, target) = text.split_once(':').ok_or_else(form)?;
        let (location_type, target) = (trim(location_type), trim(target));
        if location_type.is_empty() || target.is_empty() {
            return Err(form());
        }
        if matches!(location_type, "http" | "https") {
            return Err(LocationRefError::BareUrl(text.to_owned()));
        }
        if is_script(target) {
            return Err(LocationRefError::Script(text.to_owned()));
        }
        Ok(Self {
            location_type: location_type.to_owned(),
            target: target.to_owned(),
        })
    }

    /// Puts two parts together.
    ///
    /// # Errors
    /// [`LocationRefError::EmptyType`] or [`LocationRefError::EmptyTarget`].
    pub fn new(location_type: &str, target: &str) -> Result<Self, LocationRefError> {
        if location_type.is_empty() {
            return Err(LocationRefError::EmptyType);
        }
        if target.is_empty() {
            return Err(LocationRefError::EmptyTarget);
        }
        Ok(Self {
            location_type: location_type.to_owned(),
            target: target.to_owned(),
        })
    }

    /// The part before the colon: `url`, `file`, `github-discovery` …
    pub fn location_type(&self) -> &str {
        &self.location_type
    }

    /// The part after the colon.
    pub fn target(&self) -> &str {
        &self.target
    }
}

impl fmt::Display for LocationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.location_type, self.target)
    }
}

impl FromStr for LocationRef {
    type Err = LocationRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Whether a browser would run the target: `javascript:` in any case, behind
/// control characters and spaces, with line breaks and tabs between its letters.
fn is_script(target: &str) -> bool {
    let mut rest = target
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\r' | '\n' | '\t'));
    "javascript:"
        .chars()
        .all(|wanted| rest.next().is_some_and(|c| c.eq_ignore_ascii_case(&wanted)))
}

//! What is asked for: a name, perhaps an ecosystem and a range of versions.

use platform::error::ApiError;

use super::purl::{Purl, folded, normalized};
use super::range::{Range, RangeError};

/// Packages that one answer holds.
pub(crate) const MAX_MATCHES: usize = 20_000;
/// Shorter words are in every other name.
const MIN_CHARS: usize = 2;
const MAX_CHARS: usize = 300;
const ACCEPTED: &str = "a word (log4j), a whole name (org.apache.logging.log4j:log4j-core, @babel/core), \
     a pattern (log4j-*) or a package URL (pkg:maven/org.apache.logging.log4j/log4j-core)";

/// How names are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// The name holds the word.
    Word(String),
    /// The whole name.
    Whole(String),
    /// The whole name or its last part, `*` for any characters.
    Glob(String),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    /// As it was asked.
    pub(crate) name: String,
    pub(crate) pattern: Pattern,
    /// A purl type; empty for all.
    pub(crate) ecosystem: String,
    pub(crate) range: Option<Range>,
    /// The range as it was asked.
    pub(crate) version: String,
}

impl Search {
    /// Reads the parameters `name`, `version` and `ecosystem`.
    ///
    /// # Errors
    /// 400 for a name that is too short or too long, and for what is no range.
    pub(crate) fn parse(name: &str, version: &str, ecosystem: &str) -> Result<Self, ApiError> {
        let name = name.trim();
        let length = name.chars().count();
        let bare = name.trim_matches('*').chars().count();
        if bare < MIN_CHARS || length > MAX_CHARS {
            return Err(ApiError::input(format!(
                "The name of a package has {MIN_CHARS} to {MAX_CHARS} characters"
            ))
            .accepted(ACCEPTED));
        }
        let mut ecosystem = ecosystem.trim().to_lowercase();
        let mut version = version.trim().to_owned();
        let pattern = if name.starts_with("pkg:") {
            let purl = Purl::parse(name).map_err(|error| {
                ApiError::input(format!("{name} is no package URL: {error}")).accepted(ACCEPTED)
            })?;
            if version.is_empty() {
                version.clone_from(&purl.version);
            }
            let whole = Pattern::Whole(folded(&purl.kind, &purl.written()));
            ecosystem = purl.kind;
            whole
        } else if name.contains('*') {
            Pattern::Glob(name.to_lowercase())
        } else if name.contains([':', '/']) {
            Pattern::Whole(name.to_lowercase())
        } else {
            Pattern::Word(name.to_lowercase())
        };
        let range = (!version.is_empty())
            .then(|| Range::parse(&version))
            .transpose()
            .map_err(|error| {
                ApiError::input(format!("version: {error}")).accepted(RangeError::ACCEPTED)
            })?;
        Ok(Self {
            name: name.to_owned(),
            pattern,
            ecosystem,
            range,
            version,
        })
    }
}

impl Pattern {
    /// Patterns for `LIKE … ESCAPE '\'`. A name fulfils one of them; Python's
    /// names also the third, which is normalised as they are.
    pub(crate) fn like(&self) -> [String; 3] {
        match self {
            Self::Word(word) => {
                let any = |word: &str| format!("%{}%", escaped(word));
                [any(word), any(word), any(&normalized(word))]
            }
            Self::Whole(name) => {
                let whole = escaped(name);
                [whole.clone(), whole, escaped(&normalized(name))]
            }
            Self::Glob(glob) => {
                let wild = |glob: &str| escaped(glob).replace('*', "%");
                // The last part of `group:artifact` or `scope/name`.
                [
                    wild(glob),
                    format!("%:{}", wild(glob)),
                    format!("%/{}", wild(glob)),
                ]
            }
        }
    }

    /// Whether the third pattern is for Python's names only.
    pub(crate) fn third_is_python(&self) -> bool {
        !matches!(self, Self::Glob(_))
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '%' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

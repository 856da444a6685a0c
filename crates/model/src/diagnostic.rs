//! One finding about one place in a file: what, where, what would be accepted,
//! how to fix. The command line, the HTTP API and the portal show this type.

use std::fmt;

use serde::Serialize;

use crate::yaml::Mark;

/// Longest JSON pointer of a finding, in bytes.
pub const LONGEST_POINTER: usize = 1_000;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to be done.
    Info,
    /// Accepted, but probably not what was meant.
    Warning,
    /// The document is refused.
    Error,
}

impl Severity {
    /// The word that stands in the printed form: `error`, `warning` or `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A finding with its place.
///
/// Prints as `file:line:column: error[code]: message`, followed by an indented
/// `accepted:` and `fix:` line when these are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Stable, lower-case, hyphenated name of the rule (`yaml-duplicate-key`).
    pub code: &'static str,
    /// What is wrong; one sentence.
    pub message: String,
    /// Path or URL of the file as the caller named it; `None` for data without a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line, counted from 1; 0 when no place is known.
    pub line: u32,
    /// Column in characters, counted from 1; 0 when no place is known.
    pub column: u32,
    /// JSON pointer into the document (`/spec/owner`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What would be accepted at this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Diagnostic {
    /// A finding without a place.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            file: None,
            line: 0,
            column: 0,
            pointer: None,
            accepted: None,
            fix: None,
        }
    }

    /// An error without a place.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning without a place.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Sets the file.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.file = (!file.is_empty()).then(|| file.to_owned());
        self
    }

    /// Sets line and column.
    #[must_use]
    pub fn at(mut self, mark: Mark) -> Self {
        self.line = mark.line;
        self.column = mark.column;
        self
    }

    /// Sets the JSON pointer. One of more than [`LONGEST_POINTER`] bytes is
    /// shortened to the nearest ancestor that fits, because keys may be as long
    /// as a file.
    #[must_use]
    pub fn pointing_to(mut self, pointer: impl Into<String>) -> Self {
        let mut pointer = pointer.into();
        while pointer.len() > LONGEST_POINTER {
            let parent = pointer.rfind('/').unwrap_or(0);
            pointer.truncate(parent);
        }
        self.pointer = Some(pointer);
        self
    }

    /// Says what would be accepted.
    #[must_use]
    pub fn accepting(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = Some(accepted.into());
        self
    }

    /// Says how to fix it.
    #[must_use]
    pub fn fixed_by(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
        }
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        if self.file.is_some() || self.line > 0 {
            f.write_str(" ")?;
        }
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)?;
        if let Some(accepted) = &self.accepted {
            write!(f, "\n  accepted: {}", indented(accepted))?;
        }
        if let Some(fix) = &self.fix {
            write!(f, "\n  fix: {}", indented(fix))?;
        }
        Ok(())
    }
}

/// Keeps the second and later lines of a note inside its indentation.
fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}

impl std::error::Error for Diagnostic {}

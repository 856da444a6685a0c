//! Patterns for names, in JavaScript's syntax.

use fancy_regex::{Regex, RegexBuilder};

/// A regular expression as app-config writes them: JavaScript's syntax, look
/// around and all. Backtracking is bounded, so that no pattern can hang.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    written: String,
}

impl Pattern {
    /// A pattern that has to match the whole name: `^` and `$` are added
    /// where they are missing, as Backstage does.
    pub fn whole(written: &str) -> Result<Self, String> {
        let start = if written.starts_with('^') { "" } else { "^" };
        let end = if written.ends_with('$') { "" } else { "$" };
        Self::compile(written, &format!("{start}{written}{end}"))
    }

    /// A pattern that may match anywhere.
    pub fn anywhere(written: &str) -> Result<Self, String> {
        Self::compile(written, written)
    }

    fn compile(written: &str, pattern: &str) -> Result<Self, String> {
        if pattern.len() > 4096 {
            return Err("the expression is longer than 4096 bytes".to_owned());
        }
        let regex = RegexBuilder::new(pattern)
            .backtrack_limit(100_000)
            .build()
            .map_err(|error| {
                format!("`{written}` is not a regular expression: {error}. Accepted: JavaScript's syntax, for example `^(?!archived-).*$`")
            })?;
        Ok(Self {
            regex,
            written: written.to_owned(),
        })
    }

    /// Whether a name matches. A pattern that takes too many steps does not.
    pub fn matches(&self, name: &str) -> bool {
        self.regex.is_match(name).unwrap_or(false)
    }

    /// The pattern as written.
    pub fn written(&self) -> &str {
        &self.written
    }
}

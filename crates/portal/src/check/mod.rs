//! Checks that a crate's own tests call: texts are complete in both languages,
//! templates hold no text and no inline style or script.
//!
//! ```
//! let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
//! let findings = portal::check::texts(root, &portal::LOCALES, &portal::check::Allowed::default());
//! # let _ = findings;
//! ```
//!
//! Each function returns one line per finding; a test asserts that there is none.

mod markup;
mod messages;

use std::fs;
use std::path::{Path, PathBuf};

pub use markup::templates;
pub use messages::texts;

/// What is no fault in one crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed<'a> {
    /// Texts that stand in templates as they are, such as names and commands.
    pub literals: &'a [&'a str],
    /// Rust files that may hold Hangul outside of comments, relative to `src/`.
    pub hangul: &'a [&'a str],
    /// Keys that no source names, because they are put together while running.
    pub keys: &'a [&'a str],
}

/// Every file below `folder` with this ending, in order of their names.
/// A folder that does not exist has none.
fn files(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == ending)
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7A3}')
}

/// The line, from 1, of a byte position.
fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

//! The pure core through its public surface: Backstage's vectors, exact texts
//! of errors, whole example catalogs, and properties over arbitrary input.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::print_stdout,
    reason = "a failing helper fails the test, json! makes values to pass on, and skipped suites say so"
)]

mod check;
mod entity;
mod files;
mod kinds;
mod mistakes;

mod properties;
mod texts;
mod vectors;
mod write;
mod yaml;

use std::path::PathBuf;

use model::yaml::{Limits, SourceDocument, parse_documents};
use model::{Diagnostic, Kinds};

/// The folder of material shared with the project, which a checkout may lack.
fn shared(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is absent", path.display());
    None
}

/// The only document of a text.
fn document(text: &str) -> SourceDocument {
    let mut documents = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
    assert_eq!(documents.len(), 1, "{documents:#?}");
    documents.remove(0).unwrap()
}

/// The printed problems of a text.
fn problems(text: &[u8]) -> Vec<String> {
    parse_documents("f.yaml", text, &Limits::default())
        .into_iter()
        .filter_map(Result::err)
        .map(|problem: Diagnostic| problem.to_string())
        .collect()
}

/// Shared by all tests of this binary, as a server would.
fn builtin() -> &'static Kinds {
    static KINDS: std::sync::OnceLock<Kinds> = std::sync::OnceLock::new();
    KINDS.get_or_init(Kinds::builtin)
}

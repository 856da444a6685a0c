//! YAML 1.2 with a line and a column for every key and value.
//!
//! A file is cut at its document markers first and every piece is parsed alone,
//! so that one bad document never hurts its neighbours (anchors do not reach
//! across documents anyway). Scalars follow the YAML 1.2 core schema the way
//! the JavaScript `yaml` package applies it: `yes` and dates are strings, `<<`
//! is an ordinary key.

mod build;
mod explain;
mod node;
mod scalar;
mod split;
mod write;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::quoted::quoted;

pub(crate) use explain::{equals_sign, missing_space};
pub use node::{Entry, Mark, Node, NodeValue};
pub(crate) use node::{escape_token, tokens};
pub use write::to_yaml;

/// Size in bytes of the largest file that is read: 10 MiB. Everything that reads
/// catalog files, or what `$text`, `$json` and `$yaml` name, has this limit.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;

/// Bounds for untrusted files. A file that exceeds one is refused with a
/// message that names the bound.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Size of the file in bytes.
    pub max_bytes: usize,
    /// Documents in one file.
    pub max_documents: usize,
    /// Nesting of sequences and mappings.
    pub max_depth: usize,
    /// Nodes of one document after aliases are expanded.
    pub max_nodes: usize,
    /// Errors, and warnings, reported per document before the rest is left out.
    pub max_problems: usize,
}

impl Default for Limits {
    /// [`MAX_FILE_BYTES`], 100,000 documents, 100 levels, 500,000 nodes, 50 problems.
    fn default() -> Self {
        Self {
            max_bytes: MAX_FILE_BYTES,
            max_documents: 100_000,
            max_depth: 100,
            max_nodes: 500_000,
            max_problems: 50,
        }
    }
}

/// One document of a file: a mapping with the places of everything in it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceDocument {
    /// The top mapping.
    pub root: Node,
    /// Position among the file's documents, counted from 0; empty ones count.
    pub index: usize,
    /// First line of the document (its `---`, or the first line of the file).
    pub first_line: u32,
    /// Last line of the document.
    pub last_line: u32,
    /// What was accepted but is probably not meant (unknown tags).
    pub warnings: Vec<Diagnostic>,
    /// What is written at a place whose value is spelled otherwise in JSON
    /// (`1.0`, `True`), or reads as a comment (`#team`).
    pub(crate) spellings: Spellings,
}

/// See [`SourceDocument::spellings`].
pub(crate) type Spellings = BTreeMap<Mark, String>;

impl SourceDocument {
    /// The document as JSON; the order of keys is kept.
    pub fn to_json(&self) -> Value {
        self.root.to_json()
    }
}

/// Reads all documents of a file.
///
/// `file` is only used to fill in [`Diagnostic::file`]. Empty documents are
/// left out. A document with several problems gives several `Err` items in the
/// order of its lines; the others still come out as `Ok`.
pub fn parse_documents(
    file: &str,
    text: &[u8],
    limits: &Limits,
) -> Vec<Result<SourceDocument, Diagnostic>> {
    let text = match split::decode(text, limits) {
        Ok(text) => text,
        Err(problem) => return vec![Err(problem.in_file(file))],
    };
    let mut results = Vec::new();
    for (index, piece) in split::pieces(text).enumerate() {
        if index >= limits.max_documents {
            let problem = Diagnostic::error(
                "yaml-too-many-documents",
                format!("the file has more than {} documents", limits.max_documents),
            )
            .at(Mark::new(piece.first_line, 1))
            .accepting(format!(
                "at most {} documents in one file",
                limits.max_documents
            ))
            .fixed_by("split the file");
            results.push(Err(problem.in_file(file)));
            break;
        }
        read_piece(file, index, &piece, limits, &mut results);
    }
    results
}

/// Reads a text that has to hold exactly one value of any type, as the target
/// of a `$yaml` substitution does. `Ok(None)` means that the text is empty.
///
/// # Errors
/// All problems of the text, or one that says that it has more than one document.
pub fn parse_value(
    file: &str,
    text: &[u8],
    limits: &Limits,
) -> Result<Option<Node>, Vec<Diagnostic>> {
    let text = split::decode(text, limits).map_err(|problem| vec![problem.in_file(file)])?;
    let mut found = None;
    for piece in split::pieces(text) {
        let built = build::build(&piece, limits);
        let errors = in_order(built.errors, file);
        if !errors.is_empty() {
            return Err(errors);
        }
        let Some(root) = built.root else { continue };
        if found.is_some() {
            let problem = Diagnostic::error(
                "yaml-several-documents",
                "expected to find exactly one document",
            )
            .at(Mark::new(piece.first_line, 1))
            .fixed_by("remove the second `---` and what follows it");
            return Err(vec![problem.in_file(file)]);
        }
        found = Some(root);
    }
    Ok(found)
}

fn read_piece(
    file: &str,
    index: usize,
    piece: &split::Piece<'_>,
    limits: &Limits,
    results: &mut Vec<Result<SourceDocument, Diagnostic>>,
) {
    let built = build::build(piece, limits);
    let errors = in_order(built.errors, file);
    if !errors.is_empty() {
        results.extend(errors.into_iter().map(Err));
        return;
    }
    let Some(root) = built.root else { return };
    match root.value {
        NodeValue::Null => {}
        NodeValue::Mapping(_) => results.push(Ok(SourceDocument {
            root,
            index,
            first_line: piece.first_line,
            last_line: piece.last_line,
            warnings: in_order(built.warnings, file),
            spellings: built.spellings,
        })),
        _ => {
            let problem = Diagnostic::error(
                "not-a-mapping",
                format!(
                    "expected an object at the root of the document, found {}",
                    root.type_name()
                ),
            )
            .at(root.mark)
            .pointing_to("")
            .accepting("a mapping such as `apiVersion: …`, `kind: …`, `metadata: …`, `spec: …`")
            .fixed_by(root_fix(&root));
            results.push(Err(problem.in_file(file)));
        }
    }
}

/// How a document becomes a mapping.
fn root_fix(root: &Node) -> String {
    let pair = root
        .as_str()
        .and_then(|text| missing_space(text).or_else(|| equals_sign(text)));
    match pair {
        Some((key, value)) => format!("write `{}`", quoted(&format!("{key}: {value}"))),
        None => "write `key: value` lines, or separate several entities by `---` lines".to_owned(),
    }
}

/// The problems of one document with their file, in the order of their lines.
fn in_order(problems: Vec<Diagnostic>, file: &str) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = problems
        .into_iter()
        .map(|problem| problem.in_file(file))
        .collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

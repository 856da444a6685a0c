//! One file: its documents, their substitutions, their entities.

use std::path::{Path, PathBuf};

use model::check::{Recognition, check_document, check_substituted, recognise};
use model::diagnostic::Diagnostic;
use model::entity::Entity;
use model::kinds::Kinds;
use model::placeholder::{self, Format, Placeholder};
use model::yaml::{Limits, Mark, Node, SourceDocument, parse_documents, parse_value};
use serde_json::Value;

use super::{MAX_FILE_BYTES, scan};

/// A valid entity and where it is written.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) entity: Entity,
    pub(super) file: String,
    pub(super) node: Node,
    folder: Option<PathBuf>,
}

impl Found {
    /// Local files that a Location entity names, each with the place of the
    /// name. Patterns and URLs are left to the server.
    pub(super) fn children(&self) -> Vec<(PathBuf, Mark)> {
        let Some(folder) = self
            .folder
            .as_deref()
            .filter(|_| self.entity.kind() == "Location")
        else {
            return Vec::new();
        };
        let field = |name: &str| self.entity.spec().and_then(|spec| spec.get(name));
        let optional = field("presence").and_then(Value::as_str) == Some("optional");
        let one = field("target")
            .into_iter()
            .map(|target| ("/spec/target".to_owned(), target));
        let many = field("targets")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let many = many
            .enumerate()
            .map(|(at, target)| (format!("/spec/targets/{at}"), target));
        one.chain(many)
            .filter_map(|(pointer, target)| Some((pointer, target.as_str()?)))
            .filter(|(_, target)| !target.contains("://") && !target.contains('*'))
            .map(|(pointer, target)| {
                let path = folder.join(target.strip_prefix("./").unwrap_or(target));
                (path, self.node.place(&pointer))
            })
            .filter(|(path, _)| !optional || path.exists())
            .collect()
    }
}

/// Checks all documents of a file. `path` is where relative references start;
/// `listed` leaves alone what is no entity.
pub(super) fn read(
    kinds: &Kinds,
    file: &str,
    path: Option<&Path>,
    bytes: &[u8],
    listed: bool,
    found: &mut Vec<Found>,
    findings: &mut Vec<Diagnostic>,
) {
    let folder = path.and_then(Path::parent);
    for document in parse_documents(file, bytes, &Limits::default()) {
        let document = match document {
            Ok(document) => document,
            // A skeleton of a template need not be YAML.
            Err(_) if listed && has_template_marks(bytes) => continue,
            Err(problem) => {
                findings.push(problem);
                continue;
            }
        };
        let json = document.to_json();
        let foreign = matches!(
            recognise(kinds, &json),
            Recognition::Foreign | Recognition::NotAnEntity
        );
        if listed && (foreign || is_skeleton(&json)) {
            continue;
        }
        let checked = match substituted(file, folder, &document, json, findings) {
            Some(value) => check_substituted(kinds, file, &document, &value),
            None => check_document(kinds, file, &document),
        };
        match checked {
            Ok(checked) => {
                findings.extend(checked.warnings);
                found.push(Found {
                    entity: checked.entity,
                    file: file.to_owned(),
                    node: document.root,
                    folder: folder.map(Path::to_path_buf),
                });
            }
            Err(problems) => findings.extend(problems),
        }
    }
}

/// A document with `${{ values.name }}` in its name belongs to a template.
fn is_skeleton(json: &Value) -> bool {
    json.pointer("/metadata/name")
        .and_then(Value::as_str)
        .is_some_and(|name| name.contains("${{"))
}

/// Whether a text holds `{{ … }}` or `{% … %}`, which YAML files of other tools
/// do not.
fn has_template_marks(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"{{" || pair == b"{%")
}

/// The document with its `$text`, `$json` and `$yaml` replaced; `None` when it
/// has none, or when one of them cannot be read here (a URL), so that the
/// check has to take it as it stands.
fn substituted(
    file: &str,
    folder: Option<&Path>,
    document: &SourceDocument,
    mut json: Value,
    findings: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let placeholders: Vec<Placeholder> = placeholder::find(&json)
        .into_iter()
        .collect::<Result<_, _>>()
        .ok()?;
    let mut complete = !placeholders.is_empty();
    for found in placeholders {
        let Some(folder) = folder.filter(|_| !found.target.contains("://")) else {
            complete = false;
            continue;
        };
        match content(&found, folder) {
            Ok(value) => complete &= placeholder::replace(&mut json, &found.pointer, value),
            Err(cause) => {
                complete = false;
                let key = found.format.key();
                findings.push(
                    Diagnostic::error(
                        "invalid-substitution",
                        format!("Placeholder {key} could not read {}: {cause}", found.target),
                    )
                    .in_file(file)
                    .at(document.root.place(&found.pointer))
                    .pointing_to(found.pointer)
                    .accepting("the path of a file, relative to this one")
                    .fixed_by("correct the path, or create the file"),
                );
            }
        }
    }
    complete.then_some(json)
}

fn content(found: &Placeholder, folder: &Path) -> Result<Value, String> {
    let path = folder.join(&found.target);
    let bytes = scan::bytes(&path, MAX_FILE_BYTES).map_err(|cause| cause.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    match found.format {
        Format::Text => Ok(Value::String(text)),
        Format::Json => serde_json::from_str(&text).map_err(|cause| cause.to_string()),
        Format::Yaml => match parse_value(&found.target, text.as_bytes(), &Limits::default()) {
            Ok(Some(node)) => Ok(node.to_json()),
            Ok(None) => Err("expected to find exactly one document".to_owned()),
            Err(problems) => Err(problems
                .first()
                .map(|problem| problem.message.clone())
                .unwrap_or_default()),
        },
    }
}

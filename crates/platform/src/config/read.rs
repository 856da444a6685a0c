//! Files to trees.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use model::diagnostic::Diagnostic;
use model::yaml::{self, Limits, NodeValue};

use super::tree::{Data, Node, Origin};

/// Size of a configuration file or a `$file` in bytes.
const MAX_BYTES: u64 = 1_000_000;

/// Why a file gave no tree.
pub(super) enum Failure {
    /// The file could not be opened or is not text.
    Unreadable(String),
    /// The file is not valid YAML or JSON.
    Invalid(Vec<Diagnostic>),
}

/// The text of a regular file.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let bytes = bytes(path)?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// The tree of a YAML or JSON file; `None` when the file is empty.
pub(super) fn file(path: &Path) -> Result<Option<Node>, Failure> {
    let bytes = bytes(path).map_err(Failure::Unreadable)?;
    let name = path.display().to_string();
    parse(&name, &bytes).map_err(Failure::Invalid)
}

/// The tree of a text in a file called `name`.
pub(super) fn parse(name: &str, text: &[u8]) -> Result<Option<Node>, Vec<Diagnostic>> {
    let root = yaml::parse_value(name, text, &Limits::default())?;
    let name: Arc<str> = name.into();
    Ok(root
        .map(|root| convert(root, &name, None))
        .filter(|root| !matches!(root.data, Data::Null)))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => cause.to_string(),
    };
    // Asked before opening: opening a named pipe would wait for its writer.
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    Ok(bytes)
}

fn convert(node: yaml::Node, file: &Arc<str>, key: Option<yaml::Mark>) -> Node {
    let origin = Origin::in_file(file, node.mark.line, node.mark.column);
    let key_origin = key.map_or_else(
        || origin.clone(),
        |key| Origin::in_file(file, key.line, key.column),
    );
    let data = match node.value {
        NodeValue::Null => Data::Null,
        NodeValue::Bool(value) => Data::Bool(value),
        NodeValue::Number(value) => Data::Number(value),
        NodeValue::String(value) => Data::Text(value),
        NodeValue::Sequence(items) => Data::List(
            items
                .into_iter()
                .map(|item| convert(item, file, None))
                .collect(),
        ),
        NodeValue::Mapping(entries) => Data::Map(
            entries
                .into_iter()
                .map(|entry| (entry.key, convert(entry.value, file, Some(entry.key_mark))))
                .collect(),
        ),
    };
    Node {
        data,
        origin,
        key_origin,
    }
}

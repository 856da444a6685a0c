//! References that lead nowhere.

use std::collections::HashSet;

use model::diagnostic::Diagnostic;
use model::yaml::{Node, NodeValue};

use super::schema::last_part;
use crate::doc::ApiDoc;
use model::quoted;

/// Problems of this kind that are listed; more say nothing new.
const MAX_PROBLEMS: usize = 50;

/// Reports every `$ref` of the definition that cannot be followed, each target
/// once. Examples are data and are left out.
pub(super) fn check(root: &Node, doc: &mut ApiDoc) {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            NodeValue::Sequence(items) => open.extend(items.iter().rev()),
            NodeValue::Mapping(entries) => {
                for entry in entries.iter().rev() {
                    let reference = entry.value.as_str().filter(|_| entry.key == "$ref");
                    if let Some(reference) = reference {
                        let known = !seen.insert(reference);
                        if !known && doc.problems.len() < MAX_PROBLEMS {
                            doc.problems.extend(problem(root, reference, &entry.value));
                        }
                    } else if !is_data(&entry.key) {
                        open.push(&entry.value);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "const" | "enum") || key.starts_with("x-")
}

fn problem(root: &Node, reference: &str, node: &Node) -> Option<Diagnostic> {
    let (message, fix) = match reference.strip_prefix('#') {
        Some(pointer) if root.at(pointer).is_some() => return None,
        Some(_) => (
            format!("`{}` leads nowhere", quoted(reference)),
            format!(
                "add `{}` to the definition, or correct the reference",
                quoted(&last_part(reference))
            ),
        ),
        None => (
            format!(
                "`{}` is in another file, which is not followed",
                quoted(reference)
            ),
            "bundle the definition into one file, for example with `redocly bundle`".to_owned(),
        ),
    };
    Some(
        Diagnostic::error("api-reference", message)
            .at(node.mark)
            .accepting("a reference within the definition: #/components/…")
            .fixed_by(fix),
    )
}

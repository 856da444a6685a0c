//! References that lead nowhere.

use std::collections::{HashMap, HashSet};

use model::diagnostic::Diagnostic;
use model::yaml::{Node, NodeValue};

use super::schema::last_part;
use super::tree::entries_of;
use crate::doc::ApiDoc;
use model::quoted;

/// Problems of this kind that are listed; more say nothing new.
const MAX_PROBLEMS: usize = 50;

/// Reports every `$ref` of the definition that cannot be followed, each target
/// once. Examples are data and are left out.
pub(super) fn check(root: &Node, doc: &mut ApiDoc) {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut targets = Targets {
        root,
        keys: HashMap::new(),
    };
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
                            doc.problems
                                .extend(problem(&mut targets, reference, &entry.value));
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

/// Knows quickly what exists: mappings are lists, and those of large
/// definitions are long.
struct Targets<'a> {
    root: &'a Node,
    keys: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> Targets<'a> {
    fn has(&mut self, pointer: &'a str) -> bool {
        if pointer.is_empty() {
            return true;
        }
        let (parent, key) = match pointer.rsplit_once('/') {
            Some(parts) if !pointer.contains('~') => parts,
            _ => return self.root.at(pointer).is_some(),
        };
        let root = self.root;
        let keys = self.keys.entry(parent).or_insert_with(|| {
            let entries = root.at(parent).map_or(&[][..], entries_of);
            entries.iter().map(|entry| entry.key.as_str()).collect()
        });
        keys.contains(key) || root.at(pointer).is_some()
    }
}

fn problem<'a>(targets: &mut Targets<'a>, reference: &'a str, node: &Node) -> Option<Diagnostic> {
    let (message, fix) = match reference.strip_prefix('#') {
        Some(pointer) if targets.has(pointer) => return None,
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

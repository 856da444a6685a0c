//! Small questions to a YAML tree that may hold anything.

use model::yaml::{Entry, Node, NodeValue};

/// The text at a key.
pub(super) fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

/// The text at a key, or nothing.
pub(super) fn texts(node: &Node, key: &str) -> String {
    text(node, key).unwrap_or_default().to_owned()
}

/// A scalar at a key as text: versions are often written as numbers.
pub(super) fn scalar(node: &Node, key: &str) -> Option<String> {
    match &node.get(key)?.value {
        NodeValue::String(text) => Some(text.clone()),
        NodeValue::Number(number) => Some(number.to_string()),
        NodeValue::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Whether a key is `true`.
pub(super) fn flag(node: &Node, key: &str) -> bool {
    matches!(
        node.get(key).map(|found| &found.value),
        Some(NodeValue::Bool(true))
    )
}

/// The items of a list at a key; none where there is no list.
pub(super) fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    let found: &[Node] = match node.get(key).map(|found| &found.value) {
        Some(NodeValue::Sequence(items)) => items,
        _ => &[],
    };
    found.iter()
}

/// The entries of a mapping at a key; none where there is no mapping.
pub(super) fn entries<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Entry> {
    node.get(key).map_or(&[][..], entries_of).iter()
}

/// The entries of a mapping.
pub(super) fn entries_of(node: &Node) -> &[Entry] {
    match &node.value {
        NodeValue::Mapping(entries) => entries,
        _ => &[],
    }
}

/// The texts of a list, or the one text that stands in its place.
pub(super) fn list_of_texts<'a>(node: &'a Node, key: &str) -> Vec<&'a str> {
    match text(node, key) {
        Some(one) => vec![one],
        None => items(node, key).filter_map(Node::as_str).collect(),
    }
}

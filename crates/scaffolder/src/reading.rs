//! A template as the checks want to see it.

use model::yaml::{Mark, Node, NodeValue};

/// One text of the template with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) mark: Mark,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) node: &'a Node,
    /// Its id; `step-<n>` from 1 where it has none of its own.
    pub(crate) id: String,
    pub(crate) action: Option<Text<'a>>,
}

impl<'a> Step<'a> {
    /// The value at a pointer below the step.
    pub(crate) fn at(&self, pointer: &str) -> Option<&'a Node> {
        self.node.at(pointer)
    }

    pub(crate) fn does(&self, action: &str) -> bool {
        self.action.is_some_and(|found| found.text == action)
    }
}

/// The steps of a template, in order.
pub(crate) fn steps(root: &Node) -> Vec<Step<'_>> {
    items(root.at("/spec/steps"))
        .iter()
        .enumerate()
        .map(|(index, node)| Step {
            node,
            id: node
                .get("id")
                .and_then(Node::as_str)
                .map_or_else(|| format!("step-{}", index + 1), str::to_owned),
            action: node.get("action").and_then(text),
        })
        .collect()
}

/// The pages of the form: one mapping, or a list of them.
pub(crate) fn pages(root: &Node) -> Vec<&Node> {
    match root.at("/spec/parameters") {
        Some(node) => match &node.value {
            NodeValue::Mapping(_) => vec![node],
            _ => items(Some(node)).iter().collect(),
        },
        None => Vec::new(),
    }
}

/// A field of the form.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) mark: Mark,
    pub(crate) schema: &'a Node,
}

/// All fields of a page, also those that appear only with some answers
/// (`dependencies`, `oneOf`, `anyOf`, `allOf`, `then`, `else`).
pub(crate) fn fields<'a>(schema: &'a Node, found: &mut Vec<Field<'a>>) {
    if let Some(NodeValue::Mapping(entries)) = schema.get("properties").map(|node| &node.value) {
        for entry in entries {
            found.push(Field {
                name: &entry.key,
                mark: entry.key_mark,
                schema: &entry.value,
            });
        }
    }
    for branch in ["then", "else", "if"] {
        if let Some(inner) = schema.get(branch) {
            fields(inner, found);
        }
    }
    for branches in ["oneOf", "anyOf", "allOf"] {
        for inner in items(schema.get(branches)) {
            fields(inner, found);
        }
    }
    if let Some(NodeValue::Mapping(entries)) = schema.get("dependencies").map(|node| &node.value) {
        for entry in entries {
            fields(&entry.value, found);
        }
    }
}

/// The items of a list; nothing for anything else.
pub(crate) fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(NodeValue::Sequence(items)) => items,
        _ => &[],
    }
}

pub(crate) fn text(node: &Node) -> Option<Text<'_>> {
    node.as_str().map(|text| Text {
        text,
        mark: node.mark,
    })
}

/// Every text in a value, in the order of the file.
pub(crate) fn texts<'a>(node: &'a Node, found: &mut Vec<Text<'a>>) {
    match &node.value {
        NodeValue::String(text) => found.push(Text {
            text,
            mark: node.mark,
        }),
        NodeValue::Sequence(items) => items.iter().for_each(|item| texts(item, found)),
        NodeValue::Mapping(entries) => {
            entries.iter().for_each(|entry| texts(&entry.value, found));
        }
        _ => {}
    }
}

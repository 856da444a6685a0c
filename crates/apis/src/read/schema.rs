//! JSON Schema as OpenAPI and AsyncAPI use it.

use std::cell::Cell;

use model::yaml::{Node, NodeValue};

use super::tree::{entries, entries_of, flag, items, list_of_texts, text, texts};
use crate::doc::{Field, Shape, TypeDef, WHOLE};

/// Schemas inside schemas that are followed; deeper ones are "any".
const MAX_DEPTH: usize = 24;

/// Schemas that one definition may have in all, those that references repeat
/// included; later ones are "any".
const MAX_SHAPES: usize = 500_000;

/// Reads the schemas of one definition.
pub(super) struct Schemas<'a> {
    root: &'a Node,
    /// Where named schemas stand: references to them stay references, so
    /// cycles are no problem. Other references are replaced by what they mean.
    home: &'static str,
    left: Cell<usize>,
}

impl<'a> Schemas<'a> {
    /// `home` is `#/components/schemas/` or `#/definitions/`.
    pub(super) fn new(root: &'a Node, home: &'static str) -> Self {
        Self {
            root,
            home,
            left: Cell::new(MAX_SHAPES),
        }
    }

    /// The definition's root.
    pub(super) fn root(&self) -> &'a Node {
        self.root
    }

    /// The named schemas.
    pub(super) fn types(&self) -> Vec<TypeDef> {
        let pointer = self.home.trim_start_matches('#').trim_end_matches('/');
        let Some(home) = self.root.at(pointer) else {
            return Vec::new();
        };
        entries_of(home)
            .iter()
            .map(|entry| TypeDef {
                name: entry.key.clone(),
                kind: "schema",
                description: texts(&entry.value, "description"),
                shape: self.shape(&entry.value),
                line: entry.key_mark.line,
            })
            .collect()
    }

    /// The shape that a schema describes.
    pub(super) fn shape(&self, node: &Node) -> Shape {
        self.at_depth(node, 0)
    }

    fn at_depth(&self, node: &Node, depth: usize) -> Shape {
        let left = self.left.get();
        if depth > MAX_DEPTH || left == 0 {
            return Shape::default();
        }
        self.left.set(left - 1);
        if let Some(reference) = text(node, "$ref") {
            return self.referred(reference, depth);
        }
        let inner = |node: &Node| self.at_depth(node, depth + 1);
        let mut shape = Shape {
            format: text(node, "format").map(str::to_owned),
            values: values(node),
            limits: limits(node),
            nullable: flag(node, "nullable") || flag(node, "x-nullable"),
            ..Shape::default()
        };
        kinds(node, &mut shape);
        choices(node, &inner, &mut shape);
        fields(node, &inner, &mut shape);
        all_of(node, &inner, &mut shape);
        contents(node, &inner, &mut shape);
        if shape.kind.is_empty() && !shape.fields.is_empty() {
            shape.kind = "object".to_owned();
        }
        shape
    }

    fn referred(&self, reference: &str, depth: usize) -> Shape {
        let is_named = reference
            .strip_prefix(self.home)
            .is_some_and(|name| !name.contains('/'));
        let meant = reference
            .strip_prefix('#')
            .filter(|_| !is_named)
            .and_then(|pointer| self.root.at(pointer));
        match meant {
            Some(node) => self.at_depth(node, depth + 1),
            None => Shape::named(last_part(reference)),
        }
    }
}

/// The type; from 3.1 on a list of types, null among them.
fn kinds(node: &Node, shape: &mut Shape) {
    let mut kinds: Vec<&str> = list_of_texts(node, "type");
    kinds.retain(|kind| {
        let null = *kind == "null";
        shape.nullable |= null;
        !null
    });
    if kinds.len() > 1 {
        shape.one_of = kinds.into_iter().map(Shape::plain).collect();
    } else {
        shape.kind = kinds
            .first()
            .map_or(String::new(), |kind| (*kind).to_owned());
    }
}

fn choices(node: &Node, inner: &dyn Fn(&Node) -> Shape, shape: &mut Shape) {
    for choice in ["oneOf", "anyOf"] {
        for option in items(node, choice) {
            if text(option, "type") == Some("null") {
                shape.nullable = true;
            } else {
                shape.one_of.push(inner(option));
            }
        }
    }
    if let ([only], "") = (shape.one_of.as_slice(), shape.kind.as_str()) {
        let nullable = shape.nullable || only.nullable;
        *shape = only.clone();
        shape.nullable = nullable;
    }
}

fn contents(node: &Node, inner: &dyn Fn(&Node) -> Shape, shape: &mut Shape) {
    let is_schema = |of: &&Node| matches!(of.value, NodeValue::Mapping(_));
    if let Some(of) = node.get("items").filter(is_schema) {
        shape.kind = "array".to_owned();
        shape.items = Some(Box::new(inner(of)));
        return;
    }
    let open = node
        .get("additionalProperties")
        .filter(is_schema)
        .or_else(|| {
            entries(node, "patternProperties")
                .next()
                .map(|entry| &entry.value)
        });
    if let Some(of) = open.filter(|_| shape.fields.is_empty()) {
        shape.kind = "map".to_owned();
        shape.items = Some(Box::new(inner(of)));
    }
}

fn fields(node: &Node, inner: &dyn Fn(&Node) -> Shape, shape: &mut Shape) {
    let required = list_of_texts(node, "required");
    for entry in entries(node, "properties") {
        shape.fields.push(Field {
            name: entry.key.clone(),
            required: required.contains(&entry.key.as_str()),
            deprecated: flag(&entry.value, "deprecated"),
            description: texts(&entry.value, "description"),
            shape: inner(&entry.value),
            ..Field::default()
        });
    }
}

/// What all parts say together. One named part alone is that type.
fn all_of(node: &Node, inner: &dyn Fn(&Node) -> Shape, shape: &mut Shape) {
    let mut parts: Vec<Shape> = items(node, "allOf").map(inner).collect();
    if shape.fields.is_empty() && parts.len() == 1 {
        if let Some(only) = parts.pop() {
            let nullable = shape.nullable || only.nullable;
            *shape = only;
            shape.nullable = nullable;
        }
        return;
    }
    for part in parts {
        match &part.named {
            // A property that stands for everything of that type.
            Some(name) => shape.fields.push(Field {
                name: format!("{WHOLE}{name}"),
                shape: part,
                ..Field::default()
            }),
            None => {
                shape.fields.extend(part.fields);
                shape.one_of.extend(part.one_of);
            }
        }
    }
    let required = list_of_texts(node, "required");
    for field in &mut shape.fields {
        field.required |= required.contains(&field.name.as_str());
    }
}

fn values(node: &Node) -> Vec<String> {
    let listed = items(node, "enum").chain(node.get("const"));
    listed.map(spelled).collect()
}

/// A value as text: strings as they are, everything else as JSON.
pub(super) fn spelled(node: &Node) -> String {
    match node.as_str() {
        Some(text) => text.to_owned(),
        None => node.to_json().to_string(),
    }
}

fn limits(node: &Node) -> Vec<String> {
    const WORDS: [(&str, &str); 14] = [
        ("minimum", "≥"),
        ("exclusiveMinimum", ">"),
        ("maximum", "≤"),
        ("exclusiveMaximum", "<"),
        ("multipleOf", "×"),
        ("minLength", "length ≥"),
        ("maxLength", "length ≤"),
        ("minItems", "items ≥"),
        ("maxItems", "items ≤"),
        ("uniqueItems", "unique"),
        ("pattern", "pattern"),
        ("default", "default"),
        ("readOnly", "read only"),
        ("writeOnly", "write only"),
    ];
    WORDS
        .iter()
        .filter_map(|(key, word)| {
            let value = node.get(key)?;
            match &value.value {
                NodeValue::Bool(false) if *key != "default" => None,
                NodeValue::Bool(true) if *key != "default" => Some((*word).to_owned()),
                NodeValue::Mapping(_) | NodeValue::Sequence(_) => None,
                _ => Some(format!("{word} {}", spelled(value))),
            }
        })
        .collect()
}

/// `Order` of `#/components/schemas/Order`.
pub(super) fn last_part(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    last.replace("~1", "/").replace("~0", "~")
}

//! The tree that comes out of a document.

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// A place in a file. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Mark {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
}

impl Mark {
    /// A place.
    pub fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

/// A value with the place where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value begins. For a block mapping this is its first key.
    pub mark: Mark,
    /// The value.
    pub value: NodeValue,
}

/// The value of a [`Node`].
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// Any text.
    String(String),
    /// `[…]` or `- …` lines.
    Sequence(Vec<Node>),
    /// `{…}` or `key: …` lines, in the order of the file. Keys are unique.
    Mapping(Vec<Entry>),
}

/// One `key: value` of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as text; number and truth keys are spelled the way JavaScript does.
    pub key: String,
    /// Where the key begins.
    pub key_mark: Mark,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The node as JSON; the order of keys is kept.
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(flag) => Value::Bool(*flag),
            NodeValue::Number(number) => Value::Number(number.clone()),
            NodeValue::String(text) => Value::String(text.clone()),
            NodeValue::Sequence(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            NodeValue::Mapping(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for entry in entries {
                    map.insert(entry.key.clone(), entry.value.to_json());
                }
                Value::Object(map)
            }
        }
    }

    /// The entry of a mapping by its key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            NodeValue::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value of a mapping by its key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a string scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The node that a JSON pointer (RFC 6901) leads to; `""` is the node itself.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        let steps = self.walk(pointer);
        steps.complete.then_some(steps.node)
    }

    /// Where the key of the node at `pointer` stands; `None` for items of
    /// sequences, the root and anything that does not exist.
    pub fn key_mark(&self, pointer: &str) -> Option<Mark> {
        let steps = self.walk(pointer);
        steps.complete.then_some(steps.key_mark).flatten()
    }

    /// The best place to show for `pointer`: the value when it is a scalar, the
    /// key when it is a container or empty, and the nearest ancestor that exists
    /// when there is nothing at the pointer.
    pub fn place(&self, pointer: &str) -> Mark {
        let steps = self.walk(pointer);
        let scalar = matches!(
            steps.node.value,
            NodeValue::Bool(_) | NodeValue::Number(_) | NodeValue::String(_)
        );
        match steps.key_mark {
            Some(key) if !scalar || !steps.complete => key,
            _ => steps.node.mark,
        }
    }

    /// What the value is, in words for messages.
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            NodeValue::Null => "nothing",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Number(_) => "a number",
            NodeValue::String(_) => "a text",
            NodeValue::Sequence(_) => "a list",
            NodeValue::Mapping(_) => "a mapping",
        }
    }

    fn walk(&self, pointer: &str) -> Walk<'_> {
        let mut walk = Walk {
            node: self,
            key_mark: None,
            complete: true,
        };
        for token in tokens(pointer) {
            let step = match &walk.node.value {
                NodeValue::Mapping(entries) => entries
                    .iter()
                    .find(|entry| entry.key == token)
                    .map(|entry| (&entry.value, Some(entry.key_mark))),
                NodeValue::Sequence(items) => token
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
                    .map(|item| (item, None)),
                _ => None,
            };
            let Some((node, key_mark)) = step else {
                walk.complete = false;
                break;
            };
            walk.node = node;
            walk.key_mark = key_mark;
        }
        walk
    }
}

struct Walk<'a> {
    node: &'a Node,
    key_mark: Option<Mark>,
    complete: bool,
}

/// The unescaped tokens of a JSON pointer.
pub(crate) fn tokens(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// A key or index as one token of a JSON pointer.
pub(crate) fn escape_token(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

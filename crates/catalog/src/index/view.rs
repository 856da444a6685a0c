//! Reading and writing one entity of the index.

use std::borrow::Cow;

use model::EntityRef;
use model::query::Fields;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Index;
use super::json_text::{members, unescape};
use super::nodes::Stored;
use super::slots::Slot;

/// An entity as the index holds it. Cheap to copy.
#[derive(Clone, Copy)]
pub struct EntityView<'a> {
    index: &'a Index,
    slot: Slot,
    entity_ref: &'a EntityRef,
    stored: &'a Stored,
}

impl std::fmt::Debug for EntityView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EntityView").field(self.entity_ref).finish()
    }
}

/// A relation of an entity to a target, which may not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationView<'a> {
    /// Relation type, for example `ownedBy`.
    pub kind: &'a str,
    /// What the relation points to.
    pub target: &'a EntityRef,
    /// Whether there is an entity of that reference.
    pub exists: bool,
}

impl<'a> EntityView<'a> {
    pub(super) fn new(index: &'a Index, slot: Slot) -> Option<Self> {
        Some(Self {
            index,
            slot,
            entity_ref: index.nodes.entity_ref(slot)?,
            stored: index.nodes.stored(slot)?,
        })
    }

    /// The identity of the entity.
    #[must_use]
    pub fn entity_ref(&self) -> &'a EntityRef {
        self.entity_ref
    }

    /// Its uid.
    #[must_use]
    pub fn uid(&self) -> Uuid {
        self.stored.uid
    }

    /// Its etag.
    #[must_use]
    pub fn etag(&self) -> &'a str {
        &self.stored.etag
    }

    /// The JSON object that was stored: no relations, no status.
    #[must_use]
    pub fn json(&self) -> &'a str {
        &self.stored.json
    }

    /// Its status as JSON.
    #[must_use]
    pub fn status(&self) -> Option<&'a str> {
        self.stored.status.as_deref()
    }

    /// Its relations, sorted by type and then by target.
    #[must_use]
    pub fn relations(&self) -> Vec<RelationView<'a>> {
        relations(self.index, self.slot)
    }

    /// The whole entity as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut text = Vec::new();
        self.write(&mut text);
        serde_json::from_slice(&text).unwrap_or(Value::Null)
    }

    /// The text at a path of member names, for example `["spec", "type"]`,
    /// found without parsing anything around it. Nothing for what is absent,
    /// empty or no text.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        let mut value: &'a str = &self.stored.json;
        for step in path {
            (_, value) = members(value).find(|(key, _)| key == step)?;
        }
        let written = value.strip_prefix('"')?.strip_suffix('"')?;
        Some(unescape(written)).filter(|text| !text.is_empty())
    }

    /// The wanted members of the document, and of each of them the wanted
    /// members; all of a member where none is named. The rest is not parsed: an
    /// API definition of some megabytes costs nothing here.
    #[must_use]
    pub fn parts(&self, wanted: &[(&str, &[&str])]) -> Value {
        let read = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let mut parts = Map::new();
        for (key, value) in members(&self.stored.json) {
            let Some((_, inner)) = wanted.iter().find(|(name, _)| *name == key) else {
                continue;
            };
            let value = if inner.is_empty() || !value.starts_with('{') {
                read(value)
            } else {
                members(value)
                    .filter(|(key, _)| inner.contains(key))
                    .map(|(key, value)| (key.to_owned(), read(value)))
                    .collect::<Map<String, Value>>()
                    .into()
            };
            parts.insert(key.to_owned(), value);
        }
        parts.into()
    }

    /// Appends the whole entity as JSON: what was stored, then `relations`,
    /// then `status` where there is one.
    pub fn write(&self, output: &mut Vec<u8>) {
        let json = self.stored.json.trim_end();
        let body = json.strip_suffix('}').unwrap_or(json).trim_end();
        output.reserve(json.len() + 256);
        output.extend_from_slice(body.as_bytes());
        if !body.ends_with('{') {
            output.push(b',');
        }
        output.extend_from_slice(b"\"relations\":");
        self.write_relations(output);
        if let Some(status) = self.status() {
            output.extend_from_slice(b",\"status\":");
            output.extend_from_slice(status.as_bytes());
        }
        output.push(b'}');
    }

    /// Appends only the wanted parts as JSON; see [`Fields::apply`]. The parts
    /// are copied from the stored text, which is not parsed.
    pub fn write_fields(&self, fields: &Fields, output: &mut Vec<u8>) {
        let mut root: Vec<(Cow<'a, str>, Part<'a>)> = Vec::new();
        // The index of the object is made once, not once for each path.
        let top: Vec<(Cow<'a, str>, &'a str)> = keyed(&self.stored.json);
        for path in fields.paths() {
            self.pick(path, &top, &mut root);
        }
        write_object(&root, output);
    }

    /// [`EntityView::write`] or [`EntityView::write_fields`].
    pub fn write_with(&self, fields: Option<&Fields>, output: &mut Vec<u8>) {
        match fields {
            None => self.write(output),
            Some(fields) => self.write_fields(fields, output),
        }
    }

    fn pick(
        &self,
        path: &str,
        top: &[(Cow<'a, str>, &'a str)],
        root: &mut Vec<(Cow<'a, str>, Part<'a>)>,
    ) {
        for (head, rest) in Fields::heads(path) {
            let value = match head {
                "relations" => {
                    if rest.is_none() {
                        let mut text = Vec::new();
                        self.write_relations(&mut text);
                        let text = String::from_utf8(text).unwrap_or_default();
                        put(root, Cow::Borrowed("relations"), Part::Text(text.into()));
                    }
                    return;
                }
                "status" => self
                    .status()
                    .map(|status| (Cow::Borrowed("status"), status)),
                _ => top
                    .iter()
                    .find(|(key, _)| *key == head)
                    .map(|(k, v)| (k.clone(), *v)),
            };
            if let Some((key, value)) = value {
                descend(key, value, rest, root);
                return;
            }
        }
    }

    fn write_relations(&self, output: &mut Vec<u8>) {
        output.push(b'[');
        for (index, relation) in self.relations().iter().enumerate() {
            if index > 0 {
                output.push(b',');
            }
            output.extend_from_slice(b"{\"type\":");
            write_text(relation.kind, output);
            output.extend_from_slice(b",\"targetRef\":");
            write_text(relation.target.as_str(), output);
            output.push(b'}');
        }
        output.push(b']');
    }
}

/// The relations of a slot, sorted by type and then by target.
pub(super) fn relations(index: &Index, slot: Slot) -> Vec<RelationView<'_>> {
    let edges = index.edges.from(slot);
    let mut relations: Vec<RelationView<'_>> = edges
        .filter_map(|(kind, target)| {
            Some(RelationView {
                kind: index.edges.name(kind),
                target: index.nodes.entity_ref(target)?,
                exists: index.nodes.live.contains(target),
            })
        })
        .collect();
    relations.sort_unstable();
    relations
}

/// A part of a projection: text to copy, or an object in the making.
enum Part<'a> {
    Text(Cow<'a, str>),
    Object(Vec<(Cow<'a, str>, Part<'a>)>),
}

fn keyed(object: &str) -> Vec<(Cow<'_, str>, &str)> {
    members(object)
        .map(|(key, value)| (unescape(key), value))
        .collect()
}

/// Puts what `rest` names below `value` into `output` at `key`.
fn descend<'a>(
    key: Cow<'a, str>,
    value: &'a str,
    rest: Option<&str>,
    output: &mut Vec<(Cow<'a, str>, Part<'a>)>,
) {
    let Some(rest) = rest else {
        put(output, key, Part::Text(Cow::Borrowed(value)));
        return;
    };
    let inside = keyed(value);
    let step = Fields::heads(rest).find_map(|(head, rest)| {
        let (key, value) = inside.iter().find(|(key, _)| *key == head)?;
        Some((key.clone(), *value, rest))
    });
    let Some((inner_key, inner_value, inner_rest)) = step else {
        return;
    };
    let at = output.iter().position(|(other, _)| *other == key);
    match at.and_then(|at| output.get_mut(at)) {
        // The whole object is wanted already.
        Some((_, Part::Text(_))) => {}
        Some((_, Part::Object(inner))) => descend(inner_key, inner_value, inner_rest, inner),
        None => {
            let mut inner = Vec::new();
            descend(inner_key, inner_value, inner_rest, &mut inner);
            if !inner.is_empty() {
                output.push((key, Part::Object(inner)));
            }
        }
    }
}

fn put<'a>(output: &mut Vec<(Cow<'a, str>, Part<'a>)>, key: Cow<'a, str>, part: Part<'a>) {
    match output.iter_mut().find(|(other, _)| *other == key) {
        Some((_, place)) => *place = part,
        None => output.push((key, part)),
    }
}

fn write_object(object: &[(Cow<'_, str>, Part<'_>)], output: &mut Vec<u8>) {
    output.push(b'{');
    for (index, (key, part)) in object.iter().enumerate() {
        if index > 0 {
            output.push(b',');
        }
        write_text(key, output);
        output.push(b':');
        match part {
            Part::Text(text) => output.extend_from_slice(text.as_bytes()),
            Part::Object(inner) => write_object(inner, output),
        }
    }
    output.push(b'}');
}

/// Appends a JSON string.
fn write_text(text: &str, output: &mut Vec<u8>) {
    if text
        .bytes()
        .any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    {
        output.extend_from_slice(Value::from(text).to_string().as_bytes());
    } else {
        output.push(b'"');
        output.extend_from_slice(text.as_bytes());
        output.push(b'"');
    }
}

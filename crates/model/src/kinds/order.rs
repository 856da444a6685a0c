//! In which order ajv would report what the schema found.
//!
//! ajv checks the type first, then keywords by the type of value that they are
//! for (numbers, texts, any, arrays, objects), inside a group in a fixed order,
//! and descends into properties in the order of the schema. A finding gets a
//! key of numbers that sorts the same way.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::yaml::tokens;

/// Keywords by group, in ajv's order. The group's type is what `type` has to be
/// for the type check to be made together with the group.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "number",
        &[
            "maximum",
            "minimum",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "multipleOf",
        ],
    ),
    ("string", &["maxLength", "minLength", "pattern", "format"]),
    (
        "",
        &[
            "$ref", "const", "enum", "not", "anyOf", "oneOf", "allOf", "if", "then", "else",
        ],
    ),
    (
        "array",
        &[
            "maxItems",
            "minItems",
            "uniqueItems",
            "additionalItems",
            "items",
            "contains",
        ],
    ),
    (
        "object",
        &[
            "maxProperties",
            "minProperties",
            "required",
            "propertyNames",
            "additionalProperties",
            "dependencies",
            "properties",
            "patternProperties",
        ],
    ),
];

/// Keys per group: more than any group has keywords.
const GROUP_SIZE: usize = 100;

/// Where in the schema a finding was made.
pub(super) struct Place<'s> {
    /// Sorts like ajv's order.
    pub key: Vec<usize>,
    /// The schema object that holds the keyword.
    pub schema: &'s Value,
    /// What the value is to the object or list that it stands in.
    pub role: Role,
}

/// What a value is to the object or list that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A field without which the object is not valid.
    Required,
    /// A field that may be left out.
    Optional,
    /// An item of a list; counted from 0.
    Item(usize),
}

/// Follows the finding's path through the schema.
pub(super) fn locate<'s>(root: &'s Value, value: &Value, error: &ValidationError<'_>) -> Place<'s> {
    let instance_path = error.instance_path().as_str().to_owned();
    let path = error.evaluation_path().as_str().to_owned();
    let mut walk = Walk {
        root,
        place: Place {
            key: Vec::new(),
            schema: root,
            role: Role::Required,
        },
        value: Some(value),
        instance: Box::new(tokens(&instance_path)),
    };
    let mut path = tokens(&path);
    while let Some(keyword) = path.next() {
        if !walk.step(&keyword, &mut path) {
            break;
        }
    }
    let mut place = walk.place;
    if let Kind::Required { property } = error.kind() {
        let listed = place.schema.get("required").and_then(Value::as_array);
        let index = listed.and_then(|names| names.iter().position(|name| name == property));
        place.key.push(index.unwrap_or(0));
    }
    place
}

struct Walk<'s, 'v> {
    root: &'s Value,
    place: Place<'s>,
    /// The part of the instance that `place.schema` is applied to.
    value: Option<&'v Value>,
    instance: Box<dyn Iterator<Item = String> + 'v>,
}

impl<'s> Walk<'s, '_> {
    /// Enters the sub-schema under `keyword`; false at the last keyword.
    fn step(&mut self, keyword: &str, path: &mut dyn Iterator<Item = String>) -> bool {
        let schema = self.place.schema;
        self.place.key.push(rank(schema, keyword));
        let below = schema.get(keyword);
        let next = match keyword {
            "$ref" => below.and_then(Value::as_str).and_then(|target| {
                let pointer = target.strip_prefix('#')?;
                self.root.pointer(pointer)
            }),
            "properties" | "patternProperties" | "dependencies" => {
                let Some(name) = path.next() else {
                    return false;
                };
                let position = below
                    .and_then(Value::as_object)
                    .and_then(|map| map.keys().position(|key| *key == name));
                self.place.key.push(position.unwrap_or(usize::MAX));
                if keyword != "dependencies" {
                    self.place.role = role(schema, &name);
                    let index = self.enter_instance();
                    if keyword == "patternProperties" {
                        self.place.key.push(index);
                    }
                }
                below.and_then(|map| map.get(&name))
            }
            "allOf" | "anyOf" | "oneOf" => {
                let Some(index) = path.next().and_then(|token| token.parse().ok()) else {
                    return false;
                };
                self.place.key.push(index);
                below.and_then(|list| list.get(index))
            }
            "items" => {
                if below.is_some_and(Value::is_array) {
                    let Some(index) = path.next().and_then(|token| token.parse::<usize>().ok())
                    else {
                        return false;
                    };
                    self.enter_instance();
                    self.place.key.push(index);
                    self.place.role = Role::Item(index);
                    below.and_then(|list| list.get(index))
                } else {
                    let index = self.enter_instance();
                    self.place.key.push(index);
                    self.place.role = Role::Item(index);
                    below
                }
            }
            "additionalProperties" | "additionalItems" => {
                if !below.is_some_and(Value::is_object) {
                    return false;
                }
                let index = self.enter_instance();
                self.place.key.push(index);
                self.place.role = if keyword == "additionalItems" {
                    Role::Item(index)
                } else {
                    Role::Optional
                };
                below
            }
            "not" | "if" | "then" | "else" | "contains" => below,
            // `propertyNames` included: its finding holds the inner one.
            _ => None,
        };
        match next {
            Some(schema) => {
                self.place.schema = schema;
                true
            }
            None => false,
        }
    }

    /// Steps into the instance and returns the position of the child.
    fn enter_instance(&mut self) -> usize {
        let Some(token) = self.instance.next() else {
            return 0;
        };
        match self.value.take() {
            Some(Value::Object(map)) => {
                self.value = map.get(&token);
                map.keys().position(|key| *key == token).unwrap_or(0)
            }
            Some(Value::Array(items)) => {
                let index = token.parse().unwrap_or(0);
                self.value = items.get(index);
                index
            }
            _ => 0,
        }
    }
}

fn role(schema: &Value, name: &str) -> Role {
    let required = schema.get("required").and_then(Value::as_array);
    if required.is_some_and(|names| names.iter().any(|required| required == name)) {
        Role::Required
    } else {
        Role::Optional
    }
}

fn rank(schema: &Value, keyword: &str) -> usize {
    if keyword == "type" {
        return type_rank(schema);
    }
    for (group, (_, keywords)) in GROUPS.iter().enumerate() {
        if let Some(position) = keywords.iter().position(|known| *known == keyword) {
            return (group + 1) * GROUP_SIZE + position + 1;
        }
    }
    usize::MAX
}

/// A single type with keywords of its own is checked together with them.
fn type_rank(schema: &Value) -> usize {
    let Some(expected) = schema.get("type").and_then(Value::as_str) else {
        return 0;
    };
    GROUPS
        .iter()
        .position(|(group, keywords)| {
            *group == expected
                && keywords
                    .iter()
                    .any(|keyword| schema.get(*keyword).is_some())
        })
        .map_or(0, |group| (group + 1) * GROUP_SIZE)
}

/// The schema keyword behind a finding.
pub(super) fn keyword_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::AdditionalItems { .. } => "additionalItems",
        Kind::AdditionalProperties { .. } => "additionalProperties",
        Kind::Constant { .. } => "const",
        Kind::Contains => "contains",
        Kind::Enum { .. } => "enum",
        Kind::ExclusiveMaximum { .. } => "exclusiveMaximum",
        Kind::ExclusiveMinimum { .. } => "exclusiveMinimum",
        Kind::FalseSchema => "false schema",
        Kind::Format { .. } => "format",
        Kind::MaxItems { .. } => "maxItems",
        Kind::Maximum { .. } => "maximum",
        Kind::MaxLength { .. } => "maxLength",
        Kind::MaxProperties { .. } => "maxProperties",
        Kind::MinItems { .. } => "minItems",
        Kind::Minimum { .. } => "minimum",
        Kind::MinLength { .. } => "minLength",
        Kind::MinProperties { .. } => "minProperties",
        Kind::MultipleOf { .. } => "multipleOf",
        Kind::Not { .. } => "not",
        Kind::Pattern { .. } => "pattern",
        Kind::PropertyNames { .. } => "propertyNames",
        Kind::Required { .. } => "required",
        Kind::Type { .. } => "type",
        Kind::UniqueItems => "uniqueItems",
        _ => "schema",
    }
}

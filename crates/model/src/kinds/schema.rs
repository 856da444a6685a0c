//! JSON Schema validation whose findings come in the order and the words of
//! ajv, the validator that Backstage uses.
//!
//! The `jsonschema` crate decides what is valid. This module only sorts what
//! it finds, because "the first error" is part of the contract, and says what
//! would be accepted.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;

use super::advice;
use super::order;
use crate::quoted::quoted;

/// A compiled JSON Schema (draft 7). References to other documents are refused.
#[derive(Debug)]
pub(crate) struct Schema {
    source: Value,
    validator: Validator,
}

/// One finding of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaProblem {
    /// JSON pointer to the value that was refused; `""` is the root.
    pub pointer: String,
    /// JSON pointer to what the finding is about: a missing or unknown field
    /// of the value, or the value itself.
    pub subject: String,
    /// Stable name of the rule.
    pub code: &'static str,
    /// ajv's message without the place, for example `must be string`.
    pub message: String,
    /// ajv's parameters in their order.
    pub params: Vec<(&'static str, String)>,
    /// What would be accepted.
    pub accepted: Option<String>,
    /// How to fix it.
    pub fix: Option<String>,
    /// JSON pointer to the mistyped field that probably caused the finding.
    pub near_miss: Option<String>,
    /// The schema keyword that refused the value.
    pub(crate) keyword: &'static str,
}

impl SchemaProblem {
    /// The text of Backstage's kind check: `/spec/type must be string - type: string`.
    pub fn text(&self) -> String {
        let params: Vec<String> = self
            .params
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        format!("{} - {}", self.short_text(), params.join(", "))
    }

    /// Whether two schemas refused the same thing in the same words.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        self.subject == other.subject && self.message == other.message
    }

    /// Place and message without parameters: `<root> must have …`.
    pub fn short_text(&self) -> String {
        let place = if self.pointer.is_empty() {
            "<root>".into()
        } else {
            quoted(&self.pointer)
        };
        format!("{place} {}", self.message)
    }
}

impl Schema {
    /// Compiles a draft 7 schema.
    pub(crate) fn compile(source: Value) -> Result<Self, String> {
        let validator = jsonschema::options()
            .with_draft(Draft::Draft7)
            .offline()
            .build(&source)
            .map_err(|error| error.to_string())?;
        Ok(Self { source, validator })
    }

    pub(crate) fn source(&self) -> &Value {
        &self.source
    }

    /// Whether the value is valid; much faster than asking for problems.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// All findings, in ajv's order. Empty when the value is valid.
    pub(crate) fn problems(&self, value: &Value) -> Vec<SchemaProblem> {
        let mut found: Vec<(Vec<usize>, SchemaProblem)> = Vec::new();
        for error in self.validator.iter_errors(value) {
            let place = order::locate(&self.source, value, &error);
            for problem in self.read(&error, &place, value) {
                found.push((place.key.clone(), problem));
            }
        }
        found.sort_by(|left, right| left.0.cmp(&right.0));
        found.into_iter().map(|(_, problem)| problem).collect()
    }

    fn read(
        &self,
        error: &ValidationError<'_>,
        place: &order::Place<'_>,
        root: &Value,
    ) -> Vec<SchemaProblem> {
        match error.kind() {
            Kind::AnyOf { context }
            | Kind::OneOfNotValid { context }
            | Kind::OneOfMultipleValid { context } => {
                // ajv lists what is wrong in the first alternative before it
                // says that none fits.
                let first = context.iter().find(|branch| !branch.is_empty());
                let mut inner: Vec<(Vec<usize>, SchemaProblem)> = Vec::new();
                for error in first.into_iter().flatten() {
                    let inner_place = order::locate(&self.source, root, error);
                    for mut problem in self.read(error, &inner_place, root) {
                        if let Some(description) = advice::description(place.schema) {
                            problem.accepted = Some(description.to_owned());
                        }
                        inner.push((inner_place.key.clone(), problem));
                    }
                }
                inner.sort_by(|left, right| left.0.cmp(&right.0));
                match inner.into_iter().next() {
                    Some((_, problem)) => vec![problem],
                    None => vec![self.problem(error, place, "union", union_wording(error.kind()))],
                }
            }
            Kind::PropertyNames { error: inner } => {
                let mut problem =
                    self.problem(inner, place, "propertyNames", wording(inner, place.schema));
                problem.pointer = error.instance_path().as_str().to_owned();
                problem.subject.clone_from(&problem.pointer);
                vec![problem]
            }
            Kind::AdditionalProperties { unexpected } => {
                let names = strangers(place.schema, error.instance());
                let names = names.unwrap_or_else(|| unexpected.clone());
                names
                    .into_iter()
                    .map(|name| {
                        let params = vec![("additionalProperty", name)];
                        let words = ("must NOT have additional properties".to_owned(), params);
                        self.problem(error, place, "additionalProperties", words)
                    })
                    .collect()
            }
            kind => {
                let keyword = order::keyword_of(kind);
                vec![self.problem(error, place, keyword, wording(error, place.schema))]
            }
        }
    }

    fn problem(
        &self,
        error: &ValidationError<'_>,
        place: &order::Place<'_>,
        keyword: &'static str,
        (message, params): Wording,
    ) -> SchemaProblem {
        let pointer = error.instance_path().as_str().to_owned();
        let mut problem = SchemaProblem {
            subject: pointer.clone(),
            pointer,
            code: advice::code(keyword),
            message,
            params,
            accepted: None,
            fix: None,
            near_miss: None,
            keyword,
        };
        advice::advise(&mut problem, place, error.instance());
        problem
    }
}

/// All properties that the schema does not name; `None` when patterns decide.
/// The validator itself stops at the first one.
fn strangers(schema: &Value, instance: &Value) -> Option<Vec<String>> {
    if schema.get("patternProperties").is_some() {
        return None;
    }
    let known = schema.get("properties").and_then(Value::as_object);
    let names = instance.as_object()?.keys();
    Some(
        names
            .filter(|name| known.is_none_or(|known| !known.contains_key(*name)))
            .cloned()
            .collect(),
    )
}

/// ajv's message and parameters.
type Wording = (String, Vec<(&'static str, String)>);

fn union_wording(kind: &Kind) -> Wording {
    match kind {
        Kind::AnyOf { .. } => ("must match a schema in anyOf".to_owned(), Vec::new()),
        _ => (
            "must match exactly one schema in oneOf".to_owned(),
            vec![("passingSchemas", "null".to_owned())],
        ),
    }
}

/// ajv's words for a finding. `schema` is the object that holds the keyword.
fn wording(error: &ValidationError<'_>, schema: &Value) -> Wording {
    let of = |keyword: &str| {
        schema
            .get(keyword)
            .map(crate::javascript::to_string)
            .unwrap_or_default()
    };
    let bound = |comparison: &str, keyword: &str| {
        let limit = of(keyword);
        (
            format!("must be {comparison} {limit}"),
            vec![("comparison", comparison.to_owned()), ("limit", limit)],
        )
    };
    let count = |what: &str, than: &str, limit: u64| {
        (
            format!("must NOT have {than} than {limit} {what}"),
            vec![("limit", limit.to_string())],
        )
    };
    match error.kind() {
        Kind::Type { .. } => {
            let expected = of("type");
            (format!("must be {expected}"), vec![("type", expected)])
        }
        Kind::Required { property } => {
            let name = crate::javascript::to_string(property);
            (
                format!("must have required property '{name}'"),
                vec![("missingProperty", name)],
            )
        }
        Kind::MinLength { limit } => count("characters", "fewer", *limit),
        Kind::MaxLength { limit } => count("characters", "more", *limit),
        Kind::MinItems { limit } => count("items", "fewer", *limit),
        Kind::MaxItems { limit } => count("items", "more", *limit),
        Kind::MinProperties { limit } => count("properties", "fewer", *limit),
        Kind::MaxProperties { limit } => count("properties", "more", *limit),
        Kind::AdditionalItems { limit } => count("items", "more", *limit as u64),
        Kind::Minimum { .. } => bound(">=", "minimum"),
        Kind::Maximum { .. } => bound("<=", "maximum"),
        Kind::ExclusiveMinimum { .. } => bound(">", "exclusiveMinimum"),
        Kind::ExclusiveMaximum { .. } => bound("<", "exclusiveMaximum"),
        Kind::MultipleOf { .. } => {
            let divisor = of("multipleOf");
            (
                format!("must be multiple of {divisor}"),
                vec![("multipleOf", divisor)],
            )
        }
        Kind::Pattern { pattern } => (
            format!("must match pattern \"{pattern}\""),
            vec![("pattern", pattern.clone())],
        ),
        Kind::Format { format } => (
            format!("must match format \"{format}\""),
            vec![("format", format.clone())],
        ),
        Kind::Enum { .. } => (
            "must be equal to one of the allowed values".to_owned(),
            vec![("allowedValues", of("enum"))],
        ),
        Kind::Constant { .. } => (
            "must be equal to constant".to_owned(),
            vec![("allowedValue", of("const"))],
        ),
        Kind::UniqueItems => duplicate_items(error.instance()),
        Kind::Contains => (
            "must contain at least 1 valid item(s)".to_owned(),
            vec![("minContains", "1".to_owned())],
        ),
        Kind::Not { .. } => ("must NOT be valid".to_owned(), Vec::new()),
        Kind::FalseSchema => ("boolean schema is false".to_owned(), Vec::new()),
        _ => (quoted(&error.to_string()).into_owned(), Vec::new()),
    }
}

/// ajv looks for the duplicates from the end.
fn duplicate_items(value: &Value) -> Wording {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let pair = items.iter().enumerate().rev().find_map(|(later, item)| {
        let earlier = items.iter().take(later).rposition(|other| other == item)?;
        Some((later, earlier))
    });
    let (later, earlier) = pair.unwrap_or_default();
    (
        format!("must NOT have duplicate items (items ## {earlier} and {later} are identical)"),
        vec![("i", later.to_string()), ("j", earlier.to_string())],
    )
}

//! The single checks.

use serde_json::{Map, Value};

use super::problem::{Problem, Stage};
use crate::entity::Entity;
use crate::entity_ref::DEFAULT_NAMESPACE;
use crate::field_format::Rule;
use crate::kinds::{KindDefinition, Kinds, RelationError, SchemaProblem};
use crate::quoted::quoted;
use crate::yaml::escape_token;

/// Envelope, entity schema, field formats.
pub(super) fn envelope_and_policies(kinds: &Kinds, value: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    // The entity schema asks for everything that the envelope schema asks for.
    if !kinds.entity_schema().accepts(value) {
        let envelope = kinds.envelope_schema().problems(value);
        let policy = kinds.entity_schema().problems(value);
        let entity_ref = entity_ref_text(value);
        for problem in &policy {
            if !envelope.iter().any(|other| other.repeats(problem)) {
                let message = format!("Malformed envelope, {}", problem.short_text());
                problems.push(from_schema(
                    problem,
                    Stage::Policy,
                    message,
                    &entity_ref,
                    "",
                    "Error",
                ));
            }
        }
        let first = envelope.iter().map(|problem| {
            from_schema(
                problem,
                Stage::Envelope,
                problem.text(),
                "",
                "",
                "TypeError",
            )
        });
        problems.splice(0..0, first);
    }
    field_formats(value, &mut problems);
    problems
}

/// The schema of the kind. Returns the kind's definition.
pub(super) fn kind<'k>(
    kinds: &'k Kinds,
    value: &Value,
    problems: &mut Vec<Problem>,
) -> Option<&'k KindDefinition> {
    let text = |field: &str| {
        value
            .get(field)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let (Some(kind), Some(api_version)) = (text("kind"), text("apiVersion")) else {
        return None;
    };
    let spec_type = value.pointer("/spec/type").and_then(Value::as_str);
    let Some(definition) = kinds.find(kind, api_version, spec_type) else {
        problems.push(unrecognised(kinds, value));
        return None;
    };
    let found = kinds.kind_problems(definition, value);
    if found.is_empty() {
        return Some(definition);
    }
    // The entity schema may have refused the same value with the same words.
    let general = kinds.entity_schema().problems(value);
    let entity_ref = entity_ref_text(value);
    for problem in &found {
        if !general.iter().any(|other| other.repeats(problem)) {
            problems.push(from_schema(
                problem,
                Stage::Kind,
                problem.text(),
                &entity_ref,
                &definition.processor,
                "TypeError",
            ));
        }
    }
    Some(definition)
}

/// References that cannot be read. Nothing is said about `unmade` substitutions.
pub(super) fn relations(
    entity: &Entity,
    definition: &KindDefinition,
    errors: Vec<RelationError>,
    unmade: &[String],
    problems: &mut Vec<Problem>,
) {
    for error in errors {
        let problem = Problem {
            stage: Stage::Relations,
            pointer: error.pointer,
            code: "invalid-reference",
            message: error.message,
            accepted: Some(error.accepted),
            fix: Some(error.fix),
            shown_at: None,
            entity_ref: entity.entity_ref().to_string(),
            processor: definition.processor.clone(),
            cause: error.error_name,
        };
        let covered = problems
            .iter()
            .any(|other| problem.is_at_or_below(&other.pointer))
            || problem.is_below_any(unmade);
        if !covered {
            problems.push(problem);
        }
    }
}

/// The problem of a document whose kind or apiVersion is not known.
pub(super) fn unrecognised(kinds: &Kinds, value: &Value) -> Problem {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
    let (kind, api_version) = (text("kind"), text("apiVersion"));
    let versions: Vec<&str> = kinds
        .of_kind(kind)
        .flat_map(|definition| definition.api_versions.iter().map(String::as_str))
        .collect();
    let (pointer, accepted, fix) = if let Some(version) = versions.first() {
        let fix = format!(
            "write `apiVersion: {version}` instead of `apiVersion: {}`",
            quoted(api_version)
        );
        ("/apiVersion", listed(&versions), fix)
    } else if let Some(near) = kinds.nearest_kind(kind) {
        let fix = format!("write `kind: {near}` instead of `kind: {kind}`; letter case matters");
        ("/kind", listed(&kinds.names()), fix)
    } else {
        let fix = "use one of these kinds, or describe the kind by a JSON Schema so that it becomes known";
        ("/kind", listed(&kinds.names()), fix.to_owned())
    };
    let entity_ref = entity_ref_text(value);
    Problem {
        stage: Stage::Unrecognised,
        pointer: pointer.to_owned(),
        code: "unknown-kind",
        message: format!(
            "No processor recognized the entity {entity_ref} as valid, possibly caused by a foreign kind or apiVersion"
        ),
        accepted: Some(accepted),
        fix: Some(fix),
        shown_at: None,
        entity_ref,
        processor: String::new(),
        cause: "InputError",
    }
}

fn listed(names: &[&str]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for name in names {
        if !unique.contains(name) {
            unique.push(name);
        }
    }
    unique.join(", ")
}

fn from_schema(
    problem: &SchemaProblem,
    stage: Stage,
    message: String,
    entity_ref: &str,
    processor: &str,
    cause: &'static str,
) -> Problem {
    Problem {
        stage,
        pointer: problem.subject.clone(),
        code: problem.code,
        message,
        accepted: problem.accepted.clone(),
        fix: problem.fix.clone(),
        shown_at: problem.near_miss.clone(),
        entity_ref: entity_ref.to_owned(),
        processor: processor.to_owned(),
        cause,
    }
}

/// `kind:namespace/name` in lower case, whatever letters the parts have.
fn entity_ref_text(value: &Value) -> String {
    let text = |value: Option<&Value>| {
        value
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_lowercase)
    };
    let metadata = value.get("metadata");
    let kind = text(value.get("kind")).unwrap_or_default();
    let namespace = text(metadata.and_then(|metadata| metadata.get("namespace")));
    let name = text(metadata.and_then(|metadata| metadata.get("name")));
    format!(
        "{}:{}/{}",
        quoted(&kind),
        quoted(namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE)),
        quoted(name.as_deref().unwrap_or("<unnamed>"))
    )
}

/// Backstage's field format policy, in its order. Values of the wrong type are
/// the entity schema's business.
fn field_formats(value: &Value, problems: &mut Vec<Problem>) {
    let mut formats = Formats { value, problems };
    formats.text(Rule::ApiVersion, "apiVersion", "/apiVersion");
    formats.text(Rule::Kind, "kind", "/kind");
    formats.text(Rule::EntityName, "metadata.name", "/metadata/name");
    formats.text(Rule::Namespace, "metadata.namespace", "/metadata/namespace");
    formats.pairs("labels", Rule::LabelKey, Rule::LabelValue);
    formats.pairs("annotations", Rule::AnnotationKey, Rule::AnnotationValue);
    for (index, tag) in formats.list("tags") {
        formats.apply(
            Rule::Tag,
            &format!("tags.{index}"),
            &format!("/metadata/tags/{index}"),
            tag,
        );
    }
    for (index, link) in formats.list("links") {
        if let Some(url) = link.get("url") {
            let pointer = format!("/metadata/links/{index}/url");
            formats.apply(Rule::Url, &format!("links.{index}.url"), &pointer, url);
        }
    }
}

struct Formats<'v, 'p> {
    value: &'v Value,
    problems: &'p mut Vec<Problem>,
}

impl<'v> Formats<'v, '_> {
    fn text(&mut self, rule: Rule, field: &str, pointer: &str) {
        if let Some(found) = self.value.pointer(pointer) {
            self.apply(rule, field, pointer, found);
        }
    }

    fn metadata(&self) -> Option<&'v Map<String, Value>> {
        self.value.get("metadata")?.as_object()
    }

    fn list(&self, field: &str) -> impl Iterator<Item = (usize, &'v Value)> + use<'v> {
        let list = self.metadata().and_then(|metadata| metadata.get(field));
        list.and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
    }

    fn pairs(&mut self, field: &str, key_rule: Rule, value_rule: Rule) {
        let pairs = self.metadata().and_then(|metadata| metadata.get(field));
        for (key, found) in pairs.and_then(Value::as_object).into_iter().flatten() {
            if key_rule.accepts_text(key) && value_rule.accepts(found) {
                continue;
            }
            let name = format!("{field}.{key}");
            let pointer = format!("/metadata/{field}/{}", escape_token(key));
            self.apply(key_rule, &name, &pointer, &Value::String(key.clone()));
            self.apply(value_rule, &name, &pointer, found);
        }
    }

    fn apply(&mut self, rule: Rule, field: &str, pointer: &str, found: &Value) {
        // Wrong types and empty texts are refused by the entity schema.
        let Some(text) = found.as_str() else { return };
        let reported = self
            .problems
            .iter()
            .any(|problem| problem.pointer == pointer && text.is_empty());
        if reported || rule.accepts_text(text) {
            return;
        }
        let fix = match rule.repaired(text) {
            Some(repaired) => format!("write `{repaired}`"),
            None if text.contains("{{") => {
                "render the template first, or leave template files out of the catalog's locations"
                    .to_owned()
            }
            None if rule == Rule::Url => "write the whole URL with `https://`".to_owned(),
            None => "use only what is accepted".to_owned(),
        };
        self.problems.push(Problem {
            stage: Stage::Policy,
            pointer: pointer.to_owned(),
            code: rule.code(),
            message: rule.message(field, found),
            accepted: Some(rule.accepted().to_owned()),
            fix: Some(fix),
            shown_at: None,
            entity_ref: entity_ref_text(self.value),
            processor: String::new(),
            cause: "Error",
        });
    }
}

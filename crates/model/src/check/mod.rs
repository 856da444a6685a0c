//! Is this document a valid entity? The server and `portway validate` ask here,
//! so they always agree.
//!
//! The checks run in Backstage's order: envelope, entity schema and field
//! formats (its "policies"), schema of the kind, relation fields. All problems
//! are reported, and the first one is the one that Backstage would report.

mod problem;
mod recognition;
mod stages;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::entity::Entity;
use crate::kinds::{EmittedRelation, KindDefinition, Kinds, ON_CALL, OddTarget, UnreadOnCall};
use crate::near_miss::nearest;
use crate::placeholder::{self, Format, Placeholder, PlaceholderError};
use crate::quoted::quoted;
use crate::yaml::{NodeValue, SourceDocument, escape_token};

pub use problem::{Problem, Stage};
pub use recognition::{Recognition, recognise};

/// A valid entity and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The entity with its default namespace written in.
    pub entity: Entity,
    /// Both directions of every relation, sorted, without duplicates.
    pub relations: Vec<EmittedRelation>,
    /// What was accepted but is probably not meant.
    pub warnings: Vec<Diagnostic>,
}

/// Checks a value. Substitutions (`$text` …) must have been made before.
///
/// # Errors
/// All problems; the first is the one that Backstage reports.
pub fn check_json(kinds: &Kinds, value: &Value) -> Result<Checked, Vec<Problem>> {
    check(kinds, value.clone(), None)
}

/// Checks a document of a file. Substitutions that are still in it count as
/// valid where they stand: `$text` as some text, `$json` and `$yaml` as
/// anything.
///
/// # Errors
/// All problems with their places, the one that Backstage reports first,
/// followed by the warnings of the document.
pub fn check_document(
    kinds: &Kinds,
    file: &str,
    document: &SourceDocument,
) -> Result<Checked, Vec<Diagnostic>> {
    let value = document.to_json();
    let mut stand_ins: Option<StandIns> = None;
    let mut faulty = Vec::new();
    for found in placeholder::find(&value) {
        match found {
            // The envelope is read before substitutions are made.
            Ok(found) if is_envelope(&found.pointer) => {}
            Ok(found) => {
                let stand_ins = stand_ins.get_or_insert_with(|| StandIns::new(&value));
                stand_ins.add(found);
            }
            Err(error) => faulty.push(faulty_placeholder(file, document, error)),
        }
    }
    let result = check(kinds, value, stand_ins);
    let mut located = locate(file, document, result);
    if !faulty.is_empty() {
        if let Err(problems) = located {
            faulty.extend(problems);
        }
        located = Err(faulty);
    }
    located
}

/// Checks the value that a document has after its substitutions were made.
/// Places inside substituted content are those of the substitution.
///
/// # Errors
/// As [`check_document`].
pub fn check_substituted(
    kinds: &Kinds,
    file: &str,
    document: &SourceDocument,
    value: &Value,
) -> Result<Checked, Vec<Diagnostic>> {
    locate(file, document, check_json(kinds, value))
}

/// Adds file, line and column to what a check found.
fn locate(
    file: &str,
    document: &SourceDocument,
    result: Result<Checked, Vec<Problem>>,
) -> Result<Checked, Vec<Diagnostic>> {
    match result {
        Ok(mut checked) => {
            let placed = checked.warnings.into_iter().map(|warning| {
                let place = document
                    .root
                    .place(warning.pointer.as_deref().unwrap_or_default());
                warning.in_file(file).at(place)
            });
            checked.warnings = document.warnings.iter().cloned().chain(placed).collect();
            Ok(checked)
        }
        Err(problems) => {
            let placed = problems.into_iter().map(|mut problem| {
                let place = document.root.place(problem.place());
                if let Some(fix) = fix_as_written(document, &problem) {
                    problem.fix = Some(fix);
                }
                problem.into_diagnostic().in_file(file).at(place)
            });
            Err(placed.chain(document.warnings.iter().cloned()).collect())
        }
    }
}

/// A fix that repeats a value as it is written, where JSON spells it otherwise.
fn fix_as_written(document: &SourceDocument, problem: &Problem) -> Option<String> {
    if problem.code != "wrong-type" {
        return None;
    }
    let node = document.root.at(&problem.pointer)?;
    let written = document.spellings.get(&node.mark)?;
    match node.value {
        NodeValue::Null => Some(format!(
            "`#` behind a space begins a comment: put the value in quotes, \"{}\", or write one without `#`",
            quoted(written)
        )),
        _ if problem.fix.as_ref()?.starts_with("put the value in quotes") => {
            Some(format!("put the value in quotes: \"{}\"", quoted(written)))
        }
        _ => None,
    }
}

fn faulty_placeholder(
    file: &str,
    document: &SourceDocument,
    error: PlaceholderError,
) -> Diagnostic {
    Diagnostic::error("invalid-placeholder", error.to_string())
        .in_file(file)
        .at(document.root.place(&error.pointer))
        .accepting(format!("`{}: ./path/to/file`", error.key))
        .fixed_by("write the path or URL as a text")
        .pointing_to(error.pointer)
}

/// A document whose substitutions are not made yet, with stand-ins for them.
struct StandIns {
    document: Value,
    /// Pointers of all substitutions.
    places: Vec<String>,
    /// Pointers of those whose content may be of any type.
    untyped: Vec<String>,
}

impl StandIns {
    fn new(document: &Value) -> Self {
        Self {
            document: document.clone(),
            places: Vec::new(),
            untyped: Vec::new(),
        }
    }

    fn add(&mut self, found: Placeholder) {
        let text = Value::String(found.target);
        placeholder::replace(&mut self.document, &found.pointer, text);
        if found.format != Format::Text {
            self.untyped.push(found.pointer.clone());
        }
        self.places.push(found.pointer);
    }
}

fn is_envelope(pointer: &str) -> bool {
    matches!(
        pointer,
        "" | "/apiVersion" | "/kind" | "/metadata" | "/metadata/name" | "/metadata/namespace"
    )
}

fn check(
    kinds: &Kinds,
    value: Value,
    stand_ins: Option<StandIns>,
) -> Result<Checked, Vec<Problem>> {
    let checked = stand_ins
        .as_ref()
        .map_or(&value, |stand_ins| &stand_ins.document);
    if let Recognition::Foreign = recognise(kinds, checked) {
        return Err(vec![stages::unrecognised(kinds, checked)]);
    }
    let mut problems = stages::envelope_and_policies(kinds, checked);
    let definition = stages::kind(kinds, checked, &mut problems);
    let (places, untyped) = stand_ins
        .map(|stand_ins| (stand_ins.places, stand_ins.untyped))
        .unwrap_or_default();
    problems.retain(|problem| !problem.is_below_any(&untyped));
    let (Some(definition), Ok(mut entity)) = (definition, Entity::from_json(value)) else {
        return Err(problems);
    };
    let reading = kinds.read_relations(definition, &entity);
    stages::relations(&entity, definition, reading.errors, &places, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    entity.set_default_namespace();
    let mut warnings: Vec<Diagnostic> = reading.odd.into_iter().map(odd_target).collect();
    warnings.extend(reading.unread.into_iter().map(unread_on_call));
    warnings.extend(missing_recommended(definition, &entity));
    warnings.extend(unknown_fields(definition, &entity));
    Ok(Checked {
        entity,
        relations: reading.relations,
        warnings,
    })
}

/// Fields that Backstage asks for and Portway does not.
fn missing_recommended(
    definition: &KindDefinition,
    entity: &Entity,
) -> impl Iterator<Item = Diagnostic> {
    let spec = entity.spec();
    definition.recommended.iter().filter_map(move |path| {
        let field = path.strip_prefix("spec.")?;
        if spec.is_some_and(|spec| spec.contains_key(field)) {
            return None;
        }
        let warning = Diagnostic::warning(
            "missing-recommended-field",
            format!(
                "`{path}` is missing; Backstage refuses a {} without it",
                definition.kind
            ),
        )
        .pointing_to(format!("/spec/{}", escape_token(field)))
        .fixed_by(format!("add `{field}: …` under `spec`"));
        Some(match definition.spec_field_description(field) {
            Some(description) => warning.accepting(format!("`{field}`: {description}")),
            None => warning,
        })
    })
}

/// Fields of `spec` that are a slip of the finger away from one that exists.
fn unknown_fields(definition: &KindDefinition, entity: &Entity) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (key, _) in entity.spec().into_iter().flatten() {
        if definition.spec_fields().any(|field| field == key) {
            continue;
        }
        let unused = definition
            .spec_fields()
            .filter(|field| entity.spec().is_none_or(|spec| !spec.contains_key(*field)));
        if let Some(near) = nearest(key, unused) {
            warnings.push(
                Diagnostic::warning(
                    "unknown-field",
                    format!(
                        "`spec.{}` is no field of {} and has no effect",
                        quoted(key),
                        definition.kind
                    ),
                )
                .pointing_to(format!("/spec/{}", escape_token(key)))
                .fixed_by(format!(
                    "rename `{key}` to `{near}` if that is what you mean"
                )),
            );
        }
    }
    warnings
}

fn unread_on_call(unread: UnreadOnCall) -> Diagnostic {
    Diagnostic::warning(
        "unread-on-call",
        format!(
            "`{}` in the annotation {ON_CALL} is no reference: {}",
            quoted(&unread.text),
            unread.problem
        ),
    )
    .pointing_to(unread.pointer)
    .accepting("people and groups separated by commas, such as user:default/kim, group:sre")
    .fixed_by("write the names as the catalog has them, or take the annotation out")
}

fn odd_target(odd: OddTarget) -> Diagnostic {
    let expected = odd.expected.join(" or ");
    Diagnostic::warning(
        "odd-relation-target",
        format!(
            "`{}` refers to `{}`, which is no {expected}",
            odd.field,
            quoted(odd.target.as_ref())
        ),
    )
    .pointing_to(odd.pointer)
    .accepting(format!("a reference to a {expected}"))
    .fixed_by("check the kind at the beginning of the reference")
}

//! From the bytes of one file to entities, each with its place, its remarks
//! and everything that was wrong. One bad document never hurts its neighbours.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::check::{Checked, Recognition, check_document, check_substituted, recognise};
use model::diagnostic::{Diagnostic, Severity};
use model::entity::Entity;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use model::placeholder::Placeholder;
use model::yaml::{Limits, Node, SourceDocument, parse_documents};
use serde_json::{Value, json};

use super::content::{Content, Links, ReadFailure, Todo};
use super::read::Reader;
use super::rules::Rules;
use super::sbom::{self, Sboms};
use super::substitution;
use crate::place::shown;
use crate::source::Source;
use crate::store::SbomReading;
use crate::tier::Tiers;

/// Substitutions in one document, together: a page of text each is plenty.
const MAX_PLACEHOLDERS: usize = 100;

/// An entity that is fit to be stored.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) entity: Entity,
    pub(crate) entity_ref: EntityRef,
    pub(crate) location: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) parent: Option<EntityRef>,
    pub(crate) revision: Option<String>,
    /// What is wrong with it although it can be stored.
    pub(crate) remarks: Vec<Diagnostic>,
    /// The SBOMs that it names.
    pub(crate) sboms: Vec<SbomReading>,
    /// The document with the places of everything in it, where that is kept.
    pub(crate) document: Option<Box<Node>>,
}

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) problems: Vec<(Diagnostic, Option<EntityRef>)>,
    pub(crate) children: Vec<Todo>,
    /// A document could not be understood, so an entity that is missing now
    /// may well be in it.
    pub(crate) broken: bool,
    /// The same bytes give the same entities and remarks under the same
    /// [`judgement`](super::judgement): nothing else was read.
    pub(crate) plain: bool,
}

/// What reading needs, shared by all files of a refresh.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) reader: Arc<Reader>,
    pub(crate) source: Source,
    /// Digests of the SBOMs that are stored, by ref and location.
    pub(crate) sboms: HashMap<(String, String), String>,
    /// What tiers there are, where that is known.
    pub(crate) tiers: Option<Arc<Tiers>>,
    /// When reading began; nothing where nobody remembers what was read.
    pub(crate) started: Option<Timestamp>,
    /// Whether entities keep the document that they come from.
    pub(crate) keep_documents: bool,
}

/// Reads one file and understands it.
pub(crate) async fn read_and_digest(
    context: &Arc<Context>,
    todo: &Todo,
) -> Result<Digest, ReadFailure> {
    match context.reader.read(&todo.location).await {
        Ok(content) => Ok(digest(Arc::clone(context), todo.clone(), content).await),
        Err(failure) if failure.of_content => Ok(Digest::unreadable(todo, failure)),
        Err(failure) => Err(failure),
    }
}

/// Understands one file.
pub(crate) async fn digest(context: Arc<Context>, todo: Todo, content: Content) -> Digest {
    let file = shown(&todo.location.to_string()).to_owned();
    let Content {
        bytes,
        revision,
        links,
    } = content;
    let listed = todo.listed;
    let parsed = tokio::task::spawn_blocking(move || {
        let parsed = parse(&file, &bytes);
        if listed && is_broken_skeleton(&parsed, &bytes) {
            Vec::new()
        } else {
            parsed
        }
    })
    .await
    .unwrap_or_default();
    let mut digest = Digest {
        plain: true,
        ..Digest::default()
    };
    let mut ready = Vec::with_capacity(parsed.len());
    for document in parsed {
        match document {
            Err(problem) => digest.breaks(problem, None),
            Ok(mut draft) => {
                if !draft.placeholders.is_empty() {
                    digest.plain = false;
                    substitute(&context, &todo.location, &mut draft).await;
                }
                if sbom::named(&draft.json) {
                    digest.plain = false;
                    draft.sboms = sboms_of(&context, &todo.location, &draft).await;
                }
                ready.push(draft);
            }
        }
    }
    tokio::task::spawn_blocking(move || {
        for draft in ready {
            judge(
                &context,
                &todo,
                &links,
                revision.as_deref(),
                draft,
                &mut digest,
            );
        }
        digest
    })
    .await
    .unwrap_or_default()
}

impl Digest {
    /// What is said of a file whose content is of no use.
    pub(crate) fn unreadable(todo: &Todo, failure: ReadFailure) -> Self {
        let mut digest = Self::default();
        let file = todo.location.to_string();
        digest.breaks(failure.diagnostic.in_file(shown(&file)), None);
        digest
    }

    /// The first problem of a file with a document that could not be understood.
    pub(crate) fn why_broken(&self) -> Option<Diagnostic> {
        let first = self.problems.first().filter(|_| self.broken);
        first.map(|(problem, _)| problem.clone())
    }

    fn breaks(&mut self, problem: Diagnostic, entity_ref: Option<EntityRef>) {
        self.broken |= problem.severity == Severity::Error;
        self.remarks(problem, entity_ref);
    }

    /// Remarks are kept with the file: they stay until it is read again.
    fn remarks(&mut self, problem: Diagnostic, entity_ref: Option<EntityRef>) {
        self.problems.push((problem, entity_ref));
    }
}

/// A document on its way to becoming an entity.
#[derive(Debug)]
struct Draft {
    document: SourceDocument,
    json: Value,
    placeholders: Vec<Placeholder>,
    remarks: Vec<Diagnostic>,
    /// A substitution was not made, because nothing may be asked of its place.
    left_out: bool,
    sboms: Sboms,
}

fn parse(file: &str, bytes: &[u8]) -> Vec<Result<Draft, Diagnostic>> {
    parse_documents(file, bytes, &Limits::default())
        .into_iter()
        .map(|document| {
            document.map(|document| {
                let json = document.to_json();
                let mut remarks = Vec::new();
                let mut placeholders = Vec::new();
                for found in model::placeholder::find(&json) {
                    match found {
                        Ok(placeholder) => placeholders.push(placeholder),
                        Err(error) => remarks.push(
                            Diagnostic::error("invalid-placeholder", error.to_string())
                                .in_file(file)
                                .at(document.root.place(&error.pointer))
                                .accepting(format!("`{}: ./path/to/file`", error.key))
                                .fixed_by("write the path or URL as a text")
                                .pointing_to(error.pointer),
                        ),
                    }
                }
                Draft {
                    document,
                    json,
                    placeholders,
                    remarks,
                    left_out: false,
                    sboms: Sboms::default(),
                }
            })
        })
        .collect()
}

/// Replaces `$text`, `$json` and `$yaml`. What cannot be read leaves its
/// reference behind as text and a remark on the entity, which stays visible.
async fn substitute(context: &Context, base: &LocationRef, draft: &mut Draft) {
    let placeholders = std::mem::take(&mut draft.placeholders);
    for placeholder in placeholders.iter().take(MAX_PLACEHOLDERS) {
        let value = match substitution::read(context, base, placeholder).await {
            Ok(Some(value)) => value,
            Ok(None) => {
                draft.left_out = true;
                continue;
            }
            Err(failure) => {
                let remark = failure
                    .diagnostic
                    .in_file(shown(&base.to_string()))
                    .at(draft.document.root.place(&format!(
                        "{}/{}",
                        placeholder.pointer,
                        placeholder.format.key()
                    )))
                    .pointing_to(placeholder.pointer.as_str());
                draft.remarks.push(remark);
                Value::String(format!(
                    "{}: {}",
                    placeholder.format.key(),
                    placeholder.target
                ))
            }
        };
        model::placeholder::replace(&mut draft.json, &placeholder.pointer, value);
    }
}

async fn sboms_of(context: &Context, base: &LocationRef, draft: &Draft) -> Sboms {
    let mark = draft
        .document
        .root
        .place("/metadata/annotations/portway.dev~1sbom");
    let entity_ref = recognisable_ref(&draft.json);
    sbom::read(context, base, entity_ref.as_ref(), &draft.json, mark).await
}

fn judge(
    context: &Context,
    todo: &Todo,
    links: &Links,
    revision: Option<&str>,
    draft: Draft,
    digest: &mut Digest,
) {
    let Draft {
        document,
        mut json,
        mut remarks,
        left_out,
        sboms,
        ..
    } = draft;
    remarks.extend(sboms.remarks);
    let location = todo.location.to_string();
    let file = shown(&location);
    // A folder also holds manifests of other tools and skeletons of templates.
    let foreign = matches!(
        recognise(&context.kinds, &json),
        Recognition::Foreign | Recognition::NotAnEntity
    );
    if todo.listed && (foreign || is_skeleton(&json)) {
        return;
    }
    let origin = todo
        .origin
        .clone()
        .unwrap_or_else(|| context.source.location.to_string());
    annotate(&mut json, &location, links, origin);
    let checked = if left_out {
        // That check reports them itself.
        remarks.retain(|remark| remark.code != "invalid-placeholder");
        check_document(&context.kinds, file, &document)
    } else {
        check_substituted(&context.kinds, file, &document, &json)
    };
    match checked {
        Ok(checked) => accept(
            context,
            todo,
            revision,
            (checked, remarks, &document.root),
            sboms.readings,
            digest,
        ),
        Err(problems) => {
            let entity_ref = recognisable_ref(&json);
            for problem in problems.into_iter().chain(remarks) {
                digest.breaks(problem, entity_ref.clone());
            }
        }
    }
}

fn accept(
    context: &Context,
    todo: &Todo,
    revision: Option<&str>,
    (checked, mut remarks, node): (Checked, Vec<Diagnostic>, &Node),
    sboms: Vec<SbomReading>,
    digest: &mut Digest,
) {
    let Checked {
        entity, warnings, ..
    } = checked;
    let location = todo.location.to_string();
    let entity_ref = entity.entity_ref();
    if let Err(refused) = context.rules.check(&entity, &location, &context.source) {
        let refused = refused.in_file(shown(&location)).at(node.place("/kind"));
        digest.remarks(refused, Some(entity_ref));
        return;
    }
    if entity.kind() == "Location" {
        digest.plain = false;
        add_children(context, todo, &entity, node, digest);
    }
    for problem in warnings.into_iter().chain(remarks.iter().cloned()) {
        digest.remarks(problem, Some(entity_ref.clone()));
    }
    if let Some(tiers) = &context.tiers {
        for remark in tiers.remarks(&Value::Object(entity.as_object().clone())) {
            let mark = node.place(remark.pointer.as_deref().unwrap_or_default());
            let remark = remark.in_file(shown(&location)).at(mark);
            digest.remarks(remark, Some(entity_ref.clone()));
        }
    }
    remarks.retain(|remark| remark.severity == Severity::Error);
    digest.candidates.push(Candidate {
        entity_ref,
        entity,
        line: node.mark.line,
        column: node.mark.column,
        location,
        parent: todo.parent.clone(),
        revision: revision.map(str::to_owned),
        remarks,
        sboms,
        document: context.keep_documents.then(|| Box::new(node.clone())),
    });
}

/// The places that a Location entity asks for. One that makes no sense does
/// not keep the others from being read.
fn add_children(context: &Context, todo: &Todo, entity: &Entity, node: &Node, digest: &mut Digest) {
    let spec = entity.spec();
    let own_type = todo.location.location_type();
    let kind = spec
        .and_then(|spec| spec.get("type"))
        .and_then(Value::as_str)
        .unwrap_or(own_type);
    let required = spec
        .and_then(|spec| spec.get("presence"))
        .and_then(Value::as_str)
        != Some("optional");
    let mut targets = Vec::new();
    if let Some(target) = spec
        .and_then(|spec| spec.get("target"))
        .and_then(Value::as_str)
    {
        targets.push(("/spec/target".to_owned(), target.to_owned()));
    }
    let listed = spec
        .and_then(|spec| spec.get("targets"))
        .and_then(Value::as_array);
    for (at, target) in listed.into_iter().flatten().enumerate() {
        if let Some(target) = target.as_str() {
            targets.push((format!("/spec/targets/{at}"), target.to_owned()));
        }
    }
    for (pointer, target) in targets {
        let child = if kind == own_type {
            context.reader.resolve(&todo.location, &target)
        } else {
            context.reader.foreign(own_type, kind, &target)
        };
        match child {
            Ok(location) => digest.children.push(Todo {
                parent: Some(entity.entity_ref()),
                required,
                origin: todo.origin.clone(),
                named_at: Some((todo.location.to_string(), node.place(&pointer))),
                ..Todo::required(location)
            }),
            Err(failure) => {
                let location = todo.location.to_string();
                let problem = failure
                    .diagnostic
                    .in_file(shown(&location))
                    .at(node.place(&pointer));
                digest.remarks(problem, Some(entity.entity_ref()));
            }
        }
    }
}

/// A file with `${{ values.name }}` in its name belongs to a template.
fn is_skeleton(json: &Value) -> bool {
    json.pointer("/metadata/name")
        .and_then(Value::as_str)
        .is_some_and(|name| name.contains("${{"))
}

/// A file that is not YAML because it is a template of some engine.
fn is_broken_skeleton(parsed: &[Result<Draft, Diagnostic>], bytes: &[u8]) -> bool {
    let has = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
    parsed.iter().any(Result::is_err) && (has(b"{{") || has(b"{%"))
}

/// The ref of a document that failed its check, where its parts can be read.
fn recognisable_ref(json: &Value) -> Option<EntityRef> {
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str);
    let namespace = text("/metadata/namespace").unwrap_or("default");
    Some(EntityRef::new(
        text("/kind")?,
        namespace,
        text("/metadata/name")?,
    ))
}

/// Adds what the catalog knows of the place. Links that the author wrote win;
/// the two managed-by annotations are always ours.
fn annotate(json: &mut Value, location: &str, links: &Links, origin: String) {
    let Some(metadata) = json.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
    if annotations.is_null() {
        *annotations = json!({});
    }
    let Some(annotations) = annotations.as_object_mut() else {
        return;
    };
    annotations.insert("backstage.io/managed-by-location".into(), location.into());
    annotations.insert(
        "backstage.io/managed-by-origin-location".into(),
        origin.into(),
    );
    for (key, value) in [
        ("backstage.io/view-url", &links.view),
        ("backstage.io/edit-url", &links.edit),
        ("backstage.io/source-location", &links.source),
    ] {
        if let Some(value) = value
            && !annotations.contains_key(key)
        {
            annotations.insert(key.into(), value.clone().into());
        }
    }
}

/// What Backstage puts into `status` for problems of an entity.
pub(crate) fn status_of(problems: &[Diagnostic]) -> Option<String> {
    if problems.is_empty() {
        return None;
    }
    let items: Vec<Value> = problems
        .iter()
        .map(|problem| {
            let level = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            json!({
                "type": "backstage.io/catalog-processing",
                "level": level,
                "message": format!("InputError: {}", problem.message),
                "error": { "name": "InputError", "message": problem.to_string() },
            })
        })
        .collect();
    Some(json!({ "items": items }).to_string())
}

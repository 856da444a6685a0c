//! What is wrong between entities that are each fine: two with one name,
//! references that lead nowhere, groups that contain themselves.

use std::collections::{BTreeMap, BTreeSet};

use model::EntityRef;
use model::diagnostic::Diagnostic;
use model::kinds::Kinds;
use serde_json::Value;

use super::Found;

/// The same entity written twice: only one of them can be in the catalog.
pub(super) fn duplicates(found: &[Found], findings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<EntityRef, &Found> = BTreeMap::new();
    for item in found {
        let name = item.entity.entity_ref();
        if let Some(other) = first.get(&name) {
            let place = other.node.place("/metadata/name");
            findings.push(
                Diagnostic::error(
                    "duplicate-entity",
                    format!(
                        "{name} is written twice; the other one is at {}:{}:{}",
                        other.file, place.line, place.column
                    ),
                )
                .in_file(&item.file)
                .at(item.node.place("/metadata/name"))
                .pointing_to("/metadata/name")
                .accepting("each kind, namespace and name once")
                .fixed_by("remove one of the two, or give it another name or namespace"),
            );
        } else {
            first.insert(name, item);
        }
    }
}

/// References to entities that are in none of the files.
pub(super) fn dangling(kinds: &Kinds, found: &[Found], findings: &mut Vec<Diagnostic>) {
    let known: BTreeSet<EntityRef> = found.iter().map(|item| item.entity.entity_ref()).collect();
    for item in found {
        for (pointer, target) in references(kinds, item) {
            if known.contains(&target) {
                continue;
            }
            let finding = Diagnostic::warning(
                "dangling-reference",
                format!("{target} is in none of the validated files"),
            )
            .in_file(&item.file)
            .at(item.node.place(&pointer))
            .pointing_to(pointer);
            findings.push(match alike(&target, &known) {
                Some(near) => finding.fixed_by(format!("write {near} if that is what you mean")),
                None => finding.fixed_by(
                    "add the entity, or leave this as it is when it lives in another repository",
                ),
            });
        }
    }
}

/// The references of an entity, each with the JSON pointer of its text.
fn references(kinds: &Kinds, item: &Found) -> Vec<(String, EntityRef)> {
    let fields = kinds
        .of(&item.entity)
        .map(|kind| kind.relations.as_slice())
        .unwrap_or_default();
    let mut all = Vec::new();
    for field in fields {
        let pointer = format!("/{}", field.field.replace('.', "/"));
        let mut add = |pointer: String, value: &Value| {
            let read = EntityRef::from_value(
                value,
                field.default_kind.as_deref(),
                Some(item.entity.namespace()),
            );
            all.extend(read.ok().map(|target| (pointer, target)));
        };
        let mut steps = field.field.split('.');
        let start = steps
            .next()
            .and_then(|step| item.entity.as_object().get(step));
        match steps
            .try_fold(start, |value, step| Some(value?.get(step)))
            .flatten()
        {
            Some(Value::Array(items)) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, value)| add(format!("{pointer}/{index}"), value));
            }
            Some(Value::String(text)) if text.is_empty() => {}
            Some(value) => add(pointer, value),
            None => {}
        }
    }
    all
}

/// A known entity with the same name in another kind or namespace, or of the
/// same kind with a name that differs in dashes, letter case or a plural only.
fn alike<'a>(target: &EntityRef, known: &'a BTreeSet<EntityRef>) -> Option<&'a EntityRef> {
    let bare = |name: &str| -> String {
        let letters: String = name
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect();
        letters.trim_end_matches('s').to_owned()
    };
    let same_name = known.iter().find(|other| other.name() == target.name());
    let wanted = bare(target.name());
    same_name.or_else(|| {
        known
            .iter()
            .find(|other| other.kind() == target.kind() && bare(other.name()) == wanted)
    })
}

/// Groups that are their own parent through others.
pub(super) fn circles(found: &[Found], findings: &mut Vec<Diagnostic>) {
    let parents: BTreeMap<EntityRef, (EntityRef, &Found)> = found
        .iter()
        .filter(|item| item.entity.kind() == "Group")
        .filter_map(|item| {
            let parent = item.entity.spec_text("parent")?;
            let parent =
                EntityRef::parse(parent, Some("group"), Some(item.entity.namespace())).ok()?;
            Some((item.entity.entity_ref(), (parent, item)))
        })
        .collect();
    let mut told = BTreeSet::new();
    for start in parents.keys() {
        let mut way = vec![start];
        let mut at = start;
        while let Some((parent, _)) = parents.get(at) {
            if parent == start {
                break;
            }
            if way.contains(&parent) {
                way.clear();
                break;
            }
            way.push(parent);
            at = parent;
        }
        let closed = parents.get(at).is_some_and(|(parent, _)| parent == start);
        let Some((_, item)) = parents.get(start).filter(|_| closed && !way.is_empty()) else {
            continue;
        };
        if way.iter().any(|group| told.contains(*group)) {
            continue;
        }
        let names: Vec<&str> = way
            .iter()
            .map(|group| group.as_str())
            .chain([start.as_str()])
            .collect();
        findings.push(
            Diagnostic::error(
                "group-circle",
                format!("groups contain themselves: {}", names.join(" → ")),
            )
            .in_file(&item.file)
            .at(item.node.place("/spec/parent"))
            .pointing_to("/spec/parent")
            .accepting("parents that end at a group without a parent")
            .fixed_by("remove `parent` from one of these groups"),
        );
        told.extend(way.into_iter().cloned());
    }
}

//! From what discovery found to entities and places to read.

use std::time::Duration;

use forge::discovery::Discovery;
use forge::org::OrgEntities;
use jiff::Timestamp;
use model::check::check_json;
use model::diagnostic::{Diagnostic, Severity};
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use serde_json::{Value, json};

use super::content::{ReadFailure, Todo};
use super::digest::Candidate;
use super::read::{Start, location_entity};
use crate::source::{Origin, Source, generated_location_ref};

/// The time of the last push counts in whole seconds, and listings may lag.
/// What is younger than this is read again, so that no push is missed.
const SETTLED: Duration = Duration::from_secs(60);
/// GitLab moves `last_activity_at` at most once an hour.
const SETTLED_GITLAB: Duration = Duration::from_secs(65 * 60);

/// The Locations of the repositories that a discovery found.
pub(super) fn files_start(source: &Source, discovery: Discovery, now: Timestamp) -> Start {
    let place = source.location.to_string();
    let mut start = Start::default();
    for skipped in discovery.skipped {
        let note = Diagnostic::new(
            Severity::Info,
            super::PASSED_OVER,
            format!("{}: {}", skipped.repository, skipped.reason),
        );
        start.notes.push((place.clone(), note));
    }
    unknown(&mut start, &place, discovery.notes);
    let settled = if source.location.location_type().starts_with("gitlab") {
        SETTLED_GITLAB
    } else {
        SETTLED
    };
    for found in discovery.found {
        let Ok(location) = LocationRef::new("url", &found.url) else {
            continue;
        };
        let own = location.to_string();
        // In Backstage a provider's locations start chains of their own, and
        // those of a discovery location belong to its chain.
        let origin = matches!(source.origin, Origin::Provider(_)).then(|| own.clone());
        let managed = if origin.is_some() {
            own.as_str()
        } else {
            place.as_str()
        };
        let entity_ref = generated_location_ref(&location);
        if let Some(entity) = location_entity(&entity_ref, &location, false, (managed, managed)) {
            start.entities.push(Candidate::made(
                entity,
                place.clone(),
                Some(source.entity_ref.clone()),
            ));
        }
        // Nothing has been pushed, so nothing has changed.
        let pushed = found.repository.pushed_at.filter(|at| {
            Duration::try_from(now.duration_since(*at)).is_ok_and(|age| age > settled)
        });
        start.todos.push(Todo {
            parent: Some(entity_ref),
            required: false,
            hint: pushed.map(|at| at.to_string()),
            origin,
            ..Todo::required(location)
        });
    }
    start
}

/// What could not be read of a listing is unknown, not gone.
fn unknown(start: &mut Start, place: &str, unread: Vec<String>) {
    for note in unread {
        let failure = ReadFailure::new(
            "forge",
            note,
            "nothing to do here; it is tried again by itself",
        );
        start.failures.push((place.to_owned(), failure));
    }
}

/// The people and teams of an organisation.
pub(super) fn people_start(source: &Source, kinds: &Kinds, people: OrgEntities) -> Start {
    let place = source.location.to_string();
    let mut start = Start::default();
    unknown(&mut start, &place, people.unread);
    for note in people.notes {
        start.notes.push((
            place.clone(),
            Diagnostic::new(Severity::Info, super::PASSED_OVER, note),
        ));
    }
    entities_start(&mut start, source, kinds, people.entities);
    start
}

/// Entities that a source itself has, checked as those of files are.
pub(super) fn entities_start(
    start: &mut Start,
    source: &Source,
    kinds: &Kinds,
    entities: Vec<Value>,
) {
    let place = source.location.to_string();
    for mut entity in entities {
        annotate(&mut entity, &place);
        match check_json(kinds, &entity) {
            Ok(checked) => {
                start.entities.push(Candidate::made(
                    checked.entity,
                    place.clone(),
                    Some(source.entity_ref.clone()),
                ));
            }
            Err(problems) => {
                let problems = problems
                    .into_iter()
                    .map(|problem| (place.clone(), problem.into_diagnostic()));
                start.notes.extend(problems);
            }
        }
    }
}

/// Where the forge has no page for it, the source stands in. A host with a
/// port cannot be part of an annotation's key, so the port is left out.
fn annotate(entity: &mut Value, place: &str) {
    let Some(metadata) = entity.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(annotations) = metadata
        .entry("annotations")
        .or_insert_with(|| json!({}))
        .as_object_mut()
    {
        let keys: Vec<String> = annotations
            .keys()
            .filter(|key| key.contains(':'))
            .cloned()
            .collect();
        for key in keys {
            let value = annotations.remove(&key).unwrap_or_default();
            if let Some((host, rest)) = key.split_once(':')
                && let Some((_, name)) = rest.split_once('/')
            {
                annotations.insert(format!("{host}/{name}"), value);
            }
        }
        for key in [
            "backstage.io/managed-by-location",
            "backstage.io/managed-by-origin-location",
        ] {
            annotations.entry(key).or_insert_with(|| place.into());
        }
    }
}

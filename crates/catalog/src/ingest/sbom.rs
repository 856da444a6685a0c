//! The SBOMs that an entity names in the annotation `portway.dev/sbom`, read
//! under the same rules as `$text`: in the tree or repository of the entity's
//! file, or at an address that may be read.

use model::diagnostic::{Diagnostic, Severity};
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use model::yaml::Mark;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::digest::Context;
use crate::packages::{self, SBOM_ANNOTATION};
use crate::place::shown;
use crate::store::{NewSbom, SbomReading, SbomState};

/// More SBOMs of one entity are refused.
const MAX_SBOMS: usize = 20;
/// Changes whenever the same bytes may give other packages.
const READER_VERSION: &str = "1";
/// Marks the digest of an SBOM with remarks, which are made again each time.
const REMARKED: &str = "!";

/// What came of the SBOMs that one document names.
#[derive(Debug, Default)]
pub(super) struct Sboms {
    pub(super) readings: Vec<SbomReading>,
    pub(super) remarks: Vec<Diagnostic>,
}

/// Whether a document names SBOMs, so that its file must be read each time.
pub(super) fn named(json: &Value) -> bool {
    targets(json).is_some()
}

fn targets(json: &Value) -> Option<&str> {
    json.pointer("/metadata/annotations")?
        .get(SBOM_ANNOTATION)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

/// Reads the SBOMs of one document. `mark` is the place of the annotation.
pub(super) async fn read(
    context: &Context,
    base: &LocationRef,
    entity_ref: Option<&EntityRef>,
    json: &Value,
    mark: Mark,
) -> Sboms {
    let mut sboms = Sboms::default();
    let Some(targets) = targets(json) else {
        return sboms;
    };
    let here = |problem: Diagnostic| {
        problem
            .in_file(shown(&base.to_string()))
            .at(mark)
            .pointing_to("/metadata/annotations/portway.dev~1sbom")
    };
    let targets: Vec<&str> = targets
        .split(',')
        .map(str::trim)
        .filter(|target| !target.is_empty())
        .collect();
    if targets.len() > MAX_SBOMS {
        let problem = Diagnostic::warning(
            "sbom-too-many",
            format!(
                "{SBOM_ANNOTATION} names {} SBOMs; the first {MAX_SBOMS} are read",
                targets.len()
            ),
        )
        .accepting(format!(
            "up to {MAX_SBOMS} paths or addresses with commas between them"
        ))
        .fixed_by("put the SBOMs of the modules together into one");
        sboms.remarks.push(here(problem));
    }
    for target in targets.into_iter().take(MAX_SBOMS) {
        let (reading, remarks) = one(context, base, entity_ref, target, &here).await;
        // Two ways to write one place are one SBOM.
        if !sboms
            .readings
            .iter()
            .any(|known| known.location == reading.location)
        {
            sboms.readings.push(reading);
            sboms.remarks.extend(remarks);
        }
    }
    sboms
}

async fn one(
    context: &Context,
    base: &LocationRef,
    entity_ref: Option<&EntityRef>,
    target: &str,
    here: &impl Fn(Diagnostic) -> Diagnostic,
) -> (SbomReading, Vec<Diagnostic>) {
    let kept = |location: String| SbomReading {
        location,
        state: SbomState::Kept,
    };
    let unreadable = |mut problem: Diagnostic| {
        problem.message = format!("The SBOM {target} cannot be read: {}", problem.message);
        here(problem)
    };
    let place = match context.reader.substitution(base, target) {
        Ok(place) => place,
        Err(failure) => {
            return (
                kept(target.to_owned()),
                vec![unreadable(failure.diagnostic)],
            );
        }
    };
    let location = place.to_string();
    if !context.reader.reaches(&place) {
        return (kept(location), Vec::new());
    }
    let content = match context.reader.read(&place).await {
        Ok(content) => content,
        Err(failure) => return (kept(location), vec![unreadable(failure.diagnostic)]),
    };
    let hash = fingerprint(&content.bytes);
    let known = entity_ref.and_then(|entity_ref| {
        let key = (entity_ref.as_str().to_owned(), location.clone());
        context.sboms.get(&key)
    });
    if known == Some(&hash) {
        return (kept(location), Vec::new());
    }
    let file = shown(&location).to_owned();
    let parsed = tokio::task::spawn_blocking(move || packages::read(&file, &content.bytes)).await;
    match parsed {
        Ok(Ok(mut bom)) => {
            let remarks = std::mem::take(&mut bom.remarks);
            let hash = match remarks.as_slice() {
                [] => hash,
                _ => format!("{hash}{REMARKED}"),
            };
            if known == Some(&hash) {
                return (kept(location), remarks);
            }
            let new = NewSbom {
                hash,
                revision: content.revision,
                bom,
            };
            let state = SbomState::Read(Box::new(new));
            (SbomReading { location, state }, remarks)
        }
        Ok(Err(problem)) => (kept(location), vec![*problem]),
        Err(error) => {
            let problem = Diagnostic::new(Severity::Error, "internal", error.to_string())
                .fixed_by("report this as a bug");
            (kept(location), vec![unreadable(problem)])
        }
    }
}

fn fingerprint(bytes: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(READER_VERSION);
    hasher.update(bytes);
    hex::encode(hasher.finalize())
}

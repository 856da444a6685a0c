//! `POST /analyze-location`: what is at a place, before it is registered.

use model::location_ref::LocationRef;
use platform::error::ApiError;
use platform::request::{Body, Call};
use serde_json::{Value, json};

use super::Answer;
use super::answer::json_answer;
use crate::engine::Catalog;

/// Lists the entities that are there already, or proposes a first one.
pub(super) async fn analyze(catalog: Catalog, call: Call) -> Answer {
    let body = call.object()?;
    let body = Body::new(&body);
    body.text("catalogFileName")?;
    let location = body.required_object("location")?;
    let kind = location.required_text("type")?;
    let target = location.required_text("target")?;
    let location = LocationRef::new(kind, target)
        .map_err(|error| ApiError::input(error.to_string()).accepted(error.accepted()))?;
    let scm = catalog
        .ingestion
        .web
        .integrations
        .parse(target)
        .ok()
        .filter(|scm| scm.forge.is_some());
    let registered = catalog.store.source_at(&location).await?.is_some();
    let (_, preview) = catalog.preview(&call.caller, location.clone()).await?;
    // Without a code host Backstage does not look; it proposes.
    let existing: Vec<Value> = match scm {
        None => Vec::new(),
        Some(_) => preview
            .candidates
            .iter()
            .filter(|candidate| candidate.line > 0)
            .map(|candidate| {
                json!({
                    "location": { "type": location.location_type(), "target": target },
                    "isRegistered": registered,
                    "entity": candidate.entity.to_json(),
                })
            })
            .collect(),
    };
    let generated = if existing.is_empty() {
        vec![proposal(target, scm.as_ref())]
    } else {
        Vec::new()
    };
    json_answer(&json!({ "existingEntityFiles": existing, "generateEntities": generated }))
}

fn proposal(target: &str, scm: Option<&forge::scm_url::ScmUrl>) -> Value {
    let last = target
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(target);
    let name = scm.map_or(last, |scm| scm.repo.as_str());
    let mut metadata = json!({ "name": name });
    if let (Some(scm), Some(fields)) = (scm, metadata.as_object_mut()) {
        let key = format!("{}/project-slug", scm.host);
        fields.insert("annotations".into(), json!({ key: scm.slug() }));
    }
    json!({
        "entity": {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": metadata,
            "spec": { "type": "other", "lifecycle": "unknown" },
        },
        "fields": [],
    })
}

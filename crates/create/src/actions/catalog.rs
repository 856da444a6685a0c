//! `catalog:*`: what was made becomes known, and what is known is looked up.

use ::catalog::Catalog;
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use platform::action::{Plan, PlannedChange};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::action::{Outcome, StepAction, StepError, input_of};
use crate::context::{LeftBehind, StepContext};

pub(super) fn actions(catalog: &Catalog) -> Vec<StepAction> {
    vec![register(catalog), write(), fetch(catalog)]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Register {
    catalog_info_url: Option<String>,
    repo_contents_url: Option<String>,
    catalog_info_path: Option<String>,
    #[serde(default)]
    optional: bool,
}

impl Register {
    /// The address of the file that is registered.
    fn url(&self, catalog: &Catalog) -> Result<String, StepError> {
        if let Some(url) = &self.catalog_info_url {
            return Ok(url.clone());
        }
        let contents = self.repo_contents_url.as_deref().unwrap_or_default();
        let path = self
            .catalog_info_path
            .as_deref()
            .unwrap_or("/catalog-info.yaml");
        let path = path.trim_start_matches('/');
        let integrations = &catalog.web().integrations;
        if let Ok(scm) = integrations.parse(contents)
            && scm.forge.is_some()
        {
            let whole = match scm.path.trim_matches('/') {
                "" => path.to_owned(),
                folder => format!("{folder}/{path}"),
            };
            let file = scm
                .with_path(&whole)
                .with_kind(forge::scm_url::UrlKind::Blob);
            return Ok(file.to_string());
        }
        Ok(format!("{}/{path}", contents.trim_end_matches('/')))
    }
}

fn register(catalog: &Catalog) -> StepAction {
    let (running, planning) = (catalog.clone(), catalog.clone());
    StepAction::new(
        "catalog:register",
        "Registers a catalog file, and answers the entity that it declares.",
        move |context, input| {
            let catalog = running.clone();
            async move { run_register(&catalog, &context, input_of(input)?).await }
        },
    )
    .takes(json!({
        "type": "object",
        "anyOf": [
            {
                "required": ["catalogInfoUrl"],
                "additionalProperties": false,
                "properties": {
                    "catalogInfoUrl": { "type": "string", "description": "The address of the file" },
                    "optional": { "type": "boolean", "description": "Goes on when it cannot be registered" },
                },
            },
            {
                "required": ["repoContentsUrl"],
                "additionalProperties": false,
                "properties": {
                    "repoContentsUrl": { "type": "string", "description": "The address of the repository's root" },
                    "catalogInfoPath": { "type": "string", "description": "The file below it; /catalog-info.yaml if left out" },
                    "optional": { "type": "boolean" },
                },
            },
        ],
    }))
    .gives(json!({
        "type": "object",
        "required": ["catalogInfoUrl"],
        "properties": {
            "entityRef": { "type": "string" },
            "catalogInfoUrl": { "type": "string" },
        },
    }))
    .example(
        "Register what was published",
        "steps:\n  - action: catalog:register\n    id: register\n    input:\n      repoContentsUrl: ${{ steps.publish.output.repoContentsUrl }}\n      catalogInfoPath: /catalog-info.yaml\n",
    )
    .planned_by(move |_, input| {
        let catalog = planning.clone();
        async move {
            let input: Register = input_of(input)?;
            let url = input.url(&catalog)?;
            Ok(Plan {
                summary: format!("registers {url}"),
                changes: vec![PlannedChange {
                    effect: "create",
                    subject: format!("url:{url}"),
                    detail: None,
                }],
            })
        }
    })
}

async fn run_register(
    catalog: &Catalog,
    context: &StepContext,
    input: Register,
) -> Result<Outcome, StepError> {
    let url = input.url(catalog)?;
    context
        .log()
        .info(&format!("Registering {url} in the catalog"));
    let location =
        LocationRef::new("url", &url).map_err(|error| StepError::new(error.to_string()))?;
    let ours = context.begun("register").await?;
    let known = catalog
        .store()
        .source_at(&location)
        .await?
        .filter(|_| !ours);
    if known.is_some() && !input.optional {
        return Err(
            StepError::new(format!("Location {location} already exists"))
                .fixed_by("leave this step away, or set `optional: true`"),
        );
    }
    let found = context
        .once(
            "register",
            || async {
                // Registered before this program was stopped; what it declares
                // may not have been read since.
                match catalog.store().source_at(&location).await? {
                    Some(source) => Ok(Some(catalog.first_read(&source).await?.id.into())),
                    None => Ok(None),
                }
            },
            || async {
                if let (Some(known), true) = (&known, input.optional) {
                    return Ok(known.id.clone().into());
                }
                let source = catalog.register(context.caller(), location.clone()).await?;
                Ok(source.id.into())
            },
        )
        .await;
    let id = match found {
        Ok(id) => id,
        Err(error) if input.optional => {
            context
                .log()
                .warn(&format!("{url} could not be registered: {error}"));
            return Ok(Outcome::with(json!({ "catalogInfoUrl": url })));
        }
        Err(error) => return Err(error),
    };
    let id = id.as_str().unwrap_or_default();
    if known.is_none() {
        context
            .left_behind(&LeftBehind {
                what: format!("location {url}"),
                url: None,
                undo: "remove it on the page of its source".to_owned(),
            })
            .await?;
    }
    let refs = declared(catalog, context, id).await?;
    let made_up = |one: &&EntityRef| one.name().starts_with("generated-");
    let chosen = refs
        .iter()
        .find(|one| one.kind() == "component" && !made_up(one))
        .or_else(|| refs.iter().find(|one| !made_up(one)))
        .or_else(|| refs.first());
    let Some(chosen) = chosen else {
        let why = why_nothing(catalog, id).await?;
        if input.optional {
            context.log().warn(&format!("{url}: {why}"));
            return Ok(Outcome::with(json!({ "catalogInfoUrl": url })));
        }
        return Err(StepError::new(format!(
            "{url} is registered, and nothing came of it: {why}"
        ))
        .fixed_by("correct the file; its source is read again by itself"));
    };
    Ok(Outcome::with(
        json!({ "entityRef": chosen.as_str(), "catalogInfoUrl": url }),
    ))
}

/// What a source declares, besides Locations.
async fn declared(
    catalog: &Catalog,
    context: &StepContext,
    id: &str,
) -> Result<Vec<EntityRef>, StepError> {
    let of_source = || async {
        let mut refs = catalog.store().refs_of_source(id).await?;
        refs.retain(|one| one.kind() != "location");
        Ok::<_, StepError>(refs)
    };
    let refs = of_source().await?;
    if !refs.is_empty() || !catalog.store().problems(Some(id)).await?.is_empty() {
        return Ok(refs);
    }
    // Its first refresh may have been cut off, by a host or by a stop.
    if let Err(error) = catalog.read_again(context.caller(), id).await {
        context.log().warn(&error.message);
    }
    of_source().await
}

/// Why a source declares nothing.
async fn why_nothing(catalog: &Catalog, id: &str) -> Result<String, StepError> {
    if let Some(row) = catalog.store().problems(Some(id)).await?.first() {
        return Ok(format!(
            "{}:{}:{}: {}",
            row.file, row.line, row.column, row.message
        ));
    }
    let source = catalog.store().source(id).await?;
    Ok(source
        .and_then(|source| source.state.last_error)
        .unwrap_or_else(|| "it declares no entity".to_owned()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Write {
    entity: Map<String, Value>,
    file_path: Option<String>,
}

fn write() -> StepAction {
    StepAction::new(
        "catalog:write",
        "Writes an entity as a catalog file into the workspace.",
        |context, input| async move {
            let input: Write = input_of(input)?;
            let path = input.file_path.as_deref().unwrap_or("catalog-info.yaml");
            let mut entity = input.entity;
            if let Some(template) = &context.template().entity_ref {
                annotate(&mut entity, "backstage.io/source-template", template);
            }
            context.log().info(&format!("Writing {path}"));
            let text = model::yaml::to_yaml(&Value::Object(entity));
            context.workspace().write(path, text.as_bytes(), false)?;
            Ok(Outcome::done())
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["entity"],
        "additionalProperties": false,
        "properties": {
            "filePath": { "type": "string", "description": "catalog-info.yaml if left out" },
            "entity": { "type": "object", "description": "The document", "additionalProperties": true },
        },
    }))
    .example(
        "Write a component",
        "steps:\n  - action: catalog:write\n    id: write\n    input:\n      entity:\n        apiVersion: backstage.io/v1alpha1\n        kind: Component\n        metadata:\n          name: ${{ parameters.name }}\n        spec:\n          type: service\n          lifecycle: production\n          owner: ${{ parameters.owner }}\n",
    )
    .runs_in_dry_run()
}

fn annotate(entity: &mut Map<String, Value>, key: &str, value: &str) {
    let object = |value: &mut Value| {
        if !value.is_object() {
            *value = json!({});
        }
    };
    let metadata = entity.entry("metadata").or_insert_with(|| json!({}));
    object(metadata);
    if let Some(metadata) = metadata.as_object_mut() {
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        object(annotations);
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.insert(key.to_owned(), value.into());
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fetch {
    entity_ref: Option<String>,
    entity_refs: Option<Vec<String>>,
    #[serde(default)]
    optional: bool,
    default_kind: Option<String>,
    default_namespace: Option<String>,
}

fn fetch(catalog: &Catalog) -> StepAction {
    let catalog = catalog.clone();
    StepAction::new(
        "catalog:fetch",
        "Looks entities up in the catalog, as whoever started the task sees it.",
        move |context, input| {
            let catalog = catalog.clone();
            async move { look_up(&catalog, &context, &input_of(input)?) }
        },
    )
    .takes(json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "entityRef": { "type": "string", "description": "One entity" },
            "entityRefs": { "type": "array", "items": { "type": "string" }, "description": "Several" },
            "optional": { "type": "boolean", "description": "What is not there is null" },
            "defaultKind": { "type": "string" },
            "defaultNamespace": { "type": "string" },
        },
    }))
    .gives(json!({
        "type": "object",
        "properties": { "entity": { "type": "object" }, "entities": { "type": "array" } },
    }))
    .example(
        "Look the owner up",
        "steps:\n  - action: catalog:fetch\n    id: owner\n    input:\n      entityRef: ${{ parameters.owner }}\n      defaultKind: group\n",
    )
    .runs_in_dry_run()
}

fn look_up(catalog: &Catalog, context: &StepContext, input: &Fetch) -> Result<Outcome, StepError> {
    let one = |text: &str| -> Result<Value, StepError> {
        let parsed = EntityRef::parse(
            text,
            input.default_kind.as_deref(),
            input.default_namespace.as_deref(),
        )
        .map_err(|error| StepError::new(error.to_string()))?;
        let index = catalog.model().index();
        let visible = catalog::visible_to(context.caller());
        let seen = visible.is_none_or(|visible| index.matches(&parsed, &visible));
        match index.get(&parsed).filter(|_| seen) {
            Some(entity) => Ok(entity.to_value()),
            None if input.optional => Ok(Value::Null),
            None => Err(StepError::new(format!("Entity {parsed} not found"))
                .fixed_by("correct the reference, or set `optional: true`")),
        }
    };
    match (&input.entity_ref, &input.entity_refs) {
        (Some(text), _) => Ok(Outcome::with(json!({ "entity": one(text)? }))),
        (None, Some(texts)) => {
            let entities: Vec<Value> = texts
                .iter()
                .map(|text| one(text))
                .collect::<Result<_, _>>()?;
            Ok(Outcome::with(json!({ "entities": entities })))
        }
        (None, None) if input.optional => Ok(Outcome::done()),
        (None, None) => Err(StepError::new("Missing entity reference or references")
            .accepting("`entityRef` or `entityRefs`")),
    }
}

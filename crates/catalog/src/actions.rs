//! What can be done with the catalog, each defined once for every door.

use std::future::Future;

use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use platform::action::{Action, Plan, PlannedChange};
use platform::actor::Caller;
use platform::error::ApiError;
use serde_json::{Value, json};

use crate::engine::Catalog;
use crate::onboarding::{Draft, Effect};
use crate::permission;

/// The catalog's actions.
pub(crate) fn actions(catalog: &Catalog) -> Vec<Action> {
    vec![
        register(catalog),
        propose(catalog),
        unregister(catalog),
        refresh(catalog),
        confirm_deletion(catalog),
        delete(catalog),
    ]
}

fn register(catalog: &Catalog) -> Action {
    Action::new(
        "catalog:register",
        "Register a location and read its entities.",
        permission::LOCATION_CREATE,
        (
            object(
                &[("type", "url"), ("target", "The address of a catalog file")],
                &["target"],
            ),
            object(
                &[
                    ("id", "The location's id"),
                    ("entityRef", "The Location entity"),
                ],
                &["id"],
            ),
        ),
        bound(catalog, |catalog, caller, input| async move {
            let (source, preview) = catalog.preview(&caller, location_of(&input)?).await?;
            let changes = preview
                .candidates
                .iter()
                .map(|candidate| PlannedChange {
                    effect: "create",
                    subject: candidate.entity_ref.to_string(),
                    detail: Some(format!("{}:{}", candidate.location, candidate.line)),
                })
                .collect();
            Ok(Plan {
                summary: format!("Registers {}", source.location),
                changes,
            })
        }),
        bound(catalog, |catalog, caller, input| async move {
            let source = catalog.register(&caller, location_of(&input)?).await?;
            Ok(json!({ "id": source.id, "entityRef": source.entity_ref.to_string() }))
        }),
    )
}

fn propose(catalog: &Catalog) -> Action {
    Action::new(
        "catalog:propose",
        "Open a pull request that adds a catalog file to a repository.",
        permission::LOCATION_CREATE,
        (
            object(
                &[
                    (
                        "repository",
                        "An address of the repository; a branch in it is the one that the pull request is for",
                    ),
                    ("path", "Path of the file from the root of the repository"),
                    ("content", "The file: YAML that the catalog would take"),
                ],
                &["repository", "content"],
            ),
            object(
                &[
                    ("url", "The pull request"),
                    ("branch", "The branch that was made for it"),
                    ("location", "Where the file will be after the merge"),
                ],
                &["url", "branch", "location"],
            ),
        ),
        bound(catalog, |catalog, caller, input| async move {
            let prepared = catalog.prepare(&caller, &draft_of(&input)).await?;
            let mut changes = vec![
                PlannedChange {
                    effect: "create",
                    subject: prepared.branch().to_owned(),
                    detail: Some(format!(
                        "branch of {}, from {}",
                        prepared.slug, prepared.base
                    )),
                },
                PlannedChange {
                    effect: "create",
                    subject: prepared.path().to_owned(),
                    detail: Some(prepared.file.target().to_owned()),
                },
            ];
            changes.extend(prepared.review.entities.iter().map(|one| PlannedChange {
                effect: match one.effect {
                    Effect::New => "create",
                    Effect::Changed => "update",
                    Effect::Taken { .. } | Effect::Twice | Effect::Same => "none",
                },
                subject: one.entity_ref.to_string(),
                detail: Some("after the merge and registration".to_owned()),
            }));
            Ok(Plan {
                summary: format!("Opens a pull request in {}", prepared.slug),
                changes,
            })
        }),
        bound(catalog, |catalog, caller, input| async move {
            let (made, file) = catalog.propose(&caller, &draft_of(&input)).await?;
            Ok(json!({ "url": made.url, "branch": made.branch, "location": file.target() }))
        }),
    )
}

fn draft_of(input: &Value) -> Draft {
    let path = text(input, "path");
    Draft {
        repository: text(input, "repository").to_owned(),
        path: if path.is_empty() {
            "catalog-info.yaml"
        } else {
            path
        }
        .to_owned(),
        content: text(input, "content").to_owned(),
    }
}

fn unregister(catalog: &Catalog) -> Action {
    Action::new(
        "catalog:unregister",
        "Remove a registered location with everything it brought.",
        permission::LOCATION_DELETE,
        (
            object(&[("id", "The location's id")], &["id"]),
            json!({ "type": "object" }),
        ),
        bound(catalog, |catalog, _caller, input| async move {
            let source = catalog.require_source(text(&input, "id")).await?;
            let rows = catalog.store.rows_of_source(&source.id).await?;
            let changes = rows
                .into_iter()
                .map(|row| planned("delete", &row.entity_ref))
                .collect();
            Ok(Plan {
                summary: format!("Removes {}", source.location),
                changes,
            })
        }),
        bound(catalog, |catalog, caller, input| async move {
            catalog.unregister(&caller, text(&input, "id")).await?;
            Ok(json!({}))
        }),
    )
}

fn refresh(catalog: &Catalog) -> Action {
    Action::new(
        "catalog:refresh",
        "Have the source of an entity, or a source by its id, read again at once.",
        permission::ENTITY_REFRESH,
        (
            object(
                &[
                    ("entityRef", "An entity"),
                    ("sourceId", "Or the id of a source"),
                ],
                &[],
            ),
            json!({ "type": "object" }),
        ),
        bound(catalog, |catalog, _caller, input| async move {
            let subject = match input.get("sourceId").and_then(Value::as_str) {
                Some(id) => catalog.require_source(id).await?.location.to_string(),
                None => entity_of(&input)?.to_string(),
            };
            Ok(Plan {
                summary: format!("Reads {subject} again"),
                changes: Vec::new(),
            })
        }),
        bound(catalog, |catalog, caller, input| async move {
            match input.get("sourceId").and_then(Value::as_str) {
                Some(id) => catalog.refresh_source(&caller, id).await?,
                None => {
                    catalog.refresh(&caller, &entity_of(&input)?).await?;
                }
            }
            Ok(json!({}))
        }),
    )
}

fn confirm_deletion(catalog: &Catalog) -> Action {
    Action::new(
        "catalog:confirm-deletion",
        "Let a deletion happen that is held because it is a large part of its source.",
        permission::LOCATION_DELETE,
        (
            object(&[("sourceId", "The id of the source")], &["sourceId"]),
            json!({ "type": "object" }),
        ),
        bound(catalog, |catalog, _caller, input| async move {
            let source = catalog.require_source(text(&input, "sourceId")).await?;
            let refs = source.state.held.map(|held| held.refs).unwrap_or_default();
            let changes = refs
                .iter()
                .map(|held| PlannedChange {
                    effect: "delete",
                    subject: held.clone(),
                    detail: None,
                })
                .collect();
            Ok(Plan {
                summary: format!("Deletes {} entities of {}", refs.len(), source.location),
                changes,
            })
        }),
        bound(catalog, |catalog, caller, input| async move {
            let count = catalog
                .confirm_deletion(&caller, text(&input, "sourceId"))
                .await?;
            Ok(json!({ "entities": count }))
        }),
    )
}

fn delete(catalog: &Catalog) -> Action {
    Action::new(
        "catalog:delete-entity",
        "Remove an entity. While its source declares it, it comes back with the next refresh.",
        permission::ENTITY_DELETE,
        (
            object(&[("entityRef", "The entity")], &["entityRef"]),
            json!({ "type": "object" }),
        ),
        bound(catalog, |_catalog, _caller, input| async move {
            let entity_ref = entity_of(&input)?;
            Ok(Plan {
                summary: format!("Removes {entity_ref}"),
                changes: vec![planned("delete", &entity_ref)],
            })
        }),
        bound(catalog, |catalog, caller, input| async move {
            catalog.delete_entity(&caller, &entity_of(&input)?).await?;
            Ok(json!({}))
        }),
    )
}

/// Gives a function the catalog it works on.
fn bound<F, R, T>(catalog: &Catalog, work: F) -> impl Fn(Caller, Value) -> R + Send + Sync + 'static
where
    F: Fn(Catalog, Caller, Value) -> R + Send + Sync + 'static,
    R: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let catalog = catalog.clone();
    move |caller, input| work(catalog.clone(), caller, input)
}

fn planned(effect: &'static str, entity_ref: &EntityRef) -> PlannedChange {
    PlannedChange {
        effect,
        subject: entity_ref.to_string(),
        detail: None,
    }
}

fn object(properties: &[(&str, &str)], required: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> = properties
        .iter()
        .map(|(name, description)| {
            (
                (*name).to_owned(),
                json!({ "type": "string", "description": description }),
            )
        })
        .collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn text<'a>(input: &'a Value, key: &str) -> &'a str {
    input.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn entity_of(input: &Value) -> Result<EntityRef, ApiError> {
    EntityRef::parse(text(input, "entityRef"), None, None).map_err(|error| {
        ApiError::input(error.to_string())
            .accepted("an entity ref such as component:default/payment-service")
    })
}

fn location_of(input: &Value) -> Result<LocationRef, ApiError> {
    let kind = input.get("type").and_then(Value::as_str).unwrap_or("url");
    if kind != "url" {
        return Err(
            ApiError::input("Registered locations must be of an allowed type [\"url\"]")
                .fix("declare files and folders in app-config.yaml, or give them to `portway up`"),
        );
    }
    LocationRef::new(kind, text(input, "target"))
        .map_err(|error| ApiError::input(error.to_string()).accepted(error.accepted()))
}

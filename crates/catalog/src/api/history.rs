//! Every version of an entity, and what changed between two.

use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use serde_json::{Value, json};

use super::Answer;
use super::answer::{json_answer, ref_in_path};
use crate::changes::{changed_fields, unified};
use crate::engine::Catalog;

/// Versions listed at once.
const LIMIT: i64 = 200;

/// `GET …/history`
pub(super) async fn list(catalog: Catalog, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let limit = call.query.integer("limit", 1)?.unwrap_or(LIMIT).min(LIMIT);
    let entries = catalog.store.history(&entity_ref, limit).await?;
    if entries.is_empty() || !catalog.sees(&call.caller, &entity_ref).await? {
        return Err(ApiError::not_found(format!(
            "{entity_ref} has never existed here"
        )));
    }
    let mut items = Vec::with_capacity(entries.len());
    for entry in &entries {
        let mut item = json!(entry);
        let summary = match entry.change.as_str() {
            "updated" => changed(&catalog, &entity_ref, entry.version)
                .await?
                .join(", "),
            other => other.to_owned(),
        };
        if let Some(fields) = item.as_object_mut() {
            fields.insert("commit".into(), json!(entry.revision));
            fields.insert("summary".into(), summary.into());
        }
        items.push(item);
    }
    json_answer(&json!({ "entityRef": entity_ref.to_string(), "items": items }))
}

async fn changed(
    catalog: &Catalog,
    entity_ref: &EntityRef,
    version: i64,
) -> Result<Vec<String>, ApiError> {
    let (before, after) = (
        document(catalog, entity_ref, version - 1).await?,
        document(catalog, entity_ref, version).await?,
    );
    Ok(changed_fields(&before, &after))
}

/// `GET …/history/diff?from=1&to=2`
pub(super) async fn diff(catalog: Catalog, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let seen = catalog.sees(&call.caller, &entity_ref).await?;
    let newest = catalog
        .store
        .history(&entity_ref, 1)
        .await?
        .first()
        .map(|entry| entry.version)
        .filter(|_| seen)
        .ok_or_else(|| ApiError::not_found(format!("{entity_ref} has never existed here")))?;
    let to = call.query.integer("to", 0)?.unwrap_or(newest);
    let from = call.query.integer("from", 0)?.unwrap_or(to - 1);
    let before = document(&catalog, &entity_ref, from).await?;
    let after = document(&catalog, &entity_ref, to).await?;
    json_answer(&json!({
        "from": from,
        "to": to,
        "changes": changed_fields(&before, &after),
        "unified": unified(&before, &after, (&format!("version {from}"), &format!("version {to}")), 3),
    }))
}

/// A version's document; version 0 and deletions are nothing (`null`).
async fn document(
    catalog: &Catalog,
    entity_ref: &EntityRef,
    version: i64,
) -> Result<Value, ApiError> {
    if version <= 0 {
        return Ok(Value::Null);
    }
    let found = catalog
        .store
        .version(entity_ref, version)
        .await?
        .ok_or_else(|| {
            ApiError::not_found(format!("{entity_ref} has no version {version}"))
                .accepted("a version that its history lists")
        })?;
    Ok(found
        .doc
        .and_then(|doc| serde_json::from_str(&doc).ok())
        .unwrap_or(Value::Null))
}

//! What Backstage's permission framework asks a plugin for: its permissions
//! and rules, and whether conditions hold for its resources.

use std::sync::Arc;

use access::{RULES, known, predicate_of};
use axum::Json;
use axum::http::Method;
use axum::response::IntoResponse;
use catalog::permission::ENTITY_READ;
use catalog::visible_to;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Desk, describe, on};

/// Items of one request at most.
const MOST_ITEMS: usize = 1_000;
/// The type of resource whose conditions are decided here.
const RESOURCE: &str = "catalog-entity";

pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/catalog/.well-known/backstage/permissions/metadata",
            Access::Public("names permissions and rules, which are the same everywhere"),
            on(desk, metadata),
        )
        .describe(describe::metadata())
        .api(
            Method::POST,
            "/api/catalog/.well-known/backstage/permissions/apply-conditions",
            Access::Needs(ENTITY_READ),
            on(desk, apply),
        )
        .describe(describe::apply())
}

async fn metadata(_desk: Desk, _call: Call) -> Answer {
    let own = known()
        .iter()
        .filter(|known| known.name.starts_with("catalog."));
    let permissions: Vec<Value> = own
        .map(|known| {
            let mut permission = json!({
                "type": if known.resource.is_some() { "resource" } else { "basic" },
                "name": known.name,
                "attributes": { "action": known.verb },
            });
            if let (Some(resource), Some(fields)) = (&known.resource, permission.as_object_mut()) {
                fields.insert("resourceType".to_owned(), json!(resource));
            }
            permission
        })
        .collect();
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(name, description, params)| {
            json!({
                "name": name,
                "description": description,
                "resourceType": RESOURCE,
                "paramsSchema": params_schema(params),
            })
        })
        .collect();
    Ok(Json(json!({ "permissions": permissions, "rules": rules })).into_response())
}

fn params_schema(params: &[(&str, bool, bool)]) -> Value {
    let properties: Map<String, Value> = params
        .iter()
        .map(|(name, _, list)| {
            let schema = match (*name, list) {
                ("query", _) => json!({ "type": "object" }),
                (_, true) => json!({ "type": "array", "items": { "type": "string" } }),
                (_, false) => json!({ "type": "string" }),
            };
            ((*name).to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = params
        .iter()
        .filter(|(_, required, _)| *required)
        .map(|(name, ..)| *name)
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

#[derive(Deserialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    resource_ref: Refs,
    resource_type: String,
    conditions: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Refs {
    Many(Vec<String>),
    One(String),
}

async fn apply(desk: Desk, call: Call) -> Answer {
    let asked: Items = serde_json::from_slice(&call.body).map_err(|problem| {
        ApiError::input(format!("The body is no list of conditions: {problem}")).accepted(
            "{\"items\": [{\"id\": \"1\", \"resourceRef\": \"component:default/x\", \"resourceType\": \"catalog-entity\", \"conditions\": {\"rule\": \"IS_ENTITY_KIND\", \"resourceType\": \"catalog-entity\", \"params\": {\"kinds\": [\"component\"]}}}]}",
        )
    })?;
    if asked.items.len() > MOST_ITEMS {
        return Err(
            ApiError::input(format!("The body has {} items", asked.items.len()))
                .accepted(format!("at most {MOST_ITEMS}; ask in several requests")),
        );
    }
    let index = desk.catalog.model().index();
    let visible = visible_to(&call.caller);
    let mut results = Vec::with_capacity(asked.items.len());
    for item in &asked.items {
        if item.resource_type != RESOURCE {
            return Err(ApiError::input(format!(
                "Unexpected resource types: {}.",
                item.resource_type
            ))
            .accepted(RESOURCE));
        }
        let predicate = predicate_of(&item.conditions)
            .map_err(|problem| ApiError::input(problem.to_string()))?;
        // Nobody learns of what they may not see.
        let predicate = Predicate::and(Some(predicate), visible.clone());
        let decide = |text: &String| {
            let entity = EntityRef::parse(text, None, None).ok();
            let holds = entity.zip(predicate.as_ref());
            match holds.is_some_and(|(entity, predicate)| index.matches(&entity, predicate)) {
                true => "ALLOW",
                false => "DENY",
            }
        };
        let result = match &item.resource_ref {
            Refs::One(one) => json!(decide(one)),
            Refs::Many(many) => json!(many.iter().map(decide).collect::<Vec<_>>()),
        };
        results.push(json!({ "id": item.id, "result": result }));
    }
    Ok(Json(json!({ "items": results })).into_response())
}

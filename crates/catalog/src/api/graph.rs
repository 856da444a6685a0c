//! Walking: where an entity came from, what fails with it, who owns it.

use std::collections::HashSet;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use platform::request::Call;
use serde_json::{Value, json};

use super::Answer;
use super::answer::{json_answer, ref_in_path};
use super::entities::value_or_null;
use crate::engine::Catalog;
use crate::index::{Direction, Index, Step};
use crate::visibility::{is_shown, visible_to};

/// Longer chains of locations are loops.
const MAX_ANCESTORS: usize = 32;
/// Steps of a walk that are listed.
const MAX_STEPS: usize = 5_000;
/// Relations away that a walk goes unless asked otherwise.
const DEPTH: i64 = 10;

/// `GET …/ancestry`
pub(super) async fn ancestry(catalog: Catalog, call: Call) -> Answer {
    let start = ref_in_path(&call);
    if !catalog.sees(&call.caller, &start).await? {
        return Err(ApiError::not_found(format!("No such entity {start}")));
    }
    let mut chain = Vec::new();
    let mut seen = HashSet::new();
    let mut next = Some(start.clone());
    while let Some(entity_ref) = next.take() {
        if chain.len() >= MAX_ANCESTORS || !seen.insert(entity_ref.clone()) {
            break;
        }
        let row = catalog.store.row(&entity_ref).await?;
        let Some(row) = row else { break };
        next = row.place.parent.clone();
        chain.push((entity_ref, row.place.parent));
    }
    if chain.is_empty() {
        return Err(ApiError::not_found(format!("No such entity {start}")));
    }
    let index = catalog.model.index();
    let visible = visible_to(&call.caller);
    let items: Vec<Value> = chain
        .iter()
        .map(|(entity_ref, parent)| {
            let parents: Vec<String> = parent.iter().map(ToString::to_string).collect();
            let seen = visible
                .as_ref()
                .is_none_or(|visible| index.matches(entity_ref, visible));
            let entity = index.get(entity_ref).filter(|_| seen);
            json!({ "entity": value_or_null(entity), "parentEntityRefs": parents })
        })
        .collect();
    json_answer(&json!({ "rootEntityRef": start.to_string(), "items": items }))
}

/// `GET /api/v1/catalog/impact?ref=&depth=&direction=`
pub(super) async fn impact(catalog: Catalog, call: Call) -> Answer {
    let root = ref_in_query(&call, "ref")?;
    let depth = usize::try_from(call.query.integer("depth", 1)?.unwrap_or(DEPTH)).unwrap_or(1);
    let direction = match call.query.get("direction").unwrap_or("dependents") {
        "dependents" => Direction::Dependents,
        "dependencies" => Direction::Dependencies,
        other => {
            return Err(
                ApiError::input(format!("request/query/direction is {other:?}"))
                    .accepted("dependents or dependencies"),
            );
        }
    };
    let index = catalog.index_for(&call).await?;
    let visible = visible_to(&call.caller);
    known(&index, &root, visible.as_ref())?;
    let items: Vec<Value> = index
        .walk_within(&root, direction, (depth, MAX_STEPS), visible.as_ref())
        .iter()
        .map(|step| step_json(&index, step))
        .collect();
    json_answer(&json!({ "root": root.to_string(), "items": items }))
}

fn step_json(index: &Index, step: &Step) -> Value {
    let entity = index.get(&step.entity_ref).map(|entity| entity.to_value());
    let text = |pointer: &str| {
        entity
            .as_ref()
            .and_then(|entity| entity.pointer(pointer))
            .cloned()
    };
    let (relation, from) = match &step.via {
        Some((relation, from)) => (Some(relation.clone()), Some(from.to_string())),
        None => (None, None),
    };
    json!({
        "ref": step.entity_ref.to_string(),
        "depth": step.depth,
        "via": from,
        "relation": relation,
        "exists": step.exists,
        "type": text("/spec/type"),
        "title": text("/metadata/title"),
        "owner": owner_of(index, &step.entity_ref).map(|owner| owner.to_string()),
        "tags": text("/metadata/tags"),
    })
}

/// `GET /api/v1/catalog/path?from=&to=`
pub(super) async fn path(catalog: Catalog, call: Call) -> Answer {
    let (from, to) = (ref_in_query(&call, "from")?, ref_in_query(&call, "to")?);
    let index = catalog.index_for(&call).await?;
    let visible = visible_to(&call.caller);
    known(&index, &from, visible.as_ref())?;
    known(&index, &to, visible.as_ref())?;
    let steps = index
        .path_within(&from, &to, Direction::Any, visible.as_ref())
        .ok_or_else(|| ApiError::not_found(format!("Nothing connects {from} and {to}")))?;
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| json!({ "ref": step.entity_ref.to_string(), "relation": step.via.as_ref().map(|(relation, _)| relation) }))
        .collect();
    json_answer(&json!({ "steps": steps }))
}

/// `GET /api/v1/catalog/owner?ref=`: the owner, the groups above it, and whom
/// to write to.
pub(super) async fn owner(catalog: Catalog, call: Call) -> Answer {
    let entity_ref = ref_in_query(&call, "ref")?;
    let index = catalog.index_for(&call).await?;
    let visible = visible_to(&call.caller);
    known(&index, &entity_ref, visible.as_ref())?;
    // Of what the caller may not see there is no more than its name, which
    // whoever it owns says anyway.
    let sees = |found: &EntityRef| is_shown(&index, visible.as_ref(), found);
    // Asked for a group or a user, they answer for themselves.
    let owner = match entity_ref.kind() {
        "group" | "user" => Some(entity_ref.clone()),
        _ => owner_of(&index, &entity_ref),
    };
    let Some(owner) = owner else {
        return json_answer(
            &json!({ "ref": entity_ref.to_string(), "owner": null, "chain": [], "members": [] }),
        );
    };
    let chain: Vec<Value> = index
        .groups_of(&owner)
        .iter()
        .filter(|_| sees(&owner))
        .filter(|group| sees(group))
        .map(|group| person_json(&index, group))
        .collect();
    let members: Vec<Value> = index
        .relations(&owner)
        .iter()
        .filter(|relation| relation.kind == "hasMember" && sees(&owner))
        .filter(|relation| sees(relation.target))
        .map(|relation| person_json(&index, relation.target))
        .collect();
    let exists = index.get(&owner).is_some() && sees(&owner);
    let profile = match sees(&owner) {
        true => person_json(&index, &owner),
        false => person_json(&Index::new(), &owner),
    };
    json_answer(&json!({
        "ref": entity_ref.to_string(),
        "owner": owner.to_string(),
        "exists": exists,
        "profile": profile,
        "chain": chain,
        "members": members,
    }))
}

fn person_json(index: &Index, entity_ref: &EntityRef) -> Value {
    let entity = index.get(entity_ref).map(|entity| entity.to_value());
    let part = |pointer: &str| {
        entity
            .as_ref()
            .and_then(|entity| entity.pointer(pointer))
            .cloned()
    };
    json!({
        "ref": entity_ref.to_string(),
        "title": part("/spec/profile/displayName").or_else(|| part("/metadata/title")),
        "email": part("/spec/profile/email"),
        "links": part("/metadata/links"),
    })
}

/// The first owner of an entity.
pub(crate) fn owner_of(index: &Index, entity_ref: &EntityRef) -> Option<EntityRef> {
    index
        .relations(entity_ref)
        .iter()
        .find(|relation| relation.kind == "ownedBy")
        .map(|relation| relation.target.clone())
}

fn known(
    index: &Index,
    entity_ref: &EntityRef,
    visible: Option<&Predicate>,
) -> Result<(), ApiError> {
    let hidden = visible.is_some_and(|visible| !index.matches(entity_ref, visible));
    if hidden {
        return Err(ApiError::not_found(format!("No such entity {entity_ref}")));
    }
    if index.get(entity_ref).is_none() && index.relations(entity_ref).is_empty() {
        return Err(ApiError::not_found(format!("No such entity {entity_ref}")));
    }
    Ok(())
}

fn ref_in_query(call: &Call, key: &str) -> Result<EntityRef, ApiError> {
    let text = call.query.get(key).ok_or_else(|| {
        ApiError::input(format!("request/query must have required property '{key}'"))
    })?;
    EntityRef::parse(text, Some("component"), None).map_err(|error| {
        ApiError::input(error.to_string())
            .accepted("an entity ref such as component:default/payment-service")
    })
}

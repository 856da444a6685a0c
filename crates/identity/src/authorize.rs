//! `POST /api/permission/authorize`: what may the caller do?
//!
//! Body `{items: [{id, permission: {type, name, attributes: {action?},
//! resourceType?}, resourceRef?}]}`, answer `{items: [{id, result}]}` with
//! `ALLOW` or `DENY`; a list of references gets a list of results.

use std::collections::BTreeMap;

use platform::ApiError;
use platform::actor::{ActorKind, Caller, Grants, Permission, Verb};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Request {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    permission: Asked,
    resource_ref: Option<Refs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    name: String,
    #[serde(rename = "type")]
    sort: Sort,
    attributes: Attributes,
    resource_type: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Basic,
    Resource,
}

#[derive(Deserialize)]
struct Attributes {
    action: Option<Action>,
    #[serde(flatten)]
    _more: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Create,
    Read,
    Update,
    Delete,
}

impl Action {
    fn verb(self) -> Verb {
        match self {
            Self::Create => Verb::Create,
            Self::Read => Verb::Read,
            Self::Update => Verb::Update,
            Self::Delete => Verb::Delete,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Refs {
    Many(Vec<String>),
    One(String),
}

/// Decides every item.
///
/// # Errors
/// 400 when the body is not as above, or a person asks for a resource
/// permission without naming the resource.
pub(crate) fn answer(
    caller: &Caller,
    known: &[Permission],
    body: &[u8],
) -> Result<Value, ApiError> {
    let request: Request = serde_json::from_slice(body).map_err(|problem| {
        ApiError::input(format!("The body is not a list of permissions to decide: {problem}")).accepted(
            "{\"items\": [{\"id\": \"1\", \"permission\": {\"type\": \"basic\", \"name\": \"catalog.entity.create\", \"attributes\": {\"action\": \"create\"}}}]}",
        )
    })?;
    let items = request
        .items
        .iter()
        .map(|item| decide(caller, known, item))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "items": items }))
}

fn decide(caller: &Caller, known: &[Permission], item: &Item) -> Result<Value, ApiError> {
    let asked = &item.permission;
    if asked.sort == Sort::Resource {
        if asked.resource_type.is_none() {
            return Err(ApiError::input(format!(
                "The resource permission {} has no resourceType",
                asked.name
            ))
            .accepted("a resourceType such as catalog-entity"));
        }
        if item.resource_ref.is_none() && caller.actor.kind != ActorKind::Service {
            return Err(ApiError::input(format!(
                "The resource permission {} is asked for without a resourceRef",
                asked.name
            ))
            .accepted(
                "a resourceRef such as component:default/website; only programs may leave it out",
            ));
        }
    }
    let result = if allows(caller, known, asked) {
        "ALLOW"
    } else {
        "DENY"
    };
    let refs = match &item.resource_ref {
        None => &[],
        Some(Refs::One(one)) => std::slice::from_ref(one),
        Some(Refs::Many(many)) => many.as_slice(),
    };
    if refs.iter().any(String::is_empty) {
        return Err(
            ApiError::input(format!("A resourceRef of {} is empty", asked.name))
                .accepted("a reference such as component:default/website"),
        );
    }
    // Permissions have no conditions so far: one answer for every resource.
    let result = match &item.resource_ref {
        Some(Refs::Many(_)) => json!(vec![result; refs.len()]),
        _ => json!(result),
    };
    Ok(json!({ "id": item.id, "result": result }))
}

fn allows(caller: &Caller, known: &[Permission], asked: &Asked) -> bool {
    // What a permission of ours does is for us to say, not for the caller.
    if let Some(permission) = known
        .iter()
        .find(|permission| permission.name == asked.name)
    {
        return caller.may(*permission);
    }
    match &caller.grants {
        Grants::None => false,
        Grants::All => true,
        Grants::Read => asked
            .attributes
            .action
            .is_some_and(|action| action.verb() == Verb::Read),
        Grants::Named(names) => names.contains(&asked.name),
    }
}

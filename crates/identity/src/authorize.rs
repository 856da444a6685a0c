//! `POST /api/permission/authorize`: what may the caller do?
//!
//! Body `{items: [{id, permission: {type, name, attributes: {action?},
//! resourceType?}, resourceRef?}]}`, answer `{items: [{id, result}]}` with
//! `ALLOW` or `DENY`; a list of references gets a list of results. A program
//! that names no resource gets `CONDITIONAL` with the plugin's conditions where
//! the answer depends on the resource.

use std::collections::BTreeMap;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::ApiError;
use platform::actor::{ActorKind, Caller, Permission, Verb};
use platform::decision::Reach;
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

/// Permissions decided in one request at most.
const MOST_ITEMS: usize = 1_000;
/// Resources of one item at most.
const MOST_REFS: usize = 10_000;

/// What decisions need to know.
pub(crate) struct Desk<'a> {
    /// Who asks, about themselves.
    pub(crate) caller: &'a Caller,
    /// Every permission of Portway.
    pub(crate) known: &'a [Permission],
    /// Whether an entity fulfils a condition.
    pub(crate) fulfils: &'a dyn Fn(&EntityRef, &Predicate) -> bool,
}

/// Decides every item.
///
/// # Errors
/// 400 when the body is not as above, or a person asks for a resource
/// permission without naming the resource.
pub(crate) fn answer(desk: &Desk<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let request: Request = serde_json::from_slice(body).map_err(|problem| {
        ApiError::input(format!("The body is not a list of permissions to decide: {problem}")).accepted(
            "{\"items\": [{\"id\": \"1\", \"permission\": {\"type\": \"basic\", \"name\": \"catalog.entity.create\", \"attributes\": {\"action\": \"create\"}}}]}",
        )
    })?;
    if request.items.len() > MOST_ITEMS {
        return Err(
            ApiError::input(format!("The body has {} items", request.items.len()))
                .accepted(format!("at most {MOST_ITEMS}; ask in several requests")),
        );
    }
    let items = request
        .items
        .iter()
        .map(|item| decide(desk, item))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "items": items }))
}

fn decide(desk: &Desk<'_>, item: &Item) -> Result<Value, ApiError> {
    let asked = &item.permission;
    check(desk, item)?;
    // What a permission of ours does is for us to say, not for the caller.
    let known = desk.known.iter().find(|known| known.name == asked.name);
    let verb = match known {
        Some(known) => Some(known.verb),
        None => asked.attributes.action.map(Action::verb),
    };
    let reach = desk.caller.grants.reach(&asked.name, verb);
    let on = |text: &String| match &reach {
        Reach::Everything => "ALLOW",
        Reach::Nothing => "DENY",
        Reach::Where(predicate) => match EntityRef::parse(text, None, None) {
            Ok(entity) if (desk.fulfils)(&entity, predicate) => "ALLOW",
            _ => "DENY",
        },
    };
    let result = match (&item.resource_ref, &reach) {
        (Some(Refs::Many(many)), _) => json!(many.iter().map(on).collect::<Vec<_>>()),
        (Some(Refs::One(one)), _) => json!(on(one)),
        (None, Reach::Everything) => json!("ALLOW"),
        (None, Reach::Where(predicate)) if asked.sort == Sort::Resource => {
            return Ok(json!({
                "id": item.id,
                "result": "CONDITIONAL",
                "pluginId": "catalog",
                "resourceType": asked.resource_type,
                "conditions": access::criteria(predicate),
            }));
        }
        // A basic permission is held altogether or not.
        (None, Reach::Nothing | Reach::Where(_)) => json!("DENY"),
    };
    Ok(json!({ "id": item.id, "result": result }))
}

fn check(desk: &Desk<'_>, item: &Item) -> Result<(), ApiError> {
    let asked = &item.permission;
    if asked.sort == Sort::Resource {
        if asked.resource_type.is_none() {
            return Err(ApiError::input(format!(
                "The resource permission {} has no resourceType",
                asked.name
            ))
            .accepted("a resourceType such as catalog-entity"));
        }
        if item.resource_ref.is_none() && desk.caller.actor.kind != ActorKind::Service {
            return Err(ApiError::input(format!(
                "The resource permission {} is asked for without a resourceRef",
                asked.name
            ))
            .accepted(
                "a resourceRef such as component:default/website; only programs may leave it out",
            ));
        }
    }
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
    if refs.len() > MOST_REFS {
        return Err(ApiError::input(format!(
            "{} is asked for on {} resources",
            asked.name,
            refs.len()
        ))
        .accepted(format!("at most {MOST_REFS} in one item")));
    }
    Ok(())
}

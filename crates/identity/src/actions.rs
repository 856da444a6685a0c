//! What can be done: to tokens here, to sessions, accounts and workloads below.

mod accounts;
mod sessions;

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use platform::ApiError;
use platform::action::{Action, Plan, PlannedChange};
use platform::actor::{Caller, Permission, Verb};
use serde_json::{Value, json};

use crate::identity::Identity;
use crate::providers::EXAMINE;
use crate::scope::{MOST_PERMISSIONS, Scope};
use crate::tokens::{LONGEST_AGENT, LONGEST_NAME, NewToken, may_send_agent};

/// Make API tokens.
pub const TOKEN_CREATE: Permission = Permission {
    name: "identity.token.create",
    verb: Verb::Create,
};
/// See API tokens: all with every permission, else one's own.
const READ: Permission = Permission {
    name: "identity.token.read",
    verb: Verb::Read,
};
/// End API tokens: all with every permission, else one's own.
pub const TOKEN_REVOKE: Permission = Permission {
    name: "identity.token.revoke",
    verb: Verb::Delete,
};

/// See one's own sessions.
const SESSION_READ: Permission = Permission {
    name: "identity.session.read",
    verb: Verb::Read,
};
/// End one's own sessions.
const SESSION_END: Permission = Permission {
    name: "identity.session.end",
    verb: Verb::Delete,
};
/// See and end everybody's sessions.
pub const SESSION_MANAGE: Permission = Permission {
    name: "identity.session.manage",
    verb: Verb::Update,
};
/// Make, reset, switch off and see local accounts.
pub const ACCOUNT_MANAGE: Permission = Permission {
    name: "identity.account.manage",
    verb: Verb::Update,
};
/// See how a workload's token would fare, which shows what is trusted.
pub(crate) const WORKLOAD_EXPLAIN: Permission = Permission {
    name: "identity.workload.explain",
    verb: Verb::Update,
};

/// Every permission of identity.
pub const PERMISSIONS: &[Permission] = &[
    TOKEN_CREATE,
    READ,
    TOKEN_REVOKE,
    SESSION_READ,
    SESSION_END,
    SESSION_MANAGE,
    ACCOUNT_MANAGE,
    WORKLOAD_EXPLAIN,
    EXAMINE,
];

/// What concerns other people's sign-in and rights, and so not everybody who is
/// signed in, also while no policy decides.
pub(crate) const ADMIN_ONLY: &[Permission] = &[
    SESSION_MANAGE,
    ACCOUNT_MANAGE,
    WORKLOAD_EXPLAIN,
    EXAMINE,
    access::permission::POLICY_UPDATE,
    access::permission::VIEW_AS,
];

/// Identity's actions.
pub fn actions(identity: &Arc<Identity>) -> Vec<Action> {
    let mut all = vec![create(identity), list(identity), revoke(identity)];
    all.extend(sessions::actions(identity));
    all.extend(accounts::actions(identity));
    all
}

/// The plan of an action that only looks.
async fn looks() -> Result<Plan, ApiError> {
    Ok(Plan {
        summary: "Looks and changes nothing".to_owned(),
        changes: Vec::new(),
    })
}

/// Gives a handler its own handle on every call.
fn with<F, T>(
    identity: &Arc<Identity>,
    work: F,
) -> impl Fn(Caller, Value) -> T + Send + Sync + 'static
where
    F: Fn(Arc<Identity>, Caller, Value) -> T + Send + Sync + 'static,
    T: Future + Send + 'static,
{
    let identity = Arc::clone(identity);
    move |caller, input| work(Arc::clone(&identity), caller, input)
}

fn create(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "properties": {
            "name": {
                "type": "string", "minLength": 1, "maxLength": LONGEST_NAME,
                "title": "Name", "description": "What the token is for; unique among working tokens",
            },
            "scope": {
                "title": "Scope", "description": "What the token may do: all, read, or a list of permissions",
                "default": "read",
                "oneOf": [
                    { "enum": ["all", "read"] },
                    { "type": "array", "minItems": 1, "maxItems": MOST_PERMISSIONS, "items": { "type": "string" } },
                ],
            },
            "expiresAt": {
                "type": ["string", "null"], "format": "date-time",
                "title": "Runs out", "description": "When it stops to work (RFC 3339); as the policy says when left out",
            },
            "agent": {
                "type": "string", "minLength": 1, "maxLength": LONGEST_AGENT,
                "title": "Agent", "description": "The agent that will hold the token; what it does is written down as done by it for you",
            },
            "onBehalfOf": {
                "enum": ["self"],
                "title": "On behalf of", "description": "For whom the agent acts: for whoever makes the token",
            },
        },
    });
    let output = json!({
        "type": "object",
        "required": ["token", "secret"],
        "properties": {
            "token": token_schema(),
            "secret": { "type": "string", "format": "password", "description": "The token itself, shown this once and stored nowhere" },
        },
    });
    Action::new(
        "token:create",
        "Make an API token. Its secret is shown once.",
        TOKEN_CREATE,
        (input, output),
        with(identity, |identity, caller, input| async move {
            let new = identity.within_policy(new_token(&identity, &input)?)?;
            may_send_agent(&caller, &new)?;
            identity.may_hand_on(&caller, &new.scope)?;
            let end = new.expires_at.map_or_else(
                || "never runs out".to_owned(),
                |end| format!("runs out at {end}"),
            );
            Ok(Plan {
                summary: format!("Makes the token {}, which {end}", new.name),
                changes: vec![PlannedChange {
                    effect: "create",
                    detail: Some(format!("scope {}", new.scope.to_value())),
                    subject: new.name,
                }],
            })
        }),
        with(identity, |identity, caller, input| async move {
            let new = new_token(&identity, &input)?;
            let (token, secret) = identity.create_token(&caller, new).await?;
            Ok(
                json!({ "token": token.to_value(identity.clock().now()), "secret": secret.expose() }),
            )
        }),
    )
}

fn list(identity: &Arc<Identity>) -> Action {
    let input = json!({ "type": "object", "additionalProperties": false });
    let output = json!({
        "type": "object",
        "required": ["items"],
        "properties": { "items": { "type": "array", "items": token_schema() } },
    });
    Action::new(
        "token:list",
        "List API tokens that have not been revoked, newest first.",
        READ,
        (input, output),
        |_, _| async {
            Ok(Plan {
                summary: "Lists tokens and changes nothing".to_owned(),
                changes: Vec::new(),
            })
        },
        with(identity, |identity, caller, _| async move {
            let now = identity.clock().now();
            let items: Vec<Value> = identity
                .tokens(&caller)
                .await?
                .iter()
                .map(|token| token.to_value(now))
                .collect();
            Ok(json!({ "items": items }))
        }),
    )
}

fn revoke(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "type": "object",
        "required": ["token"],
        "additionalProperties": false,
        "properties": {
            "token": { "type": "string", "minLength": 1, "maxLength": 200, "title": "Token", "description": "Its id or its name" },
        },
    });
    let output = json!({ "type": "object", "required": ["token"], "properties": { "token": token_schema() } });
    Action::new(
        "token:revoke",
        "End an API token at once.",
        TOKEN_REVOKE,
        (input, output),
        with(identity, |identity, caller, input| async move {
            let token = identity.token(&caller, named(&input)).await?;
            Ok(Plan {
                summary: format!(
                    "Ends the token {}; requests with it are refused from then on",
                    token.name
                ),
                changes: vec![PlannedChange {
                    effect: "delete",
                    detail: token
                        .last_used_at
                        .map(|last| format!("last used at {last}")),
                    subject: token.name,
                }],
            })
        }),
        with(identity, |identity, caller, input| async move {
            let token = identity.revoke_token(&caller, named(&input)).await?;
            Ok(json!({ "token": token.to_value(identity.clock().now()) }))
        }),
    )
}

fn named(input: &Value) -> &str {
    input
        .get("token")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn new_token(identity: &Identity, input: &Value) -> Result<NewToken, ApiError> {
    let name = input
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let scope = match input.get("scope") {
        None => Scope::Read,
        Some(scope) => Scope::from_value(scope, identity.permissions())?,
    };
    let expires_at = match input.get("expiresAt").and_then(Value::as_str) {
        None => None,
        Some(text) => Some(text.parse::<Timestamp>().map_err(|_| {
            ApiError::input(format!("{text:?} is not a time"))
                .accepted("a time such as 2027-01-31T00:00:00Z")
        })?),
    };
    let agent = input.get("agent").and_then(Value::as_str);
    if agent.is_some() != input.get("onBehalfOf").is_some() {
        return Err(
            ApiError::input("An agent acts on behalf of somebody, and nobody else does")
                .accepted("both `agent` and `onBehalfOf: self`, or neither"),
        );
    }
    Ok(NewToken {
        name,
        scope,
        expires_at,
        agent: agent.map(str::to_owned),
    })
}

fn token_schema() -> Value {
    json!({
        "type": "object",
        "required": ["id", "name", "scope", "status", "createdBy", "createdAt"],
        "properties": {
            "id": { "type": "string" },
            "name": { "type": "string" },
            "scope": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
            "status": { "enum": ["active", "expired", "revoked"] },
            "createdBy": { "type": "string" },
            "createdAt": { "type": "string", "format": "date-time" },
            "expiresAt": { "type": ["string", "null"], "format": "date-time" },
            "lastUsedAt": { "type": ["string", "null"], "format": "date-time" },
            "lastUsedAddress": { "type": ["string", "null"] },
            "agent": { "type": ["string", "null"] },
            "onBehalfOf": { "type": ["string", "null"] },
        },
    })
}

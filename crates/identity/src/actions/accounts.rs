//! `account:create`, `account:reset`, `account:disable`, `account:enable`,
//! `account:list`, and `workload:explain`.

use std::sync::Arc;

use platform::action::{Action, Plan, PlannedChange};
use serde_json::{Value, json};

use super::{ACCOUNT_MANAGE, WORKLOAD_EXPLAIN, looks, with};
use crate::identity::Identity;
use crate::local::NewAccount;

pub(super) fn actions(identity: &Arc<Identity>) -> Vec<Action> {
    vec![
        create(identity),
        reset(identity),
        switch(
            identity,
            "account:disable",
            "Switch a local account off and end its sessions.",
            false,
        ),
        switch(
            identity,
            "account:enable",
            "Switch a local account on again.",
            true,
        ),
        list(identity),
        explain(identity),
    ]
}

fn account_schema() -> Value {
    json!({
        "type": "object",
        "required": ["name", "user", "displayName", "admin", "status", "createdAt"],
        "properties": {
            "name": { "type": "string" },
            "user": { "type": "string" },
            "displayName": { "type": "string" },
            "admin": { "type": "boolean" },
            "status": { "enum": ["invited", "active", "disabled"] },
            "hasPassword": { "type": "boolean" },
            "createdBy": { "type": "string" },
            "createdAt": { "type": "string", "format": "date-time" },
            "signedInAt": { "type": ["string", "null"], "format": "date-time" },
        },
    })
}

fn with_link() -> Value {
    json!({
        "type": "object", "required": ["account", "link"],
        "properties": {
            "account": account_schema(),
            "link": { "type": "string", "format": "password", "description": "Sets the password, once and within 72 hours; shown this once and stored nowhere" },
        },
    })
}

fn name_schema() -> Value {
    json!({
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": { "name": { "type": "string", "minLength": 1, "maxLength": 63, "title": "Name", "description": "The account's name" } },
    })
}

fn text<'a>(input: &'a Value, key: &str) -> &'a str {
    input.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn change(effect: &'static str, summary: String, name: &str) -> Plan {
    Plan {
        summary,
        changes: vec![PlannedChange {
            effect,
            subject: format!("account:{name}"),
            detail: None,
        }],
    }
}

fn create(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 63, "title": "Name", "description": "What its owner types, and the name of the person in the catalog" },
            "displayName": { "type": "string", "maxLength": 100, "title": "Name for people" },
            "admin": { "type": "boolean", "default": false, "title": "Administrator", "description": "Whether the account may do everything" },
        },
    });
    Action::new(
        "account:create",
        "Make a local account. The link that sets its password is shown once.",
        ACCOUNT_MANAGE,
        (input, with_link()),
        |_, input| async move {
            let name = text(&input, "name");
            Ok(change("create", format!("Makes the account {name}"), name))
        },
        with(identity, |identity, caller, input| async move {
            let name = text(&input, "name").trim().to_lowercase();
            let display = text(&input, "displayName").trim();
            let new = NewAccount {
                display_name: if display.is_empty() { &name } else { display }.to_owned(),
                admin: input.get("admin") == Some(&Value::Bool(true)),
                name,
            };
            let (account, link) = identity.create_account(&caller, new).await?;
            Ok(json!({ "account": account.to_value(), "link": link.expose() }))
        }),
    )
}

fn reset(identity: &Arc<Identity>) -> Action {
    Action::new(
        "account:reset",
        "Take a local account's password and recovery codes away, end its sessions and make a new link.",
        ACCOUNT_MANAGE,
        (name_schema(), with_link()),
        |_, input| async move {
            let name = text(&input, "name");
            let summary = format!(
                "Takes the password of {name} away, ends its sessions and makes a new link"
            );
            Ok(change("update", summary, name))
        },
        with(identity, |identity, caller, input| async move {
            let (account, link) = identity
                .reset_account(&caller, text(&input, "name"))
                .await?;
            Ok(json!({ "account": account.to_value(), "link": link.expose() }))
        }),
    )
}

fn switch(
    identity: &Arc<Identity>,
    name: &'static str,
    description: &'static str,
    on: bool,
) -> Action {
    let output = json!({ "type": "object", "required": ["account"], "properties": { "account": account_schema() } });
    Action::new(
        name,
        description,
        ACCOUNT_MANAGE,
        (name_schema(), output),
        move |_, input| async move {
            let name = text(&input, "name");
            let summary = match on {
                true => format!("Lets the account {name} sign in again"),
                false => {
                    format!("Ends the sessions of {name}, who cannot sign in until it is enabled")
                }
            };
            Ok(change("update", summary, name))
        },
        with(identity, move |identity, caller, input| async move {
            let account = identity
                .switch_account(&caller, text(&input, "name"), on)
                .await?;
            Ok(json!({ "account": account.to_value() }))
        }),
    )
}

fn list(identity: &Arc<Identity>) -> Action {
    let input = json!({ "type": "object", "additionalProperties": false });
    let output = json!({
        "type": "object", "required": ["items"],
        "properties": { "items": { "type": "array", "items": account_schema() } },
    });
    Action::new(
        "account:list",
        "List local accounts by name.",
        ACCOUNT_MANAGE,
        (input, output),
        |_, _| looks(),
        with(identity, |identity, caller, _| async move {
            let accounts = identity.accounts(&caller).await?;
            let items: Vec<Value> = accounts
                .iter()
                .map(crate::local::Account::to_value)
                .collect();
            Ok(json!({ "items": items }))
        }),
    )
}

fn explain(identity: &Arc<Identity>) -> Action {
    let input = json!({
        "type": "object", "required": ["token"], "additionalProperties": false,
        "properties": { "token": { "type": "string", "format": "password", "minLength": 1, "maxLength": 20000, "title": "Token", "description": "The token of the workload's own platform" } },
    });
    let output = json!({
        "type": "object", "required": ["genuine", "entries"],
        "properties": {
            "genuine": { "type": "boolean", "description": "Whether its issuer signed it and it counts now" },
            "admitted": { "type": "boolean", "description": "Whether it would be exchanged" },
            "problem": { "type": "string" },
            "issuer": { "type": "string" },
            "expiresAt": { "type": "string", "format": "date-time" },
            "claims": { "type": "object" },
            "entries": { "type": "array", "items": { "type": "object" } },
        },
    });
    Action::new(
        "workload:explain",
        "Tell how a workload's token would fare, without exchanging it.",
        WORKLOAD_EXPLAIN,
        (input, output),
        |_, _| looks(),
        with(identity, |identity, caller, input| async move {
            identity
                .explain_workload(&caller, text(&input, "token"))
                .await
        }),
    )
}

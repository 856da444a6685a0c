//! What can be done to repositories, for templates, agents and the command
//! line.

use std::future::Future;

use platform::ApiError;
use platform::action::{Action, Plan, PlannedChange};
use platform::actor::Caller;
use serde_json::{Map, Value, json};

use crate::rights::Right;
use crate::{GitHost, api, permission};

/// Every action of this crate.
pub(crate) fn actions(host: &GitHost) -> Vec<Action> {
    vec![create(host), delete(host), protect(host)]
}

fn with<F, T>(host: &GitHost, work: F) -> impl Fn(Caller, Value) -> T + Send + Sync + 'static
where
    F: Fn(GitHost, Caller, Value) -> T + Send + Sync + 'static,
    T: Future + Send + 'static,
{
    let host = host.clone();
    move |caller, input| work(host.clone(), caller, input)
}

fn text(title: &str, what: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 500, "title": title, "description": what })
}

fn fields(input: &Value) -> Map<String, Value> {
    input.as_object().cloned().unwrap_or_default()
}

fn name(input: &Value) -> (String, String) {
    let text = |key| {
        input
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    (text("owner"), text("name"))
}

fn planned(effect: &'static str, input: &Value, summary: &str) -> Plan {
    let (owner, name) = name(input);
    Plan {
        summary: format!("{summary} {owner}/{name}"),
        changes: vec![PlannedChange {
            effect,
            subject: format!("git:{owner}/{name}"),
            detail: None,
        }],
    }
}

fn repository() -> Value {
    json!({
        "type": "object",
        "required": ["fullName", "cloneUrl"],
        "properties": { "fullName": { "type": "string" }, "cloneUrl": { "type": "string" }, "url": { "type": "string" } },
    })
}

fn create(host: &GitHost) -> Action {
    let input = json!({
        "type": "object",
        "required": ["owner", "name"],
        "additionalProperties": false,
        "properties": {
            "owner": text("Owner", "The team, person or company whose repository it is"),
            "name": text("Name", "The repository's own name"),
            "description": { "type": "string", "maxLength": 500, "title": "Description" },
            "defaultBranch": text("Default branch", "main unless given"),
            "visibility": { "type": "string", "enum": ["internal", "private"], "title": "Visibility" },
        },
    });
    Action::new(
        "git:create-repository",
        "Make an empty repository on the built-in Git host.",
        permission::CREATE,
        (input, repository()),
        with(host, |host, caller, input| async move {
            let wanted = api::wanted(&fields(&input))?;
            if host.store().repository(&wanted.name).await?.is_some() {
                caller.require(permission::CREATE)?;
                return Err(ApiError::conflict(format!(
                    "There is a repository {} already",
                    wanted.name
                )));
            }
            Ok(planned("create", &input, "Makes the repository"))
        }),
        with(host, |host, caller, input| async move {
            let repository = host.create(&caller, api::wanted(&fields(&input))?).await?;
            Ok(api::shown(&host, &repository, Right::Administer))
        }),
    )
}

fn named() -> Value {
    json!({
        "type": "object",
        "required": ["owner", "name"],
        "additionalProperties": false,
        "properties": {
            "owner": text("Owner", "Whose repository it is"),
            "name": text("Name", "The repository's own name"),
        },
    })
}

fn delete(host: &GitHost) -> Action {
    let output = json!({ "type": "object" });
    Action::new(
        "git:delete-repository",
        "Remove a repository of the built-in Git host with all that is in it.",
        permission::DELETE,
        (named(), output),
        with(host, |host, caller, input| async move {
            let (owner, name) = name(&input);
            host.reach(&caller, (&owner, &name), Right::Administer)
                .await?;
            Ok(planned("delete", &input, "Removes the repository"))
        }),
        with(host, |host, caller, input| async move {
            let (owner, name) = name(&input);
            let reached = host.reach(&caller, (&owner, &name), Right::Administer);
            let (repository, _) = reached.await?;
            host.delete(&caller, &repository).await?;
            Ok(json!({}))
        }),
    )
}

fn protect(host: &GitHost) -> Action {
    let mut input = named();
    if let Some(Value::Object(properties)) = input.get_mut("properties") {
        properties.insert(
            "pattern".to_owned(),
            text(
                "Branches",
                "The name of a branch, or a pattern such as release/*",
            ),
        );
        properties.insert(
            "rules".to_owned(),
            json!({ "type": "object", "title": "Rules" }),
        );
    }
    if let Some(Value::Array(required)) = input.get_mut("required") {
        required.push("pattern".into());
    }
    Action::new(
        "git:protect-branch",
        "Set the rules of branches of a repository of the built-in Git host.",
        permission::UPDATE,
        (input, json!({ "type": "object" })),
        with(host, |host, caller, input| async move {
            let (owner, name) = name(&input);
            api::protection(&fields(&input))?;
            host.reach(&caller, (&owner, &name), Right::Administer)
                .await?;
            Ok(planned("update", &input, "Sets rules of branches of"))
        }),
        with(host, |host, caller, input| async move {
            let (owner, name) = name(&input);
            let protection = api::protection(&fields(&input))?;
            let reached = host.reach(&caller, (&owner, &name), Right::Administer);
            let (repository, _) = reached.await?;
            let shown = json!({ "pattern": protection.pattern, "rules": protection.rules });
            host.protect(&caller, &repository, protection).await?;
            Ok(shown)
        }),
    )
}

//! Events of GitHub.

use serde_json::Value;

use super::payload::{add_paths, commit, needed, repository, text};
use super::{ForgeEvent, Push, RepositoryAction};

pub(super) fn event(name: &str, payload: &Value) -> Result<ForgeEvent, String> {
    match name {
        "ping" => Ok(ForgeEvent::Ping),
        "push" => push(payload),
        "repository" => changed(payload),
        "organization" | "team" | "membership" => Ok(ForgeEvent::OrganisationChanged {
            organisation: payload
                .get("organization")
                .and_then(|org| text(org, "login")),
        }),
        other => Ok(ForgeEvent::Other {
            name: other.to_owned(),
        }),
    }
}

fn push(payload: &Value) -> Result<ForgeEvent, String> {
    let forced = payload
        .get("forced")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let before = commit(payload, "before")?;
    let mut push = Push {
        repository: repository(payload)?,
        git_ref: needed(payload, "ref")?,
        complete: !forced && before.is_some(),
        before,
        after: commit(payload, "after")?,
        added: Vec::new(),
        modified: Vec::new(),
        removed: Vec::new(),
        actor: payload
            .get("sender")
            .and_then(|sender| text(sender, "login"))
            .or_else(|| {
                payload
                    .get("pusher")
                    .and_then(|pusher| text(pusher, "name"))
            }),
    };
    let commits = payload
        .get("commits")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    // The payload holds at most 2048 commits.
    push.complete &= commits < 2048;
    add_paths(&mut push, payload);
    Ok(ForgeEvent::Push(push))
}

fn changed(payload: &Value) -> Result<ForgeEvent, String> {
    let action = needed(payload, "action")?;
    let repository = repository(payload)?;
    let changes = payload.get("changes").unwrap_or(&Value::Null);
    let (owner, name) = repository
        .slug
        .split_once('/')
        .ok_or("`repository.full_name` has no owner")?;
    let change = match action.as_str() {
        "created" => RepositoryAction::Created,
        "deleted" => RepositoryAction::Deleted,
        "archived" => RepositoryAction::Archived,
        "unarchived" => RepositoryAction::Unarchived,
        "edited" => RepositoryAction::Edited,
        "publicized" | "privatized" => RepositoryAction::Visibility,
        "renamed" => {
            let from = changes
                .pointer("/repository/name/from")
                .and_then(Value::as_str)
                .ok_or("`changes.repository.name.from` is missing")?;
            RepositoryAction::Moved {
                from: format!("{owner}/{from}"),
            }
        }
        "transferred" => {
            let from = ["/owner/from/organization/login", "/owner/from/user/login"]
                .iter()
                .find_map(|pointer| changes.pointer(pointer).and_then(Value::as_str))
                .ok_or("`changes.owner.from` is missing")?;
            RepositoryAction::Moved {
                from: format!("{from}/{name}"),
            }
        }
        other => {
            return Ok(ForgeEvent::Other {
                name: format!("repository.{other}"),
            });
        }
    };
    Ok(ForgeEvent::RepositoryChanged { repository, change })
}

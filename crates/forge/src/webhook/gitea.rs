//! Events of Gitea and Forgejo.

use serde_json::Value;

use super::payload::{add_paths, commit, needed, repository, text};
use super::{ForgeEvent, Push, RepositoryAction};

pub(super) fn event(name: &str, payload: &Value) -> Result<ForgeEvent, String> {
    match name {
        "push" => push(payload),
        "repository" => {
            let repository = repository(payload)?;
            let change = match needed(payload, "action")?.as_str() {
                "created" => RepositoryAction::Created,
                "deleted" => RepositoryAction::Deleted,
                _ => RepositoryAction::Edited,
            };
            Ok(ForgeEvent::RepositoryChanged { repository, change })
        }
        other => Ok(ForgeEvent::Other {
            name: other.to_owned(),
        }),
    }
}

fn push(payload: &Value) -> Result<ForgeEvent, String> {
    let before = commit(payload, "before")?;
    let listed = payload
        .get("commits")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let total = payload
        .get("total_commits")
        .and_then(Value::as_u64)
        .unwrap_or(listed as u64);
    let mut push = Push {
        repository: repository(payload)?,
        git_ref: needed(payload, "ref")?,
        complete: before.is_some() && total == listed as u64 && listed > 0,
        before,
        after: commit(payload, "after")?,
        added: Vec::new(),
        modified: Vec::new(),
        removed: Vec::new(),
        actor: payload
            .get("pusher")
            .and_then(|pusher| text(pusher, "login")),
    };
    add_paths(&mut push, payload);
    Ok(ForgeEvent::Push(push))
}

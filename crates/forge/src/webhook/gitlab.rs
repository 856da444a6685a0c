//! Events of GitLab: project hooks, group hooks and system hooks.

use serde_json::Value;

use super::payload::{add_paths, commit, id, needed, text};
use super::{EventRepository, ForgeEvent, Push, RepositoryAction};

pub(super) fn event(header: &str, payload: &Value) -> Result<ForgeEvent, String> {
    // System hooks say in the body what other hooks say in the header.
    let name = text(payload, "event_name")
        .or_else(|| text(payload, "object_kind"))
        .unwrap_or_else(|| header.to_owned());
    match name.as_str() {
        "push" | "tag_push" => push(payload),
        "repository_update" => Ok(ForgeEvent::Other { name }),
        "project_create" => changed(payload, RepositoryAction::Created),
        "project_destroy" => changed(payload, RepositoryAction::Deleted),
        "project_archive" => changed(payload, RepositoryAction::Archived),
        "project_unarchive" => changed(payload, RepositoryAction::Unarchived),
        "project_update" => changed(payload, RepositoryAction::Edited),
        "project_rename" | "project_transfer" => {
            let from = needed(payload, "old_path_with_namespace")?;
            changed(payload, RepositoryAction::Moved { from })
        }
        name if ["user_", "group_", "subgroup_"]
            .iter()
            .any(|prefix| name.starts_with(prefix)) =>
        {
            Ok(ForgeEvent::OrganisationChanged {
                organisation: text(payload, "full_path").or_else(|| text(payload, "group_path")),
            })
        }
        _ => Ok(ForgeEvent::Other { name }),
    }
}

fn push(payload: &Value) -> Result<ForgeEvent, String> {
    let project = payload.get("project").ok_or("`project` is missing")?;
    let before = commit(payload, "before")?;
    let listed = payload
        .get("commits")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let total = payload
        .get("total_commits_count")
        .and_then(Value::as_u64)
        .unwrap_or(listed as u64);
    let mut push = Push {
        repository: EventRepository {
            id: id(payload, "project_id")
                .or_else(|| id(project, "id"))
                .ok_or("`project_id` is missing")?,
            slug: needed(project, "path_with_namespace")?,
            web_url: needed(project, "web_url")?,
            clone_url: text(project, "git_http_url"),
            default_branch: text(project, "default_branch"),
        },
        git_ref: needed(payload, "ref")?,
        // At most twenty commits are in the payload. A force-push is not
        // marked; it shows as a push whose commits do not follow `before`,
        // which only a comparison can tell.
        complete: before.is_some() && total == listed as u64 && listed > 0,
        before,
        after: commit(payload, "after")?,
        added: Vec::new(),
        modified: Vec::new(),
        removed: Vec::new(),
        actor: text(payload, "user_username"),
    };
    add_paths(&mut push, payload);
    Ok(ForgeEvent::Push(push))
}

fn changed(payload: &Value, change: RepositoryAction) -> Result<ForgeEvent, String> {
    let slug = needed(payload, "path_with_namespace")?;
    Ok(ForgeEvent::RepositoryChanged {
        repository: EventRepository {
            id: id(payload, "project_id").ok_or("`project_id` is missing")?,
            // The payload has no address; the caller knows the host.
            web_url: text(payload, "web_url").unwrap_or_default(),
            clone_url: None,
            default_branch: None,
            slug,
        },
        change,
    })
}

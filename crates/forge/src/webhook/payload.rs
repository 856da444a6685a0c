//! What the payloads of the three forges have in common.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{EventRepository, Push};

/// Paths of one push that are kept; beyond it the commits are compared.
const MAX_PATHS: usize = 10_000;

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn needed(value: &Value, key: &str) -> Result<String, String> {
    text(value, key).ok_or_else(|| format!("`{key}` is missing"))
}

pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// `None` for the id of forty zeros, which stands for "no commit".
pub(super) fn commit(value: &Value, key: &str) -> Result<Option<String>, String> {
    let id = needed(value, key)?;
    if !crate::scm_url::is_commit_id(&id) {
        return Err(format!("`{key}` is not a commit id"));
    }
    Ok(id.bytes().any(|byte| byte != b'0').then_some(id))
}

/// A repository of GitHub's or Gitea's form.
pub(super) fn repository(payload: &Value) -> Result<EventRepository, String> {
    let found = payload.get("repository").ok_or("`repository` is missing")?;
    Ok(EventRepository {
        id: id(found, "id").ok_or("`repository.id` is missing")?,
        slug: needed(found, "full_name")?,
        web_url: needed(found, "html_url")?,
        clone_url: text(found, "clone_url"),
        default_branch: text(found, "default_branch"),
    })
}

/// How a path stands after the commits looked at so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Net {
    Added,
    Modified,
    Removed,
}

/// Fills the lists of a push with the net effect of its commits, in order: a
/// file added and removed again was never there.
pub(super) fn add_paths(push: &mut Push, payload: &Value) {
    let mut paths: BTreeMap<String, Net> = BTreeMap::new();
    let commits = payload.get("commits").and_then(Value::as_array);
    for commit in commits.into_iter().flatten() {
        for (key, now) in [
            ("added", Net::Added),
            ("modified", Net::Modified),
            ("removed", Net::Removed),
        ] {
            let list = commit.get(key).and_then(Value::as_array);
            for path in list.into_iter().flatten().filter_map(Value::as_str) {
                if paths.len() >= MAX_PATHS && !paths.contains_key(path) {
                    push.complete = false;
                    continue;
                }
                match (paths.get(path).copied(), now) {
                    (Some(Net::Added), Net::Removed) => {
                        paths.remove(path);
                    }
                    (Some(Net::Added), _) => {}
                    (Some(Net::Removed), Net::Added) => {
                        paths.insert(path.to_owned(), Net::Modified);
                    }
                    (_, now) => {
                        paths.insert(path.to_owned(), now);
                    }
                }
            }
        }
    }
    for (path, net) in paths {
        match net {
            Net::Added => push.added.push(path),
            Net::Modified => push.modified.push(path),
            Net::Removed => push.removed.push(path),
        }
    }
}

//! What the forges' listings say of a repository.

use serde_json::{Value, json};

use super::Server;

/// When everything was pushed, unless a test says otherwise.
pub(crate) const PUSHED: &str = "2026-02-03T04:05:06Z";

/// A repository as GitHub lists it.
pub(crate) fn github(server: &Server, slug: &str) -> Value {
    json!({
        "id": slug.bytes().map(u64::from).sum::<u64>(),
        "full_name": slug,
        "private": true,
        "visibility": "internal",
        "html_url": server.url(&format!("/{slug}")),
        "clone_url": server.url(&format!("/{slug}.git")),
        "default_branch": "main",
        "archived": false,
        "fork": false,
        "topics": ["backstage-enabled"],
        "pushed_at": PUSHED,
    })
}

/// A project as GitLab lists it.
pub(crate) fn gitlab(server: &Server, slug: &str) -> Value {
    json!({
        "id": 42,
        "path_with_namespace": slug,
        "default_branch": "main",
        "visibility": "private",
        "archived": false,
        "last_activity_at": PUSHED,
        "web_url": server.url(&format!("/{slug}")),
    })
}

/// A repository as Gitea lists it.
pub(crate) fn gitea(server: &Server, slug: &str) -> Value {
    json!({
        "id": 5,
        "full_name": slug,
        "private": true,
        "empty": false,
        "archived": false,
        "fork": false,
        "default_branch": "main",
        "updated_at": PUSHED,
        "html_url": server.url(&format!("/{slug}")),
    })
}

/// The same with some fields replaced.
pub(crate) fn with(mut repository: Value, changes: &Value) -> Value {
    let fields = repository.as_object_mut().expect("an object");
    fields.extend(changes.as_object().expect("an object").clone());
    repository
}

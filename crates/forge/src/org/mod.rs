//! Users and groups of an organisation, as entities.

mod entity;
mod gitea;
mod github;
mod gitlab;

use serde_json::Value;

pub use gitea::import as import_gitea;
pub use github::GitHubOrgProvider;
pub use gitlab::import as import_gitlab;

/// Entities of an organisation. Each is a complete JSON document with both
/// `managed-by` annotations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrgEntities {
    /// Groups first, then users; each sorted by namespace and name.
    pub entities: Vec<Value>,
    /// What was left out or renamed, one sentence each.
    pub notes: Vec<String>,
    /// What could not be read, one sentence each. With any of these, what is
    /// missing here is unknown: it stays as it was last seen.
    pub unread: Vec<String>,
}

//! GitLab: a branch, a file by the repository files API, a merge request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::github::same_content;
use super::{ForgeError, Proposed, Standing, Step, WriteAccess, says_exists};
use crate::client::GitLab;
use crate::client::gitlab::repository;
use crate::client::types::segment;

/// The role "Developer", the first that may push branches.
const DEVELOPER: u64 = 30;

impl GitLab {
    pub(super) async fn standing(&self, slug: &str) -> Result<Standing, ForgeError> {
        let what = format!("read the project `{slug}`");
        let found: Value = self
            .api
            .json(&what, &format!("projects/{}", segment(slug)), &[])
            .await?;
        let repository = repository(&found).map_err(|reason| self.api.garbage(&what, &reason))?;
        Ok(Standing {
            repository,
            access: access_of(&found),
        })
    }

    pub(super) async fn propose(&self, step: Step<'_>) -> Result<Proposed, ForgeError> {
        let project = format!("projects/{}", segment(step.slug));
        let what = step.to_branch();
        let body = json!({ "branch": step.proposal.branch, "ref": step.base });
        let path = format!("{project}/repository/branches");
        let answer = self.api.change(&what, (false, &path), &body).await?;
        if !says_exists(&answer) {
            self.api.success(&what, &answer)?;
        }
        self.commit(step, &project).await?;
        self.open(step, &project).await
    }

    async fn commit(&self, step: Step<'_>, project: &str) -> Result<(), ForgeError> {
        let what = step.to_commit();
        let proposal = step.proposal;
        let path = format!("{project}/repository/files/{}", segment(&proposal.path));
        let there = self
            .api
            .optional(&what, &path, &[("ref", proposal.branch.as_str())])
            .await?;
        let content = STANDARD.encode(&proposal.content);
        if there
            .as_ref()
            .is_some_and(|there| same_content(there, &content))
        {
            return Ok(());
        }
        let body = json!({
            "branch": proposal.branch,
            "content": content,
            "encoding": "base64",
            "commit_message": proposal.title,
        });
        // POST makes a file, PUT changes one.
        let answer = self
            .api
            .change(&what, (there.is_some(), &path), &body)
            .await?;
        self.api.success(&what, &answer).map(|_| ())
    }

    async fn open(&self, step: Step<'_>, project: &str) -> Result<Proposed, ForgeError> {
        let what = step.to_open();
        let proposal = step.proposal;
        let names = ("iid", "web_url");
        let path = format!("{project}/merge_requests");
        let body = json!({
            "source_branch": proposal.branch,
            "target_branch": step.base,
            "title": proposal.title,
            "description": proposal.body,
            "remove_source_branch": true,
        });
        let answer = self.api.change(&what, (false, &path), &body).await?;
        if answer.status != 409 && !says_exists(&answer) {
            let made = self.api.success(&what, &answer)?;
            return Ok(step.done(self.api.pull(&what, &made, names)?, false));
        }
        let query = [
            ("state", "opened"),
            ("source_branch", proposal.branch.as_str()),
            ("target_branch", step.base),
        ];
        let open = self.api.optional(&what, &path, &query).await?;
        match open.as_ref().and_then(|open| open.get(0)) {
            Some(open) => Ok(step.done(self.api.pull(&what, open, names)?, true)),
            None => Err(self.api.refused(&what, &answer)),
        }
    }
}

/// `permissions` holds the roles in the project and in its group; both are
/// null for somebody who is a member of neither.
fn access_of(found: &Value) -> WriteAccess {
    let Some(permissions) = found.get("permissions").and_then(Value::as_object) else {
        return WriteAccess::Unsaid;
    };
    let highest = permissions
        .values()
        .filter_map(|role| role.get("access_level")?.as_u64())
        .max();
    match highest {
        Some(level) if level >= DEVELOPER => WriteAccess::Granted,
        _ => WriteAccess::ReadOnly,
    }
}

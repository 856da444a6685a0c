//! GitHub: a Git reference, a file by the contents API, a pull request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{ForgeError, Proposed, Standing, Step, WriteAccess, says_exists};
use crate::client::GitHub;
use crate::client::github::repository;
use crate::client::types::Fields;
use crate::scm_url::encode_path;

impl GitHub {
    pub(super) async fn standing(&self, slug: &str) -> Result<Standing, ForgeError> {
        let what = format!("read the repository `{slug}`");
        let found: Value = self
            .api
            .json(&what, &format!("repos/{}", encode_path(slug)), &[])
            .await?;
        let repository = repository(&found).map_err(|reason| self.api.garbage(&what, &reason))?;
        Ok(Standing {
            repository,
            access: access_of(&found),
        })
    }

    pub(super) async fn propose(&self, step: Step<'_>) -> Result<Proposed, ForgeError> {
        let repository = format!("repos/{}", encode_path(step.slug));
        self.make_branch(step, &repository).await?;
        self.commit(step, &repository).await?;
        self.open(step, &repository).await
    }

    async fn make_branch(&self, step: Step<'_>, repository: &str) -> Result<(), ForgeError> {
        let what = step.to_branch();
        let path = format!("{repository}/git/ref/heads/{}", encode_path(step.base));
        let head = self.api.optional(&what, &path, &[]).await?;
        let sha = head
            .as_ref()
            .and_then(|head| head.pointer("/object/sha"))
            .and_then(Value::as_str)
            .ok_or_else(|| {
                let reason = format!("the branch `{}` has no commit", step.base);
                self.api.garbage(&what, &reason)
            })?;
        let body = json!({ "ref": format!("refs/heads/{}", step.proposal.branch), "sha": sha });
        let answer = self
            .api
            .change(&what, (false, &format!("{repository}/git/refs")), &body)
            .await?;
        if says_exists(&answer) {
            return Ok(());
        }
        self.api.success(&what, &answer).map(|_| ())
    }

    async fn commit(&self, step: Step<'_>, repository: &str) -> Result<(), ForgeError> {
        let what = step.to_commit();
        let proposal = step.proposal;
        let path = format!("{repository}/contents/{}", encode_path(&proposal.path));
        let there = self
            .api
            .optional(&what, &path, &[("ref", proposal.branch.as_str())])
            .await?;
        let content = STANDARD.encode(&proposal.content);
        let mut body = json!({
            "message": proposal.title,
            "content": content,
            "branch": proposal.branch,
        });
        if let Some(there) = &there {
            if same_content(there, &content) {
                return Ok(());
            }
            if let (Some(sha), Some(fields)) = (there.text("sha"), body.as_object_mut()) {
                fields.insert("sha".into(), sha.into());
            }
        }
        let answer = self.api.change(&what, (true, &path), &body).await?;
        self.api.success(&what, &answer).map(|_| ())
    }

    async fn open(&self, step: Step<'_>, repository: &str) -> Result<Proposed, ForgeError> {
        let what = step.to_open();
        let proposal = step.proposal;
        let names = ("number", "html_url");
        let path = format!("{repository}/pulls");
        let body = json!({
            "title": proposal.title,
            "body": proposal.body,
            "head": proposal.branch,
            "base": step.base,
        });
        let answer = self.api.change(&what, (false, &path), &body).await?;
        if !says_exists(&answer) {
            let made = self.api.success(&what, &answer)?;
            return Ok(step.done(self.api.pull(&what, &made, names)?, false));
        }
        let owner = step.slug.split('/').next().unwrap_or_default();
        let head = format!("{owner}:{}", proposal.branch);
        let query = [
            ("state", "open"),
            ("head", head.as_str()),
            ("base", step.base),
        ];
        let open = self.api.optional(&what, &path, &query).await?;
        match open.as_ref().and_then(|open| open.get(0)) {
            Some(open) => Ok(step.done(self.api.pull(&what, open, names)?, true)),
            None => Err(self.api.refused(&what, &answer)),
        }
    }
}

/// Base64 may be broken into lines.
pub(super) fn same_content(there: &Value, content: &str) -> bool {
    there
        .text("content")
        .is_some_and(|text| text.split_whitespace().collect::<String>() == content)
}

/// `permissions.push`, which GitHub and Gitea give to whoever has signed in.
pub(super) fn access_of(found: &Value) -> WriteAccess {
    match found.pointer("/permissions/push").and_then(Value::as_bool) {
        Some(true) => WriteAccess::Granted,
        Some(false) => WriteAccess::ReadOnly,
        None => WriteAccess::Unsaid,
    }
}

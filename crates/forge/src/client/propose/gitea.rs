//! Gitea and Forgejo: a branch, a file by the contents API, a pull request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::github::{access_of, same_content};
use super::{ForgeError, Proposed, Standing, Step, says_exists};
use crate::client::Gitea;
use crate::client::gitea::repository;
use crate::client::types::Fields;
use crate::scm_url::encode_path;

impl Gitea {
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
        let proposal = step.proposal;
        let what = step.to_branch();
        let body = json!({ "new_branch_name": proposal.branch, "old_branch_name": step.base });
        let answer = self
            .api
            .change(&what, (false, &format!("{repository}/branches")), &body)
            .await?;
        // Forgejo says 409 in words of its own.
        if answer.status != 409 && !says_exists(&answer) {
            self.api.success(&what, &answer)?;
        }
        self.commit(step, &repository).await?;
        self.open(step, &repository).await
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
        // POST makes a file, PUT changes one.
        let answer = self
            .api
            .change(&what, (there.is_some(), &path), &body)
            .await?;
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
        if answer.status != 409 && !says_exists(&answer) {
            let made = self.api.success(&what, &answer)?;
            return Ok(step.done(self.api.pull(&what, &made, names)?, false));
        }
        let path = format!(
            "{path}/{}/{}",
            encode_path(step.base),
            encode_path(&proposal.branch)
        );
        match self.api.optional(&what, &path, &[]).await? {
            Some(open) => Ok(step.done(self.api.pull(&what, &open, names)?, true)),
            None => Err(self.api.refused(&what, &answer)),
        }
    }
}

//! Rules of branches.

use globset::GlobBuilder;
use platform::args;
use platform::store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

use super::{Store, broken};

/// What holds for the branches that a pattern names. The default forbids
/// rewriting and removing, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Rules {
    /// Changes come through pull requests only.
    pub require_pull_request: bool,
    /// Approvals that a pull request needs.
    pub required_approvals: u32,
    /// Owners named in CODEOWNERS must approve what is theirs.
    pub require_code_owners: bool,
    /// Approvals count for the commits that they were given for.
    pub dismiss_stale_reviews: bool,
    /// Checks that must have succeeded on the last commit.
    pub required_checks: Vec<String>,
    /// History may be rewritten.
    pub allow_force_push: bool,
    /// The branch may be removed.
    pub allow_deletion: bool,
    /// The rules hold for administrators of the repository too.
    pub enforce_admins: bool,
}

/// Rules with the branches that they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The name of a branch, or a pattern: `*` within a part, `**` across.
    pub pattern: String,
    /// What holds.
    pub rules: Rules,
}

impl Protection {
    /// Whether it holds for a branch.
    pub fn covers(&self, branch: &str) -> bool {
        self.pattern == branch
            || GlobBuilder::new(&self.pattern)
                .literal_separator(true)
                .build()
                .is_ok_and(|glob| glob.compile_matcher().is_match(branch))
    }
}

/// The rules of a branch: the pattern that is its very name, else the longest
/// that covers it.
pub(crate) fn rules_of<'a>(protections: &'a [Protection], branch: &str) -> Option<&'a Protection> {
    protections
        .iter()
        .filter(|one| one.covers(branch))
        .max_by_key(|one| (one.pattern == branch, one.pattern.len()))
}

impl Store {
    /// The rules of a repository, by pattern.
    pub(crate) async fn protections(&self, id: &str) -> Result<Vec<Protection>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT pattern, rules FROM githost_protections WHERE repository = $1 ORDER BY pattern",
                args![id],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Protection {
                    pattern: row.text(0)?.to_owned(),
                    rules: serde_json::from_str(row.text(1)?)
                        .map_err(|error| broken(1, "rules of a branch", error.to_string()))?,
                })
            })
            .collect()
    }

    /// Sets the rules of a pattern.
    pub(crate) async fn protect(
        &self,
        tx: &mut Tx,
        id: &str,
        protection: &Protection,
    ) -> Result<(), StoreError> {
        let rules = serde_json::to_string(&protection.rules).unwrap_or_default();
        tx.execute(
            "INSERT INTO githost_protections (repository, pattern, rules) VALUES ($1, $2, $3) \
             ON CONFLICT (repository, pattern) DO UPDATE SET rules = excluded.rules",
            args![id, protection.pattern.as_str(), rules],
        )
        .await?;
        Ok(())
    }

    /// Takes the rules of a pattern away; answers whether there were any.
    pub(crate) async fn unprotect(
        &self,
        tx: &mut Tx,
        id: &str,
        pattern: &str,
    ) -> Result<bool, StoreError> {
        let gone = tx
            .execute(
                "DELETE FROM githost_protections WHERE repository = $1 AND pattern = $2",
                args![id, pattern],
            )
            .await?;
        Ok(gone == 1)
    }
}

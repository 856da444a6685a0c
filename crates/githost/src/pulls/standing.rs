//! Whether a pull request may be merged, and what stands against it.

use std::collections::{BTreeMap, BTreeSet};

use forge::host::{Bare, Error, Oid};
use platform::ApiError;

use super::owners::{CodeOwners, MOST_BYTES, PLACES};
use crate::push::{blocking, explained};
use crate::store::{CheckRow, Pull, PullState, Repository, Review, Rules, Verdict, rules_of};
use crate::{GitHost, branch_ref};

/// Where a pull request stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// Files that both sides changed.
    pub(crate) conflicts: Vec<String>,
    /// Who approves, by their last word.
    pub(crate) approved_by: Vec<String>,
    /// Who wants changes, by their last word.
    pub(crate) refused_by: Vec<String>,
    /// Groups of owners of whom one must approve.
    pub(crate) owners: Vec<Vec<String>>,
    /// What programs say of the last commit.
    pub(crate) checks: Vec<CheckRow>,
    /// Sentences that say why it cannot be merged; none: it can.
    pub(crate) against: Vec<String>,
}

impl GitHost {
    /// Finds out what stands against merging a pull request.
    pub(crate) async fn standing(
        &self,
        repository: &Repository,
        pull: &Pull,
    ) -> Result<Standing, ApiError> {
        let store = self.store();
        let checks = store.checks(&repository.id, pull.head.1).await?;
        let reviews = store.reviews(&repository.id, pull.number).await?;
        let protections = store.protections(&repository.id).await?;
        let rules = rules_of(&protections, &pull.base).map(|one| one.rules.clone());
        let rules = rules.unwrap_or_default();
        let last = last_words(&reviews, pull, &rules);
        let by = |verdict: Verdict| {
            let found = last.values().filter(|one| one.verdict == verdict);
            found.map(|one| one.author.clone()).collect::<Vec<_>>()
        };
        let mut standing = Standing {
            approved_by: by(Verdict::Approve),
            refused_by: by(Verdict::RequestChanges),
            checks,
            ..Standing::default()
        };
        if pull.state != PullState::Open {
            return Ok(standing);
        }
        let Some(base) = self.refs(repository).await?.get(&branch_ref(&pull.base)) else {
            standing
                .against
                .push(format!("the branch {} is gone", pull.base));
            return Ok(standing);
        };
        let approvers: BTreeSet<String> = last
            .values()
            .filter(|one| one.verdict == Verdict::Approve)
            .flat_map(|one| one.subjects.iter().cloned())
            .collect();
        let (bare, head, owners) = (
            self.bare(repository),
            pull.head.1,
            rules.require_code_owners,
        );
        let looked = blocking(move || look(&bare, (base, head), owners.then_some(&approvers)));
        (standing.conflicts, standing.owners) = looked.await?.map_err(explained)?;
        standing.against.extend(against(&standing, &rules));
        Ok(standing)
    }
}

/// The last word of each reviewer that decides something.
fn last_words<'a>(
    reviews: &'a [Review],
    pull: &Pull,
    rules: &Rules,
) -> BTreeMap<&'a str, &'a Review> {
    let mut last = BTreeMap::new();
    for review in reviews {
        let stale = rules.dismiss_stale_reviews && review.commit != pull.head.1;
        if review.verdict == Verdict::Comment || stale && review.verdict == Verdict::Approve {
            continue;
        }
        last.insert(review.author.as_str(), review);
    }
    last
}

type Looked = (Vec<String>, Vec<Vec<String>>);

/// Conflicts, and the owners who have not approved.
fn look(
    bare: &Bare,
    (base, head): (Oid, Oid),
    approvers: Option<&BTreeSet<String>>,
) -> Result<Looked, Error> {
    let conflicts = bare.conflicts(base, head)?;
    let Some(approvers) = approvers else {
        return Ok((conflicts, Vec::new()));
    };
    // As the base has it: a branch does not choose who looks at it.
    let mut owners = CodeOwners::default();
    for place in PLACES {
        match bare.file(base, place, MOST_BYTES) {
            Ok((_, bytes)) => {
                owners = CodeOwners::read(&String::from_utf8_lossy(&bytes));
                break;
            }
            Err(Error::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let changes = bare.changes(bare.merge_base(base, head)?, head)?;
    let paths = changes
        .iter()
        .flat_map(|change| [Some(change.path.as_str()), change.from.as_deref()])
        .flatten();
    let approvers = approvers.iter().map(String::as_str).collect();
    Ok((conflicts, owners.missing(paths, &approvers)))
}

fn against(standing: &Standing, rules: &Rules) -> Vec<String> {
    let mut against = Vec::new();
    if !standing.conflicts.is_empty() {
        against.push(format!(
            "both sides changed {}",
            standing.conflicts.join(", ")
        ));
    }
    if !standing.refused_by.is_empty() {
        against.push(format!("{} wants changes", standing.refused_by.join(", ")));
    }
    let (has, needs) = (standing.approved_by.len(), rules.required_approvals);
    if has < usize::try_from(needs).unwrap_or(usize::MAX) {
        against.push(format!("it has {has} of {needs} approvals"));
    }
    for owners in &standing.owners {
        against.push(format!("an owner has to approve: {}", owners.join(" or ")));
    }
    for name in &rules.required_checks {
        let check = standing.checks.iter().find(|one| one.name == *name);
        match check.map(|one| one.state.as_str()) {
            Some("success") => {}
            Some(state) => against.push(format!("the check {name} is {state}")),
            None => against.push(format!("the check {name} has not reported")),
        }
    }
    against
}

//! Names of commits. Each moves only from the value that the mover knows.

use forge::host::{Oid, parse_oid};
use jiff::Timestamp;
use platform::args;
use platform::store::{StoreError, Tx};

use super::{Store, broken};

/// One ref that shall move.
#[derive(Clone, Debug)]
pub(crate) struct RefChange {
    pub(crate) name: String,
    pub(crate) old: Option<Oid>,
    pub(crate) new: Option<Oid>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefOutcome {
    /// It moved.
    Done,
    /// It was somewhere else already.
    Stale,
    /// A name that cannot stand beside this one.
    Clash(String),
}

impl Store {
    /// Every name of a repository, sorted, with what it points to.
    pub(crate) async fn refs(&self, id: &str) -> Result<Vec<(String, Oid)>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT name, target FROM githost_refs WHERE repository = $1 ORDER BY name",
                args![id],
            )
            .await?;
        rows.iter()
            .map(|row| Ok((row.text(0)?.to_owned(), oid(row.text(1)?)?)))
            .collect()
    }

    /// Holds everybody else who wants to move refs of this repository back
    /// until the transaction ends. Answers whether it is still there.
    pub(crate) async fn lock(
        &self,
        tx: &mut Tx,
        (id, bytes): (&str, u64),
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let found = tx
            .execute(
                "UPDATE githost_repositories SET pushed_at = $2, updated_at = $2, bytes = $3 \
                 WHERE id = $1",
                args![id, at, bytes],
            )
            .await?;
        Ok(found == 1)
    }

    /// Every name as this transaction sees it.
    pub(crate) async fn names(&self, tx: &mut Tx, id: &str) -> Result<Vec<String>, StoreError> {
        let rows = tx
            .query(
                "SELECT name FROM githost_refs WHERE repository = $1 ORDER BY name",
                args![id],
            )
            .await?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }

    /// Moves one ref from what it was believed to be.
    pub(crate) async fn move_ref(
        &self,
        tx: &mut Tx,
        id: &str,
        change: &RefChange,
        at: Timestamp,
    ) -> Result<RefOutcome, StoreError> {
        let name = change.name.as_str();
        let text = |oid: Oid| oid.to_string();
        let done = match (change.old, change.new) {
            (None, None) => return Ok(RefOutcome::Stale),
            (None, Some(new)) => {
                let names = self.names(tx, id).await?;
                if let Some(other) = clash(name, &names) {
                    return Ok(RefOutcome::Clash(other));
                }
                tx.execute(
                    "INSERT INTO githost_refs (repository, name, target, updated_at) \
                     VALUES ($1, $2, $3, $4) ON CONFLICT (repository, name) DO NOTHING",
                    args![id, name, text(new), at],
                )
                .await?
            }
            (Some(old), Some(new)) => {
                tx.execute(
                    "UPDATE githost_refs SET target = $3, updated_at = $5 \
                     WHERE repository = $1 AND name = $2 AND target = $4",
                    args![id, name, text(new), text(old), at],
                )
                .await?
            }
            (Some(old), None) => {
                tx.execute(
                    "DELETE FROM githost_refs WHERE repository = $1 AND name = $2 AND target = $3",
                    args![id, name, text(old)],
                )
                .await?
            }
        };
        Ok(if done == 1 {
            RefOutcome::Done
        } else {
            RefOutcome::Stale
        })
    }
}

fn oid(text: &str) -> Result<Oid, StoreError> {
    parse_oid(text).ok_or_else(|| broken(1, "the id of an object", text))
}

/// A name that files of clones could not stand beside: `a` and `a/b`, or names
/// that differ in case alone.
fn clash(name: &str, names: &[String]) -> Option<String> {
    let lower = name.to_lowercase();
    let below = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    names
        .iter()
        .find(|other| {
            let folded = other.to_lowercase();
            (folded == lower && other.as_str() != name)
                || below(&lower, &folded)
                || below(&folded, &lower)
        })
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_stand_side_by_side() {
        let names = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let there = names(&["refs/heads/main", "refs/heads/feat/a"]);
        assert_eq!(clash("refs/heads/x", &there), None);
        assert_eq!(clash("refs/heads/main", &there), None);
        assert_eq!(clash("refs/heads/feature", &there), None);
        for bad in [
            "refs/heads/main/x",
            "refs/heads/feat",
            "refs/heads/Main",
            "refs/heads/FEAT",
        ] {
            assert!(clash(bad, &there).is_some(), "{bad}");
        }
    }
}

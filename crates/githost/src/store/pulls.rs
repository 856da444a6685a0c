//! Pull requests with what people and programs say about them.

use forge::host::{Oid, parse_oid};
use jiff::Timestamp;
use platform::args;
use platform::store::{Row, Sql, StoreError, Tx};
use serde_json::Value;

use super::{Store, broken};

/// Where a pull request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PullState {
    Open,
    Closed,
    Merged,
}

impl PullState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "closed" => Some(Self::Closed),
            "merged" => Some(Self::Merged),
            _ => None,
        }
    }
}

/// A wish to bring one branch into another.
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) author: String,
    /// The branch that is brought, and its last commit.
    pub(crate) head: (String, Oid),
    /// The branch that it is brought into.
    pub(crate) base: String,
    pub(crate) state: PullState,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) merged_by: Option<String>,
    pub(crate) merged_as: Option<String>,
}

/// What a reviewer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Approve,
    RequestChanges,
    Comment,
}

impl Verdict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::RequestChanges => "request-changes",
            Self::Comment => "comment",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "approve" => Some(Self::Approve),
            "request-changes" => Some(Self::RequestChanges),
            "comment" => Some(Self::Comment),
            _ => None,
        }
    }
}

/// A review, or a comment: a review that decides nothing.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) author: String,
    /// What the author owned things as when they wrote it.
    pub(crate) subjects: Vec<String>,
    pub(crate) verdict: Verdict,
    pub(crate) body: String,
    /// The commit that was looked at.
    pub(crate) commit: Oid,
    /// A place in the files, for a comment on a line.
    pub(crate) place: Option<(String, i64)>,
    pub(crate) created_at: Timestamp,
}

/// What a program found out about a commit.
#[derive(Clone, Debug)]
pub(crate) struct CheckRow {
    pub(crate) name: String,
    /// `pending`, `success`, `failure` or `error`.
    pub(crate) state: String,
    pub(crate) description: String,
    pub(crate) url: String,
    pub(crate) updated_at: Timestamp,
}

const COLUMNS: &str = "number, title, body, author, head_branch, head_id, base_branch, state, \
created_at, updated_at, merged_by, merged_as";

fn from_row(row: &Row) -> Result<Pull, StoreError> {
    Ok(Pull {
        number: row.int(0)?,
        title: row.text(1)?.to_owned(),
        body: row.text(2)?.to_owned(),
        author: row.text(3)?.to_owned(),
        head: (row.text(4)?.to_owned(), oid(row, 5)?),
        base: row.text(6)?.to_owned(),
        state: PullState::from_name(row.text(7)?)
            .ok_or_else(|| broken(7, "a state", row.text(7).unwrap_or_default()))?,
        created_at: row.time(8)?,
        updated_at: row.time(9)?,
        merged_by: row.opt_text(10)?.map(str::to_owned),
        merged_as: row.opt_text(11)?.map(str::to_owned),
    })
}

fn oid(row: &Row, index: usize) -> Result<Oid, StoreError> {
    let text = row.text(index)?;
    parse_oid(text).ok_or_else(|| broken(index, "the id of an object", text))
}

impl Store {
    /// One pull request.
    pub(crate) async fn pull(&self, id: &str, number: i64) -> Result<Option<Pull>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM githost_pulls WHERE repository = $1 AND number = $2");
        let rows = self.db.read(Sql::assembled(sql), args![id, number]).await?;
        rows.first().map(from_row).transpose()
    }

    /// Up to `limit` pull requests below `before`, newest first.
    pub(crate) async fn pulls(
        &self,
        id: &str,
        state: Option<PullState>,
        (before, limit): (i64, usize),
    ) -> Result<Vec<Pull>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM githost_pulls WHERE repository = $1 AND number < $2 \
             AND ($3 = '' OR state = $3) ORDER BY number DESC LIMIT $4"
        );
        let state = state.map_or("", PullState::as_str);
        let rows = self
            .db
            .read(Sql::assembled(sql), args![id, before, state, limit])
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// The open pull request of a branch into another, if there is one.
    pub(crate) async fn open_pull(
        &self,
        tx: &mut Tx,
        id: &str,
        (head, base): (&str, &str),
    ) -> Result<Option<i64>, StoreError> {
        let rows = tx
            .query(
                "SELECT number FROM githost_pulls WHERE repository = $1 AND head_branch = $2 \
                 AND base_branch = $3 AND state = 'open'",
                args![id, head, base],
            )
            .await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Adds a pull request under the next number, which it answers.
    pub(crate) async fn add_pull(
        &self,
        tx: &mut Tx,
        id: &str,
        new: &Pull,
    ) -> Result<i64, StoreError> {
        let rows = tx
            .query(
                "UPDATE githost_repositories SET next_number = next_number + 1 WHERE id = $1 \
                 RETURNING next_number - 1",
                args![id],
            )
            .await?;
        let number = rows.first().map_or(Ok(0), |row| row.int(0))?;
        tx.execute(
            "INSERT INTO githost_pulls (repository, number, title, body, author, head_branch, \
             head_id, base_branch, state, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
            args![
                id,
                number,
                new.title.as_str(),
                new.body.as_str(),
                new.author.as_str(),
                new.head.0.as_str(),
                new.head.1.to_string(),
                new.base.as_str(),
                new.state.as_str(),
                new.created_at,
            ],
        )
        .await?;
        self.name_pull(tx, (id, number), new.head.1, new.created_at)
            .await?;
        Ok(number)
    }

    /// Lets `refs/pull/<number>/head` name a commit, which keeps it.
    async fn name_pull(
        &self,
        tx: &mut Tx,
        (id, number): (&str, i64),
        head: Oid,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO githost_refs (repository, name, target, updated_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (repository, name) DO UPDATE SET target = excluded.target, \
             updated_at = excluded.updated_at",
            args![id, format!("refs/pull/{number}/head"), head.to_string(), at],
        )
        .await?;
        Ok(())
    }

    /// Open pull requests follow their branch. Answers their numbers.
    pub(crate) async fn follow(
        &self,
        tx: &mut Tx,
        id: &str,
        (branch, head): (&str, Oid),
        at: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let rows = tx
            .query(
                "UPDATE githost_pulls SET head_id = $3, updated_at = $4 WHERE repository = $1 \
                 AND head_branch = $2 AND state = 'open' RETURNING number",
                args![id, branch, head.to_string(), at],
            )
            .await?;
        let mut numbers = Vec::with_capacity(rows.len());
        for row in &rows {
            let number = row.int(0)?;
            self.name_pull(tx, (id, number), head, at).await?;
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// Writes title, body and state of a pull request that is still in
    /// `state`; answers whether it was.
    pub(crate) async fn change_pull(
        &self,
        tx: &mut Tx,
        id: &str,
        (pull, was): (&Pull, PullState),
    ) -> Result<bool, StoreError> {
        let done = tx
            .execute(
                "UPDATE githost_pulls SET title = $3, body = $4, state = $5, updated_at = $6, \
                 merged_by = $7, merged_as = $8 WHERE repository = $1 AND number = $2 AND state = $9",
                args![
                    id,
                    pull.number,
                    pull.title.as_str(),
                    pull.body.as_str(),
                    pull.state.as_str(),
                    pull.updated_at,
                    pull.merged_by.clone(),
                    pull.merged_as.clone(),
                    was.as_str(),
                ],
            )
            .await?;
        Ok(done == 1)
    }

    /// Everything that was said, oldest first.
    pub(crate) async fn reviews(&self, id: &str, number: i64) -> Result<Vec<Review>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT author, subjects, verdict, body, commit_id, path, line, created_at \
                 FROM githost_reviews WHERE repository = $1 AND number = $2 ORDER BY seq",
                args![id, number],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let subjects: Value = row.json(1)?;
                let subjects = subjects.as_array().map(Vec::as_slice).unwrap_or_default();
                Ok(Review {
                    author: row.text(0)?.to_owned(),
                    subjects: subjects
                        .iter()
                        .filter_map(|one| one.as_str().map(str::to_owned))
                        .collect(),
                    verdict: Verdict::from_name(row.text(2)?)
                        .ok_or_else(|| broken(2, "a verdict", row.text(2).unwrap_or_default()))?,
                    body: row.text(3)?.to_owned(),
                    commit: oid(row, 4)?,
                    place: row.opt_text(5)?.map(str::to_owned).zip(row.opt_int(6)?),
                    created_at: row.time(7)?,
                })
            })
            .collect()
    }

    /// Adds a review; answers how many there are.
    pub(crate) async fn add_review(
        &self,
        tx: &mut Tx,
        (id, number): (&str, i64),
        review: &Review,
    ) -> Result<i64, StoreError> {
        // The row of the pull request holds others back.
        tx.execute(
            "UPDATE githost_pulls SET updated_at = $3 WHERE repository = $1 AND number = $2",
            args![id, number, review.created_at],
        )
        .await?;
        let rows = tx
            .query(
                "SELECT COUNT(*) FROM githost_reviews WHERE repository = $1 AND number = $2",
                args![id, number],
            )
            .await?;
        let seq = rows.first().map_or(Ok(0), |row| row.int(0))? + 1;
        let subjects = Value::from(review.subjects.clone());
        tx.execute(
            "INSERT INTO githost_reviews (repository, number, seq, author, subjects, verdict, body, \
             commit_id, path, line, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            args![
                id,
                number,
                seq,
                review.author.as_str(),
                &subjects,
                review.verdict.as_str(),
                review.body.as_str(),
                review.commit.to_string(),
                review.place.as_ref().map(|place| place.0.as_str()),
                review.place.as_ref().map(|place| place.1),
                review.created_at,
            ],
        )
        .await?;
        Ok(seq)
    }

    /// What programs found out about a commit, by name.
    pub(crate) async fn checks(&self, id: &str, commit: Oid) -> Result<Vec<CheckRow>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT name, state, description, url, updated_at FROM githost_checks \
                 WHERE repository = $1 AND commit_id = $2 ORDER BY name",
                args![id, commit.to_string()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(CheckRow {
                    name: row.text(0)?.to_owned(),
                    state: row.text(1)?.to_owned(),
                    description: row.text(2)?.to_owned(),
                    url: row.text(3)?.to_owned(),
                    updated_at: row.time(4)?,
                })
            })
            .collect()
    }

    /// Writes what a program found out, in place of what it said before.
    pub(crate) async fn set_check(
        &self,
        tx: &mut Tx,
        (id, commit): (&str, Oid),
        check: &CheckRow,
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO githost_checks (repository, commit_id, name, state, description, url, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (repository, commit_id, name) DO UPDATE \
             SET state = excluded.state, description = excluded.description, url = excluded.url, \
             updated_at = excluded.updated_at",
            args![
                id,
                commit.to_string(),
                check.name.as_str(),
                check.state.as_str(),
                check.description.as_str(),
                check.url.as_str(),
                check.updated_at,
            ],
        )
        .await?;
        Ok(())
    }
}

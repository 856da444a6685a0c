//! Repositories and who works on them.

use jiff::Timestamp;
use platform::args;
use platform::store::{Row, Sql, StoreError, Tx};
use serde_json::Value;

use super::{Store, broken};
use crate::names::RepositoryName;
use crate::rights::Right;

/// Who may know of a repository without a part in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody who may read repositories.
    #[default]
    Internal,
    /// Nobody.
    Private,
}

impl Visibility {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Private => "private",
        }
    }

    /// The visibility with this name; `public` is taken as `internal`, since
    /// nothing here is shown to strangers.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "internal" | "public" => Some(Self::Internal),
            "private" => Some(Self::Private),
            _ => None,
        }
    }
}

/// One repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Stays when it gets another name; the name of its directory.
    pub id: String,
    /// Its name.
    pub name: RepositoryName,
    /// One sentence.
    pub description: String,
    /// The branch that clones begin with.
    pub default_branch: String,
    /// Who may know of it.
    pub visibility: Visibility,
    /// Nothing may be pushed.
    pub archived: bool,
    /// Further settings, a JSON object.
    pub settings: Value,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something about it changed last.
    pub updated_at: Timestamp,
    /// When a ref moved last.
    pub pushed_at: Option<Timestamp>,
    /// Bytes on the disk after the last push.
    pub bytes: u64,
}

/// Somebody who works on a repository.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// An entity ref or the name of a program.
    pub(crate) subject: String,
    /// What they may do.
    pub(crate) right: Right,
}

/// Which repositories are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// Only of this owner, in lower case.
    pub(crate) owner: Option<String>,
    /// Only those whose key comes after this.
    pub(crate) after: String,
}

const COLUMNS: &str = "id, owner, name, description, default_branch, visibility, archived, settings, \
created_by, created_at, updated_at, pushed_at, bytes";

fn from_row(row: &Row) -> Result<Repository, StoreError> {
    let name = RepositoryName::new(row.text(1)?, row.text(2)?)
        .map_err(|error| broken(1, "the name of a repository", error.to_string()))?;
    let visibility = Visibility::from_name(row.text(5)?)
        .ok_or_else(|| broken(5, "a visibility", row.text(5).unwrap_or_default()))?;
    Ok(Repository {
        id: row.text(0)?.to_owned(),
        name,
        description: row.text(3)?.to_owned(),
        default_branch: row.text(4)?.to_owned(),
        visibility,
        archived: row.int(6)? != 0,
        settings: row.json(7)?,
        created_by: row.text(8)?.to_owned(),
        created_at: row.time(9)?,
        updated_at: row.time(10)?,
        pushed_at: row.opt_time(11)?,
        bytes: u64::try_from(row.int(12)?).unwrap_or(0),
    })
}

impl Store {
    /// The repository of this name, in whatever case.
    pub(crate) async fn repository(
        &self,
        name: &RepositoryName,
    ) -> Result<Option<Repository>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM githost_repositories WHERE key = $1");
        let rows = self.db.read(Sql::assembled(sql), args![name.key()]).await?;
        rows.first().map(from_row).transpose()
    }

    /// Up to `limit` repositories in the order of their names.
    pub(crate) async fn repositories(
        &self,
        listing: &Listing,
        limit: usize,
    ) -> Result<Vec<Repository>, StoreError> {
        let owner = listing.owner.clone().unwrap_or_default();
        let sql = format!(
            "SELECT {COLUMNS} FROM githost_repositories WHERE key > $1 \
             AND ($2 = '' OR LOWER(owner) = $2) ORDER BY key LIMIT $3"
        );
        let rows = self
            .db
            .read(
                Sql::assembled(sql),
                args![listing.after.as_str(), owner, limit],
            )
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// How many repositories an owner has, and the bytes of all owners'.
    pub(crate) async fn usage(&self, owner: &str) -> Result<(usize, u64), StoreError> {
        let rows = self
            .db
            .read(
                "SELECT (SELECT COUNT(*) FROM githost_repositories WHERE LOWER(owner) = $1), \
                 CAST((SELECT COALESCE(SUM(bytes), 0) FROM githost_repositories) AS BIGINT)",
                args![owner.to_ascii_lowercase()],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok((0, 0));
        };
        Ok((
            usize::try_from(row.int(0)?).unwrap_or(usize::MAX),
            u64::try_from(row.int(1)?).unwrap_or(0),
        ))
    }

    /// Adds a repository; answers whether the name was free.
    pub(crate) async fn add(&self, tx: &mut Tx, new: &Repository) -> Result<bool, StoreError> {
        let added = tx
            .execute(
                "INSERT INTO githost_repositories (id, key, owner, name, description, default_branch, \
                 visibility, archived, settings, created_by, created_at, updated_at, pushed_at, bytes, \
                 next_number) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, NULL, 0, 1) \
                 ON CONFLICT (key) DO NOTHING",
                args![
                    new.id.as_str(),
                    new.name.key(),
                    new.name.owner.as_str(),
                    new.name.name.as_str(),
                    new.description.as_str(),
                    new.default_branch.as_str(),
                    new.visibility.as_str(),
                    new.archived,
                    &new.settings,
                    new.created_by.as_str(),
                    new.created_at,
                ],
            )
            .await?;
        Ok(added == 1)
    }

    /// Writes what may be changed; answers whether it was there.
    pub(crate) async fn change(
        &self,
        tx: &mut Tx,
        changed: &Repository,
    ) -> Result<bool, StoreError> {
        let done = tx
            .execute(
                "UPDATE githost_repositories SET description = $2, default_branch = $3, \
                 visibility = $4, archived = $5, settings = $6, updated_at = $7 WHERE id = $1",
                args![
                    changed.id.as_str(),
                    changed.description.as_str(),
                    changed.default_branch.as_str(),
                    changed.visibility.as_str(),
                    changed.archived,
                    &changed.settings,
                    changed.updated_at,
                ],
            )
            .await?;
        Ok(done == 1)
    }

    /// Removes a repository with everything that belongs to it.
    pub(crate) async fn remove(&self, tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
        for sql in [
            "DELETE FROM githost_refs WHERE repository = $1",
            "DELETE FROM githost_protections WHERE repository = $1",
            "DELETE FROM githost_members WHERE repository = $1",
            "DELETE FROM githost_pulls WHERE repository = $1",
            "DELETE FROM githost_reviews WHERE repository = $1",
            "DELETE FROM githost_checks WHERE repository = $1",
        ] {
            tx.execute(sql, args![id]).await?;
        }
        let gone = tx
            .execute("DELETE FROM githost_repositories WHERE id = $1", args![id])
            .await?;
        Ok(gone == 1)
    }

    /// Who works on a repository besides its owner.
    pub(crate) async fn members(&self, id: &str) -> Result<Vec<Member>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT subject, role FROM githost_members WHERE repository = $1 ORDER BY subject",
                args![id],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Member {
                    subject: row.text(0)?.to_owned(),
                    right: Right::from_name(row.text(1)?)
                        .ok_or_else(|| broken(1, "a role", row.text(1).unwrap_or_default()))?,
                })
            })
            .collect()
    }

    /// Adds somebody, or gives them another role.
    pub(crate) async fn set_member(
        &self,
        tx: &mut Tx,
        id: &str,
        member: &Member,
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO githost_members (repository, subject, role) VALUES ($1, $2, $3) \
             ON CONFLICT (repository, subject) DO UPDATE SET role = excluded.role",
            args![id, member.subject.as_str(), member.right.as_str()],
        )
        .await?;
        Ok(())
    }

    /// Takes somebody out; answers whether they were in.
    pub(crate) async fn remove_member(
        &self,
        tx: &mut Tx,
        id: &str,
        subject: &str,
    ) -> Result<bool, StoreError> {
        let gone = tx
            .execute(
                "DELETE FROM githost_members WHERE repository = $1 AND subject = $2",
                args![id, subject],
            )
            .await?;
        Ok(gone == 1)
    }
}

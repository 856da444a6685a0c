//! Making, changing and removing repositories, their rules and their members:
//! each one transaction of rows and event.

use platform::ApiError;
use platform::actor::Caller;
use platform::event::{EventType, NewEvent, Outcome};
use platform::store::Tx;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::names::RepositoryName;
use crate::push::{blocking, explained};
use crate::rights::Right;
use crate::store::{Listing, Member, Protection, Repository, Visibility};
use crate::{GitHost, events, permission, rights, smart};

/// Characters of a description.
const LONGEST_DESCRIPTION: usize = 500;
/// Rules and members of one repository.
const MOST: usize = 200;

/// What somebody wants a new repository to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: RepositoryName,
    pub(crate) description: String,
    pub(crate) default_branch: String,
    pub(crate) visibility: Visibility,
}

/// What shall become different.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub(crate) description: Option<String>,
    pub(crate) default_branch: Option<String>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) archived: Option<bool>,
}

fn check_description(text: &str) -> Result<(), ApiError> {
    if text.chars().count() <= LONGEST_DESCRIPTION && !text.contains('\0') {
        return Ok(());
    }
    Err(ApiError::input("The description is too long")
        .accepted(format!("up to {LONGEST_DESCRIPTION} characters")))
}

fn check_branch(name: &str) -> Result<(), ApiError> {
    let command = forge::host::Command {
        name: crate::branch_ref(name),
        old: None,
        new: None,
    };
    command.check_name().map_err(|reason| {
        ApiError::input(format!("{name:?} is not the name of a branch: {reason}"))
            .accepted("a name such as main or feature/login")
    })
}

/// A name as an error of the API.
pub(crate) fn named(owner: &str, name: &str) -> Result<RepositoryName, ApiError> {
    RepositoryName::new(owner, name).map_err(|error| {
        ApiError::input(error.to_string()).accepted(
            "an owner and a name of up to 100 letters, digits, `-`, `_` and `.`, such as acme/shop",
        )
    })
}

impl GitHost {
    /// Makes an empty repository.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        wanted: Wanted,
    ) -> Result<Repository, ApiError> {
        caller.require(permission::CREATE)?;
        check_description(&wanted.description)?;
        check_branch(&wanted.default_branch)?;
        let (count, _) = self.store().usage(&wanted.name.owner).await?;
        if count >= self.settings().repositories {
            return Err(ApiError::not_allowed(format!(
                "{} has {count} repositories, which is as many as an owner may have",
                wanted.name.owner
            ))
            .fix("remove one, or have an administrator raise `githost.limits.repositories`"));
        }
        let now = self.clock().now();
        let seed = format!("{} {}", wanted.name.key(), now.as_microsecond());
        let id: String = hex::encode(Sha256::digest(seed)).chars().take(24).collect();
        let repository = Repository {
            id,
            name: wanted.name,
            description: wanted.description,
            default_branch: wanted.default_branch,
            visibility: wanted.visibility,
            archived: false,
            settings: json!({}),
            created_by: rights::person(caller).to_owned(),
            created_at: now,
            updated_at: now,
            pushed_at: None,
            bytes: 0,
        };
        // The directory first: one that no row names is harmless.
        let (directory, limits) = (self.bare(&repository), self.settings().limits);
        blocking(move || forge::host::Bare::create(directory.directory(), limits))
            .await?
            .map_err(explained)?;
        let mut tx = self.store().db().begin().await?;
        if !self.store().add(&mut tx, &repository).await? {
            let bare = self.bare(&repository);
            tx.rollback().await?;
            blocking(move || bare.remove()).await?.map_err(explained)?;
            return Err(ApiError::conflict(format!(
                "There is a repository {} already",
                repository.name
            ))
            .fix("choose another name, or use the one that is there"));
        }
        let data = json!({
            "repository": repository.name.to_string(),
            "visibility": repository.visibility.as_str(),
            "defaultBranch": repository.default_branch,
        });
        tell(
            &mut tx,
            caller,
            &repository,
            (events::REPOSITORY_CREATED, data),
        )
        .await?;
        tx.commit().await?;
        Ok(repository)
    }

    /// The repository, when the caller has this right in it.
    ///
    /// # Errors
    /// 404 where they may not know of it, 403 where they may not do this.
    pub(crate) async fn reach(
        &self,
        caller: &Caller,
        (owner, name): (&str, &str),
        wanted: Right,
    ) -> Result<(Repository, Right), ApiError> {
        smart::reach(self, caller, (owner, name), wanted).await
    }

    /// Up to `limit` repositories that the caller may see, in the order of
    /// their names, and the key after which the next page begins.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        mut listing: Listing,
        limit: usize,
    ) -> Result<(Vec<(Repository, Right)>, Option<String>), ApiError> {
        let mut found = Vec::new();
        loop {
            let rows = self.store().repositories(&listing, limit + 1).await?;
            let last = rows.len() <= limit;
            for repository in rows {
                listing.after = repository.name.key();
                let members = match repository.visibility {
                    Visibility::Internal => Vec::new(),
                    Visibility::Private => self.store().members(&repository.id).await?,
                };
                if let Some(right) = rights::right(caller, &repository, &members) {
                    if found.len() == limit {
                        let next = found
                            .last()
                            .map(|(one, _): &(Repository, Right)| one.name.key());
                        return Ok((found, next));
                    }
                    found.push((repository, right));
                }
            }
            if last {
                return Ok((found, None));
            }
        }
    }

    /// Changes what is asked for.
    pub(crate) async fn edit(
        &self,
        caller: &Caller,
        repository: &Repository,
        edit: Edit,
    ) -> Result<Repository, ApiError> {
        let mut changed = repository.clone();
        if let Some(text) = edit.description {
            check_description(&text)?;
            changed.description = text;
        }
        if let Some(branch) = edit.default_branch {
            let refs = self.refs(repository).await?;
            if !refs.all.is_empty() && refs.get(&crate::branch_ref(&branch)).is_none() {
                return Err(
                    ApiError::input(format!("{} has no branch {branch}", repository.name))
                        .accepted("the name of a branch that is there"),
                );
            }
            check_branch(&branch)?;
            changed.default_branch = branch;
        }
        changed.visibility = edit.visibility.unwrap_or(changed.visibility);
        changed.archived = edit.archived.unwrap_or(changed.archived);
        changed.updated_at = self.clock().now();
        let facts = |one: &Repository| {
            json!({
                "description": one.description,
                "defaultBranch": one.default_branch,
                "visibility": one.visibility.as_str(),
                "archived": one.archived,
            })
        };
        let mut tx = self.store().db().begin().await?;
        if !self.store().change(&mut tx, &changed).await? {
            return Err(gone(repository));
        }
        let data = json!({
            "repository": repository.name.to_string(),
            "before": facts(repository),
            "after": facts(&changed),
        });
        tell(
            &mut tx,
            caller,
            repository,
            (events::REPOSITORY_MODIFIED, data),
        )
        .await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Removes a repository with all that is in it.
    pub(crate) async fn delete(
        &self,
        caller: &Caller,
        repository: &Repository,
    ) -> Result<(), ApiError> {
        caller.require(permission::DELETE)?;
        let mut tx = self.store().db().begin().await?;
        if !self.store().remove(&mut tx, &repository.id).await? {
            return Err(gone(repository));
        }
        let data = json!({ "repository": repository.name.to_string(), "bytes": repository.bytes });
        tell(
            &mut tx,
            caller,
            repository,
            (events::REPOSITORY_DELETED, data),
        )
        .await?;
        tx.commit().await?;
        let bare = self.bare(repository);
        blocking(move || bare.remove()).await?.map_err(explained)
    }

    /// Sets the rules of the branches that a pattern names.
    pub(crate) async fn protect(
        &self,
        caller: &Caller,
        repository: &Repository,
        protection: Protection,
    ) -> Result<(), ApiError> {
        let valid = !protection.pattern.is_empty()
            && protection.pattern.len() <= 255
            && globset::Glob::new(&protection.pattern).is_ok();
        if !valid {
            return Err(ApiError::input(format!(
                "{:?} is not a pattern of branches",
                protection.pattern
            ))
            .accepted("the name of a branch, or a pattern such as release/*"));
        }
        let there = self.store().protections(&repository.id).await?;
        let before = there.iter().find(|one| one.pattern == protection.pattern);
        if before.is_none() && there.len() >= MOST {
            return Err(ApiError::input(format!(
                "A repository has at most {MOST} protections"
            )));
        }
        let mut tx = self.store().db().begin().await?;
        self.store()
            .protect(&mut tx, &repository.id, &protection)
            .await?;
        let data = json!({
            "repository": repository.name.to_string(),
            "pattern": protection.pattern,
            "before": before.map(|one| &one.rules),
            "after": protection.rules,
        });
        tell(
            &mut tx,
            caller,
            repository,
            (events::PROTECTION_CHANGED, data),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Takes the rules of a pattern away.
    pub(crate) async fn unprotect(
        &self,
        caller: &Caller,
        repository: &Repository,
        pattern: &str,
    ) -> Result<(), ApiError> {
        let mut tx = self.store().db().begin().await?;
        if !self
            .store()
            .unprotect(&mut tx, &repository.id, pattern)
            .await?
        {
            return Err(ApiError::not_found(format!(
                "{} has no protection for {pattern:?}",
                repository.name
            )));
        }
        let data = json!({
            "repository": repository.name.to_string(),
            "pattern": pattern,
            "after": Value::Null,
        });
        tell(
            &mut tx,
            caller,
            repository,
            (events::PROTECTION_CHANGED, data),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Gives somebody a part in a repository, another one, or none.
    pub(crate) async fn set_member(
        &self,
        caller: &Caller,
        repository: &Repository,
        (subject, right): (&str, Option<Right>),
    ) -> Result<(), ApiError> {
        if subject.is_empty() || subject.len() > 300 || subject.contains(char::is_control) {
            return Err(ApiError::input("The member is not named")
                .accepted("a reference such as group:default/team-shop or user:default/kim"));
        }
        let there = self.store().members(&repository.id).await?;
        let before = there.iter().find(|one| one.subject == subject);
        if before.is_none() && there.len() >= MOST {
            return Err(ApiError::input(format!(
                "A repository has at most {MOST} members; add a group"
            )));
        }
        let mut tx = self.store().db().begin().await?;
        match right {
            Some(right) => {
                let member = Member {
                    subject: subject.to_owned(),
                    right,
                };
                self.store()
                    .set_member(&mut tx, &repository.id, &member)
                    .await?;
            }
            None => {
                let known = self
                    .store()
                    .remove_member(&mut tx, &repository.id, subject)
                    .await?;
                if !known {
                    return Err(ApiError::not_found(format!(
                        "{subject} is no member of {}",
                        repository.name
                    )));
                }
            }
        }
        let data = json!({
            "repository": repository.name.to_string(),
            "member": subject,
            "before": before.map(|one| one.right.as_str()),
            "after": right.map(Right::as_str),
        });
        tell(&mut tx, caller, repository, (events::MEMBERS_CHANGED, data)).await?;
        Ok(tx.commit().await?)
    }
}

fn gone(repository: &Repository) -> ApiError {
    ApiError::not_found(format!("{} was removed meanwhile", repository.name))
}

/// Appends the event of a change.
pub(crate) async fn tell(
    tx: &mut Tx,
    caller: &Caller,
    repository: &Repository,
    (kind, data): (EventType, Value),
) -> Result<(), ApiError> {
    tx.append(NewEvent {
        kind,
        subject: format!("git:{}", repository.name),
        actor: caller.actor.clone(),
        outcome: Outcome::Allowed,
        cause: None,
        data,
    })
    .await?;
    Ok(())
}

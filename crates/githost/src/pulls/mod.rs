//! Pull requests: open, look at, talk about, review, check, merge, close.

mod owners;
pub(crate) mod standing;

use forge::host::{FileChange, Making, Method, Oid};
use platform::ApiError;
use platform::actor::Caller;
use platform::event::{EventType, NewEvent, Outcome};
use serde_json::{Value, json};

use crate::push::{blocking, explained};
use crate::rights::Right;
use crate::store::{CheckRow, Pull, PullState, RefChange, RefOutcome, Repository, Review, Verdict};
use crate::{GitHost, branch_ref, events, push, rights};

pub(crate) use standing::Standing;

/// Characters of a title, and of what people write below it.
const LONGEST_TITLE: usize = 300;
const LONGEST_BODY: usize = 64_000;
/// Reviews and comments of one pull request.
const MOST_REVIEWS: usize = 5_000;

/// What somebody wants to have merged.
#[derive(Clone, Debug)]
pub(crate) struct NewPull {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) head: String,
    pub(crate) base: String,
}

/// How it shall be merged.
#[derive(Clone, Debug)]
pub(crate) struct Merging {
    pub(crate) method: Method,
    /// The commit that was looked at; another one is not merged.
    pub(crate) expected: Option<Oid>,
    /// The message of the commit; one is made of the title otherwise.
    pub(crate) message: Option<String>,
    /// Whether the branch is removed afterwards.
    pub(crate) delete_branch: bool,
}

fn text(what: &str, text: &str, most: usize, needed: bool) -> Result<(), ApiError> {
    let count = text.chars().count();
    if count <= most && !text.contains('\0') && !(needed && text.trim().is_empty()) {
        return Ok(());
    }
    let least = if needed { "1" } else { "0" };
    Err(ApiError::input(format!("The {what} is empty, or too long"))
        .accepted(format!("{least} to {most} characters")))
}

fn missing(repository: &Repository, number: i64) -> ApiError {
    ApiError::not_found(format!("{} has no pull request {number}", repository.name))
}

fn not_open(pull: &Pull) -> ApiError {
    ApiError::conflict(format!(
        "Pull request {} is {}",
        pull.number,
        pull.state.as_str()
    ))
}

/// Everything that a caller is, as it is written beside a review.
fn subjects(caller: &Caller) -> Vec<String> {
    let own = caller.ownership.iter().map(|one| one.as_str().to_owned());
    let mut all: Vec<String> = own.take(200).collect();
    all.push(rights::person(caller).to_owned());
    all.sort();
    all.dedup();
    all
}

/// What the event of a pull request says.
pub(crate) fn event(
    (repository, caller): (&Repository, &Caller),
    kind: EventType,
    pull: &Pull,
) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("git:{}#{}", repository.name, pull.number),
        actor: caller.actor.clone(),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({
            "repository": repository.name.to_string(),
            "number": pull.number,
            "title": pull.title,
            "author": pull.author,
            "head": pull.head.0,
            "headCommit": pull.head.1.to_string(),
            "base": pull.base,
            "state": pull.state.as_str(),
        }),
    }
}

impl GitHost {
    /// One pull request.
    pub(crate) async fn pull(
        &self,
        repository: &Repository,
        number: i64,
    ) -> Result<Pull, ApiError> {
        let found = self.store().pull(&repository.id, number).await?;
        found.ok_or_else(|| missing(repository, number))
    }

    /// Opens a pull request.
    pub(crate) async fn open_pull(
        &self,
        (repository, caller): (&Repository, &Caller),
        new: NewPull,
    ) -> Result<Pull, ApiError> {
        text("title", &new.title, LONGEST_TITLE, true)?;
        text("description", &new.body, LONGEST_BODY, false)?;
        writable(repository)?;
        let refs = self.refs(repository).await?;
        let branch = |name: &str| {
            refs.get(&branch_ref(name)).ok_or_else(|| {
                ApiError::input(format!("{} has no branch {name}", repository.name))
                    .accepted("the name of a branch that was pushed")
            })
        };
        let (head, base) = (branch(&new.head)?, branch(&new.base)?);
        let bare = self.bare(repository);
        let nothing = blocking(move || bare.is_ancestor(head, base)).await?;
        if nothing.map_err(explained)? {
            return Err(ApiError::input(format!(
                "{} has no commit that {} lacks",
                new.head, new.base
            ))
            .fix("push commits to it first"));
        }
        let at = self.clock().now();
        let mut pull = Pull {
            number: 0,
            title: new.title.trim().to_owned(),
            body: new.body,
            author: rights::person(caller).to_owned(),
            head: (new.head, head),
            base: new.base,
            state: PullState::Open,
            created_at: at,
            updated_at: at,
            merged_by: None,
            merged_as: None,
        };
        let store = self.store();
        let mut tx = store.db().begin().await?;
        store
            .lock(&mut tx, (&repository.id, repository.bytes), at)
            .await?;
        let between = (pull.head.0.as_str(), pull.base.as_str());
        if let Some(number) = store.open_pull(&mut tx, &repository.id, between).await? {
            return Err(ApiError::conflict(format!(
                "Pull request {number} of {} into {} is open already",
                pull.head.0, pull.base
            )));
        }
        pull.number = store.add_pull(&mut tx, &repository.id, &pull).await?;
        tx.append(event((repository, caller), events::CHANGE_CREATED, &pull))
            .await?;
        tx.commit().await?;
        Ok(pull)
    }

    /// Changes title or description, closes or opens again.
    pub(crate) async fn edit_pull(
        &self,
        (repository, right, caller): (&Repository, Right, &Caller),
        pull: &Pull,
        edit: (Option<String>, Option<String>, Option<bool>),
    ) -> Result<Pull, ApiError> {
        if right < Right::Write && pull.author != rights::person(caller) {
            return Err(rights::refused(caller, repository, Right::Write));
        }
        let mut changed = pull.clone();
        let mut kind = events::CHANGE_UPDATED;
        if let Some(title) = edit.0 {
            text("title", &title, LONGEST_TITLE, true)?;
            changed.title = title;
        }
        if let Some(body) = edit.1 {
            text("description", &body, LONGEST_BODY, false)?;
            changed.body = body;
        }
        match (edit.2, pull.state) {
            (None, _) | (Some(true), PullState::Open) | (Some(false), PullState::Closed) => {}
            (Some(_), PullState::Merged) => return Err(not_open(pull)),
            (Some(false), PullState::Open) => {
                changed.state = PullState::Closed;
                kind = events::CHANGE_ABANDONED;
            }
            (Some(true), PullState::Closed) => {
                let refs = self.refs(repository).await?;
                let head = refs.get(&branch_ref(&pull.head.0)).ok_or_else(|| {
                    ApiError::conflict(format!("The branch {} is gone", pull.head.0))
                })?;
                changed.head.1 = head;
                changed.state = PullState::Open;
            }
        }
        changed.updated_at = self.clock().now();
        let store = self.store();
        let mut tx = store.db().begin().await?;
        let change = (&changed, pull.state);
        if !store.change_pull(&mut tx, &repository.id, change).await? {
            return Err(not_open(pull));
        }
        if changed.state == PullState::Open {
            let (branch, head) = (&changed.head.0, changed.head.1);
            store
                .follow(&mut tx, &repository.id, (branch, head), changed.updated_at)
                .await?;
        }
        tx.append(event((repository, caller), kind, &changed))
            .await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Reviews or comments.
    pub(crate) async fn review(
        &self,
        (repository, right, caller): (&Repository, Right, &Caller),
        pull: &Pull,
        (verdict, body, place): (Verdict, String, Option<(String, i64)>),
    ) -> Result<Review, ApiError> {
        text("review", &body, LONGEST_BODY, verdict != Verdict::Approve)?;
        if verdict != Verdict::Comment {
            if right < Right::Write {
                return Err(rights::refused(caller, repository, Right::Write));
            }
            if pull.state != PullState::Open {
                return Err(not_open(pull));
            }
            if pull.author == rights::person(caller) {
                return Err(ApiError::not_allowed(
                    "Nobody approves or refuses their own pull request",
                )
                .fix("comment, or ask somebody else for a review"));
            }
        }
        let there = self.store().reviews(&repository.id, pull.number).await?;
        if there.len() >= MOST_REVIEWS {
            return Err(ApiError::input(format!(
                "A pull request has at most {MOST_REVIEWS} reviews and comments"
            )));
        }
        let review = Review {
            author: rights::person(caller).to_owned(),
            subjects: subjects(caller),
            verdict,
            body,
            commit: pull.head.1,
            place,
            created_at: self.clock().now(),
        };
        let store = self.store();
        let mut tx = store.db().begin().await?;
        store
            .add_review(&mut tx, (&repository.id, pull.number), &review)
            .await?;
        let mut news = event((repository, caller), events::CHANGE_REVIEWED, pull);
        if let Value::Object(data) = &mut news.data {
            data.insert("verdict".to_owned(), verdict.as_str().into());
        }
        tx.append(news).await?;
        tx.commit().await?;
        Ok(review)
    }

    /// Takes down what a program found out about a commit.
    pub(crate) async fn check(
        &self,
        (repository, caller): (&Repository, &Caller),
        (commit, check): (Oid, CheckRow),
    ) -> Result<(), ApiError> {
        text("name", &check.name, 200, true)?;
        text("description", &check.description, 500, false)?;
        text("address", &check.url, 2_000, false)?;
        let bare = self.bare(repository);
        blocking(move || bare.commit(commit))
            .await?
            .map_err(explained)?;
        let store = self.store();
        let mut tx = store.db().begin().await?;
        store
            .set_check(&mut tx, (&repository.id, commit), &check)
            .await?;
        tx.append(NewEvent {
            kind: events::CHECK_REPORTED,
            subject: format!("git:{}", repository.name),
            actor: caller.actor.clone(),
            outcome: Outcome::Allowed,
            cause: None,
            data: json!({
                "repository": repository.name.to_string(),
                "commit": commit.to_string(),
                "name": check.name,
                "state": check.state,
            }),
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// The files that a pull request changes, since its branch parted.
    pub(crate) async fn pull_changes(
        &self,
        repository: &Repository,
        pull: &Pull,
    ) -> Result<Vec<FileChange>, ApiError> {
        let base = self.base_of(repository, pull).await?;
        let (bare, head) = (self.bare(repository), pull.head.1);
        let found = blocking(move || {
            let from = match base {
                Some(base) => bare.merge_base(base, head)?,
                None => None,
            };
            bare.changes(from, head)
        });
        found.await?.map_err(explained)
    }

    /// The commit that a pull request is compared with: the tip of its base,
    /// or for a merged one what came before the merge.
    pub(crate) async fn base_of(
        &self,
        repository: &Repository,
        pull: &Pull,
    ) -> Result<Option<Oid>, ApiError> {
        let merged = pull.merged_as.as_deref().and_then(forge::host::parse_oid);
        if let Some(merged) = merged {
            let bare = self.bare(repository);
            let commit = blocking(move || bare.commit(merged)).await?;
            return Ok(commit.map_err(explained)?.parents.first().copied());
        }
        Ok(self.refs(repository).await?.get(&branch_ref(&pull.base)))
    }

    /// Merges, when nothing stands against it.
    pub(crate) async fn merge(
        &self,
        (repository, caller): (&Repository, &Caller),
        pull: &Pull,
        merging: Merging,
    ) -> Result<Pull, ApiError> {
        writable(repository)?;
        if pull.state != PullState::Open {
            return Err(not_open(pull));
        }
        if merging
            .expected
            .is_some_and(|expected| expected != pull.head.1)
        {
            return Err(ApiError::conflict(format!(
                "The branch moved to {} meanwhile; look at it again",
                pull.head.1
            )));
        }
        let standing = self.standing(repository, pull).await?;
        if let Some(first) = standing.against.first() {
            return Err(ApiError::conflict(format!(
                "Pull request {} cannot be merged: {first}",
                pull.number
            ))
            .accepted(standing.against.join("; ")));
        }
        let refs = self.refs(repository).await?;
        let base = refs.get(&branch_ref(&pull.base));
        let base =
            base.ok_or_else(|| ApiError::conflict(format!("The branch {} is gone", pull.base)))?;
        let (bare, head) = (self.bare(repository), pull.head.1);
        let (method, making) = (
            merging.method,
            making(caller, pull, &merging, self.clock().now()),
        );
        let tip = blocking(move || {
            let (tip, objects) = bare.merge((base, head), method, &making)?;
            objects.keep(&bare, &[tip])?;
            Ok(tip)
        });
        let tip: Oid = tip.await?.map_err(explained)?;
        self.move_merged(
            (repository, caller),
            pull,
            (base, tip),
            merging.delete_branch,
        )
        .await
    }

    /// Moves the base, and the pull request with it, in one transaction.
    async fn move_merged(
        &self,
        (repository, caller): (&Repository, &Caller),
        pull: &Pull,
        (base, tip): (Oid, Oid),
        delete_branch: bool,
    ) -> Result<Pull, ApiError> {
        let at = self.clock().now();
        let mut changed = pull.clone();
        changed.state = PullState::Merged;
        changed.updated_at = at;
        changed.merged_by = Some(rights::person(caller).to_owned());
        changed.merged_as = Some(tip.to_string());
        let mut moves = vec![RefChange {
            name: branch_ref(&pull.base),
            old: Some(base),
            new: Some(tip),
        }];
        if delete_branch && pull.head.0 != repository.default_branch {
            moves.push(RefChange {
                name: branch_ref(&pull.head.0),
                old: Some(pull.head.1),
                new: None,
            });
        }
        let store = self.store();
        let bytes = self.bare(repository).size();
        let mut tx = store.db().begin().await?;
        store.lock(&mut tx, (&repository.id, bytes), at).await?;
        let mut news = Vec::new();
        for (index, change) in moves.iter().enumerate() {
            let outcome = store.move_ref(&mut tx, &repository.id, change, at).await?;
            if outcome == RefOutcome::Done {
                news.push(push::event(repository, caller, change));
            } else if index == 0 {
                return Err(ApiError::conflict(format!(
                    "The branch {} moved meanwhile; try again",
                    pull.base
                )));
            }
        }
        let change = (&changed, PullState::Open);
        if !store.change_pull(&mut tx, &repository.id, change).await? {
            return Err(ApiError::conflict(format!(
                "Pull request {} is not open any longer",
                pull.number
            )));
        }
        store
            .follow(&mut tx, &repository.id, (&pull.base, tip), at)
            .await?;
        news.push(event((repository, caller), events::CHANGE_MERGED, &changed));
        tx.append_many(news).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

pub(crate) fn writable(repository: &Repository) -> Result<(), ApiError> {
    if repository.archived {
        return Err(ApiError::conflict(format!(
            "{} is archived; nothing changes in it",
            repository.name
        )));
    }
    Ok(())
}

/// Who somebody is in a commit.
pub(crate) fn signed(caller: &Caller, message: String, at: jiff::Timestamp) -> Making {
    let name = rights::person(caller);
    let short = name.rsplit(['/', ':']).next().unwrap_or(name);
    Making {
        name: short.to_owned(),
        email: format!("{short}@portway.invalid"),
        at,
        message,
    }
}

fn making(caller: &Caller, pull: &Pull, merging: &Merging, at: jiff::Timestamp) -> Making {
    let made = match merging.method {
        Method::Squash => {
            let head = format!("{} (#{})", pull.title, pull.number);
            if pull.body.trim().is_empty() {
                head
            } else {
                format!("{head}\n\n{}", pull.body.trim())
            }
        }
        Method::Merge | Method::Rebase => format!(
            "Merge pull request #{} from {}\n\n{}",
            pull.number, pull.head.0, pull.title
        ),
    };
    let mut message = merging.message.clone().unwrap_or(made);
    message.push('\n');
    signed(caller, message, at)
}

//! What a push may change, and changing it: all refs of a push, its events and
//! whatever follows from them are one transaction.

use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use forge::host::{self, Bare, Command, Oid, Push, Received};
use platform::ApiError;
use platform::actor::Caller;
use platform::event::{EventType, NewEvent, Outcome};
use platform::store::StoreError;
use serde_json::json;

use crate::rights::Right;
use crate::store::{Protection, RefChange, RefOutcome, Repository, rules_of};
use crate::{GitHost, events, shown};

/// A push that has arrived.
pub(crate) struct Arrived {
    pub(crate) repository: Repository,
    pub(crate) caller: Caller,
    pub(crate) right: Right,
    /// Commands and pack, as they came.
    pub(crate) file: std::fs::File,
}

/// What is known of a command before anything is changed.
struct Judged {
    command: Command,
    /// The new commit does not come after the old one.
    forced: bool,
    refused: Option<String>,
}

/// What blocking work found out.
struct Looked {
    push: Push,
    judged: Vec<Judged>,
    received: Option<Received>,
    broken: Option<String>,
}

/// Stops blocking work when nobody waits for it any longer.
pub(crate) struct StopOnDrop(pub(crate) Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes a push and answers the report for the client.
pub(crate) async fn receive(host: &GitHost, arrived: Arrived) -> Result<Vec<u8>, ApiError> {
    let Arrived {
        repository,
        caller,
        right,
        file,
    } = arrived;
    let stop = Arc::new(AtomicBool::new(false));
    let _stop = StopOnDrop(Arc::clone(&stop));
    let (bare, most) = (host.bare(&repository), host.settings().limits.commands);
    let mut looked = blocking(move || look(&bare, file, most, &stop)).await??;
    if looked.push.commands.is_empty() {
        return Ok(Vec::new());
    }
    let protections = host.store().protections(&repository.id).await?;
    for judged in &mut looked.judged {
        if judged.refused.is_none() {
            judged.refused = refusal(judged, (&repository, right), &protections).err();
        }
    }
    if looked.broken.is_none()
        && let Some(reason) = over_quota(host, &repository, looked.received.as_ref()).await?
    {
        looked.broken = Some(reason);
    }
    let outcomes = if looked.broken.is_some() {
        let all = looked.judged.iter();
        all.map(|one| (one.command.name.clone(), Err("unpacker error".to_owned())))
            .collect()
    } else {
        move_all(host, (&repository, &caller), &mut looked).await?
    };
    let unpacked = looked.broken.as_deref().map_or(Ok(()), Err);
    let mut report = Vec::new();
    host::report(&looked.push, unpacked, &outcomes, &[], &mut report)
        .map_err(ApiError::internal)?;
    Ok(report)
}

/// Runs work that blocks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ApiError::internal)
}

/// What a client is told of something that failed in `forge::host`.
pub(crate) fn explained(error: host::Error) -> ApiError {
    match error {
        host::Error::Client(_) | host::Error::Objects(_) => ApiError::input(error.to_string()),
        host::Error::TooMuch { .. } => ApiError::too_large(error.to_string()),
        host::Error::Conflict(_) => ApiError::conflict(error.to_string()),
        host::Error::Missing(_) => ApiError::not_found(error.to_string()),
        host::Error::Stopped => ApiError::unavailable(error.to_string()),
        host::Error::Io { .. } | host::Error::Git(_) => ApiError::internal(error),
    }
}

fn look(
    bare: &Bare,
    mut file: std::fs::File,
    most: usize,
    stop: &AtomicBool,
) -> Result<Looked, ApiError> {
    file.rewind().map_err(ApiError::internal)?;
    let mut input = std::io::BufReader::with_capacity(64 << 10, file);
    let push = Push::read(&mut input, most).map_err(explained)?;
    let mut judged: Vec<Judged> = push
        .commands
        .iter()
        .map(|command| Judged {
            refused: command.check_name().err(),
            command: command.clone(),
            forced: false,
        })
        .collect();
    let mut looked = Looked {
        broken: None,
        received: None,
        judged: Vec::new(),
        push,
    };
    if looked.push.has_pack() {
        match examine(bare, &mut input, &mut judged, stop) {
            Ok(received) => looked.received = Some(received),
            Err(error @ (host::Error::Io { .. } | host::Error::Git(_))) => {
                return Err(ApiError::internal(error));
            }
            Err(error) => looked.broken = Some(error.to_string()),
        }
    }
    looked.judged = judged;
    Ok(looked)
}

/// Reads the pack, and finds out about each command.
fn examine(
    bare: &Bare,
    pack: &mut dyn Read,
    judged: &mut [Judged],
    stop: &AtomicBool,
) -> Result<Received, host::Error> {
    let received = Received::unpack(bare, pack, stop)?;
    let tips: Vec<Oid> = judged.iter().filter_map(|one| one.command.new).collect();
    let mut checked = received.check(&tips, stop)?.into_iter();
    for one in judged {
        let Some(new) = one.command.new else { continue };
        if let Some(Err(error)) = checked.next() {
            one.refused = Some(error.to_string());
            continue;
        }
        if !one.command.name.starts_with("refs/heads/") {
            one.forced = one.command.old.is_some();
            continue;
        }
        if !received.is_commit(new)? {
            one.refused = Some(format!("a branch names a commit, and {new} is none"));
        } else if let Some(old) = one.command.old {
            one.forced = !received.is_ancestor(old, new)?;
        }
    }
    Ok(received)
}

/// Why a command is not obeyed.
fn refusal(
    judged: &Judged,
    (repository, right): (&Repository, Right),
    protections: &[Protection],
) -> Result<(), String> {
    if repository.archived {
        return Err("the repository is archived; nothing changes in it".to_owned());
    }
    let command = &judged.command;
    let Some(branch) = command.name.strip_prefix("refs/heads/") else {
        return Ok(());
    };
    if command.new.is_none() && branch == repository.default_branch {
        return Err(format!(
            "{branch} is the default branch; choose another one before it is removed"
        ));
    }
    let Some(protection) = rules_of(protections, branch) else {
        return Ok(());
    };
    let rules = &protection.rules;
    let by = &protection.pattern;
    if right == Right::Administer && !rules.enforce_admins && rules.require_pull_request {
        // They may push, and still neither rewrite nor remove.
    } else if rules.require_pull_request && command.old.is_some() && command.new.is_some() {
        return Err(format!(
            "the protection of {by} takes changes through pull requests only: push another branch and open one"
        ));
    }
    if command.new.is_none() && !rules.allow_deletion {
        return Err(format!(
            "the protection of {by} forbids to remove the branch"
        ));
    }
    if judged.forced && !rules.allow_force_push {
        return Err(format!(
            "the protection of {by} forbids to rewrite history: fetch, merge or rebase, and push again"
        ));
    }
    Ok(())
}

async fn over_quota(
    host: &GitHost,
    repository: &Repository,
    received: Option<&Received>,
) -> Result<Option<String>, StoreError> {
    let Some(received) = received else {
        return Ok(None);
    };
    let settings = host.settings();
    let size = host.bare(repository).size() + received.size();
    if size > settings.repository_bytes {
        return Ok(Some(format!(
            "{} would take {size} bytes, and a repository may take {}",
            repository.name, settings.repository_bytes
        )));
    }
    let (_, total) = host.store().usage(&repository.name.owner).await?;
    let total = total.saturating_sub(repository.bytes) + size;
    if total > settings.total_bytes {
        return Ok(Some(format!(
            "all repositories together would take {total} bytes, and may take {}",
            settings.total_bytes
        )));
    }
    Ok(None)
}

type Outcomes = Vec<(String, Result<(), String>)>;

/// Keeps the pack and moves the refs.
async fn move_all(
    host: &GitHost,
    (repository, caller): (&Repository, &Caller),
    looked: &mut Looked,
) -> Result<Outcomes, ApiError> {
    let refused = looked.judged.iter().any(|one| one.refused.is_some());
    if looked.push.atomic && refused {
        return Ok(refusals(&looked.judged));
    }
    if looked.judged.iter().all(|one| one.refused.is_some()) {
        return Ok(refusals(&looked.judged));
    }
    if let Some(received) = looked.received.take() {
        blocking(move || received.keep())
            .await?
            .map_err(explained)?;
    }
    let changes: Vec<Option<RefChange>> = looked
        .judged
        .iter()
        .map(|one| {
            one.refused.is_none().then(|| RefChange {
                name: one.command.name.clone(),
                old: one.command.old,
                new: one.command.new,
            })
        })
        .collect();
    let wanted: Vec<RefChange> = changes.iter().flatten().cloned().collect();
    let moved = move_refs(host, (repository, caller), &wanted, looked.push.atomic).await?;
    let mut moved = moved.into_iter();
    let outcomes = looked.judged.iter().map(|one| {
        let outcome = match &one.refused {
            Some(reason) => Err(reason.clone()),
            None => moved
                .next()
                .unwrap_or(Err("it was not looked at".to_owned())),
        };
        (one.command.name.clone(), outcome)
    });
    Ok(outcomes.collect())
}

/// Every command's refusal; those that were fine fall with the others.
fn refusals(judged: &[Judged]) -> Outcomes {
    judged
        .iter()
        .map(|one| {
            let reason = one.refused.clone();
            let reason = reason.unwrap_or_else(|| "atomic push failed".to_owned());
            (one.command.name.clone(), Err(reason))
        })
        .collect()
}

/// Moves refs in one transaction with their events. With `atomic`, none moves
/// unless all do. The answers are in the order of the changes.
///
/// # Errors
/// When the database fails, or the repository is gone.
pub(crate) async fn move_refs(
    host: &GitHost,
    (repository, caller): (&Repository, &Caller),
    changes: &[RefChange],
    atomic: bool,
) -> Result<Vec<Result<(), String>>, ApiError> {
    let store = host.store();
    let at = host.clock().now();
    let bytes = host.bare(repository).size();
    let mut tx = store.db().begin().await?;
    if !store.lock(&mut tx, (&repository.id, bytes), at).await? {
        return Err(ApiError::not_found(format!(
            "{} was removed meanwhile",
            repository.name
        )));
    }
    let first = store.names(&mut tx, &repository.id).await?.is_empty();
    let mut names = store.names(&mut tx, &repository.id).await?.len();
    let mut outcomes = Vec::with_capacity(changes.len());
    let mut done = Vec::new();
    for change in changes {
        names += usize::from(change.old.is_none());
        let outcome = if names > host.settings().refs {
            Err(format!(
                "a repository has at most {} branches and tags",
                host.settings().refs
            ))
        } else {
            match store.move_ref(&mut tx, &repository.id, change, at).await? {
                RefOutcome::Done => Ok(()),
                RefOutcome::Stale => Err("it moved meanwhile; fetch first".to_owned()),
                RefOutcome::Clash(other) => Err(format!("it cannot stand beside {other}")),
            }
        };
        if outcome.is_ok() {
            done.push(change);
        }
        outcomes.push(outcome);
    }
    if atomic && done.len() < changes.len() {
        tx.rollback().await?;
        for outcome in &mut outcomes {
            if outcome.is_ok() {
                *outcome = Err("atomic push failed".to_owned());
            }
        }
        return Ok(outcomes);
    }
    if first {
        begin_with(host, &mut tx, repository, &done).await?;
    }
    let mut news = Vec::new();
    for change in done {
        news.push(event(repository, caller, change));
        let branch = change.name.strip_prefix("refs/heads/");
        if let (Some(branch), Some(new)) = (branch, change.new) {
            store
                .follow(&mut tx, &repository.id, (branch, new), at)
                .await?;
        }
    }
    tx.append_many(news).await?;
    tx.commit().await?;
    Ok(outcomes)
}

/// The first branch of an empty repository becomes its default branch, unless
/// the default branch came along.
async fn begin_with(
    host: &GitHost,
    tx: &mut platform::store::Tx,
    repository: &Repository,
    done: &[&RefChange],
) -> Result<(), StoreError> {
    let branches: Vec<&str> = done
        .iter()
        .filter_map(|change| change.name.strip_prefix("refs/heads/"))
        .collect();
    if branches.contains(&repository.default_branch.as_str()) {
        return Ok(());
    }
    let Some(branch) = branches.first() else {
        return Ok(());
    };
    let mut changed = repository.clone();
    changed.default_branch = (*branch).to_owned();
    changed.updated_at = host.clock().now();
    host.store().change(tx, &changed).await?;
    Ok(())
}

pub(crate) fn event(repository: &Repository, caller: &Caller, change: &RefChange) -> NewEvent {
    let kind: EventType = match (
        change.name.starts_with("refs/heads/"),
        change.old,
        change.new,
    ) {
        (false, ..) => events::REF_CHANGED,
        (true, None, _) => events::BRANCH_CREATED,
        (true, _, None) => events::BRANCH_DELETED,
        (true, ..) => events::BRANCH_UPDATED,
    };
    NewEvent {
        kind,
        subject: format!("git:{}", repository.name),
        actor: caller.actor.clone(),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({
            "repository": repository.name.to_string(),
            "ref": change.name,
            "before": shown(change.old),
            "after": shown(change.new),
        }),
    }
}

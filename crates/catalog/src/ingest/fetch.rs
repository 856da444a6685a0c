//! Reading one place, as far as it has changed.

use std::path::PathBuf;
use std::sync::Arc;

use model::entity_ref::EntityRef;
use sha2::{Digest as _, Sha256};
use tokio_util::task::AbortOnDropHandle;

use super::content::{ReadFailure, Todo};
use super::digest::{Context, Digest, digest};
use super::files;
use crate::store::FileState;

/// The state of a place that answered that nothing is there.
pub(super) const ABSENT: &str = "absent";

/// The result of reading one place, made ahead of its turn.
pub(super) struct Fetched {
    pub(super) todo: Todo,
    pub(super) result: Result<FetchedFile, ReadFailure>,
}

/// What was found at a place.
pub(super) enum FetchedFile {
    Unchanged(FileState, Option<String>),
    Read {
        hash: String,
        revision: Option<String>,
        digest: Digest,
    },
}

/// Reads a place in a task of its own. `before` is its state after the last
/// refresh, where that may be relied on.
pub(super) async fn fetch(context: Arc<Context>, before: Option<FileState>, todo: Todo) -> Fetched {
    // Ends with the refresh, also when that is dropped.
    let task = AbortOnDropHandle::new(tokio::spawn(read(context, before, todo.clone())));
    let result = task.await.unwrap_or_else(|error| {
        Err(ReadFailure::new(
            "internal",
            format!("reading failed inside Portway: {error}"),
            "report this as a bug",
        ))
    });
    Fetched { todo, result }
}

async fn read(
    context: Arc<Context>,
    before: Option<FileState>,
    todo: Todo,
) -> Result<FetchedFile, ReadFailure> {
    if let Some(state) = &before
        && todo.is_as(state)
    {
        if state.hash == ABSENT {
            return Err(ReadFailure::new(
                "not-found",
                "nothing was there, and nothing has been pushed since",
                "",
            )
            .gone());
        }
        return Ok(FetchedFile::Unchanged(state.clone(), None));
    }
    if let Some(found) = context.reader.expand(&todo).await {
        let (children, revision) = found?;
        return Ok(FetchedFile::Read {
            hash: String::new(),
            revision,
            digest: Digest {
                children,
                ..Digest::default()
            },
        });
    }
    let content = match context.reader.read(&todo.location).await {
        Err(failure) if failure.of_content => {
            return Ok(FetchedFile::Read {
                hash: String::new(),
                revision: None,
                digest: Digest::unreadable(&todo, failure),
            });
        }
        read => read?,
    };
    let hash = fingerprint(&content.bytes, &todo);
    if let Some(state) = before.filter(|state| state.hash == hash) {
        return Ok(FetchedFile::Unchanged(
            FileState {
                hint: todo.hint,
                ..state
            },
            content.revision,
        ));
    }
    let revision = content.revision.clone();
    let digest = digest(context, todo, content).await;
    Ok(FetchedFile::Read {
        hash,
        revision,
        digest,
    })
}

impl Todo {
    /// Whether its version is known, and is that of a state.
    pub(super) fn is_as(&self, state: &FileState) -> bool {
        self.hint.is_some() && self.hint == state.hint
    }
}

/// Names the versions of local files, so that those that nobody has touched are
/// not read. Whatever else their [`fingerprint`] depends on is part of it.
pub(super) async fn stamp(context: &Context, todos: impl Iterator<Item = &mut Todo>) {
    let Some(read_at) = context.started else {
        return;
    };
    let (paths, todos): (Vec<PathBuf>, Vec<&mut Todo>) = todos
        .filter(|todo| todo.hint.is_none())
        .filter_map(|todo| Some((context.reader.local(&todo.location)?, todo)))
        .unzip();
    if paths.is_empty() {
        return;
    }
    let stamps = tokio::task::spawn_blocking(move || {
        let stamps = paths.iter().map(|path| files::stamp(path, read_at));
        stamps.collect::<Vec<_>>()
    })
    .await
    .unwrap_or_default();
    for (todo, stamp) in todos.into_iter().zip(stamps) {
        let parent = todo.parent.as_ref().map_or("", EntityRef::as_str);
        todo.hint = stamp.map(|stamp| format!("{} {parent} {stamp}", todo.listed));
    }
}

/// Names what the entities of a file depend on besides other files and the
/// [`judgement`](super::judgement).
fn fingerprint(bytes: &[u8], todo: &Todo) -> String {
    let mut hasher = Sha256::new();
    hasher.update([u8::from(todo.listed)]);
    hasher.update(
        todo.parent
            .as_ref()
            .map(EntityRef::as_str)
            .unwrap_or_default(),
    );
    hasher.update([0]);
    hasher.update(bytes);
    hex::encode(hasher.finalize())
}

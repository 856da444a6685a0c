//! Reading one place, as far as it has changed.

use std::collections::HashMap;
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
/// Changes whenever reading the same bytes may give other entities.
const READER_VERSION: &str = "1";

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

/// Reads a place in a task of its own.
pub(super) async fn fetch(
    context: Arc<Context>,
    known: Arc<HashMap<String, FileState>>,
    mut todo: Todo,
) -> Fetched {
    if todo.hint.is_none() {
        todo.hint = stamp(&context, &todo).await;
    }
    // Ends with the refresh, also when that is dropped.
    let task = AbortOnDropHandle::new(tokio::spawn(read_and_digest(context, known, todo.clone())));
    let result = task.await.unwrap_or_else(|error| {
        Err(ReadFailure::new(
            "internal",
            format!("reading failed inside Portway: {error}"),
            "report this as a bug",
        ))
    });
    Fetched { todo, result }
}

async fn read_and_digest(
    context: Arc<Context>,
    known: Arc<HashMap<String, FileState>>,
    todo: Todo,
) -> Result<FetchedFile, ReadFailure> {
    let before = known
        .get(&todo.location.to_string())
        .filter(|state| state.plain);
    if let Some(state) = before
        && todo.hint.is_some()
        && state.hint == todo.hint
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
    if let Some(state) = before
        && state.hash == hash
    {
        return Ok(FetchedFile::Unchanged(
            FileState {
                hint: todo.hint.clone(),
                ..state.clone()
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

/// Names the version of a local file, so that one that nobody has touched is
/// not read. Whatever else its [`fingerprint`] depends on is part of it.
async fn stamp(context: &Context, todo: &Todo) -> Option<String> {
    let read_at = context.started?;
    let path = context.reader.local(&todo.location)?;
    let stamp = tokio::task::spawn_blocking(move || files::stamp(&path, read_at)).await;
    let parent = todo.parent.as_ref().map_or("", EntityRef::as_str);
    stamp
        .ok()
        .flatten()
        .map(|stamp| format!("{READER_VERSION} {} {parent} {stamp}", todo.listed))
}

/// Names what the entities of a file depend on besides other files.
fn fingerprint(bytes: &[u8], todo: &Todo) -> String {
    let mut hasher = Sha256::new();
    hasher.update(READER_VERSION);
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

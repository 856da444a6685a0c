//! Reading a place without storing anything: dry runs and `analyze-location`.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use model::diagnostic::Diagnostic;

use super::digest::{Candidate, Context, read_and_digest};

/// A dry run reads this many files at most: it answers a person who waits.
const MAX_FILES: usize = 200;

/// What a place would bring.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) problems: Vec<Diagnostic>,
    /// Whether the place itself could not be read.
    pub(crate) unreadable: Option<Diagnostic>,
}

pub(super) async fn preview(context: Arc<Context>) -> Preview {
    let mut preview = Preview::default();
    let start = context.reader.start(&context.source, &context.kinds).await;
    preview.candidates.extend(start.entities);
    let mut queue: VecDeque<_> = start.todos.into();
    let mut asked = HashSet::new();
    if let Some((_, failure)) = start.failures.into_iter().next() {
        preview.unreadable = Some(failure.diagnostic);
    }
    while let Some(todo) = queue.pop_front() {
        if asked.len() >= MAX_FILES || !asked.insert(todo.location.to_string()) {
            continue;
        }
        if let Some(found) = context.reader.expand(&todo).await {
            match found {
                Ok((children, _)) => queue.extend(children),
                Err(failure) if todo.location == context.source.location => {
                    preview.unreadable = Some(failure.diagnostic)
                }
                Err(failure) if failure.gone && !todo.required => {}
                Err(failure) => preview.problems.push(failure.diagnostic),
            }
            continue;
        }
        match read_and_digest(&context, &todo).await {
            Err(failure) if todo.location == context.source.location => {
                preview.unreadable = Some(failure.diagnostic)
            }
            Err(failure) if failure.gone && !todo.required => {}
            Err(failure) => preview.problems.push(failure.diagnostic),
            Ok(digest) => {
                preview.candidates.extend(digest.candidates);
                preview
                    .problems
                    .extend(digest.problems.into_iter().map(|(problem, _)| problem));
                queue.extend(digest.children);
            }
        }
    }
    preview
}

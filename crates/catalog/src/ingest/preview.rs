//! Reading a place without storing anything: dry runs and `analyze-location`.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use model::diagnostic::Diagnostic;

use super::content::{Content, Links, ReadFailure, Todo};
use super::digest::{Candidate, Context, Digest, digest};
use crate::place::shown;

/// A dry run reads this many files at most: it answers a person who waits.
const MAX_FILES: usize = 200;

/// Files with problems whose text is kept, to be shown beside them.
const MAX_TEXTS: usize = 20;
/// Files with problems that are longer are not kept, in bytes.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// What a place would bring.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) problems: Vec<Diagnostic>,
    /// Whether the place itself could not be read.
    pub(crate) unreadable: Option<Diagnostic>,
    /// The texts of files with problems, by the names that problems have.
    pub(crate) texts: Vec<(String, String)>,
}

impl Preview {
    fn take(&mut self, digest: Digest) -> Vec<Todo> {
        self.candidates.extend(digest.candidates);
        let problems = digest.problems.into_iter().map(|(problem, _)| problem);
        self.problems.extend(problems);
        digest.children
    }
}

/// Reads one file and understands it, keeping its text where something is wrong.
async fn read(
    context: &Arc<Context>,
    todo: &Todo,
    texts: &mut Vec<(String, String)>,
) -> Result<Digest, ReadFailure> {
    let content = match context.reader.read(&todo.location).await {
        Err(failure) if failure.of_content => return Ok(Digest::unreadable(todo, failure)),
        read => read?,
    };
    let kept = (content.bytes.len() <= MAX_TEXT_BYTES && texts.len() < MAX_TEXTS)
        .then(|| String::from_utf8_lossy(&content.bytes).into_owned());
    let digest = digest(Arc::clone(context), todo.clone(), content).await;
    if let Some(text) = kept.filter(|_| !digest.problems.is_empty()) {
        texts.push((shown(&todo.location.to_string()).to_owned(), text));
    }
    Ok(digest)
}

/// Understands a text as the content of the context's source. Where it leads
/// to is not followed.
pub(super) async fn preview_text(context: Arc<Context>, text: &str) -> Preview {
    let todo = Todo::required(context.source.location.clone());
    let content = Content {
        bytes: text.as_bytes().to_vec(),
        revision: None,
        links: Links::default(),
    };
    let mut preview = Preview::default();
    let found = digest(context, todo.clone(), content).await;
    preview.take(found);
    if text.len() <= MAX_TEXT_BYTES {
        let name = shown(&todo.location.to_string()).to_owned();
        preview.texts.push((name, text.to_owned()));
    }
    preview
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
        match read(&context, &todo, &mut preview.texts).await {
            Err(failure) if todo.location == context.source.location => {
                preview.unreadable = Some(failure.diagnostic)
            }
            Err(failure) if failure.gone && !todo.required => {}
            Err(failure) => preview.problems.push(failure.diagnostic),
            Ok(digest) => queue.extend(preview.take(digest)),
        }
    }
    preview
}

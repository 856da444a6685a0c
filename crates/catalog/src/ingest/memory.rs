//! What is remembered of files from one refresh to the next.

use std::collections::HashMap;

use platform::store::StoreError;

use super::content::Todo;
use crate::store::{FileChanges, FileState, Store};

/// The files of a source: as the last refresh left them, and as this one finds
/// them.
#[derive(Debug)]
pub(super) struct Memory {
    before: HashMap<String, FileState>,
    /// The last refresh judged as this one does, so that what was said of an
    /// unchanged file still holds.
    reliable: bool,
    judgement: String,
    now: HashMap<String, Seen>,
}

#[derive(Debug)]
struct Seen {
    state: FileState,
    /// It was read, and is not just as it was.
    read: bool,
}

impl Memory {
    /// What the last refresh of a source left.
    pub(super) async fn load(
        store: &Store,
        source_id: &str,
        judgement: String,
    ) -> Result<Self, StoreError> {
        let (files, judged_by) = store.files(source_id).await?;
        Ok(Self {
            now: HashMap::with_capacity(files.len()),
            before: files,
            reliable: judged_by.as_ref() == Some(&judgement),
            judgement,
        })
    }

    /// The state of a place that gives what it gave unless it has changed.
    pub(super) fn of(&self, location: &str) -> Option<&FileState> {
        let state = self.before.get(location)?;
        (self.reliable && state.plain).then_some(state)
    }

    /// The same for a place that is known not to have changed.
    pub(super) fn same(&self, todo: &Todo) -> Option<&FileState> {
        self.of(&todo.location.to_string())
            .filter(|state| todo.is_as(state))
    }

    /// A place is as it was; what was said of it stays.
    pub(super) fn keep(&mut self, location: String, state: FileState) {
        self.now.insert(location, Seen { state, read: false });
    }

    /// A place was read; what was said of it is replaced.
    pub(super) fn learn(&mut self, location: String, state: FileState) {
        self.now.insert(location, Seen { state, read: true });
    }

    /// What comes of a file depends on other files too: it is read again even
    /// if it does not change.
    pub(super) fn depends(&mut self, location: &str) {
        if let Some(seen) = self.now.get_mut(location) {
            seen.state.plain = false;
        }
    }

    /// What is to be remembered, as the difference to what is.
    pub(super) fn changes(self) -> FileChanges {
        let Self { before, now, .. } = self;
        let mut changes = FileChanges {
            judgement: self.judgement,
            seen: now.len(),
            ..FileChanges::default()
        };
        changes.gone = before
            .keys()
            .filter(|location| !now.contains_key(*location))
            .cloned()
            .collect();
        for (location, Seen { state, read }) in now {
            let changed = before.get(&location) != Some(&state);
            if read {
                changes.read.push(location.clone());
            }
            if changed {
                changes.states.push((location, state));
            }
        }
        changes
    }
}

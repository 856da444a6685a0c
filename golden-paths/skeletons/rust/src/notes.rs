//! The example feature: keeps short texts. Copy its shape, then delete it.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;
use uuid::Uuid;

/// The length of the longest text, in characters.
pub const MAX_TEXT: usize = 2000;

/// A note as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Its name.
    pub id: Uuid,
    /// What it says.
    pub text: String,
    /// When it was kept.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// A text that can be a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// Takes blanks off both ends.
    ///
    /// # Errors
    /// When nothing or too much is left.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            return Err(TextError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text itself.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

/// A text that cannot be a note.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("text: want 1 to {MAX_TEXT} characters")]
pub struct TextError;

/// A store that cannot be reached.
#[derive(Debug, Error)]
#[error("notes cannot be reached")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// An answer to come.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps notes.
pub trait Store: Send + Sync {
    /// Keeps a new note.
    fn add(&self, text: Text) -> Answer<'_, Note>;
    /// Finds one note.
    fn get(&self, id: Uuid) -> Answer<'_, Option<Note>>;
    /// Finds at most `limit` notes, the newest first.
    fn newest(&self, limit: u8) -> Answer<'_, Vec<Note>>;
}

/// Keeps notes until the process ends.
#[derive(Default)]
pub struct Memory(Mutex<Vec<Note>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<Note>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Memory {
    fn add(&self, text: Text) -> Answer<'_, Note> {
        let note = Note {
            id: Uuid::new_v4(),
            text: text.into_inner(),
            created_at: OffsetDateTime::now_utc(),
        };
        self.with(|notes| notes.push(note.clone()));
        Box::pin(async { Ok(note) })
    }

    fn get(&self, id: Uuid) -> Answer<'_, Option<Note>> {
        let note = self.with(|notes| notes.iter().find(|note| note.id == id).cloned());
        Box::pin(async { Ok(note) })
    }

    fn newest(&self, limit: u8) -> Answer<'_, Vec<Note>> {
        let newest = self.with(|notes| {
            let newest = notes.iter().rev().take(limit.into());
            newest.cloned().collect()
        });
        Box::pin(async { Ok(newest) })
    }
}

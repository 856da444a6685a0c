//! What a step says while it runs.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use platform::Clock;
use serde_json::{Value, json};

use crate::mask::Masker;

/// Lines that wait to be stored; further ones push out the oldest.
const WAITING: usize = 10_000;
/// A line that is longer is cut into several, in bytes.
const LINE: usize = 32 * 1024;

/// One line of a task's log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// `log`, `completion`, `cancelled` or `recovered`.
    pub(crate) kind: &'static str,
    /// `message`, and what else Backstage's events carry.
    pub(crate) body: Value,
    /// When it was said.
    pub(crate) at: Timestamp,
}

/// How grave a line is. The words and colours are those of Backstage's logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As planned.
    Info,
    /// Worth a look.
    Warn,
    /// It went wrong.
    Error,
}

impl Level {
    fn prefix(self) -> &'static str {
        match self {
            Self::Info => "\u{1b}[32minfo\u{1b}[39m: ",
            Self::Warn => "\u{1b}[33mwarn\u{1b}[39m: ",
            Self::Error => "\u{1b}[31merror\u{1b}[39m: ",
        }
    }
}

/// Lines that are not stored yet, of all steps of one task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer(Arc<Mutex<VecDeque<Line>>>);

impl Buffer {
    pub(crate) fn push(&self, line: Line) {
        let mut lines = self.0.lock();
        if lines.len() >= WAITING {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// Takes everything out, the oldest first.
    pub(crate) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *self.0.lock()).into()
    }
}

/// The log of one step. Clones write to the same log. Secrets of the task are
/// masked, also where a secret comes in two pieces.
#[derive(Clone, Debug)]
pub struct Log {
    buffer: Buffer,
    clock: Clock,
    step: Option<Arc<str>>,
    masker: Arc<Mutex<Masker>>,
    partial: Arc<Mutex<String>>,
}

impl Log {
    pub(crate) fn new(buffer: Buffer, clock: Clock, masker: Masker) -> Self {
        Self {
            buffer,
            clock,
            step: None,
            masker: Arc::new(Mutex::new(masker)),
            partial: Arc::default(),
        }
    }

    pub(crate) fn of_step(&self, step: &str) -> Self {
        Self {
            step: Some(Arc::from(step)),
            partial: Arc::default(),
            ..self.clone()
        }
    }

    /// Says something, in one or more lines that belong together.
    pub fn say(&self, level: Level, message: &str) {
        self.flush();
        self.put(&format!("{}{message}", level.prefix()), None);
    }

    /// As planned.
    pub fn info(&self, message: &str) {
        self.say(Level::Info, message);
    }

    /// Worth a look.
    pub fn warn(&self, message: &str) {
        self.say(Level::Warn, message);
    }

    /// It went wrong.
    pub fn error(&self, message: &str) {
        self.say(Level::Error, message);
    }

    /// Passes on output of something else as it comes, in pieces of any size.
    /// Each line becomes a line of the log.
    pub fn write(&self, piece: &str) {
        let mut partial = self.partial.lock();
        partial.push_str(piece);
        while let Some((line, rest)) = partial.split_once('\n') {
            let (line, rest) = (line.trim_end_matches('\r').to_owned(), rest.to_owned());
            *partial = rest;
            self.put(&line, None);
        }
        if partial.len() > LINE {
            // What could be the beginning of a secret waits for its end.
            let keep = self.masker.lock().pending(&partial);
            let at = partial.len() - keep;
            if let Some((line, rest)) = partial.split_at_checked(at) {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                *partial = rest;
                self.put(&line, None);
            }
        }
    }

    /// Ends a line that was begun by [`Log::write`].
    pub fn flush(&self) {
        let line = std::mem::take(&mut *self.partial.lock());
        if !line.is_empty() {
            self.put(&line, None);
        }
    }

    /// Masks one more value from now on.
    pub fn mask(&self, secret: &str) {
        self.masker.lock().add(secret);
    }

    /// A text as the log would show it.
    pub fn masked(&self, text: &str) -> String {
        self.masker.lock().mask(text)
    }

    pub(crate) fn masked_value(&self, value: &Value) -> Value {
        self.masker.lock().mask_all(value)
    }

    /// A line of the engine, with a status of the step.
    pub(crate) fn put(&self, message: &str, status: Option<&str>) {
        let message = self.masked(message);
        let mut body = json!({ "message": message });
        if let Some(fields) = body.as_object_mut() {
            if let Some(step) = &self.step {
                fields.insert("stepId".to_owned(), (&**step).into());
            }
            if let Some(status) = status {
                fields.insert("status".to_owned(), status.into());
            }
        }
        self.push("log", body);
    }

    pub(crate) fn push(&self, kind: &'static str, body: Value) {
        let at = self.clock.now();
        self.buffer.push(Line { kind, body, at });
    }
}

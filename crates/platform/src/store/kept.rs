//! Answers to queries that are asked with every request, kept until somebody
//! writes to their table.
//!
//! Who sends a request stands in the database, and so does that they may no
//! longer. What is kept here is exact for whatever this process writes: a table
//! has a number that every commit which has written to it raises, before the
//! commit is acknowledged, and an answer counts only while the number is the
//! one it was read under.
//!
//! Where several servers share the database, a commit tells the others which
//! of these tables it wrote to, over the channel that the event log uses. An
//! answer counts there only while this process hears that channel, and for
//! [`LONGEST`] at most, should a notification be lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::value::Row;
use crate::clock::later;

/// Answers of one table; all are forgotten when there are more.
const MOST: usize = 10_000;
/// How long an answer counts where others write too.
const LONGEST: Duration = Duration::from_secs(5);

/// What answers count under: raised by commits that have written to a table,
/// and by those that changed single answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    tables: u64,
    single: u64,
}

/// The version under which answers from these tables count. Numbers only grow,
/// so their sum changes when one does.
pub(super) fn version(tables: &[Arc<Table>]) -> Version {
    Version {
        tables: tables.iter().map(|table| table.version()).sum(),
        single: tables.iter().map(|table| table.single()).sum(),
    }
}

/// The tables whose answers are kept. A table is one from its first question,
/// or from when it was named.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    tables: Mutex<HashMap<&'static str, Arc<Table>>>,
    /// Whether what others write is heard of.
    hearing: AtomicBool,
}

/// One table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Whether every process that writes to it tells the others.
    told: AtomicBool,
    /// Raised by every commit that has written to the table.
    version: AtomicU64,
    /// Raised by every commit that has changed single answers.
    single: AtomicU64,
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    version: u64,
    by_key: HashMap<String, (Timestamp, Arc<Vec<Row>>)>,
}

impl Kept {
    /// The tables of these names, the one that keeps the answers first.
    pub(super) fn tables(&self, names: &[&'static str]) -> Vec<Arc<Table>> {
        let mut tables = self.tables.lock();
        names
            .iter()
            .map(|name| {
                let table = tables.entry(name);
                Arc::clone(table.or_insert_with(|| Arc::new(Table::new(name))))
            })
            .collect()
    }

    /// Has commits tell others when they write to these tables.
    pub(super) fn tell(&self, names: &[&'static str]) {
        for table in self.tables(names) {
            table.told.store(true, Ordering::SeqCst);
        }
    }

    /// Whether answers from these tables may be kept though others write.
    pub(super) fn hears(&self, tables: &[Arc<Table>]) -> bool {
        self.hearing.load(Ordering::SeqCst) && tables.iter().all(|table| table.is_told())
    }

    /// Notes whether what others write is heard of from now on. Whatever was
    /// read before may be old.
    pub(super) fn set_hearing(&self, hearing: bool) {
        self.hearing.store(hearing, Ordering::SeqCst);
        self.all().iter().for_each(|table| table.written());
    }

    /// Another process has written to the table of this name.
    pub(super) fn written(&self, name: &str) {
        if let Some(table) = self.tables.lock().get(name) {
            table.written();
        }
    }

    /// How many tables there are.
    pub(super) fn count(&self) -> usize {
        self.tables.lock().len()
    }

    /// The tables that a statement names, and so may write to.
    pub(super) fn named_in(&self, sql: &str) -> Vec<Arc<Table>> {
        let tables = self.tables.lock();
        let named = tables.iter().filter(|(name, _)| sql.contains(**name));
        named.map(|(_, table)| Arc::clone(table)).collect()
    }

    /// All tables.
    pub(super) fn all(&self) -> Vec<Arc<Table>> {
        self.tables.lock().values().cloned().collect()
    }
}

impl Table {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            told: AtomicBool::new(false),
            version: AtomicU64::new(0),
            single: AtomicU64::new(0),
            answers: Mutex::default(),
        }
    }

    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::SeqCst)
    }

    fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    fn single(&self) -> u64 {
        self.single.load(Ordering::SeqCst)
    }

    /// Nothing that was read before counts any more.
    pub(super) fn written(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// The answers to these keys do not count any more. One that is being read
    /// at this moment is not kept.
    pub(super) fn forget(&self, keys: &[String]) {
        self.single.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock();
        for key in keys {
            answers.by_key.remove(key);
        }
    }

    /// The answer to `key` that was read under `version`; where others write,
    /// `now` says how old it may be.
    pub(super) fn answer(
        &self,
        key: &str,
        version: Version,
        now: Option<Timestamp>,
    ) -> Option<Arc<Vec<Row>>> {
        let answers = self.answers.lock();
        let (read_at, rows) = answers.by_key.get(key)?;
        let counts = answers.version == version.tables
            && now.is_none_or(|now| now < later(*read_at, LONGEST));
        counts.then(|| Arc::clone(rows))
    }

    /// Keeps what was read under `version`, in the place of older answers.
    /// `still` reads the version of now.
    pub(super) fn keep(
        &self,
        (key, now): (&str, Timestamp),
        version: Version,
        still: impl FnOnce() -> Version,
        rows: &Arc<Vec<Row>>,
    ) {
        let mut answers = self.answers.lock();
        // What was written meanwhile may not be in the rows. Asked under the
        // lock: whoever changes single answers waits for it.
        if still() != version || answers.version > version.tables {
            return;
        }
        if answers.version != version.tables || answers.by_key.len() >= MOST {
            answers.by_key.clear();
            answers.version = version.tables;
        }
        answers
            .by_key
            .insert(key.to_owned(), (now, Arc::clone(rows)));
    }
}

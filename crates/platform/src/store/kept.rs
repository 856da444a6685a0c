//! Answers to queries that are asked with every request, kept until somebody
//! writes to their table.
//!
//! Who sends a request stands in the database, and so does that they may no
//! longer. What is kept here is exact: a table has a number that every commit
//! which has written to it raises, before the commit is acknowledged, and an
//! answer counts only while the number is the one it was read under. Where
//! several servers share the database, others write too, and nothing is kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::value::Row;

/// Answers of one table; all are forgotten when there are more.
const MOST: usize = 10_000;

/// The number under which answers from these tables count.
pub(super) fn version(tables: &[Arc<Table>]) -> u64 {
    tables.iter().map(|table| table.version()).sum()
}

/// The tables whose answers are kept. A table is one from its first question.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<&'static str, Arc<Table>>>);

/// One table.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Raised by every commit that has written to the table.
    version: AtomicU64,
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    version: u64,
    by_key: HashMap<String, Arc<Vec<Row>>>,
}

impl Kept {
    /// The table that keeps the answers of a query on `names`, and the number
    /// of all of them. Numbers only grow, so their sum changes when one does.
    pub(super) fn tables(&self, names: &[&'static str]) -> (Arc<Table>, Vec<Arc<Table>>) {
        let mut tables = self.0.lock();
        let all: Vec<Arc<Table>> = names
            .iter()
            .map(|name| Arc::clone(tables.entry(name).or_default()))
            .collect();
        (all.first().cloned().unwrap_or_default(), all)
    }

    /// How many tables there are.
    pub(super) fn count(&self) -> usize {
        self.0.lock().len()
    }

    /// The tables that a statement names, and so may write to.
    pub(super) fn named_in(&self, sql: &str) -> Vec<Arc<Table>> {
        let tables = self.0.lock();
        let named = tables.iter().filter(|(name, _)| sql.contains(**name));
        named.map(|(_, table)| Arc::clone(table)).collect()
    }

    /// All tables.
    pub(super) fn all(&self) -> Vec<Arc<Table>> {
        self.0.lock().values().cloned().collect()
    }
}

impl Table {
    fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// Nothing that was read before counts any more.
    pub(super) fn written(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// The answer to `key` that was read under `version`.
    pub(super) fn answer(&self, key: &str, version: u64) -> Option<Arc<Vec<Row>>> {
        let answers = self.answers.lock();
        let counts = answers.version == version;
        answers.by_key.get(key).filter(|_| counts).cloned()
    }

    /// Keeps what was read under `version`, in the place of older answers.
    pub(super) fn keep(&self, key: &str, version: u64, rows: &Arc<Vec<Row>>) {
        let mut answers = self.answers.lock();
        if answers.version > version {
            return;
        }
        if answers.version != version || answers.by_key.len() >= MOST {
            answers.by_key.clear();
            answers.version = version;
        }
        answers.by_key.insert(key.to_owned(), Arc::clone(rows));
    }
}

//! One change: rows, events and queue entries, all or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::database::{Connection, Db};
use super::dialect;
use super::error::StoreError;
use super::kept::Table;
use super::value::{Arg, Row, Sql, check_count, placeholders};
use crate::origin::Origin;
use crate::queue::Pending;

/// A transaction that writes. Dropping it rolls back.
///
/// When any statement fails the transaction cannot commit any more, on both
/// databases: clashes that are expected are written as `ON CONFLICT`.
#[derive(Debug)]
pub struct Tx {
    db: Db,
    connection: Connection,
    failed: bool,
    /// Tables whose kept answers this changes.
    written: Vec<Arc<Table>>,
    /// Single kept answers that this changes.
    changed: Vec<(Arc<Table>, Vec<String>)>,
    /// How many tables there were at the beginning whose answers are kept.
    tables: usize,
    /// The last event appended.
    pub(crate) last_event: Option<i64>,
    /// Where the chain of events stands, once this transaction has asked.
    pub(crate) chain: Option<crate::event::ChainHead>,
    /// Whether an event says that something was refused.
    pub(crate) refuses: bool,
    /// Whether some job's time was changed.
    pub(crate) wakes_jobs: bool,
    /// Queue entries and lease checks, written at commit in the order of
    /// their keys, so that two transactions cannot wait for each other.
    pub(crate) pending: BTreeMap<(String, String), Pending>,
}

impl Tx {
    pub(super) fn new(db: Db, connection: Connection) -> Self {
        Self {
            tables: db.0.kept.count(),
            db,
            connection,
            failed: false,
            written: Vec::new(),
            changed: Vec::new(),
            last_event: None,
            chain: None,
            refuses: false,
            wakes_jobs: false,
            pending: BTreeMap::new(),
        }
    }

    /// The database that this belongs to.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Runs a statement and answers how many rows it touched.
    pub async fn execute(
        &mut self,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        self.counted(&sql, &args)?;
        self.writes(&sql);
        let done = self.connection.execute(&self.db, sql, args, true).await;
        self.note(done)
    }

    /// As [`Tx::execute`], for a statement that changes nothing but the answers
    /// to `keys` of [`Db::read_kept`] on `table`: all others stay kept. Other
    /// servers are not told, so it is for what they may see a little later.
    pub async fn execute_for(
        &mut self,
        (table, keys): (&'static str, Vec<String>),
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        self.counted(&sql, &args)?;
        let tables = self.db.0.kept.tables(&[table]);
        self.changed
            .extend(tables.into_iter().map(|table| (table, keys.clone())));
        let done = self.connection.execute(&self.db, sql, args, true).await;
        self.note(done)
    }

    /// Runs a query, or a statement with `RETURNING`, and answers its rows.
    /// It sees what this transaction has written.
    pub async fn query(
        &mut self,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        self.counted(&sql, &args)?;
        self.writes(&sql);
        let rows = self.connection.query(&self.db, sql, args).await;
        self.note(rows)
    }

    /// Inserts many rows with few statements; each row has one value for each
    /// of `columns`. Answers how many rows were inserted.
    pub async fn insert_many(
        &mut self,
        table: &'static str,
        columns: &[&'static str],
        rows: impl IntoIterator<Item = Vec<Arg>>,
    ) -> Result<u64, StoreError> {
        self.upsert_many(table, columns, "", rows).await
    }

    /// [`Tx::insert_many`] with an `ON CONFLICT …` clause. One call must not
    /// hold the same key twice, which PostgreSQL refuses.
    pub async fn upsert_many(
        &mut self,
        table: &'static str,
        columns: &[&'static str],
        on_conflict: &'static str,
        rows: impl IntoIterator<Item = Vec<Arg>>,
    ) -> Result<u64, StoreError> {
        let values_at_once = dialect::values_per_statement(self.db.dialect());
        let per_statement = (values_at_once / columns.len().max(1)).max(1);
        let text = |count: usize| {
            let head = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
            let rows = (0..count)
                .map(|row| format!("({})", placeholders(row * columns.len() + 1, columns.len())))
                .collect::<Vec<_>>();
            Sql::assembled(format!("{head}{} {on_conflict}", rows.join(", ")))
        };
        let full = text(per_statement);
        let (mut inserted, mut count) = (0, 0);
        let mut values = Vec::with_capacity(per_statement * columns.len());
        for row in rows {
            if row.len() != columns.len() {
                self.failed = true;
                return Err(StoreError::ArgumentCount {
                    given: row.len(),
                    used: columns.len(),
                    sql: format!("INSERT INTO {table}"),
                });
            }
            values.extend(row);
            count += 1;
            if count == per_statement {
                let done = std::mem::replace(
                    &mut values,
                    Vec::with_capacity(per_statement * columns.len()),
                );
                inserted += self.run(full.clone(), done, true).await?;
                count = 0;
            }
        }
        if count > 0 {
            inserted += self.run(text(count), values, count < 4).await?;
        }
        Ok(inserted)
    }

    async fn run(&mut self, sql: Sql, args: Vec<Arg>, keep: bool) -> Result<u64, StoreError> {
        self.writes(&sql);
        let done = self.connection.execute(&self.db, sql, args, keep).await;
        self.note(done)
    }

    /// Runs several statements without arguments: a migration.
    pub(super) async fn script(&mut self, sql: impl Into<Sql>) -> Result<(), StoreError> {
        let done = self.connection.script(&self.db, sql.into()).await;
        self.note(done)
    }

    /// Makes everything durable at once, then wakes those who wait for the
    /// events and jobs in it. When this answers an error that
    /// [`StoreError::is_transient`], nothing or (after a lost connection)
    /// everything may have been stored; any other error means nothing.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if self.failed {
            self.rollback().await?;
            return Err(StoreError::Aborted);
        }
        let jobs = crate::queue::write_pending(&mut self).await?;
        self.include_new_tables();
        if let Some(channel) = self.db.channel().map(str::to_owned) {
            let mut payloads = Vec::new();
            payloads.extend(self.last_event.map(|seq| format!("event:{seq}")));
            payloads.extend(jobs.then(|| "job".to_owned()));
            let told = self.written.iter().filter(|table| table.is_told());
            let names: BTreeSet<&str> = told.map(|table| table.name).collect();
            payloads.extend(names.into_iter().map(|name| format!("kept:{name}")));
            for payload in payloads {
                self.query(
                    "SELECT pg_notify($1, $2)",
                    vec![channel.clone().into(), payload.into()],
                )
                .await?;
            }
        }
        self.include_new_tables();
        let db = self.db.clone();
        finish(self.connection, db, self.written, self.changed, self.tables)
            .await
            .map_err(|error| self.db.sort(error))?;
        if let Some(seq) = self.last_event {
            self.db.0.signals.event(seq);
        }
        if self.refuses {
            Origin::note_refusal();
        }
        if jobs {
            self.db.0.signals.job();
        }
        Ok(())
    }

    /// Undoes everything. Dropping does the same a little later.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.connection
            .rollback()
            .await
            .map_err(|error| self.db.sort(error))
    }

    /// A table that came in meanwhile may be one that this wrote to.
    fn include_new_tables(&mut self) {
        let count = self.db.0.kept.count();
        if count != self.tables {
            self.tables = count;
            self.written = self.db.0.kept.all();
        }
    }

    /// A statement that only looks counts as one that writes: forgetting too
    /// much is right, too little is not.
    fn writes(&mut self, sql: &Sql) {
        self.written.extend(self.db.0.kept.named_in(sql.as_str()));
    }

    fn counted(&mut self, sql: &Sql, args: &[Arg]) -> Result<(), StoreError> {
        let counted = check_count(sql, args);
        self.note(counted)
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.failed |= result.is_err();
        result
    }
}

/// Commits, and forgets the kept answers that this makes wrong. Whoever waits
/// may stop to wait in between, and the answers must be forgotten then too.
async fn finish(
    connection: Connection,
    db: Db,
    mut written: Vec<Arc<Table>>,
    changed: Vec<(Arc<Table>, Vec<String>)>,
    tables: usize,
) -> Result<(), sqlx::Error> {
    let committed = tokio::spawn(async move {
        let done = connection.commit().await;
        let kept = &db.0.kept;
        if kept.count() != tables {
            // A table that came in meanwhile, up to the very end, may be one
            // that this wrote to.
            written = kept.all();
        }
        written.iter().for_each(|table| table.written());
        changed.iter().for_each(|(table, keys)| table.forget(keys));
        done
    });
    committed.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

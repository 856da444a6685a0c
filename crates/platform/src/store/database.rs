//! The open database: reading, snapshots and the beginning of transactions.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use sqlx::Transaction;

use super::dialect::{self, Dialect};
use super::error::StoreError;
use super::kept::{self, Kept};
use super::migration::{self, MigrationSet};
use super::postgres::{self, Postgres};
use super::signal::Signals;
use super::sqlite::Sqlite;
use super::transaction::Tx;
use super::url::{DatabaseUrl, Target};
use super::value::{Arg, Native, Row, Sql, check_count, postgres_arguments, sqlite_arguments};
use crate::clock::Clock;

/// The open database. Cloning is cheap and gives the same database.
#[derive(Clone, Debug)]
pub struct Db(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(super) backend: Backend,
    pub(crate) clock: Clock,
    pub(crate) signals: Arc<Signals>,
    pub(super) kept: Kept,
}

#[derive(Debug)]
pub(super) enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    /// Opens or creates the database and applies what is missing of the
    /// platform's own tables and of `sets`, in this order.
    pub async fn open(
        url: &DatabaseUrl,
        sets: &[MigrationSet],
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let backend = match &url.0 {
            Target::File(path) => Backend::Sqlite(Sqlite::open(path).await?),
            Target::Memory => Backend::Sqlite(Sqlite::in_memory().await?),
            Target::Postgres(options) => {
                Backend::Postgres(Postgres::open(options, url.to_string()).await?)
            }
        };
        let db = Self(Arc::new(Inner {
            backend,
            clock,
            signals: Arc::new(Signals::new()),
            kept: Kept::default(),
        }));
        migration::apply(&db, sets).await?;
        if let Some(row) = db
            .read("SELECT seq FROM event_head", Vec::new())
            .await?
            .first()
        {
            db.0.signals.event(row.int(0)?);
        }
        crate::queue::abandon_leases(&db).await?;
        postgres::listen(&db.0);
        Ok(db)
    }

    /// The clock that every wait and every time of this store comes from.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The database's address without a password, for messages.
    pub fn place(&self) -> &str {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => &sqlite.place,
            Backend::Postgres(postgres) => &postgres.place,
        }
    }

    /// Whether other servers may share this database.
    pub fn is_shared(&self) -> bool {
        self.dialect() == Dialect::Postgres
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match &self.0.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(super) fn channel(&self) -> Option<&str> {
        match &self.0.backend {
            Backend::Sqlite(_) => None,
            Backend::Postgres(postgres) => Some(&postgres.channel),
        }
    }

    pub(crate) fn sort(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_driver(self.place(), error)
    }

    /// As [`Db::read`], for one query of `tables` that is asked with every
    /// request: the answer to `key` is kept in memory until a transaction that
    /// names one of the tables commits. The first table keeps the answers, so
    /// a key of it belongs to one query. That there is nothing is not kept.
    ///
    /// Where other servers share the database, answers are kept of tables that
    /// [`Db::tells`] has named, until another server writes to them: then
    /// within milliseconds, and within five seconds should the notification
    /// be lost.
    pub async fn read_kept(
        &self,
        (tables, key): (&[&'static str], &str),
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Arc<Vec<Row>>, StoreError> {
        let tables = self.0.kept.tables(tables);
        let Some(keeper) = tables.first() else {
            return self.read(sql, args).await.map(Arc::new);
        };
        let shared = self.is_shared();
        if shared && !self.0.kept.hears(&tables) {
            return self.read(sql, args).await.map(Arc::new);
        }
        let version = kept::version(&tables);
        let now = self.clock().now();
        if let Some(rows) = keeper.answer(key, version, shared.then_some(now)) {
            return Ok(rows);
        }
        let rows = self.read(sql, args).await?.into_iter().map(Row::settle);
        let rows = Arc::new(rows.collect::<Result<Vec<_>, _>>()?);
        if !rows.is_empty() {
            keeper.keep((key, now), version, || kept::version(&tables), &rows);
        }
        Ok(rows)
    }

    /// Has every commit tell other servers when it writes to one of these
    /// tables, so that they may keep answers of [`Db::read_kept`]. Called by
    /// whoever owns the tables, in every process, before it writes to them.
    pub fn tells(&self, tables: &[&'static str]) {
        self.0.kept.tell(tables);
    }

    /// All rows of a query, outside any transaction. Never waits for a writer.
    pub async fn read(&self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        check_count(&sql, &args)?;
        let rows = match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlx::query_with(sql.into_inner(), sqlite_arguments(args)?)
                .fetch_all(&sqlite.readers)
                .await
                .map(|rows| {
                    rows.into_iter()
                        .map(|row| Row(Native::Sqlite(row)))
                        .collect()
                }),
            Backend::Postgres(postgres) => {
                sqlx::query_with(sql.into_inner(), postgres_arguments(args)?)
                    .fetch_all(&postgres.pool)
                    .await
                    .map(|rows| {
                        rows.into_iter()
                            .map(|row| Row(Native::Postgres(row)))
                            .collect()
                    })
            }
        };
        rows.map_err(|error| self.sort(error))
    }

    /// The rows of a query one by one, for results that should not be in
    /// memory at once.
    pub fn stream(
        &self,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> BoxStream<'_, Result<Row, StoreError>> {
        let sql = sql.into();
        if let Err(error) = check_count(&sql, &args) {
            return stream::iter([Err(error)]).boxed();
        }
        match &self.0.backend {
            Backend::Sqlite(sqlite) => match sqlite_arguments(args) {
                Err(error) => stream::iter([Err(error)]).boxed(),
                Ok(args) => sqlx::query_with(sql.into_inner(), args)
                    .fetch(&sqlite.readers)
                    .map(|row| {
                        row.map(|row| Row(Native::Sqlite(row)))
                            .map_err(|error| self.sort(error))
                    })
                    .boxed(),
            },
            Backend::Postgres(postgres) => match postgres_arguments(args) {
                Err(error) => stream::iter([Err(error)]).boxed(),
                Ok(args) => sqlx::query_with(sql.into_inner(), args)
                    .fetch(&postgres.pool)
                    .map(|row| {
                        row.map(|row| Row(Native::Postgres(row)))
                            .map_err(|error| self.sort(error))
                    })
                    .boxed(),
            },
        }
    }

    /// Begins a transaction that writes. On SQLite there is one at a time, so
    /// nothing slow is awaited while it is open: no network, no other lock.
    /// Dropping it rolls back.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let connection = match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite
                .writer
                .begin_with(dialect::begin_sqlite())
                .await
                .map(Connection::Sqlite),
            Backend::Postgres(postgres) => postgres.pool.begin().await.map(Connection::Postgres),
        };
        Ok(Tx::new(
            self.clone(),
            connection.map_err(|error| self.sort(error))?,
        ))
    }

    /// Begins a sequence of reads that all see one state of the database.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let begin = dialect::begin_snapshot(self.dialect());
        let connection = match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite
                .readers
                .begin_with(begin)
                .await
                .map(Connection::Sqlite),
            Backend::Postgres(postgres) => postgres
                .pool
                .begin_with(begin)
                .await
                .map(Connection::Postgres),
        };
        Ok(Snapshot {
            db: self.clone(),
            connection: connection.map_err(|error| self.sort(error))?,
        })
    }

    /// Migrations that this database has seen, in the order of set and version.
    pub async fn migrations(&self) -> Result<Vec<super::AppliedMigration>, StoreError> {
        migration::applied(self).await
    }

    /// Waits for running statements, then closes every connection and lets go
    /// of the data directory.
    pub async fn close(&self) {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// Several reads that see one state of the database.
#[derive(Debug)]
pub struct Snapshot {
    db: Db,
    connection: Connection,
}

impl Snapshot {
    /// All rows of a query.
    pub async fn read(
        &mut self,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        check_count(&sql, &args)?;
        self.connection.query(&self.db, sql, args).await
    }

    /// The rows of a query one by one.
    pub fn stream(
        &mut self,
        sql: impl Into<Sql>,
        args: Vec<Arg>,
    ) -> BoxStream<'_, Result<Row, StoreError>> {
        let (sql, db) = (sql.into(), &self.db);
        if let Err(error) = check_count(&sql, &args) {
            return stream::iter([Err(error)]).boxed();
        }
        match &mut self.connection {
            Connection::Sqlite(transaction) => match sqlite_arguments(args) {
                Err(error) => stream::iter([Err(error)]).boxed(),
                Ok(args) => sqlx::query_with(sql.into_inner(), args)
                    .fetch(&mut **transaction)
                    .map(|row| {
                        row.map(|row| Row(Native::Sqlite(row)))
                            .map_err(|error| db.sort(error))
                    })
                    .boxed(),
            },
            Connection::Postgres(transaction) => match postgres_arguments(args) {
                Err(error) => stream::iter([Err(error)]).boxed(),
                Ok(args) => sqlx::query_with(sql.into_inner(), args)
                    .fetch(&mut **transaction)
                    .map(|row| {
                        row.map(|row| Row(Native::Postgres(row)))
                            .map_err(|error| db.sort(error))
                    })
                    .boxed(),
            },
        }
    }
}

/// A connection inside a transaction.
#[derive(Debug)]
pub(super) enum Connection {
    Sqlite(Transaction<'static, sqlx::Sqlite>),
    Postgres(Transaction<'static, sqlx::Postgres>),
}

impl Connection {
    pub(super) async fn query(
        &mut self,
        db: &Db,
        sql: Sql,
        args: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(transaction) => {
                sqlx::query_with(sql.into_inner(), sqlite_arguments(args)?)
                    .fetch_all(&mut **transaction)
                    .await
                    .map(|rows| {
                        rows.into_iter()
                            .map(|row| Row(Native::Sqlite(row)))
                            .collect()
                    })
            }
            Self::Postgres(transaction) => {
                sqlx::query_with(sql.into_inner(), postgres_arguments(args)?)
                    .fetch_all(&mut **transaction)
                    .await
                    .map(|rows| {
                        rows.into_iter()
                            .map(|row| Row(Native::Postgres(row)))
                            .collect()
                    })
            }
        }
        .map_err(|error| db.sort(error))
    }

    /// Runs a statement and answers how many rows it touched. `keep` says
    /// whether the prepared statement is worth keeping.
    pub(super) async fn execute(
        &mut self,
        db: &Db,
        sql: Sql,
        args: Vec<Arg>,
        keep: bool,
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(transaction) => {
                sqlx::query_with(sql.into_inner(), sqlite_arguments(args)?)
                    .persistent(keep)
                    .execute(&mut **transaction)
                    .await
                    .map(|done| done.rows_affected())
            }
            Self::Postgres(transaction) => {
                sqlx::query_with(sql.into_inner(), postgres_arguments(args)?)
                    .persistent(keep)
                    .execute(&mut **transaction)
                    .await
                    .map(|done| done.rows_affected())
            }
        }
        .map_err(|error| db.sort(error))
    }

    /// Runs several statements without arguments.
    pub(super) async fn script(&mut self, db: &Db, sql: Sql) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => sqlx::raw_sql(sql.into_inner())
                .execute(&mut **transaction)
                .await
                .map(drop),
            Self::Postgres(transaction) => sqlx::raw_sql(sql.into_inner())
                .execute(&mut **transaction)
                .await
                .map(drop),
        }
        .map_err(|error| db.sort(error))
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    pub(super) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
    }
}

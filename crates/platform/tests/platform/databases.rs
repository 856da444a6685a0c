//! A fresh database for each test, on both databases.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use platform::Clock;
use platform::store::{DatabaseUrl, Db, Migration, MigrationSet};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// The variable that holds the URL of a PostgreSQL server.
const VARIABLE: &str = "PORTWAY_TEST_POSTGRES";

/// When every manual clock begins: 2026-01-02T03:04:05Z.
pub(crate) const START: Timestamp = Timestamp::constant(1_767_323_045, 0);

/// Tables for tests.
pub(crate) const NOTES: MigrationSet = MigrationSet {
    name: "notes",
    steps: &[Migration {
        version: 1,
        name: "notes",
        sqlite: "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, size INTEGER, raw BLOB); \
                 CREATE TABLE counter (value INTEGER NOT NULL); INSERT INTO counter VALUES (0)",
        postgres: "CREATE TABLE notes (id BIGINT PRIMARY KEY, body TEXT, size BIGINT, raw BYTEA); \
                   CREATE TABLE counter (value BIGINT NOT NULL); INSERT INTO counter VALUES (0)",
    }],
};

/// Where a test's database is.
#[derive(Clone)]
pub(crate) struct Place {
    /// The address, for [`DatabaseUrl::parse`].
    pub(crate) address: String,
    /// A clock that the test moves.
    pub(crate) clock: Clock,
}

impl Place {
    pub(crate) fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.address).unwrap()
    }

    /// Opens the database with the table `notes`.
    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.url(), &[NOTES], self.clock.clone())
            .await
            .unwrap()
    }

    /// A second replica where the database can be shared, else the same one.
    pub(crate) async fn replica(&self, db: &Db) -> Db {
        if db.is_shared() {
            self.open().await
        } else {
            db.clone()
        }
    }
}

/// Runs a test on SQLite and, where there is a server, on PostgreSQL.
pub(crate) async fn on_both<F, R>(test: F)
where
    F: Fn(Place) -> R,
    R: Future<Output = ()>,
{
    let directory = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}/test.db", directory.path().display());
    test(Place {
        address,
        clock: Clock::manual(START),
    })
    .await;
    on_postgres(test).await;
}

/// Runs a test on PostgreSQL, in a schema of its own.
pub(crate) async fn on_postgres<F, R>(test: F)
where
    F: Fn(Place) -> R,
    R: Future<Output = ()>,
{
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = server() else {
        eprintln!("skipped on PostgreSQL: {VARIABLE} is not set (tests/postgres.sh start)");
        return;
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("portway_test_{}_{count}", std::process::id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin
        .execute(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .await
        .unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    let address = format!("{server}{joint}options=-csearch_path%3D{schema}");
    let place = Place {
        address,
        clock: Clock::manual(START),
    };
    let outcome = AssertUnwindSafe(test(place)).catch_unwind().await;
    admin
        .execute(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE")))
        .await
        .unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// The server's URL.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment alone"
)]
pub(crate) fn server() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

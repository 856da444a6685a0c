//! A fresh database for a test, on either sort.

use std::path::Path;

use platform::Clock;
use platform::store::{DatabaseUrl, Db, Sql};

/// The variable that holds the URL of a PostgreSQL server.
const VARIABLE: &str = "PORTWAY_TEST_POSTGRES";

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A file in the test's folder.
    Sqlite,
    /// A schema of its own on the server that the environment names.
    Postgres,
}

impl On {
    /// Whether the test can run; says why not.
    pub fn is_available(self) -> bool {
        self == Self::Sqlite || server().is_some()
    }

    /// The address of a new database: in this folder, or a schema of its own.
    pub async fn fresh(self, data: &Path) -> DatabaseUrl {
        let text = match self {
            Self::Sqlite => data.to_string_lossy().into_owned(),
            Self::Postgres => {
                let server = server().expect("asked for before");
                let schema = new_schema();
                run(&server, format!("CREATE SCHEMA {schema}")).await;
                within(&server, &schema)
            }
        };
        DatabaseUrl::parse(&text).expect("a database address")
    }
}

/// The server's URL; without one it says that the test is skipped.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment alone"
)]
pub(crate) fn server() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        println!("skipped on PostgreSQL: {VARIABLE} holds no URL (tests/postgres.sh gives one)");
    }
    url
}

/// A name that no other test has.
pub(crate) fn new_schema() -> String {
    format!("portway_{}", uuid::Uuid::new_v4().simple())
}

/// The server's URL for a connection that sees this schema alone.
pub(crate) fn within(server: &str, schema: &str) -> String {
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}options=-csearch_path%3D{schema}")
}

/// Runs one statement on the server itself.
pub(crate) async fn run(server: &str, sql: String) {
    let url = DatabaseUrl::parse(server).expect("a server's address");
    let db = Db::open(&url, &[], Clock::system())
        .await
        .expect("the server answers");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(Sql::assembled(sql), Vec::new())
        .await
        .expect("the statement runs");
    tx.commit().await.expect("it stays");
    db.close().await;
}

/// Makes of functions that take an [`On`] tests on both databases.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::On::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if $crate::On::Postgres.is_available() {
                    super::$test($crate::On::Postgres).await;
                }
            })*
        }
    };
}

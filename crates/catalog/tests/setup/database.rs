//! Tests on both databases.

use std::path::Path;

use platform::Clock;
use platform::store::{DatabaseUrl, Db, Sql};

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

impl On {
    /// Whether the test can run; says why not.
    pub(crate) fn is_available(self) -> bool {
        let there = self == Self::Sqlite || postgres().is_some();
        if !there {
            println!(
                "skipped on PostgreSQL: PORTWAY_TEST_POSTGRES holds no URL (tests/postgres.sh gives one)"
            );
        }
        there
    }

    /// The address of a new database: in this folder, or a schema of its own.
    pub(crate) async fn fresh(self, data: &Path, clock: &Clock) -> DatabaseUrl {
        let text = match self {
            Self::Sqlite => data.to_string_lossy().into_owned(),
            Self::Postgres => fresh_schema(clock).await,
        };
        DatabaseUrl::parse(&text).expect("a database address")
    }
}

#[expect(clippy::disallowed_methods, reason = "a test asks its own environment")]
fn postgres() -> Option<String> {
    std::env::var("PORTWAY_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
}

/// A schema of its own for one test, on the server that the environment names.
async fn fresh_schema(clock: &Clock) -> String {
    let server = postgres().expect("asked for before");
    let schema = format!("catalog_{}", uuid::Uuid::new_v4().simple());
    let url = DatabaseUrl::parse(&server).expect("a server's address");
    let db = Db::open(&url, &[], clock.clone())
        .await
        .expect("the server answers");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(
        Sql::assembled(format!("CREATE SCHEMA {schema}")),
        Vec::new(),
    )
    .await
    .expect("a fresh schema");
    tx.commit().await.expect("the schema is there");
    db.close().await;
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}options=-csearch_path%3D{schema}")
}

/// Runs tests on both databases.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::support::On::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if $crate::support::On::Postgres.is_available() {
                    super::$test($crate::support::On::Postgres).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_databases;

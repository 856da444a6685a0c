//! The tests that store something, once more on PostgreSQL, when
//! `PORTWAY_TEST_POSTGRES` holds the URL of a server (`tests/postgres.sh start`).

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

const VARIABLE: &str = "PORTWAY_TEST_POSTGRES";

struct Server {
    url: String,
    schemas: Vec<String>,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// A new schema on the server, while a test runs on PostgreSQL.
pub(crate) async fn fresh_schema() -> Option<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("portway_access_{}_{count}", std::process::id());
    let url = SERVER.with_borrow_mut(|server| {
        let server = server.as_mut()?;
        server.schemas.push(schema.clone());
        Some(server.url.clone())
    })?;
    run(&url, format!("CREATE SCHEMA {schema}")).await;
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}options=-csearch_path%3D{schema}"))
}

async fn run(url: &str, sql: String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment alone"
)]
fn server() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Runs a test whose database is in PostgreSQL. It uses
/// this thread only, so the thread can hold where the server is.
fn on_postgres(test: fn()) {
    let Some(url) = server() else {
        println!("skipped on PostgreSQL: {VARIABLE} is not set (tests/postgres.sh start)");
        return;
    };
    SERVER.set(Some(Server {
        url,
        schemas: Vec::new(),
    }));
    let outcome = catch_unwind(AssertUnwindSafe(test));
    let server = SERVER.take().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for schema in server.schemas {
        runtime.block_on(run(&server.url, format!("DROP SCHEMA {schema} CASCADE")));
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

macro_rules! once_more {
    ($($module:ident :: $test:ident),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                on_postgres(crate::$module::$test);
            }
        )*
    };
}

once_more! {
    stored::a_change_counts_at_once_is_an_event_and_survives,
    stored::what_cannot_be_is_refused_and_leaves_everything_as_it_was,
    stored::nobody_locks_themselves_out,
}

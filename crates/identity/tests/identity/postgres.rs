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
    let schema = format!("portway_identity_{}_{count}", std::process::id());
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

/// Runs a test whose every [`crate::world::World`] is in PostgreSQL. It uses
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
    user_settings::a_setting_is_its_owners_alone,
    user_settings::what_cannot_be_kept_is_refused_with_a_reason,
    session::a_link_signs_in_once_as_the_operator,
    session::of_two_who_open_a_link_at_once_one_gets_in,
    session::a_link_runs_out_and_wrong_codes_are_refused,
    session::a_session_ends_after_twelve_hours_without_use,
    session::signing_out_ends_the_session_on_the_server,
    session::signing_in_again_replaces_the_session,
    token::a_generated_token_works_within_its_scope,
    token::an_expired_token_is_refused_and_says_so,
    token::a_revoked_token_is_refused_at_once,
    token::listing_shows_everything_but_the_secret,
    token::inputs_that_make_no_sense_are_refused_with_what_would,
    token::making_and_ending_tokens_is_in_the_log_with_its_actor,
    token::the_local_token_is_replaced_at_each_start,
    user_token::rotation_keeps_tokens_valid_until_they_run_out,
    user_token::a_key_does_not_sign_for_ever,
    user_token::a_restart_and_another_replica_know_the_same_keys,
    user_token::a_lost_sealing_key_costs_a_new_signing_key_and_nothing_else,
}

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
    user_settings::what_a_group_keeps_is_for_those_who_belong_to_it,
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
    device::a_program_gets_its_tokens_after_a_person_said_yes,
    device::a_program_that_asks_too_often_is_slowed_down,
    device::a_code_runs_out_and_a_no_is_a_no,
    device::guessing_codes_is_slowed_down,
    device::a_refresh_token_rotates_and_its_second_use_ends_the_login,
    device::of_two_who_refresh_at_once_one_gets_tokens,
    device::a_login_does_no_more_than_was_agreed,
    device::only_a_person_in_a_browser_admits_and_only_from_our_pages,
    device::an_ended_login_is_refused_at_once,
    device::an_access_token_lives_an_hour_and_a_refresh_token_opens_nothing,
    devices::a_session_tells_from_where_and_with_what_it_is_used,
    devices::a_stolen_cookie_is_worth_nothing_once_its_session_is_ended,
    devices::nobody_ends_the_session_of_another_without_the_permission,
    devices::limits_of_sessions_are_configured,
    devices::every_token_that_somebody_makes_runs_out,
    devices::a_use_is_noted_with_its_address_once_a_minute,
    devices::a_token_that_ends_soon_is_announced_once,
    devices::a_token_in_the_address_is_refused_with_the_reason,
    local::an_invitation_sets_a_password_once,
    local::an_account_that_is_no_administrator_keeps_out_of_others_sign_in,
    local::switching_off_and_resetting_end_sessions_at_once,
    local::a_new_password_ends_the_other_sessions,
    local::a_session_known_before_signing_in_is_worth_nothing,
    local::failures_slow_down_whoever_makes_them_and_nobody_else,
    local::recovery_codes_work_once_each,
    local::a_hash_with_old_parameters_is_replaced_at_the_next_sign_in,
    local::names_that_cannot_be_are_refused,
    local::a_signed_in_account_gets_a_backstage_identity,
    passkey::a_passkey_is_added_and_signs_in,
    passkey::what_an_attacker_changes_is_noticed,
    passkey::a_passkey_is_added_by_its_owner_in_a_fresh_session_only,
    workload::a_job_gets_a_short_token_with_the_entry_s_permissions,
    workload::a_token_is_exchanged_as_often_as_the_entry_says,
    workload::a_refusal_names_the_nearest_entry_and_the_claim,
    workload::forged_late_and_early_tokens_are_refused,
    workload::other_ways_to_sign_are_no_signature,
    providers::an_openid_account_becomes_a_session,
    providers::a_user_is_made_just_in_time_with_the_groups_that_exist,
    providers::refresh_and_logout_are_backstages,
    providers::an_answer_counts_once,
    user_token::rotation_keeps_tokens_valid_until_they_run_out,
    user_token::a_key_does_not_sign_for_ever,
    user_token::a_restart_and_another_replica_know_the_same_keys,
    user_token::a_lost_sealing_key_costs_a_new_signing_key_and_nothing_else,
}

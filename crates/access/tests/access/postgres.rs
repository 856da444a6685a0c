//! The tests that store something, once more on PostgreSQL, when
//! `PORTWAY_TEST_POSTGRES` holds the URL of a server (`tests/postgres.sh start`).

pub(crate) use testing::fresh_schema;

testing::once_more_on_postgres! {
    stored::a_change_counts_at_once_is_an_event_and_survives,
    stored::what_cannot_be_is_refused_and_leaves_everything_as_it_was,
    stored::nobody_locks_themselves_out,
    stored::two_at_once_do_not_overwrite_each_other,
    stored::two_administrators_cannot_lock_each_other_out,
}

//! Behaviour of the platform through its public surface, on both databases.
//!
//! SQLite always runs. PostgreSQL runs when `PORTWAY_TEST_POSTGRES` holds the
//! URL of a server that may be written to; `tests/postgres.sh` provides one.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "the functions beside the tests are tests too"
)]

mod chain;
mod controller;
mod crash;
mod databases;
mod doors;
mod event;
mod inside;
mod journal;
mod kept;
mod migration;
mod openapi;
mod opening;
mod queue;
mod queue_model;
mod replicas;
mod request;
mod retention;
mod scripted;
mod store;

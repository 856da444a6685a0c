//! The trail: what is changed is found, what is removed leaves its proof, what
//! is asked for is written down.
//!
//! SQLite always runs. PostgreSQL runs when `PORTWAY_TEST_POSTGRES` holds the
//! URL of a server that may be written to; `tests/postgres.sh` provides one.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails like the test"
)]

mod export;
mod keeping;
mod pages;
mod rules;
mod sinks;
mod tamper;
mod watching;
mod world;

//! Golden paths run, over a real catalog, on both databases.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say what they skip"
)]

mod actions;
mod api;
mod restart;
mod samples;
mod semantics;
mod values;
mod world;

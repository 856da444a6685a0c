//! Golden paths run, over a real catalog, on both databases.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod actions;
mod api;
mod restart;
mod samples;
mod semantics;
mod values;
mod world;

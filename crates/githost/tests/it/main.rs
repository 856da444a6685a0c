//! The host, driven by the real `git` program over HTTP.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests and what they stand on may fail loudly, and say what they skip"
)]

mod clients;
mod hostile;
mod pulls;
mod world;

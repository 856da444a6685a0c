//! Documentation through its public names.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a helper of a test fails like the test, and says what it skips"
)]

mod api;
mod bounds;
mod conformance;
mod hostile;
mod markdown;
mod pages;
mod rules;
mod site;
mod world;

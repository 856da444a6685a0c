//! Documentation through its public names.
#![expect(clippy::expect_used, reason = "a helper of a test fails like the test")]

mod api;
mod conformance;
mod hostile;
mod markdown;
mod pages;
mod rules;
mod site;
mod world;

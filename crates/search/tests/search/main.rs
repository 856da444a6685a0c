//! Search through its public surfaces: the engine, the service over a real
//! catalog, the HTTP API and the pages.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a helper of a test fails like the test"
)]

mod api;
mod engine;
mod freshness;
mod latency;
mod pages;
mod papers;
mod properties;
mod relevance;
mod rules;
mod world;

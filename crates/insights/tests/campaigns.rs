//! Campaigns: the arithmetic by hand-made numbers, what a document may say,
//! and the whole slice over a real catalog on both databases.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails like the test"
)]

#[path = "campaigns/api.rs"]
mod api;
#[path = "campaigns/arithmetic.rs"]
mod arithmetic;
#[path = "campaigns/history.rs"]
mod history;
#[path = "campaigns/pages.rs"]
mod pages;
#[path = "campaigns/plan.rs"]
mod plan;
#[path = "campaigns/rules.rs"]
mod rules;
#[path = "campaigns/teams.rs"]
mod teams;
#[path = "campaigns/world.rs"]
mod world;

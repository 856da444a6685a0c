//! Tabs and cards against a SonarQube and a Grafana that the tests write from
//! their public API descriptions, and that misbehave on request.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a failing helper fails the test"
)]

mod pages;
mod pipelines;
mod stub;

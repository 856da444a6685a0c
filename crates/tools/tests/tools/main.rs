//! Tabs and cards against a SonarQube and a Grafana that the tests write from
//! their public API descriptions, and that misbehave on request.
#![expect(clippy::expect_used, reason = "a helper of a test fails like the test")]

mod pages;
mod pipelines;
mod stub;

//! The design system, through what it offers to other crates.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "helpers of tests fail the test as the tests themselves do"
)]

mod assets;
mod charts;
mod choices;
mod components;
mod extends;
mod forms;
mod graph;
mod hostile;
mod josa;
mod navigation;
mod pages;
mod panels;
mod request;
mod rules;
mod texts;

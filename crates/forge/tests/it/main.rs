//! Behaviour of the driver through its public surface. The forges are servers
//! written from their public API descriptions; the repositories are made with
//! the `git` program.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::needless_pass_by_value,
    reason = "tests and what they stand on may fail loudly, and take JSON by value"
)]

mod budget;
mod discovery;
mod git_http;
mod git_local;
mod gitea;
mod github;
mod github_app;
mod gitlab;
mod host;
mod http;
mod org;
mod org_unread;
mod propose;
mod references;
mod scm_url;
mod support;
mod webhook;

//! The program as people and scripts use it: arguments in, two streams and an
//! exit code out.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test helpers fail by panicking, and say what they skip"
)]

mod configuration;
mod docs;
mod messages;
mod program;
mod remote;
mod server;
mod template;
mod validate;
mod verbs;

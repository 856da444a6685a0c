//! Portway as its users meet it: the program, its files, its HTTP API.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test helpers fail by panicking"
)]

mod access;
mod audit;
mod bad_input;
mod create;
mod front;
mod hardening;
mod http;
mod openapi;
mod program;
mod runs;
mod secrets;
mod server;
mod streams;
mod website;

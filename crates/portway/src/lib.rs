//! The composition root: the command line, and the server that `portway up`
//! starts. The only crate that knows all capabilities.

pub mod cli;
mod findings;
pub mod server;

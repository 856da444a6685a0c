//! The real program against the real server: `portway up` on a small folder as
//! a child process, and every verb as a person or a script would call it.
//!
//! `tests/cli` checks what the command line makes of fixed answers; here the
//! answers are the server's own, so a path or a field that one side renames
//! fails.
#![expect(clippy::unwrap_used, reason = "test helpers fail by panicking")]

#[path = "live/changing.rs"]
mod changing;
#[path = "live/failing.rs"]
mod failing;
#[path = "live/offline.rs"]
mod offline;
#[path = "live/reading.rs"]
mod reading;
#[path = "live/running.rs"]
mod running;
#[path = "live/tokens.rs"]
mod tokens;

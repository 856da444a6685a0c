//! Sources that are not files of this machine, and everybody who listens:
//! the real catalog, queue and runner against real HTTP servers and real Git
//! repositories on 127.0.0.1.

mod code_hosts;
mod discovery;
mod git_sources;
mod incoming;
mod limits;
mod organisations;
mod outgoing;
mod stream;
mod support;
mod web_files;

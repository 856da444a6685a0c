//! Sources that are not files of this machine, and everybody who listens:
//! the real catalog, queue and runner against real HTTP servers and real Git
//! repositories on 127.0.0.1.

#[cfg(test)]
mod code_hosts;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod discovery_again;
#[cfg(test)]
mod git_sources;
#[cfg(test)]
mod incoming;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod outgoing;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod support;
#[cfg(test)]
mod web_files;

//! Configuration, telemetry and the doctor, through what other crates use.
#![expect(
    clippy::unwrap_used,
    reason = "test helpers fail by panicking, with the line that shows why"
)]

mod anything;
mod files;
mod keys;
mod misfits;
mod support;
mod telemetry;
mod values;

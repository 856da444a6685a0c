//! Identity as clients meet it: a real router with real routes over a real
//! database.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::needless_pass_by_value,
    reason = "a failing helper fails the test, and skipped suites say so"
)]

mod device;
mod devices;
mod doctor;
mod escalation;
mod external;
mod guest;
mod local;
mod passkey;
mod postgres;
mod properties;
mod providers;
mod recorded;
mod replicas;
mod session;
mod token;
mod user_settings;
mod user_token;
mod view_as;
mod workload;
mod world;

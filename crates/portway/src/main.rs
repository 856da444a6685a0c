//! The `portway` program: reads arguments and environment once, and hands them
//! to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    // One TLS provider for the whole process; it can only be there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Variables that are not Unicode cannot hold anything that Portway reads.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    ExitCode::from(
        portway::cli::run(
            std::env::args_os().collect(),
            &variables,
            portway::server::up,
        )
        .code(),
    )
}

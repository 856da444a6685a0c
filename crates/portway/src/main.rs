//! The `portway` program: reads arguments and environment once, and hands them
//! to the command line.

use std::process::ExitCode;

/// The system's allocator keeps a heap for each thread, and gives back little
/// of what a start or a large refresh has used: a third more memory at 10,000
/// entities. How this one is set up stands in `.cargo/config.toml`.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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

//! `cargo xtask bench`: builds the release program and the benchmarks, and runs one.

use std::path::Path;

use anyhow::Result;

use crate::process;

/// Without arguments the benchmarks print what there is; with arguments they run.
/// Everything is built as released, because nothing else is worth measuring.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let mut packages = vec!["--package", "portway-benches"];
    if !arguments.is_empty() {
        packages.extend(["--package", "portway"]);
    }
    process::run(
        process::cargo(root)
            .args(["build", "--release", "--locked"])
            .args(packages),
    )?;
    let program = root.join("target/release/portway-benches");
    process::run(process::program(root, &program.to_string_lossy()).args(arguments))
}

//! Journeys in a real browser and with real clients, against the built program.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::steps::Done;

/// The exit code of `e2e/run.sh` where something is missing and cannot be installed.
const NOT_INSTALLED: i32 = 69;

/// Runs `e2e/run.sh` against the program that the step `build` has built.
pub(crate) fn run(root: &Path) -> Result<Done> {
    let status = process::program(root, "bash")
        .arg("e2e/run.sh")
        .env("PORTWAY_BIN", built()?)
        .status()
        .context("cannot start bash")?;
    match status.code() {
        Some(0) => Ok(Done::Passed),
        // On CI this is a fault of `.ci/run`; the pages would go untested.
        Some(NOT_INSTALLED) if std::env::var_os("CI").is_none() => Ok(Done::LeftOut(
            "what it needs is not installed and cannot be installed from here; the names are above"
                .to_owned(),
        )),
        _ => bail!("`e2e/run.sh` failed ({status})"),
    }
}

/// The program beside this one: the same profile of the same target directory.
fn built() -> Result<PathBuf> {
    let own = std::env::current_exe().context("this program has a path")?;
    Ok(own.with_file_name("portway"))
}

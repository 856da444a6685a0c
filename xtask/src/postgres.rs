//! The PostgreSQL server that the tests use, by way of `tests/postgres.sh`.

use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The exit code of `tests/postgres.sh` where there is no server and no way to install one.
const NOT_INSTALLED: i32 = 69;

/// A server that is stopped when this is dropped, if this started it.
pub(crate) struct Postgres {
    /// Where it answers; `None` where there is none.
    pub(crate) url: Option<String>,
    /// Why there is none.
    pub(crate) absent: Option<String>,
    started_in: Option<PathBuf>,
}

impl Postgres {
    /// Starts a server, or takes the one that `PORTWAY_TEST_POSTGRES` names.
    ///
    /// # Errors
    /// When a server that is installed does not start.
    pub(crate) fn start(root: &Path) -> Result<Self> {
        if let Some(url) = std::env::var_os("PORTWAY_TEST_POSTGRES") {
            let url = url
                .into_string()
                .ok()
                .context("PORTWAY_TEST_POSTGRES is not text")?;
            return Ok(Self {
                url: Some(url),
                absent: None,
                started_in: None,
            });
        }
        let output = process::program(root, "bash")
            .args(["tests/postgres.sh", "start"])
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start bash")?;
        match output.status.code() {
            Some(0) => Ok(Self {
                url: Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
                absent: None,
                started_in: Some(root.to_owned()),
            }),
            // On CI this is a fault of `.ci/run`; half the storage would go untested.
            Some(NOT_INSTALLED) if std::env::var_os("CI").is_none() => Ok(Self {
                url: None,
                absent: Some("it is not installed and cannot be installed from here".to_owned()),
                started_in: None,
            }),
            _ => bail!("`tests/postgres.sh start` failed; its reasons are above"),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(root) = &self.started_in {
            process::works(process::program(root, "bash").args(["tests/postgres.sh", "stop"]));
        }
    }
}

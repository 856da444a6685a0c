//! Running other programs.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The cargo that runs us, so that `cargo +nightly xtask` stays on one toolchain.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// A program that is run in the workspace's folder.
pub(crate) fn program(root: &Path, name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root);
    command
}

/// Runs a command on our terminal.
///
/// # Errors
/// When it cannot be started or exits with anything but 0; the message repeats
/// the command, so that it can be run alone.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let text = text(command);
    let status = command
        .status()
        .with_context(|| format!("cannot start `{text}`"))?;
    if status.success() {
        return Ok(());
    }
    match status.code() {
        Some(code) => bail!("`{text}` exited with {code}"),
        None => bail!("`{text}` was ended by a signal"),
    }
}

/// Runs a command and returns what it wrote to standard output; its errors
/// appear on our terminal.
///
/// # Errors
/// As [`run`], and when the output is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let text = text(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{text}`"))?;
    if !output.status.success() {
        bail!("`{text}` exited with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{text}` did not answer in UTF-8"))
}

/// Whether the command can be started and exits with 0. Its output is dropped.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn text(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            // `cargo` is given to us as an absolute path, which helps no reader.
            if word.ends_with("/cargo") {
                "cargo".to_owned()
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_repeats_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` exited with 3");
    }

    #[test]
    fn a_program_that_is_absent_does_not_work() {
        assert!(!works(&mut Command::new("a-program-that-nobody-has")));
    }
}

//! The development loop. `cargo xtask` lists the commands.
//!
//! It is a program and not a folder of shell scripts so that its rules can be
//! tested, and so that nothing but Rust has to be installed to run it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program for developers, which talks on the terminal"
)]

mod arrows;
mod bench;
mod codes;
mod e2e;
mod fuzz;
mod licences;
mod metadata;
mod postgres;
mod process;
mod spdx;
mod steps;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "\
cargo xtask COMMAND

  test [STEP...]             all checks and tests, or the steps named; `--list` lists them,
                             `--fuzz` adds 20 s of every fuzz target
  tidy                       sizes, names, forbidden texts, locales
  arrows                     which crate may depend on which
  licences                   licences, banned packages, number of packages
  bench [NAME] [ARG...]      load and scale benchmarks; without a name: lists them
  fuzz [TARGET] [SECONDS]    fuzz one target, or `all`; without a target: lists them
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (command, rest) = arguments
        .split_first()
        .map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let root = root()?;
    match command {
        "test" => test::run(&root, rest),
        "tidy" => tidy::check(&root),
        "arrows" => arrows::check(&root),
        "licences" => licences::check(&root),
        "bench" => bench::run(&root, rest),
        "fuzz" => fuzz::run(&root, rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no command `{other}`\n\n{USAGE}"),
    }
}

/// The workspace's folder: the parent of this package's.
fn root() -> Result<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    Ok(own
        .parent()
        .context("xtask lies in a workspace")?
        .to_owned())
}

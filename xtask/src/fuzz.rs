//! `cargo xtask fuzz`: runs one target of `fuzz/` for a while.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::process;

const DEFAULT_SECONDS: u32 = 60;
/// Files to begin with, beside what earlier runs have found.
const SEEDS: &str = "../examples/acme";

/// `[TARGET] [SECONDS]`; without a target it lists them.
///
/// # Errors
/// When a tool is missing (with the command that installs it), the target does
/// not exist, or the target found a crash (cargo-fuzz prints the input's file).
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let targets = targets(root)?;
    let Some(target) = arguments.first() else {
        println!("{}", targets.join("\n"));
        return Ok(());
    };
    if !targets.contains(target) {
        bail!(
            "there is no target `{target}`; the targets are {}",
            targets.join(", ")
        );
    }
    let seconds = match arguments.get(1) {
        None => DEFAULT_SECONDS,
        Some(text) => text
            .parse()
            .with_context(|| format!("`{text}` is not a number of seconds"))?,
    };
    let missing = missing(root);
    if !missing.is_empty() {
        bail!(
            "fuzzing needs tools that are not here:\n{}",
            missing.join("\n")
        );
    }
    let found = format!("corpus/{target}");
    std::fs::create_dir_all(root.join("fuzz").join(&found))?;
    process::run(
        process::program(&root.join("fuzz"), "cargo")
            .env_remove("RUSTUP_TOOLCHAIN")
            .args([
                "+nightly",
                "fuzz",
                "run",
                "--fuzz-dir",
                ".",
                "--target-dir",
                "../target/fuzz",
                target,
                &found,
                SEEDS,
                "--",
                &format!("-max_total_time={seconds}"),
            ]),
    )
}

fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/targets");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.strip_suffix(".rs").map(str::to_owned)
        })
        .collect();
    names.sort();
    Ok(names)
}

fn missing(root: &Path) -> Vec<&'static str> {
    let mut found = Vec::new();
    // The variable of an outer cargo would undo the choice of toolchain.
    let nightly = |arguments: &[&str]| {
        process::works(
            process::program(root, "cargo")
                .env_remove("RUSTUP_TOOLCHAIN")
                .arg("+nightly")
                .args(arguments),
        )
    };
    if !nightly(&["--version"]) {
        found.push("  a nightly toolchain: rustup toolchain install nightly --profile minimal");
    }
    if !process::works(process::cargo(root).args(["fuzz", "--version"])) {
        found.push("  cargo-fuzz: cargo install --locked cargo-fuzz");
    }
    found
}

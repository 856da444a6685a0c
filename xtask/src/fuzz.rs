//! `cargo xtask fuzz`: builds the targets of `fuzz/` with the counters that
//! libFuzzer steers by, and runs them for a while. The stable compiler does
//! that; what only the nightly one has (address sanitizer) finds little in a
//! program without `unsafe`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process;

const DEFAULT_SECONDS: u32 = 60;
/// How long each target runs within `cargo xtask test`.
const BRIEFLY: u32 = 20;
/// Everything, instead of the name of one target.
const ALL: &str = "all";
/// Files to begin with, beside what earlier runs have found.
const SEEDS: &str = "../examples/acme";
/// Where the targets are built, apart from everything without counters.
const TARGET: &str = "target/fuzz";
/// What cargo-fuzz gives the compiler too.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// One input may take 10 s and 2 GB; more is a finding.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=2048"];

/// `[TARGET|all] [SECONDS]`; without a target it lists them.
///
/// # Errors
/// When the target does not exist, does not compile, or found something
/// (libFuzzer prints the input's file).
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let targets = targets(root)?;
    let Some(wanted) = arguments.first() else {
        println!("{}", targets.join("\n"));
        return Ok(());
    };
    if wanted != ALL && !targets.contains(wanted) {
        bail!(
            "there is no target `{wanted}`; the targets are {}, or `{ALL}`",
            targets.join(", ")
        );
    }
    let seconds = match arguments.get(1) {
        None => DEFAULT_SECONDS,
        Some(text) => text
            .parse()
            .with_context(|| format!("`{text}` is not a number of seconds"))?,
    };
    let chosen = |target: &&String| wanted == ALL || *target == wanted;
    fuzz(root, targets.iter().filter(chosen), seconds)
}

/// Every target for a short time: the step of `cargo xtask test --fuzz`.
///
/// # Errors
/// As [`run`].
pub(crate) fn briefly(root: &Path) -> Result<()> {
    fuzz(root, targets(root)?.iter(), BRIEFLY)
}

fn fuzz<'t>(root: &Path, targets: impl Iterator<Item = &'t String>, seconds: u32) -> Result<()> {
    let targets: Vec<&String> = targets.collect();
    let programs = build(root, &targets)?;
    let folder = root.join("fuzz");
    for target in targets {
        println!("\n==> {target}, {seconds} s");
        let corpus = format!("corpus/{target}");
        let found = format!("artifacts/{target}/");
        for made in [&corpus, &found] {
            std::fs::create_dir_all(folder.join(made))?;
        }
        let program = programs.join(target);
        process::run(
            process::program(&folder, &program.to_string_lossy())
                .args([&corpus, SEEDS])
                .args(LIMITS)
                .arg(format!("-max_total_time={seconds}"))
                .arg(format!("-artifact_prefix={found}")),
        )
        .with_context(|| {
            format!("{target} found something: fuzz/{found} has the input; mend it, and turn it into a test")
        })?;
    }
    Ok(())
}

/// The folder of the built targets.
fn build(root: &Path, targets: &[&String]) -> Result<PathBuf> {
    // The versions that the program is built with.
    let lock = root.join("fuzz/Cargo.lock");
    std::fs::copy(root.join("Cargo.lock"), &lock).with_context(|| lock.display().to_string())?;
    let host = host(root)?;
    let mut command = process::cargo(root);
    command
        .env("RUSTFLAGS", FLAGS)
        .args(["build", "--manifest-path", "fuzz/Cargo.toml"])
        // Named, so that build scripts and macros are built without counters.
        .args(["--target", &host, "--target-dir", TARGET]);
    for target in targets {
        command.args(["--bin", target]);
    }
    process::run(&mut command)?;
    Ok(root.join(TARGET).join(host).join("debug"))
}

/// The triple of this machine, such as `x86_64-unknown-linux-gnu`.
fn host(root: &Path) -> Result<String> {
    let told = process::output(process::program(root, "rustc").arg("-vV"))?;
    told.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("`rustc -vV` does not say which machine this is")
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A target that is a file and not in the manifest is never compiled.
    #[test]
    fn every_target_is_in_the_manifest_and_in_the_list_for_people() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let manifest = std::fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
        let list = std::fs::read_to_string(root.join("fuzz/README.md")).unwrap();
        let targets = targets(&root).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(
                manifest.contains(&format!("name = \"{target}\"")),
                "{target}"
            );
            assert!(list.contains(&format!("| `{target}` |")), "{target}");
        }
    }

    #[test]
    fn an_unknown_target_is_refused_with_those_that_there_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let error = run(&root, &["yamll".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("no target `yamll`") && error.contains("yaml, or `all`"),
            "{error}"
        );
    }
}

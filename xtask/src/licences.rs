//! What comes into the program from others: under which licences, which
//! packages never, and how many.
//!
//! `cargo deny` checks the same rules from `deny.toml` and advisories besides;
//! this check needs nothing that is not on every machine with Rust.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::metadata::{self, Package};
use crate::spdx;

/// Licences that ask for no more than their text and a notice; and MPL-2.0, which
/// asks for the source of its own files, and we change none. Keep equal to
/// `licenses.allow` in `deny.toml` (a test compares them).
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Packages that must not come in, with the reason.
const BANNED: &[(&str, &str)] = &[
    (
        "aws-lc-rs",
        "one TLS provider: rustls with ring (docs/adr/0010)",
    ),
    (
        "aws-lc-sys",
        "one TLS provider: rustls with ring (docs/adr/0010)",
    ),
    ("native-tls", "one TLS stack: rustls (docs/adr/0010)"),
    ("openssl", "one TLS stack: rustls (docs/adr/0010)"),
    ("openssl-sys", "one TLS stack: rustls (docs/adr/0010)"),
    ("libgit2-sys", "Git is read by gix (docs/adr/0007)"),
    (
        "rusqlite",
        "only one package may link SQLite, and sqlx does (docs/adr/0002)",
    ),
    (
        "serde_yaml",
        "YAML is read by `model::yaml`, which keeps places (docs/adr/0004)",
    ),
];

/// Packages in `Cargo.lock`, ours included, all platforms. A build gets slower
/// and an attacker gets a door with each of them, so growth is a decision: write
/// the new number here in the change that adds them, and say there why.
const RECORDED: usize = 602;
const TOLERANCE: usize = 3;

/// Checks the lock file and the packages of a build on this machine.
///
/// # Errors
/// Lists every package that breaks a rule.
pub(crate) fn check(root: &Path) -> Result<()> {
    let lock =
        std::fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock is checked in")?;
    let names = locked_names(&lock);
    let packages = metadata::everything(root)?;

    let mut problems = banned(&names);
    problems.extend(
        packages
            .iter()
            .filter(|package| !package.ours)
            .filter_map(licence_problem),
    );
    problems.extend(growth(names.len()));
    if problems.is_empty() {
        println!(
            "licences: {} packages in a build on this machine, {} in the lock file (recorded: {RECORDED})",
            packages.len(),
            names.len()
        );
        return Ok(());
    }
    bail!(
        "{} problems with dependencies:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// The name of every `[[package]]` of a lock file, once a version.
fn locked_names(lock: &str) -> Vec<&str> {
    lock.split("[[package]]")
        .skip(1)
        .filter_map(|block| {
            let line = block
                .lines()
                .find_map(|line| line.strip_prefix("name = "))?;
            Some(line.trim_matches('"'))
        })
        .collect()
}

fn banned(names: &[&str]) -> Vec<String> {
    let names: BTreeSet<&str> = names.iter().copied().collect();
    BANNED
        .iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(name, reason)| {
            format!("  {name}: {reason}; `cargo tree --invert {name}` shows who brings it")
        })
        .collect()
}

fn licence_problem(package: &Package) -> Option<String> {
    let Package { name, version, .. } = package;
    match &package.licence {
        None => Some(format!(
            "  {name} {version}: names no licence in its manifest"
        )),
        Some(expression) if spdx::is_met(expression, ALLOWED) => None,
        Some(expression) => Some(format!(
            "  {name} {version}: `{expression}` cannot be met with the licences we allow (xtask/src/licences.rs)"
        )),
    }
}

fn growth(count: usize) -> Option<String> {
    if count.abs_diff(RECORDED) <= TOLERANCE {
        return None;
    }
    Some(format!(
        "  Cargo.lock holds {count} packages, {RECORDED} are recorded: look at `cargo tree`, then write {count} \
         to RECORDED in xtask/src/licences.rs and say in the change what the new ones are for"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"openssl\"\nversion = \"0.10.0\"\n";

    #[test]
    fn a_banned_package_is_named_with_its_reason() {
        let names = locked_names(LOCK);
        assert_eq!(names, ["serde", "openssl"]);
        let found = banned(&names);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("openssl: one TLS stack"), "{found:?}");
    }

    #[test]
    fn a_licence_outside_of_the_list_is_named() {
        let package = |licence: Option<&str>| Package {
            name: "thing".to_owned(),
            version: "1.2.3".to_owned(),
            licence: licence.map(str::to_owned),
            dependencies: Vec::new(),
            ours: false,
        };
        assert_eq!(licence_problem(&package(Some("MIT OR GPL-3.0-only"))), None);
        assert!(
            licence_problem(&package(Some("GPL-3.0-only")))
                .unwrap()
                .contains("thing 1.2.3")
        );
        assert!(
            licence_problem(&package(None))
                .unwrap()
                .contains("names no licence")
        );
    }

    #[test]
    fn more_packages_need_a_decision() {
        assert_eq!(growth(RECORDED + TOLERANCE), None);
        assert!(growth(RECORDED + TOLERANCE + 1).is_some());
        assert!(growth(RECORDED - TOLERANCE - 1).is_some());
    }

    /// Two lists that say different things would be worse than one.
    #[test]
    fn deny_toml_says_the_same() {
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deny.toml")).unwrap();
        let quoted = |text: &str| -> Vec<String> {
            text.split('"')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        let between = |start: &str, end: &str| {
            let (_, tail) = text.split_once(start).unwrap();
            tail.split_once(end).unwrap().0.to_owned()
        };
        assert_eq!(quoted(&between("\nallow = [", "]")), ALLOWED);
        let bans = between("\ndeny = [", "\n]");
        for (name, _) in BANNED {
            assert!(
                bans.contains(&format!("crate = \"{name}\"")),
                "{name} is not in deny.toml"
            );
        }
        assert_eq!(bans.matches("crate = ").count(), BANNED.len());
    }
}

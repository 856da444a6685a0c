//! Which crate may depend on which. The table is the one of `ARCHITECTURE.md`.

use std::path::Path;

use anyhow::{Result, bail};

use crate::metadata::{self, Package};

/// Each crate of ours with the crates of ours that it may know.
///
/// A new crate needs a line here; `cargo xtask arrows` fails until it has one.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("templating", &["model"]),
    ("scaffolder", &["model", "templating"]),
    ("platform", &["model"]),
    // `testing` is for tests alone, here and below.
    ("access", &["model", "platform", "testing"]),
    (
        "identity",
        &["model", "platform", "access", "forge", "testing"],
    ),
    ("portal", &["model", "platform", "identity"]),
    ("forge", &["model", "platform"]),
    ("testing", &["platform", "forge", "catalog"]),
    (
        "catalog",
        &[
            "model", "platform", "identity", "portal", "forge", "testing",
        ],
    ),
    (
        "insights",
        &["model", "platform", "portal", "catalog", "testing"],
    ),
    (
        "search",
        &["model", "platform", "portal", "catalog", "testing"],
    ),
    // `identity` only because its tests open a catalog with its pages.
    (
        "apis",
        &[
            "model", "platform", "identity", "portal", "catalog", "testing",
        ],
    ),
    // `identity` only because its tests open a catalog with its pages.
    (
        "docs",
        &[
            "model", "platform", "identity", "portal", "catalog", "testing",
        ],
    ),
    (
        "githost",
        &[
            "model", "platform", "identity", "portal", "forge", "catalog", "testing",
        ],
    ),
    // Above what it records: the catalog for the frame of its pages, `identity`
    // for the key that signs checkpoints, `forge` for sinks that speak HTTP.
    (
        "audit",
        &[
            "model", "platform", "identity", "portal", "forge", "catalog", "testing",
        ],
    ),
    (
        "tools",
        &["model", "platform", "portal", "forge", "catalog"],
    ),
    // Runs what `scaffolder` has read: files from `forge` by the catalog's rules,
    // secrets sealed with the key of `identity`.
    (
        "create",
        &[
            "model",
            "platform",
            "templating",
            "scaffolder",
            "identity",
            "portal",
            "forge",
            "catalog",
            "testing",
        ],
    ),
    (
        "portway",
        &[
            "model",
            "platform",
            "access",
            "identity",
            "portal",
            "forge",
            "catalog",
            "insights",
            "search",
            "tools",
            "apis",
            "docs",
            "audit",
            "githost",
            "scaffolder",
            "create",
        ],
    ),
    // These drive the finished program, as a user or another program would, or its public parts.
    (
        "portway-tests",
        &[
            "model", "platform", "identity", "portal", "forge", "catalog", "portway",
        ],
    ),
    ("portway-benches", &[]),
    ("xtask", &[]),
];

/// Dependencies that are expensive to build, or that decide how a whole topic is
/// done, with the crate that keeps them to itself. Tests may use them anywhere.
const HOMES: &[(&str, &str)] = &[
    ("ammonia", "docs"),
    ("apollo-parser", "apis"),
    ("ed25519-dalek", "audit"),
    ("fluent-bundle", "portal"),
    ("gix", "forge"),
    ("gix-pack", "forge"),
    ("notify", "catalog"),
    ("prometheus-client", "platform"),
    ("roaring", "catalog"),
    ("protox-parse", "apis"),
    ("saphyr-parser", "model"),
    ("sqlx", "platform"),
];

/// Compares the workspace with the tables.
///
/// # Errors
/// Lists every arrow that is not allowed, with what to do about it.
pub(crate) fn check(root: &Path) -> Result<()> {
    let packages = metadata::workspace(root)?;
    let problems = problems(&packages);
    if problems.is_empty() {
        println!(
            "arrows: {} crates, all as ARCHITECTURE.md allows",
            packages.len()
        );
        return Ok(());
    }
    bail!(
        "{} arrows are not allowed:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

fn problems(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(arrows_of).collect()
}

fn arrows_of(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
        return vec![format!(
            "  `{name}` is not in the table: add it to ALLOWED in xtask/src/arrows.rs and to ARCHITECTURE.md"
        )];
    };
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let other = dependency.name.as_str();
        if dependency.ours && !allowed.contains(&other) {
            found.push(format!(
                "  {name} -> {other}: `{name}` may know {}",
                list(allowed)
            ));
        }
        if !dependency.dev
            && let Some((_, home)) = HOMES
                .iter()
                .find(|(family, home)| *family == other && *home != name)
        {
            found.push(format!(
                "  {name} -> {other}: only `{home}` uses `{other}`; call what `{home}` offers"
            ));
        }
    }
    found
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "no other crate of ours".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    fn package(name: &str, ours: &[&str], others: &[&str]) -> Package {
        let line = |ours: bool| {
            move |name: &&str| Dependency {
                name: (*name).to_owned(),
                ours,
                dev: false,
            }
        };
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            licence: None,
            dependencies: ours
                .iter()
                .map(line(true))
                .chain(others.iter().map(line(false)))
                .collect(),
            ours: true,
        }
    }

    #[test]
    fn arrows_to_the_left_are_allowed() {
        let packages = [
            package(
                "catalog",
                &["portal", "forge", "model"],
                &["serde", "roaring"],
            ),
            package("platform", &["model"], &["sqlx"]),
        ];
        assert_eq!(problems(&packages), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_to_the_right_is_named_with_what_is_allowed() {
        let found = problems(&[package("platform", &["identity"], &[])]);
        assert_eq!(found, ["  platform -> identity: `platform` may know model"]);
    }

    #[test]
    fn a_dependency_outside_of_its_home_is_named() {
        let found = problems(&[package("catalog", &[], &["sqlx"])]);
        assert_eq!(
            found,
            ["  catalog -> sqlx: only `platform` uses `sqlx`; call what `platform` offers"]
        );
    }

    #[test]
    fn tests_may_use_it_anywhere() {
        let mut catalog = package("catalog", &[], &["sqlx"]);
        catalog.dependencies[0].dev = true;
        assert_eq!(problems(&[catalog]), Vec::<String>::new());
    }

    #[test]
    fn a_new_crate_must_be_put_into_the_table() {
        let found = problems(&[package("unheard", &[], &[])]);
        assert!(
            found[0].contains("`unheard` is not in the table"),
            "{found:?}"
        );
    }

    #[test]
    fn the_table_has_no_circle() {
        // Only tests depend on `testing`, which knows what they test.
        let production = || ALLOWED.iter().filter(|(name, _)| *name != "testing");
        for (name, allowed) in production() {
            for other in allowed.iter().filter(|other| **other != "testing") {
                let back = ALLOWED
                    .iter()
                    .find(|(known, _)| known == other)
                    .map(|(_, list)| *list);
                assert!(
                    !back.unwrap_or_default().contains(name),
                    "{name} and {other} may know each other"
                );
            }
        }
    }
}

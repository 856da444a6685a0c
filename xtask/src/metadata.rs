//! What `cargo metadata` says about the workspace, reduced to what the checks need.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// A package of the workspace or one that it uses.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// SPDX expression, where the package gives one.
    pub(crate) licence: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
    /// Whether it lies in this workspace.
    pub(crate) ours: bool,
}

/// A line of `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// Name of the package, not the name it is renamed to.
    pub(crate) name: String,
    /// Whether it lies in this workspace.
    pub(crate) ours: bool,
    /// Whether only tests use it.
    pub(crate) dev: bool,
}

/// The packages of the workspace only. Needs no network.
pub(crate) fn workspace(root: &Path) -> Result<Vec<Package>> {
    read(root, &["--no-deps", "--offline"])
}

/// All packages that a build on this machine uses.
pub(crate) fn everything(root: &Path) -> Result<Vec<Package>> {
    let host = host(root)?;
    read(root, &["--filter-platform", &host])
}

fn read(root: &Path, arguments: &[&str]) -> Result<Vec<Package>> {
    let text = process::output(
        process::cargo(root)
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(arguments),
    )?;
    packages(&serde_json::from_str(&text).context("cargo metadata answers in JSON")?)
}

fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let list = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists packages")?;
    Ok(list.iter().map(package).collect())
}

fn package(value: &Value) -> Package {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let dependencies = value.get("dependencies").and_then(Value::as_array);
    Package {
        name: text("name").unwrap_or_default(),
        version: text("version").unwrap_or_default(),
        licence: text("license"),
        dependencies: dependencies.into_iter().flatten().map(dependency).collect(),
        ours: value.get("source").is_none_or(Value::is_null),
    }
}

fn dependency(value: &Value) -> Dependency {
    Dependency {
        name: value
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        ours: value.get("path").is_some(),
        dev: value.get("kind").and_then(Value::as_str) == Some("dev"),
    }
}

/// The target triple of this machine, as rustc prints it.
fn host(root: &Path) -> Result<String> {
    let text = process::output(process::program(root, "rustc").arg("-vV"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("`rustc -vV` names its host")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_names_licences_and_dependencies() {
        let metadata = json!({"packages": [
            {"name": "catalog", "version": "0.1.0", "license": "Apache-2.0", "source": null,
             "dependencies": [{"name": "model", "path": "/x/model"}, {"name": "serde", "kind": "dev"}]},
            {"name": "serde", "version": "1.0.0", "license": null, "source": "registry", "dependencies": []},
        ]});
        let found = packages(&metadata).unwrap();
        assert!(found[0].ours && !found[1].ours);
        assert_eq!(found[0].licence.as_deref(), Some("Apache-2.0"));
        assert_eq!(found[1].licence, None);
        let ours: Vec<_> = found[0]
            .dependencies
            .iter()
            .map(|d| (d.name.as_str(), d.ours, d.dev))
            .collect();
        assert_eq!(ours, [("model", true, false), ("serde", false, true)]);
    }
}

//! Folders with files, and what loading them gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use platform::config::{Config, Sources};
use tempfile::TempDir;

pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(crate) fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) fn sources(folder: &Path, environment: &[(&str, &str)]) -> Sources {
    Sources {
        directory: folder.to_owned(),
        variables: variables(environment),
        ..Sources::default()
    }
}

/// Loads the default files of a folder.
pub(crate) fn load(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Config {
    let folder = folder(files);
    Config::load(&sources(folder.path(), environment))
        .unwrap_or_else(|found| panic!("{}", printed(&found, folder.path())))
}

/// The findings of a configuration that is refused, without the folder's name.
pub(crate) fn refused(files: &[(&str, &str)], environment: &[(&str, &str)]) -> String {
    let folder = folder(files);
    printed(
        &Config::load(&sources(folder.path(), environment)).unwrap_err(),
        folder.path(),
    )
}

pub(crate) fn printed(found: &[model::diagnostic::Diagnostic], folder: &Path) -> String {
    let text: Vec<String> = found.iter().map(ToString::to_string).collect();
    text.join("\n")
        .replace(&format!("{}/", folder.display()), "")
        .replace(&folder.display().to_string(), ".")
}

//! Whole example catalogs load without an error.

use std::path::{Path, PathBuf};

use model::check::{Recognition, check_document, recognise};
use model::yaml::{Limits, parse_documents};

use crate::{builtin, shared};

/// Number of valid entities below a folder; panics at the first problem.
fn load(folder: &str, skipped: &[&str]) -> usize {
    let Some(root) = shared(folder) else { return 0 };
    let mut files = Vec::new();
    collect(&root, &mut files);
    let mut entities = 0;
    for file in files {
        let name = file
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        if skipped.iter().any(|part| name.contains(part)) {
            continue;
        }
        let text = std::fs::read(&file).unwrap();
        for document in parse_documents(&name, &text, &Limits::default()) {
            let document = document.unwrap_or_else(|problem| panic!("{problem}"));
            if recognise(builtin(), &document.to_json()) != Recognition::Known {
                continue;
            }
            let checked = check_document(builtin(), &name, &document);
            let checked = checked.unwrap_or_else(|problems| {
                panic!(
                    "{}",
                    problems
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("\n")
                )
            });
            let unexpected = checked
                .warnings
                .iter()
                .find(|warning| warning.code != "missing-recommended-field");
            assert_eq!(unexpected, None);
            entities += 1;
        }
    }
    entities
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            files.push(path);
        }
    }
}

#[test]
fn the_example_catalog_of_2022() {
    let entities = load(
        "conformance/backstage/fixtures/backstage-2022-06/catalog-model-examples",
        &[],
    );
    assert!(entities == 0 || entities > 40, "only {entities}");
}

#[test]
fn the_seed_catalog_and_templates() {
    let entities = load("seed-cases/catalog", &[]);
    assert!(entities == 0 || entities >= 3, "only {entities}");
    let templates = load("seed-cases/templates", &[]);
    assert!(templates == 0 || templates >= 4, "only {templates}");
}

#[test]
fn the_remaining_fixtures() {
    // Skeletons are texts for a template engine, no YAML yet.
    load(
        "conformance/backstage/fixtures/backstage-2022-06/create-app-templates",
        &["content"],
    );
    load(
        "conformance/backstage/fixtures/backstage-2022-06/scaffolder-fixtures",
        &[],
    );
    load(
        "conformance/backstage/fixtures/software-templates",
        &["skeleton", "content", "/template/"],
    );
}

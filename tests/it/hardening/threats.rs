//! The threat model names a test for each control; here, that they exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `folder/file.rs::name` in backquotes.
fn named(text: &str) -> BTreeSet<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains(".rs::") || word.contains(".mjs::"))
        .collect()
}

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let english = read("docs/security/threat-model.md");
    let tests = named(&english);
    assert!(tests.len() > 30, "only {} tests are named", tests.len());
    let mut missing = String::new();
    for test in &tests {
        let (file, name) = test.split_once("::").unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found = fs::read_to_string(root.join(file))
            .is_ok_and(|text| text.contains(&format!("fn {name}(")));
        if !found {
            missing.push_str(&format!("{test}\n"));
        }
    }
    assert!(missing.is_empty(), "these tests do not exist:\n{missing}");
}

#[test]
fn every_threat_has_a_control_and_a_test() {
    let text = read("docs/security/threat-model.md");
    let mut threats = BTreeSet::new();
    for row in text.lines().filter(|row| row.starts_with("| T")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(
            threats.insert(cells[0].to_owned()),
            "{} stands twice",
            cells[0]
        );
        assert!(!named(cells[4]).is_empty(), "{row}");
    }
    assert!(threats.len() > 30, "{}", threats.len());
}

#[test]
fn both_languages_name_the_same_threats_and_tests() {
    let (english, korean) = (
        read("docs/security/threat-model.md"),
        read("docs/ko/security/threat-model.md"),
    );
    assert_eq!(named(&english), named(&korean));
    let ids = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|row| row.starts_with("| T"));
        rows.filter_map(|row| row.split(' ').nth(1).map(str::to_owned))
            .collect()
    };
    assert_eq!(ids(&english), ids(&korean));
}

//! Every document of the tables, through both doors: `portway validate` and a
//! server that reads the same files.

use std::collections::BTreeMap;
use std::path::Path;

use super::case::Case;
use super::{encodings, envelope, spec, syntax};
use crate::program::{run, write};
use crate::server::{Server, printed};

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        syntax::CASES,
        envelope::CASES,
        spec::CASES,
        encodings::CASES,
    ]
    .into_iter()
    .flatten()
}

/// Writes all cases, and a Location that names each file, so that none is left
/// alone as somebody else's.
fn written(folder: &Path) {
    let mut all =
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec:\n  targets:\n".to_owned();
    for case in cases() {
        let file = format!("{}/bad.yaml", case.name);
        write(folder, &file, case.bytes());
        all.push_str(&format!("    - ./{file}\n"));
    }
    write(folder, "all.yaml", all);
}

/// Compares all and shows every difference at once.
fn compare(door: &str, found: &BTreeMap<String, String>) {
    let mut wrong = String::new();
    for case in cases() {
        let (said, expected) = (found.get(case.name).map_or("", String::as_str), case.says());
        if said.trim_end() != expected {
            wrong.push_str(&format!(
                "--- {}\nexpected:\n{expected}\n{door} says:\n{said}\n",
                case.name
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = cases().map(|case| case.name).collect();
    assert_eq!(names.len(), cases().count());
    assert!(names.len() > 100, "{}", names.len());
}

#[test]
fn validate_says_what_is_wrong_where_and_how_to_fix_it() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let ran = run(folder.path(), &["validate", "--no-references", "all.yaml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut current = String::new();
    for line in ran.out.lines() {
        if let Some((name, _)) = line.split_once("/bad.yaml:") {
            name.clone_into(&mut current);
        }
        let line = line.replace(&format!("{current}/bad.yaml"), "bad.yaml");
        found
            .entry(current.clone())
            .or_default()
            .push_str(&format!("{line}\n"));
    }
    compare("portway validate", &found);
}

#[test]
fn the_server_says_the_same_and_neighbours_survive() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let server = Server::start(folder.path(), &["all.yaml"]);
    server.settled();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for problem in server.items("/api/v1/catalog/problems") {
        let path = Path::new(problem["file"].as_str().unwrap()).to_path_buf();
        let name = path
            .parent()
            .and_then(Path::file_name)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        found
            .entry(name)
            .or_default()
            .push_str(&format!("bad.yaml:{}", printed(&problem)));
    }
    let alive: Vec<String> = server
        .items("/api/catalog/entities/by-query?limit=1000&fields=metadata.name")
        .iter()
        .map(|entity| {
            format!(
                "component:default/{}",
                entity["metadata"]["name"].as_str().unwrap()
            )
        })
        .collect();
    for neighbour in cases().filter_map(Case::neighbour) {
        assert!(
            alive.contains(&neighbour),
            "{neighbour} was lost with its neighbour"
        );
    }
    compare("the server", &found);
}

//! The golden paths that ship with Portway: every combination of answers makes
//! files that hold.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::kinds::Kinds;
use model::yaml::{Limits, Node, SourceDocument, parse_documents};
use scaffolder::skeleton::{File, Files};
use scaffolder::{lint, preview};
use serde_json::{Map, Value, json};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden-paths")
}

/// Everything below a folder, as the action `fetch:template` would find it.
fn folder(url: &str) -> Option<Files> {
    let root = home().join(url.trim_start_matches("./"));
    let mut open = vec![root.clone()];
    let mut files = Files::new();
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).ok()? {
            let path = entry.ok()?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).ok()?.to_str()?.to_owned();
            let bytes = fs::read(&path).ok()?;
            let executable = false;
            files.insert(name, File { bytes, executable });
        }
    }
    Some(files)
}

/// The templates by name.
fn templates() -> BTreeMap<String, SourceDocument> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(home()).expect("golden-paths") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if !name.ends_with(".yaml") || name == "catalog-info.yaml" {
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        let mut documents = parse_documents(&name, &bytes, &Limits::default());
        assert_eq!(documents.len(), 1, "{name}");
        let document = documents.remove(0).expect("a template");
        found.insert(name.trim_end_matches(".yaml").to_owned(), document);
    }
    found
}

fn pages(root: &Value) -> &Vec<Value> {
    root["spec"]["parameters"].as_array().expect("pages")
}

/// Every combination of the questions with choices. What is asked besides
/// changes from one to the next, so that each answer meets many others.
fn combinations(root: &Value) -> Vec<Map<String, Value>> {
    let mut all = vec![Map::new()];
    let mut fields = Map::new();
    for page in pages(root) {
        fields.extend(page["properties"].as_object().expect("fields").clone());
    }
    for (name, field) in &fields {
        let choices = match (&field["enum"], field["type"].as_str()) {
            (Value::Array(choices), _) => choices.clone(),
            (_, Some("boolean")) => vec![json!(false), json!(true)],
            _ => continue,
        };
        all = all
            .into_iter()
            .flat_map(|answers| {
                choices.iter().map(move |choice| {
                    let mut answers = answers.clone();
                    answers.insert(name.clone(), choice.clone());
                    answers
                })
            })
            .collect();
    }
    for (index, answers) in all.iter_mut().enumerate() {
        let odd = index % 2 == 1;
        let mut answer = |name: &str, value: Value| {
            if fields.contains_key(name) {
                answers.insert(name.to_owned(), value);
            }
        };
        answer("name", json!(if odd { "shop-orders-2" } else { "pay" }));
        let awkward = "Keeps \"orders\" <of> the shop & more: 주문 #1, it's {{ all }} \\ there";
        answer("description", json!(if odd { awkward } else { "Pays" }));
        answer(
            "owner",
            json!(if odd {
                "group:default/team-a"
            } else {
                "team-a"
            }),
        );
        answer(
            "repoUrl",
            json!(if odd {
                "github.com?owner=Acme&repo=shop-orders-2"
            } else {
                "localhost:7007?owner=team-a&repo=pay"
            }),
        );
        if odd {
            answer("system", json!("system:default/shop"));
            answer("usedBy", json!("component:default/shop"));
            let most = [1, 20][index / 2 % 2];
            answer("replicas", json!(most));
        }
    }
    all
}

fn rendered(name: &str, root: &Node, answers: &Map<String, Value>) -> Files {
    let file = format!("{name}.yaml");
    preview::preview(&file, root, answers, &folder).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{answers:?}\n{}", lines.join("\n"))
    })
}

fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    let file = files.get(path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(&file.bytes).expect("text")
}

#[test]
fn nothing_is_to_be_said_against_the_templates() {
    let templates = templates();
    assert_eq!(templates.len(), 10);
    let kinds = Kinds::builtin();
    for (name, document) in &templates {
        let file = format!("{name}.yaml");
        let checked = model::check::check_document(&kinds, &file, document);
        assert!(checked.is_ok(), "{name}: {checked:?}");
        let findings = lint::check(&file, &document.root, Some(&folder));
        assert!(findings.is_empty(), "{name}: {findings:#?}");
        assert_eq!(document.to_json()["metadata"]["name"], json!(name));
    }
}

#[test]
fn the_location_names_every_template() {
    let bytes = fs::read(home().join("catalog-info.yaml")).expect("a file");
    let documents = parse_documents("catalog-info.yaml", &bytes, &Limits::default());
    let location = documents[0].as_ref().expect("a location").to_json();
    let targets = location["spec"]["targets"].as_array().expect("targets");
    let mut named: Vec<String> = targets
        .iter()
        .filter_map(Value::as_str)
        .map(|target| target.replace("./", "").replace(".yaml", ""))
        .collect();
    named.sort();
    let there: Vec<String> = templates().into_keys().collect();
    assert_eq!(named, there);
}

#[test]
fn what_several_paths_ask_is_asked_in_the_same_words() {
    let mut first: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for (name, document) in templates() {
        if !name.ends_with("-service") {
            continue;
        }
        for page in pages(&document.to_json()) {
            for (field, schema) in page["properties"].as_object().expect("fields") {
                if field == "languageVersion" {
                    continue;
                }
                let (whose, known) = first
                    .entry(field.clone())
                    .or_insert_with(|| (name.clone(), schema.clone()));
                assert_eq!(known, schema, "{field} differs in {whose} and {name}");
            }
        }
    }
}

#[test]
fn every_combination_of_answers_makes_files_that_hold() {
    let kinds = Kinds::builtin();
    for (name, document) in templates() {
        let combinations = combinations(&document.to_json());
        assert!(!combinations.is_empty());
        for answers in &combinations {
            let files = rendered(&name, &document.root, answers);
            for path in files.keys() {
                check_file(&name, path, text(&files, path), answers);
            }
            check_catalog(&kinds, &files);
            if let Some(dockerfile) = files.get("Dockerfile") {
                check_dockerfile(std::str::from_utf8(&dockerfile.bytes).expect("text"));
            }
            if name.ends_with("-service") || name == "static-web-app" {
                check_first_day(&name, &files);
                follows_answers(&files, answers);
            }
        }
        let again = || rendered(&name, &document.root, &combinations[0]);
        assert_eq!(again(), again(), "{name} is not the same twice");
        println!("{name}: {} combinations", combinations.len());
    }
}

/// What holds for any file: nothing of the template is left, and what has a
/// grammar keeps to it.
fn check_file(template: &str, path: &str, content: &str, answers: &Map<String, Value>) {
    let shown = || format!("{template}: {path} with {answers:?}");
    assert!(!path.contains(['{', '%', '$']), "{}", shown());
    assert!(content.is_empty() || content.ends_with('\n'), "{}", shown());
    assert!(!content.ends_with("\n\n"), "{}", shown());
    assert!(
        !content.contains("{%") && !content.contains("{#"),
        "{}",
        shown()
    );
    assert!(!content.contains("[object Object]"), "{}", shown());
    for (_, rest) in content
        .match_indices("${{")
        .map(|(at, _)| content.split_at(at))
    {
        let contexts = ["github.", "env.", "secrets.", "steps.", "needs."];
        let name = rest.trim_start_matches("${{ ");
        let known = contexts.iter().any(|context| name.starts_with(context));
        assert!(
            known && path.starts_with(".github/workflows/"),
            "{}",
            shown()
        );
    }
    for line in content.lines() {
        let blank = line.len() != line.trim_end().len();
        assert!(!blank, "{}: a blank ends {line:?}", shown());
        if let Some(action) = line.trim().trim_start_matches("- ").strip_prefix("uses: ") {
            let (_, version) = action.split_once('@').unwrap_or_default();
            let number = version.strip_prefix('v').unwrap_or_default();
            let pinned = number.chars().all(|digit| digit.is_ascii_digit()) && !number.is_empty();
            assert!(
                pinned,
                "{}: {action} is not pinned to a major version",
                shown()
            );
        }
    }
    if path.ends_with(".json") {
        let parsed = serde_json::from_str::<Value>(content);
        assert!(parsed.is_ok(), "{}: {parsed:?}", shown());
    }
    if path.ends_with(".yaml") || path.ends_with(".yml") {
        for document in parse_documents(path, content.as_bytes(), &Limits::default()) {
            // `!reset` is compose's own tag, which catalogs do not know.
            let own = content.contains("!reset");
            assert!(own || document.is_ok(), "{}: {document:?}", shown());
        }
    }
}

fn check_catalog(kinds: &Kinds, files: &Files) {
    let content = text(files, "catalog-info.yaml");
    let documents = parse_documents("catalog-info.yaml", content.as_bytes(), &Limits::default());
    assert!(!documents.is_empty());
    for document in documents {
        let document = document.expect("YAML");
        let checked = model::check::check_document(kinds, "catalog-info.yaml", &document);
        let checked = checked.unwrap_or_else(|problems| panic!("{problems:?}\n{content}"));
        assert!(
            checked.warnings.is_empty(),
            "{:?}\n{content}",
            checked.warnings
        );
    }
}

/// Built in one stage, run in another, by a user without rights.
fn check_dockerfile(content: &str) {
    let lines: Vec<&str> = content.lines().collect();
    let stages = lines
        .iter()
        .filter(|line| line.starts_with("FROM "))
        .count();
    assert!(stages >= 2, "{content}");
    assert!(!content.contains(":latest"), "{content}");
    let last_stage = lines.iter().rposition(|line| line.starts_with("FROM "));
    let user = lines.iter().rposition(|line| *line == "USER 65532:65532");
    assert!(user > last_stage, "{content}");
}

/// Everything that the first day of a service needs is there.
fn check_first_day(name: &str, files: &Files) {
    for path in [
        ".devcontainer/devcontainer.json",
        ".github/workflows/golden-path-ci.yml",
        ".pre-commit-config.yaml",
        "CODEOWNERS",
        "Dockerfile",
        "Makefile",
        "compose.yaml",
        "docs/adr/0001-record-decisions.md",
        "docs/runbook.md",
        "k8s/base/network-policy.yaml",
        "k8s/components/alerts/dashboard.json",
        "k8s/components/alerts/prometheus-rule.yaml",
        "k8s/overlays/development/kustomization.yaml",
        "k8s/overlays/production/kustomization.yaml",
        "k8s/overlays/staging/kustomization.yaml",
        "mkdocs.yml",
    ] {
        assert!(files.contains_key(path), "{name} makes no {path}");
    }
}

/// What was answered is what was made, and nothing else.
fn follows_answers(files: &Files, answers: &Map<String, Value>) {
    let deployment = text(files, "k8s/base/deployment.yaml");
    let compose = text(files, "compose.yaml");
    let workflow = text(files, ".github/workflows/golden-path-ci.yml");
    let replicas = answers.get("replicas").cloned().unwrap_or(json!(3));
    assert!(deployment.contains(&format!("replicas: {replicas}\n")));
    for memory in ["memory: 256Mi", "memory: 512Mi", "cpu: 250m", "cpu: 500m"] {
        assert!(deployment.contains(memory), "{memory}");
    }
    for (question, answer, variable, image) in [
        ("database", "postgresql", "DATABASE_URL", "postgres:15"),
        ("cache", "redis", "REDIS_URL", "redis:7"),
        ("queue", "rabbitmq", "AMQP_URL", "rabbitmq:4"),
    ] {
        let wanted = answers.get(question) == Some(&json!(answer));
        assert_eq!(deployment.contains(variable), wanted, "{question}");
        assert_eq!(compose.contains(image), wanted, "{question}");
        assert_eq!(workflow.contains(image), wanted, "{question}");
        let catalog = text(files, "catalog-info.yaml");
        assert_eq!(
            catalog.contains(&format!("-{question}\n")),
            wanted,
            "{question}"
        );
    }
    let version = answers["languageVersion"].as_str().expect("a version");
    assert!(text(files, "Dockerfile").contains(version));
    for job in ["test:", "sast:", "dependencies:", "image:"] {
        assert!(workflow.contains(&format!("\n  {job}\n")), "{job}");
    }
}

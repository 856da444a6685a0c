//! The files that TechDocs itself is tested with, and those that people have.

use std::fs;
use std::path::{Path, PathBuf};

use crate::world::{site, site_at};

/// A folder beside the repository that holds what others wrote.
fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let alternative = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let found = [root, alternative]
        .into_iter()
        .map(|root| root.join(path))
        .find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {path} is absent");
    }
    found
}

#[tokio::test]
async fn mkdocs_files_of_techdocs_are_read_or_refused_as_techdocs_does() {
    let Some(folder) =
        shared("conformance/backstage/fixtures/backstage-2022-06/techdocs-mkdocs-fixtures")
    else {
        return;
    };
    let mut read = 0;
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).expect("a text");
        let found = site(&[("mkdocs.yml", &text), ("docs/index.md", "# Home\n")]).await;
        if name.contains("invalid_doc_dir") {
            assert_eq!(found.expect_err(&name)[0].code, "docs-dir");
            continue;
        }
        let found = found.expect(&name);
        let expected = if name.contains("env_tag") {
            "My default site name"
        } else {
            "Test site name"
        };
        assert_eq!(found.name, expected, "{name}");
        let plugins = found
            .problems
            .iter()
            .filter(|problem| problem.code == "docs-plugin")
            .count();
        assert_eq!(
            plugins,
            if name.contains("additional_plugins") {
                2
            } else {
                0
            },
            "{name}"
        );
        read += 1;
    }
    assert!(read > 5);
}

#[tokio::test]
async fn sites_that_people_have_get_their_navigation() {
    let Some(folder) = shared("seed-cases/techdocs") else {
        return;
    };
    let user = fs::read_to_string(folder.join("user-service/mkdocs.yml")).expect("a text");
    let found = site(&[
        ("mkdocs.yml", &user),
        ("docs/index.md", ""),
        ("docs/architecture/overview.md", ""),
    ])
    .await
    .expect("a site");
    assert_eq!(found.name, "User Service");
    let json = format!("{:?}", found.nav);
    for title in [
        "Architecture",
        "Data Model",
        "Operations",
        "Runbook",
        "ADR-002 Cache Strategy",
    ] {
        assert!(json.contains(title), "{title}");
    }
    assert_eq!(found.nav.len(), 5);
    let order = site_at(&folder.join("order-service"))
        .await
        .expect("a site");
    assert_eq!((order.name.as_str(), order.nav.len()), ("order-service", 5));
    assert_eq!(order.home(), Some("runbook.md"));
    assert!(order.pages["runbook.md"].text.contains("ORDER-001"));
}

#[tokio::test]
async fn our_own_documentation_has_no_faults() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = catalog::EntityFolder::local(&root).expect("a folder");
    let checked = docs::check(&folder, "portway").await;
    let faults: Vec<String> = checked
        .problems
        .iter()
        .filter(|problem| problem.severity != model::Severity::Info)
        .map(ToString::to_string)
        .collect();
    assert!(checked.pages > 30, "{checked:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

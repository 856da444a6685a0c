//! The verbs that need no server, in both languages.

use std::path::Path;

use super::running::{CATALOG, Portway, Ran};

#[test]
fn validate_is_right_about_the_folder_that_the_server_reads() {
    let portway = Portway::folder();
    let fine = portway.ok(&["validate", "catalog"]);
    assert_eq!(fine.out, "");
    assert!(
        fine.err.contains("1 file, 7 entities: 0 errors"),
        "{fine:?}"
    );

    let broken = CATALOG.replace("tags: [java]", "tags: [Java 21]");
    std::fs::write(portway.path().join("catalog/catalog-info.yaml"), broken).unwrap();
    let found = portway.run(&["validate", "catalog"]);
    assert_eq!(found.code, 1, "{found:?}");
    assert!(
        found.out.starts_with("catalog/catalog-info.yaml:3:"),
        "{found:?}"
    );
    assert!(
        found
            .out
            .contains("error[invalid-tag]: \"tags.0\" is not valid"),
        "{found:?}"
    );
    assert!(
        found.out.contains("\n  fix: write `java-21`\n"),
        "{found:?}"
    );
    let korean = portway.run(&["validate", "catalog", "--lang", "ko"]);
    assert!(korean.err.contains("오류 1개"), "{korean:?}");
}

#[test]
fn help_speaks_both_languages_and_knows_every_verb() {
    let portway = Portway::folder();
    let english = portway.ok(&["--help", "--lang", "en"]);
    let korean = portway.ok(&["--help", "--lang", "ko"]);
    for verb in [
        "up", "validate", "get", "owner", "impact", "path", "history", "register", "refresh",
    ] {
        for help in [&english, &korean] {
            assert!(
                help.out.contains(&format!("\n  {verb} ")),
                "{verb}: {help:?}"
            );
        }
    }
    assert!(korean.out.contains("사용법: portway"), "{korean:?}");
    let version = portway.ok(&["version", "-o", "json"]).json();
    assert_eq!(version["data"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(portway.run(&["get", "--no-such-flag"]).code, 2);
}

#[test]
fn a_backstage_configuration_is_accounted_for_key_by_key() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/seed-cases/config/app-config.yaml");
    if !file.exists() {
        println!("skipped: {} is absent", file.display());
        return;
    }
    let portway = Portway::folder();
    let import = |more: &[&str]| {
        let output = portway
            .command(&["import", "backstage", file.to_str().unwrap()])
            .args(more)
            .envs(["HOST", "USER", "PASSWORD"].map(|name| (format!("POSTGRES_{name}"), "x")))
            .env("POSTGRES_PORT", "5432")
            .output();
        Ran::from(output.unwrap())
    };
    let table = import(&[]);
    assert_eq!(table.code, 0, "{table:?}");
    assert!(table.lines()[0].starts_with("STATUS "), "{table:?}");
    assert!(
        table.err.contains(" used, ") && table.err.contains(" 0 unknown, "),
        "{table:?}"
    );
    assert!(
        table.err.contains("GITHUB_TOKEN is not set"),
        "names the variable: {table:?}"
    );
    let found = import(&["-o", "json"]).json();
    let rows = found["items"].as_array().unwrap();
    let ignored: Vec<_> = rows
        .iter()
        .filter(|row| row["status"] == "ignored")
        .collect();
    assert!(!ignored.is_empty());
    for row in ignored {
        assert!(
            row["why"].as_str().is_some_and(|why| !why.is_empty()),
            "{row}"
        );
    }
    let korean = import(&["--lang", "ko"]);
    assert!(korean.err.contains("알 수 없음 0개"), "{korean:?}");
    assert_eq!(import(&["--exit-code"]).code, 10, "a variable is missing");
}

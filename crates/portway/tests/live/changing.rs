//! The verbs that change something, and what a change leaves behind.

use super::running::{CATALOG, Portway};

#[test]
fn an_edit_is_seen_and_has_a_history() {
    let portway = Portway::up();
    let file = portway.path().join("catalog/catalog-info.yaml");
    let edited = CATALOG.replace("Takes money", "Takes money and gives it back");
    std::fs::write(file, edited).unwrap();
    let history = portway.until(&["history", "component:pay-service"], |ran| {
        ran.lines().len() == 3
    });
    assert!(history.lines()[1].starts_with("2 "), "{history:?}");
    assert!(
        history.lines()[1].contains("metadata.description"),
        "{history:?}"
    );
    let diff = portway.ok(&["history", "component:pay-service", "--diff", "1..2"]);
    assert!(
        diff.lines()
            .contains(&"-    \"description\": \"Takes money\","),
        "{diff:?}"
    );
    assert!(
        diff.lines()
            .contains(&"+    \"description\": \"Takes money and gives it back\","),
        "{diff:?}"
    );
    let asked = portway.run(&[
        "history",
        "component:pay-service",
        "--diff",
        "1..2",
        "--exit-code",
    ]);
    assert_eq!(asked.code, 10, "{asked:?}");
}

#[test]
fn refresh_asks_for_each_entity() {
    let portway = Portway::up();
    let all = portway.ok(&[
        "refresh",
        "component:pay-service",
        "component:order-service",
        "-o",
        "name",
    ]);
    assert_eq!(
        all.out,
        "component:default/pay-service\ncomponent:default/order-service\n"
    );
    let some = portway.run(&["refresh", "component:pay-service", "component:nobody"]);
    assert_eq!(some.code, 11, "{some:?}");
    let none = portway.run(&["refresh", "component:nobody"]);
    assert_eq!(none.code, 3, "{none:?}");
}

#[test]
fn what_is_exported_is_valid_and_holds_nothing_of_the_server() {
    let portway = Portway::up();
    let printed = portway.ok(&["export", "components"]);
    assert_eq!(printed.out.matches("---\n").count(), 2, "{printed:?}");
    for added in ["uid:", "etag:", "relations:", "managed-by"] {
        assert!(!printed.out.contains(added), "{added} in {printed:?}");
    }
    let raw = portway.ok(&["export", "components", "--raw"]);
    assert!(
        raw.out.contains("uid:") && raw.out.contains("relations:"),
        "{raw:?}"
    );

    let kinds = ["component", "resource", "system", "group", "user"];
    let arguments: Vec<&str> = ["export"]
        .into_iter()
        .chain(kinds)
        .chain(["--dir", "out"])
        .collect();
    portway.ok(&arguments);
    let checked = portway.ok(&["validate", "out", "-o", "json"]).json();
    assert_eq!(checked["meta"]["entities"], 7);
    assert_eq!(checked["meta"]["errors"], 0, "{checked}");
}

#[test]
fn an_address_that_cannot_be_read_is_refused_when_tried() {
    let portway = Portway::up();
    let address = "http://127.0.0.1:1/catalog-info.yaml";
    let tried = portway.run(&["register", "--dry-run", address]);
    assert_eq!(tried.code, 1, "{tried:?}");
    assert!(tried.err.contains("127.0.0.1:1"), "{tried:?}");
    assert!(
        tried.err.contains("backend.reading.allow"),
        "what would allow it: {tried:?}"
    );
    let json = portway.run(&["register", "--dry-run", address, "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(json.err.trim()).unwrap();
    assert_eq!(error["error"]["exitCode"], 1);
    let local = portway.run(&["register", "catalog/catalog-info.yaml"]);
    assert_eq!(
        local.code, 1,
        "files are declared, not registered: {local:?}"
    );

    portway.run(&["register", address]);
    let again = portway.run(&["register", address]);
    assert_eq!(again.code, 6, "{again:?}");
}

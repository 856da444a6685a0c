//! `permission` in the configuration, and the CSV of Backstage's community.

use std::sync::Arc;

use access::{Compiled, Settings};
use platform::config::{Config, Sources};
use platform::decision::{Decisions, Reach};
use serde_json::{Value, json};

use crate::refs;

#[expect(
    clippy::needless_pass_by_value,
    reason = "literals are made where they are given"
)]
fn read(permission: Value) -> Result<Settings, String> {
    let config = Config::from_json(json!({ "permission": permission }));
    Settings::from_config(&config).map_err(|problem| problem.to_string())
}

fn reach(settings: &Settings, names: &[&str], permission: &str) -> Reach {
    let policy = Arc::new(settings.policy.clone());
    Compiled::new(policy, refs(names)).reach(permission, None)
}

#[test]
fn nothing_decides_unless_it_is_switched_on() {
    let nothing = Settings::from_config(&Config::from_json(json!({}))).unwrap();
    assert!(!nothing.enabled);
    assert!(!read(json!({ "bindings": [] })).unwrap().enabled);
    assert!(read(json!({ "enabled": true })).unwrap().enabled);
}

#[test]
fn whoever_is_signed_in_may_look_unless_the_configuration_says_else() {
    let kim = ["user:default/kim"];
    let plain = read(json!({ "enabled": true })).unwrap();
    assert_eq!(
        reach(&plain, &kim, "catalog.entity.read"),
        Reach::Everything
    );
    assert_eq!(
        reach(&plain, &kim, "catalog.location.create"),
        Reach::Nothing
    );
    let strict = read(json!({ "enabled": true, "defaultRole": "none" })).unwrap();
    assert_eq!(reach(&strict, &kim, "catalog.entity.read"), Reach::Nothing);
    let developer = read(json!({ "enabled": true, "defaultRole": "developer" })).unwrap();
    assert_eq!(
        reach(&developer, &kim, "catalog.location.create"),
        Reach::Everything
    );
}

#[test]
fn roles_of_a_company_include_others() {
    let settings = read(json!({
        "enabled": true,
        "defaultRole": "none",
        "roles": [{ "name": "payments-operator", "includes": ["read-only"], "permissions": ["catalog.location.*"] }],
        "bindings": [{ "role": "payments-operator", "subjects": "group:default/payments" }],
    }))
    .unwrap();
    let kim = ["user:default/kim", "group:default/payments"];
    for (permission, held) in [
        ("catalog.entity.read", true),
        ("catalog.location.delete", true),
        ("catalog.entity.delete", false),
    ] {
        let reach = reach(&settings, &kim, permission);
        assert_eq!(reach == Reach::Everything, held, "{permission}");
    }
}

#[test]
fn mistakes_are_refused_with_what_would_be_accepted() {
    for (permission, parts) in [
        (
            json!({ "bindings": [{ "role": "boss", "subjects": "everyone" }] }),
            ["bindings[0].role", "platform-engineer"],
        ),
        (
            json!({ "bindings": [{ "role": "lead", "subjects": "component:default/x" }] }),
            ["subjects", "group:default/payments"],
        ),
        (
            json!({ "bindings": [{ "role": "lead", "subjects": [] }] }),
            ["nobody", "everyone"],
        ),
        (
            json!({ "bindings": [{ "role": "lead", "subjects": "everyone", "scope": { "relation": "friend" } }] }),
            ["friend", "owner"],
        ),
        (
            json!({ "bindings": [{ "role": "lead", "subjects": "everyone", "scope": { "colour": "red" } }] }),
            ["colour", "kind"],
        ),
        (
            json!({ "roles": [{ "name": "x", "permissions": ["catalog.entity.fly"] }] }),
            ["fly", "catalog.entity.read"],
        ),
        (
            json!({ "roles": [{ "name": "developer" }] }),
            ["already", "no other role"],
        ),
        (
            json!({ "roles": [{ "name": "a", "includes": ["b"] }, { "name": "b", "includes": ["a"] }] }),
            ["includes itself", "lead back"],
        ),
        (
            json!({ "rules": [{ "effect": "deny", "permissions": "catalog.entity.read", "reason": "" }] }),
            ["reason", "sentence"],
        ),
        (
            json!({ "rules": [{ "effect": "deny", "permissions": "catalog.location.create", "scope": { "kind": "API" }, "reason": "r" }] }),
            ["not about an entity", "without scope"],
        ),
        (
            json!({ "rules": [{ "effect": "maybe", "permissions": "*", "reason": "r" }] }),
            ["effect", "deny"],
        ),
        (
            json!({ "policies": ["a.cedar"] }),
            ["policy engine", "permission.rules"],
        ),
        (
            json!({ "defaultRole": "boss" }),
            ["defaultRole", "read-only"],
        ),
    ] {
        let problem = read(permission.clone()).unwrap_err();
        for part in parts {
            assert!(problem.contains(part), "{permission}: {problem}");
        }
    }
}

fn from_files(csv: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rbac.csv"), csv).unwrap();
    let file = folder.path().join("app-config.yaml");
    std::fs::write(
        &file,
        "permission:\n  enabled: true\n  defaultRole: none\n  rbac:\n    policies-csv-file: rbac.csv\n    admin:\n      superUsers:\n        - name: user:default/root\n",
    )
    .unwrap();
    let config = Config::load(&Sources {
        files: vec![file],
        directory: folder.path().to_path_buf(),
        environment: None,
        variables: std::collections::BTreeMap::new(),
    })
    .unwrap();
    Settings::from_config(&config).map_err(|problem| problem.to_string())
}

#[test]
fn the_csv_of_the_rbac_plugin_is_taken_over() {
    let settings = from_files(
        "# people\n\
         p, role:default/guests, catalog-entity, read, allow\n\
         p, role:default/guests, catalog.entity.create, create, allow\n\
         p, role:default/guests, catalog-entity, delete, allow\n\
         p, role:default/guests, catalog-entity, delete, deny\n\
         p, role:default/guests, scaffolder-template, read, allow\n\
         \n\
         g, user:default/guest, role:default/guests\n\
         g, group:default/all, role:default/developer\n\
         p, role:default/developer, catalog-entity, update, allow\n",
    )
    .unwrap();
    let guest = ["user:default/guest"];
    assert_eq!(
        reach(&settings, &guest, "catalog.entity.read"),
        Reach::Everything
    );
    assert_eq!(
        reach(&settings, &guest, "catalog.entity.create"),
        Reach::Everything
    );
    assert_eq!(
        reach(&settings, &guest, "catalog.entity.delete"),
        Reach::Nothing
    );
    assert_eq!(
        reach(&settings, &guest, "catalog.entity.refresh"),
        Reach::Nothing
    );
    // Its `developer` is another role than ours.
    let member = ["user:default/x", "group:default/all"];
    assert_eq!(
        reach(&settings, &member, "catalog.entity.refresh"),
        Reach::Everything
    );
    assert_eq!(
        reach(&settings, &member, "catalog.location.create"),
        Reach::Nothing
    );
    assert_eq!(
        reach(&settings, &["user:default/root"], "access.policy.update"),
        Reach::Everything
    );
}

#[test]
fn mistakes_in_the_csv_are_placed() {
    for (csv, place) in [
        (
            "p, role:default/x, catalog-entity, read, allow\nq, a, b\n",
            "rbac.csv:2:1",
        ),
        (
            "p, role:default/x, catalog-entity, fly, allow\n",
            "rbac.csv:1:1",
        ),
        ("p, x, catalog-entity, read, allow\n", "rbac.csv:1:1"),
        ("g, robot, role:default/x\n", "rbac.csv:1:1"),
        (
            "p, role:default/x, catalog-entity, read, perhaps\n",
            "rbac.csv:1:1",
        ),
    ] {
        let problem = from_files(csv).unwrap_err();
        assert!(problem.contains(place), "{csv}: {problem}");
        assert!(problem.contains("app-config.yaml:5:"), "{problem}");
    }
}

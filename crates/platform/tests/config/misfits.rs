//! Values of a type that their key does not have.

use std::path::{Path, PathBuf};

use platform::config::{Config, Sources, ignored_reasons};
use serde_json::{Map, Value};

use crate::support::{folder, printed, sources, variables};

/// All that is said of a configuration, one finding a line, without fixes.
fn said(text: &str) -> Vec<String> {
    let folder = folder(&[("app-config.yaml", text)]);
    let config = Config::load(&sources(folder.path(), &[])).unwrap();
    printed(&config.misfits(), folder.path())
        .lines()
        .filter(|line| !line.trim_start().starts_with("fix: "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_section_of_another_sort_is_refused_wherever_it_stands() {
    let sections =
        "an object with `locations`, `rules`, `readonly`, `orphanStrategy`, `kinds` and others";
    for (value, sort) in [
        ("none", "a string"),
        ("[a]", "a list"),
        ("5", "a number"),
        ("false", "a boolean"),
    ] {
        assert_eq!(
            said(&format!("catalog: {value}\n")),
            [
                format!(
                    "app-config.yaml:1:10: error[config-type]: `catalog` must be an object, but is {sort}"
                ),
                format!("  accepted: {sections}"),
            ]
        );
    }
    // `key: null` takes a key away, as in Backstage, so it is no mistake.
    assert_eq!(
        said("catalog: null\nauth:\nbackend: {listen: ~}\n"),
        [""; 0]
    );
    assert_eq!(
        said("catalog:\n  locations: [null]\n"),
        [
            "app-config.yaml:2:15: error[config-type]: `catalog.locations[0]` must be an object, but is null",
            "  accepted: an object with `type`, `target`, `rules`",
        ]
    );
    assert_eq!(
        said("integrations:\n  github:\n    host: github.com\n"),
        [
            "app-config.yaml:3:5: error[config-type]: `integrations.github` must be a list, but is an object",
            "  accepted: a list of objects with `host`, `token`, `apiBaseUrl`, `apps`",
        ]
    );
    assert_eq!(
        said("catalog: {providers: {github: acme}}\n"),
        [
            "app-config.yaml:1:31: error[config-type]: `catalog.providers.github` must be an object, but is a string",
            "  accepted: an object with `host`, `organization`, `catalogPath`, `validateLocationsExist`, `filters` and others",
        ]
    );
}

#[test]
fn each_key_has_its_type() {
    for (text, message) in [
        (
            "organization: {name: 5}",
            "`organization.name` must be a string (put it in quotes), but is a number",
        ),
        (
            "organization: {name: [a]}",
            "`organization.name` must be a string, but is a list",
        ),
        (
            "backend: {baseUrl: {a: b}}",
            "`backend.baseUrl` must be a string, but is an object",
        ),
        (
            "backend: {listen: {port: 70000}}",
            "`backend.listen.port` must be a whole number from 0 to 65535, but is a number",
        ),
        (
            "backend: {listen: true}",
            "`backend.listen` must be `127.0.0.1:7007`, `:7007`, or an object with `host` and `port`, but is a boolean",
        ),
        (
            "backend: {database: 'postgres://u:hunter2@db/x'}",
            "`backend.database` must be an object, but is a string",
        ),
        (
            "backend: {database: {connection: {ssl: maybe}}}",
            "`backend.database.connection.ssl` must be true, false or an object, but is a string",
        ),
        (
            "backend: {auth: {externalAccess: [{options: {token: 12345678}}]}}",
            "`backend.auth.externalAccess[0].options.token` must be a string (put it in quotes), but is a number",
        ),
        (
            "backend: {reading: {allow: [{host: a.example, paths: [5]}]}}",
            "`backend.reading.allow[0].paths[0]` must be a string (put it in quotes), but is a number",
        ),
        (
            "catalog: {rules: [{allow: Component}]}",
            "`catalog.rules[0].allow` must be a list, but is a string",
        ),
        (
            "catalog: {readonly: yes}",
            "`catalog.readonly` must be true or false, but is a string",
        ),
        (
            "catalog: {kinds: [Robot]}",
            "`catalog.kinds[0]` must be an object, but is a string",
        ),
        (
            "catalog: {deletionGuard: {share: much}}",
            "`catalog.deletionGuard.share` must be a number, but is a string",
        ),
        (
            "catalog: {providers: {github: {acme: {filters: {allowForks: 3}}}}}",
            "`catalog.providers.github.acme.filters.allowForks` must be true or false, but is a number",
        ),
        (
            "auth: {providers: {guest: true}}",
            "`auth.providers.guest` must be an object, but is a boolean",
        ),
        (
            "auth: {backstageTokenExpiration: 5}",
            "`auth.backstageTokenExpiration` must be a length of time such as `5m`, `PT5M` or `{minutes: 5}`, but is a number",
        ),
    ] {
        let found = said(text);
        let first = found.first().cloned().unwrap_or_default();
        assert!(
            first.ends_with(&format!("error[config-type]: {message}")),
            "{text}: {first}"
        );
        assert!(!found.concat().contains("hunter2"), "{found:?}");
    }
}

#[test]
fn what_backstage_writes_otherwise_is_accepted() {
    for text in [
        "backend: {listen: ':7007', database: {connection: ':memory:'}}",
        "backend: {listen: 7007, database: {connection: {port: '5432', ssl: 'true'}}}",
        "catalog: {providers: {githubOrg: [{id: a, githubUrl: 'https://github.com', orgs: [b]}]}}",
        "catalog: {providers: {github: {organization: acme, schedule: {frequency: PT5M, timeout: {minutes: 3}}}}}",
        "catalog: {providers: {github: {one: {organization: a}, two: {organization: b}}}}",
        // An unknown key next to a provider's own, not a provider called `hots`.
        "catalog: {providers: {github: {organization: acme, hots: github.com}}}",
        "catalog: {providers: {gitlab: {a: {groupPattern: [x, y]}, b: {groupPattern: x}}}}",
        "catalog: {rules: [{allow: [Component, {kind: API, spec.type: grpc}], locations: [{pattern: 'https://**'}]}]}",
        "auth: {providers: {guest: {}, github: {development: {clientId: '5'}}}}",
        "auth: {providers: {guest: {development: {userEntityRef: 'user:default/a'}}}}",
        "catalog: {processingInterval: false}",
        "techdocs: {builder: 5}",
        "myPlugin: text",
    ] {
        assert_eq!(said(text), [""; 0], "{text}");
    }
}

#[test]
fn a_section_without_effect_is_a_warning() {
    assert_eq!(
        said("techdocs: external\n"),
        [
            "app-config.yaml:1:11: warning[config-type]: `techdocs` must be an object, but is a string",
            "  accepted: an object",
        ]
    );
    assert!(ignored_reasons().count() > 10);
}

#[test]
fn the_later_of_two_files_that_disagree_is_named() {
    let folder = folder(&[
        ("app-config.yaml", "catalog: {locations: []}\n"),
        ("app-config.local.yaml", "catalog: none\n"),
    ]);
    let config = Config::load(&sources(folder.path(), &[])).unwrap();
    assert!(
        printed(&config.misfits(), folder.path())
            .starts_with("app-config.local.yaml:1:10: error[config-type]: `catalog` must be"),
    );
    let config = Config::load(&sources(
        folder.path(),
        &[("APP_CONFIG_catalog_readonly", "perhaps")],
    ));
    let found = config.unwrap().misfits();
    // The variable made an object of the text again.
    assert_eq!(
        printed(&found, folder.path()),
        "environment variable APP_CONFIG_catalog_readonly: error[config-type]: `catalog.readonly` must be true or false, but is a string\n  accepted: true or false\n  fix: correct the value of the environment variable APP_CONFIG_catalog_readonly"
    );
}

/// Every configuration that Backstage itself and the seeds come with.
#[test]
fn the_given_configurations_have_no_misfits() {
    let shared = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let mut files: Vec<PathBuf> = Vec::new();
    for name in [
        "seed-cases/config/app-config.yaml",
        "seed-cases/config/github-provider.yaml",
        "conformance/backstage/fixtures/demo/app-config.yaml",
        "conformance/backstage/fixtures/backstage-2022-06/root/app-config.yaml",
    ] {
        let file = shared.join(name);
        if file.exists() {
            files.push(file);
        } else {
            println!("skipped: {} is absent", file.display());
        }
    }
    for file in files {
        let config = Config::load(&Sources {
            files: vec![file.clone()],
            variables: variables(&[]),
            ..Sources::default()
        });
        let config = config.unwrap_or_else(|found| panic!("{}: {found:?}", file.display()));
        assert_eq!(config.misfits(), [], "{}", file.display());
    }
}

/// The types of Backstage's own schemas: whatever it accepts as a text, a
/// number or a list, Portway does too.
#[test]
fn the_types_are_those_of_backstages_schemas() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/conformance/backstage/fixtures/npm-2026-11/config-schemas"
    ));
    let Ok(schemas) = std::fs::read_dir(folder) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    let mut asked = 0;
    for schema in schemas {
        let text = std::fs::read_to_string(schema.unwrap().path()).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        for example in examples(&schema) {
            asked += 1;
            let config = Config::from_json(example.clone());
            assert_eq!(config.misfits(), [], "{example}");
        }
    }
    assert!(asked > 100, "only {asked} examples");
}

/// Values that a schema accepts: each property alone, with one value of each
/// of its types.
fn examples(schema: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for choice in ["anyOf", "oneOf"] {
        for one in schema
            .get(choice)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            found.extend(examples(one));
        }
    }
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    for kind in types {
        match kind.as_str() {
            Some("string") => found.push(match schema.pointer("/enum/0") {
                Some(first) => first.clone(),
                // A number in quotes is a text, and a number where both may stand.
                None => "5".into(),
            }),
            Some("number" | "integer") => found.push(1.into()),
            Some("boolean") => found.push(true.into()),
            Some("array") => {
                let items = schema.get("items").map(examples).unwrap_or_default();
                found.extend(items.into_iter().map(|item| Value::Array(vec![item])));
            }
            _ => found.push(Value::Object(Map::new())),
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, below) in properties.into_iter().flatten() {
        for value in examples(below) {
            found.push(Value::Object(Map::from_iter([(key.clone(), value)])));
        }
    }
    found
}

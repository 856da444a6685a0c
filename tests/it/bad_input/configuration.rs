//! `app-config.yaml` with mistakes: `portway up` does not start, and says where
//! to look.

use serde_json::Value;

use crate::program::{component, folder, run};
use crate::server::Server;

/// Name, the configuration, and all that `portway up` says.
const CASES: &[(&str, &str, &str)] = &[
    ("a tab", "backend:\n\tlisten: 1\n", "error: app-config.yaml:2:1: error[yaml-tab]: a tab is used as indentation
    accepted: spaces only, two per level by custom
    fix: replace the tab by spaces\n"),
    ("an open bracket", "backend: [\n", "error: app-config.yaml:1:10: error[yaml-syntax]: `[` is not closed
    accepted: `]` behind the last item
    fix: add the missing `]`, or put the value in quotes if `[` is part of a text\n"),
    ("a key twice", "app: {}\nbackend: {}\napp: {}\n", "error: app-config.yaml:3:1: error[yaml-duplicate-key]: the key `app` stands twice in the same mapping, on line 1 and on line 3
    accepted: every key once
    fix: remove or rename one of the two `app` keys\n"),
    ("a variable in flow style without quotes", "backend:\n  database: {client: pg, connection: ${DB}}\n", "error: app-config.yaml:2:39: error[yaml-syntax]: a comma is missing before this place
    accepted: items with commas between them, such as `[a, b]` or `{a: 1, b: 2}`
    fix: write the comma, or put the value in quotes if it is one text\n"),
    ("a list instead of an object", "- app\n- backend\n", "error: app-config.yaml:1:1: error[config-root]: the configuration is a list
    accepted: an object of sections such as `app:`, `backend:` and `catalog:`
    fix: write `section:` lines at the left margin\n"),
    ("a text instead of a section", "catalog: none\n", "error: app-config.yaml:1:10: error[config-type]: `catalog` must be an object, but is a string
    accepted: an object with `locations`, `rules`, `readonly`, `orphanStrategy`, `kinds` and others
    fix: correct the value at app-config.yaml:1:10\n"),
    ("a port that is a word", "backend:\n  listen: {port: http}\n", "error: app-config.yaml:2:18: error[config-type]: `backend.listen.port` must be a whole number from 0 to 65535, but is a string
    accepted: a whole number from 0 to 65535
    fix: correct the value at app-config.yaml:2:18\n"),
    ("a port that is too large", "backend:\n  listen: ':70000'\n", "error: app-config.yaml:2:11: error[config-value]: `backend.listen` is no address: `70000` is no port (0 to 65535)
    accepted: `127.0.0.1:7007`, `:7007`, or an object with `host` and `port`
    fix: correct the value at app-config.yaml:2:11\n"),
    ("an address that is a word", "backend:\n  listen: nonsense\n", "error: app-config.yaml:2:11: error[config-value]: cannot listen on nonsense:7007: failed to lookup address information: Name or service not known
    accepted: 127.0.0.1:7007, :7007 or [::1]:7007
    fix: correct the value at app-config.yaml:2:11\n"),
    ("locations that are a text", "catalog:\n  locations: ./all.yaml\n", "error: app-config.yaml:2:14: error[config-type]: `catalog.locations` must be a list, but is a string
    accepted: a list of objects with `type`, `target`, `rules`
    fix: correct the value at app-config.yaml:2:14\n"),
    ("a location without a type", "catalog:\n  locations:\n    - target: x.yaml\n", "error: app-config.yaml:3:7: error[config-missing-key]: `catalog.locations[0].type` is needed, but it is not set
    accepted: a value for this key
    fix: add `catalog.locations[0].type` to the configuration\n"),
    ("a target that is a number", "catalog:\n  locations:\n    - type: file\n      target: 5\n", "error: app-config.yaml:4:15: error[config-type]: `catalog.locations[0].target` must be a string (put it in quotes), but is a number
    accepted: a string (put it in quotes)
    fix: correct the value at app-config.yaml:4:15\n"),
    ("yes instead of true", "catalog:\n  readonly: yes\n", "error: app-config.yaml:2:13: error[config-type]: `catalog.readonly` must be true or false, but is a string
    accepted: true or false
    fix: correct the value at app-config.yaml:2:13\n"),
    ("an include that is absent", "catalog:\n  $include: ../none.yaml\n", "error: app-config.yaml:2:13: error[config-include]: $include at `catalog` cannot read `../none.yaml`: there is no such file
    accepted: a readable file; a relative path is read from the current folder
    fix: create the file, or correct its path\n"),
    ("an include of itself", "catalog:\n  $include: app-config.yaml\n", "error: app-config.yaml:2:13: error[config-include]: $include at `CATALOG` goes too deep: files include each other
    accepted: at most 16 levels and 256 files
    fix: remove the circle that leads back to `app-config.yaml`\n"),
    ("a rule that allows a text", "catalog:\n  rules:\n    - allow: Component\n", "error: app-config.yaml:3:14: error[config-type]: `catalog.rules[0].allow` must be a list, but is a string
    accepted: a list
    fix: correct the value at app-config.yaml:3:14\n"),
    ("a kind without versions", "catalog:\n  kinds:\n    - kind: Robot\n", "error: app-config.yaml:3:7: error[config-value]: `catalog.kinds[0]` describes no kind: the description of the kind is not valid: missing field `apiVersions`
    accepted: `kind`, `apiVersions` and a JSON Schema under `schema`
    fix: correct the value at app-config.yaml:3:7\n"),
    ("a share that is a percentage", "catalog:\n  deletionGuard:\n    share: 5\n", "error: app-config.yaml:3:12: error[config-value]: `catalog.deletionGuard.share` is 5
    accepted: a number from 0 to 1; 0.1 is a tenth of a source
    fix: correct the value at app-config.yaml:3:12\n"),
    ("a strategy that does not exist", "catalog:\n  orphanStrategy: drop\n", "error: app-config.yaml:2:19: error[config-value]: `catalog.orphanStrategy` is \"drop\"
    accepted: delete or keep
    fix: correct the value at app-config.yaml:2:19\n"),
    ("a host that is a text", "backend:\n  reading:\n    allow: [example.com]\n", "error: app-config.yaml:3:13: error[config-type]: `backend.reading.allow[0]` must be an object, but is a string
    accepted: an object with `host`, `paths`
    fix: correct the value at app-config.yaml:3:13\n"),
];

#[test]
fn a_configuration_with_a_mistake_does_not_start() {
    let mut wrong = String::new();
    for (name, config, expected) in CASES {
        let folder = folder(&[("app-config.yaml", config)]);
        let mut arguments = vec!["up", "--data", "data"];
        if !config.contains("listen: ") {
            arguments.extend(["--listen", "127.0.0.1:0"]);
        }
        let ran = crate::program::run_for_a_moment(folder.path(), &arguments);
        let expected = expected.replace("CATALOG", &["catalog"; 17].join("."));
        if (ran.code, ran.said().as_str()) != (Some(1), &expected) {
            wrong.push_str(&format!(
                "--- {name} ({:?})\nexpected:\n{expected}\nsaid:\n{}{}\n",
                ran.code,
                ran.out,
                ran.said()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

const VARIABLE: &str = "organization:\n  name: ${COMPANY}\n";

#[test]
fn a_missing_variable_is_named_with_its_key_and_place() {
    let files = folder(&[("app-config.yaml", VARIABLE)]);
    let said = "app-config.yaml:2:9: warning[config-missing-variable]: `organization.name` is left out, because the environment variable COMPANY is not set
  accepted: a value for the variable, or a fallback written as `${NAME:-fallback}`
  fix: export COMPANY=…, or remove `organization.name`";
    let ran = run(files.path(), &["import", "backstage", "app-config.yaml"]);
    assert!(ran.err.contains(said), "{}", ran.err);
    let server = Server::start(files.path(), &[]);
    let logged: Vec<Value> = server
        .log()
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(
        logged.iter().any(|line| line["message"] == said),
        "{}",
        server.log()
    );
    drop(server);
    let server = Server::start_with(files.path(), &[], &[("COMPANY", "Acme")]);
    assert!(!server.log().contains("COMPANY"), "{}", server.log());
}

/// Configuration, and the evidence of `portway doctor` about its keys.
const UNKNOWN: &[(&str, &str)] = &[
    (
        "catalog:\n  proccessingInterval: 5m\n",
        "unknown: catalog.proccessingInterval at app-config.yaml:2:3 (near catalog.processingInterval)",
    ),
    (
        "catalogue:\n  locations: []\n",
        "unknown: catalogue at app-config.yaml:1:1 (near catalog)",
    ),
    (
        "catalog:\n  locations:\n    - {type: file, tarjet: ./x.yaml, target: ./x.yaml}\n",
        "unknown: catalog.locations[].tarjet at app-config.yaml:3:20 (near catalog.locations[].target)",
    ),
    (
        "weather: {city: Seoul}\n",
        "unknown: weather at app-config.yaml:1:1",
    ),
];

#[test]
fn unknown_keys_are_named_with_the_nearest_that_exists() {
    for (config, evidence) in UNKNOWN {
        let files = folder(&[("app-config.yaml", config), ("x.yaml", &component("x"))]);
        let ran = run(files.path(), &["doctor", "-o", "json"]);
        let found: Value = serde_json::from_str(&ran.out).unwrap();
        let keys = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["id"] == "config.keys")
            .unwrap();
        assert_eq!(
            (&keys["status"], &keys["evidence"]),
            (&"warn".into(), &(*evidence).into()),
            "{config}"
        );
    }
}

#[test]
fn a_file_that_is_named_and_absent_is_an_error() {
    let files = folder(&[]);
    let ran = run(
        files.path(),
        &[
            "up",
            "--config",
            "none.yaml",
            "--listen",
            "127.0.0.1:0",
            "--data",
            "data",
        ],
    );
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.said(),
        "error: none.yaml: error[config-file]: the configuration file cannot be read: there is no such file
    accepted: a readable YAML or JSON file
    fix: correct the path given with --config, or leave --config out to use app-config.yaml\n"
    );
}

#[test]
fn secrets_that_are_set_wrong_are_never_repeated() {
    let config = "backend:\n  auth:\n    externalAccess:\n      - type: static\n        options: {token: hunter2, subject: ci}\n";
    let files = folder(&[("app-config.yaml", config)]);
    let server = Server::start(files.path(), &[]);
    let log = server.log();
    assert!(
        log.contains("backend.auth.externalAccess[0]"),
        "the short token is not mentioned: {log}"
    );
    assert!(!log.contains("hunter2"), "{log}");
    let refused = server.ask_as(
        "GET",
        "/api/catalog/entities",
        &[("authorization", "Bearer hunter2")],
        b"",
    );
    assert_eq!(refused.status, 401, "a token of seven letters works");
}

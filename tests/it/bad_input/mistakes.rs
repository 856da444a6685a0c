//! More mistakes in a configuration: values that do not fit, files that do not
//! agree, and what only warns.

use crate::program::{folder, run, run_for_a_moment};
use crate::server::Server;

/// Name, the files beside nothing else, and all that `portway up` says.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const APP: &str = "app-config.yaml";

/// What keeps the server from starting.
const REFUSED: &[Case] = &[
    ("a database that is a URL", &[(APP, "backend:\n  database: postgres://ada:hunter2@db/x\n")], "error: app-config.yaml:2:13: error[config-type]: `backend.database` must be an object, but is a string
    accepted: an object with `client`, `connection`
    fix: correct the value at app-config.yaml:2:13\n"),
    ("a client that does not exist", &[(APP, "backend:\n  database: {client: mysql2}\n")], "error: app-config.yaml:2:22: error[config-value]: the database client `mysql2` is not supported
    accepted: `pg` for PostgreSQL, or `better-sqlite3` for the built-in database
    fix: correct the value at app-config.yaml:2:22\n"),
    ("a connection without a host", &[(APP, "backend:\n  database: {client: pg, connection: {user: u}}\n")], "error: app-config.yaml:2:38: error[config-missing-key]: `backend.database.connection.host` is needed, but it is not set
    accepted: a value for this key
    fix: add `backend.database.connection.host` to the configuration, or set APP_CONFIG_backend_database_connection_host\n"),
    ("a public address without http", &[(APP, "backend:\n  baseUrl: portal.example.com\n")], "error: app-config.yaml:2:12: error[config-value]: `backend.baseUrl` is no http or https URL
    accepted: a URL such as http://localhost:7007 or https://portal.example.com
    fix: correct the value at app-config.yaml:2:12\n"),
    ("a public address with a port that is none", &[(APP, "backend:\n  baseUrl: http://portal.example.com:99999\n")], "error: app-config.yaml:2:12: error[config-value]: `backend.baseUrl` is no http or https URL: `99999` is no port (0 to 65535)
    accepted: a URL such as http://localhost:7007 or https://portal.example.com
    fix: correct the value at app-config.yaml:2:12\n"),
    ("a public address with a query", &[(APP, "backend:\n  baseUrl: https://portal.example.com?x=1\n")], "error: app-config.yaml:2:12: error[config-value]: `backend.baseUrl` is no http or https URL: it may have a host, a port and a path only
    accepted: a URL such as http://localhost:7007 or https://portal.example.com
    fix: correct the value at app-config.yaml:2:12\n"),
    ("a secret file that is absent", &[(APP, "auth:\n  session:\n    secret: {$file: secret.txt}\n")], "error: app-config.yaml:3:21: error[config-include]: $file at `auth.session.secret` cannot read `secret.txt`: there is no such file
    accepted: a readable file; a relative path is read from the current folder
    fix: create the file, or correct its path\n"),
    ("a secret file that is a folder", &[(APP, "auth:\n  session:\n    secret: {$file: folder}\n"), ("folder/x", "")], "error: app-config.yaml:3:21: error[config-include]: $file at `auth.session.secret` cannot read `folder`: it is not a regular file
    accepted: a readable file; a relative path is read from the current folder
    fix: create the file, or correct its path\n"),
    ("an include next to other keys", &[(APP, "catalog: {$include: a.yaml, x: 1}\n"), ("a.yaml", "x: 1\n")], "error: app-config.yaml:1:10: error[config-include]: `catalog` has $include next to other keys (x)
    accepted: an object whose only key is $include
    fix: move the other keys away, or replace $include by the value itself\n"),
    ("an include of a part that is absent", &[(APP, "catalog: {$include: 'a.yaml#no.where'}\n"), ("a.yaml", "x: 1\n")], "error: app-config.yaml:1:21: error[config-include]: $include at `catalog` asks for `no.where`, but a.yaml has no `no` there
    accepted: a path of keys that exist in the included file, for example file.yaml#a.b
    fix: correct the part behind `#`, or add the key to a.yaml\n"),
    ("an include of plain text", &[(APP, "catalog: {$include: a.txt}\n"), ("a.txt", "x: 1\n")], "error: app-config.yaml:1:21: error[config-include]: $include at `catalog` names `a.txt`, which is not YAML or JSON
    accepted: a file that ends in .yaml, .yml or .json
    fix: use `$file` for plain text\n"),
    ("a variable that is a list", &[(APP, "auth:\n  session:\n    secret: {$env: [A]}\n")], "error: app-config.yaml:3:20: error[config-include]: $env at `auth.session.secret` is a list
    accepted: a string, for example `$env: GITHUB_TOKEN`
    fix: write the name as a string\n"),
    ("prose", &[(APP, "This is not a configuration\n")], "error: app-config.yaml:1:1: error[config-root]: the configuration is a string
    accepted: an object of sections such as `app:`, `backend:` and `catalog:`
    fix: write `section:` lines at the left margin\n"),
    ("a list where an object is wanted", &[(APP, "catalog:\n  - locations: []\n")], "error: app-config.yaml:2:3: error[config-type]: `catalog` must be an object, but is a list
    accepted: an object with `locations`, `rules`, `readonly`, `orphanStrategy`, `kinds` and others
    fix: correct the value at app-config.yaml:2:3\n"),
    ("an object where a list is wanted", &[(APP, "integrations:\n  github: {host: github.com}\n")], "error: app-config.yaml:2:11: error[config-type]: `integrations.github` must be a list, but is an object
    accepted: a list of objects with `host`, `token`, `apiBaseUrl`, `apps`
    fix: correct the value at app-config.yaml:2:11\n"),
    ("a list item that is empty", &[(APP, "catalog:\n  locations:\n    -\n")], "error: app-config.yaml:3:6: error[config-type]: `catalog.locations[0]` must be an object, but is null
    accepted: an object with `type`, `target`, `rules`
    fix: correct the value at app-config.yaml:3:6\n"),
    ("two files that disagree", &[(APP, "catalog: {locations: []}\n"), ("app-config.local.yaml", "catalog: none\n")], "error: app-config.local.yaml:1:10: error[config-type]: `catalog` must be an object, but is a string
    accepted: an object with `locations`, `rules`, `readonly`, `orphanStrategy`, `kinds` and others
    fix: correct the value at app-config.local.yaml:1:10\n"),
    ("several mistakes at once", &[(APP, "catalog: none\nauth: 5\n")], "error: app-config.yaml:1:10: error[config-type]: `catalog` must be an object, but is a string
    accepted: an object with `locations`, `rules`, `readonly`, `orphanStrategy`, `kinds` and others
    fix: correct the value at app-config.yaml:1:10
  app-config.yaml:2:7: error[config-type]: `auth` must be an object, but is a number
    accepted: an object with `environment`, `session`, `tokens`, `workload`, `providers` and others
    fix: correct the value at app-config.yaml:2:7\n"),
    ("a range of addresses instead of a host", &[(APP, "backend:\n  reading:\n    allow: [{host: 10.0.0.0/8}]\n")], "error: app-config.yaml:3:20: error[config-value]: `backend.reading.allow[0].host`: `10.0.0.0/8` is not a host
    accepted: `example.com`, `example.com:8080`, `*.example.com`
    fix: correct the value at app-config.yaml:3:20\n"),
    ("a path without a slash", &[(APP, "backend:\n  reading:\n    allow: [{host: example.com, paths: [x]}]\n")], "error: app-config.yaml:3:40: error[config-value]: `backend.reading.allow[0].paths`: every path starts with `/`
    accepted: `host: example.com`, and `paths` that begin with `/`
    fix: correct the value at app-config.yaml:3:40\n"),
    ("a webhook without a URL", &[(APP, "catalog:\n  webhooks:\n    outgoing: [{url: hooks, secret: abc}]\n")], "error: app-config.yaml:3:22: error[config-value]: `catalog.webhooks.outgoing[0].url` is no URL: relative URL without a base
    accepted: a URL such as https://hooks.example.com/portway
    fix: correct the value at app-config.yaml:3:22\n"),
    ("a webhook without a secret", &[(APP, "catalog:\n  webhooks:\n    outgoing: [{url: 'https://a.example'}]\n")], "error: app-config.yaml:3:16: error[config-missing-key]: `catalog.webhooks.outgoing[0].secret` is needed, but it is not set
    accepted: a value for this key
    fix: add `catalog.webhooks.outgoing[0].secret` to the configuration\n"),
    ("an empty secret", &[(APP, "catalog:\n  webhooks: {github: {secret: ''}}\n")], "error: app-config.yaml:2:31: error[config-value]: `catalog.webhooks.github.secret` is empty
    accepted: a long random text, the same as at the other end
    fix: correct the value at app-config.yaml:2:31\n"),
    ("a rule with two targets", &[(APP, "catalog:\n  rules:\n    - allow: [API]\n      locations: [{exact: a, pattern: b}]\n")], "error: app-config.yaml:4:19: error[config-value]: `catalog.rules[0].locations[0]` has both `exact` and `pattern`
    accepted: one of them: `exact` for one target, `pattern` for a glob
    fix: correct the value at app-config.yaml:4:19\n"),
    ("a pattern that is no glob", &[(APP, "catalog:\n  rules:\n    - allow: [API]\n      locations: [{pattern: 'a[b'}]\n")], "error: app-config.yaml:4:29: error[config-value]: `catalog.rules[0].locations[0].pattern` is no glob: unclosed character class; missing ']'
    accepted: a glob such as `https://github.com/acme/**`
    fix: correct the value at app-config.yaml:4:29\n"),
    ("a rule without kinds", &[(APP, "catalog:\n  rules:\n    - locations: []\n")], "error: app-config.yaml:3:7: error[config-value]: `catalog.rules[0]` has no list of kinds
    accepted: `allow: [Component, API]`
    fix: correct the value at app-config.yaml:3:7\n"),
    ("a location's rule that allows a number", &[(APP, "catalog:\n  locations:\n    - {type: url, target: 'https://a.example/x.yaml', rules: [{allow: [5]}]}\n")], "error: app-config.yaml:3:72: error[config-value]: `catalog.locations[0].rules[0].allow[0]` names no kind
    accepted: a kind such as Component, or an object with `kind` and `spec.type`
    fix: correct the value at app-config.yaml:3:72\n"),
    ("a key twice in a section", &[(APP, "backend:\n  baseUrl: http://a.example\n  baseUrl: http://b.example\n")], "error: app-config.yaml:3:3: error[yaml-duplicate-key]: the key `baseUrl` stands twice in the same mapping, on line 2 and on line 3
    accepted: every key once
    fix: remove or rename one of the two `baseUrl` keys\n"),
];

const UP: [&str; 5] = ["up", "--data", "data", "--listen", "127.0.0.1:0"];

#[test]
fn a_mistake_is_said_with_its_place_and_leaves_nothing_behind() {
    let mut wrong = String::new();
    for (name, files, expected) in REFUSED {
        let folder = folder(files);
        let ran = run_for_a_moment(folder.path(), &UP);
        if (ran.code, ran.said().as_str()) != (Some(1), *expected) {
            wrong.push_str(&format!(
                "--- {name} ({:?})\nexpected:\n{expected}\nsaid:\n{}{}\n",
                ran.code,
                ran.out,
                ran.said()
            ));
        }
        if format!("{}{}", ran.out, ran.err).contains("hunter2") {
            wrong.push_str(&format!("--- {name}: the password is printed\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Configuration and the warning in the log of a server that starts.
const WARNED: &[(&str, &str)] = &[
    ("backend:\n  listen: {prot: 8080}\n", "app-config.yaml:2:12: warning[config-key]: Portway does not know the key `backend.listen.prot`
  fix: did you mean `backend.listen.port`? Correct the key at app-config.yaml:2:12"),
    ("catalog:\n  locations:\n    - {type: fil, target: ./x.yaml}\n", "app-config.yaml:3:14: warning[config-value]: `catalog.locations[0].type` is \"fil\", so nothing is read from it
  accepted: url, file, github-discovery
  fix: correct the value at app-config.yaml:3:14"),
    ("techdocs: external\n", "app-config.yaml:1:11: warning[config-type]: `techdocs` must be an object, but is a string
  accepted: an object
  fix: correct the value at app-config.yaml:1:11"),
    ("catalog:\n  providers:\n    github: {acme: {host: github.com}}\n", "app-config.yaml:3:20: warning[config-value]: `catalog.providers.github.acme.organization`: missing; set the organisation to read, or `app`
  fix: correct the value at app-config.yaml:3:20"),
    ("integrations:\n  github: [{host: github.com}, {host: github.com}]\n", "app-config.yaml:2:32: warning[config-value]: `integrations.github[1]`: `github.com` is listed twice; the first entry is used
  fix: correct the value at app-config.yaml:2:32"),
    ("backend:\n  auth:\n    externalAccess:\n      - type: static\n        options: {token: short, subject: ci}\n", "app-config.yaml:5:26: warning[config-value]: `backend.auth.externalAccess[0].options.token` is missing, too short or holds white space
  accepted: at least 8 characters without white space, for example from `openssl rand -base64 32`; an unset variable in `${VAR}` leaves the key out
  fix: correct the value at app-config.yaml:5:26"),
    ("auth: {backstageTokenExpiration: 1m}\n", "app-config.yaml:1:34: warning[config-value]: `auth.backstageTokenExpiration` is out of range and was moved to its nearest end
  accepted: 10 minutes to 24 hours
  fix: correct the value at app-config.yaml:1:34"),
];

#[test]
fn what_is_left_out_is_logged_with_its_place() {
    for (config, expected) in WARNED {
        let files = folder(&[(APP, config)]);
        let server = Server::start(files.path(), &[]);
        let logged: Vec<serde_json::Value> = server
            .log()
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        assert!(
            logged.iter().any(|line| line["message"] == *expected),
            "{config}\n{}",
            server.log()
        );
    }
}

#[test]
fn an_empty_file_counts_as_none() {
    for text in ["", "# nothing\n", "catalog:\n", "---\n"] {
        let files = folder(&[(APP, text)]);
        let server = Server::start(files.path(), &[]);
        assert!(!server.log().contains("WARN"), "{text:?}: {}", server.log());
    }
}

#[test]
fn doctor_says_which_configuration_it_read_and_what_would_not_start() {
    let files = folder(&[(APP, "catalog: none\n")]);
    let found = run(files.path(), &["doctor", "-o", "json"]).out;
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let finding = |id: &str| {
        let mut items = found["items"].as_array().unwrap().iter();
        items.find(|item| item["id"] == id).unwrap().clone()
    };
    let folder = files.path().canonicalize().unwrap();
    let read = finding("config.readable");
    let evidence = read["evidence"].as_str().unwrap();
    assert!(
        evidence.starts_with(&folder.join(APP).display().to_string()),
        "{evidence}"
    );
    let values = finding("config.values");
    assert_eq!(values["status"], "fail");
    assert_eq!(
        values["evidence"],
        "app-config.yaml:1:10: `catalog` must be an object, but is a string"
    );
    assert_eq!(
        values["fix"],
        "correct the value at app-config.yaml:1:10; accepted: an object with `locations`, `rules`, `readonly`, `orphanStrategy`, `kinds` and others"
    );
}

//! Which files are read, how they lie on top of each other, and what stands
//! for values, with the exact words of every finding.

use std::fs;
use std::path::PathBuf;

use platform::config::{Config, Database, Listen, Sources};
use serde_json::json;

use crate::support::{folder, load, printed, refused, sources, variables};

#[test]
fn later_files_win_objects_merge_and_lists_are_replaced() {
    let files = [
        (
            "app-config.yaml",
            "app: {title: base, baseUrl: http://a}\ncatalog:\n  rules: [{allow: [API]}, {allow: [User]}]\n",
        ),
        (
            "app-config.production.yaml",
            "app:\n  title: production\ncatalog:\n  rules: [{allow: [System]}]\n",
        ),
        ("app-config.local.yaml", "app:\n  baseUrl: http://local\n"),
    ];
    let production = load(&files, &[("NODE_ENV", "production")]);
    assert_eq!(
        production.get("app"),
        Some(json!({"title": "production", "baseUrl": "http://local"}))
    );
    assert_eq!(
        production.get("catalog.rules"),
        Some(json!([{"allow": ["System"]}]))
    );
    assert_eq!(production.files().len(), 3);
    let development = load(&files, &[]);
    assert_eq!(development.str("app.title").unwrap(), "base");
    assert_eq!(
        development.get("catalog.rules[1].allow[0]"),
        Some(json!("User"))
    );
}

#[test]
fn the_environment_is_named_by_flag_then_by_variables() {
    let source = |flag: Option<&str>, environment: &[(&str, &str)]| Sources {
        environment: flag.map(str::to_owned),
        variables: variables(environment),
        ..Sources::default()
    };
    let both = [("NODE_ENV", "development"), ("PORTWAY_ENV", "staging")];
    assert_eq!(
        source(Some("production"), &both).environment(),
        Some("production")
    );
    assert_eq!(source(None, &both).environment(), Some("staging"));
    assert_eq!(
        source(None, &[("NODE_ENV", "production"), ("PORTWAY_ENV", "")]).environment(),
        Some("production")
    );
    assert_eq!(source(None, &[]).environment(), None);
}

#[test]
fn an_environment_name_never_leaves_the_folder() {
    let files = [
        ("in/app-config.yaml", "app: {title: in}"),
        ("out.yaml", "app: {title: out}"),
    ];
    let folder = folder(&files);
    fs::create_dir(folder.path().join("in/app-config.x")).unwrap();
    let sources = sources(&folder.path().join("in"), &[("PORTWAY_ENV", "x/../../out")]);
    assert_eq!(
        Config::load(&sources).unwrap().str("app.title").unwrap(),
        "in"
    );
}

#[test]
fn given_files_replace_the_default_ones_and_the_last_wins() {
    let folder = folder(&[
        ("app-config.yaml", "app: {title: default}"),
        ("one.yaml", "app: {title: one}\norganization: {name: one}"),
        ("two.json", "{\"app\": {\"title\": \"two\"}}"),
    ]);
    let files: Vec<PathBuf> = ["one.yaml", "two.json"]
        .iter()
        .map(|name| folder.path().join(name))
        .collect();
    let config = Config::load(&Sources {
        files: files.clone(),
        ..Sources::default()
    })
    .unwrap();
    assert_eq!(config.str("app.title").unwrap(), "two");
    assert_eq!(config.str("organization.name").unwrap(), "one");
    assert_eq!(config.files(), files);
}

#[test]
fn a_given_file_has_to_exist() {
    let folder = folder(&[]);
    let sources = Sources {
        files: vec![folder.path().join("none.yaml")],
        ..Sources::default()
    };
    assert_eq!(
        printed(&Config::load(&sources).unwrap_err(), folder.path()),
        "none.yaml: error[config-file]: the configuration file cannot be read: there is no such file\n\
         \x20 accepted: a readable YAML or JSON file\n\
         \x20 fix: correct the path given with --config, or leave --config out to use app-config.yaml"
    );
}

#[test]
fn no_files_at_all_is_a_valid_configuration() {
    let config = load(&[], &[]);
    assert_eq!(config.redacted(), json!({}));
    assert_eq!(
        config.listen().unwrap(),
        Listen {
            host: "127.0.0.1".into(),
            port: 7007
        }
    );
    assert_eq!(config.database().unwrap(), Database::Embedded);
    assert_eq!(config.public_url().unwrap(), None);
}

#[test]
fn null_takes_the_value_below_away() {
    let config = load(
        &[
            ("app-config.yaml", "app: {title: a, baseUrl: b}"),
            ("app-config.local.yaml", "app:\n  title:\n"),
        ],
        &[],
    );
    assert_eq!(config.get("app"), Some(json!({"baseUrl": "b"})));
}

#[test]
fn variables_fill_in_values() {
    let text = concat!(
        "a: ${ONE}\n",
        "b: before ${ ONE } and ${TWO}\n",
        "c: $${ONE} stays\n",
        "d: ${EMPTY:-fallback}\n",
        "e: ${NONE:-http://localhost:7007}\n",
        "f: 'x${EMPTY}y'\n",
        "g: ['${ONE}', '${NONE}', three]\n",
        "h: {$env: ONE}\n",
        "i: '${not closed'\n",
        "j: '${a${TWO}}'\n",
    );
    let config = load(
        &[("app-config.yaml", text)],
        &[("ONE", " 1 "), ("TWO", "zwei"), ("EMPTY", "")],
    );
    let expected = json!({
        "a": "1", "b": "before 1 and zwei", "c": "${ONE} stays", "d": "fallback", "e": "http://localhost:7007",
        "f": "xy", "g": ["1", "three"], "h": "1", "i": "${not closed", "j": "${azwei}",
    });
    assert_eq!(config.redacted(), expected);
}

#[test]
fn a_missing_variable_leaves_the_value_out_and_says_where() {
    let folder = folder(&[(
        "app-config.yaml",
        "backend:\n  database:\n    connection:\n      host: ${POSTGRES_HOST}:5432\n",
    )]);
    let config = Config::load(&sources(folder.path(), &[])).unwrap();
    assert!(!config.has("backend.database.connection.host"));
    assert_eq!(
        printed(config.warnings(), folder.path()),
        "app-config.yaml:4:13: warning[config-missing-variable]: `backend.database.connection.host` is left out, \
         because the environment variable POSTGRES_HOST is not set\n\
         \x20 accepted: a value for the variable, or a fallback written as `${NAME:-fallback}`\n\
         \x20 fix: export POSTGRES_HOST=…, or remove `backend.database.connection.host`"
    );
    let needed = config.str("backend.database.connection.host").unwrap_err();
    assert_eq!(
        needed.message,
        "`backend.database.connection.host` is needed, but the environment variable POSTGRES_HOST is not set"
    );
    assert_eq!((needed.line, needed.column), (4, 13));
}

#[test]
fn a_variable_missing_below_is_no_finding_when_a_later_layer_sets_the_value() {
    let config = load(
        &[
            ("app-config.yaml", "app: {title: '${NONE}'}"),
            ("app-config.local.yaml", "app: {title: set}"),
        ],
        &[],
    );
    assert_eq!(config.warnings(), []);
    assert_eq!(config.str("app.title").unwrap(), "set");
}

#[test]
fn files_are_included_relative_to_the_file_that_names_them() {
    let files = [
        (
            "app-config.yaml",
            "token: {$file: secrets/token.txt}\ngithub: {$include: 'secrets/github.yaml#apps.main'}\nall: {$include: secrets/all.json}\n",
        ),
        ("secrets/token.txt", "abc\n\n"),
        (
            "secrets/github.yaml",
            "apps:\n  main: {key: {$file: key.pem}, id: '${ID}', deeper: {$include: 'all.json#x'}}\n",
        ),
        ("secrets/key.pem", "PEM\n"),
        ("secrets/all.json", "{\"x\": [1, true]}"),
    ];
    let config = load(&files, &[("ID", "7")]);
    assert_eq!(config.get("token"), Some(json!("abc")));
    assert_eq!(
        config.get("github"),
        Some(json!({"key": "PEM", "id": "7", "deeper": [1, true]}))
    );
    assert_eq!(config.get("all"), Some(json!({"x": [1, true]})));
    assert!(
        config
            .origin("github.id")
            .unwrap()
            .to_string()
            .ends_with("secrets/github.yaml:2:37")
    );
}

#[test]
fn wrong_includes_say_what_is_wrong() {
    assert_eq!(
        refused(&[("app-config.yaml", "a:\n  $file: none.txt\n")], &[]),
        "app-config.yaml:2:10: error[config-include]: $file at `a` cannot read `none.txt`: there is no such file\n\
         \x20 accepted: a readable file; a relative path is read from .\n\
         \x20 fix: create the file, or correct its path"
    );
    assert_eq!(
        refused(&[("app-config.yaml", "a:\n  $env: X\n  other: 1\n")], &[]),
        "app-config.yaml:2:3: error[config-include]: `a` has $env next to other keys (other)\n\
         \x20 accepted: an object whose only key is $env\n\
         \x20 fix: move the other keys away, or replace $env by the value itself"
    );
    assert_eq!(
        refused(&[("app-config.yaml", "a: {$env: 7}\n")], &[]),
        "app-config.yaml:1:11: error[config-include]: $env at `a` is a number\n\
         \x20 accepted: a string, for example `$env: GITHUB_TOKEN`\n\
         \x20 fix: write the name as a string"
    );
    assert_eq!(
        refused(
            &[
                ("app-config.yaml", "a: {$include: x.txt}\n"),
                ("x.txt", "x")
            ],
            &[]
        ),
        "app-config.yaml:1:15: error[config-include]: $include at `a` names `x.txt`, which is not YAML or JSON\n\
         \x20 accepted: a file that ends in .yaml, .yml or .json\n\
         \x20 fix: use `$file` for plain text"
    );
    assert_eq!(
        refused(
            &[
                ("app-config.yaml", "a: {$include: 'x.yaml#b.c'}\n"),
                ("x.yaml", "b: {d: 1}")
            ],
            &[]
        ),
        "app-config.yaml:1:15: error[config-include]: $include at `a` asks for `b.c`, but x.yaml has no `c` there\n\
         \x20 accepted: a path of keys that exist in the included file, for example file.yaml#a.b\n\
         \x20 fix: correct the part behind `#`, or add the key to x.yaml"
    );
}

#[test]
fn files_that_include_each_other_end() {
    let files = [
        ("app-config.yaml", "a: {$include: x.yaml}"),
        (
            "x.yaml",
            "b: [{$include: x.yaml}, {$include: x.yaml}, {$include: x.yaml}]",
        ),
    ];
    let text = refused(&files, &[]);
    assert!(text.contains("$include at `a.b[0].b[0]"), "{text}");
    assert!(
        text.contains("goes too deep: files include each other"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_device_is_no_file() {
    let text = refused(&[("app-config.yaml", "a: {$file: /dev/zero}")], &[]);
    assert!(
        text.contains("cannot read `/dev/zero`: it is not a regular file"),
        "{text}"
    );
}

#[test]
fn broken_yaml_is_refused_with_its_place() {
    let text = refused(&[("app-config.yaml", "app:\n  title: a\n\ttab: b\n")], &[]);
    assert!(text.starts_with("app-config.yaml:3:"), "{text}");
    let text = refused(&[("app-config.yaml", "- a\n- b\n")], &[]);
    assert_eq!(
        text,
        "app-config.yaml:1:1: error[config-root]: the configuration is a list\n\
         \x20 accepted: an object of sections such as `app:`, `backend:` and `catalog:`\n\
         \x20 fix: write `section:` lines at the left margin"
    );
}

#[test]
fn app_config_variables_lie_on_top() {
    let config = load(
        &[(
            "app-config.yaml",
            "app: {title: file}\nbackend: {listen: {port: 1}}",
        )],
        &[
            ("APP_CONFIG_app_title", "from the environment"),
            ("APP_CONFIG_backend_listen_port", "8080"),
            ("APP_CONFIG_backend_csp_connect-src", "[\"'self'\"]"),
            ("APP_CONFIG_app_empty", ""),
            ("APP_CONFIG_quoted", "\"7\""),
        ],
    );
    let expected = json!({
        "app": {"title": "from the environment"},
        "backend": {"listen": {"port": 8080}, "csp": {"connect-src": ["'self'"]}},
        "quoted": "7",
    });
    assert_eq!(config.redacted(), expected);
    assert_eq!(
        config.origin("app.title").unwrap().to_string(),
        "environment variable APP_CONFIG_app_title"
    );
}

#[test]
fn wrong_app_config_variables_are_refused() {
    let only = |pairs: &[(&str, &str)]| refused(&[], pairs).lines().next().unwrap().to_owned();
    assert_eq!(
        only(&[("APP_CONFIG_app__title", "x")]),
        "environment variable APP_CONFIG_app__title: error[config-variable]: `APP_CONFIG_app__title` does not name a configuration key: the part `` is no key"
    );
    assert_eq!(
        only(&[("APP_CONFIG_a", "null")]),
        "environment variable APP_CONFIG_a: error[config-variable]: `APP_CONFIG_a` is null"
    );
    assert_eq!(
        only(&[("APP_CONFIG_a", "1"), ("APP_CONFIG_a_b", "2")]),
        "environment variable APP_CONFIG_a_b: error[config-variable]: `APP_CONFIG_a_b` sets a key inside a value that another variable sets to a scalar"
    );
}

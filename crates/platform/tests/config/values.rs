//! Values as types, secrets, and the settings of the server itself.

use std::collections::BTreeMap;
use std::time::Duration;

use platform::config::{Config, Database, Listen};
use serde::Deserialize;
use serde_json::json;

use crate::support::{folder, load, printed, sources};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Provider {
    organization: String,
    #[serde(default)]
    filters: Filters,
    page_size: Option<u16>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filters {
    #[serde(default)]
    allow_forks: bool,
    visibility: Option<Vec<Visibility>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Visibility {
    Public,
    Private,
}

#[test]
fn sections_become_types() {
    let text = "p:\n  organization: acme\n  pageSize: ${SIZE}\n  filters: {allowForks: 'true', visibility: [public, private]}\n";
    let config = load(&[("app-config.yaml", text)], &[("SIZE", "25")]);
    let expected = Provider {
        organization: "acme".into(),
        page_size: Some(25),
        filters: Filters {
            allow_forks: true,
            visibility: Some(vec![Visibility::Public, Visibility::Private]),
        },
    };
    assert_eq!(config.section::<Provider>("p").unwrap(), Some(expected));
    assert_eq!(config.section::<Provider>("q").unwrap(), None);
}

#[test]
fn what_does_not_fit_is_named_with_its_place() {
    let fails = |text: &str| {
        let folder = folder(&[("app-config.yaml", text)]);
        let config = Config::load(&sources(folder.path(), &[])).unwrap();
        let found = config.section::<Vec<Provider>>("list").unwrap_err();
        printed(&[found], folder.path())
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        fails("list:\n  - {organization: a, pageSize: many}\n"),
        "app-config.yaml:2:33: error[config-type]: `list[0].pageSize` must be a whole number from 0 to 65535, but is a string"
    );
    assert_eq!(
        fails("list:\n  - {organization: a}\n  - pageSize: 1\n"),
        "app-config.yaml:3:5: error[config-type]: `list[1]` needs the key `organization`"
    );
    assert_eq!(
        fails("list: [{organization: a, filters: {visibility: [public, open]}}]\n"),
        "app-config.yaml:1:57: error[config-type]: `list[0].filters.visibility[1]` must be one of public, private"
    );
    assert_eq!(
        fails("list: [{organization: a, filters: {forks: true}}]\n"),
        "app-config.yaml:1:36: error[config-type]: `list[0].filters` has the unknown key `forks`; known are allowForks, visibility"
    );
    assert_eq!(
        fails("list: [{organization: 7}]\n"),
        "app-config.yaml:1:23: error[config-type]: `list[0].organization` must be a string (put it in quotes), but is a number"
    );
    assert_eq!(
        fails("list: 1\n"),
        "app-config.yaml:1:7: error[config-type]: `list` must be a list, but is a number"
    );
}

#[test]
fn durations_have_three_forms() {
    let text = "a: {minutes: 5}\nb: PT90S\nc: 1h30m\nd: 5\ne: {minutos: 1}\n";
    let config = load(&[("app-config.yaml", text)], &[]);
    assert_eq!(
        config.duration("a").unwrap(),
        Some(Duration::from_secs(300))
    );
    assert_eq!(config.duration("b").unwrap(), Some(Duration::from_secs(90)));
    assert_eq!(
        config.duration("c").unwrap(),
        Some(Duration::from_secs(5400))
    );
    assert_eq!(config.duration("none").unwrap(), None);
    let found = config.duration("d").unwrap_err();
    assert_eq!(
        (found.message.as_str(), found.line, found.column),
        ("`d` is no length of time: `5` is not a duration", 4, 4)
    );
    assert!(
        config
            .duration("e")
            .unwrap_err()
            .message
            .contains("`minutos` is not a unit of time")
    );
}

#[test]
fn secrets_are_never_shown() {
    let text = concat!(
        "integrations: {github: [{host: github.com, token: hunter2}]}\n",
        "auth: {providers: {github: {development: {clientId: id, clientSecret: hunter2}}}}\n",
        "backend:\n",
        "  auth: {externalAccess: [{type: static, options: {token: hunter2, subject: ci}}], keys: [{secret: hunter2}]}\n",
        "  database: {client: pg, connection: {host: db, user: u, password: hunter2}}\n",
        "app: {privateKey: {a: hunter2}, url: 'postgres://u:hunter2@db/x'}\n",
        "s3: {accessKeyId: hunter2, secretAccessKey: hunter2}\n",
    );
    let config = load(&[("app-config.yaml", text)], &[]);
    let shown = format!(
        "{} {config:?} {:?} {:?}",
        config.redacted(),
        config.database().unwrap(),
        config.root()
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(
        config.redacted()["integrations"]["github"][0],
        json!({"host": "github.com", "token": "<hidden>"})
    );
    assert_eq!(
        config.redacted()["app"]["url"],
        "postgres://u:<hidden>@db/x"
    );
    assert_eq!(
        config.str("integrations.github[0].token").unwrap(),
        "hunter2"
    );
    let found = config.section::<BTreeMap<String, u16>>("s3").unwrap_err();
    assert!(!found.to_string().contains("hunter2"), "{found}");
}

#[test]
fn listening_has_safe_defaults_and_many_spellings() {
    let listen = |text: &str| {
        load(
            &[("app-config.yaml", &format!("backend: {{listen: {text}}}"))],
            &[],
        )
        .listen()
    };
    let at = |host: &str, port| Listen {
        host: host.into(),
        port,
    };
    assert_eq!(listen("':8080'").unwrap(), at("127.0.0.1", 8080));
    assert_eq!(listen("8080").unwrap(), at("127.0.0.1", 8080));
    assert_eq!(listen("0.0.0.0:7007").unwrap(), at("0.0.0.0", 7007));
    assert_eq!(listen("'[::1]:80'").unwrap(), at("::1", 80));
    assert_eq!(listen("'::1'").unwrap(), at("::1", 7007));
    assert_eq!(listen("{port: '9000'}").unwrap(), at("127.0.0.1", 9000));
    assert_eq!(listen("{host: '::'}").unwrap(), at("::", 7007));
    assert_eq!(listen("{port: 0}").unwrap().to_string(), "127.0.0.1:0");
    assert_eq!(at("::1", 80).to_string(), "[::1]:80");
    let found = listen("host:99999").unwrap_err();
    assert_eq!(
        found.message,
        "`backend.listen` is no address: `99999` is no port (0 to 65535)"
    );
    assert_eq!((found.line, found.column), (1, 19));
    let found = listen("{port: many}").unwrap_err();
    assert_eq!(
        found.message,
        "`backend.listen.port` must be a whole number from 0 to 65535, but is a string"
    );
}

#[test]
fn the_public_url_is_the_backends() {
    let url = |text: &str| load(&[("app-config.yaml", text)], &[]).public_url();
    let both =
        "app: {baseUrl: 'http://localhost:3000'}\nbackend: {baseUrl: 'http://localhost:7007/'}";
    assert_eq!(url(both).unwrap().as_deref(), Some("http://localhost:7007"));
    assert_eq!(
        url("app: {baseUrl: 'https://portal.example.com'}")
            .unwrap()
            .as_deref(),
        Some("https://portal.example.com")
    );
    assert_eq!(
        url("app: {baseUrl: portal}").unwrap_err().message,
        "`app.baseUrl` is no http or https URL"
    );
}

#[test]
fn databases_are_translated() {
    let database = |text: &str| {
        load(
            &[("app-config.yaml", &format!("backend: {{database: {text}}}"))],
            &[],
        )
        .database()
    };
    assert_eq!(
        database("{client: better-sqlite3, connection: ':memory:'}").unwrap(),
        Database::Memory
    );
    assert_eq!(
        database("{client: better-sqlite3}").unwrap(),
        Database::Embedded
    );
    assert_eq!(
        database("{client: better-sqlite3, connection: {directory: /data}}").unwrap(),
        Database::File("/data/portway.db".into())
    );
    assert_eq!(
        database("{client: pg, connection: {host: db, port: '5433', user: 'a b', password: 'p@ss/:', ssl: true}}").unwrap(),
        Database::Postgres("postgres://a%20b:p%40ss%2F%3A@db:5433/portway?sslmode=verify-full".into())
    );
    assert_eq!(
        database(
            "{client: pg, connection: {host: '::1', database: x, ssl: {rejectUnauthorized: false}}}"
        )
        .unwrap(),
        Database::Postgres("postgres://[::1]:5432/x?sslmode=require".into())
    );
    assert_eq!(
        database("{client: pg, connection: 'postgres://h/d'}").unwrap(),
        Database::Postgres("postgres://h/d".into())
    );
    let found = database("{client: mysql2}").unwrap_err();
    assert_eq!(
        found.message,
        "the database client `mysql2` is not supported"
    );
    assert_eq!((found.line, found.column), (1, 30));
    assert_eq!(
        database("{client: pg, connection: {user: u}}")
            .unwrap_err()
            .message,
        "`backend.database.connection.host` is needed, but it is not set"
    );
}

//! `portway import backstage` and the offline part of `portway doctor`.

use serde_json::{Value, json};

use crate::program::{Program, shared};

const CONFIG: &str = "app:
  title: Shop
  baseUrl: http://localhost:3000
backend:
  baseUrl: http://localhost:7007
  listen: ':8123'
  database: {client: pg, connection: {host: db, user: u, password: hunter2}}
integrations:
  github: [{host: github.com, token: '${GITHUB_TOKEN}'}]
catalog:
  proccessingInterval: {minutes: 5}
  locations: [{type: file, target: a.yaml}, {type: file, target: b.yaml}]
techdocs: {builder: external}
";

#[test]
fn import_says_what_is_used_ignored_and_unknown() {
    let program = Program::new(&[("app-config.yaml", CONFIG)]);
    let ran = program.run(&["import", "backstage", "app-config.yaml", "-o", "wide"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let rows: Vec<Vec<&str>> = ran
        .out
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(rows[0], ["STATUS", "KEY", "VALUES", "WHERE", "NOTE"]);
    assert_eq!(
        rows[1],
        [
            "ignored",
            "app.title",
            "1",
            "app-config.yaml:2:3",
            "the portal is named by organization.name"
        ]
    );
    assert!(
        rows.contains(&vec![
            "read",
            "catalog.locations[].target",
            "2",
            "app-config.yaml:12:28"
        ]),
        "{}",
        ran.out
    );
    assert!(
        rows.contains(&vec![
            "unknown",
            "catalog.proccessingInterval",
            "1",
            "app-config.yaml:11:3",
            "did you mean catalog.processingInterval?"
        ]),
        "{}",
        ran.out
    );
    assert!(
        rows.contains(&vec![
            "ignored",
            "techdocs",
            "1",
            "app-config.yaml:13:1",
            "read by a capability that is not part of this version"
        ]),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("integrations.github[0].token` is left out, because the environment variable GITHUB_TOKEN is not set"), "{}", ran.err);
    assert!(ran.err.ends_with("Portway would listen on 127.0.0.1:8123, be reached at http://localhost:7007, keep its state in PostgreSQL, and read 2 locations and 0 providers\n"), "{}", ran.err);
    assert!(!format!("{}{}", ran.out, ran.err).contains("hunter2"));
    assert_eq!(
        program
            .run(&["import", "backstage", "app-config.yaml", "--exit-code"])
            .code,
        10
    );
    let json = program
        .run(&["import", "backstage", "app-config.yaml", "-o", "json"])
        .json();
    assert_eq!(json["kind"], "ConfigKeyList");
    assert_eq!(json["meta"]["effective"]["database"], "PostgreSQL");
    assert_eq!(json["meta"]["unknown"], 1);
    assert!(!json.to_string().contains("hunter2"));
}

#[test]
fn import_refuses_what_cannot_be_loaded() {
    let program = Program::new(&[("app-config.yaml", "a: {$include: x.yaml}\nb: ${NONE}\n")]);
    let ran = program.run(&["import", "backstage", "app-config.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_eq!(
        ran.err,
        "error: app-config.yaml:1:15: $include at `a` cannot read `x.yaml`: there is no such file\n\
         cause: accepted would be a readable file; a relative path is read from the current folder\n\
         fix: create the file, or correct its path\n"
    );
    let ran = program.run(&["import", "backstage", "none.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.starts_with(
            "error: none.yaml: the configuration file cannot be read: there is no such file\n"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn the_seeds_configuration_is_understood() {
    let Some(file) = shared("seed-cases/config/app-config.yaml") else {
        return;
    };
    let program = Program::new(&[])
        .with("POSTGRES_HOST", "db")
        .with("POSTGRES_PORT", "5432")
        .with("POSTGRES_USER", "u")
        .with("POSTGRES_PASSWORD", "p");
    let json = program
        .run(&["import", "backstage", file.to_str().unwrap(), "-o", "json"])
        .json();
    assert_eq!(json["meta"]["unknown"], 0);
    assert_eq!(
        json["meta"]["effective"],
        json!({"listen": "127.0.0.1:7007", "url": "http://localhost:7007", "database": "PostgreSQL", "locations": 2, "providers": 0})
    );
}

fn finding(program: &Program, id: &str) -> Value {
    let found = program.run(&["doctor", "-o", "json"]).json();
    let items = found["items"].as_array().unwrap();
    items
        .iter()
        .find(|item| item["id"] == id)
        .unwrap_or_else(|| panic!("no {id} in {found}"))
        .clone()
}

#[test]
fn doctor_covers_the_five_layers() {
    let program = Program::new(&[("app-config.yaml", "backend: {listen: {port: 0}}\n")]);
    let ran = program.run(&["doctor", "-o", "json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let json = ran.json();
    let mut layers: Vec<&str> = json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["layer"].as_str().unwrap())
        .collect();
    layers.dedup();
    assert_eq!(
        layers,
        [
            "portal",
            "integration-and-delivery",
            "security-and-compliance",
            "resource-management",
            "infrastructure"
        ]
    );
    let korean = program.run(&["doctor", "--lang", "ko"]);
    assert!(korean.out.contains("설정을 읽을 수 있음"), "{}", korean.out);
}

#[test]
fn doctor_finds_what_is_wrong_with_a_configuration() {
    let program = Program::new(&[("app-config.yaml", CONFIG)]);
    let keys = finding(&program, "config.keys");
    assert_eq!(keys["status"], "warn");
    assert_eq!(
        keys["evidence"],
        "unknown: catalog.proccessingInterval at app-config.yaml:11:3 (near catalog.processingInterval)"
    );
    assert_eq!(finding(&program, "config.variables")["status"], "warn");
    assert_eq!(finding(&program, "delivery.integrations")["status"], "warn");

    let program = Program::new(&[("app-config.yaml", "app: [\n")]);
    let readable = finding(&program, "config.readable");
    assert_eq!(readable["status"], "fail");
    assert!(
        readable["evidence"]
            .as_str()
            .unwrap()
            .starts_with("app-config.yaml:"),
        "{readable}"
    );
    assert_eq!(program.run(&["doctor"]).code, 1);

    let short = "backend: {listen: {port: 0}, auth: {externalAccess: [{type: static, options: {token: short, subject: ci}}]}}\n";
    let tokens = finding(
        &Program::new(&[("app-config.yaml", short)]),
        "security.tokens",
    );
    assert_eq!(tokens["status"], "fail");
    assert_eq!(
        tokens["evidence"],
        "shorter than 16 letters: backend.auth.externalAccess[0] at app-config.yaml:1:54"
    );
}

#[test]
fn doctor_sees_a_port_in_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let program = Program::new(&[(
        "app-config.yaml",
        &format!("backend: {{listen: {{port: {port}}}}}\n"),
    )]);
    let found = finding(&program, "listen.port");
    assert_eq!(found["status"], "fail");
    assert!(
        found["evidence"]
            .as_str()
            .unwrap()
            .starts_with(&format!("127.0.0.1:{port} cannot be used: ")),
        "{found}"
    );
    assert!(
        found["fix"].as_str().unwrap().contains("--listen"),
        "{found}"
    );
}

//! Secrets never appear: they go in through every door of the running program,
//! and are then looked for wherever it writes or answers.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{component, folder};
use crate::server::Server;

/// Every secret that the test plants; each begins with a word that nothing else
/// has.
struct Planted(Vec<String>);

impl Planted {
    fn plant(&mut self, what: &str) -> String {
        let secret = format!("zqmarker-{what}-{:04}", self.0.len());
        self.0.push(secret.clone());
        secret
    }

    /// Which of them are in some bytes.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        self.0
            .iter()
            .filter(|secret| {
                bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes())
            })
            .map(String::as_str)
            .collect()
    }
}

fn configuration(planted: &mut Planted) -> String {
    let mut secret = |what: &str| planted.plant(what);
    format!(
        "auth:\n  providers: {{ guest: {{}} }}\n  session: {{ secret: {} }}\n\
         backend:\n  auth:\n    externalAccess:\n      - {{ type: static, options: {{ token: {}, subject: ci }} }}\n\
         integrations:\n  github:\n    - {{ host: github.example.com, token: {} }}\n\
         catalog:\n  webhooks:\n    github: {{ secret: {} }}\n    outgoing:\n      - {{ name: hook, url: 'http://127.0.0.1:9/in?key={}', secret: {} }}\n\
         audit:\n  sinks:\n    - {{ name: siem, type: webhook, url: 'http://127.0.0.1:9/audit?key={}', secret: {} }}\n",
        secret("session"),
        secret("static-token"),
        secret("github"),
        secret("webhook-in"),
        secret("webhook-url"),
        secret("webhook-out"),
        secret("sink-url"),
        secret("sink"),
    )
}

#[test]
fn no_secret_is_where_anybody_can_read_it() {
    let mut planted = Planted(Vec::new());
    let config = configuration(&mut planted);
    let files = folder(&[("x.yaml", &component("x")), ("app-config.yaml", &config)]);
    let server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    through_every_door(&server, &mut planted);

    // Answers of everything that can be read.
    for path in READ {
        let answer = server.ask("GET", path, b"");
        assert!(answer.status < 500, "{path}: {}", answer.text());
        assert_eq!(planted.found_in(&answer.body), [""; 0], "{path}");
    }
    for event in server.items("/api/v1/audit/events?limit=1000") {
        let path = format!("/admin/audit/{}", event["seq"]);
        let answer = server.ask("GET", &path, b"");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(planted.found_in(&answer.body), [""; 0], "{path}");
    }
    // What was asked for is there all the same.
    let kinds: Vec<Value> = server
        .items("/api/v1/audit/events?limit=1000")
        .into_iter()
        .map(|event| event["type"].clone())
        .collect();
    for kind in [
        "dev.portway.identity.signin.refused",
        "dev.portway.access.refused",
        "dev.portway.identity.token.used",
        "dev.portway.identity.token.created",
        "dev.portway.identity.session.created",
        "dev.portway.audit.events.exported",
        "dev.portway.platform.action.finished",
    ] {
        assert!(kinds.contains(&json!(kind)), "{kind} in {kinds:?}");
    }
    assert_eq!(
        planted.found_in(server.log().as_bytes()),
        [""; 0],
        "the log"
    );
    drop(server);
    on_disk(&files.path().join("data"), &planted);
}

/// Everything that holds lists, figures, states and exports.
const READ: &[&str] = &[
    "/",
    "/admin/audit",
    "/admin/audit?people=true",
    "/admin/health",
    "/admin/health.json",
    "/api/v1/audit/checkpoints",
    "/api/v1/audit/events?limit=1000",
    "/api/v1/audit/export?format=csv",
    "/api/v1/audit/export?format=jsonl",
    "/api/v1/audit/export?format=cef",
    "/api/v1/audit/export?format=ocsf",
    "/api/v1/audit/state",
    "/api/v1/audit/verify",
    "/api/v1/catalog/sources",
    "/api/v1/doctor",
    "/api/v1/events?after=0",
    "/api/v1/runs?limit=1000",
    "/api/v1/catalog/webhooks",
    "/api/openapi.json",
    "/metrics",
    "/settings",
    "/sources",
];

fn through_every_door(server: &Server, planted: &mut Planted) {
    // Credentials that are wrong, in every form.
    let bearer = format!("Bearer {}", planted.plant("bearer"));
    let basic = format!("Basic {}", planted.plant("basic"));
    let cookie = format!("portway-session={}", planted.plant("cookie"));
    let key = planted.plant("api-key");
    let query = planted.plant("query");
    for head in [
        [("authorization", bearer.as_str())],
        [("authorization", basic.as_str())],
        [("cookie", cookie.as_str())],
        [("x-api-key", key.as_str())],
    ] {
        for (method, path) in [
            ("GET", "/api/v1/runs"),
            ("GET", "/settings"),
            ("POST", "/api/v1/actions/token:create"),
            ("GET", "/api/auth/v1/userinfo"),
        ] {
            let path = format!("{path}?access_token={query}");
            let answer = server.ask_as(method, &path, &head, b"{}");
            assert!(answer.status < 500, "{}", answer.text());
            let echoed = planted.found_in(&answer.body);
            let others: Vec<_> = echoed.iter().filter(|found| **found != query).collect();
            assert!(others.is_empty(), "{path}: {}", answer.text());
        }
    }
    // Secrets in bodies: forms of sign-in, actions that are refused or fail.
    let password = planted.plant("password");
    let body = json!({ "name": "x", "password": password, "secret": password }).to_string();
    server.ask("POST", "/api/v1/actions/token:create", body.as_bytes());
    let form = format!(
        "username=kim&password={password}&code={}",
        planted.plant("code")
    );
    for path in [
        "/api/auth/guest/start",
        "/sign-in/local",
        "/api/auth/v1/token",
    ] {
        let head = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://evil.example"),
        ];
        server.ask_as("POST", path, &head, form.as_bytes());
    }
    // A one-time link that is wrong, and a webhook with a wrong signature.
    let once = planted.plant("once");
    server.ask_as("GET", &format!("/sign-in?code={once}"), &[], b"");
    server.ask_as("GET", &format!("/sign-in/{once}"), &[], b"");
    let signature = planted.plant("signature");
    let head = [
        ("x-hub-signature-256", signature.as_str()),
        ("x-github-event", "push"),
    ];
    server.ask_as("POST", "/webhooks/github", &head, b"{}");
    // Secrets that the program itself makes.
    let made = server.ask(
        "POST",
        "/api/v1/actions/token:create",
        br#"{"name": "made", "scope": "read"}"#,
    );
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    planted.0.push(secret.clone());
    let bearer = format!("Bearer {secret}");
    let head = [("authorization", bearer.as_str())];
    assert_eq!(server.ask_as("GET", "/api/v1/runs", &head, b"").status, 200);
    assert_eq!(
        server
            .ask_as("POST", "/api/v1/actions/token:create", &head, b"{}")
            .status,
        403
    );
    let head = [
        ("origin", "http://localhost"),
        ("sec-fetch-site", "same-origin"),
    ];
    let host = [("host", server.address.as_str())];
    let signed_in = server.ask_as(
        "POST",
        "/api/auth/guest/start",
        &[head.as_slice(), &host].concat(),
        b"",
    );
    let cookie = signed_in.header("set-cookie").unwrap_or_default();
    let value = cookie
        .split(';')
        .next()
        .and_then(|pair| pair.split_once('='))
        .map(|(_, value)| value);
    planted
        .0
        .extend(value.filter(|value| value.len() > 16).map(str::to_owned));
    assert!(value.is_some(), "{} {}", signed_in.status, signed_in.text());
    let refreshed = server.ask_as("GET", "/api/auth/guest/refresh", &host, b"");
    let token = refreshed.json()["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    planted.0.push(token);
}

/// Every file of the data directory, the database and its journal included.
fn on_disk(folder: &Path, planted: &Planted) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            on_disk(&path, planted);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(planted.found_in(&bytes), [""; 0], "{}", path.display());
    }
}

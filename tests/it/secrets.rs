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
        "auth:\n  providers:\n    guest: {{}}\n    local: {{}}\n    \
         oidc: {{ development: {{ metadataUrl: 'http://127.0.0.1:9/.well-known/openid-configuration', \
         clientId: us, clientSecret: {}, signIn: {{ resolvers: [{{ resolver: emailMatchingUserEntityProfileEmail }}] }} }} }}\n  \
         session: {{ secret: {} }}\n\
         backend:\n  auth:\n    externalAccess:\n      - {{ type: static, options: {{ token: {}, subject: ci }} }}\n\
         integrations:\n  github:\n    - {{ host: github.example.com, token: {} }}\n\
         catalog:\n  webhooks:\n    github: {{ secret: {} }}\n    outgoing:\n      - {{ name: hook, url: 'http://127.0.0.1:9/in?key={}', secret: {} }}\n\
         audit:\n  sinks:\n    - {{ name: siem, type: webhook, url: 'http://127.0.0.1:9/audit?key={}', secret: {} }}\n",
        secret("client"),
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
    through_the_doors_of_sign_in(&server, &mut planted);

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
        "dev.portway.identity.sign-in.refused",
        "dev.portway.access.refused",
        "dev.portway.identity.token.used",
        "dev.portway.identity.token.created",
        "dev.portway.identity.session.created",
        "dev.portway.identity.account.created",
        "dev.portway.identity.device.decided",
        "dev.portway.identity.session.ended",
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

/// The doors at which people and their programs show secrets: provider,
/// invitation, password, recovery code, passkey, device, workload.
fn through_the_doors_of_sign_in(server: &Server, planted: &mut Planted) {
    const FORM: &str = "application/x-www-form-urlencoded";
    let ours = |cookie: &str, method: &str, path: &str, kind: &str, body: &str| {
        let head = [
            ("host", server.address.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", kind),
            ("cookie", cookie),
        ];
        let answer = server.ask_as(method, path, &head, body.as_bytes());
        assert!(
            answer.status < 500 || answer.status == 503,
            "{path}: {}",
            answer.text()
        );
        answer
    };
    let post = |cookie: &str, path: &str, body: &str| ours(cookie, "POST", path, FORM, body);
    let quiet = |planted: &Planted, answer: &crate::http::Answer, path: &str| {
        assert_eq!(planted.found_in(&answer.body), [""; 0], "{path}");
    };
    // A provider that does not answer, and answers that nobody asked for.
    let (code, state) = (planted.plant("provider-code"), planted.plant("state"));
    let path = format!("/api/auth/oidc/handler/frame?code={code}&state={state}");
    for path in ["/api/auth/oidc/start", &path, "/api/auth/oidc/refresh"] {
        let head = [
            ("host", server.address.as_str()),
            ("cookie", "portway_attempt=x"),
        ];
        let answer = server.ask_as("GET", path, &head, b"");
        quiet(planted, &answer, path);
    }
    // An invitation, a password of a person, and one that is wrong.
    let made = server.ask(
        "POST",
        "/api/v1/actions/account:create",
        br#"{"name": "kim"}"#,
    );
    let link = made.json()["link"].as_str().unwrap().to_owned();
    let invitation = link.split_once("?code=").unwrap().1.to_owned();
    planted.0.push(invitation.clone());
    let password = planted.plant("a-quietly-borrowed-lantern");
    let body = format!("code={invitation}&password={password}");
    let entered = post("", "/sign-in/invite", &body);
    assert_eq!(entered.status, 303, "{}", entered.text());
    let cookie = entered
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    planted.0.push(cookie.split_once('=').unwrap().1.to_owned());
    let wrong = planted.plant("wrong-password");
    for (path, body) in [
        ("/sign-in/local", format!("name=kim&password={wrong}")),
        ("/sign-in/local", format!("name=nobody&password={wrong}")),
        (
            "/sign-in/recovery",
            format!("name=kim&code={}", planted.plant("recovery")),
        ),
        (
            "/sign-in/invite",
            format!("code={invitation}&password={wrong}"),
        ),
        (
            "/settings/security/password",
            format!("old={wrong}&current={wrong}&password={wrong}&new={wrong}"),
        ),
    ] {
        let answer = post(&cookie, path, &body);
        // The page of a link that no longer works shows the link again.
        let found: Vec<_> = planted.found_in(&answer.body);
        assert!(
            found.iter().all(|one| **one == invitation),
            "{path}: {found:?}"
        );
    }
    // A passkey that is none.
    let passkey = planted.plant("passkey");
    let body = json!({"id": passkey, "rawId": passkey, "type": "public-key", "response": {
        "clientDataJSON": passkey, "authenticatorData": passkey, "signature": passkey}});
    let json = "application/json";
    let path = "/api/auth/local/passkey";
    quiet(
        planted,
        &ours("", "POST", path, json, &body.to_string()),
        path,
    );
    // A program that a person admits, its tokens, and their second use.
    let offer = post(
        "",
        "/api/auth/v1/device_authorization",
        "client_id=portway-cli",
    )
    .json();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    let (device, user) = (text(&offer, "device_code"), text(&offer, "user_code"));
    planted.0.push(device.clone());
    let admitted = post(&cookie, "/device", &format!("code={user}&decision=admit"));
    assert!(
        admitted.status < 400,
        "{} {}",
        admitted.status,
        admitted.text()
    );
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let body = format!("grant_type={grant}&client_id=portway-cli&device_code={device}");
    let tokens = post("", "/api/auth/v1/token", &body).json();
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    planted.0.extend([user, access.clone(), refresh.clone()]);
    let bearer = format!("Bearer {access}");
    let head = [("authorization", bearer.as_str())];
    assert_eq!(
        server
            .ask_as("GET", "/api/auth/v1/whoami", &head, b"")
            .status,
        200
    );
    let body = format!("grant_type=refresh_token&client_id=portway-cli&refresh_token={refresh}");
    let next = post("", "/api/auth/v1/token", &body).json();
    planted
        .0
        .extend([text(&next, "access_token"), text(&next, "refresh_token")]);
    let again = post("", "/api/auth/v1/token", &body);
    assert_eq!(again.status, 400);
    quiet(planted, &again, "a refresh token's second use");
    // The token of a workload that nobody trusts.
    let jwt = planted.plant("workload");
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={jwt}\
         &subject_token_type=urn:ietf:params:oauth:token-type:jwt"
    );
    quiet(
        planted,
        &post("", "/api/auth/v1/token", &body),
        "the exchange",
    );
    // The account is switched off: so is its session.
    server.ask(
        "POST",
        "/api/v1/actions/account:disable",
        br#"{"name": "kim"}"#,
    );
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

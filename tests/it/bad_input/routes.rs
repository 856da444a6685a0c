//! Every route as everybody: nobody, a token that may only read, a token that
//! may do everything; and every route with nonsense in every place.

use std::path::Path;

use serde_json::json;

use crate::http::Answer;
use crate::program::{component, folder};
use crate::server::Server;

/// Who may use a route.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Who {
    /// Anybody, because nothing of the content is in the answer, or because
    /// the handler asks for a proof of its own.
    Anybody,
    /// Whoever may read.
    Reader,
    /// Whoever may change something.
    Changer,
}
use Who::{Anybody, Changer, Reader};

/// Method, path, who.
type Route = (&'static str, &'static str, Who);

/// All routes, by the file that declares them.
const ROUTES: &[(&str, &[Route])] = &[
    (
        "catalog/src/api/mod.rs",
        &[
            ("GET", "/api/catalog/entities", Reader),
            ("GET", "/api/catalog/entities/by-query", Reader),
            ("POST", "/api/catalog/entities/by-query", Reader),
            ("POST", "/api/catalog/entities/by-refs", Reader),
            ("GET", "/api/catalog/entities/by-uid/{uid}", Reader),
            ("DELETE", "/api/catalog/entities/by-uid/{uid}", Changer),
            (
                "GET",
                "/api/catalog/entities/by-name/{kind}/{namespace}/{name}",
                Reader,
            ),
            (
                "GET",
                "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/ancestry",
                Reader,
            ),
            ("GET", "/api/catalog/entity-facets", Reader),
            ("POST", "/api/catalog/entity-facets", Reader),
            ("POST", "/api/catalog/refresh", Changer),
            ("GET", "/api/catalog/locations", Reader),
            ("POST", "/api/catalog/locations", Changer),
            ("POST", "/api/catalog/locations/by-query", Reader),
            ("GET", "/api/catalog/locations/{id}", Reader),
            ("PUT", "/api/catalog/locations/{id}", Changer),
            ("DELETE", "/api/catalog/locations/{id}", Changer),
            (
                "GET",
                "/api/catalog/locations/by-entity/{kind}/{namespace}/{name}",
                Reader,
            ),
            ("POST", "/api/catalog/analyze-location", Reader),
            ("POST", "/api/catalog/validate-entity", Reader),
            (
                "GET",
                "/api/v1/catalog/entities/{kind}/{namespace}/{name}/history",
                Reader,
            ),
            (
                "GET",
                "/api/v1/catalog/entities/{kind}/{namespace}/{name}/history/diff",
                Reader,
            ),
            ("GET", "/api/v1/catalog/impact", Reader),
            ("GET", "/api/v1/catalog/path", Reader),
            ("GET", "/api/v1/catalog/owner", Reader),
            ("GET", "/api/v1/catalog/sources", Reader),
            ("GET", "/api/v1/catalog/sources/{id}", Reader),
            ("GET", "/api/v1/catalog/problems", Reader),
            ("GET", "/api/v1/catalog/webhooks", Reader),
            ("GET", "/api/v1/catalog/events", Reader),
            ("GET", "/api/v1/events", Reader),
            ("POST", "/webhooks/{forge}", Anybody),
        ],
    ),
    (
        "catalog/src/pages/mod.rs",
        &[
            ("GET", "/catalog", Reader),
            ("GET", "/catalog.json", Reader),
            ("GET", "/catalog.yaml", Reader),
            ("GET", "/catalog.csv", Reader),
            ("GET", "/catalog/{namespace}/{kind}/{name}", Reader),
            (
                "GET",
                "/catalog/{namespace}/{kind}/{name}/relations",
                Reader,
            ),
            ("GET", "/catalog/{namespace}/{kind}/{name}/raw", Reader),
            ("GET", "/catalog/{namespace}/{kind}/{name}/history", Reader),
            ("GET", "/sources", Reader),
            ("GET", "/sources/{id}", Reader),
            ("POST", "/sources/{id}/refresh", Changer),
            ("POST", "/sources/{id}/confirm-deletion", Changer),
        ],
    ),
    (
        "identity/src/routes.rs",
        &[
            ("GET", "/api/auth/guest/refresh", Anybody),
            ("POST", "/api/auth/guest/start", Anybody),
            ("GET", "/api/auth/.well-known/jwks.json", Anybody),
            ("GET", "/api/auth/.well-known/openid-configuration", Anybody),
            ("GET", "/api/auth/v1/userinfo", Anybody),
            ("GET", "/api/auth/v1/authorize", Anybody),
            ("POST", "/api/auth/v1/token", Anybody),
            ("POST", "/api/permission/authorize", Anybody),
        ],
    ),
    (
        "portway/src/server/actions.rs",
        &[
            ("GET", "/api/v1/actions", Anybody),
            ("GET", "/api/v1/actions/{name}", Anybody),
            ("POST", "/api/v1/actions/{name}/plan", Anybody),
            ("POST", "/api/v1/actions/{name}", Anybody),
        ],
    ),
    (
        "portway/src/server/doors.rs",
        &[
            ("GET", "/healthz", Anybody),
            ("GET", "/readyz", Anybody),
            ("GET", "/.backstage/health/v1/liveness", Anybody),
            ("GET", "/.backstage/health/v1/readiness", Anybody),
            ("GET", "/metrics", Anybody),
            ("GET", "/api/v1/version", Anybody),
        ],
    ),
    (
        "portway/src/server/health.rs",
        &[
            ("GET", "/api/v1/doctor", Reader),
            ("GET", "/admin/health", Reader),
        ],
    ),
    (
        "portway/src/server/pages.rs",
        &[
            ("GET", "/", Reader),
            ("GET", "/sign-in", Anybody),
            ("POST", "/sign-in/guest", Anybody),
            ("POST", "/sign-out", Anybody),
            ("GET", "/design", Anybody),
            ("POST", "/preferences", Anybody),
        ],
    ),
];

fn routes() -> impl Iterator<Item = Route> {
    ROUTES.iter().flat_map(|(_, routes)| routes.iter().copied())
}

/// A new route has to be added above, or nobody checks who may use it.
#[test]
fn no_route_is_left_out() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut declared = Vec::new();
    let mut folders = vec![crates.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map_while(Result::ok) {
            let path = entry.path();
            let name = path
                .strip_prefix(&crates)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            if path.is_dir() {
                if name.matches('/').count() != 1 || name.ends_with("/src") {
                    folders.push(path);
                }
                continue;
            }
            if !name.ends_with(".rs") || name.starts_with("platform/") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if text.contains("Routes::new(") {
                declared.push((
                    name,
                    text.matches(".api(").count() + text.matches(".page(").count(),
                ));
            }
        }
    }
    declared.sort();
    let mut known: Vec<(String, usize)> = ROUTES
        .iter()
        .map(|(file, routes)| ((*file).to_owned(), routes.len()))
        .collect();
    known.sort();
    // `router.rs` only merges.
    declared.retain(|(_, count)| *count > 0);
    assert_eq!(
        declared, known,
        "a file declares another number of routes than ROUTES lists for it"
    );
}

/// The path with something in every variable part.
fn filled(path: &str, with: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, end) = after.split_once('}').unwrap();
        filled.push_str(before);
        filled.push_str(with);
        rest = end;
    }
    filled + rest
}

fn world() -> (tempfile::TempDir, Server) {
    let files = folder(&[("x.yaml", &component("x"))]);
    let server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    (files, server)
}

fn token(server: &Server, name: &str, scope: &str) -> String {
    let body = json!({"name": name, "scope": scope}).to_string();
    let made = server.ask("POST", "/api/v1/actions/token:create", body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["secret"].as_str().unwrap().to_owned()
}

fn ask(server: &Server, token: Option<&str>, method: &str, path: &str) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut head = vec![("content-type", "application/json"), ("origin", "null")];
    head.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    server.ask_as(method, path, &head, b"")
}

fn is_page(path: &str) -> bool {
    !path.starts_with("/api/")
}

#[test]
fn nobody_sees_anything_that_is_not_public() {
    let (_files, server) = world();
    for (method, path, who) in routes() {
        let asked = filled(path, "none");
        let answer = ask(&server, None, method, &asked);
        match who {
            // A route that is not there has an empty body.
            Anybody => assert!(
                answer.status != 404 || !answer.body.is_empty(),
                "{method} {path} is not there"
            ),
            // A page leads to the sign-in and back.
            _ if is_page(path) && method == "GET" => {
                assert_eq!(answer.status, 303, "{method} {path}: {}", answer.text());
                let to = answer.header("location").unwrap_or_default();
                assert!(to.starts_with("/sign-in?back="), "{method} {path}: {to}");
                assert!(answer.body.is_empty(), "{method} {path}: {}", answer.text());
            }
            _ => {
                assert!(
                    matches!(answer.status, 401 | 403),
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.text()
                );
                assert!(
                    !answer.text().contains("backstage.io"),
                    "{method} {path}: {}",
                    answer.text()
                );
            }
        }
    }
    let wrong = ask(
        &server,
        Some("pw_0000000000000000000000000000000000000000000"),
        "GET",
        "/api/catalog/entities",
    );
    assert_eq!(wrong.status, 401);
}

#[test]
fn a_token_that_reads_changes_nothing() {
    let (_files, server) = world();
    let reader = token(&server, "reader", "read");
    let uid =
        server.json("/api/catalog/entities/by-name/component/default/x")["metadata"]["uid"].clone();
    let source = server.items("/api/v1/catalog/sources")[0]["id"].clone();
    let (uid, source) = (uid.as_str().unwrap(), source.as_str().unwrap());
    for (method, path, who) in routes() {
        let path = match path {
            _ if path.contains("{uid}") => filled(path, uid),
            _ if path.contains("{id}") => filled(path, source),
            "/catalog/{namespace}/{kind}/{name}" => "/catalog/default/component/x".to_owned(),
            _ if path.contains("{name}") && path.contains("{kind}") => path
                .replace("{kind}", "component")
                .replace("{namespace}", "default")
                .replace("{name}", "x"),
            _ => filled(path, "none"),
        };
        let answer = ask(&server, Some(&reader), method, &path);
        match who {
            Reader => assert!(
                !matches!(answer.status, 401 | 403 | 500..),
                "{method} {path} is closed to a reader: {} {}",
                answer.status,
                answer.text()
            ),
            Changer => assert_eq!(
                answer.status,
                403,
                "{method} {path} is open to a reader: {}",
                answer.text()
            ),
            Anybody => assert!(answer.status < 500, "{method} {path}: {}", answer.status),
        }
    }
    // Every action that a reader can see is one that reads.
    let names = |token: &str| -> Vec<String> {
        let list = ask(&server, Some(token), "GET", "/api/v1/actions").json();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let seen = names(&reader);
    for name in names(&server.token)
        .iter()
        .filter(|name| !seen.contains(name))
    {
        for way in ["", "/plan"] {
            let answer = ask(
                &server,
                Some(&reader),
                "POST",
                &format!("/api/v1/actions/{name}{way}"),
            );
            assert_eq!(answer.status, 403, "{name}{way}: {}", answer.text());
        }
    }
    let still = server.ask(
        "GET",
        "/api/catalog/entities/by-name/component/default/x",
        b"",
    );
    assert_eq!(still.status, 200, "a reader has removed an entity");
}

#[test]
fn what_does_not_exist_is_404_with_an_empty_body_under_api() {
    let (_files, server) = world();
    for path in [
        "/api/none",
        "/api/catalog",
        "/api/catalog/none",
        "/api/catalog/entities/",
        "/api/v1/none",
        "/api/v2/catalog",
        "/api//catalog/entities",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            for token in [None, Some(server.token.as_str())] {
                let answer = ask(&server, token, method, path);
                assert_eq!(
                    (answer.status, answer.text().as_str()),
                    (404, ""),
                    "{method} {path}"
                );
            }
        }
    }
    let page = server.ask("GET", "/none", b"");
    assert_eq!(page.status, 404);
    assert!(page.text().contains("<html"), "{}", page.text());
}

/// What people, programs and attackers put where a name belongs.
const NONSENSE: &[&str] = &[
    "%00",
    "%FF",
    "%C3%28",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%",
    "%zz",
    "'%22%3C%3E",
    "%F0%9F%98%80",
    "-1",
    "null",
    "a%0d%0ab",
    "$%7Bjndi%7D",
    "*",
    "a:b/c",
];

const NONSENSE_QUERIES: &[&str] = &[
    "?%00",
    "?filter=%00&fields=%FF",
    "?cursor=%00&limit=1e9",
    "?offset=9223372036854775808",
    "?limit=-0",
    "?at=%00",
    "?ref=%00&from=%00&to=%00",
    "?facet=%00",
    "?page=99999999999999999999&q=%00&sort=%00&kind=%00",
    "?after=-1",
    "?&&&=&",
    "?filter=a%3Db&filter=kind%3D%00",
    "?lang=%00",
    "?back=%0d%0aset-cookie:x",
    "?code=%00",
];

#[test]
fn nonsense_in_every_place_never_makes_the_server_fail() {
    let (_files, server) = world();
    let mut failed = String::new();
    let mut note = |what: String, answer: &Answer| {
        let whole = answer.status < 500 && !answer.text().contains("panicked");
        if !whole {
            failed.push_str(&format!("{} {what}\n", answer.status));
        }
    };
    for (method, path, _) in routes() {
        if path.contains('{') {
            for nonsense in NONSENSE {
                let path = filled(path, nonsense);
                note(
                    format!("{method} {path}"),
                    &server.ask(method, &path, b"{}"),
                );
            }
        }
        for query in NONSENSE_QUERIES {
            let path = format!("{}{query}", filled(path, "x"));
            note(
                format!("{method} {path}"),
                &server.ask(method, &path, b"{}"),
            );
        }
        if method == "POST" || method == "PUT" {
            let deep = "[".repeat(50_000);
            let bodies: &[&[u8]] = &[
                b"", b"{", b"\xff\xfe", b"5", b"\"\\u0000\"", deep.as_bytes(), br#"{"__proto__": {}, "": null, "\u0000": "\u0000"}"#,
                br#"{"type": "url", "target": "http://a\u0000b/", "entityRef": "a:b/\u0000", "entityRefs": ["a:b/\u0000"], "facets": ["\u0000"],
                   "query": {"\u0000": "\u0000"}, "entity": {"kind": "\u0000"}, "location": "\u0000", "items": [{"id": "\u0000"}],
                   "name": "\u0000", "scope": "all", "token": "\u0000", "id": "\u0000", "ref": "a:b/\u0000", "source": "\u0000"}"#,
                br#"{"query": {"kind": {"$in": [1e999]}}, "limit": 1e999, "offset": -1e999}"#,
            ];
            for body in bodies {
                let shown: String = String::from_utf8_lossy(body).chars().take(40).collect();
                let asked = filled(path, "x");
                note(
                    format!("{method} {asked} {shown}"),
                    &server.ask(method, &asked, body),
                );
            }
        }
    }
    assert!(failed.is_empty(), "\n{failed}");
    assert_eq!(
        server
            .ask(
                "GET",
                "/api/catalog/entities/by-name/component/default/x",
                b""
            )
            .status,
        200
    );
}

//! Every route of the server's own table as everybody: nobody, a guest, a token
//! with the permission and tokens without it; and every route with nonsense in
//! every place. A new route is in the table, and so it is here.

use std::collections::{BTreeMap, BTreeSet};

use platform::actor::Verb;
use platform::http::{Access, RouteInfo, Surface};
use serde_json::json;

use crate::http::Answer;
use crate::program::{component, folder};
use crate::server::{Server, table};

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

fn token(server: &Server, name: &str, scope: &serde_json::Value) -> String {
    let body = json!({"name": name, "scope": scope}).to_string();
    let made = server.ask("POST", "/api/v1/actions/token:create", body.as_bytes());
    assert_eq!(made.status, 200, "{scope}: {}", made.text());
    made.json()["secret"].as_str().unwrap().to_owned()
}

fn ask(server: &Server, token: Option<&str>, method: &str, path: &str) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let host = server.address.clone();
    let mut head = vec![
        ("content-type", "application/json"),
        ("host", host.as_str()),
    ];
    head.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    server.ask_as(method, path, &head, b"")
}

/// Who may use a route: the name of the permission.
fn permission(route: &RouteInfo) -> Option<&'static str> {
    match route.access {
        Access::Needs(permission) => Some(permission.name),
        Access::Public(_) => None,
    }
}

/// The beginning of an answer, for messages.
fn start(answer: &Answer) -> String {
    answer.text().chars().take(300).collect()
}

/// What a route answers to nobody.
fn refuses_nobody(route: &RouteInfo, path: &str, answer: &Answer) {
    // A page leads to the sign-in and back.
    if route.surface == Surface::Page && route.method == "GET" {
        assert_eq!(answer.status, 303, "{path}: {}", start(answer));
        let to = answer.header("location").unwrap_or_default();
        assert!(to.starts_with("/sign-in?back="), "{path}: {to}");
        assert!(answer.body.is_empty(), "{path}: {}", start(answer));
        return;
    }
    assert!(
        matches!(answer.status, 401 | 403),
        "{} {path}: {} {}",
        route.method,
        answer.status,
        start(answer)
    );
    assert!(
        !answer.text().contains("backstage.io"),
        "{path}: {}",
        start(answer)
    );
}

/// A public route is there, and nothing makes it fail.
fn serves(route: &RouteInfo, path: &str, answer: &Answer) {
    // A route that is not there has an empty body.
    assert!(
        answer.status < 500 && (answer.status != 404 || !answer.body.is_empty()),
        "{} {path}: {} {}",
        route.method,
        answer.status,
        start(answer)
    );
}

fn admits(route: &RouteInfo, path: &str, answer: &Answer, whom: &str) {
    assert!(
        !matches!(answer.status, 401 | 403 | 500..)
            && answer
                .header("location")
                .is_none_or(|to| !to.starts_with("/sign-in?")),
        "{} {path} is closed to {whom}: {} {}",
        route.method,
        answer.status,
        start(answer)
    );
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    let to = answer.header("location").unwrap_or_default();
    answer.status == 303 && to.starts_with("/sign-in?back=")
}

fn refuses(route: &RouteInfo, path: &str, answer: &Answer, whom: &str) {
    assert_eq!(
        answer.status,
        403,
        "{} {path} is open to {whom}: {}",
        route.method,
        start(answer)
    );
}

#[test]
fn every_route_as_nobody() {
    let (_files, server) = world();
    for route in table() {
        let path = filled(&route.path, "none");
        let answer = ask(&server, None, route.method.as_str(), &path);
        match route.access {
            Access::Public(_) => serves(&route, &path, &answer),
            Access::Needs(_) => refuses_nobody(&route, &path, &answer),
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

/// With `--demo` whoever sits at this machine is a guest, who reads.
#[test]
fn every_route_as_a_guest() {
    let files = folder(&[]);
    let server = Server::start(files.path(), &["--demo"]);
    server.settled();
    for route in table() {
        let path = filled(&route.path, "none");
        let answer = ask(&server, None, route.method.as_str(), &path);
        match route.access {
            Access::Public(_) => serves(&route, &path, &answer),
            Access::Needs(needed) if needed.verb == Verb::Read => {
                admits(&route, &path, &answer, "a guest");
            }
            // A guest may become somebody by signing in.
            Access::Needs(_) => assert!(
                matches!(answer.status, 401 | 403)
                    || (route.surface == Surface::Page && leads_to_sign_in(&answer)),
                "{} {path} is open to a guest: {} {}",
                route.method,
                answer.status,
                start(&answer)
            ),
        }
    }
}

/// One token for each permission: it opens the routes that need it, and no others.
#[test]
fn every_route_with_and_without_its_permission() {
    let (_files, server) = world();
    let routes = table();
    let permissions: BTreeSet<&str> = routes.iter().filter_map(permission).collect();
    let tokens: BTreeMap<&str, String> = permissions
        .iter()
        .map(|name| (*name, token(&server, name, &json!([name]))))
        .collect();
    for route in &routes {
        let path = filled(&route.path, "none");
        for (held, token) in &tokens {
            let answer = ask(&server, Some(token), route.method.as_str(), &path);
            match permission(route) {
                None => serves(route, &path, &answer),
                Some(needed) if needed == *held => admits(route, &path, &answer, held),
                Some(_) => refuses(route, &path, &answer, held),
            }
        }
    }
}

/// Actions have one route together and each a permission of its own.
#[test]
fn every_action_with_and_without_its_permission() {
    let (_files, server) = world();
    let actions = server.items("/api/v1/actions");
    assert!(actions.len() > 5, "{actions:?}");
    let reads = token(
        &server,
        "reads nothing of this",
        &json!(["catalog.entity.validate"]),
    );
    for action in &actions {
        let name = action["name"].as_str().unwrap();
        let needed = action["permission"].as_str().unwrap();
        let able = token(&server, name, &json!([needed]));
        for way in ["", "/plan"] {
            let path = format!("/api/v1/actions/{name}{way}");
            let answer = ask(&server, None, "POST", &path);
            assert_eq!(answer.status, 401, "{path}: {}", answer.text());
            let answer = ask(&server, Some(&reads), "POST", &path);
            assert_eq!(answer.status, 403, "{path}: {}", answer.text());
            let answer = ask(&server, Some(&able), "POST", &path);
            assert!(
                !matches!(answer.status, 401 | 403 | 500..),
                "{path}: {}",
                answer.text()
            );
        }
        let seen = ask(&server, Some(&able), "GET", "/api/v1/actions").json();
        let seen = seen["items"].as_array().unwrap();
        assert!(
            seen.iter().all(|action| action["permission"] == needed),
            "{name}"
        );
        assert!(seen.contains(action), "{name}");
    }
}

#[test]
fn a_token_that_reads_changes_nothing() {
    let (_files, server) = world();
    let reader = token(&server, "reader", &json!("read"));
    let entity = server.json("/api/catalog/entities/by-name/component/default/x");
    let source = server.items("/api/v1/catalog/sources")[0]["id"].clone();
    for route in table() {
        let path = route
            .path
            .replace("{uid}", entity["metadata"]["uid"].as_str().unwrap())
            .replace("{id}", source.as_str().unwrap())
            .replace("{kind}", "component")
            .replace("{namespace}", "default")
            .replace("{name}", "x");
        let path = filled(&path, "none");
        let answer = ask(&server, Some(&reader), route.method.as_str(), &path);
        match route.access {
            Access::Public(_) => assert!(answer.status < 500, "{path}: {}", answer.status),
            Access::Needs(needed) if needed.verb == Verb::Read => {
                admits(&route, &path, &answer, "a reader");
            }
            Access::Needs(_) => refuses(&route, &path, &answer, "a reader"),
        }
    }
    let still = server.json("/api/catalog/entities/by-name/component/default/x");
    assert_eq!(still, entity, "a reader has changed an entity");
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
    for route in table() {
        let (method, path) = (route.method.as_str(), route.path.as_str());
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

//! Requests that are wrong: each is answered with what would be right, and
//! nothing makes the server fail.

use serde_json::{Value, json};

use crate::http::{Answer, exchange};
use crate::program::{component, folder};
use crate::server::Server;

fn world() -> (tempfile::TempDir, Server) {
    let files = folder(&[("x.yaml", &component("x"))]);
    let server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    (files, server)
}

/// One case per block: method, path below `/api` and body; then, behind `=`, the
/// answer as `status name: message | accepted | fix`. `␀` stands for U+0000.
const CASES: &str = include_str!("requests.txt");

#[test]
fn every_wrong_request_is_answered_with_what_would_be_right() {
    let (_files, server) = world();
    let mut wrong = String::new();
    let lines: Vec<&str> = CASES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(
        lines.len() > 100,
        "the table has shrunk to {} lines",
        lines.len()
    );
    for case in lines.chunks(2) {
        let (request, expected) = (case[0], case[1].strip_prefix("= ").unwrap());
        let (method, rest) = request.split_once(' ').unwrap();
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let said = summary(&server.ask(method, &format!("/api{path}"), body.as_bytes()));
        if said != expected {
            wrong.push_str(&format!(
                "--- {request}\nexpected: {expected}\nsaid:     {said}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// An error in one line.
fn summary(answer: &Answer) -> String {
    let error = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default()["error"].clone();
    let text = |field: &str| error[field].as_str().unwrap_or_default();
    let line = format!(
        "{} {}: {} | {} | {}",
        answer.status,
        text("name"),
        text("message"),
        text("accepted"),
        text("fix")
    );
    line.trim_end_matches([' ', '|'])
        .replace(" |  | ", " | | ")
        .replace('\0', "␀")
}

#[test]
fn an_answer_never_repeats_a_megabyte_of_its_question() {
    let (_files, server) = world();
    let long = "x".repeat(2_000_000);
    let mut wrong = String::new();
    for (path, body) in [
        (
            "/api/catalog/entities/by-refs",
            json!({"entityRefs": [long]}),
        ),
        ("/api/catalog/refresh", json!({"entityRef": long})),
        (
            "/api/catalog/locations",
            json!({"type": long, "target": "x"}),
        ),
        (
            "/api/catalog/locations?dryRun=true",
            json!({"type": "url", "target": long}),
        ),
        (
            "/api/catalog/entities/by-query",
            json!({"query": {"$all": [{long.as_str(): {"$nope": long}}]}}),
        ),
        ("/api/catalog/entities/by-query", json!({"cursor": long})),
        ("/api/v1/actions/token:create", json!({"name": long})),
    ] {
        let answer = server.ask("POST", path, body.to_string().as_bytes());
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        if answer.body.len() > 10_000 {
            let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
            wrong.push_str(&format!(
                "{path} {fields:?} answers {} bytes\n",
                answer.body.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_body_that_is_too_large_is_refused_with_the_limit() {
    let (_files, server) = world();
    let body = vec![b' '; 10 * 1024 * 1024 + 1];
    for (method, path) in [
        ("POST", "/api/catalog/entities/by-refs"),
        ("POST", "/api/catalog/locations"),
        ("PUT", "/api/catalog/locations/x"),
        ("POST", "/api/v1/actions/token:create"),
        ("POST", "/webhooks/github"),
    ] {
        let answer = server.ask(method, path, &body);
        assert_eq!(answer.status, 413, "{method} {path}: {}", answer.text());
        let error = answer.json()["error"].clone();
        assert_eq!(
            error["message"], "The request's body is larger than 10 MiB",
            "{method} {path}"
        );
        assert_eq!(error["accepted"], "at most 10 MiB", "{method} {path}");
    }
}

#[test]
fn requests_that_are_no_http_are_refused() {
    let (_files, server) = world();
    let many: String = (0..300).map(|at| format!("x-{at}: y\r\n")).collect();
    let long = "y".repeat(1_000_000);
    let path = "x".repeat(70_000);
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        (
            "300 headers",
            format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").into(),
            431,
        ),
        (
            "a header of a megabyte",
            format!("GET / HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n").into(),
            431,
        ),
        (
            "a path of 70,000 letters",
            format!("GET /{path} HTTP/1.1\r\nhost: x\r\n\r\n").into(),
            414,
        ),
        (
            "a NUL in the path",
            b"GET /api/\0 HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
            400,
        ),
        (
            "a NUL in a header",
            b"GET / HTTP/1.1\r\nhost: x\r\nx: \0\r\n\r\n".to_vec(),
            400,
        ),
        ("a later version", b"GET / HTTP/9.9\r\n\r\n".to_vec(), 400),
        (
            "TLS",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
            400,
        ),
        (
            "two lengths",
            b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"
                .to_vec(),
            400,
        ),
    ];
    for (name, request, status) in cases {
        let answer =
            exchange(&server.address, &request).unwrap_or_else(|cause| panic!("{name}: {cause}"));
        assert_eq!(answer.status, status, "{name}");
    }
    assert_eq!(
        server.ask("GET", "/healthz", b"").status,
        200,
        "the server has suffered"
    );
}

#[test]
fn odd_headers_change_nothing() {
    let (_files, server) = world();
    let bearer = format!("Bearer {}", server.token);
    let long = "x".repeat(20_000);
    let cookies = "a=b; ".repeat(2_000);
    for (name, value) in [
        ("accept", "application/xml"),
        ("accept", "nonsense"),
        ("accept-language", long.as_str()),
        ("accept-encoding", "zstd, lzma, *;q=nonsense"),
        ("content-type", "text/plain; charset=ebcdic"),
        ("cookie", cookies.as_str()),
        ("x-request-id", long.as_str()),
        ("if-none-match", "nonsense"),
        ("range", "bytes=9999999-"),
        ("x-forwarded-for", "nonsense, ::1, 1.2.3.4.5"),
        ("host", "[::1"),
    ] {
        let head = [("authorization", bearer.as_str()), (name, value)];
        let answer = server.ask_as("GET", "/api/catalog/entities", &head, b"");
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert!(answer.text().contains("Component"), "{name}");
    }
    for credentials in [
        "",
        "Bearer ",
        "Bearer x.y.z",
        "Bearer \u{e9}",
        "Bearer a b",
        "Basic YTpi",
        "Negotiate x",
        long.as_str(),
    ] {
        let answer = server.ask_as(
            "GET",
            "/api/catalog/entities",
            &[("authorization", credentials)],
            b"",
        );
        assert_eq!(answer.status, 401, "{credentials:?}: {}", answer.text());
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert!(!answer.text().contains("YTpi"), "a credential is repeated");
    }
}

#[test]
fn a_method_that_a_path_does_not_have_is_405_with_those_it_has() {
    let (_files, server) = world();
    for (method, path, allowed) in [
        ("PUT", "/api/catalog/entities", "GET,HEAD"),
        ("DELETE", "/api/catalog/entities", "GET,HEAD"),
        ("GET", "/api/catalog/refresh", "POST"),
        ("BREW", "/api/catalog/entities", "GET,HEAD"),
        ("PATCH", "/api/catalog/locations", "GET,HEAD,POST"),
    ] {
        let answer = server.ask(method, path, b"");
        assert_eq!(answer.status, 405, "{method} {path}");
        let mut methods: Vec<&str> = answer
            .header("allow")
            .unwrap_or_default()
            .split([',', ' '])
            .collect();
        methods.retain(|method| !method.is_empty());
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{method} {path}");
    }
}

#[test]
fn json_of_the_catalog_is_labelled_as_backstage_labels_it() {
    let (_files, server) = world();
    let register = br#"{"type": "url", "target": "http://127.0.0.1:9/x.yaml"}"#;
    for (method, path, body) in [
        ("GET", "/api/catalog/entities", &b""[..]),
        ("GET", "/api/catalog/entities/by-query", b""),
        ("GET", "/api/catalog/locations", b""),
        ("POST", "/api/catalog/locations", register),
        (
            "POST",
            "/api/catalog/locations?onConflict=refresh",
            register,
        ),
        ("GET", "/api/catalog/entities/by-name/a/b/c", b""),
    ] {
        let answer = server.ask(method, path, body);
        assert_eq!(
            answer.header("content-type"),
            Some("application/json; charset=utf-8"),
            "{method} {path}"
        );
    }
}

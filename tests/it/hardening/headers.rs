use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use platform::http::Surface;

use super::{filled, server};
use crate::http::{Answer, exchange, request};
use crate::server::{Server, table};

/// What every answer carries, whoever asks for whatever.
fn is_secured(answer: &Answer, what: &str, page: bool) {
    let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    assert!(
        policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert!(page || !policy.contains("script-src"), "{what}: {policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(header(name), value, "{what}: {name}");
    }
    assert!(header("permissions-policy").contains("camera=()"), "{what}");
    assert!(!header("cache-control").is_empty(), "{what} may be kept");
    assert_eq!(answer.header("server"), None, "{what} names the server");
}

fn is_private(answer: &Answer, what: &str) {
    let kept = answer.header("cache-control").unwrap_or_default();
    // Backstage's streams say `no-cache`: whoever keeps them asks each time.
    assert!(
        ["no-store", "private", "no-cache"]
            .iter()
            .any(|word| kept.contains(word)),
        "{what} may be kept by others: {kept:?}"
    );
}

/// The head of an answer that does not end.
fn head_of(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let bearer = format!("Bearer {}", server.token);
    let head = [
        ("authorization", bearer.as_str()),
        ("accept", "text/event-stream"),
    ];
    stream.write_all(&request("GET", path, &head, b"")).unwrap();
    let mut read = Vec::new();
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 512];
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "the stream ended");
        read.extend_from_slice(&piece[..length]);
    }
    String::from_utf8_lossy(&read).to_ascii_lowercase()
}

#[test]
fn every_answer_carries_the_security_headers() {
    let (_files, server) = server("  baseUrl: https://portway.example\n");
    for route in table() {
        let path = filled(&route.path);
        let method = route.method.as_str();
        let page = route.surface == Surface::Page;
        let what = format!("{method} {path}");
        // Streams are looked at below.
        if !path.ends_with("/events") {
            let answer = server.ask(method, &path, b"");
            is_secured(&answer, &what, page);
            is_private(&answer, &what);
        }
        let nobody = server.ask_as(method, &path, &[], b"");
        is_secured(&nobody, &format!("{what} as nobody"), page);
    }
    for path in ["/api/v1/events", "/api/v1/catalog/events"] {
        let head = head_of(&server, path);
        assert!(head.contains("text/event-stream"), "{head}");
        for wanted in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
        ] {
            assert!(head.contains(wanted), "{path}: {wanted} is not in {head}");
        }
    }
}

#[test]
fn what_no_route_answers_carries_them_too() {
    let (_files, server) = server("  baseUrl: https://portway.example\n");
    let long = "x".repeat(20_000);
    let wide = "y".repeat(40_000);
    for (what, status, answer) in [
        ("no page", 404, server.ask("GET", "/nowhere", b"")),
        ("no route", 404, server.ask("GET", "/api/nowhere", b"")),
        ("no asset", 404, server.ask("GET", "/assets/x/y.css", b"")),
        ("a method", 405, server.ask("PATCH", "/catalog", b"")),
        (
            "a long address",
            414,
            server.ask("GET", &format!("/catalog?x={long}"), b""),
        ),
        (
            "a wide head",
            431,
            server.ask_as("GET", "/catalog", &[("x-wide", &wide)], b""),
        ),
        (
            "a wrong token",
            401,
            server.ask_as(
                "GET",
                "/api/catalog/entities",
                &[("authorization", "Bearer wrong")],
                b"",
            ),
        ),
        (
            "a wrong body",
            400,
            server.ask("POST", "/api/catalog/entities/by-refs", b"{"),
        ),
    ] {
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        is_secured(&answer, what, true);
    }
    let page = server.ask("GET", "/", b"");
    let text = page.text();
    let assets: Vec<&str> = text
        .split('"')
        .filter(|word| word.starts_with("/assets/") && !word.contains('#'))
        .collect();
    assert!(assets.len() > 2, "{assets:?}");
    for asset in assets {
        let answer = server.ask("GET", asset, b"");
        assert_eq!(answer.status, 200, "{asset}");
        is_secured(&answer, asset, false);
    }
}

#[test]
fn browsers_are_told_to_use_https_only_where_people_do() {
    let (_files, server) = server("  baseUrl: http://portway.example\n");
    let head = [("host", "portway.example")];
    let answer = exchange(&server.address, &request("GET", "/healthz", &head, b"")).unwrap();
    assert_eq!(answer.header("strict-transport-security"), None);
}

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::server;
use crate::http::{Answer, exchange, request};
use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(30);

fn bearer(server: &Server) -> String {
    format!("authorization: Bearer {}", server.token)
}

/// Sends the beginning of a request and leaves the connection open.
fn begin(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// What is answered until the connection ends.
fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// A POST whose body of ten bytes stops after five.
fn half(server: &Server) -> TcpStream {
    let head = format!(
        "POST /api/catalog/refresh HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{}\r\ncontent-length: 10\r\n\r\n12345",
        bearer(server)
    );
    begin(server, &head)
}

fn refused(answer: &Answer, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let error = answer.json()["error"].clone();
    assert_eq!(error["message"], message);
    for field in ["accepted", "fix"] {
        assert!(error[field].is_string(), "{status} without `{field}`");
    }
}

#[test]
fn what_is_too_large_is_refused_with_the_limit() {
    let (_files, server) = server(
        "  limits: {headBytes: 4096, urlBytes: 1024, bodyBytes: 2048, signInBytes: 1024, jsonDepth: 10}\n",
    );
    let long = "x".repeat(1_100);
    refused(
        &server.ask("GET", &format!("/api/catalog/entities?x={long}"), b""),
        414,
        "The address is longer than 1024 bytes",
    );
    let wide = "y".repeat(5_000);
    refused(
        &server.ask_as("GET", "/api/catalog/entities", &[("x-wide", &wide)], b""),
        431,
        "The headers are larger than 4096 bytes",
    );
    let body = vec![b' '; 2_049];
    let path = "/api/catalog/entities/by-refs";
    let message = "The request's body is larger than 2 KiB";
    refused(&server.ask("POST", path, &body), 413, message);
    // A body that does not say how long it is.
    let chunk = format!("801\r\n{}\r\n0\r\n\r\n", " ".repeat(0x801));
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{}\r\ntransfer-encoding: chunked\r\n\r\n{chunk}",
        bearer(&server)
    );
    refused(
        &exchange(&server.address, head.as_bytes()).unwrap(),
        413,
        message,
    );
    let deep = format!("{}{}", "[".repeat(11), "]".repeat(11));
    refused_without_fix(&server.ask("POST", path, deep.as_bytes()));
    let sign_in = server.ask_as("POST", "/api/auth/guest/start", &[], &body);
    refused(&sign_in, 413, "The request's body is larger than 1 KiB");
    let packed = request(
        "POST",
        path,
        &[
            ("authorization", &format!("Bearer {}", server.token)),
            ("content-encoding", "gzip"),
        ],
        b"\x1f\x8b",
    );
    refused(
        &exchange(&server.address, &packed).unwrap(),
        415,
        "The body is compressed (\"gzip\"), which is not read",
    );
}

fn refused_without_fix(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    let error = answer.json()["error"].clone();
    assert_eq!(
        error["message"],
        "The JSON of the body is nested deeper than 10 levels"
    );
}

#[test]
fn a_head_or_a_body_that_does_not_arrive_holds_no_connection() {
    let (_files, server) = server("  limits: {headTimeout: 500ms, bodyTimeout: 500ms}\n");
    let slow = rest(half(&server));
    assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
    assert!(slow.contains("did not arrive within"), "{slow}");
    assert!(slow.contains("bodyTimeout"), "{slow}");
    let head = begin(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\n");
    assert_eq!(rest(head), "", "a head that never ends is not answered");
    let nothing = begin(&server, "");
    assert_eq!(rest(nothing), "");
    assert_eq!(server.ask("GET", "/healthz", b"").status, 200);
}

#[test]
fn a_request_that_takes_too_long_is_given_up() {
    let (_files, server) = server("  limits: {requestTimeout: 500ms, bodyTimeout: 1h}\n");
    let given_up = rest(half(&server)).to_ascii_lowercase();
    assert!(given_up.starts_with("http/1.1 503 "), "{given_up}");
    assert!(given_up.contains("retry-after: 1"), "{given_up}");
    assert!(given_up.contains("requesttimeout"), "{given_up}");
    let metrics = server.ask("GET", "/metrics", b"").text();
    assert!(
        metrics.contains("portway_http_timed_out_total 1"),
        "{metrics}"
    );
}

#[test]
fn more_work_than_there_may_be_is_refused_at_once_and_probes_are_answered() {
    let (_files, server) = server("  limits: {concurrentRequests: 1}\n");
    let held = half(&server);
    let busy = (0..10_000)
        .map(|_| server.ask("GET", "/api/catalog/entities", b""))
        .find(|answer| answer.status != 200)
        .expect("the request that is worked on is not counted");
    refused(&busy, 503, "Portway works on as many requests as it can");
    assert_eq!(busy.header("retry-after"), Some("1"));
    for probe in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.ask("GET", probe, b"").status, 200, "{probe}");
    }
    drop(held);
    server.wait_for("/healthz", |_| true);
    let served = (0..10_000).any(|_| server.ask("GET", "/api/catalog/entities", b"").status == 200);
    assert!(served, "the place was not given back");
}

#[test]
fn one_address_holds_only_so_many_connections() {
    let (_files, server) = server("  limits: {connectionsPerAddress: 3}\n");
    let held: Vec<TcpStream> = (0..3).map(|_| begin(&server, "GET ")).collect();
    let refused = (0..10_000)
        .map(|_| rest(begin(&server, "")))
        .find(|text| !text.is_empty())
        .unwrap();
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("connectionsPerAddress"), "{refused}");
    drop(held);
    let served = (0..10_000).any(|_| {
        let answer = exchange(&server.address, &request("GET", "/healthz", &[], b""));
        answer.is_ok_and(|answer| answer.status == 200)
    });
    assert!(served, "the places were not given back");
}

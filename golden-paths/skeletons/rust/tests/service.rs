{% set needed = ['DATABASE_URL'] if values.database == 'postgresql' else [] %}
{% set needed = needed.concat(['REDIS_URL']) if values.cache == 'redis' else needed %}
{% set needed = needed.concat(['AMQP_URL']) if values.queue == 'rabbitmq' else needed %}
//! The service as a process, with what it really talks to.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

const NEEDED: &[&str] = &${{ needed | dump | replace('","', '", "') }};

/// Status line, headers and body of one request on a connection of its own.
fn call(port: u16, method: &str, path: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn body(answer: &str) -> serde_json::Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn from_start_to_end() {
    for name in NEEDED {
        if std::env::var_os(name).is_none() {
            println!("skipped: {name} is not set");
            return;
        }
    }
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = free.expect("a free port").port();
    let mut service = Command::new(env!("CARGO_BIN_EXE_service"))
        .env("PORT", port.to_string())
        .spawn()
        .expect("the service starts");
    let began = Instant::now();
    while !call(port, "GET", "/readyz", "").is_some_and(|answer| answer.contains(" 200 ")) {
        assert!(began.elapsed() < Duration::from_secs(30), "it is not ready");
        std::thread::sleep(Duration::from_millis(50));
    }

    let made = call(port, "POST", "/api/v1/notes", r#"{"text": "remember"}"#).expect("an answer");
    assert!(made.contains(" 201 "), "{made}");
    let note = body(&made);
    let path = format!("/api/v1/notes/{}", note["id"].as_str().expect("an id"));
    for _ in 0..2 {
        let read = call(port, "GET", &path, "").expect("an answer");
        assert_eq!(body(&read)["text"], "remember");
    }

    let id = service.id().to_string();
    Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .expect("kill");
    assert!(
        service.wait().expect("an end").success(),
        "it does not end in peace"
    );
}

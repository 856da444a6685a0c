//! Events that are sent on: once at least, in order, nothing lost.

use std::sync::{Arc, Mutex};

use audit::{Format, Settings, SinkSettings, Target};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, UdpSocket};

use crate::world::{On, World, append, event, on_both_databases};

const MADE: &str = "dev.portway.test.made";

fn sink(name: &str, format: Format, target: Target) -> SinkSettings {
    SinkSettings {
        name: name.to_owned(),
        format,
        types: vec!["dev.portway.test.*".to_owned()],
        target,
    }
}

async fn some(world: &World, from: usize, count: usize) {
    let events = (from..from + count).map(|n| event(MADE, &n.to_string(), json!({})));
    append(&world.db, events.collect()).await;
}

async fn a_file_gets_every_event_once_in_order(on: On) {
    let world = World::new(on, |data| Settings {
        sinks: vec![sink(
            "file",
            Format::JsonLines,
            Target::File(data.join("sink/audit.jsonl")),
        )],
        ..Settings::default()
    })
    .await;
    world.work();
    some(&world, 0, 450).await;
    some(&world, 450, 3).await;
    let path = world.data.path().join("sink/audit.jsonl");
    let read = || std::fs::read_to_string(&path).unwrap_or_default();
    world
        .until("the file has them", |_| async {
            read().lines().count() >= 453
        })
        .await;
    let subjects: Vec<String> = read()
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["subject"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    let wanted: Vec<String> = (0..453).map(|n: usize| n.to_string()).collect();
    assert_eq!(subjects, wanted);
}

/// What a webhook was told, and how often it says no first.
#[derive(Clone, Default)]
struct Receiver {
    told: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    refusals: Arc<Mutex<usize>>,
}

async fn a_webhook_that_fails_gets_them_again(on: On) {
    let receiver = Receiver::default();
    *receiver.refusals.lock().expect("a lock") = 1;
    let shared = receiver.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = Router::new().route(
        "/in",
        post(move |headers: HeaderMap, body: String| {
            let receiver = shared.clone();
            async move {
                let mut left = receiver.refusals.lock().expect("a lock");
                if *left > 0 {
                    *left -= 1;
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                receiver.told.lock().expect("a lock").push((headers, body));
                StatusCode::OK
            }
        }),
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    let url = format!("http://{address}/in").parse().expect("an address");
    let secret = forge::Secret::new("a shared secret");
    let world = World::new(on, |_| Settings {
        sinks: vec![sink("siem", Format::Ocsf, Target::Webhook { url, secret })],
        ..Settings::default()
    })
    .await;
    world.work();
    some(&world, 0, 3).await;
    let error = || async {
        let state = world.json("/api/v1/audit/state").await;
        state["sinks"][0]["lastError"]
            .as_str()
            .is_some_and(|text| text.contains("503"))
    };
    world.until("it has failed once", |_| error()).await;
    // The pause passes, and it gets all of them.
    world.clock.advance(std::time::Duration::from_secs(3_600));
    let told = || receiver.told.lock().expect("a lock").clone();
    world
        .until("it is told", |_| async { !told().is_empty() })
        .await;
    let (headers, body) = told()[0].clone();
    assert_eq!(body.lines().count(), 3);
    assert!(
        headers["x-portway-signature-256"]
            .to_str()
            .is_ok_and(|text| text.starts_with("sha256="))
    );
    assert_eq!(headers["content-type"], "application/x-ndjson");
}

async fn syslog_speaks_both_transports(on: On) {
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address =
        |address: std::io::Result<std::net::SocketAddr>| address.expect("an address").to_string();
    let (tcp_at, udp_at) = (address(tcp.local_addr()), address(udp.local_addr()));
    let world = World::new(on, |_| Settings {
        sinks: vec![
            sink(
                "tcp",
                Format::Cef,
                Target::Syslog {
                    address: tcp_at,
                    tcp: true,
                },
            ),
            sink(
                "udp",
                Format::Cef,
                Target::Syslog {
                    address: udp_at,
                    tcp: false,
                },
            ),
        ],
        ..Settings::default()
    })
    .await;
    world.work();
    some(&world, 0, 1).await;
    let (mut stream, _) = tcp.accept().await.expect("a connection");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("a message");
    let (length, message) = text.split_once(' ').expect("octets in front");
    assert_eq!(length.parse::<usize>().ok(), Some(message.len()));
    assert!(
        message
            .starts_with("<110>1 2026-01-02T03:04:05Z - portway - dev.portway.test.made - CEF:0|"),
        "{message}"
    );
    let mut datagram = vec![0; 65_536];
    let size = udp.recv(&mut datagram).await.expect("a datagram");
    assert_eq!(std::str::from_utf8(&datagram[..size]).ok(), Some(message));
}

on_both_databases!(
    a_file_gets_every_event_once_in_order,
    a_webhook_that_fails_gets_them_again,
    syslog_speaks_both_transports,
);

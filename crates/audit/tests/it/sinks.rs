//! Events that are sent on: once at least, in order, nothing lost.

use std::sync::{Arc, Mutex};

use audit::{Format, Settings, SinkSettings, Target, Tls, Transport, Webhook};
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

/// What a webhook was told.
struct Receiver {
    told: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    url: url::Url,
}

impl Receiver {
    /// Listens, and says no so often first.
    async fn start(refusals: usize) -> Self {
        let told: Arc<Mutex<Vec<(HeaderMap, String)>>> = Arc::default();
        let left = Arc::new(Mutex::new(refusals));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::clone(&told);
        let app = Router::new().route(
            "/in",
            post(move |headers: HeaderMap, body: String| {
                let (left, told) = (Arc::clone(&left), Arc::clone(&shared));
                async move {
                    let mut left = left.lock().expect("a lock");
                    if *left > 0 {
                        *left -= 1;
                        return StatusCode::SERVICE_UNAVAILABLE;
                    }
                    told.lock().expect("a lock").push((headers, body));
                    StatusCode::OK
                }
            }),
        );
        tokio::spawn(async move { axum::serve(listener, app).await });
        let url = format!("http://{address}/in").parse().expect("an address");
        Self { told, url }
    }
}

async fn a_webhook_that_fails_gets_them_again(on: On) {
    // Twice, since an event in the middle of the first try has it tried again
    // at once.
    let receiver = Receiver::start(2).await;
    let url = receiver.url.clone();
    let secret = forge::Secret::new("a shared secret");
    let world = World::new(on, |_| Settings {
        sinks: vec![sink(
            "siem",
            Format::Ocsf,
            Target::Webhook(Webhook { url, secret }),
        )],
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
    // The pauses pass, and it gets all of them.
    let told = || receiver.told.lock().expect("a lock").clone();
    let clock = &world.clock;
    world
        .until("it is told", |_| async move {
            clock.advance(std::time::Duration::from_secs(3_600));
            !told().is_empty()
        })
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
                    transport: Transport::Tcp,
                },
            ),
            sink(
                "udp",
                Format::Cef,
                Target::Syslog {
                    address: udp_at,
                    transport: Transport::Udp,
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

/// A file of the tests.
fn data(name: &str) -> std::path::PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/data");
    std::path::Path::new(folder).join(name)
}

/// A server that shows the certificate of the tests, and wants one of its
/// clients that the same authority has signed.
fn acceptor() -> tokio_rustls::TlsAcceptor {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let read = |name: &str| CertificateDer::from_pem_file(data(name)).expect("a certificate");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(read("ca.pem")).expect("an authority");
    let clients = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .expect("a verifier");
    let key = PrivateKeyDer::from_pem_file(data("server.key")).expect("a key");
    let config = rustls::ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![read("server.pem")], key)
        .expect("a configuration");
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

async fn syslog_speaks_tls(on: On) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = tcp.local_addr().expect("an address").to_string();
    let tls = |authority: Option<&str>| {
        Transport::Tls(Tls {
            authority: authority.map(data),
            own: Some((data("server.pem"), data("server.key"))),
        })
    };
    let to = |name: &str, authority: Option<&str>| {
        let (address, transport) = (address.clone(), tls(authority));
        sink(name, Format::Cef, Target::Syslog { address, transport })
    };
    let world = World::new(on, |_| Settings {
        sinks: vec![to("trusting", Some("ca.pem")), to("wary", None)],
        ..Settings::default()
    })
    .await;
    world.work();
    some(&world, 0, 2).await;
    let heard: Arc<Mutex<String>> = Arc::default();
    let listening = Arc::clone(&heard);
    tokio::spawn(async move {
        let acceptor = acceptor();
        while let Ok((stream, _)) = tcp.accept().await {
            // The one that does not know the authority goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut text = String::new();
            // An end without a farewell would be an error.
            if stream.read_to_string(&mut text).await.is_ok() {
                listening.lock().expect("a lock").push_str(&text);
            }
        }
    });
    let text = || heard.lock().expect("a lock").clone();
    world
        .until("the trusting one is heard", |_| async {
            !text().is_empty()
        })
        .await;
    let text = text();
    let (length, rest) = text.split_once(' ').expect("octets in front");
    let (first, second) = rest.split_at(length.parse().expect("a number"));
    assert!(
        first.starts_with("<110>1 2026-01-02T03:04:05Z - portway - dev.portway.test.made - CEF:0|"),
        "{first}"
    );
    assert!(second.contains(" <110>1 "), "{second}");
    let wary = || async {
        let state = world.json("/api/v1/audit/state").await;
        state["sinks"][1]["lastError"]
            .as_str()
            .is_some_and(|text| text.contains("certificate"))
    };
    world.until("the wary one says why", |_| wary()).await;
}

async fn checkpoints_are_told_to_a_receiver(on: On) {
    let receiver = Receiver::start(0).await;
    let webhook = Webhook {
        url: receiver.url.clone(),
        secret: forge::Secret::new("between us"),
    };
    let world = World::new(on, |_| Settings {
        every: 2,
        checkpoint_webhook: Some(webhook),
        ..Settings::default()
    })
    .await;
    some(&world, 0, 3).await;
    world.work();
    let told = || receiver.told.lock().expect("a lock").clone();
    world
        .until("it is told", |_| async { !told().is_empty() })
        .await;
    let (headers, body) = told()[0].clone();
    assert!(headers.contains_key("x-portway-signature-256"));
    let line: Value = serde_json::from_str(body.lines().next().expect("a line")).expect("JSON");
    let checkpoint = audit::checkpoint::Checkpoint::from_json(&line).expect("a checkpoint");
    // What is told elsewhere is proof: the log is compared with it.
    let trust = audit::Trust::keys([checkpoint.key]);
    let report = audit::verify::log(&world.db, audit::Span::default(), &trust, &[checkpoint])
        .await
        .expect("a report");
    assert!(report.is_intact(), "{report:?}");
}

on_both_databases!(
    syslog_speaks_tls,
    checkpoints_are_told_to_a_receiver,
    a_file_gets_every_event_once_in_order,
    a_webhook_that_fails_gets_them_again,
    syslog_speaks_both_transports,
);

//! What the HTTP client refuses and limits.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use forge::http::{
    Access, AllowedHost, Client, Error, Limits, Names, Options, PrivateHost, Request,
};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::json;
use url::Url;

use crate::support::forge_server::{Fault, ForgeServer};
use crate::support::install_crypto;

/// A name server that says at each look-up what it was told to say, the last
/// thing for ever.
#[derive(Debug, Default)]
struct Told {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Told {
    fn new(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let told = Self::default();
        for (name, answers) in names {
            let answers = answers.iter().map(|addresses| {
                let addresses = addresses.iter();
                addresses.map(|text| text.parse().expect(text)).collect()
            });
            told.answers
                .lock()
                .insert((*name).to_owned(), answers.collect());
        }
        Arc::new(told)
    }
}

impl Names for Told {
    fn find(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.asked.lock().push(host.to_owned());
        let mut answers = self.answers.lock();
        let left = answers.entry(host.to_owned()).or_default();
        let answer = match left.len() {
            0 | 1 => left.front().cloned(),
            _ => left.pop_front(),
        };
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn client(access: Access) -> Client {
    with_limits(access, Limits::default())
}

fn with_limits(access: Access, limits: Limits) -> Client {
    install_crypto();
    Client::new(Options {
        access,
        limits,
        names: None,
    })
    .expect("client")
}

fn get(url: &str) -> Request {
    Request::get(Url::parse(url).expect("url"))
}

#[tokio::test]
async fn inner_addresses_are_refused_however_they_are_written() {
    let client = client(Access::public(Vec::new()));
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00::1]/",
        "http://100.64.0.1/",
        "http://0177.0.0.1/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://224.0.0.1/",
        "http://\u{ff11}27.0.0.1/",
        // A name, resolved by the machine.
        "http://localhost/",
    ] {
        let error = client.send(get(url)).await.expect_err(url);
        assert!(matches!(error, Error::Forbidden { .. }), "{url}: {error}");
    }
    let error = client
        .send(get("http://169.254.169.254/"))
        .await
        .expect_err("metadata");
    assert_eq!(
        error.to_string(),
        "`169.254.169.254` is 169.254.169.254, a link-local address (cloud metadata services use these); such addresses are refused. If this host is meant, add it to `backend.reading.allow`, `integrations` or `backend.outgoing.allowPrivate` by its address, not by a name"
    );
}

#[tokio::test]
async fn a_name_that_resolves_to_an_inner_address_is_refused() {
    install_crypto();
    let names = Told::new(&[
        ("rebound.example", &[&["127.0.0.1"]]),
        ("metadata.example", &[&["169.254.169.254"]]),
    ]);
    let access = Access::public(vec![AllowedHost::listed("metadata.example")]);
    let client = Client::new(Options {
        access,
        names: Some(names),
        limits: Limits::default(),
    })
    .expect("client");
    let error = client
        .send(get("http://rebound.example/"))
        .await
        .expect_err("inner");
    assert!(
        matches!(&error, Error::Forbidden { host, .. } if host == "rebound.example"),
        "{error}"
    );
    // Even a listed name does not lead to the metadata service.
    let error = client
        .send(get("http://metadata.example/"))
        .await
        .expect_err("metadata");
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
}

#[tokio::test]
async fn a_name_that_moves_between_two_requests_is_judged_by_what_is_connected_to() {
    install_crypto();
    let server = ForgeServer::start().await;
    server.file("/x", "hello");
    let port = server.host.rsplit(':').next().expect("port");
    let names = Told::new(&[(
        "rebinding.example",
        &[
            &["127.0.0.1"],
            &["169.254.169.254"],
            &["169.254.169.254", "127.0.0.1"],
        ],
    )]);
    let listed = AllowedHost::listed(&format!("rebinding.example:{port}"));
    let ask = async || {
        // A client of its own, so that no connection is used again.
        let client = Client::new(Options {
            access: Access::listed(vec![listed.clone()]),
            names: Some(names.clone()),
            limits: Limits::default(),
        });
        let url = format!("http://rebinding.example:{port}/x");
        client.expect("client").send(get(&url)).await
    };
    assert_eq!(ask().await.expect("inner").status, 200);
    let error = ask().await.expect_err("metadata");
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    let both = ask().await.expect("the allowed one of two addresses");
    assert_eq!(both.status, 200);
    assert_eq!(
        names.asked.lock().len(),
        3,
        "what was checked is what is connected to: one look-up for each connection"
    );
}

#[tokio::test]
async fn what_may_be_private_is_private_and_nothing_else() {
    install_crypto();
    let server = ForgeServer::start().await;
    server.file("/x", "hello");
    let port = server.host.rsplit(':').next().expect("port");
    let names = Told::new(&[
        ("known.example", &[&["127.0.0.1"]]),
        ("other.example", &[&["10.20.0.1"]]),
    ]);
    let ask = async |host: &str, private: serde_json::Value| {
        let (private, problems) = PrivateHost::from_config(&private);
        assert_eq!(problems, Vec::<String>::new());
        let hosts = ["known.example", "other.example"]
            .map(|name| AllowedHost::public(&format!("{name}:{port}")));
        let client = Client::new(Options {
            access: Access::listed(hosts.to_vec()).with_private(private),
            names: Some(names.clone()),
            limits: Limits::default(),
        });
        let url = format!("http://{host}:{port}/x");
        client.expect("client").send(get(&url)).await
    };
    let refused = ask("known.example", json!([])).await.expect_err("private");
    assert!(
        refused
            .to_string()
            .contains("backend.outgoing.allowPrivate"),
        "{refused}"
    );
    for private in [json!(["known.example"]), json!(["127.0.0.0/8"])] {
        let answer = ask("known.example", private.clone())
            .await
            .expect("allowed");
        assert_eq!(answer.status, 200);
        let error = ask("other.example", private).await.expect_err("another");
        assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_user_in_the_address_hides_no_host() {
    let client = client(Access::listed(vec![AllowedHost::listed("good.example")]));
    for url in [
        "http://good.example@127.0.0.1/",
        "http://good.example:80@169.254.169.254/",
        "http://127.0.0.1#@good.example/",
        "http://127.0.0.1\\@good.example/",
        "http://good.example.127.0.0.1.nip.test/",
        "http://good.example%2f@127.0.0.1/",
        "gopher://good.example/",
    ] {
        let Ok(url) = Url::parse(url) else { continue };
        let error = client.send(Request::get(url.clone())).await;
        let error = error.expect_err(url.as_str());
        assert!(
            matches!(error, Error::BadUrl { .. } | Error::NotAllowed { .. }),
            "{url}: {error}"
        );
    }
}

#[tokio::test]
async fn a_listed_name_may_be_on_an_inner_network() {
    install_crypto();
    let server = ForgeServer::start().await;
    server.file("/x", "hello");
    let port = server.host.rsplit(':').next().expect("port");
    let names = Told::new(&[("inner.example", &[&["127.0.0.1"]])]);
    let access = Access::listed(vec![AllowedHost::listed(&format!("inner.example:{port}"))]);
    let client = Client::new(Options {
        access,
        names: Some(names),
        limits: Limits::default(),
    })
    .expect("client");
    let answer = client
        .send(get(&format!("http://inner.example:{port}/x")))
        .await
        .expect("answer");
    assert_eq!(
        (answer.status, answer.body.as_ref()),
        (200, b"hello".as_slice())
    );
    // The same name on another port is another thing.
    let error = client
        .send(get("http://inner.example:1/x"))
        .await
        .expect_err("port");
    assert!(matches!(error, Error::NotAllowed { .. }), "{error}");
}

#[tokio::test]
async fn redirects_are_checked_like_the_first_request() {
    let server = ForgeServer::start().await;
    server.file("/end", "hello");
    let client = client(Access::public(vec![AllowedHost::listed(&server.host)]));
    server.fail(
        "/metadata",
        [Fault::Redirect(
            302,
            "http://169.254.169.254/latest/".to_owned(),
        )],
    );
    let error = client
        .send(get(&server.url("/metadata")))
        .await
        .expect_err("metadata");
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    server.fail(
        "/hidden",
        [Fault::Redirect(302, "http://0xa9fea9fe/latest/".to_owned())],
    );
    let error = client
        .send(get(&server.url("/hidden")))
        .await
        .expect_err("metadata in hexadecimal");
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    server.fail(
        "/localhost",
        [Fault::Redirect(307, "http://localhost:1/".to_owned())],
    );
    let error = client
        .send(get(&server.url("/localhost")))
        .await
        .expect_err("localhost");
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    server.fail(
        "/file",
        [Fault::Redirect(302, "file:///etc/passwd".to_owned())],
    );
    let error = client
        .send(get(&server.url("/file")))
        .await
        .expect_err("scheme");
    assert!(matches!(error, Error::BadUrl { .. }), "{error}");
    server.fail(
        "/loop",
        std::iter::repeat_n(Fault::Redirect(301, "/loop".to_owned()), 50),
    );
    let error = client
        .send(get(&server.url("/loop")))
        .await
        .expect_err("loop");
    assert!(
        matches!(error, Error::Redirects { limit: 5, .. }),
        "{error}"
    );
    assert_eq!(server.seen("/loop").len(), 6);
    server.fail("/moved", [Fault::Redirect(301, "/end".to_owned())]);
    let answer = client
        .send(get(&server.url("/moved")))
        .await
        .expect("answer");
    assert!(answer.moved && answer.url.path() == "/end" && answer.body == "hello");
}

#[tokio::test]
async fn a_body_is_not_sent_on_to_another_origin() {
    let first = ForgeServer::start().await;
    let second = ForgeServer::start().await;
    let hosts = [&first, &second].map(|server| AllowedHost::listed(&server.host));
    let client = client(Access::listed(hosts.to_vec()));
    let post = |path: &str| {
        let url = Url::parse(&first.url(path)).expect("url");
        Request::post(
            url,
            "application/x-www-form-urlencoded",
            "client_secret=hunter2",
        )
    };
    for status in [307, 308] {
        first.fail("/token", [Fault::Redirect(status, second.url("/token"))]);
        let error = client.send(post("/token")).await.expect_err("refused");
        assert!(matches!(error, Error::BodyElsewhere { .. }), "{error}");
        assert!(!error.is_transient());
    }
    assert!(second.seen("/token").is_empty(), "nothing was sent");
    // At its own origin it goes along; a GET has nothing that could leak.
    first.fail("/token", [Fault::Redirect(307, "/moved".to_owned())]);
    client.send(post("/token")).await.expect("answer");
    assert_eq!(first.seen("/moved")[0].method, "POST");
    first.fail("/look", [Fault::Redirect(307, second.url("/look"))]);
    client.send(get(&first.url("/look"))).await.expect("answer");
    assert_eq!(second.seen("/look").len(), 1);
}

#[tokio::test]
async fn a_secret_stays_at_its_origin() {
    let first = ForgeServer::start().await;
    let second = ForgeServer::start().await;
    second.file("/x", "hello");
    first.fail("/away", [Fault::Redirect(302, second.url("/x"))]);
    let hosts = vec![
        AllowedHost::listed(&first.host),
        AllowedHost::listed(&second.host),
    ];
    let client = client(Access::listed(hosts));
    let request = get(&first.url("/away")).secret_header("authorization", "Bearer hunter2");
    assert!(!format!("{request:?}").contains("hunter2"));
    client.send(request).await.expect("answer");
    assert_eq!(
        first.seen("/away")[0].header("authorization"),
        Some("Bearer hunter2")
    );
    assert_eq!(second.seen("/x")[0].header("authorization"), None);
}

#[tokio::test]
async fn only_listed_hosts_and_paths_are_read() {
    let server = ForgeServer::start().await;
    for path in ["/docs", "/docs/a", "/docs2", "/below/a"] {
        server.file(path, "x");
    }
    let entry = AllowedHost {
        paths: vec!["/docs".to_owned(), "/below/".to_owned()],
        ..AllowedHost::listed(&server.host)
    };
    let client = client(Access::listed(vec![entry]));
    for (path, allowed) in [
        ("/docs", true),
        ("/docs/a", true),
        ("/docs2", false),
        ("/below/a", true),
        ("/below/", false),
        ("/docs/%2e%2e/docs2", false),
        ("/docs/..%2fdocs2", false),
        ("/", false),
    ] {
        let result = client.send(get(&server.url(path))).await;
        assert_eq!(result.is_ok(), allowed, "{path}: {result:?}");
    }
    let error = client
        .send(get("https://example.com/x"))
        .await
        .expect_err("not listed");
    assert_eq!(
        error.to_string(),
        format!(
            "reading from `example.com` is not allowed. Allowed: `{}` (/docs, /below/). Add an `integrations` entry for the host, or `backend.reading.allow: [{{ host: 'example.com' }}]`",
            server.host
        )
    );
    for url in ["ftp://example.com/x", "https://user:hunter2@example.com/x"] {
        let error = client.send(get(url)).await.expect_err(url);
        assert!(
            matches!(error, Error::BadUrl { .. }) && !error.to_string().contains("hunter2"),
            "{error}"
        );
    }
}

#[test]
fn the_allow_list_is_read_from_the_configuration() {
    let (hosts, problems) = AllowedHost::from_config(&serde_json::json!([
        { "host": "Example.com" },
        { "host": "*.example.com:8080", "paths": ["/docs"] },
        { "host": "[::1]:8080" },
        { "host": "prod.*.example.com" },
        { "host": "https://example.com" },
        { "paths": ["/x"] },
        { "host": "example.com", "paths": ["x"] },
    ]));
    let names: Vec<&str> = hosts.iter().map(|entry| entry.host.as_str()).collect();
    assert_eq!(names, ["example.com", "*.example.com:8080", "[::1]:8080"]);
    assert!(hosts.iter().all(|entry| entry.inner_network));
    assert_eq!(problems.len(), 4, "{problems:#?}");
    assert_eq!(
        problems[0],
        "backend.reading.allow[3].host: `prod.*.example.com` is not a host; accepted: `example.com`, `example.com:8080`, `*.example.com`"
    );
}

#[test]
fn wildcards_mean_names_below() {
    let access = Access::listed(vec![AllowedHost::listed("*.example.com")]);
    for (url, allowed) in [
        ("https://a.example.com/", true),
        ("https://a.b.example.com/", true),
        ("https://A.EXAMPLE.COM/", true),
        ("https://example.com/", false),
        ("https://evilexample.com/", false),
        ("https://a.example.com.evil.test/", false),
        ("https://a.example.com:8080/", false),
    ] {
        assert_eq!(
            access.check(&Url::parse(url).expect("url")).is_ok(),
            allowed,
            "{url}"
        );
    }
}

#[tokio::test]
async fn bodies_and_time_are_limited() {
    let server = ForgeServer::start().await;
    server.file("/big", &"x".repeat(2000));
    let limits = Limits {
        body: 1000,
        ..Limits::default()
    };
    let client = with_limits(
        Access::listed(vec![AllowedHost::listed(&server.host)]),
        limits,
    );
    let error = client
        .send(get(&server.url("/big")))
        .await
        .expect_err("too large");
    assert!(
        error.to_string().contains("more than 1000 bytes"),
        "{error}"
    );
    let answer = client
        .send(get(&server.url("/big")).max_body(2000))
        .await
        .expect("within");
    assert_eq!(answer.body.len(), 2000);
    server.fail("/silent", [Fault::Silence]);
    let short = Limits {
        idle: Duration::from_millis(200),
        ..Limits::default()
    };
    let access = Access::listed(vec![AllowedHost::listed(&server.host)]);
    let error = with_limits(access, short)
        .send(get(&server.url("/silent")))
        .await
        .expect_err("silent");
    assert!(error.is_transient(), "{error}");
    server.fail("/cut", [Fault::Cut]);
    let error = client
        .send(get(&server.url("/cut")).max_body(1 << 20))
        .await
        .expect_err("cut");
    assert!(
        matches!(error, Error::CutOff { .. }) && error.is_transient(),
        "{error}"
    );
    let closed = "http://127.0.0.1:9/";
    let access = Access::listed(vec![AllowedHost::listed("127.0.0.1:9")]);
    let error = self::client(access)
        .send(get(closed))
        .await
        .expect_err("closed");
    assert!(
        matches!(error, Error::Connect { .. }) && error.is_transient(),
        "{error}"
    );
}

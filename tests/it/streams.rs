//! Streams that are open end when their reader may no longer read them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::http::request;
use crate::program::{component, folder};
use crate::server::Server;

/// Far less than the time after which a stream ends by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stream whose first bytes have arrived.
struct Open(BufReader<TcpStream>);

impl Open {
    fn new(server: &Server, path: &str, token: &str) -> Self {
        let bearer = format!("Bearer {token}");
        let head = [
            ("authorization", bearer.as_str()),
            ("accept", "text/event-stream"),
        ];
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&request("GET", path, &head, b"")).unwrap();
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status).unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{path}: {status}");
        Self(reader)
    }

    /// Everything up to the end.
    fn rest(mut self) -> String {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line) {
                Ok(0) => return text,
                Ok(_) => text.push_str(&line),
                Err(cause) => panic!("the stream is still open: {cause}\n{text}"),
            }
        }
    }

    /// Up to a line that holds a text.
    fn until(&mut self, wanted: &str) {
        let mut line = String::new();
        while !line.contains(wanted) {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "no {wanted}");
        }
    }
}

#[test]
fn a_revoked_token_ends_the_streams_that_it_opened() {
    let files = folder(&[("x.yaml", &component("x"))]);
    let server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    let make = |name: &str| {
        let body = json!({ "name": name, "scope": "read" }).to_string();
        let made = server.ask("POST", "/api/v1/actions/token:create", body.as_bytes());
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["secret"].as_str().unwrap().to_owned()
    };
    let (gone, stays) = (make("gone"), make("stays"));
    let paths = ["/api/v1/events", "/api/v1/catalog/events", "/live"];
    let open: Vec<Open> = paths
        .iter()
        .map(|path| Open::new(&server, path, &gone))
        .collect();
    let mut other = Open::new(&server, "/api/v1/events", &stays);

    let revoked = server.ask(
        "POST",
        "/api/v1/actions/token:revoke",
        br#"{"token": "gone"}"#,
    );
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    for stream in open {
        stream.rest();
    }
    // What happens afterwards is told to the other one, and to nobody else.
    std::fs::write(files.path().join("x.yaml"), component("y")).unwrap();
    other.until("component:default/y");
    let again = format!("Bearer {gone}");
    let refused = server.ask_as("GET", "/api/v1/events", &[("authorization", &again)], b"");
    assert_eq!(refused.status, 401);
}

#[test]
fn a_role_that_is_taken_away_ends_streams() {
    let config = "permission:\n  enabled: true\n  defaultRole: none\n";
    let files = folder(&[("permission.yaml", config)]);
    let server = Server::start(files.path(), &["--demo", "--config", "permission.yaml"]);
    server.settled();
    let head = [("host", server.address.as_str())];
    let guest = server.ask_as("GET", "/api/auth/guest/refresh", &head, b"");
    let guest = guest.json()["backstageIdentity"].clone();
    let binding = json!({
        "role": "read-only", "subjects": [guest["identity"]["userEntityRef"]],
    });
    let body = json!({ "binding": binding }).to_string();
    let made = server.ask("POST", "/api/v1/actions/access:put", body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    let id = made.json()["id"].clone();
    let token = guest["token"].as_str().unwrap();
    let stream = Open::new(&server, "/api/v1/events", token);
    let body = json!({ "id": id }).to_string();
    let taken = server.ask("POST", "/api/v1/actions/access:remove", body.as_bytes());
    assert_eq!(taken.status, 200, "{}", taken.text());
    stream.rest();
}

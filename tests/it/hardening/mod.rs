//! What the server does for its own safety, walked over every route of the
//! running program.

mod bounds;
mod cors;
mod cross_site;
mod headers;
mod rates;
mod threats;

use crate::program::{component, folder};
use crate::server::Server;

/// A server with one component and `backend:` as configured here.
fn server(backend: &str) -> (tempfile::TempDir, Server) {
    let config = format!("backend:\n{backend}");
    let files = folder(&[("app-config.yaml", &config), ("x.yaml", &component("x"))]);
    let server = Server::start(files.path(), &["x.yaml"]);
    (files, server)
}

/// The path with something in every variable part.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, end) = after.split_once('}').unwrap();
        filled.push_str(before);
        filled.push_str("none");
        rest = end;
    }
    filled + rest
}

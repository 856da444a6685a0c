//! Smart HTTP: `git http-backend` as a CGI program behind axum.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use tokio::io::AsyncWriteExt;

/// A running host. Stops when dropped.
pub(crate) struct GitHost {
    pub(crate) host: String,
    pub(crate) seen: Arc<Seen>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Seen {
    /// Requests for the list of refs.
    pub(crate) listings: AtomicUsize,
    /// Requests for objects.
    pub(crate) packs: AtomicUsize,
}

struct Config {
    root: PathBuf,
    authorization: Option<String>,
    seen: Arc<Seen>,
}

impl GitHost {
    /// Serves the repositories below `root`; with `authorization`, only to
    /// requests that carry exactly that header.
    pub(crate) async fn start(root: PathBuf, authorization: Option<&str>) -> Self {
        let seen = Arc::new(Seen::default());
        let config = Arc::new(Config {
            root,
            authorization: authorization.map(str::to_owned),
            seen: Arc::clone(&seen),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("port");
        let host = listener.local_addr().expect("address").to_string();
        let app = Router::new().fallback(serve).with_state(config);
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("server");
        });
        Self { host, seen, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.host)
    }

    /// Requests for objects so far.
    pub(crate) fn packs(&self) -> usize {
        self.seen.packs.load(Ordering::SeqCst)
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(State(config): State<Arc<Config>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if let Some(rest) = path.strip_prefix("/old/") {
        let query = parts.uri.query().unwrap_or_default();
        return Redirect::permanent(&format!("/{rest}?{query}")).into_response();
    }
    if let Some(expected) = &config.authorization {
        let given = parts
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        if given != Some(expected.as_str()) {
            return (
                StatusCode::UNAUTHORIZED,
                [("www-authenticate", "Basic realm=git")],
            )
                .into_response();
        }
    }
    if path.ends_with("/info/refs") {
        config.seen.listings.fetch_add(1, Ordering::SeqCst);
    } else {
        config.seen.packs.fetch_add(1, Ordering::SeqCst);
    }
    let body = to_bytes(body, 64 << 20).await.expect("body");
    let query = parts.uri.query().unwrap_or_default().to_owned();
    cgi(
        &config,
        parts.method.as_str(),
        &path,
        &query,
        &parts.headers,
        &body,
    )
    .await
}

async fn cgi(
    config: &Config,
    method: &str,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let mut child = tokio::process::Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &config.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROTOCOL", header("git-protocol"))
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("GIT_CONFIG_COUNT", "2")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("GIT_CONFIG_KEY_1", "uploadpack.allowAnySHA1InWant")
        .env("GIT_CONFIG_VALUE_1", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("git http-backend");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(body).await.expect("write");
    drop(stdin);
    let output = child.wait_with_output().await.expect("output");
    let split = output
        .stdout
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("headers");
    let (head, rest) = output.stdout.split_at(split);
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(head).lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        response = if name == "Status" {
            response.status(value[..3].parse::<u16>().expect("status"))
        } else {
            response.header(name, value)
        };
    }
    response
        .body(Body::from(rest[4..].to_vec()))
        .expect("response")
}

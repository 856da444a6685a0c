//! One web server that is everything at once: a code host's API, its Git over
//! HTTP, plain files, a receiver of webhooks, and whatever misbehaviour a test
//! asks for.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;

/// What a request gets instead of an answer.
#[derive(Clone)]
pub(crate) enum Fault {
    /// A status with headers and a body.
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    /// The connection ends in the middle of the body.
    Cut,
    /// No answer ever.
    Silence,
}

impl Fault {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), r#"{"message":"no"}"#)
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What it was answered.
    pub(crate) status: u16,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

#[derive(Default)]
struct Scene {
    /// Answers to one method at a path.
    replies: BTreeMap<String, (u16, Value)>,
    lists: BTreeMap<String, Vec<Value>>,
    files: BTreeMap<String, (String, String)>,
    graphql: BTreeMap<&'static str, Value>,
    faults: Vec<(String, Fault, usize)>,
    headers: Vec<(&'static str, String)>,
    seen: Vec<Seen>,
    /// Repositories are Git namespaces of one repository.
    namespaces: bool,
}

struct Inner {
    scene: Mutex<Scene>,
    repositories: PathBuf,
    count: watch::Sender<usize>,
    /// Requests that have come in, answered or not.
    arrived: watch::Sender<Vec<String>>,
}

/// A running server. Stops when it is dropped.
pub(crate) struct Server {
    /// `127.0.0.1:<port>`.
    pub(crate) host: String,
    inner: Arc<Inner>,
    task: tokio::task::JoinHandle<()>,
    repositories: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let repositories = tempfile::tempdir().expect("a folder for repositories");
        let inner = Arc::new(Inner {
            scene: Mutex::default(),
            repositories: repositories.path().to_owned(),
            count: watch::Sender::new(0),
            arrived: watch::Sender::new(Vec::new()),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let app = Router::new().fallback(serve).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("served") });
        Self {
            host,
            inner,
            task,
            repositories,
        }
    }

    /// Where repositories lie: `<root>/<owner>/<name>.git`.
    pub(crate) fn root(&self) -> &std::path::Path {
        self.repositories.path()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// Serves a text with an ETag.
    pub(crate) fn file(&self, path: &str, content: &str) {
        self.typed_file(path, "text/plain", content);
    }

    pub(crate) fn typed_file(&self, path: &str, media: &str, content: &str) {
        self.inner
            .scene
            .lock()
            .files
            .insert(path.to_owned(), (media.to_owned(), content.to_owned()));
    }

    pub(crate) fn no_file(&self, path: &str) {
        self.inner.scene.lock().files.remove(path);
    }

    /// A listing in pages, as the forges have them.
    pub(crate) fn list(&self, path: &str, items: Vec<Value>) {
        self.inner.scene.lock().lists.insert(path.to_owned(), items);
    }

    /// What `POST /path` (or another method) is answered.
    pub(crate) fn reply(&self, method_and_path: &str, status: u16, body: Value) {
        let mut scene = self.inner.scene.lock();
        scene
            .replies
            .insert(method_and_path.to_owned(), (status, body));
    }

    /// The `data` for GraphQL queries that hold a text.
    pub(crate) fn graphql(&self, needle: &'static str, data: Value) {
        self.inner.scene.lock().graphql.insert(needle, data);
    }

    /// Adds a header to every answer of the API.
    pub(crate) fn header(&self, name: &'static str, value: &str) {
        self.inner
            .scene
            .lock()
            .headers
            .push((name, value.to_owned()));
    }

    /// The next `times` requests whose path starts with `path` get this.
    pub(crate) fn fail(&self, path: &str, times: usize, fault: Fault) {
        self.inner.arrived.send_modify(Vec::clear);
        self.inner
            .scene
            .lock()
            .faults
            .push((path.to_owned(), fault, times));
    }

    pub(crate) fn mend(&self) {
        self.inner.scene.lock().faults.clear();
    }

    pub(crate) fn use_namespaces(&self) {
        self.inner.scene.lock().namespaces = true;
    }

    /// Requests whose path starts with `path`.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        self.inner
            .scene
            .lock()
            .seen
            .iter()
            .filter(|seen| seen.path.starts_with(path))
            .cloned()
            .collect()
    }

    /// Requests of Git.
    pub(crate) fn git_requests(&self) -> Vec<Seen> {
        self.seen("/")
            .into_iter()
            .filter(|seen| seen.path.contains(".git/"))
            .collect()
    }

    pub(crate) fn forget_seen(&self) {
        self.inner.scene.lock().seen.clear();
        self.inner.arrived.send_modify(Vec::clear);
    }

    /// Waits until a request to `path` has come, since the last [`Server::fail`].
    pub(crate) async fn wait_for_connection(&self, path: &str) {
        let mut arrived = self.inner.arrived.subscribe();
        let wait = arrived.wait_for(|paths| paths.iter().any(|one| one == path));
        tokio::time::timeout(Duration::from_secs(30), wait)
            .await
            .expect("a request")
            .expect("the server lives");
    }

    /// Waits until so many requests to `path` have been answered.
    pub(crate) async fn wait_for(&self, path: &str, times: usize) -> Vec<Seen> {
        let mut count = self.inner.count.subscribe();
        let wait = async {
            loop {
                let seen = self.seen(path);
                if seen.len() >= times {
                    return seen;
                }
                count.changed().await.expect("the server lives");
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait)
            .await
            .unwrap_or_else(|_| {
                panic!(
                    "{times} requests to {path} were expected, {} came",
                    self.seen(path).len()
                )
            })
    }
}

async fn serve(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 << 20).await.expect("a body");
    inner
        .arrived
        .send_modify(|paths| paths.push(parts.uri.path().to_owned()));
    let response = answer(&inner, &parts, &body).await;
    inner.scene.lock().seen.push(Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body,
        status: response.status().as_u16(),
    });
    inner.count.send_modify(|count| *count += 1);
    response
}

async fn answer(inner: &Inner, parts: &Parts, body: &[u8]) -> Response {
    let path = parts.uri.path();
    let fault = {
        let mut scene = inner.scene.lock();
        let fault = scene
            .faults
            .iter_mut()
            .find(|(start, _, left)| path.starts_with(start.as_str()) && *left > 0);
        fault.map(|(_, fault, left)| {
            *left -= 1;
            fault.clone()
        })
    };
    match fault {
        Some(Fault::Silence) => return std::future::pending().await,
        Some(Fault::Cut) => {
            let pieces = [Ok("apiVersion: "), Err(std::io::Error::other("cut"))];
            let response = Response::builder().header("content-length", "100000");
            return response
                .body(Body::from_stream(stream::iter(pieces)))
                .expect("a response");
        }
        Some(Fault::Answer(status, headers, text)) => {
            let response = headers.into_iter().fold(
                Response::builder().status(status),
                |response, (name, value)| response.header(name, value),
            );
            return response.body(Body::from(text)).expect("a response");
        }
        None => {}
    }
    if path.contains(".git/") {
        let shared = inner.scene.lock().namespaces;
        return git(inner, shared, parts, body).await;
    }
    if path.starts_with("/hook") {
        return StatusCode::ACCEPTED.into_response();
    }
    let scene = inner.scene.lock();
    if let Some((status, body)) = scene.replies.get(&format!("{} {path}", parts.method)) {
        let status = StatusCode::from_u16(*status).expect("a status");
        return (status, body.to_string()).into_response();
    }
    document(&scene, parts, body)
}

fn document(scene: &Scene, parts: &Parts, body: &[u8]) -> Response {
    let path = parts.uri.path();
    let (media, text, link) = if path.ends_with("/graphql") {
        ("application/json", graphql(scene, body).to_string(), None)
    } else if let Some(items) = scene.lists.get(path) {
        let (text, link) = page(items, parts);
        ("application/json", text, link)
    } else if let Some((media, text)) = scene.files.get(path) {
        (media.as_str(), text.clone(), None)
    } else {
        return (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#).into_response();
    };
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let etag = format!("\"{:x}\"", hasher.finish());
    let mut response = Response::builder()
        .header("content-type", media)
        .header("etag", &etag);
    for (name, value) in &scene.headers {
        response = response.header(*name, value);
    }
    if parts
        .headers
        .get("if-none-match")
        .is_some_and(|given| given.as_bytes() == etag.as_bytes())
    {
        return response
            .status(304)
            .body(Body::empty())
            .expect("a response");
    }
    if let Some(link) = link {
        response = response.header("link", link);
    }
    response
        .body(Body::from(if parts.method == "HEAD" {
            String::new()
        } else {
            text
        }))
        .expect("a response")
}

fn page(items: &[Value], parts: &Parts) -> (String, Option<String>) {
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").or(number("limit")).unwrap_or(30);
    let page = number("page").unwrap_or(1);
    let start = ((page - 1) * size).min(items.len());
    let end = (start + size).min(items.len());
    let host = parts.headers["host"].to_str().expect("a host");
    let mut next = url::Url::parse(&format!("http://{host}{}", parts.uri)).expect("a URL");
    let others: Vec<_> = query.iter().filter(|(key, _)| *key != "page").collect();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair("page", &(page + 1).to_string());
    let link = (end < items.len()).then(|| format!("<{next}>; rel=\"next\""));
    (
        serde_json::to_string(&items[start..end]).expect("JSON"),
        link,
    )
}

fn graphql(scene: &Scene, body: &[u8]) -> Value {
    let asked: Value = serde_json::from_slice(body).expect("JSON");
    let query = asked["query"].as_str().expect("a query");
    match scene
        .graphql
        .iter()
        .find(|(needle, _)| query.contains(**needle))
    {
        Some((_, data)) => json!({ "data": data }),
        None => {
            json!({ "errors": [{ "type": "NOT_FOUND", "message": "Could not resolve to an Organization." }] })
        }
    }
}

/// `git http-backend` as a CGI program.
async fn git(inner: &Inner, namespaces: bool, parts: &Parts, body: &[u8]) -> Response {
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let path = parts.uri.path();
    let mut command = tokio::process::Command::new("git");
    if namespaces {
        let (repository, rest) = path.split_once(".git/").expect("a repository");
        let name = repository.rsplit('/').next().expect("a name");
        command
            .env("GIT_NAMESPACE", name)
            .env("PATH_INFO", format!("/shared.git/{rest}"));
    } else {
        command.env("PATH_INFO", path);
    }
    let mut child = command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &inner.repositories)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROTOCOL", header("git-protocol"))
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header("content-type"))
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("git http-backend");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(body).await.expect("input is taken");
    drop(input);
    let output = child.wait_with_output().await.expect("output");
    let end = output
        .stdout
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("headers");
    let (head, rest) = output.stdout.split_at(end);
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(head).lines() {
        response = match line.split_once(": ") {
            Some(("Status", status)) => {
                let code = status.split(' ').next().unwrap_or_default();
                response.status(code.parse::<u16>().expect("a status"))
            }
            Some((name, value)) => response.header(name, value),
            None => response,
        };
    }
    response
        .body(Body::from(rest[4..].to_vec()))
        .expect("a response")
}

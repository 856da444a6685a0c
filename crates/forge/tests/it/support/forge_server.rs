//! A forge: documents and paged lists at paths, as the public API
//! descriptions of GitHub, GitLab and Gitea have them, and every way of
//! misbehaving that a test asks for.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// What the next request to a path gets instead of an answer.
#[derive(Clone)]
pub(crate) enum Fault {
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection ends in the middle of the body.
    Cut,
    /// No answer ever.
    Silence,
    /// A redirect.
    Redirect(u16, String),
}

impl Fault {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), r#"{"message":"no"}"#.to_owned())
    }
}

/// A request that the server saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) body: Vec<u8>,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

#[derive(Default)]
pub(crate) struct World {
    /// Answers to one method at a path: each once, the last one for ever.
    pub(crate) replies: BTreeMap<String, VecDeque<(u16, Value)>>,
    /// Paged lists by path.
    pub(crate) lists: BTreeMap<String, Vec<Value>>,
    /// Single answers by path.
    pub(crate) documents: BTreeMap<String, Value>,
    /// Raw files by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// GraphQL answers by a text in the query, in order of their pages.
    pub(crate) graphql: BTreeMap<&'static str, Vec<Value>>,
    /// Faults by start of path; each is used once.
    pub(crate) faults: Vec<(String, VecDeque<Fault>)>,
    /// `authorization` or `private-token` value that is required.
    pub(crate) credential: Option<(&'static str, String)>,
    /// Headers added to every answer.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) seen: Vec<Seen>,
    /// What the `date` header says; the machine's time without it.
    pub(crate) clock: Option<platform::Clock>,
}

/// A running server. Stops when dropped.
pub(crate) struct ForgeServer {
    pub(crate) host: String,
    pub(crate) world: Arc<Mutex<World>>,
    task: tokio::task::JoinHandle<()>,
}

impl ForgeServer {
    pub(crate) async fn start() -> Self {
        let world = Arc::new(Mutex::new(World::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("port");
        let host = listener.local_addr().expect("address").to_string();
        let app = Router::new().fallback(serve).with_state(Arc::clone(&world));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("server");
        });
        Self { host, world, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    pub(crate) fn list(&self, path: &str, items: Vec<Value>) {
        self.world.lock().lists.insert(path.to_owned(), items);
    }

    pub(crate) fn document(&self, path: &str, value: Value) {
        self.world.lock().documents.insert(path.to_owned(), value);
    }

    pub(crate) fn file(&self, path: &str, content: &str) {
        self.world
            .lock()
            .files
            .insert(path.to_owned(), content.as_bytes().to_vec());
    }

    pub(crate) fn graphql(&self, needle: &'static str, pages: Vec<Value>) {
        self.world.lock().graphql.insert(needle, pages);
    }

    /// What `POST /path` (or another method) is answered, in order.
    pub(crate) fn reply(
        &self,
        method_and_path: &str,
        answers: impl IntoIterator<Item = (u16, Value)>,
    ) {
        self.world
            .lock()
            .replies
            .insert(method_and_path.to_owned(), answers.into_iter().collect());
    }

    /// Method and path of everything that was asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        let world = self.world.lock();
        let line = |seen: &Seen| format!("{} {}", seen.method, seen.path);
        world.seen.iter().map(line).collect()
    }

    pub(crate) fn fail(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.world
            .lock()
            .faults
            .push((path.to_owned(), faults.into_iter().collect()));
    }

    /// Requests whose path starts with `path`.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let world = self.world.lock();
        world
            .seen
            .iter()
            .filter(|seen| seen.path.starts_with(path))
            .cloned()
            .collect()
    }
}

impl Drop for ForgeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(State(world): State<Arc<Mutex<World>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("body");
    let path = parts.uri.path().to_owned();
    let fault = {
        let mut world = world.lock();
        world.seen.push(Seen {
            method: parts.method.clone(),
            body: body.to_vec(),
            path: path.clone(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
        });
        let faults = world
            .faults
            .iter_mut()
            .find(|(start, left)| path.starts_with(start) && !left.is_empty());
        faults.and_then(|(_, left)| left.pop_front())
    };
    let clock = world.lock().clock.clone();
    let mut response = match fault {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Cut) => cut(),
        Some(Fault::Redirect(status, to)) => (
            StatusCode::from_u16(status).expect("status"),
            [("location", to)],
        )
            .into_response(),
        Some(Fault::Answer(status, headers, text)) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(text)).expect("response")
        }
        None => answer(&world, &parts.method, &parts.uri, &parts.headers, &body),
    };
    if let Some(clock) = clock
        && !response.headers().contains_key("date")
    {
        let date = clock
            .now()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        response
            .headers_mut()
            .insert("date", date.parse().expect("date"));
    }
    response
}

fn cut() -> Response {
    let parts = [Ok(r#"[{"id": 1,"#), Err(std::io::Error::other("cut"))];
    Response::builder()
        .header("content-type", "application/json")
        .header("content-length", "100000")
        .body(Body::from_stream(stream::iter(parts)))
        .expect("response")
}

fn answer(
    world: &Mutex<World>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let mut world = world.lock();
    if let Some((name, value)) = &world.credential {
        let given = headers.get(*name).and_then(|given| given.to_str().ok());
        if given != Some(value.as_str()) {
            return (StatusCode::UNAUTHORIZED, r#"{"message":"Bad credentials"}"#).into_response();
        }
    }
    let path = uri.path();
    if let Some(answers) = world.replies.get_mut(&format!("{method} {path}")) {
        let answer = match answers.len() {
            0 | 1 => answers.front().cloned(),
            _ => answers.pop_front(),
        };
        let (status, body) = answer.expect("an answer");
        let status = StatusCode::from_u16(status).expect("status");
        return (status, body.to_string()).into_response();
    }
    let (text, link) = if path.ends_with("/graphql") {
        (graphql(&mut world, body).to_string(), None)
    } else if let Some(items) = world.lists.get(path) {
        page(items, uri, headers)
    } else if let Some(document) = world.documents.get(path) {
        (document.to_string(), None)
    } else if let Some(file) = world.files.get(path) {
        return file.clone().into_response();
    } else {
        return (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#).into_response();
    };
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let etag = format!("W/\"{:x}\"", hasher.finish());
    let mut response = Response::builder()
        .header("content-type", "application/json")
        .header("etag", &etag);
    for (name, value) in &world.headers {
        response = response.header(*name, value);
    }
    if headers
        .get("if-none-match")
        .is_some_and(|given| given.as_bytes() == etag.as_bytes())
    {
        return response.status(304).body(Body::empty()).expect("response");
    }
    if let Some(link) = link {
        response = response.header("link", link);
    }
    let text = if method == Method::HEAD {
        String::new()
    } else {
        text
    };
    response.body(Body::from(text)).expect("response")
}

fn page(items: &[Value], uri: &Uri, headers: &HeaderMap) -> (String, Option<String>) {
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").or(number("limit")).unwrap_or(30);
    let page = number("page").unwrap_or(1);
    let pages = items.len().div_ceil(size).max(1);
    let start = (page - 1) * size;
    let end = (start + size).min(items.len());
    let text = serde_json::to_string(&items[start.min(end)..end]).expect("JSON");
    let host = headers["host"].to_str().expect("host");
    let to = |page: usize| {
        let mut url = url::Url::parse(&format!("http://{host}{uri}")).expect("url");
        let others: Vec<(String, String)> = query
            .iter()
            .filter(|(key, _)| *key != "page")
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(others)
            .append_pair("page", &page.to_string());
        url
    };
    let link = (page < pages).then(|| {
        format!(
            "<{}>; rel=\"next\", <{}>; rel=\"last\"",
            to(page + 1),
            to(pages)
        )
    });
    (text, link)
}

fn graphql(world: &mut World, body: &[u8]) -> Value {
    let asked: Value = serde_json::from_slice(body).expect("JSON");
    let query = asked["query"].as_str().expect("query");
    // The cursor is the number of the page.
    let after = asked["variables"]["after"]
        .as_str()
        .map_or(0, |cursor| cursor.parse().expect("cursor"));
    let pages = world
        .graphql
        .iter()
        .find(|(needle, _)| query.contains(*needle));
    match pages.and_then(|(_, pages)| pages.get::<usize>(after)) {
        Some(page) if page.get("errors").is_some() => page.clone(),
        Some(page) => json!({ "data": page }),
        None => {
            json!({ "errors": [{ "type": "NOT_FOUND", "message": "Could not resolve to an Organization." }] })
        }
    }
}

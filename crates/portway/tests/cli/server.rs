//! A server of a few fixed answers, in the shapes of the real API, that
//! remembers what it was asked. The real server is tested with the real
//! catalog; here the point is what the command line makes of answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `GET /path?query`, percent-encoding removed.
    pub(crate) line: String,
    pub(crate) token: Option<String>,
    pub(crate) body: Value,
}

type Answers = Vec<(u16, Value)>;

#[derive(Clone, Default)]
struct Shared {
    /// By `GET /path`, without the query; several answers come in turn and
    /// the last one stays.
    answers: Arc<Mutex<BTreeMap<String, Answers>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A running server; it stops when it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    shared: Shared,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Server {
    /// Answers are `("GET /path", status, body)`; everything else is 404.
    pub(crate) fn new(answers: &[(&str, u16, Value)]) -> Self {
        let shared = Shared::default();
        for (path, status, body) in answers {
            shared
                .answers
                .lock()
                .unwrap()
                .entry((*path).to_owned())
                .or_default()
                .push((*status, body.clone()));
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new()
            .fallback(answer)
            .with_state(shared.clone());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let serving = axum::serve(listener, router);
                tokio::select! {
                    served = async { serving.await } => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            url,
            shared,
            _stop: stop,
        }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The request lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    let path = format!("{} {}", parts.method, parts.uri.path());
    let query = parts
        .uri
        .query()
        .map(|query| format!("?{}", decoded(query)))
        .unwrap_or_default();
    let token = parts
        .headers
        .get("authorization")
        .map(|value| value.to_str().unwrap().to_owned());
    shared.asked.lock().unwrap().push(Asked {
        line: format!("{path}{query}"),
        token,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let mut answers = shared.answers.lock().unwrap();
    let (status, body) = match answers.get_mut(&path) {
        Some(found) if found.len() > 1 => found.remove(0),
        Some(found) => found[0].clone(),
        None => (
            404,
            json!({"error": {"name": "NotFoundError", "message": format!("no {path}")}}),
        ),
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
    response
        .headers_mut()
        .insert("x-request-id", "req-1".parse().unwrap());
    response
}

fn decoded(query: &str) -> String {
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

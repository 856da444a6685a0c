//! A SonarQube and a Grafana in one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::collections::HashMap;

/// The server's behaviour, which tests change.
#[derive(Debug, Default)]
pub(crate) struct Mood {
    /// Answers with this status instead, unless it is 0.
    pub(crate) status: AtomicU16,
    /// How often it was asked.
    pub(crate) asked: AtomicUsize,
}

impl Mood {
    fn refusal(&self) -> Option<Response> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let status = StatusCode::from_u16(self.status.load(Ordering::SeqCst)).ok()?;
        Some((status, "not today").into_response())
    }
}

type Kept = State<Arc<Mood>>;
type Parameters = Query<HashMap<String, String>>;

fn authorized(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get("authorization")
        .is_some_and(|value| value == expected)
}

async fn gate(State(mood): Kept, headers: HeaderMap, Query(query): Parameters) -> Response {
    if let Some(refusal) = mood.refusal() {
        return refusal;
    }
    // `squ_key:` in base64.
    if !authorized(&headers, "Basic c3F1X2tleTo=") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match query.get("projectKey").map(String::as_str) {
        Some("acme_pay") => Json(json!({"projectStatus": {"status": "ERROR", "conditions": [
            {"status": "ERROR", "metricKey": "new_coverage", "actualValue": "61.0"},
            {"status": "OK", "metricKey": "new_bugs"},
        ]}}))
        .into_response(),
        Some("acme_good") => {
            Json(json!({"projectStatus": {"status": "OK", "conditions": []}})).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn measures(Query(query): Parameters) -> Response {
    assert!(query["metricKeys"].contains("coverage"));
    Json(
        json!({"component": {"key": query["component"], "measures": [
            {"metric": "ncloc", "value": "12345"},
            {"metric": "coverage", "value": "71.4"},
            {"metric": "unheard_of", "value": "1"},
            {"metric": "bugs", "value": "2"},
        ]}}),
    )
    .into_response()
}

async fn dashboards(State(mood): Kept, headers: HeaderMap, Query(query): Parameters) -> Response {
    if let Some(refusal) = mood.refusal() {
        return refusal;
    }
    if !authorized(&headers, "Bearer glsa_token") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let all = [
        json!({"uid": "a", "title": "Pay <b>latency</b>", "url": "/d/a/pay", "tags": ["pay"], "folderTitle": "Shop"}),
        json!({"uid": "b", "title": "Pay errors", "url": "/d/b/pay-errors", "tags": ["pay", "errors"], "folderTitle": "Shop"}),
        json!({"uid": "c", "title": "Other", "url": "/d/c/other", "tags": ["other"]}),
    ];
    let tag = &query["tag"];
    // As Grafana: it filters. One more comes along, which the page must drop.
    let found: Vec<_> = all
        .iter()
        .filter(|item| {
            item["tags"]
                .as_array()
                .is_some_and(|tags| tags.iter().any(|own| own == tag.as_str()))
        })
        .chain(all.last().filter(|_| tag == "pay"))
        .collect();
    Json(json!(found)).into_response()
}

/// Starts it on a free port.
pub(crate) async fn start() -> (String, Arc<Mood>) {
    let mood = Arc::new(Mood::default());
    let router = Router::new()
        .route("/api/qualitygates/project_status", get(gate))
        .route("/api/measures/component", get(measures))
        .route("/api/search", get(dashboards))
        .with_state(Arc::clone(&mood));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), mood)
}

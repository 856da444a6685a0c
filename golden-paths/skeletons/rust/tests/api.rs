//! The whole router over memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use service::health::Check;
use service::notes::Memory;
use service::resources::Resources;
use service::{http, telemetry};
use std::sync::LazyLock;
use tower::ServiceExt as _;

static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| {
    let recorder = telemetry::recorder().expect("buckets");
    recorder.install().expect("the first recorder")
});

fn app(up: &Arc<AtomicBool>) -> Router {
    let check = |name| {
        let up = Arc::clone(up);
        Check::required(name, move || std::future::ready(up.load(Ordering::Relaxed)))
    };
    let resources = Resources {
        notes: Arc::new(Memory::default()),
        checks: Arc::new([check("store"), check("extra").optional()]),
    };
    http::router(resources, METRICS.clone())
}

fn healthy() -> Router {
    app(&Arc::new(AtomicBool::new(true)))
}

async fn call(app: &Router, method: &str, path: &str, body: &str) -> Response<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .expect("a request");
    app.clone().oneshot(request).await.expect("an answer")
}

async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.expect("a body");
    String::from_utf8(body.to_bytes().to_vec()).expect("text")
}

async fn body(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).expect("JSON")
}

#[tokio::test]
async fn a_note_that_was_kept_can_be_read() {
    let app = healthy();
    let made = call(&app, "POST", "/api/v1/notes", r#"{"text": "  buy milk "}"#).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let location = made.headers()[header::LOCATION].to_str().expect("text");
    let read = call(&app, "GET", location, "").await;
    let (made, read) = (body(made).await, body(read).await);
    assert_eq!(made["text"], "buy milk");
    assert_eq!(read, made);
}

#[tokio::test]
async fn the_newest_note_comes_first() {
    let app = healthy();
    for text in ["one", "two", "three"] {
        let note = json!({ "text": text }).to_string();
        call(&app, "POST", "/api/v1/notes", &note).await;
    }
    let listed = body(call(&app, "GET", "/api/v1/notes?limit=2", "").await).await;
    let texts: Vec<_> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|note| note["text"].as_str())
        .collect();
    assert_eq!(texts, [Some("three"), Some("two")]);
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_the_reason() {
    let long = json!({ "text": "x".repeat(2001) }).to_string();
    for (method, path, sent, status) in [
        ("POST", "/api/v1/notes", r#"{"text": " "}"#, 422),
        ("POST", "/api/v1/notes", long.as_str(), 422),
        ("POST", "/api/v1/notes", "text", 422),
        ("POST", "/api/v1/notes", r#"{"text": "a", "by": "me"}"#, 422),
        ("GET", "/api/v1/notes?limit=200", "", 422),
        ("GET", "/api/v1/notes/1", "", 422),
        (
            "GET",
            "/api/v1/notes/00000000-0000-4000-8000-000000000000",
            "",
            404,
        ),
        ("GET", "/nowhere", "", 404),
    ] {
        let answer = call(&healthy(), method, path, sent).await;
        assert_eq!(answer.status().as_u16(), status, "{method} {path} {sent}");
        assert_eq!(
            answer.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_ne!(body(answer).await["detail"], "");
    }
}

#[tokio::test]
async fn readiness_names_what_is_down_and_the_process_lives_on() {
    let up = Arc::new(AtomicBool::new(true));
    let app = app(&up);
    let ready = call(&app, "GET", "/readyz", "").await;
    assert_eq!(ready.status(), StatusCode::OK);

    up.store(false, Ordering::Relaxed);
    let answer = call(&app, "GET", "/readyz", "").await;

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let down = json!({"store": "unavailable", "extra": "unavailable"});
    assert_eq!(body(answer).await["checks"], down);
    let live = call(&app, "GET", "/healthz", "").await;
    assert_eq!(live.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    let app = healthy();
    call(&app, "GET", "/api/v1/notes/no-uuid", "").await;
    let figures = text(call(&app, "GET", "/metrics", "").await).await;
    let counted = figures.lines().any(|line| {
        line.starts_with("http_server_request_duration_seconds_count")
            && line.contains(r#"http_route="/api/v1/notes/{id}""#)
            && line.contains(r#"http_response_status_code="422""#)
    });
    assert!(counted, "{figures}");
}

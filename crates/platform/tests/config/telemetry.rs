//! Figures, request ids and the doctor, through what other crates use.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use platform::clock::Clock;
use platform::doctor::{Check, Layer, Outcome, Status, examine, worst};
use platform::telemetry::{LogFormat, LogSettings, Metrics, REQUEST_ID, RequestId, observe};
use tower::ServiceExt as _;

fn application(metrics: &Metrics) -> Router {
    let shown = metrics.clone();
    Router::new()
        .route(
            "/things/{name}",
            get(|axum::Extension(RequestId(id)): axum::Extension<RequestId>| async move { id }),
        )
        .route(
            "/broken",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .route("/metrics", get(move || async move { shown.respond() }))
        .layer(axum::middleware::from_fn_with_state(
            metrics.clone(),
            observe,
        ))
}

async fn ask(application: &Router, method: &str, path: &str, id: Option<&str>) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(id) = id {
        request = request.header(REQUEST_ID, id);
    }
    application
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(
        axum::body::to_bytes(response.into_body(), 1_000_000)
            .await
            .unwrap()
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_pattern_method_and_status() {
    let metrics = Metrics::new(&Clock::manual("2026-01-02T03:04:05Z".parse().unwrap()));
    let application = application(&metrics);
    ask(&application, "GET", "/things/a", None).await;
    ask(&application, "GET", "/things/b", None).await;
    ask(&application, "GET", "/broken", None).await;
    ask(&application, "GET", "/nowhere/1", None).await;
    ask(&application, "BREW", "/nowhere/2", None).await;
    let answer = ask(&application, "GET", "/metrics", None).await;
    assert_eq!(
        answer.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let page = text(answer).await;
    let count = |labels: &str| format!("portway_http_request_duration_seconds_count{{{labels}}}");
    assert!(
        page.contains(&(count("method=\"GET\",route=\"/things/{name}\",status=\"200\"") + " 2\n")),
        "{page}"
    );
    assert!(
        page.contains(&(count("method=\"GET\",route=\"/broken\",status=\"500\"") + " 1\n")),
        "{page}"
    );
    assert!(
        page.contains(&(count("method=\"GET\",route=\"unmatched\",status=\"404\"") + " 1\n")),
        "{page}"
    );
    assert!(
        page.contains(&(count("method=\"OTHER\",route=\"unmatched\",status=\"404\"") + " 1\n")),
        "{page}"
    );
    assert!(
        page.contains("portway_http_requests_in_flight 1\n"),
        "{page}"
    );
    assert!(
        page.contains("process_start_time_seconds 1767323045"),
        "{page}"
    );
    assert!(page.ends_with("# EOF\n"), "{page}");
    #[cfg(target_os = "linux")]
    for name in [
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_cpu_seconds_total ",
    ] {
        assert!(
            page.contains(&format!("\n{name}")),
            "{name} is missing in\n{page}"
        );
    }
}

#[tokio::test]
async fn request_ids_are_taken_over_or_made() {
    let application = application(&Metrics::new(&Clock::system()));
    let given = ask(&application, "GET", "/things/a", Some("ci-42.a:b_c")).await;
    assert_eq!(given.headers()[REQUEST_ID], "ci-42.a:b_c");
    assert_eq!(text(given).await, "ci-42.a:b_c");
    let long = "x".repeat(129);
    for odd in ["two words", "<script>", "", long.as_str()] {
        let made = ask(&application, "GET", "/things/a", Some(odd)).await;
        let id = made.headers()[REQUEST_ID].to_str().unwrap().to_owned();
        assert!(
            id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{odd} became {id}"
        );
    }
    let (one, two) = (
        ask(&application, "GET", "/x", None).await,
        ask(&application, "GET", "/x", None).await,
    );
    assert_ne!(one.headers()[REQUEST_ID], two.headers()[REQUEST_ID]);
}

#[test]
fn others_bring_their_own_figures() {
    let metrics = Metrics::new(&Clock::system());
    metrics
        .gauge("portway_queue_waiting", "Work that waits")
        .set(3);
    metrics
        .counter("portway_events", "Events written")
        .inc_by(2);
    let entities = metrics.labelled_gauge("portway_catalog_entities", "Entities by kind", "kind");
    entities.set("component", 5);
    entities.set("api", 1);
    let page = metrics.exposition();
    for line in [
        "portway_queue_waiting 3",
        "portway_events_total 2",
        "portway_catalog_entities{kind=\"component\"} 5",
        "portway_catalog_entities{kind=\"api\"} 1",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line} is missing in\n{page}"
        );
    }
    entities.clear();
    assert!(!metrics.exposition().contains("kind=\"api\""));
}

#[test]
fn logging_is_text_for_people_and_json_for_programs() {
    let settings = |pairs: &[(&str, &str)], terminal| {
        let variables: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        LogSettings::from_variables(&variables, terminal)
    };
    assert_eq!(settings(&[], true).format, LogFormat::Text);
    assert_eq!(settings(&[], false).format, LogFormat::Json);
    assert_eq!(
        settings(&[("PORTWAY_LOG_FORMAT", "text")], false).format,
        LogFormat::Text
    );
    assert_eq!(
        settings(&[("PORTWAY_LOG_FORMAT", "JSON")], true).format,
        LogFormat::Json
    );
    assert_eq!(settings(&[("PORTWAY_LOG", "debug")], true).filter, "debug");
    assert!(settings(&[], true).colour);
    assert!(!settings(&[("NO_COLOR", "1")], true).colour);
}

#[tokio::test]
async fn checks_run_side_by_side_and_none_hangs() {
    // Each of the two waits for the other, so they finish only side by side.
    let together = Arc::new(tokio::sync::Barrier::new(2));
    let meets = |id| {
        let together = Arc::clone(&together);
        Check::new(id, "Meets", Layer::Infrastructure, move || {
            let together = Arc::clone(&together);
            async move {
                together.wait().await;
                Outcome::ok("done")
            }
        })
    };
    let checks = [
        meets("a.meets"),
        meets("b.meets"),
        Check::new(
            "c.hangs",
            "Hangs",
            Layer::Portal,
            std::future::pending::<Outcome>,
        )
        .within(Duration::from_millis(20)),
        Check::new(
            "d.panics",
            "Panics",
            Layer::SecurityAndCompliance,
            || async { panic!("oh") },
        ),
        Check::new("e.warns", "Warns", Layer::Portal, || async {
            Outcome::warn("97 % full", "delete old files")
        }),
        Check::new("f.skips", "Skips", Layer::ResourceManagement, || async {
            Outcome::skip("not configured")
        }),
    ];
    let findings = examine(&checks).await;
    let rows: Vec<_> = findings
        .iter()
        .map(|finding| (finding.id, finding.status, finding.evidence.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("c.hangs", Status::Fail, "no answer within 0.02 s"),
            ("e.warns", Status::Warn, "97 % full"),
            (
                "d.panics",
                Status::Fail,
                "the check itself stopped with an error"
            ),
            ("f.skips", Status::Skip, "not configured"),
            ("a.meets", Status::Ok, "done"),
            ("b.meets", Status::Ok, "done"),
        ]
    );
    assert_eq!(worst(&findings), Status::Fail);
    assert_eq!(worst(&[]), Status::Ok);
    assert_eq!(
        serde_json::to_value(Layer::IntegrationAndDelivery).unwrap(),
        "integration-and-delivery"
    );
}

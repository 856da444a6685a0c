//! The doors for operators: health, readiness, metrics, version.

use std::sync::Arc;

use axum::http::Method;
use platform::http::{Access, Gate, Routes};
use platform::openapi::{Operation, schema};
use platform::telemetry::Metrics;
use serde_json::json;

const PROBE: Access = Access::Public(
    "load balancers and monitors have no credentials, and it says nothing of the content",
);

/// Health under Portway's paths and Backstage's, metrics, version.
pub(super) fn routes(metrics: &Metrics, gate: Arc<dyn Gate>) -> Routes {
    let metrics = metrics.clone();
    let healthy = || async { axum::Json(json!({ "status": "ok" })) };
    let get = Method::GET;
    let probe = |id: &str| {
        Operation::new(id, "Server", "Says that the server answers").json(
            200,
            "It does",
            schema::object([("status", schema::choice(&["ok"]))]),
        )
    };
    Routes::new(gate)
        .api(get.clone(), "/healthz", PROBE, healthy)
        .describe(probe("getHealth"))
        .api(get.clone(), "/readyz", PROBE, healthy)
        .describe(probe("getReadiness"))
        .api(
            get.clone(),
            "/.backstage/health/v1/liveness",
            PROBE,
            healthy,
        )
        .describe(probe("getBackstageLiveness"))
        .api(
            get.clone(),
            "/.backstage/health/v1/readiness",
            PROBE,
            healthy,
        )
        .describe(probe("getBackstageReadiness"))
        .api(get.clone(), "/metrics", PROBE, move || {
            let answer = metrics.respond();
            async move { answer }
        })
        .describe(
            Operation::new("getMetrics", "Server", "Answers figures for Prometheus").media(
                200,
                "In the OpenMetrics text format",
                "application/openmetrics-text",
            ),
        )
        .api(get, "/api/v1/version", PROBE, || async {
            axum::Json(json!({ "name": "portway", "version": env!("CARGO_PKG_VERSION") }))
        })
        .describe(
            Operation::new("getVersion", "Server", "Answers the program's version").json(
                200,
                "The version",
                schema::object([("name", schema::text()), ("version", schema::text())]),
            ),
        )
}

//! The doors for operators: health, readiness, metrics, version.

use std::sync::Arc;

use axum::http::Method;
use platform::http::{Access, Gate, Routes};
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
    Routes::new(gate)
        .api(get.clone(), "/healthz", PROBE, healthy)
        .api(get.clone(), "/readyz", PROBE, healthy)
        .api(
            get.clone(),
            "/.backstage/health/v1/liveness",
            PROBE,
            healthy,
        )
        .api(
            get.clone(),
            "/.backstage/health/v1/readiness",
            PROBE,
            healthy,
        )
        .api(get.clone(), "/metrics", PROBE, move || {
            let answer = metrics.respond();
            async move { answer }
        })
        .api(get, "/api/v1/version", PROBE, || async {
            axum::Json(json!({ "name": "portway", "version": env!("CARGO_PKG_VERSION") }))
        })
}

//! Whether the process lives, and whether it can do its work.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

const CHECK: Duration = Duration::from_secs(2);

type Probe = dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync;

/// A thing that the service needs.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    required: bool,
    probe: Arc<Probe>,
}

impl Check {
    /// `probe` answers whether the thing is there.
    pub fn required<F>(name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        Self {
            name,
            required: true,
            probe: Arc::new(move || Box::pin(probe())),
        }
    }

    /// The service works without it, only slower.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

/// What `/readyz` answers.
#[derive(Serialize)]
pub struct Readiness {
    status: &'static str,
    checks: BTreeMap<&'static str, &'static str>,
}

/// The process lives. It asks nobody, so that no outage restarts it.
pub async fn live() -> Json<BTreeMap<&'static str, &'static str>> {
    Json(BTreeMap::from([("status", "ok")]))
}

/// Asks everything that the service needs, all at once.
pub async fn ready(State(checks): State<Arc<[Check]>>) -> (StatusCode, Json<Readiness>) {
    let running: Vec<_> = checks
        .iter()
        .map(|check| tokio::spawn(tokio::time::timeout(CHECK, (check.probe)())))
        .collect();
    let (mut ready, mut states) = (true, BTreeMap::new());
    for (check, running) in checks.iter().zip(running) {
        let well = matches!(running.await, Ok(Ok(true)));
        states.insert(check.name, if well { "ok" } else { "unavailable" });
        if !well {
            tracing::warn!(dependency = check.name, "dependency unavailable");
            ready &= !check.required;
        }
    }
    let (code, status) = if ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    };
    let checks = states;
    (code, Json(Readiness { status, checks }))
}

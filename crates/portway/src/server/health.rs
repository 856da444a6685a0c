//! The health page and its data: every check of every capability, by layer.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::http::Method;
use catalog::Catalog;
use platform::Clock;
use platform::doctor::{Check, Finding, Layer, Outcome, Status, examine, worst};
use platform::error::ApiError;
use platform::event::EventLog;
use platform::http::{Access, Gate, Routes};
use platform::queue::Queue;
use platform::request::Call;
use platform::store::Db;
use portal::ui::{Crumbs, Tone};
use portal::{Page, Portal, View};
use serde_json::json;

/// Work that waits longer than this is late.
const LATE: Duration = Duration::from_secs(60);
/// Events that lists may lag behind before it is worth saying.
const LAG: i64 = 100;

/// The platform's own checks.
pub(super) fn checks(db: &Db, catalog: &Catalog) -> Vec<Check> {
    let (reads, queue) = (db.clone(), Queue::new(db));
    let (log, model) = (EventLog::new(db), Arc::clone(catalog.model()));
    vec![
        Check::new(
            "platform.database",
            "The database answers",
            Layer::Infrastructure,
            move || database(reads.clone()),
        ),
        Check::new(
            "platform.queue",
            "No work is late",
            Layer::Infrastructure,
            move || punctual(queue.clone()),
        ),
        Check::new(
            "platform.model",
            "Lists are up to date",
            Layer::Infrastructure,
            move || {
                let (log, applied) = (log.clone(), model.applied());
                async move {
                    match log.latest_seq().await {
                        Ok(latest) if latest - applied <= LAG => {
                            Outcome::ok(format!("event {applied} of {latest}"))
                        }
                        Ok(latest) => Outcome::warn(
                            format!("event {applied} of {latest}"),
                            "wait; a large source is being read",
                        ),
                        Err(error) => Outcome::fail(error.to_string(), "see the server's log"),
                    }
                }
            },
        ),
    ]
}

async fn database(db: Db) -> Outcome {
    match db.read("SELECT 1", Vec::new()).await {
        Ok(_) => Outcome::ok(db.place().to_owned()),
        Err(error) => Outcome::fail(error.to_string(), "see the message"),
    }
}

async fn punctual(queue: Queue) -> Outcome {
    let depths = match queue.depths().await {
        Ok(depths) => depths,
        Err(error) => return Outcome::fail(error.to_string(), "see the server's log"),
    };
    match depths.iter().find(|depth| depth.oldest_due > LATE) {
        Some(late) => Outcome::warn(
            format!(
                "{}: {} jobs are due, the oldest for {} s",
                late.queue,
                late.due,
                late.oldest_due.as_secs()
            ),
            "see /sources for what is being read",
        ),
        None => Outcome::ok(format!(
            "{} jobs",
            depths.iter().map(|depth| depth.jobs).sum::<u64>()
        )),
    }
}

/// The page and its JSON twin.
pub(super) fn routes(
    checks: Vec<Check>,
    catalog: &Catalog,
    portal: &Arc<Portal>,
    clock: &Clock,
    gate: Arc<dyn Gate>,
) -> Routes {
    let read = Access::Needs(catalog::permission::LOCATION_READ);
    let checks: Arc<[Check]> = checks.into();
    let (again, catalog, portal, clock) = (
        Arc::clone(&checks),
        catalog.clone(),
        Arc::clone(portal),
        clock.clone(),
    );
    Routes::new(gate)
        .api(Method::GET, "/api/v1/doctor", read, move |_: Call| {
            let checks = Arc::clone(&checks);
            async move {
                let findings = examine(&checks).await;
                axum::Json(json!({ "status": worst(&findings).as_str(), "items": findings }))
            }
        })
        .page(Method::GET, "/admin/health", read, move |call: Call| {
            let (checks, catalog, portal, now) = (
                Arc::clone(&again),
                catalog.clone(),
                Arc::clone(&portal),
                clock.now(),
            );
            async move {
                let findings = examine(&checks).await;
                let view = catalog::page_view(&portal, &call, now, &catalog);
                Ok::<_, ApiError>(Page::new(HealthPage::new(view, &findings)))
            }
        })
}

#[derive(Template)]
#[template(path = "portway/health.html")]
struct HealthPage {
    view: View,
    crumbs: Crumbs,
    worst: (Tone, &'static str),
    layers: Vec<LayerCard>,
}

struct LayerCard {
    id: &'static str,
    key: String,
    findings: Vec<Line>,
}

struct Line {
    key: String,
    tone: Tone,
    word: &'static str,
    evidence: String,
    fix: String,
}

impl HealthPage {
    fn new(view: View, findings: &[Finding]) -> Self {
        let crumbs = Crumbs::to(view.t("health-title").to_string());
        let layers = Layer::ALL
            .into_iter()
            .map(|layer| LayerCard {
                id: layer.as_str(),
                key: format!("health-layer-{}", layer.as_str()),
                findings: findings
                    .iter()
                    .filter(|finding| finding.layer == layer)
                    .map(Line::of)
                    .collect(),
            })
            .collect();
        Self {
            view,
            crumbs,
            worst: shown(worst(findings)),
            layers,
        }
    }
}

impl Line {
    fn of(finding: &Finding) -> Self {
        let (tone, word) = shown(finding.status);
        Self {
            key: format!("health-check-{}", finding.id.replace('.', "-")),
            tone,
            word,
            evidence: finding.evidence.clone(),
            fix: finding.fix.clone().unwrap_or_default(),
        }
    }
}

fn shown(status: Status) -> (Tone, &'static str) {
    match status {
        Status::Ok => (Tone::Ok, "health-ok"),
        Status::Warn => (Tone::Warn, "health-warn"),
        Status::Fail => (Tone::Bad, "health-fail"),
        Status::Skip => (Tone::Neutral, "health-skip"),
    }
}

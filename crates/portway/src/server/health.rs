//! The health page and its data: every check of every capability, by layer.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::http::Method;
use catalog::Catalog;
use platform::Clock;
use platform::actor::Permission;
use platform::doctor::{Check, Finding, Layer, Message, Outcome, Status, examine, worst};
use platform::error::ApiError;
use platform::event::EventLog;
use platform::http::{Access, Gate, Routes};
use platform::openapi::{Operation, schema};
use platform::queue::Queue;
use platform::request::Call;
use platform::store::Db;
use portal::ui::{Crumbs, Tone};
use portal::{Lang, Page, Portal, View};
use serde_json::{Value, json};

use crate::findings::{Said, said};

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
                async move { up_to_date(&log, applied).await }
            },
        ),
    ]
}

async fn up_to_date(log: &EventLog, applied: i64) -> Outcome {
    let latest = match log.latest_seq().await {
        Ok(latest) => latest,
        Err(error) => return Outcome::fail(error.to_string(), see_log()),
    };
    let at = Message::new("doctor-model", format!("event {applied} of {latest}"))
        .with("applied", applied.to_string())
        .with("latest", latest.to_string());
    if latest - applied <= LAG {
        return Outcome::ok(at);
    }
    Outcome::warn(
        at,
        Message::new("doctor-model-fix", "wait; a large source is being read"),
    )
}

async fn database(db: Db) -> Outcome {
    match db.read("SELECT 1", Vec::new()).await {
        Ok(_) => Outcome::ok(db.place().to_owned()),
        Err(error) => Outcome::fail(
            error.to_string(),
            Message::new("doctor-see-message", "see the message"),
        ),
    }
}

async fn punctual(queue: Queue) -> Outcome {
    let depths = match queue.depths().await {
        Ok(depths) => depths,
        Err(error) => return Outcome::fail(error.to_string(), see_log()),
    };
    if let Some(late) = depths.iter().find(|depth| depth.oldest_due > LATE) {
        let (due, seconds) = (late.due, late.oldest_due.as_secs());
        return Outcome::warn(
            Message::new(
                "doctor-queue-late",
                format!(
                    "{}: {due} jobs are due, the oldest for {seconds} s",
                    late.queue
                ),
            )
            .with("queue", late.queue.as_str())
            .with("due", due)
            .with("seconds", seconds),
            Message::new("doctor-queue-fix", "see /sources for what is being read"),
        );
    }
    let jobs = depths.iter().map(|depth| depth.jobs).sum::<u64>();
    Outcome::ok(Message::new("doctor-queue", format!("{jobs} jobs")).with("count", jobs))
}

fn see_log() -> Message {
    Message::new("doctor-see-log", "see the server's log")
}

/// What every check and the page of all of them needs.
pub(super) const READ: Permission = catalog::permission::LOCATION_READ;

/// The page and its JSON twin.
pub(super) fn routes(
    checks: Vec<Check>,
    catalog: &Catalog,
    portal: &Arc<Portal>,
    clock: &Clock,
    gate: Arc<dyn Gate>,
) -> Routes {
    let read = Access::Needs(READ);
    let checks: Arc<[Check]> = checks.into();
    let (again, catalog, portal, clock) = (
        Arc::clone(&checks),
        catalog.clone(),
        Arc::clone(portal),
        clock.clone(),
    );
    let texts = Arc::clone(portal.texts());
    let twin = (Arc::clone(&checks), Arc::clone(&texts));
    Routes::new(gate)
        .page(
            Method::GET,
            "/admin/health.json",
            read,
            move |call: Call| {
                let (checks, texts) = twin.clone();
                async move { axum::Json(by_layer(&checks, &texts, &call).await) }
            },
        )
        .api(Method::GET, "/api/v1/doctor", read, move |call: Call| {
            let (checks, texts) = (Arc::clone(&checks), Arc::clone(&texts));
            async move {
                let lang = call.query.get("lang").and_then(Lang::from_tag);
                let findings = examine(&checks).await;
                let items: Vec<Value> = findings
                    .iter()
                    .map(|finding| said(&texts, lang.unwrap_or_default(), finding).row(finding))
                    .collect();
                axum::Json(json!({ "status": worst(&findings).as_str(), "items": items }))
            }
        })
        .describe(
            Operation::new(
                "getDoctor",
                "Server",
                "Examines every part and says what is not well",
            )
            .query(
                "lang",
                schema::choice(&["en", "ko"]),
                "The language of titles and advice",
            )
            .json(
                200,
                "The findings",
                schema::object([
                    ("status", schema::choice(&["ok", "warn", "fail", "skip"])),
                    ("items", schema::list(schema::any_object())),
                ]),
            ),
        )
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
                Ok::<_, ApiError>(Page::new(HealthPage::new(view, &portal, &findings)))
            }
        })
}

/// The data of the page: the five layers, each with its worst status.
async fn by_layer(checks: &[Check], texts: &Arc<portal::Texts>, call: &Call) -> Value {
    let lang = call.query.get("lang").and_then(Lang::from_tag);
    let findings = examine(checks).await;
    let layers = Layer::ALL.into_iter().map(|layer| {
        let own = || findings.iter().filter(|finding| finding.layer == layer);
        let items: Vec<Value> = own()
            .map(|finding| said(texts, lang.unwrap_or_default(), finding).row(finding))
            .collect();
        let worst = own().map(|finding| finding.status).max();
        json!({
            "layer": layer.as_str(),
            "status": worst.map(Status::as_str),
            "items": items,
        })
    });
    json!({ "status": worst(&findings).as_str(), "layers": layers.collect::<Vec<_>>() })
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
    worst: Option<(Tone, &'static str)>,
    milliseconds: u64,
    findings: Vec<Line>,
}

struct Line {
    title: String,
    tone: Tone,
    word: &'static str,
    evidence: String,
    fix: String,
}

impl HealthPage {
    fn new(view: View, portal: &Portal, findings: &[Finding]) -> Self {
        let crumbs = Crumbs::to(view.t("health-title").to_string());
        let layers = Layer::ALL
            .into_iter()
            .map(|layer| {
                let own = || findings.iter().filter(|finding| finding.layer == layer);
                let mut lines: Vec<&Finding> = own().collect();
                // What needs somebody comes first.
                lines.sort_by_key(|finding| std::cmp::Reverse(finding.status));
                LayerCard {
                    id: layer.as_str(),
                    key: format!("health-layer-{}", layer.as_str()),
                    worst: own().map(|finding| finding.status).max().map(shown),
                    // They run side by side.
                    milliseconds: own().map(|finding| finding.milliseconds).max().unwrap_or(0),
                    findings: lines
                        .into_iter()
                        .map(|finding| Line::of(finding, said(portal.texts(), view.lang, finding)))
                        .collect(),
                }
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
    fn of(finding: &Finding, said: Said) -> Self {
        let (tone, word) = shown(finding.status);
        Self {
            title: said.title,
            tone,
            word,
            evidence: said.evidence,
            fix: said.fix.unwrap_or_default(),
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

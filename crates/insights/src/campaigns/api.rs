//! Campaigns for programs, under `/api/v1/campaigns`.

use std::future::Future;
use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use catalog::index::Index;
use catalog::permission::ENTITY_READ;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde_json::{Value, json};

use super::arithmetic::{Forecast, State, Tally};
use super::measure::{Target, WaveProgress};
use super::plan::Part;
use super::report::Report;
use super::teams::TeamRow;
use super::{Campaigns, Found, csv, describe};

/// Remaining targets in one answer; the CSV has all.
const MAX_REMAINING: usize = 1_000;

/// The answer of a handler.
pub(super) type Answer = Result<Response, ApiError>;

/// Every route of campaigns for programs. Whoever may see entities may see how
/// far they have come.
pub fn routes(campaigns: &Campaigns, gate: Arc<dyn Gate>) -> Routes {
    let read = Access::Needs(ENTITY_READ);
    Routes::new(gate)
        .api(Method::GET, "/api/v1/campaigns", read, on(campaigns, list))
        .describe(describe::list())
        .api(
            Method::GET,
            "/api/v1/campaigns/{namespace}/{name}",
            read,
            on(campaigns, get),
        )
        .describe(describe::get())
        .api(
            Method::GET,
            "/api/v1/campaigns/{namespace}/{name}/remaining.csv",
            read,
            on(campaigns, remaining),
        )
        .describe(describe::remaining())
        .with_schemas(describe::schemas())
}

/// A handler with the campaigns in hand.
fn on<F, R>(
    campaigns: &Campaigns,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Campaigns, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let campaigns = campaigns.clone();
    move |call: Call| work(campaigns.clone(), call).boxed()
}

/// `GET /api/v1/campaigns`
async fn list(campaigns: Campaigns, call: Call) -> Answer {
    let (found, total) = campaigns.all(&call.caller).await?;
    let items: Vec<Value> = found.iter().map(summary).collect();
    Ok(Json(json!({ "items": items, "totalItems": total })).into_response())
}

/// `GET /api/v1/campaigns/{namespace}/{name}`
async fn get(campaigns: Campaigns, call: Call) -> Answer {
    let found = campaigns
        .named(&call.caller, call.path("namespace"), call.path("name"))
        .await?;
    let mut body = summary(&found);
    if let (Some(fields), Some(report)) = (body.as_object_mut(), &found.report) {
        let teams = report.teams(&campaigns.catalog.model().index());
        for (key, value) in details(report, &teams) {
            fields.insert(key.to_owned(), value);
        }
    }
    Ok(Json(body).into_response())
}

/// `GET /api/v1/campaigns/{namespace}/{name}/remaining.csv`
async fn remaining(campaigns: Campaigns, call: Call) -> Answer {
    let found = campaigns
        .named(&call.caller, call.path("namespace"), call.path("name"))
        .await?;
    let Some(report) = &found.report else {
        let first = found.problems.first().map(ToString::to_string);
        return Err(ApiError::conflict(format!(
            "{} cannot be measured: {}",
            found.entity_ref,
            first.unwrap_or_default()
        ))
        .fix("correct the campaign's document"));
    };
    let mut response = csv::remaining(report).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"remaining.csv\""),
    );
    Ok(response)
}

/// What lists show of a campaign.
fn summary(found: &Found) -> Value {
    let mut body = json!({
        "ref": found.entity_ref.as_str(),
        "title": found.title,
        "standing": found.report.as_ref().map_or("invalid", |report| report.standing.name()),
        "problems": found.problems,
    });
    if let (Some(fields), Some(report)) = (body.as_object_mut(), &found.report) {
        let plan = &report.plan;
        let removed = report.measured.removed.len();
        fields.insert(
            "owner".into(),
            plan.owner.as_ref().map(|owner| owner.as_str()).into(),
        );
        fields.insert("starts".into(), plan.starts.to_string().into());
        fields.insert("deadline".into(), plan.deadline.to_string().into());
        fields.insert("timeZone".into(), plan.zone_name.as_str().into());
        fields.insert("today".into(), report.today.to_string().into());
        let mut progress = tally(report.measured.tally);
        if let Some(progress) = progress.as_object_mut() {
            progress.insert("removed".into(), removed.into());
        }
        fields.insert("progress".into(), progress);
        fields.insert("forecast".into(), forecast(report.forecast));
    }
    body
}

fn tally(tally: Tally) -> Value {
    json!({
        "total": tally.total,
        "done": tally.done,
        "exempt": tally.exempt,
        "remaining": tally.remaining(),
        "percent": tally.percent(),
    })
}

fn forecast(forecast: Forecast) -> Value {
    match forecast {
        Forecast::Finished(since) => json!({ "finishedOn": since.to_string() }),
        Forecast::Expected { on, per_day } => {
            json!({ "expectedOn": on.to_string(), "perDay": rounded(per_day) })
        }
        Forecast::Unknown(why) => json!({ "unknown": why.name() }),
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

fn details(report: &Report, teams: &[TeamRow]) -> Vec<(&'static str, Value)> {
    let plan = &report.plan;
    let end_of_life = plan.end_of_life.as_ref().map(|end| {
        json!({
            "product": end.product,
            "date": end.date.map(|date| date.to_string()),
            "url": end.url,
        })
    });
    let targets = &report.measured.targets;
    let of = |state: State| targets.iter().filter(move |target| target.state == state);
    let remaining: Vec<Value> = of(State::Remaining)
        .take(MAX_REMAINING)
        .map(|target| target_json(report, target))
        .collect();
    let exempt: Vec<Value> = of(State::Exempt)
        .take(MAX_REMAINING)
        .map(|target| exempt_json(report, target))
        .collect();
    let removed: Vec<&str> = report
        .measured
        .removed
        .iter()
        .take(MAX_REMAINING)
        .map(|entity_ref| entity_ref.as_str())
        .collect();
    vec![
        ("description", plan.description.clone().into()),
        ("reason", plan.reason.clone().into()),
        ("endOfLife", end_of_life.into()),
        ("burndown", burndown(report)),
        ("teams", teams.iter().map(team_json).collect()),
        (
            "waves",
            report
                .waves()
                .iter()
                .map(|wave| wave_json(report, wave))
                .collect(),
        ),
        ("remaining", remaining.into()),
        ("exempt", exempt.into()),
        ("removed", removed.into()),
        (
            "recordedAt",
            report.recorded_at.map(|at| at.to_string()).into(),
        ),
    ]
}

fn burndown(report: &Report) -> Value {
    let span = report.span();
    let days: Vec<Value> = report
        .days
        .iter()
        .map(|day| {
            json!({
                "day": day.day.to_string(),
                "total": day.tally.total,
                "done": day.tally.done,
                "exempt": day.tally.exempt,
                "remaining": day.tally.remaining(),
                "removed": day.removed,
                "ideal": rounded(span.ideal(report.baseline, day.day)),
            })
        })
        .collect();
    json!({
        "baseline": report.baseline,
        "days": days,
        "ideal": [
            { "day": span.starts.to_string(), "remaining": report.baseline },
            { "day": span.deadline.to_string(), "remaining": 0 },
        ],
    })
}

fn team_json(row: &TeamRow) -> Value {
    json!({
        "ref": row.team.as_ref().map(|team| team.as_str()),
        "title": row.title,
        "depth": row.depth,
        "progress": tally(row.tally),
        "own": tally(row.own),
    })
}

fn wave_json(report: &Report, progress: &WaveProgress) -> Value {
    let wave = progress.wave.and_then(|at| report.plan.waves.get(at));
    let share = wave.and_then(|wave| match wave.part {
        Part::Share(share) => Some(share),
        Part::Filter(_) => None,
    });
    let deadline = wave.map_or(report.plan.deadline, |wave| wave.deadline);
    json!({
        "name": wave.map(|wave| wave.name.as_str()),
        "deadline": deadline.to_string(),
        "share": share,
        "overdue": report.today > deadline && progress.tally.remaining() > 0,
        "progress": tally(progress.tally),
    })
}

fn target_json(report: &Report, target: &Target) -> Value {
    let wave = target.wave.and_then(|at| report.plan.waves.get(at));
    json!({
        "ref": target.entity_ref.as_str(),
        "title": target.title,
        "owners": target.owners.iter().map(|owner| owner.as_str()).collect::<Vec<_>>(),
        "wave": wave.map(|wave| wave.name.as_str()),
        "joined": target.joined.map(|day| day.to_string()),
    })
}

fn exempt_json(report: &Report, target: &Target) -> Value {
    let exemption = target
        .exemption
        .and_then(|at| report.plan.exemptions.get(at));
    let mut body = target_json(report, target);
    if let (Some(fields), Some(exemption)) = (body.as_object_mut(), exemption) {
        fields.insert("reason".into(), exemption.reason.as_str().into());
        fields.insert(
            "until".into(),
            exemption.until.map(|until| until.to_string()).into(),
        );
        fields.insert("approvedBy".into(), exemption.approved_by.clone().into());
    }
    body
}

/// The index, for pages that need it together with a report.
pub(super) fn with_index<T>(campaigns: &Campaigns, work: impl FnOnce(&Index) -> T) -> T {
    work(&campaigns.catalog.model().index())
}

//! `/campaigns/{namespace}/{name}`: how far one campaign has come.

use askama::Template;
use axum::response::IntoResponse;
use catalog::index::Index;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Crumbs, Html, Problems, Status, Tone};
use portal::{Page, View};

use super::{Desk, Line, chart, entity_href, problems, width, words};
use crate::campaigns::Found;
use crate::campaigns::api::{Answer, with_index};
use crate::campaigns::arithmetic::{State, Tally};
use crate::campaigns::measure::Target;
use crate::campaigns::plan::{EndOfLife, Part, Scope};
use crate::campaigns::report::Report;
use crate::campaigns::teams::TeamRow;

/// Remaining entities on the page; the CSV has all.
const MAX_LISTED: usize = 200;

#[derive(Template)]
#[template(path = "insights/campaign.html")]
struct CampaignPage {
    title: String,
    crumbs: Crumbs,
    status: Status,
    owner: Option<Line>,
    entity: String,
    csv: String,
    json: String,
    problems: Problems,
    body: Option<Body>,
    view: View,
}

/// What is shown of a campaign that can be measured.
struct Body {
    description: Option<String>,
    reason: Option<String>,
    end_of_life: Option<EndOfLife>,
    starts: String,
    deadline: String,
    distance: String,
    zone: String,
    fixed: bool,
    tally: Tally,
    percent: String,
    removed: usize,
    forecast: (String, String),
    chart: Html,
    recorded: Option<jiff::Timestamp>,
    next: Option<jiff::Timestamp>,
    teams: Vec<Team>,
    waves: Vec<WaveLine>,
    remaining: Vec<Entry>,
    exempt: Vec<Entry>,
}

struct Team {
    indent: String,
    line: Option<Line>,
    tally: Tally,
    percent: String,
    width: String,
}

struct WaveLine {
    name: Option<String>,
    share: Option<u8>,
    deadline: String,
    distance: String,
    status: Status,
    tally: Tally,
    percent: String,
    width: String,
}

/// A target in a list.
struct Entry {
    title: String,
    href: String,
    name: String,
    owners: Vec<Line>,
    wave: Option<String>,
    reason: Option<String>,
    until: Option<String>,
    approved_by: Option<String>,
}

/// `GET /campaigns/{namespace}/{name}`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let found = desk
        .campaigns
        .named(&call.caller, call.path("namespace"), call.path("name"))
        .await?;
    let next = desk.campaigns.next_record().await.map_err(ApiError::from)?;
    let next = next.and_then(|job| match job.state {
        platform::queue::JobState::Waiting { run_at } => Some(run_at),
        platform::queue::JobState::Running { again_at, .. } => again_at,
    });
    let (body, owner) = with_index(&desk.campaigns, |index| {
        let owner = found
            .report
            .as_ref()
            .and_then(|report| report.plan.owner.as_ref())
            .map(|owner| Line::of(index, owner));
        let body = found
            .report
            .as_ref()
            .map(|report| body(&view, index, report, next));
        (body, owner)
    });
    let api = format!("/api/v1{}", super::campaign_href(&found.entity_ref));
    let Found {
        entity_ref, title, ..
    } = &found;
    Ok(Page::new(CampaignPage {
        crumbs: Crumbs::to(title.as_str())
            .via(view.t("insights-nav-campaigns").to_string(), "/campaigns"),
        status: words::status(&view, &found),
        owner,
        entity: entity_href(entity_ref),
        csv: format!("{api}/remaining.csv"),
        json: api,
        problems: problems(&found.problems),
        body,
        title: title.clone(),
        view,
    })
    .into_response())
}

fn body(view: &View, index: &Index, report: &Report, next: Option<jiff::Timestamp>) -> Body {
    let plan = &report.plan;
    let entries = |state: State| {
        let targets = report.measured.targets.iter();
        targets
            .filter(|target| target.state == state)
            .take(MAX_LISTED)
            .map(|target| entry(index, report, target))
            .collect::<Vec<_>>()
    };
    Body {
        description: plan.description.clone(),
        reason: plan.reason.clone(),
        end_of_life: plan.end_of_life.clone(),
        starts: plan.starts.to_string(),
        deadline: plan.deadline.to_string(),
        distance: words::distance(view, report.today, plan.deadline),
        zone: plan.zone_name.clone(),
        fixed: plan.scope == Scope::Fixed,
        tally: report.measured.tally,
        percent: words::percent(report.measured.tally),
        removed: report.measured.removed.len(),
        forecast: words::forecast(view, report),
        chart: chart::burndown(view, report),
        recorded: report.recorded_at,
        next,
        teams: report
            .teams(index)
            .iter()
            .map(|row| team(index, row))
            .collect(),
        waves: waves(view, report),
        remaining: entries(State::Remaining),
        exempt: entries(State::Exempt),
    }
}

fn team(index: &Index, row: &TeamRow) -> Team {
    let indent = match row.depth {
        0 => String::new(),
        // Spaces as wide as a letter: deeper groups stand further right.
        depth => format!("{}↳ ", "\u{2003}".repeat(depth.min(8) - 1)),
    };
    Team {
        indent,
        line: row.team.as_ref().map(|team| Line::of(index, team)),
        tally: row.tally,
        percent: words::percent(row.tally),
        width: width(row.tally),
    }
}

fn waves(view: &View, report: &Report) -> Vec<WaveLine> {
    report
        .waves()
        .into_iter()
        .map(|progress| {
            let wave = progress.wave.and_then(|at| report.plan.waves.get(at));
            let deadline = wave.map_or(report.plan.deadline, |wave| wave.deadline);
            let (tone, key) = if progress.tally.remaining() == 0 {
                (Tone::Ok, "insights-standing-finished")
            } else if report.today > deadline {
                (Tone::Bad, "insights-standing-overdue")
            } else {
                (Tone::Info, "insights-wave-running")
            };
            WaveLine {
                name: wave.map(|wave| wave.name.clone()),
                share: wave.and_then(|wave| match wave.part {
                    Part::Share(share) => Some(share),
                    Part::Filter(_) => None,
                }),
                deadline: deadline.to_string(),
                distance: words::distance(view, report.today, deadline),
                status: Status {
                    tone,
                    text: view.t(key).to_string(),
                },
                tally: progress.tally,
                percent: words::percent(progress.tally),
                width: width(progress.tally),
            }
        })
        .collect()
}

fn entry(index: &Index, report: &Report, target: &Target) -> Entry {
    let exemption = target
        .exemption
        .and_then(|at| report.plan.exemptions.get(at));
    let wave = target.wave.and_then(|at| report.plan.waves.get(at));
    Entry {
        title: target.title.clone(),
        href: entity_href(&target.entity_ref),
        name: target.entity_ref.to_string(),
        owners: target
            .owners
            .iter()
            .map(|owner| Line::of(index, owner))
            .collect(),
        wave: wave.map(|wave| wave.name.clone()),
        reason: exemption.map(|exemption| exemption.reason.clone()),
        until: exemption.and_then(|exemption| exemption.until.map(|until| until.to_string())),
        approved_by: exemption.and_then(|exemption| exemption.approved_by.clone()),
    }
}

impl Body {
    /// Entities that are not on the page.
    fn more(&self) -> u64 {
        let shown = u64::try_from(self.remaining.len()).unwrap_or(u64::MAX);
        self.tally.remaining().saturating_sub(shown)
    }
}

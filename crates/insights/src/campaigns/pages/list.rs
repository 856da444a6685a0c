//! `/campaigns`: what has to move, and how far each has come.

use askama::Template;
use axum::response::IntoResponse;
use platform::request::Call;
use portal::ui::{Html, Status};
use portal::{Page, View};

use super::{Desk, Line, campaign_href, width, words};
use crate::campaigns::Found;
use crate::campaigns::api::{Answer, with_index};
use crate::campaigns::arithmetic::Tally;

#[derive(Template)]
#[template(path = "insights/campaigns.html")]
struct CampaignsPage {
    rows: Vec<Row>,
    total: usize,
    view: View,
}

struct Row {
    title: String,
    href: String,
    status: Status,
    owner: Option<Line>,
    numbers: Option<Numbers>,
    problems: usize,
}

struct Numbers {
    deadline: String,
    distance: String,
    tally: Tally,
    percent: String,
    width: String,
    forecast: String,
}

/// `GET /campaigns`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let (found, total) = desk.campaigns.all(&call.caller).await?;
    let rows = with_index(&desk.campaigns, |index| {
        found
            .iter()
            .map(|found| {
                let owner = found
                    .report
                    .as_ref()
                    .and_then(|report| report.plan.owner.as_ref());
                row(&view, found, owner.map(|owner| Line::of(index, owner)))
            })
            .collect()
    });
    Ok(Page::new(CampaignsPage { rows, total, view }).into_response())
}

fn row(view: &View, found: &Found, owner: Option<Line>) -> Row {
    let numbers = found.report.as_ref().map(|report| Numbers {
        deadline: report.plan.deadline.to_string(),
        distance: words::distance(view, report.today, report.plan.deadline),
        tally: report.measured.tally,
        percent: words::percent(report.measured.tally),
        width: width(report.measured.tally),
        forecast: words::forecast(view, report).0,
    });
    Row {
        title: found.title.clone(),
        href: campaign_href(&found.entity_ref),
        status: words::status(view, found),
        owner,
        numbers,
        problems: found.problems.len(),
    }
}

impl CampaignsPage {
    /// The smallest campaign that works.
    fn example(&self) -> Html {
        let text = "apiVersion: portway.dev/v1alpha1\nkind: Campaign\nmetadata:\n  name: postgresql-11\nspec:\n  owner: team-platform\n  starts: 2026-09-01\n  deadline: 2026-12-15\n  targets:\n    filter: kind=resource,spec.type=database\n  done:\n    filter: metadata.labels.example.com/engine-version=17\n";
        portal::ui::Code {
            id: "campaign-example".to_owned(),
            caption: "campaign.yaml".to_owned(),
            text: text.to_owned(),
            syntax: portal::ui::Syntax::Yaml,
            ..portal::ui::Code::default()
        }
        .html(&self.view)
    }
}

//! The card on the home page: campaigns in which something of the reader's
//! groups has to move still; for a page about everything, all that run.

use askama::Template;
use catalog::{CardPlace, HomeCard, HomeShown};
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use portal::View;
use portal::ui::{Html, Status};

use super::{campaign_href, words};
use crate::campaigns::arithmetic::{Standing, State};
use crate::campaigns::report::Report;
use crate::campaigns::{Campaigns, Found};

/// Campaigns that are listed; the link leads to all.
const MAX_LISTED: usize = 5;

#[derive(Template)]
#[template(path = "insights/home.html")]
struct Card<'a> {
    view: &'a View,
    rows: Vec<Row>,
}

struct Row {
    title: String,
    href: String,
    status: Status,
    remaining: String,
    deadline: String,
    distance: String,
}

/// The card, for the socket of the home page.
pub(crate) fn home_card(campaigns: &Campaigns) -> HomeCard {
    let campaigns = campaigns.clone();
    HomeCard::new(
        ("campaigns", "insights-home-title"),
        (CardPlace::Aside, 20),
        catalog::permission::ENTITY_READ,
        move |shown| card(campaigns.clone(), shown),
    )
}

async fn card(campaigns: Campaigns, shown: HomeShown) -> Result<Option<Html>, ApiError> {
    let (found, _) = campaigns.all(&shown.caller).await?;
    let rows: Vec<Row> = found
        .iter()
        .filter_map(|found| row(&shown.view, found, &shown.owners))
        .take(MAX_LISTED)
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let card = Card {
        view: &shown.view,
        rows,
    };
    Ok(Some(Html::of(&card)))
}

/// Nothing for campaigns in which nothing remains for these owners.
fn row(view: &View, found: &Found, owners: &[EntityRef]) -> Option<Row> {
    let report = found.report.as_ref()?;
    if matches!(report.standing, Standing::Finished | Standing::Planned) {
        return None;
    }
    let (key, count) = match owners {
        [] => ("insights-home-remaining", report.measured.tally.remaining()),
        owners => ("insights-home-mine", of_owners(report, owners)),
    };
    if count == 0 {
        return None;
    }
    Some(Row {
        title: found.title.clone(),
        href: campaign_href(&found.entity_ref),
        status: words::status(view, found),
        remaining: view.t(key).with("count", count).to_string(),
        deadline: report.plan.deadline.to_string(),
        distance: words::distance(view, report.today, report.plan.deadline),
    })
}

fn of_owners(report: &Report, owners: &[EntityRef]) -> u64 {
    let targets = report.measured.targets.iter();
    let theirs = targets.filter(|target| {
        target.state == State::Remaining && target.owners.iter().any(|owner| owners.contains(owner))
    });
    u64::try_from(theirs.count()).unwrap_or(u64::MAX)
}

//! Campaigns for people: the list, and one campaign.

mod chart;
mod detail;
mod home;
mod list;
mod words;

use std::future::Future;
use std::sync::Arc;

use axum::http::Method;
use catalog::index::Index;
use catalog::permission::ENTITY_READ;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::Diagnostic;
use model::Severity;
use model::entity_ref::EntityRef;
use platform::http::{Access, Gate, Routes};
use platform::request::{Call, encode};
use portal::ui::{Problem, Problems, Tone};
use portal::{Portal, View};

pub(crate) use home::home_card;

use super::Campaigns;
use super::api::Answer;
use super::arithmetic::Tally;
use super::measure::title_of;

/// What the pages work with.
#[derive(Clone, Debug)]
struct Desk {
    campaigns: Campaigns,
    portal: Arc<Portal>,
}

impl Desk {
    fn view(&self, call: &Call) -> View {
        let campaigns = &self.campaigns;
        catalog::page_view(
            &self.portal,
            call,
            campaigns.clock.now(),
            &campaigns.catalog,
        )
        .at("insights-nav-campaigns")
        .following(["catalog"])
    }
}

/// Every page of campaigns.
pub fn routes(campaigns: &Campaigns, portal: &Arc<Portal>, gate: Arc<dyn Gate>) -> Routes {
    let desk = Desk {
        campaigns: campaigns.clone(),
        portal: Arc::clone(portal),
    };
    let read = Access::Needs(ENTITY_READ);
    Routes::new(gate)
        .page(Method::GET, "/campaigns", read, on(&desk, list::page))
        .page(
            Method::GET,
            "/campaigns/{namespace}/{name}",
            read,
            on(&desk, detail::page),
        )
}

/// A handler with the desk in hand.
fn on<F, R>(
    desk: &Desk,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Desk, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let desk = desk.clone();
    move |call: Call| work(desk.clone(), call).boxed()
}

/// The address of a campaign's page.
fn campaign_href(entity_ref: &EntityRef) -> String {
    format!(
        "/campaigns/{}/{}",
        encode(entity_ref.namespace()),
        encode(entity_ref.name())
    )
}

/// A link to an entity, which may not exist.
struct Line {
    text: String,
    href: String,
    exists: bool,
}

impl Line {
    fn of(index: &Index, entity_ref: &EntityRef) -> Self {
        let entity = index.get(entity_ref);
        Self {
            text: entity
                .as_ref()
                .map_or_else(|| entity_ref.name().to_owned(), title_of),
            href: entity_href(entity_ref),
            exists: entity.is_some(),
        }
    }
}

/// An entity's page, in Backstage's form.
fn entity_href(entity_ref: &EntityRef) -> String {
    format!(
        "/catalog/{}/{}/{}",
        encode(entity_ref.namespace()),
        encode(entity_ref.kind()),
        encode(entity_ref.name())
    )
}

/// The width of a bar in a box that is 100 wide.
fn width(tally: Tally) -> String {
    tally.percent().unwrap_or(0).to_string()
}

/// What is wrong with a campaign, the worst first.
fn problems(found: &[Diagnostic]) -> Problems {
    let mut problems: Vec<Problem> = found
        .iter()
        .map(|problem| Problem {
            tone: match problem.severity {
                Severity::Error => Tone::Bad,
                Severity::Warning => Tone::Warn,
                Severity::Info => Tone::Info,
            },
            message: problem.message.clone(),
            place: place(problem),
            href: None,
            accepted: problem.accepted.clone(),
            fix: problem.fix.clone(),
        })
        .collect();
    problems.sort_by_key(|problem| problem.tone != Tone::Bad);
    Problems { problems }
}

/// `file:line:column`, and the field within the document that begins there.
fn place(problem: &Diagnostic) -> String {
    let mut text = problem.file.clone().unwrap_or_default();
    if problem.line > 0 {
        text.push_str(&format!(":{}:{}", problem.line, problem.column));
    }
    if let Some(pointer) = &problem.pointer {
        text.push_str(&format!(" {pointer}"));
    }
    text.trim_start().to_owned()
}

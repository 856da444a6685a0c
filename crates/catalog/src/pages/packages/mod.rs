//! `/packages`: who is affected by a package, by owning team.

mod entity;
mod words;

use askama::Template;
use axum::response::IntoResponse;
use platform::error::ApiError;
use platform::request::{Call, encode};
use portal::ui::{Code, Html, Syntax};
use portal::{Page, View};

use super::problems::line_href;
use super::summary::entity_href;
use super::{Answer, Desk};
use crate::packages::{Affected, Answer as Found, Matched, Search};
use crate::place::shown;

pub(super) use entity::{card, tab};

/// Owners and entities that are drawn; the exports have all.
const MAX_OWNERS: usize = 200;
const MAX_ENTITIES: usize = 2_000;
/// Packages of one entity that are drawn.
const MAX_PACKAGES: usize = 20;
/// Versions that could not be compared and are drawn.
const MAX_UNKNOWN: usize = 20;
/// What entities write so that their packages can be found.
const EXAMPLE: &str = "metadata:\n  annotations:\n    portway.dev/sbom: ./sbom.cdx.json\n";

#[derive(Template)]
#[template(path = "catalog/packages.html")]
struct SearchPage {
    name: String,
    version: String,
    ecosystem: String,
    /// What is wrong with the question.
    refused: Option<Refused>,
    result: Option<ResultOf>,
    /// Entities with an SBOM, and all that is known of coverage in words.
    indexed: i64,
    coverage: String,
    exports: Vec<(&'static str, String)>,
    view: View,
}

struct Refused {
    message: String,
    accepted: Option<String>,
}

/// What was found.
struct ResultOf {
    teams: Vec<Team>,
    owners: usize,
    entities: usize,
    packages: usize,
    truncated: bool,
    /// More than is drawn.
    cut: bool,
    not_compared: usize,
    unknown: Vec<UnknownVersion>,
}

struct Team {
    /// Unique on the page.
    id: String,
    title: String,
    href: Option<String>,
    email: Option<String>,
    entities: u64,
    rows: Vec<Row>,
}

struct Row {
    title: String,
    href: String,
    lifecycle: Option<String>,
    packages: Vec<PackageLine>,
    more: usize,
}

/// One package, ready to be shown.
pub(super) struct PackageLine {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) ecosystem: String,
    pub(super) licence: String,
    /// How it came in, in words.
    pub(super) relation: String,
    pub(super) sbom: String,
    pub(super) sbom_href: Option<String>,
    /// Who else has it.
    pub(super) search_href: String,
}

struct UnknownVersion {
    entity: String,
    href: String,
    package: String,
    why: String,
}

impl PackageLine {
    pub(super) fn of(view: &View, package: &Matched) -> Self {
        Self {
            relation: words::relation(view, &package.relation, package.via.as_deref()),
            sbom: ending(shown(&package.sbom)).to_owned(),
            sbom_href: line_href(&package.sbom, 0),
            search_href: search_href(&package.name, &package.ecosystem),
            name: package.name.clone(),
            version: package.version.clone(),
            ecosystem: package.ecosystem.clone(),
            licence: package.licence.clone().unwrap_or_default(),
        }
    }
}

/// The last part of a path.
pub(super) fn ending(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn search_href(name: &str, ecosystem: &str) -> String {
    let mut href = format!("/packages?name={}", encode(name));
    if !ecosystem.is_empty() {
        href.push_str(&format!("&ecosystem={}", encode(ecosystem)));
    }
    href
}

/// `GET /packages`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk
        .view(&call)
        .at("catalog-nav-packages")
        .following(["packages"]);
    let text = |name: &str| view.here.get(name).unwrap_or_default().trim().to_owned();
    let (name, version, ecosystem) = (text("name"), text("version"), text("ecosystem"));
    let (mut refused, mut found) = (None, None);
    if !name.is_empty() {
        match Search::parse(&name, &version, &ecosystem) {
            Ok(search) => found = Some(desk.catalog.find_packages(&call.caller, &search).await?),
            Err(error) => refused = Some(Refused::of(&error)),
        }
    }
    let coverage = match &found {
        Some(found) => found.coverage,
        None => desk.catalog.package_coverage(&call.caller).await?,
    };
    let query = format!(
        "?name={}&version={}&ecosystem={}",
        encode(&name),
        encode(&version),
        encode(&ecosystem)
    );
    let exports = found.as_ref().map_or_else(Vec::new, |_| {
        vec![
            ("CSV", format!("/api/v1/packages{query}&format=csv")),
            ("JSON", format!("/api/v1/packages{query}")),
        ]
    });
    Ok(Page::new(SearchPage {
        result: found.as_ref().map(|found| result(&view, found)),
        indexed: coverage.entities,
        coverage: words::coverage(&view, coverage),
        name,
        version,
        ecosystem,
        refused,
        exports,
        view,
    })
    .into_response())
}

impl Refused {
    fn of(error: &ApiError) -> Self {
        Self {
            message: error.message.clone(),
            accepted: error.accepted.clone(),
        }
    }
}

fn result(view: &View, found: &Found) -> ResultOf {
    let owners = found.owners.len();
    let mut room = MAX_ENTITIES;
    let teams: Vec<Team> = found
        .owners
        .iter()
        .take(MAX_OWNERS)
        .enumerate()
        .map(|(at, affected)| team(view, at, affected, &mut room))
        .filter(|team| !team.rows.is_empty())
        .collect();
    ResultOf {
        cut: owners > MAX_OWNERS || found.entities > MAX_ENTITIES,
        teams,
        owners,
        entities: found.entities,
        packages: found.packages,
        truncated: found.truncated,
        not_compared: found.not_compared,
        unknown: found
            .unknown
            .iter()
            .take(MAX_UNKNOWN)
            .map(|unknown| {
                let parsed = model::EntityRef::parse(&unknown.entity_ref, None, None);
                UnknownVersion {
                    entity: unknown.entity_ref.clone(),
                    href: parsed
                        .map_or_else(|_| "/catalog".to_owned(), |found| entity_href(&found)),
                    package: format!("{} {}", unknown.name, unknown.version),
                    why: words::reason(view, unknown.reason),
                }
            })
            .collect(),
    }
}

fn team(view: &View, at: usize, affected: &Affected, room: &mut usize) -> Team {
    let rows: Vec<Row> = affected
        .entities
        .iter()
        .take(*room)
        .map(|place| Row {
            title: place.title.clone(),
            href: entity_href(&place.entity_ref),
            lifecycle: place.lifecycle.clone(),
            packages: place
                .packages
                .iter()
                .take(MAX_PACKAGES)
                .map(|package| PackageLine::of(view, package))
                .collect(),
            more: place.packages.len().saturating_sub(MAX_PACKAGES),
        })
        .collect();
    *room = room.saturating_sub(rows.len());
    Team {
        id: format!("team-{at}"),
        title: affected
            .title
            .clone()
            .unwrap_or_else(|| view.t("catalog-packages-nobody").to_string()),
        href: affected.owner.as_ref().map(entity_href),
        email: affected.email.clone(),
        entities: u64::try_from(affected.entity_count).unwrap_or(u64::MAX),
        rows,
    }
}

impl SearchPage {
    fn example(&self) -> Html {
        Code {
            id: "annotation".to_owned(),
            caption: "catalog-info.yaml".to_owned(),
            text: EXAMPLE.to_owned(),
            syntax: Syntax::Yaml,
            ..Code::default()
        }
        .html(&self.view)
    }
}

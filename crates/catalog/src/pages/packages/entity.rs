//! The card and the tab on the page of an entity that names an SBOM.

use askama::Template;
use jiff::Timestamp;
use platform::error::ApiError;
use portal::View;
use portal::ui::Html;

use super::super::summary::entity_href;
use super::{PackageLine, ending};
use crate::engine::Catalog;
use crate::packages::SBOM_ANNOTATION;
use crate::pages::problems::{line_href, short_revision};
use crate::permission::ENTITY_READ;
use crate::place::shown;
use crate::socket::{CardPlace, EntityCard, EntityTab, Shown, TabSubject};
use crate::store::SbomRow;

/// Packages on the tab; the API has all.
const MAX_PACKAGES: i64 = 2_000;
/// Where card and tab stand among others.
const ORDER: u16 = 40;

#[derive(Template)]
#[template(path = "catalog/packages-card.html")]
struct Card {
    sboms: Vec<SbomLine>,
    counts: Vec<(String, String)>,
    href: String,
    view: View,
}

#[derive(Template)]
#[template(path = "catalog/packages-tab.html")]
struct Tab {
    sboms: Vec<SbomLine>,
    packages: Vec<PackageLine>,
    total: i64,
    all_href: String,
    view: View,
}

/// One SBOM, ready to be shown.
struct SbomLine {
    name: String,
    href: Option<String>,
    format: String,
    packages: i64,
    revision: Option<String>,
    read_at: Timestamp,
}

impl SbomLine {
    fn of(row: SbomRow) -> Self {
        Self {
            name: ending(shown(&row.location)).to_owned(),
            href: line_href(&row.location, 0),
            format: row.format,
            packages: row.packages,
            revision: row
                .revision
                .map(|revision| short_revision(&revision).to_owned()),
            read_at: row.read_at,
        }
    }
}

/// The card: which SBOMs there are, and how many packages came in how.
pub(in crate::pages) fn card(catalog: &Catalog) -> EntityCard {
    let catalog = catalog.clone();
    EntityCard::new(
        ("packages", "catalog-packages"),
        (CardPlace::Aside, ORDER),
        ENTITY_READ,
        move |shown: Shown| draw_card(catalog.clone(), shown),
    )
}

/// The tab: every package.
pub(in crate::pages) fn tab(catalog: &Catalog) -> EntityTab {
    let catalog = catalog.clone();
    EntityTab::new(
        ("packages", "catalog-packages"),
        ORDER,
        ENTITY_READ,
        has_sbom,
        move |shown: Shown| draw_tab(catalog.clone(), shown),
    )
}

fn has_sbom(subject: TabSubject<'_>) -> bool {
    subject
        .annotation(SBOM_ANNOTATION)
        .is_some_and(|text| !text.trim().is_empty())
}

async fn draw_card(catalog: Catalog, shown: Shown) -> Result<Option<Html>, ApiError> {
    let sboms = catalog.store.sboms_of(&shown.entity_ref).await?;
    if sboms.is_empty() {
        return Ok(None);
    }
    let counts = catalog.store.package_counts(&shown.entity_ref).await?;
    let view = shown.view;
    let counts = counts
        .into_iter()
        .map(|(relation, count)| {
            (
                super::words::relation(&view, &relation, None),
                view.number(count),
            )
        })
        .collect();
    Ok(Some(Html::of(&Card {
        sboms: sboms.into_iter().map(SbomLine::of).collect(),
        counts,
        href: format!("{}/packages", entity_href(&shown.entity_ref)),
        view,
    })))
}

async fn draw_tab(catalog: Catalog, shown: Shown) -> Result<Option<Html>, ApiError> {
    let store = &catalog.store;
    let sboms = store.sboms_of(&shown.entity_ref).await?;
    let packages = store
        .packages_of(&shown.entity_ref, false, MAX_PACKAGES)
        .await?;
    let view = shown.view;
    let of = &shown.entity_ref;
    Ok(Some(Html::of(&Tab {
        total: sboms.iter().map(|sbom| sbom.packages).sum(),
        sboms: sboms.into_iter().map(SbomLine::of).collect(),
        packages: packages
            .iter()
            .map(|package| PackageLine::of(&view, package))
            .collect(),
        all_href: format!(
            "/api/v1/catalog/entities/{}/{}/{}/packages",
            platform::request::encode(of.kind()),
            platform::request::encode(of.namespace()),
            platform::request::encode(of.name())
        ),
        view,
    })))
}

//! Docs promises: what a team has written beside its code can be read, found
//! and trusted in the portal, in the form that TechDocs has, without Python, a
//! build or a bucket.
//!
//! ```text
//! annotation ─▶ folder (catalog) ─▶ load (mkdocs.yml, nav) ─▶ site
//!                                      site ─▶ markdown ─▶ pages, api, search
//! ```
//!
//! Invariants: nothing outside of the folder's tree is read; nothing that an
//! author writes runs in the portal; the last good version stays readable when
//! a newer one is not; whoever may not see the entity does not see its
//! documentation.

mod api;
mod check;
mod files;
mod find;
mod follow;
mod load;
mod markdown;
mod mkdocs;
mod named;
mod nav;
mod pages;
mod sections;
mod service;
mod shelf;
mod site;
mod summary;

use std::sync::Arc;

use catalog::permission::ENTITY_READ;
use catalog::{CardPlace, EntityCard, EntityTab, PortalParts};
use platform::capability::{Capability, NavigationEntry};
use platform::http::Gate;

pub use check::{Checked, check};
pub use load::load;
pub use markdown::{AnchorUse, Heading, Part, Rendered, Section, outline, render};
pub use pages::LOCALES;
pub use sections::PageSection;
pub use service::{Docs, Opened, Publish};
pub use site::{Asset, NavItem, Page, PageKind, Site};
pub use summary::{Notable, Summary};

/// The collection of its sections in search, as TechDocs names it.
pub const COLLECTION: &str = "techdocs";

/// Documentation as a capability of Portway. It has no permissions of its own:
/// whoever may read an entity may read its documentation.
pub fn capability(docs: &Docs, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "docs",
        routes: api::routes(docs, gate),
        navigation: vec![NavigationEntry {
            group: "nav-learn",
            label: "docs-nav",
            href: "/docs",
            order: 600,
            permission: ENTITY_READ,
        }],
        actions: Vec::new(),
        controllers: Vec::new(),
        permissions: &[],
        checks: Vec::new(),
    }
}

/// The pages of documentation, their messages, the tab Docs, and a card with
/// the runbooks and decisions of an entity.
pub fn portal_parts(docs: &Docs) -> PortalParts {
    let for_tab = docs.clone();
    let tab = EntityTab::new(
        ("docs", "docs-tab"),
        8,
        ENTITY_READ,
        |subject| {
            subject.annotation(named::REF).is_some() || subject.annotation(named::ENTITY).is_some()
        },
        move |shown| pages::tab(for_tab.clone(), shown),
    );
    let for_card = docs.clone();
    let card = EntityCard::new(
        ("docs-card", "docs-tab"),
        (CardPlace::Aside, 40),
        ENTITY_READ,
        move |shown| {
            let drawn = pages::card(&for_card, &shown);
            async move { Ok(drawn) }
        },
    );
    let docs = docs.clone();
    PortalParts {
        locales: LOCALES.to_vec(),
        pages: Some(Box::new(move |portal, gate| {
            pages::routes(&docs, portal, gate)
        })),
        cards: vec![card],
        tabs: vec![tab],
        ..PortalParts::default()
    }
}

/// The address of an entity's documentation, without a slash at its end.
#[must_use]
pub fn address_of(entity_ref: &model::EntityRef) -> String {
    pages::base_of(entity_ref)
}

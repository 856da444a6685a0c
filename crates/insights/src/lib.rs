//! Insights promises: whether the company gets to where it wants to be can be
//! read off one page, from what the catalog knows and not from anybody's
//! report.
//!
//! | module | what it answers |
//! |---|---|
//! | [`campaigns`] | how far has a migration come, who has to move still, will it be in time |
//!
//! Scorecards will be a module beside campaigns: they, too, ask the catalog's
//! index and keep their history in tables of this crate.
//!
//! Invariants: nothing that the catalog does not show is shown here; a number
//! of the past was seen on its day; an entity that cannot be read changes no
//! number but its own.

use std::sync::Arc;

use catalog::PortalParts;
use platform::capability::{Capability, NavigationEntry};
use platform::http::{Gate, Routes};
use portal::Portal;

pub mod campaigns;

pub use campaigns::Campaigns;
pub use campaigns::store::MIGRATIONS;

/// The messages of these pages: language and Fluent source.
pub const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../locales/en/insights.ftl")),
    ("ko", include_str!("../locales/ko/insights.ftl")),
];

/// Insights as a capability of Portway.
pub fn capability(campaigns: &Campaigns, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "insights",
        routes: campaigns::api::routes(campaigns, gate),
        navigation: vec![NavigationEntry {
            group: "nav-improve",
            label: "insights-nav-campaigns",
            href: "/campaigns",
            order: 500,
            permission: catalog::permission::ENTITY_READ,
        }],
        actions: Vec::new(),
        controllers: campaigns.controllers(),
        permissions: &[],
        checks: Vec::new(),
    }
}

/// Every page of this crate.
pub fn page_routes(campaigns: &Campaigns, portal: &Arc<Portal>, gate: Arc<dyn Gate>) -> Routes {
    campaigns::pages::routes(campaigns, portal, gate)
}

/// What this crate brings to the portal: its messages and its pages.
pub fn portal_parts(campaigns: &Campaigns) -> PortalParts {
    let campaigns = campaigns.clone();
    PortalParts {
        locales: LOCALES.to_vec(),
        pages: Some(Box::new(move |portal, gate| {
            page_routes(&campaigns, portal, gate)
        })),
        ..PortalParts::default()
    }
}

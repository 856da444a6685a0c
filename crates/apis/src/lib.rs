//! APIs promises: what an API offers can be read in the portal, whatever it is
//! written in, with what is wrong, how good it is, and whom a new version
//! breaks.
//!
//! ```text
//! text ─▶ read (one reader for each format) ─▶ doc (one model)
//!                                               ├─▶ compare (two versions)
//!                                               ├─▶ lint (rules, score)
//!                                               └─▶ pages, api
//! ```
//!
//! Invariants: no definition causes a panic or costs more than its size; what
//! is broken in one place is shown everywhere else; a version compared with
//! itself has no changes.

mod api;
mod compare;
mod doc;
mod lint;
mod pages;
mod read;
mod service;

use std::sync::Arc;

use catalog::permission::ENTITY_READ;
use catalog::{EntityTab, PortalParts};
use platform::capability::Capability;
use platform::http::Gate;

pub use compare::{Breaking, Change, ChangeKind, Comparison, What, compare};
pub use doc::{
    ApiDoc, Field, Format, Operation, Payload, SecurityScheme, Server, Shape, TypeDef, WHOLE,
};
pub use lint::{Finding, RULES, Report, Rule, lint};
pub use read::read;
pub use service::Apis;

/// APIs as a capability of Portway. It has no permissions of its own: whoever
/// may read the catalog may read its APIs.
pub fn capability(apis: &Apis, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "apis",
        routes: api::routes(apis, gate),
        navigation: Vec::new(),
        actions: Vec::new(),
        controllers: Vec::new(),
        permissions: &[],
        checks: Vec::new(),
    }
}

/// The tab API of APIs, the card that leads to it, and their messages.
pub fn portal_parts(apis: &Apis) -> PortalParts {
    let read = apis.clone();
    let tab = EntityTab::new(
        ("api", "apis-tab"),
        10,
        ENTITY_READ,
        |subject| subject.kind().eq_ignore_ascii_case("api"),
        move |shown| pages::draw(read.clone(), shown),
    );
    PortalParts {
        locales: pages::LOCALES.into(),
        cards: vec![pages::glance::card(apis)],
        tabs: vec![tab],
        ..PortalParts::default()
    }
}

//! Search promises: whatever the company has is found by what somebody
//! remembers of it, half a name, a wrong letter or the first consonants, in
//! either language, and only by those who may see it.
//!
//! ```text
//! catalog ──events──▶ collate (entity ─▶ document) ─▶ engine (words, in memory)
//! other capabilities ──offer, offer_papers────────────┘   │
//!                      api (Backstage's and our own), pages, palette
//! ```
//!
//! Invariants: the engine is derived and may be thrown away at any time; what
//! a caller may not see is not counted; a change can be found within a second.

mod api;
mod card;
mod collate;
mod engine;
mod meanwhile;
mod pages;
mod papers;
mod service;
mod text;

use std::sync::Arc;

use catalog::PortalParts;
use platform::Clock;
use platform::capability::Capability;
use platform::doctor::{Check, Layer, Message, Outcome};
use platform::http::Gate;

pub use engine::{
    Document, Engine, Evidence, Explanation, Facets, Field, Hit, MatchKind, Narrow, Request,
    Results, Shown, Size, Visibility,
};
pub use papers::Paper;

/// The sorts of document that searches find, by Backstage's names. Each document
/// belongs to an entity, and whoever may see that finds it.
pub const COLLECTIONS: [&str; 2] = [collate::COLLECTION, "techdocs"];

pub use service::{Progress, Search};

/// Search as a capability of Portway. It has no permissions of its own:
/// whoever may read the catalog may search it.
pub fn capability(search: &Search, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "search",
        routes: api::routes(search, gate),
        navigation: Vec::new(),
        actions: Vec::new(),
        controllers: Vec::new(),
        permissions: &[],
        checks: vec![check(search)],
    }
}

/// The pages of search, and their messages.
pub fn portal_parts(search: &Search, clock: &Clock) -> PortalParts {
    let (search, clock) = (search.clone(), clock.clone());
    PortalParts {
        locales: pages::LOCALES.into(),
        pages: Some(Box::new(move |portal, gate| {
            pages::routes(&search, portal, &clock, gate)
        })),
        ..PortalParts::default()
    }
}

fn check(search: &Search) -> Check {
    let search = search.clone();
    Check::new(
        "search.index",
        "Everything can be found",
        Layer::Portal,
        move || {
            let (progress, size) = (search.progress(), search.size());
            let megabytes = size.bytes / 1_000_000;
            let evidence = Message::new(
                "doctor-search",
                format!(
                    "{} documents of {} entities, {} words, {megabytes} MB",
                    progress.done, progress.of, size.words
                ),
            )
            .with("documents", progress.done)
            .with("entities", progress.of)
            .with("words", size.words)
            .with("megabytes", megabytes);
            async move {
                if progress.complete {
                    Outcome::ok(evidence)
                } else {
                    Outcome::warn(
                        evidence,
                        Message::new("doctor-search-fix", "wait until the index is built"),
                    )
                }
            }
        },
    )
}

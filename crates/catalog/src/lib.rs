//! The catalog promises: point it at the files a company already has, and
//! every service, API, resource, team and owner can be found, read and walked.
//!
//! ```text
//! sources ──ingest──▶ store (entities, versions, problems) ──events──▶ read model
//!    ▲                                                                    │
//!    └── actions (register, refresh, remove) ◀── api, pages, command line ┘
//! ```
//!
//! Invariants: the tables are the truth and change only together with an
//! event; the read model is derived; an entity is never deleted because of an
//! error.

use std::sync::Arc;

use platform::capability::Capability;
use platform::http::Gate;

mod actions;
mod admission;
pub mod api;
mod changes;
mod checks;
mod compliance;
mod csv;
mod engine;
mod entity_folder;
pub mod events;
mod home_card;
pub mod index;
mod ingest;
mod onboarding;
mod outgoing;
pub mod packages;
mod pages;
mod past;
mod place;
mod read_model;
mod socket;
mod source;
mod store;
pub mod tier;
mod visibility;

pub use engine::{Catalog, Settings};
pub use entity_folder::FolderOf;
pub use home_card::{HomeCard, HomeShown};
pub use ingest::{
    DeletionGuard, EntityFolder, FileChange, FolderEntry, FolderFile, Ingestion, Intervals,
    Providers, ROSTER_LOCATION, Roster, Rules, Watcher, Web,
};
pub use outgoing::{Outgoing, Receiver, WEBHOOK_QUEUE};
pub use pages::live::{TOPICS, Topic};
pub use pages::{LOCALES, page_routes, page_view};
/// The query language of the catalog list.
pub mod list_query {
    pub use crate::pages::{Compare, Field, ListQuery, Named, Part, Problem, QueryError};
}
pub use read_model::ReadModel;
pub use socket::{
    CardPlace, EntityCard, EntityTab, PagesOf, PortalParts, Shown, Sockets, TabSubject,
};
pub use source::{HeldDeletion, Origin, Source, SourceState};
pub use store::{ConflictRow, HistoryEntry, MIGRATIONS, ProblemRow, Store, VersionDocument};
pub use visibility::{on_call_for, owners_of, visible_to};

/// The queue whose keys are source ids.
pub const SOURCE_QUEUE: &str = "catalog.source";

/// The permissions of the catalog, named as Backstage names them.
pub mod permission {
    use platform::actor::{Permission, Verb};

    /// Look at entities.
    pub const ENTITY_READ: Permission = Permission {
        name: "catalog.entity.read",
        verb: Verb::Read,
    };
    /// Remove an entity.
    pub const ENTITY_DELETE: Permission = Permission {
        name: "catalog.entity.delete",
        verb: Verb::Delete,
    };
    /// Have an entity's source read again.
    pub const ENTITY_REFRESH: Permission = Permission {
        name: "catalog.entity.refresh",
        verb: Verb::Update,
    };
    /// Check an entity without storing it.
    pub const ENTITY_VALIDATE: Permission = Permission {
        name: "catalog.entity.validate",
        verb: Verb::Read,
    };
    /// Look at sources.
    pub const LOCATION_READ: Permission = Permission {
        name: "catalog.location.read",
        verb: Verb::Read,
    };
    /// Register a source.
    pub const LOCATION_CREATE: Permission = Permission {
        name: "catalog.location.create",
        verb: Verb::Create,
    };
    /// Remove a source, or let it remove many entities.
    pub const LOCATION_DELETE: Permission = Permission {
        name: "catalog.location.delete",
        verb: Verb::Delete,
    };
    /// Have a place looked at without registering it.
    pub const LOCATION_ANALYZE: Permission = Permission {
        name: "catalog.location.analyze",
        verb: Verb::Read,
    };

    /// All of them.
    pub const ALL: &[Permission] = &[
        ENTITY_READ,
        ENTITY_DELETE,
        ENTITY_REFRESH,
        ENTITY_VALIDATE,
        LOCATION_READ,
        LOCATION_CREATE,
        LOCATION_DELETE,
        LOCATION_ANALYZE,
    ];
}

/// The catalog as a capability of Portway.
pub fn capability(catalog: &Catalog, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "catalog",
        routes: api::routes(catalog, gate),
        navigation: pages::NAVIGATION.to_vec(),
        actions: actions::actions(catalog),
        controllers: catalog.controllers(),
        permissions: permission::ALL,
        checks: checks::checks(catalog),
    }
}

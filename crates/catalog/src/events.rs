//! The names of what happens in the catalog, as CloudEvents types. CDEvents
//! defines none for catalog entries, so they live under `dev.portway.catalog`.

use platform::event::EventType;

/// Everything about entities starts with this.
pub const ENTITY_PREFIX: &str = "dev.portway.catalog.entity.";
/// Everything about sources starts with this.
pub const SOURCE_PREFIX: &str = "dev.portway.catalog.source.";
/// What CloudEvents calls the source of the catalog's events.
pub(crate) const STREAM_SOURCE: &str = "/portway/catalog";
/// Everything the catalog reports starts with this.
pub const PREFIX: &str = "dev.portway.catalog.";

/// An entity exists for the first time, or again.
pub const ENTITY_CREATED: EventType = EventType("dev.portway.catalog.entity.created");
/// An entity has a new version.
pub const ENTITY_UPDATED: EventType = EventType("dev.portway.catalog.entity.updated");
/// An entity is gone.
pub const ENTITY_DELETED: EventType = EventType("dev.portway.catalog.entity.deleted");
/// What is known about an entity (errors, orphan mark) changed, not the entity.
pub const ENTITY_STATUS: EventType = EventType("dev.portway.catalog.entity.statuschanged");
/// The SBOMs of an entity say something else about its packages.
pub const PACKAGES_CHANGED: EventType = EventType("dev.portway.catalog.packages.changed");
/// A source was declared.
pub const SOURCE_CREATED: EventType = EventType("dev.portway.catalog.source.created");
/// A source reads another place.
pub const SOURCE_UPDATED: EventType = EventType("dev.portway.catalog.source.updated");
/// A source was removed by a person or left the configuration.
pub const SOURCE_DELETED: EventType = EventType("dev.portway.catalog.source.deleted");
/// A source can no longer be read in full.
pub const SOURCE_FAILED: EventType = EventType("dev.portway.catalog.source.failed");
/// A source is read in full, for the first time or again.
pub const SOURCE_RECOVERED: EventType = EventType("dev.portway.catalog.source.recovered");
/// A person confirmed a large deletion.
pub const DELETION_CONFIRMED: EventType = EventType("dev.portway.catalog.source.deletionconfirmed");
/// A pull request that adds a catalog file was opened, or brought up to date.
pub const PROPOSAL_OPENED: EventType = EventType("dev.portway.catalog.proposal.opened");
/// A refresh that changed entities has ended. The subject is the source.
pub const REFRESH_FINISHED: EventType = EventType("dev.portway.catalog.refresh.finished");

//! What this crate itself writes into the log.

use platform::event::EventType;

/// Everything about the trail itself starts with this, and is never removed.
pub const PREFIX: &str = "dev.portway.audit.";

/// Retention removed events. Data: `policy`, `count`, `runs` (first and last
/// numbers), `before`, `missedBySinks` (by sink, how many it had not been given).
pub const PURGED: EventType = EventType("dev.portway.audit.events.purged");
/// Events were taken out of the program. Data: `format`, `filter`, `count`.
pub const EXPORTED: EventType = EventType("dev.portway.audit.events.exported");
/// A legal hold was put on events. Data: `name`, `reason`, `type`, `subject`,
/// `before`, `after`.
pub const HELD: EventType = EventType("dev.portway.audit.hold.created");
/// A legal hold was ended. Data: `name`, `reason`, `before`, `after`.
pub const RELEASED: EventType = EventType("dev.portway.audit.hold.released");
/// The chain was verified and does not fit. Data: `problems`.
pub const BROKEN: EventType = EventType("dev.portway.audit.chain.broken");
/// Somebody asked for what they may not use. Data: `method`, `route`,
/// `permission`, `status`, `message`, `count`, `outcome`.
pub const REFUSED: EventType = EventType("dev.portway.access.refused");
/// Credentials or a sign-in were refused. Data as [`REFUSED`].
pub use identity::SIGN_IN_REFUSED;
/// A token was used for the first time on a day from an address. Data: `day`.
pub const TOKEN_USED: EventType = EventType("dev.portway.identity.token.used");
/// A file left the program. Data: `route`, `format`, `count`.
pub const FILE_EXPORTED: EventType = EventType("dev.portway.platform.file.exported");

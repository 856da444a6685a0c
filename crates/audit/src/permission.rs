//! The permissions of this crate.

use platform::actor::{Permission, Verb};

/// Look at the audit trail and its chain.
pub const READ: Permission = Permission {
    name: "audit.event.read",
    verb: Verb::Read,
};

/// Take events out of Portway. What makes a copy is more than a look.
pub const EXPORT: Permission = Permission {
    name: "audit.event.export",
    verb: Verb::Create,
};

/// Put legal holds on and end them.
pub const HOLD: Permission = Permission {
    name: "audit.hold.update",
    verb: Verb::Update,
};

/// All of them.
pub const ALL: &[Permission] = &[READ, EXPORT, HOLD];

//! Identity's tables and every SQL text that touches them.

pub(crate) mod keys;
pub(crate) mod sessions;
pub(crate) mod tokens;

use platform::store::{Migration, MigrationSet};

/// Identity's tables.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "identity",
    steps: &[Migration {
        version: 1,
        name: "tokens, sessions and signing keys",
        sqlite: include_str!("../../migrations/sqlite/1_identity.sql"),
        postgres: include_str!("../../migrations/postgres/1_identity.sql"),
    }],
};

//! Identity's tables and every SQL text that touches them.

pub(crate) mod accounts;
pub(crate) mod attempts;
pub(crate) mod bearers;
pub(crate) mod devices;
pub(crate) mod exchanged;
pub(crate) mod keys;
pub(crate) mod passkeys;
pub(crate) mod provider_tokens;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod user_settings;

use platform::store::{Migration, MigrationSet};

/// The tables that the gate reads with every request.
pub(crate) const KEPT_TABLES: [&str; 4] = [
    "identity_sessions",
    "identity_accounts",
    "identity_tokens",
    "identity_bearers",
];

/// Identity's tables.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "identity",
    steps: &[
        Migration {
            version: 1,
            name: "tokens, sessions and signing keys",
            sqlite: include_str!("../../migrations/sqlite/1_identity.sql"),
            postgres: include_str!("../../migrations/postgres/1_identity.sql"),
        },
        Migration {
            version: 2,
            name: "user settings",
            sqlite: include_str!("../../migrations/sqlite/2_user_settings.sql"),
            postgres: include_str!("../../migrations/postgres/2_user_settings.sql"),
        },
        Migration {
            version: 3,
            name: "devices, bearers, accounts and passkeys",
            sqlite: include_str!("../../migrations/sqlite/3_trust.sql"),
            postgres: include_str!("../../migrations/postgres/3_trust.sql"),
        },
        Migration {
            version: 4,
            name: "tokens of whoever runs Portway; networks of devices",
            sqlite: include_str!("../../migrations/sqlite/4_operated.sql"),
            postgres: include_str!("../../migrations/postgres/4_operated.sql"),
        },
        Migration {
            version: 5,
            name: "tokens of agents",
            sqlite: include_str!("../../migrations/sqlite/5_agents.sql"),
            postgres: include_str!("../../migrations/postgres/5_agents.sql"),
        },
    ],
};

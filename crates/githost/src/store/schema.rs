//! The tables of the Git host.
//!
//! ```text
//! githost_repositories 1──* githost_refs          names, and what they point to
//!                      1──* githost_protections   rules of branches
//!                      1──* githost_members       who else works on it
//! ```

use platform::store::{Migration, MigrationSet};

macro_rules! v1 {
    ($key:literal) => {
        concat!(
            "\n",
            "CREATE TABLE githost_repositories (\n",
            "    id ",
            $key,
            " PRIMARY KEY,\n",
            "    key ",
            $key,
            " NOT NULL UNIQUE,\n",
            "    owner TEXT NOT NULL,\n",
            "    name TEXT NOT NULL,\n",
            "    description TEXT NOT NULL,\n",
            "    default_branch TEXT NOT NULL,\n",
            "    visibility TEXT NOT NULL,\n",
            "    archived BIGINT NOT NULL,\n",
            "    settings TEXT NOT NULL,\n",
            "    created_by TEXT NOT NULL,\n",
            "    created_at BIGINT NOT NULL,\n",
            "    updated_at BIGINT NOT NULL,\n",
            "    pushed_at BIGINT,\n",
            "    bytes BIGINT NOT NULL,\n",
            "    next_number BIGINT NOT NULL\n",
            ");\n",
            "CREATE TABLE githost_refs (\n",
            "    repository ",
            $key,
            " NOT NULL,\n",
            "    name ",
            $key,
            " NOT NULL,\n",
            "    target TEXT NOT NULL,\n",
            "    updated_at BIGINT NOT NULL,\n",
            "    PRIMARY KEY (repository, name)\n",
            ");\n",
            "CREATE TABLE githost_protections (\n",
            "    repository ",
            $key,
            " NOT NULL,\n",
            "    pattern ",
            $key,
            " NOT NULL,\n",
            "    rules TEXT NOT NULL,\n",
            "    PRIMARY KEY (repository, pattern)\n",
            ");\n",
            "CREATE TABLE githost_members (\n",
            "    repository ",
            $key,
            " NOT NULL,\n",
            "    subject ",
            $key,
            " NOT NULL,\n",
            "    role TEXT NOT NULL,\n",
            "    PRIMARY KEY (repository, subject)\n",
            ");\n",
        )
    };
}

/// The tables of this crate, for both databases.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "githost",
    steps: &[Migration {
        version: 1,
        name: "repositories",
        sqlite: v1!("TEXT"),
        postgres: v1!("TEXT COLLATE \"C\""),
    }],
};

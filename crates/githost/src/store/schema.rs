//! The tables of the Git host.
//!
//! ```text
//! githost_repositories 1──* githost_refs          names, and what they point to
//!                      1──* githost_protections   rules of branches
//!                      1──* githost_members       who else works on it
//!                      1──* githost_pulls 1──* githost_reviews
//!                      1──* githost_checks        what programs say of commits
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

macro_rules! v2 {
    ($key:literal) => {
        concat!(
            "\n",
            "CREATE TABLE githost_pulls (\n",
            "    repository ",
            $key,
            " NOT NULL,\n",
            "    number BIGINT NOT NULL,\n",
            "    title TEXT NOT NULL,\n",
            "    body TEXT NOT NULL,\n",
            "    author TEXT NOT NULL,\n",
            "    head_branch ",
            $key,
            " NOT NULL,\n",
            "    head_id TEXT NOT NULL,\n",
            "    base_branch ",
            $key,
            " NOT NULL,\n",
            "    state ",
            $key,
            " NOT NULL,\n",
            "    created_at BIGINT NOT NULL,\n",
            "    updated_at BIGINT NOT NULL,\n",
            "    merged_by TEXT,\n",
            "    merged_as TEXT,\n",
            "    PRIMARY KEY (repository, number)\n",
            ");\n",
            "CREATE INDEX githost_pulls_by_head ON githost_pulls (repository, head_branch, state);\n",
            "CREATE TABLE githost_reviews (\n",
            "    repository ",
            $key,
            " NOT NULL,\n",
            "    number BIGINT NOT NULL,\n",
            "    seq BIGINT NOT NULL,\n",
            "    author TEXT NOT NULL,\n",
            "    subjects TEXT NOT NULL,\n",
            "    verdict TEXT NOT NULL,\n",
            "    body TEXT NOT NULL,\n",
            "    commit_id TEXT NOT NULL,\n",
            "    path TEXT,\n",
            "    line BIGINT,\n",
            "    created_at BIGINT NOT NULL,\n",
            "    PRIMARY KEY (repository, number, seq)\n",
            ");\n",
            "CREATE TABLE githost_checks (\n",
            "    repository ",
            $key,
            " NOT NULL,\n",
            "    commit_id ",
            $key,
            " NOT NULL,\n",
            "    name ",
            $key,
            " NOT NULL,\n",
            "    state TEXT NOT NULL,\n",
            "    description TEXT NOT NULL,\n",
            "    url TEXT NOT NULL,\n",
            "    updated_at BIGINT NOT NULL,\n",
            "    PRIMARY KEY (repository, commit_id, name)\n",
            ");\n",
        )
    };
}

/// The tables of this crate, for both databases.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "githost",
    steps: &[
        Migration {
            version: 1,
            name: "repositories",
            sqlite: v1!("TEXT"),
            postgres: v1!("TEXT COLLATE \"C\""),
        },
        Migration {
            version: 2,
            name: "pull requests",
            sqlite: v2!("TEXT"),
            postgres: v2!("TEXT COLLATE \"C\""),
        },
    ],
};

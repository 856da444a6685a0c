//! The tables of tasks.
//!
//! ```text
//! create_tasks    one row for each run of a template
//! create_steps    how far each step of it is
//! create_marks    what steps remember of themselves: done once, never again
//! create_events   what the task has said, numbered from 1
//! create_packs    workspaces, where several replicas share a database
//! ```
//! Secrets, outputs and marks are sealed: whoever has a copy of the database
//! alone cannot read them.

use platform::store::{Migration, MigrationSet};

macro_rules! v1 {
    ($key:literal, $bytes:literal) => {
        concat!(
            "\n",
            "CREATE TABLE create_tasks (\n",
            "    id ",
            $key,
            " PRIMARY KEY,\n",
            "    template ",
            $key,
            " NOT NULL,\n",
            "    created_by ",
            $key,
            " NOT NULL,\n",
            "    status ",
            $key,
            " NOT NULL,\n",
            "    spec TEXT NOT NULL,\n",
            "    actor TEXT NOT NULL,\n",
            "    granted TEXT NOT NULL,\n",
            "    place TEXT NOT NULL,\n",
            "    secrets ",
            $bytes,
            ",\n",
            "    secret_names TEXT NOT NULL,\n",
            "    created_at BIGINT NOT NULL,\n",
            "    started_at BIGINT,\n",
            "    ended_at BIGINT,\n",
            "    heartbeat_at BIGINT,\n",
            "    wait_until BIGINT,\n",
            "    wait_reason TEXT,\n",
            "    cancel_asked BIGINT NOT NULL,\n",
            "    attempt BIGINT NOT NULL,\n",
            "    events BIGINT NOT NULL,\n",
            "    pack BIGINT NOT NULL,\n",
            "    output TEXT,\n",
            "    error TEXT\n",
            ");\n",
            "CREATE INDEX create_tasks_by_time ON create_tasks (created_at, id);\n",
            "CREATE INDEX create_tasks_by_creator ON create_tasks (created_by, created_at);\n",
            "CREATE INDEX create_tasks_by_status ON create_tasks (status, created_at);\n",
            "CREATE TABLE create_steps (\n",
            "    task ",
            $key,
            " NOT NULL,\n",
            "    step ",
            $key,
            " NOT NULL,\n",
            "    position BIGINT NOT NULL,\n",
            "    status ",
            $key,
            " NOT NULL,\n",
            "    started_at BIGINT,\n",
            "    ended_at BIGINT,\n",
            "    output ",
            $bytes,
            ",\n",
            "    error TEXT,\n",
            "    PRIMARY KEY (task, step)\n",
            ");\n",
            "CREATE TABLE create_marks (\n",
            "    task ",
            $key,
            " NOT NULL,\n",
            "    scope ",
            $key,
            " NOT NULL,\n",
            "    name ",
            $key,
            " NOT NULL,\n",
            "    value ",
            $bytes,
            ",\n",
            "    at BIGINT NOT NULL,\n",
            "    PRIMARY KEY (task, scope, name)\n",
            ");\n",
            "CREATE TABLE create_events (\n",
            "    task ",
            $key,
            " NOT NULL,\n",
            "    id BIGINT NOT NULL,\n",
            "    kind TEXT NOT NULL,\n",
            "    body TEXT NOT NULL,\n",
            "    at BIGINT NOT NULL,\n",
            "    PRIMARY KEY (task, id)\n",
            ");\n",
            "CREATE TABLE create_packs (\n",
            "    task ",
            $key,
            " PRIMARY KEY,\n",
            "    number BIGINT NOT NULL,\n",
            "    bytes ",
            $bytes,
            " NOT NULL\n",
            ");\n",
        )
    };
}

/// The tables of this crate, for both databases.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "create",
    steps: &[Migration {
        version: 1,
        name: "tasks",
        sqlite: v1!("TEXT", "BLOB"),
        postgres: v1!("TEXT COLLATE \"C\"", "BYTEA"),
    }],
};

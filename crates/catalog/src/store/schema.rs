//! The catalog's tables.
//!
//! ```text
//! sources 1──* entities 1──* versions      what exists, and every state it had
//!    │  └────* problems                    what could not be understood, with its place
//!    │  └────* claims                      refs that another source already holds
//!    └───────* files                       what was read, so that unchanged files cost nothing
//!
//! entities 1──* sboms 1──* packages        what an entity is built of
//!
//! deliveries                              how far each receiver of webhooks has got
//! ```

use platform::store::{Migration, MigrationSet};

/// The tables; `$key` is the type of text that is compared or sorted, which
/// PostgreSQL must be told to order by bytes as SQLite does.
macro_rules! v1 {
    ($key:literal) => {
        concat!(
            "\n",
            "CREATE TABLE catalog_sources (\n",
            "    id ",
            $key,
            " PRIMARY KEY,\n",
            "    type ",
            $key,
            " NOT NULL,\n",
            "    target ",
            $key,
            " NOT NULL,\n",
            "    origin TEXT NOT NULL,\n",
            "    entity_ref ",
            $key,
            " NOT NULL,\n",
            "    created_at BIGINT NOT NULL,\n",
            "    created_by TEXT NOT NULL,\n",
            "    last_attempt_at BIGINT,\n",
            "    last_success_at BIGINT,\n",
            "    revision TEXT,\n",
            "    last_error TEXT,\n",
            "    failures BIGINT NOT NULL,\n",
            "    duration_us BIGINT,\n",
            "    entities BIGINT NOT NULL,\n",
            "    held TEXT,\n",
            "    UNIQUE (type, target)\n",
            ");\n",
            "CREATE TABLE catalog_entities (\n",
            "    ref ",
            $key,
            " PRIMARY KEY,\n",
            "    uid ",
            $key,
            " NOT NULL UNIQUE,\n",
            "    source_id ",
            $key,
            " NOT NULL,\n",
            "    location ",
            $key,
            " NOT NULL,\n",
            "    line BIGINT NOT NULL,\n",
            "    col BIGINT NOT NULL,\n",
            "    parent_ref ",
            $key,
            ",\n",
            "    revision TEXT,\n",
            "    etag TEXT NOT NULL,\n",
            "    version BIGINT NOT NULL,\n",
            "    status TEXT,\n",
            "    orphan BIGINT NOT NULL,\n",
            "    created_at BIGINT NOT NULL,\n",
            "    updated_at BIGINT NOT NULL\n",
            ");\n",
            "CREATE INDEX catalog_entities_by_place ON catalog_entities (source_id, location);\n",
            "CREATE INDEX catalog_entities_by_parent ON catalog_entities (parent_ref);\n",
            "CREATE TABLE catalog_versions (\n",
            "    ref ",
            $key,
            " NOT NULL,\n",
            "    version BIGINT NOT NULL,\n",
            "    seq BIGINT NOT NULL,\n",
            "    time BIGINT NOT NULL,\n",
            "    actor TEXT NOT NULL,\n",
            "    revision TEXT,\n",
            "    change TEXT NOT NULL,\n",
            "    doc TEXT,\n",
            "    PRIMARY KEY (ref, version)\n",
            ");\n",
            "CREATE INDEX catalog_versions_by_time ON catalog_versions (time);\n",
            "CREATE TABLE catalog_problems (\n",
            "    source_id ",
            $key,
            " NOT NULL,\n",
            "    ordinal BIGINT NOT NULL,\n",
            "    location ",
            $key,
            " NOT NULL,\n",
            "    line BIGINT NOT NULL,\n",
            "    col BIGINT NOT NULL,\n",
            "    severity TEXT NOT NULL,\n",
            "    code TEXT NOT NULL,\n",
            "    message TEXT NOT NULL,\n",
            "    accepted TEXT,\n",
            "    fix TEXT,\n",
            "    entity_ref ",
            $key,
            ",\n",
            "    PRIMARY KEY (source_id, ordinal)\n",
            ");\n",
            "CREATE INDEX catalog_problems_by_entity ON catalog_problems (entity_ref);\n",
            "CREATE TABLE catalog_claims (\n",
            "    ref ",
            $key,
            " NOT NULL,\n",
            "    source_id ",
            $key,
            " NOT NULL,\n",
            "    location ",
            $key,
            " NOT NULL,\n",
            "    line BIGINT NOT NULL,\n",
            "    col BIGINT NOT NULL,\n",
            "    since BIGINT NOT NULL,\n",
            "    PRIMARY KEY (ref, source_id, location)\n",
            ");\n",
            "CREATE TABLE catalog_deliveries (\n",
            "    receiver ",
            $key,
            " PRIMARY KEY,\n",
            "    seq BIGINT NOT NULL\n",
            ");\n",
            "CREATE TABLE catalog_files (\n",
            "    source_id ",
            $key,
            " NOT NULL,\n",
            "    location ",
            $key,
            " NOT NULL,\n",
            "    hash TEXT NOT NULL,\n",
            "    plain BIGINT NOT NULL,\n",
            "    hint TEXT,\n",
            "    PRIMARY KEY (source_id, location)\n",
            ");\n",
            "\n",
        )
    };
}

/// What entities are built of, as their SBOMs say.
macro_rules! v2 {
    ($key:literal) => {
        concat!(
            "\n",
            "CREATE TABLE catalog_sboms (\n",
            "    id ",
            $key,
            " PRIMARY KEY,\n",
            "    ref ",
            $key,
            " NOT NULL,\n",
            "    location ",
            $key,
            " NOT NULL,\n",
            "    hash TEXT NOT NULL,\n",
            "    format TEXT NOT NULL,\n",
            "    packages BIGINT NOT NULL,\n",
            "    revision TEXT,\n",
            "    read_at BIGINT NOT NULL,\n",
            "    UNIQUE (ref, location)\n",
            ");\n",
            "CREATE TABLE catalog_packages (\n",
            "    sbom ",
            $key,
            " NOT NULL,\n",
            "    ordinal BIGINT NOT NULL,\n",
            "    type ",
            $key,
            " NOT NULL,\n",
            "    search ",
            $key,
            " NOT NULL,\n",
            "    name TEXT NOT NULL,\n",
            "    version TEXT NOT NULL,\n",
            "    licence TEXT,\n",
            "    purl TEXT,\n",
            "    relation TEXT NOT NULL,\n",
            "    via TEXT,\n",
            "    PRIMARY KEY (sbom, ordinal)\n",
            ");\n",
            "CREATE INDEX catalog_packages_by_name ON catalog_packages (search, type);\n",
            // Files that name an SBOM were taken for files that name nothing:
            // each is read once more.
            "DELETE FROM catalog_files;\n",
            "\n",
        )
    };
}

/// Orphans are few, and each refresh asks for them.
const V3: &str =
    "CREATE INDEX catalog_entities_orphans ON catalog_entities (source_id) WHERE orphan = 1";

/// What was said of a file is kept with it.
macro_rules! v4 {
    ($key:literal) => {
        concat!(
            "\n",
            "ALTER TABLE catalog_problems ADD COLUMN read_in ",
            $key,
            " NOT NULL DEFAULT '';\n",
            "CREATE INDEX catalog_problems_by_file ON catalog_problems (source_id, read_in);\n",
            "ALTER TABLE catalog_files ADD COLUMN broken BIGINT NOT NULL DEFAULT 0;\n",
            "ALTER TABLE catalog_sources ADD COLUMN judgement TEXT;\n",
            "\n",
        )
    };
}

/// The catalog's migrations, for both databases.
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: "catalog",
    steps: &[
        Migration {
            version: 1,
            name: "sources and entities",
            sqlite: v1!("TEXT"),
            postgres: v1!("TEXT COLLATE \"C\""),
        },
        Migration {
            version: 2,
            name: "packages",
            sqlite: v2!("TEXT"),
            postgres: v2!("TEXT COLLATE \"C\""),
        },
        Migration {
            version: 3,
            name: "index of orphans",
            sqlite: V3,
            postgres: V3,
        },
        Migration {
            version: 4,
            name: "remarks that stay with their files",
            sqlite: v4!("TEXT"),
            postgres: v4!("TEXT COLLATE \"C\""),
        },
    ],
};

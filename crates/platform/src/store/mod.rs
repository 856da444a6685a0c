//! One store over two databases: SQLite in the data directory (the default)
//! and PostgreSQL behind a `postgres://` address.
//!
//! ```text
//! DatabaseUrl ──Db::open──▶ Db ──read / stream──▶ Row      any number at once
//!   MigrationSet ──┘         ├──snapshot──▶ Snapshot       several reads, one state
//!                            └──begin─────▶ Tx ──commit    one writer on SQLite
//! ```
//!
//! The rules that make one SQL text work on both:
//! - Parameters are `$1`, `$2` and so on.
//! - Ids and JSON are TEXT, times are BIGINT microseconds since 1970, booleans
//!   are BIGINT 0 or 1. On PostgreSQL, text that is compared, sorted or part
//!   of a key is declared `TEXT COLLATE "C"`, which is SQLite's order.
//! - `RETURNING`, `ON CONFLICT`, common table expressions and window functions
//!   exist on both. Sums are cast: `CAST(sum(x) AS BIGINT)`.
//! - A failed statement makes the whole transaction fail at commit, on both.
//! - What must differ lives in the module `dialect`, nowhere else.

mod database;
mod dialect;
mod error;
mod kept;
mod migration;
mod postgres;
mod signal;
mod sqlite;
mod transaction;
mod url;
mod value;

pub use database::{Db, Snapshot};
pub use error::StoreError;
pub use migration::{AppliedMigration, Migration, MigrationSet};
pub use transaction::Tx;
pub use url::DatabaseUrl;
pub use value::{Arg, Row, Sql, placeholders};

pub use crate::args;

pub(crate) use dialect::{claim_suffix, lock_row_suffix};

//! What can go wrong with the store, in words for the person who runs it.

use std::fmt;

use crate::error::ApiError;

/// A failed operation of the store. No message ever holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address of the database cannot be read.
    #[error(
        "`{found}` is not a database address: {problem}. Accepted: a directory, `sqlite:<file>`, \
         `sqlite::memory:` or `postgres://user:password@host:5432/database`"
    )]
    Address {
        /// What was given, without a password.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Another process holds the data directory.
    #[error(
        "another portway ({}) uses {place}. Stop it, or give this one its own directory with --data DIR",
        Holder(*.pid)
    )]
    InUse {
        /// The database file.
        place: String,
        /// The process that holds it, where it could be read.
        pid: Option<u32>,
    },
    /// The file is something else than a SQLite database, or damaged.
    #[error(
        "{place} is not a SQLite database or is damaged: {problem}. Restore a backup, or move the file \
         away to begin with an empty one"
    )]
    NotADatabase {
        /// The file.
        place: String,
        /// What was found.
        problem: String,
    },
    /// The data directory or file cannot be written.
    #[error(
        "cannot write {place}: {problem}. Give this user write access, or choose another directory with \
         --data DIR"
    )]
    NotWritable {
        /// The directory or file.
        place: String,
        /// The operating system's words.
        problem: String,
    },
    /// No space left on the disk.
    #[error(
        "no space is left for {place}; nothing of this change was stored. Free some space and try again"
    )]
    Full {
        /// The database.
        place: String,
    },
    /// The database server does not answer.
    #[error(
        "cannot reach the database {place}: {problem}. Check that the server runs and that host and port \
         are right"
    )]
    Unreachable {
        /// The server, without a password.
        place: String,
        /// What happened.
        problem: String,
    },
    /// The database server answers and refuses.
    #[error(
        "the database {place} refuses: {problem}. Check user, password, database name and the rights of \
         this user"
    )]
    Refused {
        /// The server, without a password.
        place: String,
        /// The server's words.
        problem: String,
    },
    /// A newer Portway wrote this database.
    #[error(
        "{place} was written by a newer portway: the tables of `{set}` are at version {found}, this \
         portway knows versions up to {known}. Start the newer portway, or restore a backup made before \
         the upgrade"
    )]
    Newer {
        /// The database.
        place: String,
        /// The migration set.
        set: String,
        /// The version in the database.
        found: u32,
        /// The newest version that this program has.
        known: u32,
    },
    /// A migration that has been applied differs from the one in the program.
    #[error(
        "migration {set} {version} ({name}) was applied to {place} with another text than this portway \
         has. Start the portway that wrote the database, or restore a backup; applied migrations are \
         never edited, a new one is added instead"
    )]
    Changed {
        /// The database.
        place: String,
        /// The migration set.
        set: String,
        /// The migration.
        version: u32,
        /// Its name.
        name: String,
    },
    /// A migration failed and was rolled back.
    #[error("migration {set} {version} ({name}) failed on {place} and was rolled back")]
    Migration {
        /// The database.
        place: String,
        /// The migration set.
        set: &'static str,
        /// The migration.
        version: u32,
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        cause: Box<StoreError>,
    },
    /// A list of migrations has no sense: a fault of the program.
    #[error("the migrations of `{set}` are not usable: {problem}")]
    MigrationList {
        /// The migration set.
        set: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The database was busy for too long, or two transactions stood in each
    /// other's way. Trying again is right.
    #[error("the database {place} is busy: {problem}. Try again")]
    Busy {
        /// The database.
        place: String,
        /// What happened.
        problem: String,
    },
    /// A row clashes with a unique key.
    #[error("a row with this key exists already ({constraint})")]
    Duplicate {
        /// The constraint, as the database names it.
        constraint: String,
    },
    /// The lease of a job has passed to somebody else.
    #[error("the lease on job {queue}/{key} (fence {fence}) has passed to somebody else")]
    LeaseLost {
        /// The queue.
        queue: String,
        /// The job.
        key: String,
        /// The fence that is no longer valid.
        fence: i64,
    },
    /// A value cannot be stored.
    #[error("argument ${position} cannot be stored: {problem}")]
    Argument {
        /// Which one, from 1.
        position: usize,
        /// Why.
        problem: &'static str,
    },
    /// The text has more or fewer `$n` than there are values.
    #[error("{given} arguments were given and the SQL text uses {used}: {sql}")]
    ArgumentCount {
        /// How many values came.
        given: usize,
        /// The highest `$n`.
        used: usize,
        /// The beginning of the text.
        sql: String,
    },
    /// A column does not hold what the program expects.
    #[error("column {index} of a result is not {expected}: {problem}")]
    Column {
        /// Which column, from 0.
        index: usize,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        problem: String,
    },
    /// A statement of this transaction failed before, so it cannot commit.
    #[error("a statement of this transaction failed before, so everything was rolled back")]
    Aborted,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else that the database reports.
    #[error("the database {place} reports: {source}")]
    Database {
        /// The database.
        place: String,
        /// The driver's error.
        source: sqlx::Error,
    },
}

struct Holder(Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(pid) => write!(f, "pid {pid}"),
            None => f.write_str("pid unknown"),
        }
    }
}

impl StoreError {
    /// Whether the same work may succeed when it is done again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }

    /// Sorts a driver's error. `place` names the database without a password.
    pub(crate) fn from_driver(place: &str, error: sqlx::Error) -> Self {
        let place = place.to_owned();
        match error {
            sqlx::Error::Database(ref inner) => {
                let code = inner.code().unwrap_or_default().into_owned();
                let problem = inner.message().to_owned();
                if inner.is_unique_violation() {
                    let constraint = inner.constraint().map_or(problem, str::to_owned);
                    return Self::Duplicate { constraint };
                }
                let sorted = match code.parse::<i32>() {
                    // SQLite's extended codes are small numbers, SQLSTATE has five characters.
                    Ok(extended) if code.len() < 5 => {
                        from_sqlite(extended & 0xff, &place, &problem)
                    }
                    _ => from_sqlstate(&code, &place, &problem),
                };
                sorted.unwrap_or(Self::Database {
                    place,
                    source: error,
                })
            }
            sqlx::Error::PoolTimedOut => Self::Busy {
                place,
                problem: "no connection became free in time".into(),
            },
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::Io(problem) => Self::Unreachable {
                place,
                problem: problem.to_string(),
            },
            sqlx::Error::Tls(problem) => Self::Refused {
                place,
                problem: problem.to_string(),
            },
            other => Self::Database {
                place,
                source: other,
            },
        }
    }
}

/// Primary result codes: <https://www.sqlite.org/rescode.html>.
fn from_sqlite(code: i32, place: &str, problem: &str) -> Option<StoreError> {
    let (place, problem) = (place.to_owned(), problem.to_owned());
    Some(match code {
        5 | 6 => StoreError::Busy { place, problem },
        8 | 14 => StoreError::NotWritable { place, problem },
        11 | 26 => StoreError::NotADatabase { place, problem },
        13 => StoreError::Full { place },
        _ => return None,
    })
}

/// SQLSTATE codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn from_sqlstate(code: &str, place: &str, problem: &str) -> Option<StoreError> {
    let (place, problem) = (place.to_owned(), problem.to_owned());
    Some(match code {
        "40001" | "40P01" | "55P03" | "53300" => StoreError::Busy { place, problem },
        "53100" => StoreError::Full { place },
        "57P01" | "57P02" | "57P03" => StoreError::Unreachable { place, problem },
        "28000" | "28P01" | "3D000" | "3F000" | "42501" => StoreError::Refused { place, problem },
        _ if code.starts_with("08") => StoreError::Unreachable { place, problem },
        _ => return None,
    })
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let mut answer = match &error {
            StoreError::Busy { .. } | StoreError::Unreachable { .. } => {
                Self::unavailable("The database does not answer at the moment")
                    .fix("try again in a moment")
            }
            StoreError::Full { .. } => Self::unavailable(
                "The database has no space left; nothing of this change was stored",
            )
            .fix("ask the operator to free some space"),
            // Nothing in a request is bound to a statement but what somebody sent.
            StoreError::Argument { .. } => Self::input(
                "A text of this request cannot be stored: it holds the character U+0000",
            )
            .accepted("texts without the character U+0000"),
            _ => return Self::internal(error),
        };
        answer.internal = Some(std::sync::Arc::new(error));
        answer
    }
}

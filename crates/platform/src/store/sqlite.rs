//! Opening the embedded database.
//!
//! Durability: write-ahead log with `synchronous = FULL`, so that a commit
//! that has been acknowledged is on the disk when the power fails. `NORMAL`
//! would survive a killed process but not a power cut; what FULL costs is one
//! `fsync` per commit, which is why bulk work shares transactions.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::error::StoreError;

/// Readers beside the one writer; each has a thread and a small page cache.
const READERS: u32 = 4;
/// How long a caller waits for its turn to write before it is told so.
const PATIENCE: Duration = Duration::from_secs(30);
/// Page cache of one connection, in KiB (negative by SQLite's convention).
const WRITER_CACHE: &str = "-8192";
const READER_CACHE: &str = "-2048";
/// What is left of the write-ahead log after a checkpoint, in bytes.
const WAL_LIMIT: &str = "67108864";

/// An open SQLite database.
#[derive(Debug)]
pub(super) struct Sqlite {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) place: String,
    lock: parking_lot::Mutex<Option<File>>,
    /// Removes the files of a database that lives in memory only.
    _temporary: Option<tempfile::TempDir>,
}

impl Sqlite {
    /// Opens or creates the database file and keeps every other process out.
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        create_directory(directory)?;
        let lock = lock(path)?;
        check_header(path)?;
        connect(
            path,
            path.display().to_string(),
            SqliteSynchronous::Full,
            Some(lock),
            None,
        )
        .await
    }

    /// A database that is gone when it is closed. It lies in a temporary
    /// directory and not in SQLite's own memory mode, because that mode locks
    /// readers and writers against each other in ways that a file does not.
    pub(super) async fn in_memory() -> Result<Self, StoreError> {
        let directory = tempfile::Builder::new()
            .prefix("portway-memory-")
            .tempdir()
            .map_err(|problem| not_writable(&std::env::temp_dir(), &problem))?;
        let path = directory.path().join("portway.db");
        let place = "sqlite::memory:".to_owned();
        connect(&path, place, SqliteSynchronous::Off, None, Some(directory)).await
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        drop(self.lock.lock().take());
    }
}

async fn connect(
    path: &Path,
    place: String,
    synchronous: SqliteSynchronous,
    lock: Option<File>,
    temporary: Option<tempfile::TempDir>,
) -> Result<Sqlite, StoreError> {
    let base = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("journal_size_limit", WAL_LIMIT)
        .pragma("temp_store", "MEMORY")
        .row_buffer_size(256)
        .disable_statement_logging();
    let writing = base.clone().pragma("cache_size", WRITER_CACHE);
    let reading = base
        .pragma("cache_size", READER_CACHE)
        .pragma("query_only", "ON");
    let pool = |connections: u32| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let writer = pool(1).connect_lazy_with(writing);
    let readers = pool(READERS).connect_lazy_with(reading);
    // Makes the file and shows at once what is wrong with it.
    drop(
        writer
            .acquire()
            .await
            .map_err(|error| StoreError::from_driver(&place, error))?,
    );
    Ok(Sqlite {
        writer,
        readers,
        place,
        lock: parking_lot::Mutex::new(lock),
        _temporary: temporary,
    })
}

fn create_directory(directory: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    // Token hashes and sessions lie here: nobody else reads a new directory.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|problem| not_writable(directory, &problem))
}

/// Takes the lock file beside the database. The lock belongs to the process
/// and goes with it, however it ends; the file stays.
fn lock(database: &Path) -> Result<File, StoreError> {
    let path = lock_path(database);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|problem| not_writable(&path, &problem))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let pid = file
                .read_to_string(&mut text)
                .ok()
                .and_then(|_| text.trim().parse().ok());
            return Err(StoreError::InUse {
                place: database.display().to_string(),
                pid,
            });
        }
        // Some network file systems cannot lock. SQLite's own locks remain.
        Err(TryLockError::Error(problem)) if problem.kind() == ErrorKind::Unsupported => {}
        Err(TryLockError::Error(problem)) => return Err(not_writable(&path, &problem)),
    }
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| writeln!(file, "{}", std::process::id()))
        .map_err(|problem| not_writable(&path, &problem))?;
    Ok(file)
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Refuses a file of another kind before SQLite puts its own files beside it.
/// The first 16 bytes are fixed: <https://www.sqlite.org/fileformat2.html>.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(problem) if problem.kind() == ErrorKind::NotFound => return Ok(()),
        Err(problem) => return Err(not_writable(path, &problem)),
    };
    let mut header = Vec::with_capacity(16);
    file.take(16)
        .read_to_end(&mut header)
        .map_err(|problem| not_writable(path, &problem))?;
    if header.is_empty() || header == b"SQLite format 3\0" {
        return Ok(());
    }
    Err(StoreError::NotADatabase {
        place: path.display().to_string(),
        problem: "it does not begin with `SQLite format 3`".into(),
    })
}

fn not_writable(path: &Path, problem: &std::io::Error) -> StoreError {
    match problem.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full {
            place: path.display().to_string(),
        },
        _ => StoreError::NotWritable {
            place: path.display().to_string(),
            problem: problem.to_string(),
        },
    }
}

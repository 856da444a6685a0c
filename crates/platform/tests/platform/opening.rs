//! What a person reads when the database cannot be opened.

use std::path::Path;

use platform::Clock;
use platform::store::{DatabaseUrl, Db, StoreError, args};

use crate::databases::{NOTES, START, on_postgres, server};

async fn open_at(path: &Path) -> Result<Db, StoreError> {
    open(&format!("sqlite:{}", path.display())).await
}

async fn open(address: &str) -> Result<Db, StoreError> {
    Db::open(
        &DatabaseUrl::parse(address)?,
        &[NOTES],
        Clock::manual(START),
    )
    .await
}

#[tokio::test]
async fn a_data_directory_is_made_and_found_again() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("new/data");
    let url = DatabaseUrl::in_directory(&directory);
    let db = Db::open(&url, &[NOTES], Clock::manual(START))
        .await
        .unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO notes (id) VALUES (1)", args![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    assert!(directory.join("portway.db").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "others must not read what lies here");
    }
    let db = open(&directory.display().to_string()).await.unwrap();
    assert_eq!(
        db.read("SELECT id FROM notes", args![])
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_second_server_on_one_directory_is_told_who_is_there() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("portway.db");
    let first = open_at(&file).await.unwrap();
    let error = open_at(&file).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "another portway (pid {}) uses {}. Stop it, or give this one its own directory with --data DIR",
            std::process::id(),
            file.display()
        )
    );
    first.close().await;
    open_at(&file).await.unwrap();
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("notes.txt");
    std::fs::write(&file, "a shopping list, not a database").unwrap();
    let error = open_at(&file).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("is not a SQLite database"), "{text}");
    assert!(
        text.contains("Restore a backup, or move the file away"),
        "{text}"
    );
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "a shopping list, not a database"
    );
}

#[tokio::test]
async fn a_damaged_database_is_named_as_such() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("portway.db");
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.extend([0xa5; 8_192]);
    std::fs::write(&file, bytes).unwrap();
    let error = open_at(&file).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NotADatabase { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("occupied");
    std::fs::write(&file, "").unwrap();
    let error = open_at(&file.join("data/portway.db")).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
    assert!(text.contains("occupied"), "{text}");
    assert!(text.contains("--data DIR"), "{text}");
}

#[tokio::test]
async fn a_full_disk_loses_the_change_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let db = open_at(&home.path().join("portway.db")).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO notes (id) VALUES (1)", args![])
        .await
        .unwrap();
    tx.commit().await.unwrap();

    // SQLite answers the same code when its page limit and when the disk is
    // reached: https://www.sqlite.org/rescode.html#full
    let mut tx = db.begin().await.unwrap();
    tx.query("PRAGMA max_page_count = 40", args![])
        .await
        .unwrap();
    let body = "x".repeat(1_000_000);
    let error = tx
        .execute("INSERT INTO notes (id, body) VALUES (2, $1)", args![body])
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("no space is left for"), "{text}");
    assert!(text.contains("nothing of this change was stored"), "{text}");
    assert!(tx.commit().await.is_err());
    assert_eq!(
        db.read("SELECT id FROM notes", args![])
            .await
            .unwrap()
            .len(),
        1
    );
    let answer = platform::ApiError::from(error);
    assert_eq!(answer.status.as_u16(), 503);
}

#[tokio::test]
async fn a_memory_database_is_whole_and_gone_afterwards() {
    let db = open("sqlite::memory:").await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO notes (id) VALUES (1)", args![])
        .await
        .unwrap();
    assert_eq!(
        db.read("SELECT id FROM notes", args![])
            .await
            .unwrap()
            .len(),
        0
    );
    tx.commit().await.unwrap();
    assert_eq!(
        db.read("SELECT id FROM notes", args![])
            .await
            .unwrap()
            .len(),
        1
    );
    db.close().await;
    let again = open("sqlite::memory:").await.unwrap();
    assert_eq!(
        again
            .read("SELECT id FROM notes", args![])
            .await
            .unwrap()
            .len(),
        0
    );
    let closed = db.read("SELECT id FROM notes", args![]).await;
    assert!(matches!(closed, Err(StoreError::Closed)), "{closed:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_the_password() {
    // A port that nobody listens on: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = open(&format!("postgres://kim:hunter2@127.0.0.1:{port}/portway"))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(
        text.contains(&format!("postgres://kim@127.0.0.1:{port}/portway")),
        "{text}"
    );
    assert!(!format!("{text}{error:?}").contains("hunter2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_or_database_is_named_without_the_password() {
    on_postgres(|_| async {
        let server = server().unwrap();
        let (_, rest) = server.split_once('@').unwrap();
        let (host, _) = rest.split_once('/').unwrap();
        // tests/postgres.sh asks this user for a password and trusts others.
        let error = open(&format!(
            "postgres://needs_password:hunter2@{host}/postgres"
        ))
        .await
        .unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
        assert!(!format!("{text}{error:?}").contains("hunter2"), "{text}");

        let nowhere = server.replace("/postgres?", "/nowhere?");
        let nowhere = nowhere
            .strip_suffix("/postgres")
            .map_or(nowhere.clone(), |s| format!("{s}/nowhere"));
        let error = open(&nowhere).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains("nowhere"), "{error}");
    })
    .await;
}

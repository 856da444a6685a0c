//! Killed in the middle of writing: what was acknowledged is there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use platform::Clock;
use platform::actor::Actor;
use platform::event::{EventFilter, EventLog, EventType, NewEvent, Outcome};
use platform::queue::{Job, Queue};
use platform::store::{DatabaseUrl, Db, args};
use serde_json::{Value, json};

use crate::databases::{NOTES, on_both};

/// Set for the process that is going to be killed: the database's address.
const ADDRESS: &str = "PORTWAY_TEST_CRASH_ADDRESS";

/// Writes notes with an event and a job each until it is killed, and says on
/// standard output which ones it was told are stored. Only the process that
/// [`run_and_kill`] starts does anything here.
#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "how the parent tells the child what to do"
)]
async fn child_that_writes_until_it_is_killed() {
    let Ok(address) = std::env::var(ADDRESS) else {
        return;
    };
    let url = DatabaseUrl::parse(&address).unwrap();
    let db = Db::open(&url, &[NOTES], Clock::system()).await.unwrap();
    let first = db
        .read("SELECT coalesce(max(id), 0) + 1 FROM notes", args![])
        .await
        .unwrap();
    let first = first[0].int(0).unwrap();
    let writers = (0..4).map(|writer| {
        let db = db.clone();
        tokio::spawn(async move {
            for id in (first + writer..).step_by(4) {
                write(&db, id).await;
                println!("stored {id}");
                std::io::stdout().flush().unwrap();
            }
        })
    });
    futures_util::future::join_all(writers).await;
}

async fn write(db: &Db, id: i64) {
    let mut tx = db.begin().await.unwrap();
    let body = "x".repeat(usize::try_from(id % 5_000).unwrap());
    tx.execute(
        "INSERT INTO notes (id, body) VALUES ($1, $2)",
        args![id, body],
    )
    .await
    .unwrap();
    tx.append(NewEvent {
        kind: EventType("dev.portway.test.note.written"),
        subject: id.to_string(),
        actor: Actor::system("test"),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({}),
    })
    .await
    .unwrap();
    tx.enqueue(Job {
        queue: "notes",
        key: id.to_string(),
        payload: Value::Null,
        run_at: db.clock().now(),
        reason: "written".into(),
    });
    tx.commit().await.unwrap();
}

/// Starts the child, kills it after `enough` acknowledged notes, and answers
/// all that it had acknowledged.
fn run_and_kill(address: &str, enough: usize) -> Vec<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "crash::child_that_writes_until_it_is_killed",
            "--exact",
            "--nocapture",
        ])
        .env(ADDRESS, address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut stored = Vec::new();
    while let Some(Ok(line)) = lines.next() {
        // A line that the kill cut off acknowledges nothing.
        stored.extend(
            line.strip_prefix("stored ")
                .and_then(|id| id.parse::<i64>().ok()),
        );
        if stored.len() == enough {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(
        stored.len() >= enough,
        "the child ended by itself after {}",
        stored.len()
    );
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    on_both(|place| async move {
        let mut acknowledged = Vec::new();
        for enough in [1, 60, 137] {
            let address = place.address.clone();
            acknowledged.extend(
                tokio::task::spawn_blocking(move || run_and_kill(&address, enough))
                    .await
                    .unwrap(),
            );
            // The dead process holds nothing back.
            let db = place.open().await;
            let rows = db
                .read("SELECT id, body FROM notes ORDER BY id", args![])
                .await
                .unwrap();
            let ids: Vec<i64> = rows.iter().map(|row| row.int(0).unwrap()).collect();
            for id in &acknowledged {
                assert!(
                    ids.binary_search(id).is_ok(),
                    "note {id} was acknowledged and is lost"
                );
            }
            for row in &rows {
                let length = i64::try_from(row.text(1).unwrap().len()).unwrap();
                assert_eq!(length, row.int(0).unwrap() % 5_000);
            }
            // Each note came with its event and its job, or not at all.
            let mut events = Vec::new();
            let log = EventLog::new(&db);
            loop {
                let seq = i64::try_from(events.len()).unwrap();
                let page = log.after(seq, &EventFilter::default(), 500).await.unwrap();
                if page.is_empty() {
                    break;
                }
                events.extend(
                    page.iter()
                        .map(|event| event.subject.parse::<i64>().unwrap()),
                );
            }
            events.sort_unstable();
            assert_eq!(events, ids);
            // And no event hangs loose.
            crate::chain::assert_chain(&db).await;
            let jobs = Queue::new(&db).depths().await.unwrap();
            assert_eq!(jobs[0].jobs, u64::try_from(ids.len()).unwrap());
            if !db.is_shared() {
                let check = db.read("PRAGMA integrity_check", args![]).await.unwrap();
                assert_eq!(check[0].text(0).unwrap(), "ok");
            }
            db.close().await;
        }
    })
    .await;
}

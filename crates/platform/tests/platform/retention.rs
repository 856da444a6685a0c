//! Runs of actions are kept for a time and then removed, in batches.

use std::time::Duration;

use platform::args;
use platform::event::{EventFilter, EventLog};
use platform::journal::{Journal, Retention, RunFilter};
use platform::store::Db;
use serde_json::json;

use crate::databases::on_both;
use crate::scripted::{HOUR, info, options, work};

const DAY: Duration = Duration::from_secs(86_400);

/// Writes down runs that started at this moment, as an earlier process did.
async fn runs(db: &Db, count: usize, state: &str) {
    let now = db.clock().now();
    let since = u64::try_from(now.as_millisecond()).unwrap();
    let mut tx = db.begin().await.unwrap();
    for at in 0..count {
        let mut rest = [0; 10];
        // Runs of one moment with other states are others.
        rest[7] = u8::try_from(state.len()).unwrap();
        rest[8..].copy_from_slice(&u16::try_from(at).unwrap().to_be_bytes());
        let id = uuid::Builder::from_unix_timestamp_millis(since, &rest).into_uuid();
        tx.execute(
            "INSERT INTO action_runs (id, action, door, state, actor_kind, actor, input, started_at, alive_until) \
             VALUES ($1, 'test:it', 'http', $2, 'user', 'kim', '{}', $3, $4)",
            args![id.to_string(), state, now, jiff::Timestamp::MAX],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn count(journal: &Journal) -> usize {
    let filter = RunFilter::default();
    journal.runs(&filter, None, 10_000).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_removed_when_they_are_older_than_they_are_kept() {
    on_both(|place| async move {
        let db = place.open().await;
        let journal = Journal::open(&db).await.unwrap();
        runs(&db, 2_300, "succeeded").await;
        runs(&db, 1, "running").await;
        db.clock().advance(2 * DAY);
        runs(&db, 5, "failed").await;
        db.clock().advance(DAY);

        let controller = Retention::of(2 * DAY).controller(&journal).await.unwrap();
        let mut working = work(&db, vec![controller], options("a"));
        working.until(|counts| counts.succeeded == 1).await;
        // What has not ended is kept however old it is.
        assert_eq!(count(&journal).await, 6);
        let job = info(&db, "platform.runs", "retention").await;
        assert_eq!(
            job.reason,
            "removes runs of actions that are older than 2.0 days"
        );

        let pruned: Vec<_> = EventLog::new(&db)
            .after(0, &EventFilter::default(), 100)
            .await
            .unwrap()
            .into_iter()
            .filter(|event| event.kind == "dev.portway.platform.runs.pruned")
            .map(|event| event.data)
            .collect();
        let before = "2026-01-03T03:04:05Z";
        let batch =
            |count: u32| json!({ "count": count, "startedBefore": before, "kept": 172_800 });
        assert_eq!(pruned, [batch(1_000), batch(1_000), batch(300)]);

        db.clock().advance(DAY + 5 * HOUR);
        working.until(|counts| counts.succeeded >= 2).await;
        assert_eq!(count(&journal).await, 1);
        working.stop().await;
    })
    .await;
}

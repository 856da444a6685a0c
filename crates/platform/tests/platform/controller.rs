//! Controllers and their runner. Hours pass by moving the clock.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use platform::controller::{Next, ReconcileError, RunnerOptions};
use platform::queue::{Job, JobState, Queue};
use platform::store::StoreError;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::databases::on_both;
use crate::scripted::{HOUR, SECOND, enqueue, from_now, info, options, scripted, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_hourly_work_passes_as_fast_as_the_clock_is_moved() {
    on_both(|place| async move {
        let db = place.open().await;
        let (controller, mut runs) = scripted("hourly", |_, _| {
            Ok(Next::After(HOUR, "looks again every hour".into()))
        });
        let mut working = work(&db, vec![Arc::new(controller)], options("a"));
        enqueue(&db, "hourly", "k").await;
        for run in 1..=24 {
            let (_, at) = runs.recv().await.unwrap();
            assert_eq!(at, db.clock().now());
            working.until(|counts| counts.succeeded == run).await;
            let waiting = info(&db, "hourly", "k").await;
            assert_eq!(
                waiting.state,
                JobState::Waiting {
                    run_at: from_now(&db, HOUR)
                }
            );
            assert_eq!(waiting.reason, "looks again every hour");
            db.clock().advance(HOUR - Duration::from_micros(1));
            assert!(runs.try_recv().is_err());
            db.clock().advance(Duration::from_micros(1));
        }
        working.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_back_off_exactly_and_a_success_forgets_them() {
    on_both(|place| async move {
        let db = place.open().await;
        let (controller, mut runs) = scripted("failing", |_, attempt| match attempt {
            13 => Ok(Next::After(HOUR, "timer".into())),
            12 => panic!("number {attempt}"),
            _ => Err(ReconcileError::from(StoreError::Closed)),
        });
        let mut working = work(&db, vec![Arc::new(controller)], options("a"));
        enqueue(&db, "failing", "k").await;
        let start = db.clock().now();
        let mut offset = 0;
        for (failure, wait) in (1..).zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]) {
            let (_, at) = runs.recv().await.unwrap();
            assert_eq!(at, start + SignedDuration::from_secs(offset));
            working.until(|counts| counts.failed == failure).await;
            let waiting = info(&db, "failing", "k").await;
            let wait = Duration::from_secs(wait);
            assert_eq!(
                waiting.state,
                JobState::Waiting {
                    run_at: from_now(&db, wait)
                }
            );
            assert_eq!(u64::from(waiting.attempts), failure);
            let error = waiting.last_error.unwrap();
            let expected = if failure == 12 {
                "the controller panicked: number 12"
            } else {
                "the store is closed"
            };
            assert_eq!(error, expected);
            offset += i64::try_from(wait.as_secs()).unwrap();
            db.clock().advance(wait);
        }
        working.until(|counts| counts.succeeded == 1).await;
        let waiting = info(&db, "failing", "k").await;
        assert_eq!((waiting.attempts, waiting.last_error), (0, None));
        working.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_when_to_come_back_is_obeyed() {
    on_both(|place| async move {
        let db = place.open().await;
        let back = from_now(&db, HOUR);
        let (controller, _runs) = scripted("limited", move |_, _| {
            Err(ReconcileError::new("429").retry_at(back))
        });
        let mut working = work(&db, vec![Arc::new(controller)], options("a"));
        enqueue(&db, "limited", "k").await;
        working.until(|counts| counts.failed == 1).await;
        assert_eq!(
            info(&db, "limited", "k").await.state,
            JobState::Waiting { run_at: back }
        );
        working.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_lets_runs_end_and_gives_the_rest_back() {
    on_both(|place| async move {
        let db = place.open().await;
        let (mut quick, mut quick_runs) = scripted("quick", |_, _| Ok(Next::Done));
        let gate = Arc::new(Semaphore::new(0));
        quick.gate = Some(Arc::clone(&gate));
        let (mut stuck, mut stuck_runs) = scripted("stuck", |_, _| Ok(Next::Done));
        stuck.gate = Some(Arc::new(Semaphore::new(0)));
        let working = work(&db, vec![Arc::new(quick), Arc::new(stuck)], options("a"));
        enqueue(&db, "quick", "k").await;
        enqueue(&db, "stuck", "k").await;
        quick_runs.recv().await.unwrap();
        stuck_runs.recv().await.unwrap();
        working.stop.cancel();
        gate.add_permits(1);
        let mut counts = working.counts.clone();
        counts
            .wait_for(|counts| counts.succeeded == 1)
            .await
            .unwrap();
        // Nothing new is begun any more.
        enqueue(&db, "quick", "late").await;
        // The grace is over when the clock says so. The runner may not have
        // begun to wait yet, so the clock moves until it has ended.
        let mut ended = working.task;
        while !ended.is_finished() {
            db.clock().advance(SECOND);
            tokio::select! {
                biased;
                done = &mut ended => { done.unwrap(); break; }
                () = tokio::task::yield_now() => {}
            }
        }
        assert!(quick_runs.try_recv().is_err());
        let back = info(&db, "stuck", "k").await;
        assert!(matches!(back.state, JobState::Waiting { run_at } if run_at <= db.clock().now()));
        assert_eq!(back.attempts, 0);
        assert_eq!(back.reason, "the server that worked on it was stopped");
        assert_eq!(Queue::new(&db).list("quick", 9).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_queue_takes_all_places_and_each_keeps_its_own_limit() {
    on_both(|place| async move {
        let db = place.open().await;
        let (mut greedy, mut greedy_runs) = scripted("greedy", |_, _| Ok(Next::Done));
        let gate = Arc::new(Semaphore::new(0));
        greedy.gate = Some(Arc::clone(&gate));
        greedy.at_once = 3;
        let (modest, mut modest_runs) = scripted("modest", |_, _| Ok(Next::Done));
        let mut tx = db.begin().await.unwrap();
        for number in 0..10 {
            for queue in ["greedy", "modest"] {
                tx.enqueue(Job {
                    queue,
                    key: number.to_string(),
                    payload: Value::Null,
                    run_at: db.clock().now(),
                    reason: "test".into(),
                });
            }
        }
        tx.commit().await.unwrap();
        let mut working = work(
            &db,
            vec![Arc::new(greedy), Arc::new(modest)],
            RunnerOptions {
                concurrency: 4,
                ..options("a")
            },
        );
        for _ in 0..10 {
            modest_runs.recv().await.unwrap();
        }
        working.until(|counts| counts.succeeded == 10).await;
        for _ in 0..3 {
            greedy_runs.recv().await.unwrap();
        }
        assert!(greedy_runs.try_recv().is_err(), "only three at once");
        gate.add_permits(10);
        working.until(|counts| counts.succeeded == 20).await;
        working.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_place_the_queue_that_waits_longest_is_next() {
    on_both(|place| async move {
        let db = place.open().await;
        // Its own next run is always due, and its name comes first.
        let (busy, mut busy_runs) =
            scripted("a", |_, _| Ok(Next::After(Duration::ZERO, "always".into())));
        let (patient, mut patient_runs) = scripted("b", |_, _| Ok(Next::Done));
        enqueue(&db, "b", "k").await;
        db.clock().advance(SECOND);
        enqueue(&db, "a", "k").await;
        let working = work(
            &db,
            vec![Arc::new(busy), Arc::new(patient)],
            RunnerOptions {
                concurrency: 1,
                ..options("a")
            },
        );
        patient_runs.recv().await.unwrap();
        busy_runs.recv().await.unwrap();
        db.clock().advance(SECOND);
        enqueue(&db, "b", "k").await;
        db.clock().advance(SECOND);
        patient_runs.recv().await.unwrap();
        working.stop().await;
    })
    .await;
}

//! Several runners on one database, and runners that die, sleep or stay long.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use platform::controller::{
    Controller, JobContext, Next, ReconcileError, RunnerCounts, RunnerOptions,
};
use platform::queue::{Job, JobState, Queue};
use platform::store::args;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

use crate::databases::on_both;
use crate::scripted::{HOUR, SECOND, enqueue, from_now, info, options, scripted, work};

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_do_each_job_once() {
    on_both(|place| async move {
        const JOBS: u64 = 120;
        let db = place.open().await;
        let replica = place.replica(&db).await;
        let done = Arc::new(Mutex::new(BTreeMap::new()));
        let mut working = Vec::new();
        for (db, owner) in [(&db, "a"), (&replica, "b")] {
            let done = Arc::clone(&done);
            let (controller, _) = scripted("shared", move |key, attempt| {
                assert_eq!(attempt, 1);
                *done.lock().entry(key.to_owned()).or_insert(0) += 1;
                Ok(Next::Done)
            });
            working.push(work(db, vec![Arc::new(controller)], options(owner)));
        }
        let mut tx = db.begin().await.unwrap();
        for number in 0..JOBS {
            tx.enqueue(Job {
                queue: "shared",
                key: format!("{number:03}"),
                payload: Value::Null,
                run_at: db.clock().now(),
                reason: "test".into(),
            });
        }
        tx.commit().await.unwrap();
        let [a, b] = working.as_mut_slice() else {
            panic!("there are two")
        };
        while a.counts.borrow().succeeded + b.counts.borrow().succeeded < JOBS {
            tokio::select! {
                changed = a.counts.changed() => changed.unwrap(),
                changed = b.counts.changed() => changed.unwrap(),
            }
        }
        assert_eq!(Queue::new(&db).list("shared", 9).await.unwrap(), []);
        let mut total = RunnerCounts::default();
        for one in working {
            let counts = *one.counts.borrow();
            one.stop().await;
            total.lost += counts.lost;
            total.failed += counts.failed;
        }
        assert_eq!((total.lost, total.failed), (0, 0));
        let done = done.lock();
        assert_eq!(done.len() as u64, JOBS);
        assert!(done.values().all(|times| *times == 1), "{done:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_up_during_a_run_is_never_lost() {
    on_both(|place| async move {
        let db = place.open().await;
        let (mut controller, mut runs) = scripted("woken", |_, _| Ok(Next::Done));
        let gate = Arc::new(Semaphore::new(0));
        controller.gate = Some(Arc::clone(&gate));
        let mut working = work(&db, vec![Arc::new(controller)], options("a"));
        let replica = place.replica(&db).await;
        for round in 1..=30 {
            // The job runs; while it does somebody asks again, from another
            // replica; the run ends; the job runs once more.
            enqueue(&db, "woken", "k").await;
            runs.recv().await.unwrap();
            if round % 2 == 0 {
                enqueue(&replica, "woken", "k").await;
                gate.add_permits(1);
            } else {
                // Both at the same time.
                let asking = enqueue(&replica, "woken", "k");
                gate.add_permits(1);
                asking.await;
            }
            runs.recv().await.unwrap();
            gate.add_permits(1);
            working.until(|counts| counts.succeeded == round * 2).await;
        }
        assert_eq!(Queue::new(&db).list("woken", 9).await.unwrap(), []);
        working.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_run_keeps_its_lease() {
    on_both(|place| async move {
        let db = place.open().await;
        let (mut controller, mut runs) = scripted("long", |_, _| Ok(Next::Done));
        let gate = Arc::new(Semaphore::new(0));
        controller.gate = Some(Arc::clone(&gate));
        let mut working = work(&db, vec![Arc::new(controller)], options("a"));
        enqueue(&db, "long", "k").await;
        runs.recv().await.unwrap();
        for _ in 0..12 {
            db.clock().advance(SECOND * 10);
            // The lease moves on with the clock.
            let wanted = from_now(&db, SECOND * 30);
            loop {
                let JobState::Running { lease_until, .. } = info(&db, "long", "k").await.state
                else {
                    panic!("it does not run")
                };
                if lease_until == wanted {
                    break;
                }
            }
            assert_eq!(
                Queue::new(&db)
                    .claim("long", "thief", SECOND, 1)
                    .await
                    .unwrap(),
                []
            );
        }
        gate.add_permits(1);
        working.until(|counts| counts.succeeded == 1).await;
        assert!(runs.try_recv().is_err(), "it ran once");
        working.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_runners_job_is_taken_over_when_its_lease_ends() {
    on_both(|place| async move {
        let db = place.open().await;
        let (mut stuck, mut stuck_runs) = scripted("taken", |_, _| Ok(Next::Done));
        stuck.gate = Some(Arc::new(Semaphore::new(0)));
        let dying = work(&db, vec![Arc::new(stuck)], options("dying"));
        enqueue(&db, "taken", "k").await;
        stuck_runs.recv().await.unwrap();
        // As if the machine had gone: no end is written, no lease renewed.
        dying.task.abort();
        assert!(dying.task.await.unwrap_err().is_cancelled());

        let (heir, mut runs) = scripted("taken", |_, attempt| {
            assert_eq!(attempt, 2);
            Ok(Next::Done)
        });
        let mut working = work(&db, vec![Arc::new(heir)], options("heir"));
        db.clock().advance(SECOND * 30 - Duration::from_micros(1));
        assert!(matches!(info(&db, "taken", "k").await.state, JobState::Running { owner, .. } if owner == "dying"));
        db.clock().advance(Duration::from_micros(1));
        runs.recv().await.unwrap();
        working.until(|counts| counts.succeeded == 1).await;
        working.stop().await;
    })
    .await;
}

/// Writes through its guarded transaction only after the lease is gone.
#[derive(Debug)]
struct Sleeper {
    started: Arc<Notify>,
    go_on: Arc<Notify>,
}

#[async_trait]
impl Controller for Sleeper {
    fn queue(&self) -> &'static str {
        "sleeper"
    }

    async fn reconcile(&self, _: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        self.started.notify_one();
        self.go_on.notified().await;
        let mut tx = job.begin().await?;
        tx.execute("UPDATE counter SET value = value + 1", args![])
            .await?;
        tx.commit().await?;
        Ok(Next::Done)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_slept_through_its_lease_changes_nothing() {
    on_both(|place| async move {
        let db = place.open().await;
        let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let sleeper = Sleeper {
            started: Arc::clone(&started),
            go_on: Arc::clone(&go_on),
        };
        // Its lease is renewed so late that it never is, and with one place
        // only it cannot take its own job again.
        let (lease, concurrency) = (HOUR, 1);
        let mut working = work(
            &db,
            vec![Arc::new(sleeper)],
            RunnerOptions {
                lease,
                concurrency,
                ..options("sleepy")
            },
        );
        enqueue(&db, "sleeper", "k").await;
        started.notified().await;
        let queue = Queue::new(&db);
        let mut tx = db.begin().await.unwrap();
        tx.execute("UPDATE jobs SET lease_until = 0", args![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let thief = queue
            .claim("sleeper", "thief", HOUR, 1)
            .await
            .unwrap()
            .pop()
            .unwrap();
        go_on.notify_one();
        working.until(|counts| counts.lost == 1).await;
        let value = db.read("SELECT value FROM counter", args![]).await.unwrap();
        assert_eq!(value[0].int(0).unwrap(), 0);
        queue.finish(&thief, Next::Done).await.unwrap();
        working.stop().await;
    })
    .await;
}

//! The queue's rules, one by one.

use std::time::Duration;

use jiff::Timestamp;
use platform::actor::Actor;
use platform::event::{EventType, NewEvent, Outcome};
use platform::queue::{Claimed, Job, JobInfo, JobState, Next, Queue};
use platform::store::{Db, StoreError, args};
use serde_json::{Value, json};

use crate::databases::on_both;

const QUEUE: &str = "test.queue";
const LEASE: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(1);

fn job(key: &str, run_at: Timestamp, reason: &str) -> Job {
    Job {
        queue: QUEUE,
        key: key.into(),
        payload: Value::Null,
        run_at,
        reason: reason.into(),
    }
}

async fn claim(queue: &Queue, owner: &str) -> Option<Claimed> {
    let mut claimed = queue.claim(QUEUE, owner, LEASE, 1).await.unwrap();
    assert!(claimed.len() <= 1);
    claimed.pop()
}

async fn info(queue: &Queue, key: &str) -> JobInfo {
    queue.get(QUEUE, key).await.unwrap().unwrap()
}

fn lost(result: Result<(), StoreError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::LeaseLost { .. }), "{error:?}");
}

fn at(db: &Db, seconds: i64) -> Timestamp {
    db.clock().now() + jiff::SignedDuration::from_secs(seconds)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earliest_time_wins_with_its_reason_and_the_newest_hint_stays() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        queue.enqueue(job("a", at(&db, 60), "timer")).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.enqueue(Job {
            payload: json!({"n": 1}),
            ..job("a", at(&db, 20), "webhook")
        });
        tx.enqueue(job("a", at(&db, 40), "later"));
        tx.commit().await.unwrap();
        queue
            .enqueue(job("a", at(&db, 90), "much later"))
            .await
            .unwrap();

        let waiting = info(&queue, "a").await;
        assert_eq!(
            waiting.state,
            JobState::Waiting {
                run_at: at(&db, 20)
            }
        );
        assert_eq!(
            (waiting.reason.as_str(), &waiting.payload),
            ("webhook", &json!({"n": 1}))
        );
        assert_eq!(waiting.created_at, db.clock().now());
        assert_eq!(queue.list(QUEUE, 9).await.unwrap(), [waiting]);

        assert_eq!(claim(&queue, "x").await, None, "it is not due yet");
        db.clock().advance(SECOND * 20);
        let claimed = claim(&queue, "x").await.unwrap();
        assert_eq!(
            (
                claimed.key.as_str(),
                claimed.reason.as_str(),
                claimed.attempts
            ),
            ("a", "webhook", 1)
        );
        assert_eq!(claimed.payload, json!({"n": 1}));
        assert_eq!(claim(&queue, "y").await, None, "it is held");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_up_during_a_run_makes_it_run_again() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        queue.enqueue(job("a", at(&db, 0), "first")).await.unwrap();
        let claimed = claim(&queue, "x").await.unwrap();
        queue
            .enqueue(job("a", at(&db, 0), "changed meanwhile"))
            .await
            .unwrap();
        assert_eq!(claim(&queue, "y").await, None, "not beside the first run");
        let running = info(&queue, "a").await;
        assert_eq!(
            running.state,
            JobState::Running {
                owner: "x".into(),
                lease_until: at(&db, 30),
                again_at: Some(at(&db, 0))
            }
        );
        queue.finish(&claimed, Next::Done).await.unwrap();
        let again = claim(&queue, "y").await.unwrap();
        assert_eq!(
            (again.reason.as_str(), again.attempts),
            ("changed meanwhile", 1)
        );
        assert!(again.fence > claimed.fence);
        // The same when the run wants to wait, and when it fails.
        queue.enqueue(job("a", at(&db, 5), "soon")).await.unwrap();
        queue
            .finish(&again, Next::After(SECOND * 60, "timer".into()))
            .await
            .unwrap();
        assert_eq!(
            info(&queue, "a").await.state,
            JobState::Waiting { run_at: at(&db, 5) }
        );
        db.clock().advance(SECOND * 5);
        let third = claim(&queue, "x").await.unwrap();
        queue
            .enqueue(job("a", at(&db, 1), "sooner than the back-off"))
            .await
            .unwrap();
        queue
            .fail(&third, at(&db, 300), "back-off", "no answer")
            .await
            .unwrap();
        let waiting = info(&queue, "a").await;
        assert_eq!(waiting.state, JobState::Waiting { run_at: at(&db, 1) });
        assert_eq!(waiting.reason, "sooner than the back-off");
        assert_eq!(
            (waiting.attempts, waiting.last_error.as_deref()),
            (1, Some("no answer"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_lease_was_taken_over_changes_nothing() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        queue.enqueue(job("a", at(&db, 0), "first")).await.unwrap();
        let stale = claim(&queue, "x").await.unwrap();
        db.clock().advance(LEASE);
        let holder = claim(&queue, "y").await.unwrap();
        assert_eq!(holder.attempts, 2, "a run that never ended is an attempt");
        assert!(holder.fence > stale.fence);

        lost(queue.finish(&stale, Next::Done).await);
        lost(queue.finish(&stale, Next::After(SECOND, "x".into())).await);
        lost(queue.fail(&stale, at(&db, 1), "x", "x").await);
        lost(queue.release(&stale, "x").await);
        let gone = queue
            .renew(std::slice::from_ref(&stale), LEASE)
            .await
            .unwrap();
        assert_eq!(gone, [(QUEUE.to_owned(), "a".to_owned())]);
        let mut tx = db.begin().await.unwrap();
        tx.guard(&stale);
        tx.execute("UPDATE counter SET value = 1", args![])
            .await
            .unwrap();
        tx.enqueue(job("b", at(&db, 0), "from a stale holder"));
        lost(tx.commit().await);
        assert_eq!(queue.get(QUEUE, "b").await.unwrap(), None);

        let mut tx = db.begin().await.unwrap();
        tx.guard(&holder);
        tx.execute("UPDATE counter SET value = value + 10", args![])
            .await
            .unwrap();
        tx.enqueue(job("a", at(&db, 7), "again"));
        tx.commit().await.unwrap();
        assert_eq!(
            db.read("SELECT value FROM counter", args![]).await.unwrap()[0]
                .int(0)
                .unwrap(),
            10
        );
        queue.finish(&holder, Next::Done).await.unwrap();
        assert_eq!(
            info(&queue, "a").await.state,
            JobState::Waiting { run_at: at(&db, 7) }
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_made_anew_does_not_answer_to_an_old_holder() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        queue.enqueue(job("a", at(&db, 0), "first")).await.unwrap();
        let first = claim(&queue, "x").await.unwrap();
        queue.finish(&first, Next::Done).await.unwrap();
        assert_eq!(queue.get(QUEUE, "a").await.unwrap(), None);
        lost(queue.finish(&first, Next::Done).await);
        queue.enqueue(job("a", at(&db, 0), "second")).await.unwrap();
        lost(queue.finish(&first, Next::Done).await);
        let second = claim(&queue, "x").await.unwrap();
        assert!(second.fence > first.fence);
        lost(queue.finish(&first, Next::Done).await);
        queue.finish(&second, Next::Done).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_nobody_took_can_be_renewed() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        queue.enqueue(job("a", at(&db, 0), "first")).await.unwrap();
        let held = claim(&queue, "x").await.unwrap();
        db.clock().advance(LEASE * 2);
        assert_eq!(
            queue
                .renew(std::slice::from_ref(&held), LEASE)
                .await
                .unwrap(),
            []
        );
        assert_eq!(claim(&queue, "y").await, None);
        queue.finish(&held, Next::Done).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kick_brings_a_job_forward_and_says_why() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        assert!(!queue.kick(QUEUE, "a", "asked for by kim").await.unwrap());
        queue
            .enqueue(job("a", at(&db, 600), "timer"))
            .await
            .unwrap();
        assert!(queue.kick(QUEUE, "a", "asked for by kim").await.unwrap());
        let waiting = info(&queue, "a").await;
        assert_eq!(waiting.state, JobState::Waiting { run_at: at(&db, 0) });
        assert_eq!(waiting.reason, "asked for by kim");
        let held = claim(&queue, "x").await.unwrap();
        assert!(queue.kick(QUEUE, "a", "asked for again").await.unwrap());
        queue.finish(&held, Next::Done).await.unwrap();
        assert_eq!(claim(&queue, "x").await.unwrap().reason, "asked for again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_due_jobs_come_first_and_only_of_the_queue_asked_for() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        let mut tx = db.begin().await.unwrap();
        for (key, seconds) in [("late", 9), ("first", -9), ("second", -3), ("third", -1)] {
            tx.enqueue(job(key, at(&db, seconds), "test"));
        }
        tx.enqueue(Job {
            queue: "other.queue",
            ..job("first", at(&db, -99), "test")
        });
        tx.commit().await.unwrap();

        let depths = queue.depths().await.unwrap();
        let [other, mine] = depths.as_slice() else {
            panic!("{depths:?}")
        };
        assert_eq!(
            (other.queue.as_str(), other.jobs, other.due),
            ("other.queue", 1, 1)
        );
        assert_eq!(
            (mine.jobs, mine.due, mine.running, mine.failing),
            (4, 3, 0, 0)
        );
        assert_eq!(mine.oldest_due, SECOND * 9);

        let mut keys: Vec<_> = queue
            .claim(QUEUE, "x", LEASE, 2)
            .await
            .unwrap()
            .into_iter()
            .map(|job| job.key)
            .collect();
        keys.sort();
        assert_eq!(keys, ["first", "second"]);
        let rest = queue.claim(QUEUE, "x", LEASE, 9).await.unwrap();
        assert_eq!(
            rest.iter().map(|job| job.key.as_str()).collect::<Vec<_>>(),
            ["third"]
        );
        let depths = queue.depths().await.unwrap();
        assert_eq!(
            (depths[1].due, depths[1].running, depths[1].oldest_due),
            (0, 3, Duration::ZERO)
        );
        let listed = queue.list(QUEUE, 9).await.unwrap();
        let order: Vec<_> = listed.iter().map(|job| job.key.as_str()).collect();
        assert_eq!(
            order,
            ["late", "first", "second", "third"],
            "by the time at which each is due"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_enqueued_with_its_transaction_or_not_at_all() {
    on_both(|place| async move {
        let db = place.open().await;
        let queue = Queue::new(&db);
        let mut tx = db.begin().await.unwrap();
        tx.enqueue(job("a", at(&db, 0), "lost"));
        drop(tx);
        assert_eq!(queue.list(QUEUE, 9).await.unwrap(), []);
        let mut tx = db.begin().await.unwrap();
        for number in 0..3_000 {
            tx.enqueue(job(&number.to_string(), at(&db, 0), "many"));
        }
        tx.commit().await.unwrap();
        assert_eq!(queue.depths().await.unwrap()[0].jobs, 3_000);
    })
    .await;
}

/// Two transactions that touch the same keys in opposite orders, and the log
/// before or after them, would wait for each other if the rows were written as
/// they come.
#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_touch_the_same_jobs_do_not_deadlock() {
    on_both(|place| async move {
        let db = place.open().await;
        let writers = (0..6).map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..15 {
                    let mut tx = db.begin().await.unwrap();
                    if round % 2 == 0 {
                        tx.append(touched()).await.unwrap();
                    }
                    for number in 0..20 {
                        let key = if writer % 2 == 0 { number } else { 19 - number };
                        if (key + writer) % 3 == 0 {
                            tx.kick(QUEUE, &key.to_string(), "kicked").await.unwrap();
                        } else {
                            tx.enqueue(job(&key.to_string(), at(&db, round), "crossing"));
                        }
                        tokio::task::yield_now().await;
                    }
                    if round % 2 == 1 {
                        tx.append(touched()).await.unwrap();
                    }
                    tx.commit().await.unwrap();
                }
            })
        });
        futures_util::future::try_join_all(writers).await.unwrap();
        assert_eq!(Queue::new(&db).depths().await.unwrap()[0].jobs, 20);
    })
    .await;
}

fn touched() -> NewEvent {
    NewEvent {
        kind: EventType("dev.portway.test.jobs.touched"),
        subject: "jobs".into(),
        actor: Actor::system("test"),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({}),
    }
}

#[tokio::test]
async fn a_restarted_server_takes_up_what_it_was_doing_at_once() {
    let home = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}/x.db", home.path().display());
    let place = crate::databases::Place {
        address,
        clock: platform::Clock::manual(crate::databases::START),
    };
    let db = place.open().await;
    let queue = Queue::new(&db);
    queue.enqueue(job("a", at(&db, 0), "first")).await.unwrap();
    let mut last_fence = 0;
    for attempt in 1..=3 {
        let db = if attempt == 1 {
            db.clone()
        } else {
            place.open().await
        };
        let held = claim(&Queue::new(&db), "x")
            .await
            .expect("due without waiting for the lease");
        assert_eq!(held.attempts, attempt);
        assert!(held.fence > last_fence);
        last_fence = held.fence;
        db.close().await;
    }
    // What was running whenever the server ended may be why it ended.
    let db = place.open().await;
    let queue = Queue::new(&db);
    assert_eq!(claim(&queue, "x").await, None);
    let waiting = info(&queue, "a").await;
    assert_eq!(
        waiting.state,
        JobState::Waiting {
            run_at: at(&db, 60)
        }
    );
    assert_eq!(
        waiting.last_error.as_deref(),
        Some("the server ended while it worked on this")
    );
}

//! The log.

use platform::actor::{Actor, ActorKind};
use platform::event::{EventFilter, EventLog, EventType, NewEvent, Outcome, to_cloudevent};
use platform::store::Db;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::databases::{on_both, on_postgres, server};

const REGISTERED: EventType = EventType("dev.portway.catalog.entity.registered");
const REMOVED: EventType = EventType("dev.portway.catalog.entity.removed");
const DEPLOYED: EventType = EventType("dev.cdevents.service.deployed.0.2.0");

fn event(kind: EventType, subject: &str, data: Value) -> NewEvent {
    NewEvent {
        kind,
        subject: subject.into(),
        actor: Actor::new(ActorKind::User, "user:default/kim"),
        outcome: Outcome::Allowed,
        cause: None,
        data,
    }
}

async fn append(db: &Db, events: Vec<NewEvent>) -> std::ops::Range<i64> {
    let mut tx = db.begin().await.unwrap();
    let range = tx.append_many(events).await.unwrap();
    tx.commit().await.unwrap();
    range
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_back_whole_and_as_a_cloudevent() {
    on_both(|place| async move {
        let db = place.open().await;
        let log = EventLog::new(&db);
        let mut new = event(
            REGISTERED,
            "component:default/상점",
            json!({"kind": "Component"}),
        );
        new.cause = Some("request:1".into());
        assert_eq!(append(&db, vec![new]).await, 1..2);
        let events = log.after(0, &EventFilter::default(), 10).await.unwrap();
        let [event] = events.as_slice() else {
            panic!("{events:?}")
        };
        assert_eq!(event.time, db.clock().now());
        assert_eq!(log.get(event.id).await.unwrap().as_ref(), Some(event));
        assert_eq!(log.get(uuid::Uuid::nil()).await.unwrap(), None);
        // The id is a UUID version 7 of this time.
        assert_eq!(event.id.get_version_num(), 7);
        assert_eq!(event.id.get_timestamp().unwrap().to_unix().0, 1_767_323_045);
        assert_eq!(
            to_cloudevent(event, "https://portway.example"),
            json!({
                "specversion": "1.0",
                "id": event.id.to_string(),
                "source": "https://portway.example",
                "type": "dev.portway.catalog.entity.registered",
                "subject": "component:default/상점",
                "time": "2026-01-02T03:04:05Z",
                "datacontenttype": "application/json",
                "sequence": "00000000000000000001",
                "actor": "user:default/kim",
                "actorkind": "user",
                "outcome": "allowed",
                "data": {"kind": "Component"},
                "cause": "request:1",
            })
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_takes_a_type_prefix_and_a_subject() {
    on_both(|place| async move {
        let db = place.open().await;
        let log = EventLog::new(&db);
        append(
            &db,
            vec![
                event(REGISTERED, "a", Value::Null),
                event(DEPLOYED, "a", Value::Null),
                event(REMOVED, "b", Value::Null),
                event(REGISTERED, "b", Value::Null),
            ],
        )
        .await;
        let seqs = |prefix: Option<&str>, subject: Option<&str>, after, limit| {
            let log = log.clone();
            let filter = EventFilter {
                type_prefix: prefix.map(str::to_owned),
                subject: subject.map(str::to_owned),
            };
            async move {
                let forward = log.after(after, &filter, limit).await.unwrap();
                forward.iter().map(|event| event.seq).collect::<Vec<_>>()
            }
        };
        assert_eq!(seqs(None, None, 0, 3).await, [1, 2, 3]);
        assert_eq!(seqs(None, None, 3, 3).await, [4]);
        assert_eq!(
            seqs(Some("dev.portway.catalog."), None, 0, 9).await,
            [1, 3, 4]
        );
        assert_eq!(
            seqs(Some("dev.portway.catalog.entity.re"), Some("b"), 0, 9).await,
            [3, 4]
        );
        assert_eq!(
            seqs(Some("dev.portway.catalogue"), None, 0, 9).await,
            [0; 0]
        );
        assert_eq!(seqs(None, Some("a"), 1, 9).await, [2]);
        let newest = log
            .before(i64::MAX, &EventFilter::default(), 2)
            .await
            .unwrap();
        assert_eq!(
            newest.iter().map(|event| event.seq).collect::<Vec<_>>(),
            [4, 3]
        );
        let older = log.before(3, &EventFilter::default(), 9).await.unwrap();
        assert_eq!(
            older.iter().map(|event| event.seq).collect::<Vec<_>>(),
            [2, 1]
        );
        assert_eq!(log.latest_seq().await.unwrap(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_there() {
    on_both(|place| async move {
        let db = place.open().await;
        append(&db, vec![event(REGISTERED, "a", Value::Null)]).await;
        let mut tx = db.begin().await.unwrap();
        assert_eq!(
            tx.append(event(REGISTERED, "lost", Value::Null))
                .await
                .unwrap(),
            2
        );
        tx.rollback().await.unwrap();
        assert_eq!(
            append(&db, vec![event(REGISTERED, "b", Value::Null)]).await,
            2..3
        );
        assert_eq!(append(&db, Vec::new()).await, 3..3);
        let many = (0..2_500)
            .map(|number| event(REGISTERED, "c", json!(number)))
            .collect();
        assert_eq!(append(&db, many).await, 3..2_503);
        let log = EventLog::new(&db);
        let last = log
            .before(i64::MAX, &EventFilter::default(), 1)
            .await
            .unwrap();
        assert_eq!((last[0].seq, &last[0].data), (2_502, &json!(2_499)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_sees_every_event_once_in_order_while_many_append() {
    on_both(|place| async move {
        let db = place.open().await;
        let replica = place.replica(&db).await;
        let mut follower = EventLog::new(&replica).follow(0, EventFilter::default());
        let writers = (0_u64..8).map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut kept = 0;
                for round in 0..25 {
                    let mut tx = db.begin().await.unwrap();
                    let size = 1 + (writer + round) % 3;
                    for _ in 0..size {
                        tx.append(event(REGISTERED, &writer.to_string(), json!(kept)))
                            .await
                            .unwrap();
                        // Gives the other writers every chance to come between.
                        tokio::task::yield_now().await;
                    }
                    if (writer * 7 + round) % 5 == 0 {
                        tx.rollback().await.unwrap();
                    } else {
                        tx.commit().await.unwrap();
                        kept += size;
                    }
                }
                kept
            })
        });
        let writers = futures_util::future::try_join_all(writers);
        let following = tokio::spawn(async move {
            let mut seen = 0;
            // The last event says how many there are.
            loop {
                for event in follower.next().await.unwrap() {
                    seen += 1;
                    assert_eq!(event.seq, seen, "a gap or a wrong order");
                    if event.subject == "end" {
                        assert_eq!(event.data, json!(seen - 1));
                        return;
                    }
                }
            }
        });
        let kept: u64 = writers.await.unwrap().into_iter().sum();
        append(&db, vec![event(REMOVED, "end", json!(kept))]).await;
        following.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_wakes_up_after_a_commit_and_not_before() {
    on_both(|place| async move {
        let db = place.open().await;
        let replica = place.replica(&db).await;
        let mut heads = EventLog::new(&replica).subscribe();
        let mut tx = db.begin().await.unwrap();
        tx.append(event(REGISTERED, "a", Value::Null))
            .await
            .unwrap();
        assert!(!heads.has_changed().unwrap());
        tx.commit().await.unwrap();
        let head = *heads.wait_for(|head| *head > 0).await.unwrap();
        assert_eq!(head, 1);
        let events = EventLog::new(&replica)
            .after(0, &EventFilter::default(), 9)
            .await
            .unwrap();
        assert_eq!(events.len(), 1);
        // A store that opens later begins where the log is.
        if db.is_shared() {
            let later = place.open().await;
            assert_eq!(*EventLog::new(&later).subscribe().borrow(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_with_a_filter_moves_past_what_it_does_not_want() {
    on_both(|place| async move {
        let db = place.open().await;
        let filter = EventFilter {
            subject: Some("wanted".into()),
            type_prefix: None,
        };
        let mut follower = EventLog::new(&db).follow(0, filter);
        append(&db, vec![event(REGISTERED, "other", Value::Null)]).await;
        let other = db.clone();
        let (next, _) = tokio::join!(follower.next(), async move {
            append(&other, vec![event(REGISTERED, "other", Value::Null)]).await;
            append(&other, vec![event(REGISTERED, "wanted", Value::Null)]).await
        });
        let seqs: Vec<_> = next.unwrap().iter().map(|event| event.seq).collect();
        assert_eq!(seqs, [3]);
        assert_eq!(follower.seq(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_hears_again_after_its_connection_was_cut() {
    on_postgres(|place| async move {
        let (db, replica) = (place.open().await, place.open().await);
        let mut heads = EventLog::new(&replica).subscribe();
        append(&db, vec![event(REGISTERED, "a", Value::Null)]).await;
        heads.wait_for(|head| *head == 1).await.unwrap();

        let schema = db.read("SELECT current_schema()::text", Vec::new()).await.unwrap();
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN \"portway_{}\"'",
            schema[0].text(0).unwrap()
        );
        let mut admin = PgConnection::connect(&server().unwrap()).await.unwrap();
        let cut = admin.fetch_all(sqlx::AssertSqlSafe(cut)).await.unwrap();
        assert_eq!(cut.len(), 2, "both replicas listen");
        append(&db, vec![event(REGISTERED, "b", Value::Null)]).await;
        // Whether it hears, looks again or polls: time brings it.
        let clock = place.clock.clone();
        let woken = tokio::select! {
            woken = heads.wait_for(|head| *head == 2) => *woken.unwrap(),
            () = async {
                loop {
                    clock.advance(std::time::Duration::from_millis(100));
                    tokio::task::yield_now().await;
                }
            } => unreachable!("the clock runs on"),
        };
        assert_eq!(woken, 2);
    })
    .await;
}

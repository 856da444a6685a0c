//! The chain over the log.

use platform::actor::{Actor, ActorKind};
use platform::event::chain::{self, Hash};
use platform::event::{EventFilter, EventLog, EventType, NewEvent, Outcome};
use platform::origin::Origin;
use platform::store::{Db, args};
use serde_json::{Value, json};

use crate::databases::on_both;

const NOTED: EventType = EventType("dev.portway.test.noted");

fn event(number: usize, data: Value) -> NewEvent {
    NewEvent {
        kind: NOTED,
        subject: format!("note:{number}"),
        actor: Actor::system("test"),
        outcome: Outcome::Allowed,
        cause: None,
        data,
    }
}

/// Computes the chain again from the rows alone and compares it with what they
/// carry. Answers how many there are.
pub(crate) async fn assert_chain(db: &Db) -> i64 {
    let log = EventLog::new(db);
    let head = log.chain_head().await.unwrap();
    let mut previous: Hash = chain::start(head.first);
    let mut expected = head.first;
    loop {
        let page = log
            .records(expected - 1, 500, |record, hash| {
                (record.seq, record.digest(), hash, record.seq_in_id())
            })
            .await
            .unwrap();
        if page.is_empty() {
            break;
        }
        for (seq, digest, hash, in_id) in page {
            assert_eq!(seq, expected, "a number is missing");
            assert_eq!(in_id, Some(seq));
            previous = chain::link(&previous, &digest);
            assert_eq!(hash, Some(previous), "event {seq} does not follow");
            expected += 1;
        }
    }
    assert_eq!((head.seq, head.hash), (expected - 1, previous));
    head.seq
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_make_one_chain() {
    on_both(|place| async move {
        let db = place.open().await;
        let replica = place.replica(&db).await;
        let writers = (0..8_usize).map(|writer| {
            let db = if writer % 2 == 0 {
                db.clone()
            } else {
                replica.clone()
            };
            tokio::spawn(async move {
                for turn in 0..12_usize {
                    let mut tx = db.begin().await.unwrap();
                    // Several appends in one transaction, some rolled back.
                    tx.append(event(turn, json!({ "writer": writer })))
                        .await
                        .unwrap();
                    let more = (0..turn)
                        .map(|n| event(n, json!({ "share": 0.1 })))
                        .collect();
                    tx.append_many(more).await.unwrap();
                    if turn % 5 == 4 {
                        tx.rollback().await.unwrap();
                    } else {
                        tx.commit().await.unwrap();
                    }
                }
            })
        });
        for done in futures_util::future::join_all(writers).await {
            done.unwrap();
        }
        // 12 turns append 1 + turn events each; turns 4 and 9 were undone.
        let each: i64 = (0..12)
            .filter(|turn| turn % 5 != 4)
            .map(|turn| turn + 1)
            .sum();
        assert_eq!(assert_chain(&db).await, 8 * each);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_for_whom_from_where_why_and_how_it_ended() {
    on_both(|place| async move {
        let db = place.open().await;
        let origin = Origin {
            address: Some("192.0.2.7".into()),
            request: Some("req-1".into()),
            reason: Some("INC-7: 장애 대응".into()),
        };
        let agent = Actor::new(ActorKind::Agent, "agent:helper").for_person("user:default/kim");
        let new = NewEvent {
            actor: agent.clone(),
            outcome: Outcome::Refused,
            ..event(1, json!({ "share": 0.1 }))
        };
        let append = async {
            let mut tx = db.begin().await.unwrap();
            tx.append(new).await.unwrap();
            tx.commit().await.unwrap();
        };
        origin.clone().scope(append).await;
        let mut tx = db.begin().await.unwrap();
        tx.append(event(2, json!({}))).await.unwrap();
        tx.commit().await.unwrap();

        let log = EventLog::new(&db);
        let events = log.after(0, &EventFilter::default(), 9).await.unwrap();
        assert_eq!(events[0].origin, origin);
        assert_eq!(events[0].actor, agent);
        assert_eq!(events[0].outcome, Outcome::Refused);
        assert_eq!(events[1].origin, Origin::default());
        assert_eq!(events[1].outcome, Outcome::Allowed);
        assert_chain(&db).await;

        // Each of these is covered by the hash.
        let changes = [
            ("on_behalf_of", "'user:default/lee'"),
            ("address", "'192.0.2.8'"),
            ("request", "NULL"),
            ("reason", "''"),
            ("outcome", "'allowed'"),
            ("actor_kind", "'user'"),
            ("actor", "'agent:other'"),
            ("subject", "'note:2'"),
            ("cause", "'request:1'"),
            ("data", "'{}'"),
            ("type", "'dev.portway.test.other'"),
            ("time", "time + 1"),
        ];
        let before = log_digest(&db).await;
        for (column, value) in changes {
            let mut tx = db.begin().await.unwrap();
            let sql = format!("UPDATE events SET {column} = {value} WHERE seq = 1");
            tx.execute(platform::store::Sql::assembled(sql), args![]).await.unwrap();
            tx.commit().await.unwrap();
            assert_ne!(log_digest(&db).await, before, "{column}");
            let mut tx = db.begin().await.unwrap();
            let sql = "UPDATE events SET on_behalf_of = $1, address = $2, request = $3, reason = $4, \
                       outcome = $5, actor_kind = $6, actor = $7, subject = $8, cause = NULL, \
                       data = $9, type = $10, time = $11 WHERE seq = 1";
            let first = &events[0];
            tx.execute(
                sql,
                args![
                    "user:default/kim",
                    "192.0.2.7",
                    "req-1",
                    "INC-7: 장애 대응",
                    "refused",
                    "agent",
                    "agent:helper",
                    "note:1",
                    &first.data,
                    NOTED.0,
                    first.time,
                ],
            )
            .await
            .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(log_digest(&db).await, before, "{column} put back");
        }
    })
    .await;
}

async fn log_digest(db: &Db) -> Hash {
    EventLog::new(db)
        .records(0, 1, |record, _| record.digest())
        .await
        .unwrap()[0]
}

#[test]
fn the_form_of_the_hash_is_as_documented() {
    let record = chain::Record {
        seq: 1,
        time: 1_767_323_045_000_000,
        id: "019b7cf8-a9c8-7000-8000-000000000001",
        kind: "dev.portway.test.noted",
        actor_kind: "user",
        actor: "user:default/kim",
        on_behalf_of: None,
        subject: "",
        cause: None,
        address: Some("192.0.2.7"),
        request: None,
        reason: None,
        outcome: "allowed",
        data: "{}",
    };
    // Written out by hand, so that the form cannot change unnoticed.
    let mut bytes = b"portway.event.v1\0".to_vec();
    bytes.extend(1_i64.to_be_bytes());
    bytes.extend(1_767_323_045_000_000_i64.to_be_bytes());
    for text in [
        Some("019b7cf8-a9c8-7000-8000-000000000001"),
        Some("dev.portway.test.noted"),
        Some("user"),
        Some("user:default/kim"),
        None,
        Some(""),
        None,
        Some("192.0.2.7"),
        None,
        None,
        Some("allowed"),
        Some("{}"),
    ] {
        match text {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
                bytes.extend(text.as_bytes());
            }
        }
    }
    let digest: Hash = <sha2::Sha256 as sha2::Digest>::digest(&bytes).into();
    assert_eq!(record.digest(), digest);
    let start: Hash =
        <sha2::Sha256 as sha2::Digest>::digest(b"portway.start.v1\0\0\0\0\0\0\0\0\x01").into();
    assert_eq!(chain::start(1), start);
    let linked = [b"portway.chain.v1\0".as_slice(), &start, &digest].concat();
    let linked: Hash = <sha2::Sha256 as sha2::Digest>::digest(&linked).into();
    assert_eq!(chain::link(&start, &digest), linked);
}

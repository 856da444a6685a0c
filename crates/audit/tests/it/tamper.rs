//! Whatever is done to the log past the program is found.

use audit::checkpoint::Checkpoint;
use audit::walk::Fault;
use audit::{Report, Signer, Span, Trust, verify};
use platform::Clock;
use platform::event::EventLog;
use platform::event::chain::{self, Hash};
use platform::store::{Db, args};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::world::{On, START, append, event, meddle, on_both_databases, open, signer};

const CASES: usize = 48;
const KINDS: [&str; 3] = [
    "dev.portway.test.made",
    "dev.portway.test.changed",
    "dev.cdevents.service.deployed.0.2.0",
];

/// A log of batches, where it was signed, and what somebody does to it.
#[derive(Clone, Debug)]
struct Case {
    batches: Vec<usize>,
    signed: prop::sample::Index,
    at: prop::sample::Index,
    other: prop::sample::Index,
    deed: Deed,
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Change(&'static str, &'static str),
    Remove,
    RemoveMany,
    Insert,
    InsertBetween,
    Swap,
    Truncate,
    Rewrite,
    HideAsRemoved,
    MoveStart,
    ForgeHash,
}

fn deeds() -> impl Strategy<Value = Deed> {
    let column = prop::sample::select(vec![
        ("actor", "'user:default/mallory'"),
        ("actor_kind", "'system'"),
        ("subject", "subject || 'x'"),
        ("data", "'{\"x\":1}'"),
        ("time", "time + 1"),
        ("type", "'dev.portway.other'"),
        ("outcome", "'failed'"),
        ("address", "'203.0.113.9'"),
        ("reason", "'because'"),
        ("request", "'r'"),
        ("on_behalf_of", "'user:default/kim'"),
        ("cause", "'run'"),
        ("hash", "NULL"),
    ]);
    prop_oneof![
        4 => column.prop_map(|(column, value)| Deed::Change(column, value)),
        1 => Just(Deed::Remove),
        1 => Just(Deed::RemoveMany),
        1 => Just(Deed::Insert),
        1 => Just(Deed::InsertBetween),
        1 => Just(Deed::Swap),
        1 => Just(Deed::Truncate),
        1 => Just(Deed::Rewrite),
        1 => Just(Deed::HideAsRemoved),
        1 => Just(Deed::MoveStart),
        1 => Just(Deed::ForgeHash),
    ]
}

fn cases() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(1..6_usize, 2..8),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        deeds(),
    )
        .prop_map(|(batches, signed, at, other, deed)| Case {
            batches,
            signed,
            at,
            other,
            deed,
        })
}

async fn any_single_deed_is_found(on: On) {
    let data = tempfile::tempdir().expect("a directory");
    let db = open(on, data.path(), &Clock::manual(START)).await;
    let (signer, mut runner) = (signer(), TestRunner::default());
    for _ in 0..CASES {
        let case = cases().new_tree(&mut runner).expect("a case").current();
        fresh(&db).await;
        let total: usize = case.batches.iter().sum();
        let count = i64::try_from(total).expect("small");
        for size in &case.batches {
            let events = (0..*size).map(|n| {
                event(
                    KINDS[n % 3],
                    &format!("thing:{n}"),
                    json!({ "n": n, "share": 0.1 }),
                )
            });
            append(&db, events.collect()).await;
        }
        let number =
            |index: &prop::sample::Index| i64::try_from(index.index(total)).expect("small") + 1;
        let at = number(&case.at);
        // Signed where the deed is, or later, so that a rewritten past is covered.
        let signed = number(&case.signed).max(at);
        let checkpoint = sign(&db, &signer, signed).await;
        let before = look(&db, &signer, &[checkpoint]).await;
        assert!(before.is_intact(), "{case:?}: {before:?}");
        assert_eq!(before.events, total as u64);
        let wanted = meddled(&db, &case, at, number(&case.other), count).await;
        let Some(wanted) = wanted else { continue };
        let report = look(&db, &signer, &[checkpoint]).await;
        let found = report
            .problems
            .iter()
            .any(|problem| wanted.contains(&problem.fault));
        assert!(found, "{case:?} at {at}: {report:?}");
        // It is said where: the deed itself or what follows it.
        let first = report.problems[0].from;
        let place = match case.deed {
            Deed::Insert => count + 1,
            _ => at,
        };
        assert!(
            first <= place.max(signed) + 1,
            "{case:?} at {at}: {report:?}"
        );
    }
}

/// Does the deed; answers which faults would be right, none where the deed
/// happens to change nothing.
async fn meddled(db: &Db, case: &Case, at: i64, other: i64, count: i64) -> Option<Vec<Fault>> {
    let all = |faults: &[Fault]| Some(faults.to_vec());
    match case.deed {
        Deed::Change(column, value) => {
            let same = format!("SELECT 1 FROM events WHERE seq = {at} AND {column} = {value}");
            let rows = db
                .read(platform::store::Sql::assembled(same), args![])
                .await;
            if !rows.expect("rows").is_empty() {
                return None;
            }
            meddle(
                db,
                &format!("UPDATE events SET {column} = {value} WHERE seq = {at}"),
            )
            .await;
            all(&[Fault::Changed, Fault::Unsealed])
        }
        Deed::Remove => {
            meddle(db, &format!("DELETE FROM events WHERE seq = {at}")).await;
            all(&[Fault::Removed, Fault::Truncated])
        }
        Deed::RemoveMany => {
            meddle(db, &format!("DELETE FROM events WHERE seq >= {at}")).await;
            all(&[Fault::Removed, Fault::Truncated])
        }
        Deed::Insert => {
            let seq = count + 1;
            meddle(db, &copy(seq, at)).await;
            all(&[Fault::Unsealed, Fault::Moved])
        }
        Deed::InsertBetween => {
            // Everything after moves up by one, and the copy takes its place.
            meddle(
                db,
                &format!("UPDATE events SET seq = -seq WHERE seq > {at}"),
            )
            .await;
            meddle(db, "UPDATE events SET seq = 1 - seq WHERE seq < 0").await;
            meddle(db, &copy(at + 1, at)).await;
            meddle(db, "UPDATE event_head SET seq = seq + 1").await;
            all(&[Fault::Moved, Fault::Changed])
        }
        Deed::Swap => {
            if at == other {
                return None;
            }
            for (from, to) in [(at, -1), (other, at), (-1, other)] {
                meddle(
                    db,
                    &format!("UPDATE events SET seq = {to} WHERE seq = {from}"),
                )
                .await;
            }
            all(&[Fault::Moved])
        }
        Deed::Truncate => {
            // Cleanly: the head is put back too. Only the checkpoint knows.
            let (head, hash) = row(db, at - 1).await;
            meddle(db, &format!("DELETE FROM events WHERE seq >= {at}")).await;
            set_head(db, head, hash).await;
            all(&[Fault::Truncated])
        }
        Deed::Rewrite => {
            // Cleanly: every hash after the change is computed anew.
            meddle(
                db,
                &format!("UPDATE events SET actor = 'user:default/mallory' WHERE seq = {at}"),
            )
            .await;
            rechain(db, at).await;
            all(&[Fault::Rewritten])
        }
        Deed::HideAsRemoved => {
            let digest = EventLog::new(db)
                .records(at - 1, 1, |record, _| record.digest())
                .await;
            let digest = digest.expect("a record")[0];
            let mut tx = db.begin().await.expect("a transaction");
            tx.execute("DELETE FROM events WHERE seq = $1", args![at])
                .await
                .expect("gone");
            tx.execute(
                "INSERT INTO audit_stubs (first, last, removal, digests) VALUES ($1, $1, $2, $3)",
                args![at, other, digest.as_slice()],
            )
            .await
            .expect("hidden");
            tx.commit().await.expect("committed");
            all(&[Fault::Removed])
        }
        Deed::MoveStart => {
            // The beginning is forgotten, and the rest chained anew.
            meddle(db, &format!("DELETE FROM events WHERE seq <= {at}")).await;
            if at == count {
                return None;
            }
            meddle(
                db,
                &format!("UPDATE event_head SET chain_from = {}", at + 1),
            )
            .await;
            rechain(db, at + 1).await;
            all(&[Fault::Rewritten, Fault::Changed])
        }
        Deed::ForgeHash => {
            let forged = [7_u8; 32];
            let mut tx = db.begin().await.expect("a transaction");
            tx.execute(
                "UPDATE events SET hash = $2 WHERE seq = $1",
                args![at, forged.as_slice()],
            )
            .await
            .expect("forged");
            tx.commit().await.expect("committed");
            all(&[Fault::Changed])
        }
    }
}

fn copy(seq: i64, of: i64) -> String {
    format!(
        "INSERT INTO events (seq, id, time, type, actor_kind, actor, subject, cause, data, outcome) \
         SELECT {seq}, id, time, type, actor_kind, actor, subject, cause, data, outcome FROM events WHERE seq = {of}"
    )
}

async fn fresh(db: &Db) {
    meddle(db, "DELETE FROM events").await;
    meddle(db, "DELETE FROM audit_stubs").await;
    meddle(db, "DELETE FROM audit_checkpoints").await;
    meddle(
        db,
        "UPDATE event_head SET seq = 0, chain_from = 1, hash = NULL",
    )
    .await;
}

async fn row(db: &Db, seq: i64) -> (i64, Option<Hash>) {
    let found = EventLog::new(db).records(seq - 1, 1, |_, hash| hash).await;
    if seq == 0 {
        (0, None)
    } else {
        (seq, found.expect("a record")[0])
    }
}

async fn set_head(db: &Db, seq: i64, hash: Option<Hash>) {
    let mut tx = db.begin().await.expect("a transaction");
    let hash = hash.map(|hash| hash.to_vec());
    tx.execute(
        "UPDATE event_head SET seq = $1, hash = $2",
        args![seq, hash],
    )
    .await
    .expect("the head");
    tx.commit().await.expect("committed");
}

/// Computes every hash from `from` on anew, as somebody who knows how would.
async fn rechain(db: &Db, from: i64) {
    let log = EventLog::new(db);
    let head = log.chain_head().await.expect("the head");
    let mut previous = if from == head.first {
        chain::start(from)
    } else {
        row(db, from - 1).await.1.expect("a hash")
    };
    let records = log
        .records(from - 1, 10_000, |record, _| (record.seq, record.digest()))
        .await;
    for (seq, digest) in records.expect("records") {
        previous = chain::link(&previous, &digest);
        let mut tx = db.begin().await.expect("a transaction");
        tx.execute(
            "UPDATE events SET hash = $2 WHERE seq = $1",
            args![seq, previous.as_slice()],
        )
        .await
        .expect("a hash");
        tx.commit().await.expect("committed");
    }
    set_head(db, head.seq, Some(previous)).await;
}

async fn sign(db: &Db, signer: &Signer, seq: i64) -> Checkpoint {
    let head = EventLog::new(db).chain_head().await.expect("the head");
    let (_, hash) = row(db, seq).await;
    signer.sign(head.first, (seq, hash.expect("a hash")), START)
}

async fn look(db: &Db, signer: &Signer, outside: &[Checkpoint]) -> Report {
    let trust = Trust::keys([signer.public()]);
    verify::log(db, Span::default(), &trust, outside)
        .await
        .expect("a report")
}

async fn a_log_from_before_the_chain_begins_where_the_chain_does(on: On) {
    let data = tempfile::tempdir().expect("a directory");
    let db = open(on, data.path(), &Clock::manual(START)).await;
    append(
        &db,
        vec![
            event(KINDS[0], "old", json!({})),
            event(KINDS[0], "old", json!({})),
        ],
    )
    .await;
    // As the migration leaves a log that was there before.
    meddle(&db, "UPDATE events SET hash = NULL").await;
    meddle(
        &db,
        "UPDATE event_head SET chain_from = seq + 1, hash = NULL",
    )
    .await;
    append(&db, vec![event(KINDS[1], "new", json!({}))]).await;
    let report = look(&db, &signer(), &[]).await;
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(
        (report.unchained, report.from, report.to, report.events),
        (2, 3, 3, 1)
    );
}

async fn checkpoints_of_others_and_altered_ones_do_not_count(on: On) {
    let data = tempfile::tempdir().expect("a directory");
    let db = open(on, data.path(), &Clock::manual(START)).await;
    append(
        &db,
        (0..5)
            .map(|n| event(KINDS[0], &n.to_string(), json!({})))
            .collect(),
    )
    .await;
    let good = sign(&db, &signer(), 3).await;
    assert!(look(&db, &signer(), &[good]).await.is_intact());
    assert_eq!(Checkpoint::from_json(&good.to_json()), Some(good));
    let seal = identity::SealKey::from_secret(&identity::Secret::new("another".to_owned()));
    let other = sign(&db, &Signer::of(&seal), 3).await;
    let faults = |report: Report| {
        report
            .problems
            .iter()
            .map(|problem| problem.fault)
            .collect::<Vec<_>>()
    };
    assert_eq!(faults(look(&db, &signer(), &[other]).await), [Fault::Key]);
    for altered in [
        Checkpoint { seq: 4, ..good },
        Checkpoint { first: 2, ..good },
        Checkpoint {
            hash: [1; 32],
            ..good
        },
        Checkpoint {
            at: jiff::Timestamp::UNIX_EPOCH,
            ..good
        },
    ] {
        assert_eq!(
            faults(look(&db, &signer(), &[altered]).await),
            [Fault::Signature]
        );
    }
}

async fn a_part_can_be_verified_alone(on: On) {
    let data = tempfile::tempdir().expect("a directory");
    let db = open(on, data.path(), &Clock::manual(START)).await;
    append(
        &db,
        (0..9)
            .map(|n| event(KINDS[0], &n.to_string(), json!({})))
            .collect(),
    )
    .await;
    meddle(&db, "UPDATE events SET actor = 'x' WHERE seq = 3").await;
    let part = async |from, to| {
        let span = Span {
            from: Some(from),
            to: Some(to),
        };
        let trust = Trust::keys([signer().public()]);
        verify::log(&db, span, &trust, &[]).await.expect("a report")
    };
    assert!(part(4, 9).await.is_intact());
    assert_eq!(part(4, 7).await.events, 4);
    let report = part(2, 5).await;
    assert_eq!(
        (report.problems[0].fault, report.problems[0].from),
        (Fault::Changed, 3)
    );
}

on_both_databases!(
    any_single_deed_is_found,
    a_log_from_before_the_chain_begins_where_the_chain_does,
    checkpoints_of_others_and_altered_ones_do_not_count,
    a_part_can_be_verified_alone,
);

//! Checkpoints, retention and holds, with the controllers at work.

use std::time::Duration;

use audit::events::{BROKEN, PURGED};
use audit::{
    CHECKPOINT_QUEUE, Format, RETENTION_QUEUE, Retention, Settings, SinkSettings, Span, Target,
    VERIFY_QUEUE,
};
use serde_json::{Value, json};

use crate::world::{On, World, append, event, meddle, on_both_databases};

const DAY: Duration = Duration::from_secs(86_400);
const SHORT: &str = "dev.portway.test.short.made";
const LONG: &str = "dev.portway.test.long.made";

fn retention() -> Retention {
    Retention {
        default: Some(30 * DAY),
        types: vec![("dev.portway.test.short.".to_owned(), 2 * DAY)],
    }
}

async fn what_retention_removes_leaves_its_proof(on: On) {
    let world = World::new(on, |data| Settings {
        retention: retention(),
        checkpoint_file: Some(data.join("checkpoints.jsonl")),
        ..Settings::default()
    })
    .await;
    world.work();
    let mixed = (0..40).map(|n| {
        event(
            if n % 3 == 0 { LONG } else { SHORT },
            &n.to_string(),
            json!({ "n": n }),
        )
    });
    append(&world.db, mixed.collect()).await;
    world.kick(CHECKPOINT_QUEUE, "head").await;
    world.clock.advance(3 * DAY);
    world.kick(RETENTION_QUEUE, "log").await;

    assert_eq!(world.events("dev.portway.test.short.").await.len(), 0);
    assert_eq!(world.events("dev.portway.test.long.").await.len(), 14);
    let purged = world.events(PURGED.0).await;
    assert_eq!(purged[0].data["count"], 26);
    assert_eq!(
        purged[0].data["policy"],
        "dev.portway.test.short.* after 2d"
    );
    let report = world.audit.verify(Span::default()).await.expect("a report");
    assert!(report.is_intact(), "{report:?}");
    assert_eq!((report.removed, report.removals[0].count), (26, 26));
    assert!(report.checkpoints > 0);

    // A year later the rest is gone too, but for what says so.
    world.clock.advance(400 * DAY);
    world.kick(RETENTION_QUEUE, "log").await;
    assert_eq!(world.events("dev.portway.test.").await.len(), 0);
    let report = world.audit.verify(Span::default()).await.expect("a report");
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(report.removals.len(), world.events(PURGED.0).await.len());
    let gone = world.get("/api/v1/audit/events/2").await;
    assert_eq!(gone.status, 404);
    assert!(gone.text.contains("removed by retention"), "{}", gone.text);

    // Proof that is taken away or altered is missed.
    meddle(
        &world.db,
        "DELETE FROM audit_stubs WHERE first = (SELECT min(first) FROM audit_stubs)",
    )
    .await;
    let report = world.audit.verify(Span::default()).await.expect("a report");
    assert!(!report.is_intact());
}

async fn a_hold_keeps_events_until_it_is_ended(on: On) {
    let world = World::new(on, |_| Settings {
        retention: retention(),
        ..Settings::default()
    })
    .await;
    world.work();
    append(
        &world.db,
        vec![
            event(SHORT, "case", json!({})),
            event(SHORT, "other", json!({})),
        ],
    )
    .await;
    let input = json!({ "name": "CASE-1", "reason": "asked by court", "subject": "case" });
    world.act("audit:hold", input.clone()).await.expect("held");
    let again = world
        .act("audit:hold", input)
        .await
        .expect_err("there is one");
    assert_eq!(again.status, 409);
    world.clock.advance(3 * DAY);
    world.kick(RETENTION_QUEUE, "log").await;
    let left: Vec<String> = world
        .events(SHORT)
        .await
        .into_iter()
        .map(|event| event.subject)
        .collect();
    assert_eq!(left, ["case"]);
    let state = world.json("/api/v1/audit/state").await;
    assert_eq!(state["holds"][0]["name"], "CASE-1");

    let unknown = json!({ "name": "CASE-2", "reason": "over" });
    assert_eq!(
        world
            .act("audit:release", unknown)
            .await
            .expect_err("none")
            .status,
        404
    );
    world
        .act(
            "audit:release",
            json!({ "name": "CASE-1", "reason": "over" }),
        )
        .await
        .expect("ended");
    world.kick(RETENTION_QUEUE, "log").await;
    assert_eq!(world.events(SHORT).await.len(), 0);
    let holds = world.events("dev.portway.audit.hold.").await;
    assert_eq!(holds.len(), 2);
    assert_eq!(holds[0].data["reason"], "asked by court");
    assert!(
        world
            .audit
            .verify(Span::default())
            .await
            .expect("a report")
            .is_intact()
    );
}

async fn checkpoints_are_signed_in_time_and_lie_outside_too(on: On) {
    let world = World::new(on, |data| Settings {
        every: 10,
        checkpoint_file: Some(data.join("outside/checkpoints.jsonl")),
        ..Settings::default()
    })
    .await;
    world.work();
    append(&world.db, vec![event(LONG, "a", json!({}))]).await;
    world.kick(CHECKPOINT_QUEUE, "head").await;
    let lines = || {
        std::fs::read_to_string(world.data.path().join("outside/checkpoints.jsonl"))
            .unwrap_or_default()
    };
    assert_eq!(lines().lines().count(), 1);
    // Neither enough events nor enough time.
    append(&world.db, vec![event(LONG, "b", json!({}))]).await;
    world.kick(CHECKPOINT_QUEUE, "head").await;
    assert_eq!(lines().lines().count(), 1);
    append(
        &world.db,
        (0..10)
            .map(|n| event(LONG, &n.to_string(), json!({})))
            .collect(),
    )
    .await;
    world.kick(CHECKPOINT_QUEUE, "head").await;
    assert_eq!(lines().lines().count(), 2);
    append(&world.db, vec![event(LONG, "c", json!({}))]).await;
    world.clock.advance(Duration::from_secs(3_700));
    world.kick(CHECKPOINT_QUEUE, "head").await;
    assert_eq!(lines().lines().count(), 3);
    assert_eq!(world.get("/api/v1/audit/checkpoints").await.text, lines());

    // The end cut off cleanly, with the database's own checkpoints: the file knows.
    meddle(&world.db, "DELETE FROM events WHERE seq > 5").await;
    meddle(&world.db, "DELETE FROM audit_checkpoints WHERE seq > 5").await;
    meddle(
        &world.db,
        "UPDATE event_head SET seq = 5, hash = (SELECT hash FROM events WHERE seq = 5)",
    )
    .await;
    let report = world.json("/api/v1/audit/verify").await;
    assert_eq!(report["intact"], false);
    assert_eq!(report["problems"][0]["fault"], "truncated");
}

async fn a_broken_chain_is_an_event_and_is_never_signed(on: On) {
    let world = World::new(on, |_| Settings {
        every: 1,
        ..Settings::default()
    })
    .await;
    append(
        &world.db,
        (0..6)
            .map(|n| event(LONG, &n.to_string(), json!({})))
            .collect(),
    )
    .await;
    meddle(
        &world.db,
        "UPDATE events SET actor = 'user:default/mallory' WHERE seq = 4",
    )
    .await;
    world.work();
    world
        .until("it is said", |events| async move {
            events.iter().any(|event| event.kind == BROKEN.0)
        })
        .await;
    let broken = world.events(BROKEN.0).await;
    assert_eq!(broken[0].data["problems"][0]["from"], 4);
    let state = world.json("/api/v1/audit/state").await;
    assert_eq!(state["checkpoint"], Value::Null);
    assert_eq!(state["verified"]["report"]["intact"], false);
    // Said once, however often it is looked at.
    world.kick(VERIFY_QUEUE, "chain").await;
    assert_eq!(world.events(BROKEN.0).await.len(), 1);
    let page = world.page("/admin/audit", "en").await;
    assert!(page.contains("Does not fit"), "{page}");
}

/// Sinks get what there was before it goes; one that is gone keeps nothing for
/// ever, and the log says what it has missed.
async fn retention_waits_for_sinks_for_a_while(on: On) {
    let world = World::new(on, |data| Settings {
        retention: retention(),
        sinks: vec![SinkSettings {
            name: "away".to_owned(),
            format: Format::JsonLines,
            types: Vec::new(),
            // A folder stands where the file should be.
            target: Target::File(data.to_path_buf()),
        }],
        ..Settings::default()
    })
    .await;
    append(
        &world.db,
        (0..3)
            .map(|n| event(SHORT, &n.to_string(), json!({})))
            .collect(),
    )
    .await;
    world.work();
    world.clock.advance(3 * DAY);
    world.kick(RETENTION_QUEUE, "log").await;
    assert_eq!(world.events(SHORT).await.len(), 3, "the sink has none yet");
    world.clock.advance(7 * DAY);
    world.kick(RETENTION_QUEUE, "log").await;
    assert_eq!(world.events(SHORT).await.len(), 0);
    let purged = world.events(PURGED.0).await;
    assert_eq!(purged[0].data["missedBySinks"]["away"], 3);
}

/// Whoever may read the log cannot raise an alarm by asking for what is not.
async fn a_part_that_there_is_not_is_no_alarm(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    append(&world.db, vec![event(SHORT, "1", json!({}))]).await;
    let intact = world.json("/api/v1/audit/verify").await;
    assert_eq!(intact["intact"], true);
    for wrong in ["from=999999999", "from=2&to=1", "from=9223372036854775807"] {
        let seen = world.get(&format!("/api/v1/audit/verify?{wrong}")).await;
        assert_eq!(seen.status, 400, "{wrong}: {}", seen.text);
    }
    assert!(
        world
            .act("audit:verify", json!({ "from": 5, "to": 3 }))
            .await
            .is_err()
    );
    let seen = world.get("/api/v1/audit/events/-9223372036854775808").await;
    assert_eq!(seen.status, 404);
    let standing = world.json("/api/v1/audit/state").await;
    assert_eq!(standing["standing"]["problems"], 0);
}

on_both_databases!(
    retention_waits_for_sinks_for_a_while,
    a_part_that_there_is_not_is_no_alarm,
    what_retention_removes_leaves_its_proof,
    a_hold_keeps_events_until_it_is_ended,
    checkpoints_are_signed_in_time_and_lie_outside_too,
    a_broken_chain_is_an_event_and_is_never_signed,
);

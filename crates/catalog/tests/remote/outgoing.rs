//! Outgoing webhooks.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tempfile::TempDir;

use crate::support::{Data, Fault, On, Plan, Server, World, component, on_both_databases};

on_both_databases! {
    events_arrive_signed_and_in_order,
    a_receiver_that_fails_is_tried_again_with_growing_pauses,
    nothing_but_2xx_takes_a_batch,
    the_cursor_survives_a_restart_and_a_new_receiver_starts_now,
    a_receiver_must_be_a_listed_host,
}

const HOUR: Duration = Duration::from_secs(3_600);

/// A catalog over a folder, with one receiver of the server's.
async fn told(on: On, server: &Server, types: &[&str], data: Option<Arc<Data>>) -> World {
    let mut plan =
        Plan::new(on)
            .web(server)
            .receiver("audit", &server.url("/hook?token=abc"), types);
    if let Some(data) = data {
        plan.data = data;
    }
    plan.run().await
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("written");
}

async fn read(world: &World, folder: &TempDir) {
    world
        .declare(&[("file", &folder.path().to_string_lossy())])
        .await;
    world.reread().await;
}

/// Sequence numbers and types of what arrived with a good status.
fn taken(server: &Server) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for seen in server.seen("/hook").iter().filter(|seen| seen.status < 300) {
        let events: Vec<Value> = serde_json::from_slice(&seen.body).expect("a batch");
        all.extend(events.iter().map(|event| {
            (
                event["sequence"].as_str().expect("a number").to_owned(),
                event["type"].as_str().expect("a type").to_owned(),
            )
        }));
    }
    all
}

/// Waits until a receiver has been told of everything that has happened.
async fn delivered(world: &World, server: &Server) {
    for batches in 1.. {
        server.wait_for("/hook", batches).await;
        world.settled().await;
        let standing = world.get("/api/v1/catalog/webhooks").await;
        if standing["items"][0]["delivered"] == standing["items"][0]["newest"] {
            return;
        }
    }
}

async fn events_arrive_signed_and_in_order(on: On) {
    let (server, folder) = (
        Server::start().await,
        tempfile::tempdir().expect("a folder"),
    );
    for at in 0..250 {
        write(
            &folder,
            &format!("{at:03}.yaml"),
            &component(&format!("c{at:03}")),
        );
    }
    let world = told(on, &server, &[], None).await;
    read(&world, &folder).await;
    delivered(&world, &server).await;
    let seen = server.seen("/hook");
    assert!(seen.len() >= 3, "a hundred events at a time");
    for one in &seen {
        assert_eq!(
            one.header("content-type"),
            "application/cloudevents-batch+json"
        );
        assert_eq!(one.header("x-portway-receiver"), "audit");
        let mut mac = Hmac::<Sha256>::new_from_slice(b"out-secret").expect("a key");
        mac.update(&one.body);
        assert_eq!(
            one.header("x-portway-signature-256"),
            format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
        );
        let events: Vec<Value> = serde_json::from_slice(&one.body).expect("a batch");
        let number = |event: &Value| {
            event["sequence"]
                .as_str()
                .expect("a number")
                .trim_start_matches('0')
                .to_owned()
        };
        let (first, last) = (
            events.first().expect("events"),
            events.last().expect("events"),
        );
        assert_eq!(
            one.header("x-portway-delivery"),
            format!("{}-{}", number(first), number(last))
        );
        assert!(
            events
                .iter()
                .all(|event| event["specversion"] == "1.0" && event["id"].is_string())
        );
    }
    let all = taken(&server);
    assert!(
        all.is_sorted() && all.windows(2).all(|pair| pair[0].0 != pair[1].0),
        "in order and none twice"
    );
    let page = world.get("/api/v1/events?limit=1000").await;
    assert_eq!(
        all.len(),
        page["items"].as_array().map_or(0, Vec::len),
        "and none is missing"
    );
}

async fn a_receiver_that_fails_is_tried_again_with_growing_pauses(on: On) {
    let (server, folder) = (
        Server::start().await,
        tempfile::tempdir().expect("a folder"),
    );
    let world = told(on, &server, &["dev.portway.catalog.entity."], None).await;
    server.fail("/hook", 1_000, Fault::status(500));
    write(&folder, "a.yaml", &component("a"));
    read(&world, &folder).await;
    server.wait_for("/hook", 1).await;
    world.settled().await;
    let mut pauses = Vec::new();
    for round in 1..=6 {
        let attempt = server.seen("/hook").len();
        let standing = world.get("/api/v1/catalog/webhooks").await["items"][0].take();
        assert_eq!(standing["attempts"], attempt, "{standing}");
        assert_eq!(standing["url"], server.url("/hook"), "no token is shown");
        assert!(
            standing["lastError"]
                .as_str()
                .expect("why")
                .contains("audit answered 500"),
            "{standing}"
        );
        let next: jiff::Timestamp = standing["nextAttempt"]
            .as_str()
            .expect("a time")
            .parse()
            .expect("a time");
        let pause = Duration::try_from(next.duration_since(world.clock.now())).expect("ahead");
        pauses.push(pause);
        // What happens meanwhile does not hasten the next attempt.
        write(
            &folder,
            &format!("more-{round}.yaml"),
            &component(&format!("more-{round}")),
        );
        world.reread().await;
        assert_eq!(server.seen("/hook").len(), attempt);
        world.clock.advance(pause);
        server.wait_for("/hook", attempt + 1).await;
        world.settled().await;
    }
    assert!(
        pauses.windows(2).all(|pair| pair[0] < pair[1]),
        "{pauses:?}"
    );
    server.mend();
    world.clock.advance(HOUR);
    delivered(&world, &server).await;
    let all = taken(&server);
    assert_eq!(
        all.iter()
            .filter(|(_, kind)| kind.ends_with(".created"))
            .count(),
        8,
        "the folder's Location and seven components"
    );
    assert!(all.is_sorted(), "{all:?}");
}

async fn nothing_but_2xx_takes_a_batch(on: On) {
    let (server, folder) = (
        Server::start().await,
        tempfile::tempdir().expect("a folder"),
    );
    server.file("/sign-in", "<html>");
    let world = told(on, &server, &[], None).await;
    server.fail(
        "/hook",
        1_000,
        Fault::Answer(302, vec![("location", server.url("/sign-in"))], ""),
    );
    write(&folder, "a.yaml", &component("a"));
    read(&world, &folder).await;
    server.wait_for("/sign-in", 1).await;
    world.settled().await;
    let standing = world.get("/api/v1/catalog/webhooks").await["items"][0].take();
    assert!(
        standing["lastError"]
            .as_str()
            .expect("why")
            .contains("configure the final address"),
        "{standing}"
    );
    // A time that the receiver gives is kept.
    server.mend();
    server.fail(
        "/hook",
        1_000,
        Fault::Answer(429, vec![("retry-after", "7200".into())], ""),
    );
    let attempts = server.seen("/hook").len();
    world.clock.advance(HOUR);
    server.wait_for("/hook", attempts + 1).await;
    world.settled().await;
    let next = world.get("/api/v1/catalog/webhooks").await["items"][0]["nextAttempt"].take();
    assert_eq!(next, "2026-03-10T15:00:00Z");
    server.mend();
    world.clock.advance(2 * HOUR);
    delivered(&world, &server).await;
    assert!(!taken(&server).is_empty());
}

async fn the_cursor_survives_a_restart_and_a_new_receiver_starts_now(on: On) {
    let (server, folder) = (
        Server::start().await,
        tempfile::tempdir().expect("a folder"),
    );
    let world = told(on, &server, &[], None).await;
    write(&folder, "a.yaml", &component("a"));
    read(&world, &folder).await;
    delivered(&world, &server).await;
    let before = taken(&server);
    server.fail("/hook", 1_000, Fault::status(503));
    write(&folder, "b.yaml", &component("b"));
    world.reread().await;
    let data = Arc::clone(&world.data);
    world.stop().await;

    server.mend();
    let world = told(on, &server, &[], Some(Arc::clone(&data))).await;
    world.clock.advance(HOUR);
    delivered(&world, &server).await;
    let all = taken(&server);
    assert_eq!(
        all[..before.len()],
        before,
        "nothing comes twice after it was taken"
    );
    assert!(
        all[before.len()..]
            .iter()
            .any(|(_, kind)| kind.ends_with("entity.created")),
        "b was not lost"
    );
    world.stop().await;

    let other = Server::start().await;
    let mut plan = Plan::new(on).web(&other).receiver(
        "late",
        &other.url("/hook"),
        &["dev.portway.catalog.entity.created"],
    );
    plan.data = data;
    let world = plan.run().await;
    write(&folder, "c.yaml", &component("c"));
    read(&world, &folder).await;
    delivered(&world, &other).await;
    let kinds: Vec<_> = taken(&other).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(
        kinds,
        ["dev.portway.catalog.entity.created"],
        "of what happens from now on, what it wants"
    );
}

async fn a_receiver_must_be_a_listed_host(on: On) {
    let (server, folder) = (
        Server::start().await,
        tempfile::tempdir().expect("a folder"),
    );
    let world = Plan::new(on)
        .receiver("inside", &server.url("/hook"), &[])
        .run()
        .await;
    write(&folder, "a.yaml", &component("a"));
    read(&world, &folder).await;
    let standing = loop {
        let mut standing = world.get("/api/v1/catalog/webhooks").await;
        if standing["items"][0]["attempts"] != 0 && !standing["items"][0]["lastError"].is_null() {
            break standing["items"][0].take();
        }
        world.run_ended().await;
    };
    assert!(
        standing["lastError"]
            .as_str()
            .expect("why")
            .contains("backend.reading.allow"),
        "{standing}"
    );
    assert_eq!(server.seen("/").len(), 0);
}

//! When a provider runs: cron expressions, and the delay after a start.

use std::time::Duration;

use serde_json::{Value, json};

use crate::discovery::{LIST, acme, names};
use crate::support::forge_json::github;
use crate::support::{Plan, Repo, Server, World, component};

/// A provider of one repository with this `schedule`; the clock stands at
/// 2026-03-10T12:00:00Z.
async fn scheduled(server: &Server, schedule: Value) -> World {
    Repo::with(
        server.root(),
        "acme/a",
        "catalog-info.yaml",
        &component("a"),
    );
    server.list(LIST, vec![github(server, "acme/a")]);
    let mut providers = acme(server);
    providers["github"]["main"]["schedule"] = schedule;
    let plan = Plan::new().forge("github", server).providers(providers);
    plan.run().await
}

async fn next(world: &World) -> (String, String) {
    let state = world.source_json().await;
    let text = |key: &str| {
        state["nextRefresh"][key]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    (text("at"), text("reason"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cron_expression_is_kept_and_its_next_time_is_shown() {
    let server = Server::start().await;
    let world = scheduled(&server, json!({ "frequency": { "cron": "5,40 * * * *" } })).await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["a"], "{:?}", world.problems().await);
    let shown = |at: &str| {
        (
            at.to_owned(),
            "looks for changes on its schedule, `5,40 * * * *` in UTC".to_owned(),
        )
    };
    assert_eq!(next(&world).await, shown("2026-03-10T12:05:00Z"));
    server.forget_seen();
    world.advance(Duration::from_secs(299)).await;
    assert_eq!(server.seen(LIST).len(), 0, "not a second too early");
    world.advance(Duration::from_secs(1)).await;
    assert_eq!(server.seen(LIST).len(), 1);
    assert_eq!(next(&world).await, shown("2026-03-10T12:40:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_read_waits_for_the_initial_delay_and_no_person_does() {
    let server = Server::start().await;
    let delayed = json!({ "frequency": "PT1H", "initialDelay": { "minutes": 10 } });
    let world = scheduled(&server, delayed.clone()).await;
    world.declare(&[]).await;
    assert_eq!(server.seen(LIST).len(), 0);
    assert_eq!(
        next(&world).await,
        (
            "2026-03-10T12:10:00Z".to_owned(),
            "waits for the `initialDelay` of its schedule".to_owned()
        )
    );
    world.advance(Duration::from_secs(600)).await;
    assert_eq!(server.seen(LIST).len(), 1);
    assert_eq!(names(&world), ["a"]);
    assert_eq!(next(&world).await.0, "2026-03-10T13:10:00Z");

    // Asked for before its time.
    let another = Server::start().await;
    let world = scheduled(&another, delayed).await;
    world.declare(&[]).await;
    world.reread().await;
    assert_eq!(names(&world), ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_trigger_waits_for_somebody() {
    let server = Server::start().await;
    let world = scheduled(&server, json!({ "frequency": { "trigger": "manual" } })).await;
    world.declare(&[]).await;
    assert!(next(&world).await.1.ends_with("its trigger is manual"));
    server.forget_seen();
    world.advance(Duration::from_secs(30 * 24 * 3600)).await;
    assert_eq!(server.seen(LIST).len(), 0);
    world.reread().await;
    assert_eq!(server.seen(LIST).len(), 1);
}

//! `type: url` on plain web hosts.

use std::time::Duration;

use axum::http::Method;
use forge::http::AllowedHost;
use serde_json::{Value, json};

use crate::support::{Fault, On, Plan, Server, World, api, component, location, on_both_databases};

on_both_databases! {
    an_unchanged_file_costs_a_304_and_nothing_else,
    whatever_a_host_answers_nothing_is_lost,
    a_registered_location_that_is_gone_keeps_its_data_with_its_age,
    a_host_that_asks_to_wait_is_left_alone_until_then,
    only_listed_hosts_are_read_and_no_redirect_leads_elsewhere,
}

async fn read(on: On, server: &Server, path: &str) -> World {
    let world = Plan::new(on).web(server).run().await;
    world.declare(&[("url", &server.url(path))]).await;
    world
}

async fn an_unchanged_file_costs_a_304_and_nothing_else(on: On) {
    let server = Server::start().await;
    server.file(
        "/catalog/all.yaml",
        &location("all", &["./a.yaml", "/catalog/b.yaml"]),
    );
    server.file("/catalog/a.yaml", &component("a"));
    server.file("/catalog/b.yaml", &api("b", "./b.json"));
    server.file("/catalog/b.json", "{}");
    let world = read(on, &server, "/catalog/all.yaml").await;
    assert_eq!(
        world.refs(),
        [
            "api:default/b",
            "component:default/a",
            "location:default/all"
        ]
    );
    let a = world.entity("component:default/a").expect("a");
    let annotations = &a["metadata"]["annotations"];
    let url = server.url("/catalog/a.yaml");
    assert_eq!(
        annotations["backstage.io/managed-by-location"],
        format!("url:{url}")
    );
    assert_eq!(
        annotations["backstage.io/managed-by-origin-location"],
        format!("url:{}", server.url("/catalog/all.yaml"))
    );
    assert_eq!(annotations["backstage.io/view-url"], url);
    assert_eq!(
        annotations["backstage.io/source-location"],
        format!("url:{}", server.url("/catalog/"))
    );

    server.forget_seen();
    let before = world.newest_event().await;
    world.reread().await;
    let statuses: Vec<_> = server
        .seen("/catalog/")
        .iter()
        .map(|seen| seen.status)
        .collect();
    assert_eq!(statuses, [304; 4]);
    assert_eq!(world.newest_event().await, before, "nothing has happened");
    assert_eq!(world.refs().len(), 3);

    server.file(
        "/catalog/a.yaml",
        &component("a").replace("production", "deprecated"),
    );
    world.reread().await;
    assert_eq!(
        world.entity("component:default/a").expect("a")["spec"]["lifecycle"],
        "deprecated"
    );
}

async fn whatever_a_host_answers_nothing_is_lost(on: On) {
    let server = Server::start().await;
    server.file("/all.yaml", &component("a"));
    let world = Plan::new(on).web(&server).impatient().run().await;
    world.declare(&[("url", &server.url("/all.yaml"))]).await;
    let read_at = world.source().await.state.last_success_at;
    let faults = [
        (Fault::status(404), "no matching files found for"),
        (
            Fault::status(401),
            "answered 401: it may not be read without other credentials",
        ),
        (Fault::status(403), "answered 403"),
        (Fault::status(500), "answered 500"),
        (Fault::Cut, "ended in the middle of its answer"),
        (Fault::Silence, "no byte arrived for too long"),
        (
            Fault::Answer(
                200,
                vec![("content-type", "text/html; charset=utf-8".into())],
                "<html>Sign in</html>",
            ),
            "answered with a web page",
        ),
        (
            Fault::Answer(301, vec![("location", server.url("/all.yaml"))], ""),
            "redirects",
        ),
    ];
    for (fault, reason) in faults {
        world.clock.advance(Duration::from_secs(1_000));
        world.settled().await;
        server.fail("/all.yaml", 20, fault);
        world.reread().await;
        let state = world.source_json().await;
        let error = state["lastError"].as_str().unwrap_or_default();
        assert!(error.contains(reason), "{error:?} does not say {reason:?}");
        let kept = world.entity("component:default/a").expect("kept");
        assert!(
            kept["status"]["items"][0]["message"]
                .as_str()
                .expect("why")
                .contains(reason)
        );
        server.mend();
        world.reread().await;
        assert_eq!(world.source_json().await["lastError"], Value::Null);
        assert!(
            world
                .entity("component:default/a")
                .expect("a")
                .get("status")
                .is_none()
        );
    }
    // Garbage with a good status breaks no entity either.
    server.file("/all.yaml", "{ : ]\u{0}");
    world.reread().await;
    assert_eq!(world.refs(), ["component:default/a"]);
    assert!(world.source().await.state.last_success_at > read_at);
}

async fn a_registered_location_that_is_gone_keeps_its_data_with_its_age(on: On) {
    let server = Server::start().await;
    server.file("/catalog-info.yaml", &component("a"));
    let world = Plan::new(on).web(&server).run().await;
    let body = json!({ "type": "url", "target": server.url("/catalog-info.yaml") });
    let (status, answer) = world
        .send(Method::POST, "/api/catalog/locations", &body)
        .await;
    assert_eq!(
        (status, answer["entities"].as_array().map(Vec::len)),
        (201, Some(1)),
        "{answer}"
    );
    server.no_file("/catalog-info.yaml");
    for hour in 1..=4 {
        world.advance(Duration::from_secs(3_600)).await;
        let state = world.source_json().await;
        assert_eq!(state["ageSeconds"], hour * 3_600, "{state}");
        assert!(
            state["lastError"]
                .as_str()
                .expect("why")
                .contains("NotFoundError: Unable to read url, no matching files found")
        );
        assert_eq!(state["heldDeletion"], Value::Null);
    }
    assert_eq!(world.refs(), ["component:default/a"]);
    assert_eq!(
        world
            .get("/api/catalog/locations")
            .await
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

async fn a_host_that_asks_to_wait_is_left_alone_until_then(on: On) {
    let server = Server::start().await;
    server.file("/all.yaml", &component("a"));
    let world = read(on, &server, "/all.yaml").await;
    server.fail(
        "/all.yaml",
        1,
        Fault::Answer(503, vec![("retry-after", "1800".into())], ""),
    );
    world.reread().await;
    let next = &world.source_json().await["nextRefresh"];
    assert_eq!(next["at"], "2026-03-10T12:30:00Z");
    assert_eq!(next["reason"], "rate limited until 2026-03-10T12:30:00Z");
    server.forget_seen();
    world.advance(Duration::from_secs(1_799)).await;
    assert_eq!(server.seen("/").len(), 0);
    world.advance(Duration::from_secs(1)).await;
    assert_eq!(server.seen("/").len(), 1);
    assert_eq!(world.source_json().await["lastError"], Value::Null);
}

async fn only_listed_hosts_are_read_and_no_redirect_leads_elsewhere(on: On) {
    let listed = Server::start().await;
    let other = Server::start().await;
    other.file("/secret.yaml", &component("secret"));
    listed.file(
        "/all.yaml",
        &location(
            "all",
            &[
                "./redirected.yaml",
                &other.url("/secret.yaml"),
                "file:///etc/passwd",
                "./ok.yaml",
            ],
        ),
    );
    listed.file("/ok.yaml", &component("ok"));
    let to = vec![("location", other.url("/secret.yaml"))];
    listed.fail("/redirected.yaml", 1, Fault::Answer(302, to, ""));
    let mut plan = Plan::new(on).web(&listed);
    plan.reach_public = true;
    let world = plan.run().await;
    world.declare(&[("url", &listed.url("/all.yaml"))]).await;
    assert_eq!(
        world.refs(),
        ["component:default/ok", "location:default/all"]
    );
    assert_eq!(other.seen("/").len(), 0);
    let problems = world.problems().await;
    let refused: Vec<_> = problems
        .iter()
        .filter(|problem| problem.contains("not allowed"))
        .collect();
    assert_eq!(refused.len(), 2, "{problems:?}");
    assert!(
        refused
            .iter()
            .all(|problem| problem.contains("`backend.reading.allow")),
        "{refused:?}"
    );

    // An address of this machine is private, whatever else may be read.
    let mut plan = Plan::new(on);
    plan.reach_public = true;
    let world = plan.run().await;
    world.declare(&[("url", &other.url("/secret.yaml"))]).await;
    assert!(
        world.problems().await[0].contains("such addresses are refused"),
        "{:?}",
        world.problems().await
    );
    // A listed host may be limited to some of its paths.
    let mut plan = Plan::new(on);
    plan.allowed.push(AllowedHost {
        paths: vec!["/public/".into()],
        ..AllowedHost::listed(&other.host)
    });
    let world = plan.run().await;
    world.declare(&[("url", &other.url("/secret.yaml"))]).await;
    assert!(world.problems().await[0].contains("is not below an allowed one"));
    assert_eq!(other.seen("/").len(), 0);
}

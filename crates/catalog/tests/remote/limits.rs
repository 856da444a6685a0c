//! Code hosts that refuse, limit and fail.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::forge_json::github;
use crate::support::{Fault, On, Plan, Repo, Server, World, component, on_both_databases};

on_both_databases! {
    a_rate_limit_is_waited_out_with_its_time_in_sight,
    the_budget_of_the_credential_is_shown,
    whatever_a_code_host_answers_nothing_is_lost,
    one_repository_that_fails_hurts_no_other,
    a_shutdown_does_not_wait_for_a_silent_host,
}

const LIST: &str = "/api/v3/orgs/acme/repos";

async fn organisation(on: On, server: &Server) -> World {
    organisation_of(Plan::new(on), server).await
}

async fn organisation_of(plan: Plan, server: &Server) -> World {
    Repo::with(
        server.root(),
        "acme/a",
        "catalog-info.yaml",
        &component("a"),
    );
    server.list(LIST, vec![github(server, "acme/a")]);
    let providers =
        json!({ "github": { "main": { "host": server.host, "organization": "acme" } } });
    let world = plan
        .forge("github", server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(world.refs(), ["component:default/a"]);
    world
}

async fn a_rate_limit_is_waited_out_with_its_time_in_sight(on: On) {
    let date = ("date", "Tue, 10 Mar 2026 12:00:00 GMT".to_owned());
    let reset = jiff::Timestamp::from_second(1_773_144_000 + 900).expect("a time");
    assert_eq!(reset.to_string(), "2026-03-10T12:15:00Z");
    let exhausted = vec![
        date.clone(),
        ("x-ratelimit-limit", "5000".into()),
        ("x-ratelimit-remaining", "0".into()),
        ("x-ratelimit-reset", reset.as_second().to_string()),
    ];
    for fault in [
        Fault::Answer(429, vec![date, ("retry-after", "900".into())], "{}"),
        Fault::Answer(403, exhausted, r#"{"message":"API rate limit exceeded"}"#),
    ] {
        let server = Server::start().await;
        let world = organisation(on, &server).await;
        server.fail(LIST, 1, fault);
        world.reread().await;
        let state = world.source_json().await;
        assert_eq!(state["nextRefresh"]["at"], "2026-03-10T12:15:00Z");
        assert_eq!(
            state["nextRefresh"]["reason"],
            "rate limited until 2026-03-10T12:15:00Z"
        );
        assert_eq!(
            state["budget"]["wait"]["until"], "2026-03-10T12:15:00Z",
            "{}",
            state["budget"]
        );
        assert_eq!(world.refs(), ["component:default/a"]);
        assert_eq!(
            state["entities"], 3,
            "the source's Location, the repository's, and the component"
        );
        // Asking again before then does not reach the host.
        server.forget_seen();
        world.advance(Duration::from_secs(600)).await;
        world.reread().await;
        assert_eq!(server.seen("/").len(), 0);
        assert_eq!(
            world.source_json().await["nextRefresh"]["at"],
            "2026-03-10T12:15:00Z"
        );
        world.advance(Duration::from_secs(300)).await;
        assert_eq!(server.seen(LIST).len(), 1);
        let state = world.source_json().await;
        assert_eq!(
            (&state["lastError"], &state["budget"]["wait"]),
            (&Value::Null, &Value::Null)
        );
        assert!(
            world
                .entity("component:default/a")
                .expect("a")
                .get("status")
                .is_none()
        );
    }
}

async fn the_budget_of_the_credential_is_shown(on: On) {
    let server = Server::start().await;
    server.header("date", "Tue, 10 Mar 2026 12:00:00 GMT");
    server.header("x-ratelimit-limit", "5000");
    server.header("x-ratelimit-remaining", "4321");
    server.header("x-ratelimit-reset", "1773147600");
    let world = organisation(on, &server).await;
    let budget = &world.source_json().await["budget"];
    assert_eq!(
        (
            &budget["host"],
            &budget["limit"],
            &budget["remaining"],
            &budget["reset"]
        ),
        (
            &json!(server.host),
            &json!(5000),
            &json!(4321),
            &json!("2026-03-10T13:00:00Z")
        )
    );
    assert_eq!(
        (&budget["requests"], &budget["credential"]),
        (&json!(1), &json!("anonymous"))
    );
    // A folder has no credential.
    let folder = tempfile::tempdir().expect("a folder");
    let world = Plan::new(on).run().await;
    world
        .declare(&[("file", &folder.path().to_string_lossy())])
        .await;
    assert_eq!(world.source_json().await["budget"], Value::Null);
}

async fn whatever_a_code_host_answers_nothing_is_lost(on: On) {
    let server = Server::start().await;
    let world = organisation_of(Plan::new(on).impatient(), &server).await;
    let faults = [
        (Fault::status(401), "does not accept the anonymous access"),
        (Fault::status(403), "forbids it (status 403"),
        (Fault::status(404), "says that it does not exist"),
        (Fault::status(500), "answered with status 500"),
        (
            Fault::Answer(200, Vec::new(), "<html>"),
            "something else than its API describes",
        ),
        (
            Fault::Answer(200, Vec::new(), "{\"not\": \"a list\"}"),
            "something else than its API describes",
        ),
        (Fault::Cut, "ended in the middle of its answer"),
        (Fault::Silence, "no byte arrived for too long"),
    ];
    for (fault, reason) in faults {
        server.fail("/api/", 20, fault);
        world.reread().await;
        let state = world.source_json().await;
        let error = state["lastError"].as_str().unwrap_or_default();
        assert!(error.contains(reason), "{error:?} does not say {reason:?}");
        assert_eq!(world.all_refs().len(), 3, "nothing is lost by: {reason}");
        assert_eq!(state["heldDeletion"], Value::Null);
        assert!(
            state["nextRefresh"]["reason"]
                .as_str()
                .expect("a reason")
                .contains(reason),
            "{state}"
        );
        server.mend();
        world.reread().await;
        assert_eq!(world.source_json().await["lastError"], Value::Null);
    }
}

async fn one_repository_that_fails_hurts_no_other(on: On) {
    let server = Server::start().await;
    let world = organisation(on, &server).await;
    let b = Repo::with(
        server.root(),
        "acme/b",
        "catalog-info.yaml",
        &component("b"),
    );
    Repo::with(
        server.root(),
        "acme/c",
        "catalog-info.yaml",
        "kind: [broken",
    );
    server.list(
        LIST,
        ["acme/a", "acme/b", "acme/c"]
            .map(|slug| github(&server, slug))
            .to_vec(),
    );
    server.fail(
        "/acme/b.git",
        1,
        Fault::Answer(503, vec![("retry-after", "120".into())], ""),
    );
    world.reread().await;
    assert_eq!(world.refs(), ["component:default/a"]);
    assert_eq!(
        world.source_json().await["nextRefresh"]["reason"],
        "rate limited until 2026-03-10T12:02:00Z"
    );
    world.advance(Duration::from_secs(120)).await;
    assert_eq!(world.refs(), ["component:default/a", "component:default/b"]);
    assert_eq!(world.source_json().await["lastError"], Value::Null);
    let problems = world.problems().await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    drop(b);
}

async fn a_shutdown_does_not_wait_for_a_silent_host(on: On) {
    let server = Server::start().await;
    let world = organisation(on, &server).await;
    let data = std::sync::Arc::clone(&world.data);
    server.fail(LIST, 1, Fault::Silence);
    let source = world.source().await;
    world
        .catalog
        .refresh_source(&platform::actor::Caller::system("test"), &source.id)
        .await
        .expect("asked for");
    server.wait_for_connection(LIST).await;
    world.stop().await;
    // What was under way is due again, and nothing is lost.
    let providers =
        json!({ "github": { "main": { "host": server.host, "organization": "acme" } } });
    let mut plan = Plan::new(on).forge("github", &server).providers(providers);
    plan.data = data;
    let world = plan.run().await;
    world.settled().await;
    assert_eq!(world.refs(), ["component:default/a"]);
    assert_eq!(world.source_json().await["lastError"], Value::Null);
}

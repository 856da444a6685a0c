//! Search, its API and its pages.

use audit::Settings;
use axum::http::StatusCode;
use platform::actor::{Actor, ActorKind};
use platform::event::{NewEvent, Outcome};
use platform::origin::Origin;
use serde_json::{Value, json};

use crate::world::{On, World, append, event, on_both_databases, words};

const MADE: &str = "dev.portway.test.thing.made";
const CHANGED: &str = "dev.portway.test.thing.changed";

async fn world(on: On) -> World {
    let world = World::new(on, |_| Settings::default()).await;
    let origin = Origin {
        address: Some("192.0.2.7".into()),
        request: Some("req-1".into()),
        reason: Some("INC-7 <b>".into()),
    };
    let changed = event(
        CHANGED,
        "thing:a",
        json!({ "before": "size: 1\n", "after": "size: 2\n", "note": "50%_done" }),
    );
    origin.scope(append(&world.db, vec![changed])).await;
    let agent = NewEvent {
        actor: Actor::new(ActorKind::Agent, "agent:helper").for_person("user:default/kim"),
        outcome: Outcome::Refused,
        ..event(MADE, "thing:b", json!({}))
    };
    append(&world.db, vec![agent]).await;
    let system = NewEvent {
        actor: Actor::system("controller:test"),
        outcome: Outcome::Failed,
        ..event(MADE, "thing:c", json!({ "text": "상점" }))
    };
    append(&world.db, vec![system]).await;
    world.clock.advance(std::time::Duration::from_secs(3_600));
    append(
        &world.db,
        (0..5)
            .map(|n| event(MADE, &format!("late:{n}"), json!({})))
            .collect(),
    )
    .await;
    world
}

async fn every_filter_finds_what_it_says(on: On) {
    let world = world(on).await;
    let subjects = async |query: &str| -> Vec<String> {
        let found = world.json(&format!("/api/v1/audit/events?{query}")).await;
        let items = found["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["subject"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let late = ["late:4", "late:3", "late:2", "late:1", "late:0"];
    assert_eq!(subjects("").await[..5], late);
    assert_eq!(
        subjects("type=dev.portway.test.thing.c*").await,
        ["thing:a"]
    );
    assert_eq!(subjects("outcome=refused").await, ["thing:b"]);
    assert_eq!(
        subjects("outcome=refused&outcome=failed").await,
        ["thing:c", "thing:b"]
    );
    assert_eq!(subjects("actor=agent:helper").await, ["thing:b"]);
    assert_eq!(subjects("actor=controller:test").await, ["thing:c"]);
    assert_eq!(subjects("actor=user:default/kim").await.len(), 7);
    assert_eq!(subjects("subject=thing:a").await, ["thing:a"]);
    assert_eq!(subjects("address=192.0.2.7").await, ["thing:a"]);
    assert_eq!(subjects("q=50%25_DONE").await, ["thing:a"]);
    assert_eq!(subjects("q=5000").await, [""; 0]);
    assert_eq!(subjects("q=%EC%83%81%EC%A0%90").await, ["thing:c"]);
    assert_eq!(subjects("people=true").await.len(), 7);
    assert_eq!(subjects("from=2026-01-02T04:00:00Z").await, late);
    assert_eq!(
        subjects("to=2026-01-02T04:00:00Z").await,
        ["thing:c", "thing:b", "thing:a"]
    );
    assert_eq!(subjects("from=2030-01-01").await, [""; 0]);
    assert_eq!(subjects("to=2020-01-01").await, [""; 0]);
    for (query, accepted) in [
        ("outcome=maybe", "allowed, refused, failed"),
        ("from=yesterday", "a time such as"),
        ("limit=0", "at least 1"),
        ("cursor=x", "a whole number"),
    ] {
        let seen = world.get(&format!("/api/v1/audit/events?{query}")).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(seen.text.contains(accepted), "{query}: {}", seen.text);
    }
}

async fn pages_of_the_list_hold_together(on: On) {
    let world = world(on).await;
    let (mut all, mut cursor) = (Vec::<Value>::new(), String::new());
    loop {
        let page = world
            .json(&format!("/api/v1/audit/events?limit=3{cursor}"))
            .await;
        all.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["pageInfo"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let whole = world.json("/api/v1/audit/events?limit=1000").await;
    assert_eq!(json!(all), whole["items"]);
    let first = world.json("/api/v1/audit/events/1").await;
    assert_eq!(first["reason"], "INC-7 <b>");
    assert_eq!(first["hash"].as_str().map(str::len), Some(64));
    assert_eq!(world.get("/api/v1/audit/events/99").await.status, 404);
    assert_eq!(world.get("/api/v1/audit/events/x").await.status, 404);
}

async fn the_pages_speak_both_languages(on: On) {
    let world = world(on).await;
    let page = world
        .page("/admin/audit?outcome=refused&q=thing", "en")
        .await;
    let text = words(&page);
    for wanted in [
        "Hash chain",
        "Whole",
        "test.thing.made",
        "agent:helper",
        "for user:default/kim",
        "Refused",
        "Outcome: refused",
    ] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
    assert!(
        page.contains("/api/v1/audit/export?format=ocsf&amp;outcome=refused&amp;q=thing")
            || page.contains("/api/v1/audit/export?format=ocsf&#38;outcome=refused&#38;q=thing"),
        "{page}"
    );
    let text = words(&world.page("/admin/audit", "ko").await);
    for wanted in ["감사", "온전함", "거부", "검증"] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
    let page = world.page("/admin/audit/1", "en").await;
    let text = words(&page);
    for wanted in [
        "test.thing.changed",
        "Before and after",
        "192.0.2.7",
        "INC-7 &#60;b&#62;",
        "size: 2",
        "req-1",
    ] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
    let text = words(&world.page("/admin/audit/1", "ko").await);
    assert!(
        text.contains("변경 전후") && text.contains("사유"),
        "{text}"
    );
    assert_eq!(
        world.json("/admin/audit/1.json").await["subject"],
        "thing:a"
    );
    assert_eq!(
        world.json("/admin/audit.json?outcome=failed").await["items"][0]["subject"],
        "thing:c"
    );
    let nothing = words(&world.page("/admin/audit?q=nothing-of-the-kind", "en").await);
    assert!(nothing.contains("No event fits"), "{nothing}");
    let done = world
        .ask(
            Ok(platform::actor::Caller::system("test")),
            axum::extract::Request::post("/admin/audit/verify")
                .body(axum::body::Body::empty())
                .expect("a request"),
            |routes| routes,
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
}

on_both_databases!(
    every_filter_finds_what_it_says,
    pages_of_the_list_hold_together,
    the_pages_speak_both_languages,
);

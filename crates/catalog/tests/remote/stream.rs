//! The change stream.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{On, Plan, World, component, on_both_databases};

on_both_databases! {
    a_client_that_was_away_misses_nothing,
    one_entity_or_one_kind_of_change_can_be_followed,
    pages_have_a_cursor,
    wrong_questions_are_answered_with_what_would_be_right,
}

/// One server-sent event.
#[derive(Debug, PartialEq)]
struct Sent {
    id: i64,
    kind: String,
    data: Value,
}

/// A client that reads the live stream.
struct Listener {
    stream: BodyDataStream,
    text: String,
}

impl Listener {
    async fn open(world: &World, path: &str, last: Option<i64>) -> Self {
        let mut request = Request::get(path).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = world
            .call(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            stream: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    async fn next(&mut self) -> Sent {
        let block = loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                // Comments keep the connection open and say nothing.
                if block.contains("data:") {
                    break block;
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(30), self.stream.next())
                .await
                .expect("an event in time");
            self.text.push_str(
                std::str::from_utf8(&more.expect("an open stream").expect("bytes")).expect("UTF-8"),
            );
        };
        let field = |name: &str| {
            let start = format!("{name}: ");
            block
                .lines()
                .find_map(|line| line.strip_prefix(&start))
                .unwrap_or_default()
                .to_owned()
        };
        Sent {
            id: field("id").parse().expect("a number"),
            kind: field("event"),
            data: serde_json::from_str(&field("data")).expect("JSON"),
        }
    }
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("written");
}

async fn world_over(on: On, folder: &TempDir) -> World {
    let world = Plan::new(on).run().await;
    world
        .declare(&[("file", &folder.path().to_string_lossy())])
        .await;
    world
}

fn subjects(page: &Value) -> Vec<(String, String)> {
    let items = page["items"].as_array().expect("items");
    let text = |event: &Value, key: &str| event[key].as_str().expect("a text").to_owned();
    items
        .iter()
        .map(|event| {
            (
                text(event, "subject"),
                text(event, "type").replace("dev.portway.catalog.", ""),
            )
        })
        .collect()
}

fn happened(subject: &str, kind: &str) -> (String, String) {
    (subject.to_owned(), kind.to_owned())
}

async fn a_client_that_was_away_misses_nothing(on: On) {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder, "a.yaml", &component("a"));
    let world = world_over(on, &folder).await;
    let mut live = Listener::open(&world, "/api/v1/catalog/events?type=entity.", None).await;
    write(&folder, "b.yaml", &component("b"));
    world.reread().await;
    let first = live.next().await;
    assert_eq!(
        (first.kind.as_str(), &first.data["subject"]),
        (
            "dev.portway.catalog.entity.created",
            &json!("component:default/b")
        )
    );
    assert_eq!(first.data["sequence"], format!("{:020}", first.id));
    assert_eq!(first.data["actor"], "controller:catalog.source");
    drop(live);

    for name in ["c", "d", "e"] {
        write(&folder, &format!("{name}.yaml"), &component(name));
        world.reread().await;
    }
    let mut again = Listener::open(&world, "/api/v1/events?type=entity.", Some(first.id)).await;
    for name in ["c", "d", "e"] {
        assert_eq!(
            again.next().await.data["subject"],
            format!("component:default/{name}")
        );
    }
    // And it goes on with what happens.
    write(
        &folder,
        "b.yaml",
        &component("b").replace("production", "deprecated"),
    );
    world.reread().await;
    let next = again.next().await;
    assert_eq!(
        (next.kind.as_str(), &next.data["subject"]),
        (
            "dev.portway.catalog.entity.updated",
            &json!("component:default/b")
        )
    );
}

async fn one_entity_or_one_kind_of_change_can_be_followed(on: On) {
    let folder = tempfile::tempdir().expect("a folder");
    let world = world_over(on, &folder).await;
    let mut of_b = Listener::open(&world, "/api/v1/events?ref=Component:b", None).await;
    let mut deletions = Listener::open(
        &world,
        "/api/v1/events?type=dev.portway.catalog.entity.deleted",
        None,
    )
    .await;
    for name in ["a", "b", "c"] {
        write(&folder, &format!("{name}.yaml"), &component(name));
    }
    world.reread().await;
    std::fs::remove_file(folder.path().join("b.yaml")).expect("removed");
    world.reread().await;
    assert_eq!(of_b.next().await.kind, "dev.portway.catalog.entity.created");
    assert_eq!(of_b.next().await.kind, "dev.portway.catalog.entity.deleted");
    assert_eq!(
        deletions.next().await.data["subject"],
        "component:default/b"
    );

    let page = world.get("/api/v1/events?ref=component:default/b").await;
    assert_eq!(
        subjects(&page),
        [
            happened("component:default/b", "entity.created"),
            happened("component:default/b", "entity.deleted")
        ]
    );
    let source = world.source().await.id;
    let page = world
        .get(&format!("/api/v1/events?ref={source}&type=source"))
        .await;
    assert_eq!(subjects(&page)[0], happened(&source, "source.created"));
}

async fn pages_have_a_cursor(on: On) {
    let folder = tempfile::tempdir().expect("a folder");
    for at in 0..7 {
        write(
            &folder,
            &format!("{at}.yaml"),
            &component(&format!("c{at}")),
        );
    }
    let world = world_over(on, &folder).await;
    let whole = world.get("/api/v1/catalog/events").await;
    let mut collected = Vec::new();
    let mut after = json!(0);
    loop {
        let page = world
            .get(&format!("/api/v1/catalog/events?limit=3&after={after}"))
            .await;
        if page["items"] == json!([]) {
            assert_eq!(page["next"], after, "the end of the log is a good cursor");
            break;
        }
        collected.extend(subjects(&page));
        after = page["next"].clone();
    }
    assert_eq!(collected, subjects(&whole));
    assert!(collected.len() >= 9);
}

async fn wrong_questions_are_answered_with_what_would_be_right(on: On) {
    let folder = tempfile::tempdir().expect("a folder");
    let world = world_over(on, &folder).await;
    for (path, reason) in [
        ("/api/v1/events?after=-1", "must be >= 0"),
        ("/api/v1/events?after=soon", "must be integer"),
        ("/api/v1/events?after=999999", "has not happened yet"),
        (
            "/api/v1/events?type=dev.cdevents.build",
            "reports nothing of the type",
        ),
        ("/api/v1/events?ref=component:", "component:"),
    ] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let (status, answer) = crate::support::body(world.call(request).await).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(
            status == 400 && message.contains(reason),
            "{path}: {status} {answer}"
        );
    }
    let request = Request::get("/api/v1/events")
        .header("last-event-id", "soon")
        .body(Body::empty());
    assert_eq!(world.call(request.expect("a request")).await.status(), 400);
}

//! `/live`, and pages that follow it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::StatusCode;
use futures_util::StreamExt;
use platform::actor::{Caller, Grants, Verb};
use platform::decision::{Decision, Decisions, Reach, Rights};
use serde_json::{Value, json};

use crate::company::{ACME, Company, kim};

/// Sees components only, as a role with a condition says it.
#[derive(Debug)]
struct Components;

impl Decisions for Components {
    fn reach(&self, _: &str, _: Option<Verb>) -> Reach {
        Reach::Where(Arc::new(model::query::Predicate::is_in(
            "kind",
            ["component"],
        )))
    }

    fn explain(&self, name: &str, verb: Option<Verb>) -> Decision {
        Decision::new(name, &self.reach(name, verb))
    }

    fn is_unlimited(&self) -> bool {
        false
    }
}

/// A browser's connection.
struct Listener {
    stream: BodyDataStream,
    text: String,
}

impl Listener {
    async fn open(company: &Company, caller: Caller, path: &str) -> Self {
        let request = Request::get(path)
            .header("accept", "text/event-stream")
            .body(Body::empty())
            .expect("a request");
        let response = company.answer(caller, request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            stream: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next message: its id and its topics.
    async fn next(&mut self) -> (i64, Value) {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                let field = |name: &str| {
                    let line = block.lines().find(|line| line.starts_with(name))?;
                    Some(line.get(name.len()..)?.trim().to_owned())
                };
                if let (Some(id), Some(data)) = (field("id:"), field("data:")) {
                    let topics = serde_json::from_str(&data).expect("JSON");
                    return (id.parse().expect("a number"), topics);
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(30), self.stream.next());
            let more = more
                .await
                .expect("a message in time")
                .expect("an open stream");
            let more = more.expect("bytes");
            self.text
                .push_str(std::str::from_utf8(&more).expect("UTF-8"));
        }
    }

    /// Topics until one of them is this.
    async fn until(&mut self, topic: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while !seen.iter().any(|found| found == topic) {
            let (_, topics) = self.next().await;
            let topics = topics.as_array().expect("a list").clone();
            seen.extend(
                topics
                    .iter()
                    .filter_map(|one| one.as_str().map(str::to_owned)),
            );
        }
        seen
    }
}

/// The place in the log that a page tells its script.
fn since(page: &str) -> i64 {
    let (_, rest) = page.split_once("data-since=\"").expect("a live page");
    let (number, _) = rest.split_once('"').expect("a number");
    number.parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_of_what_it_is_about() {
    let company = Company::new().await;
    let page = company
        .page("/catalog/default/component/order-service")
        .await;
    for topic in ["component:default/order-service", "api:default/orders-api"] {
        let (_, main) = page.split_once("data-live=\"").expect("topics");
        assert!(
            main.split_once('"').expect("topics").0.contains(topic),
            "{topic}"
        );
    }
    let mut heard = Listener::open(&company, kim(), &format!("/live?after={}", since(&page))).await;
    assert_eq!(
        heard.next().await.1,
        json!([]),
        "a stream says at once that it is there"
    );
    company.world.write(
        "acme.yaml",
        ACME.replace("title: Orders", "title: Order taking"),
    );
    company.world.declare(&[&company.file]).await;
    let topics = heard.until("component:default/order-service").await;
    for topic in ["catalog", "system:default/checkout"] {
        assert!(
            topics.iter().any(|found| found == topic),
            "{topic}: {topics:?}"
        );
    }
    assert!(
        !topics
            .iter()
            .any(|found| found == "component:default/lonely"),
        "{topics:?}"
    );
    let page = company
        .page("/catalog/default/component/order-service")
        .await;
    assert!(
        page.contains("Order taking"),
        "what is told is there to be read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_away_too_long_reads_everything_again() {
    let company = Company::new().await;
    let mut heard = Listener::open(&company, kim(), "/live?after=999999999").await;
    let (id, topics) = heard.next().await;
    assert_eq!(topics, json!(["*"]));
    assert_eq!(id, since(&company.page("/catalog").await));
    let mut again = Listener::open(&company, kim(), "/live?after=0").await;
    assert_eq!(again.next().await.1, json!([]));
    assert!(
        again.until("catalog").await.len() > 5,
        "what was missed is told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_sources_who_may_not_see_them() {
    let company = Company::new().await;
    let reader = Caller {
        grants: Grants::Named([catalog::permission::ENTITY_READ.name.to_owned()].into()),
        ..kim()
    };
    let mut heard = Listener::open(&company, reader, "/live?after=0").await;
    let topics = heard.until("component:default/lonely").await;
    assert!(
        topics.iter().all(|topic| !topic.starts_with("source")),
        "{topics:?}"
    );
    let mut all = Listener::open(&company, kim(), "/live?after=0").await;
    all.until("sources").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saw_a_thing_hears_that_it_is_gone() {
    let company = Company::new().await;
    let reader = Caller {
        grants: Grants::Decided(Rights::new(Arc::new(Components))),
        ..kim()
    };
    let page = company.page("/catalog").await;
    let path = format!("/live?after={}", since(&page));
    let mut heard = Listener::open(&company, reader, &path).await;
    let documents: Vec<&str> = ACME.split("\n---\n").collect();
    let left: Vec<&str> = documents
        .iter()
        .filter(|text| !text.contains("name: lonely") && !text.contains("name: orders-api"))
        .copied()
        .collect();
    assert_eq!(left.len(), documents.len() - 2);
    company.world.write("acme.yaml", left.join("\n---\n"));
    company.world.declare(&[&company.file]).await;
    let topics = heard.until("component:default/lonely").await;
    assert!(
        topics.iter().all(|topic| topic != "api:default/orders-api"),
        "{topics:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_answered_with_what_would_be_right() {
    let company = Company::new().await;
    let seen = company.get("/live?after=soon").await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST);
    let request = Request::get("/live")
        .header("last-event-id", "x")
        .body(Body::empty())
        .expect("a request");
    let seen = company.send(kim(), request).await;
    assert!(seen.text.contains("1042"), "{}", seen.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_and_past_moments_stay_as_they_are() {
    let company = Company::new().await;
    for path in [
        "/register",
        "/catalog?at=2020-01-01",
        "/catalog/default/component/lonely?at=2999-01-01",
    ] {
        let page = company.page(path).await;
        assert!(!page.contains("data-live"), "{path}");
    }
    for path in [
        "/",
        "/catalog",
        "/sources",
        "/graph",
        "/packages",
        "/catalog/default/group/team-commerce/graph",
    ] {
        assert!(company.page(path).await.contains("data-live=\""), "{path}");
    }
}

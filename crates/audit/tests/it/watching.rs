//! What no handler writes down is written down all the same, and a flood of it
//! does not fill the log.

use std::time::Duration;

use audit::events::{FILE_EXPORTED, REFUSED, SIGN_IN_REFUSED, TOKEN_USED};
use audit::{Settings, Span, permission};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{Method, header};
use axum::response::IntoResponse as _;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::event::{NewEvent, Outcome};
use platform::http::{Access, Routes};

use serde_json::json;

use crate::world::{On, World, append, event, meddle, on_both_databases};

fn caller(kind: ActorKind, name: &str, grants: Grants) -> Caller {
    Caller {
        actor: Actor::new(kind, name),
        ownership: Vec::new(),
        grants,
    }
}

fn request(path: &str, address: [u8; 4]) -> Request {
    let mut request = Request::get(path)
        .header("x-portway-reason", "INC-7%20%EC%9E%A5%EC%95%A0")
        .body(Body::empty())
        .expect("a request");
    let peer = std::net::SocketAddr::from((address, 4_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

fn more(routes: Routes) -> Routes {
    routes
        .api(
            Method::GET,
            "/needs/{name}",
            Access::Needs(permission::EXPORT),
            || async { "yes" },
        )
        .api(Method::GET, "/inside", Access::Public("a test"), || async {
            ApiError::not_allowed("You do not own it").into_response()
        })
        .api(Method::GET, "/file", Access::Public("a test"), || async {
            (
                [
                    (
                        header::CONTENT_DISPOSITION,
                        "attachment; filename=\"x.csv\"",
                    ),
                    (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                ],
                "a,b",
            )
        })
        .api(Method::GET, "/open", Access::Public("a test"), || async {
            "open"
        })
}

async fn refusals_are_coalesced(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    let kim = || Ok(caller(ActorKind::User, "user:default/kim", Grants::None));
    for n in 0..50 {
        let seen = world
            .ask(kim(), request(&format!("/needs/{n}"), [192, 0, 2, 7]), more)
            .await;
        assert_eq!(seen.status, 403);
    }
    // Refused by the handler itself.
    world
        .ask(kim(), request("/inside", [192, 0, 2, 7]), more)
        .await;
    let refused = world.events(REFUSED.0).await;
    assert_eq!(refused.len(), 2);
    let first = &refused[0];
    assert_eq!(first.actor.name, "user:default/kim");
    assert_eq!(first.outcome, Outcome::Refused);
    assert_eq!(first.origin.address.as_deref(), Some("192.0.2.7"));
    assert_eq!(first.origin.reason.as_deref(), Some("INC-7 장애"));
    assert_eq!(first.data["permission"], "audit.event.export");
    assert_eq!(first.data["route"], "/needs/{name}");
    assert_eq!(first.data["count"], 1);
    assert_eq!(refused[1].data["message"], "You do not own it");

    // The others of the minute become one.
    let watch = world.audit.watcher();
    watch.flush(false).await.expect("nothing is due");
    assert_eq!(world.events(REFUSED.0).await.len(), 2);
    world.clock.advance(Duration::from_secs(61));
    watch.flush(false).await.expect("written");
    let refused = world.events(REFUSED.0).await;
    assert_eq!(refused.len(), 3);
    assert_eq!(refused[2].data["count"], 49);
    // And the next minute begins anew.
    world
        .ask(kim(), request("/needs/1", [192, 0, 2, 7]), more)
        .await;
    assert_eq!(world.events(REFUSED.0).await.len(), 4);
    assert!(
        world
            .audit
            .verify(Span::default())
            .await
            .expect("a report")
            .is_intact()
    );
}

async fn refused_credentials_are_refused_sign_ins(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    let wrong = Err(ApiError::unauthenticated("Illegal token"));
    let seen = world
        .ask(wrong, request("/needs/x", [192, 0, 2, 7]), more)
        .await;
    assert_eq!(seen.status, 401);
    let refused = world.events(SIGN_IN_REFUSED.0).await;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].actor.kind, ActorKind::Anonymous);
    assert_eq!(refused[0].outcome, Outcome::Refused);
    assert_eq!(refused[0].data["message"], "Illegal token");
}

/// What a handler has written down itself is not written down again.
async fn a_refusal_that_is_told_is_told_once(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    let db = world.db.clone();
    let told = move |routes: Routes| {
        routes.api(Method::GET, "/told", Access::Public("a test"), move || {
            let db = db.clone();
            async move {
                let refused = NewEvent {
                    outcome: Outcome::Refused,
                    ..event(SIGN_IN_REFUSED.0, "account:kim", json!({}))
                };
                append(&db, vec![refused]).await;
                ApiError::unauthenticated("Name and password do not belong together")
                    .into_response()
            }
        })
    };
    let nobody = Ok(caller(ActorKind::Anonymous, "anonymous", Grants::None));
    let seen = world
        .ask(nobody, request("/told", [192, 0, 2, 7]), told)
        .await;
    assert_eq!(seen.status, 401);
    let refused = world.events("").await;
    let refused: Vec<_> = refused
        .iter()
        .filter(|event| event.outcome == Outcome::Refused)
        .collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].subject, "account:kim");
}

/// A database that is away for a while loses no count.
async fn counts_wait_for_the_database(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    let kim = || Ok(caller(ActorKind::User, "user:default/kim", Grants::None));
    let ask = async |path: &str| {
        world
            .ask(kim(), request(path, [192, 0, 2, 7]), more)
            .await
            .status
    };
    for _ in 0..3 {
        assert_eq!(ask("/needs/1").await, 403);
        assert_eq!(ask("/inside").await, 403);
    }
    meddle(&world.db, "ALTER TABLE events RENAME TO events_away").await;
    world.clock.advance(Duration::from_secs(61));
    let watch = world.audit.watcher();
    assert!(watch.flush(false).await.is_err());
    // More of both meanwhile; neither can be written.
    assert_eq!(ask("/needs/1").await, 403);
    assert_eq!(ask("/inside").await, 403);
    meddle(&world.db, "ALTER TABLE events_away RENAME TO events").await;
    watch.flush(true).await.expect("written");
    let counted = |route: &'static str| {
        let world = &world;
        async move {
            let events = world.events(REFUSED.0).await;
            let own = events.iter().filter(|event| event.data["route"] == route);
            own.filter_map(|event| event.data["count"].as_u64())
                .sum::<u64>()
        }
    };
    assert_eq!(counted("/needs/{name}").await, 4);
    assert_eq!(counted("/inside").await, 4);
}

async fn the_first_use_of_a_token_counts_for_each_address_and_day(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    let ci = || Ok(caller(ActorKind::Service, "token:ci", Grants::All));
    let uses = async || world.events(TOKEN_USED.0).await.len();
    for _ in 0..5 {
        world
            .ask(ci(), request("/open", [192, 0, 2, 7]), more)
            .await;
    }
    assert_eq!(uses().await, 1);
    world
        .ask(ci(), request("/open", [192, 0, 2, 8]), more)
        .await;
    assert_eq!(uses().await, 2);
    world.clock.advance(Duration::from_secs(86_400));
    world
        .ask(ci(), request("/open", [192, 0, 2, 8]), more)
        .await;
    assert_eq!(uses().await, 3);
    let person = Ok(caller(ActorKind::User, "user:default/kim", Grants::All));
    world
        .ask(person, request("/open", [192, 0, 2, 8]), more)
        .await;
    assert_eq!(uses().await, 3);
}

async fn a_file_that_leaves_is_written_down(on: On) {
    let world = World::new(on, |_| Settings::default()).await;
    let kim = Ok(caller(ActorKind::User, "user:default/kim", Grants::All));
    world
        .ask(kim, request("/file?q=s3cret", [192, 0, 2, 7]), more)
        .await;
    let files = world.events(FILE_EXPORTED.0).await;
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].outcome, Outcome::Allowed);
    assert_eq!(files[0].data["format"], "text/csv");
    assert!(!files[0].data.to_string().contains("s3cret"));
}

on_both_databases!(
    refusals_are_coalesced,
    refused_credentials_are_refused_sign_ins,
    a_refusal_that_is_told_is_told_once,
    counts_wait_for_the_database,
    the_first_use_of_a_token_counts_for_each_address_and_day,
    a_file_that_leaves_is_written_down,
);

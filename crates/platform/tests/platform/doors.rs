//! Who is looked at, at the door of a route.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use jiff::Timestamp;
use platform::actor::{Actor, ActorKind, Caller, Grants, Permission, Verb};
use platform::config::Config;
use platform::http::bounds::{Bounds, bound_body};
use platform::http::{Access, Gate, Limits, Routes};
use platform::telemetry::Metrics;
use platform::{ApiError, Clock};
use serde_json::json;
use tower::ServiceExt;

const LOOK: Permission = Permission {
    name: "test.look",
    verb: Verb::Read,
};

/// Lets in whoever says `good`, and counts how often it was asked.
#[derive(Default)]
struct Porter(AtomicUsize);

#[async_trait]
impl Gate for Porter {
    async fn caller(&self, parts: &Parts) -> Result<Caller, ApiError> {
        let Some(said) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Caller::anonymous());
        };
        self.0.fetch_add(1, Ordering::Relaxed);
        if said.as_bytes().starts_with(b"good") {
            Ok(Caller {
                actor: Actor::new(ActorKind::User, "user:default/kim"),
                ownership: [].into(),
                grants: Grants::All,
            })
        } else {
            Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "AuthenticationError",
                "Illegal token",
            ))
        }
    }
}

struct House {
    porter: Arc<Porter>,
    router: Router,
}

impl House {
    fn new() -> Self {
        let porter = Arc::new(Porter::default());
        let config = Config::from_json(json!({ "backend": { "limits": { "rates": {
            "refused": { "perSecond": 0.001, "burst": 3 }
        } } } }));
        let limits = Limits::from_config(&config).unwrap();
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let bounds = Bounds::new(limits, &clock, &Metrics::new(&clock));
        let hello = || async { Ok::<_, ApiError>("hello") };
        let gate: Arc<dyn Gate> = Arc::clone(&porter) as _;
        let routes = Routes::new(gate)
            .api(Method::GET, "/private", Access::Needs(LOOK), hello)
            .api(Method::GET, "/public", Access::Public("a test"), hello);
        let router = routes.into_router();
        let router = router.layer(from_fn_with_state(bounds, bound_body));
        Self { porter, router }
    }

    async fn ask(&self, from: &str, path: &str, said: Option<&str>) -> StatusCode {
        let mut request = Request::get(path);
        if let Some(said) = said {
            request = request.header(header::AUTHORIZATION, said);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let address: SocketAddr = format!("{from}:1000").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        let answer = self.router.clone().oneshot(request).await;
        answer.unwrap().status()
    }

    fn asked(&self) -> usize {
        self.porter.0.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn after_too_many_wrong_ones_unknown_credentials_are_not_looked_at() {
    let house = House::new();
    let here = "192.0.2.1";
    assert_eq!(
        house.ask(here, "/private", Some("good 1")).await,
        StatusCode::OK
    );
    for _ in 0..3 {
        let status = house.ask(here, "/private", Some("bad")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let before = house.asked();
    for said in ["bad", "good 2"] {
        let status = house.ask(here, "/private", Some(said)).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{said}");
    }
    assert_eq!(house.asked(), before, "a guess learns nothing");
    // Nobody else is meant: what was good before, other addresses, and public
    // routes, which take whoever it is for nobody.
    assert_eq!(
        house.ask(here, "/private", Some("good 1")).await,
        StatusCode::OK
    );
    let elsewhere = house.ask("192.0.2.2", "/private", Some("good 2")).await;
    assert_eq!(elsewhere, StatusCode::OK);
    let before = house.asked();
    assert_eq!(
        house.ask(here, "/public", Some("good 3")).await,
        StatusCode::OK
    );
    assert_eq!(house.asked(), before);
}

#[tokio::test]
async fn guesses_at_public_routes_count_too() {
    let house = House::new();
    for _ in 0..3 {
        assert_eq!(
            house.ask("192.0.2.1", "/public", Some("bad")).await,
            StatusCode::OK
        );
    }
    let status = house.ask("192.0.2.1", "/private", Some("bad")).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

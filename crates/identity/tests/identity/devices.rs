//! The list of where somebody is signed in, and how tokens age.

use std::time::Duration;

use identity::{TOKEN_EXPIRING, agent_words};
use platform::Clock;
use platform::controller::{Runner, RunnerOptions};
use platform::http::Gate as _;
use platform::queue::{JobInfo, JobState, Queue};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{Setup, World, configured, operator, parts};

const ENTITIES: &str = "/api/catalog/entities";
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
pub(crate) async fn a_session_tells_from_where_and_with_what_it_is_used() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    let ask = world
        .get(ENTITIES)
        .header("cookie", &cookie)
        .header("user-agent", firefox);
    assert_eq!(ask.status().await, 200);
    let listed = world
        .run(
            operator(),
            "session:list",
            json!({"user": "user:default/admin"}),
        )
        .await
        .unwrap();
    let session = &listed["items"][0];
    assert_eq!(session["address"], "127.0.0.1");
    assert_eq!(session["agent"], agent_words(firefox));
    assert_eq!(session["method"], "link");
    assert_eq!(session["endsAt"], "2026-11-21T21:00:00Z");
    world.minutes(5);
    let elsewhere = world.get(ENTITIES).header("cookie", &cookie);
    assert_eq!(elsewhere.peer("192.0.2.7:1").status().await, 200);
    let listed = world
        .run(
            operator(),
            "session:list",
            json!({"user": "user:default/admin"}),
        )
        .await
        .unwrap();
    assert_eq!(listed["items"][0]["address"], "192.0.2.7");
    assert_eq!(listed["items"][0]["lastSeenAt"], "2026-11-21T09:05:00Z");
}

#[tokio::test]
pub(crate) async fn a_stolen_cookie_is_worth_nothing_once_its_session_is_ended() {
    let world = World::new(Setup::default()).await;
    let (stolen, mine) = (world.operator_cookie().await, world.operator_cookie().await);
    let here = parts(&[("cookie", &mine)]);
    let caller = world.identity.caller(&here).await.unwrap();
    let keep = world.identity.session(&here).await.unwrap().unwrap().id;
    let ended = world
        .run(caller, "session:end-others", json!({"keep": keep}))
        .await
        .unwrap();
    assert_eq!(ended["ended"], 1);
    let counts = |cookie: String| {
        let world = &world;
        async move { world.get(ENTITIES).header("cookie", &cookie).status().await }
    };
    assert_eq!(counts(stolen).await, 401);
    assert_eq!(counts(mine).await, 200);
}

#[tokio::test]
pub(crate) async fn nobody_ends_the_session_of_another_without_the_permission() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    let here = parts(&[("cookie", &cookie)]);
    let id = world.identity.session(&here).await.unwrap().unwrap().id;
    let stranger = platform::actor::Caller {
        actor: platform::actor::Actor::new(platform::actor::ActorKind::User, "user:default/mole"),
        ownership: Vec::new(),
        grants: platform::actor::Grants::Named(
            ["identity.session.read", "identity.session.end"]
                .map(str::to_owned)
                .into(),
        ),
    };
    for wrong in [id.as_str(), "none", "\u{1}", ""] {
        let refused = world.identity.end_session(&stranger, wrong).await;
        assert_eq!(refused.unwrap_err().status.as_u16(), 404, "{wrong:?}");
    }
    assert!(world.identity.end_session(&operator(), &id).await.is_ok());
}

#[tokio::test]
pub(crate) async fn limits_of_sessions_are_configured() {
    let config = json!({"auth": {"session": {"idleTimeout": "30m", "absoluteTimeout": "2h"}}});
    let world = World::new(configured(config)).await;
    let cookie = world.operator_cookie().await;
    let counts = || async {
        let ask = world.get(ENTITIES).header("cookie", &cookie);
        ask.status().await == 200
    };
    for _ in 0..4 {
        world.minutes(25);
        assert!(counts().await);
    }
    world.minutes(25);
    assert!(!counts().await, "two hours are over");
    let idle = world.operator_cookie().await;
    world.minutes(30);
    let late = world.get(ENTITIES).header("cookie", &idle);
    assert_eq!(late.status().await, 401);
}

#[tokio::test]
pub(crate) async fn every_token_that_somebody_makes_runs_out() {
    let config = json!({"auth": {"tokens": {"maxLifetime": "30d"}}});
    let world = World::new(configured(config)).await;
    let made = world
        .run(operator(), "token:create", json!({"name": "ci"}))
        .await
        .unwrap();
    assert_eq!(made["token"]["expiresAt"], "2026-12-21T09:00:00Z");
    let refused = world
        .run(
            operator(),
            "token:create",
            json!({"name": "long", "expiresAt": "2027-11-21T09:00:00Z"}),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 400);
    assert!(refused.accepted.unwrap().contains("30 days"));
    let usual = World::new(Setup::default()).await;
    let made = usual
        .run(operator(), "token:create", json!({"name": "ci"}))
        .await
        .unwrap();
    assert_eq!(made["token"]["expiresAt"], "2027-02-19T09:00:00Z");
}

#[tokio::test]
pub(crate) async fn a_use_is_noted_with_its_address_once_a_minute() {
    let world = World::new(Setup::default()).await;
    let token = world.token(json!({"name": "ci"})).await;
    let used = || async {
        let listed = world
            .run(operator(), "token:list", json!({}))
            .await
            .unwrap();
        let item = listed["items"][0].clone();
        (item["lastUsedAt"].clone(), item["lastUsedAddress"].clone())
    };
    let ask = |peer| world.get(ENTITIES).bearer(&token).peer(peer);
    ask("192.0.2.7:1").send().await;
    ask("192.0.2.8:1").send().await;
    assert_eq!(
        used().await,
        (json!("2026-11-21T09:00:00Z"), json!("192.0.2.7"))
    );
    world.minutes(1);
    ask("192.0.2.8:1").send().await;
    assert_eq!(
        used().await,
        (json!("2026-11-21T09:01:00Z"), json!("192.0.2.8"))
    );
}

#[tokio::test]
pub(crate) async fn a_token_that_ends_soon_is_announced_once() {
    let world = World::new(Setup::default()).await;
    let input = json!({"name": "short", "expiresAt": "2026-11-29T09:00:00Z"});
    world.token(input).await;
    world.token(json!({"name": "long"})).await;
    world.identity.begin_upkeep().await.unwrap();
    let stop = CancellationToken::new();
    let runner = Runner::new(
        &world.db,
        identity::controllers(&world.identity),
        RunnerOptions::new("test"),
    );
    let (clock, db) = (world.clock.clone(), world.db.clone());
    let ending = stop.clone();
    let driver = async {
        // Two days pass after each look: the first finds the end too far
        // away, two find it near.
        for _ in 0..3 {
            rested(&Queue::new(&db), &clock).await;
            clock.advance(Duration::from_secs(2 * 86_400));
        }
        rested(&Queue::new(&db), &clock).await;
        ending.cancel();
    };
    tokio::join!(runner.run(stop), driver);
    let announced = world.events(TOKEN_EXPIRING.0).await;
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0].data["name"], "short");
}

/// Waits until the upkeep has looked and waits for a time to come.
async fn rested(queue: &Queue, clock: &Clock) {
    let resting = async {
        loop {
            let jobs = queue.list("identity.upkeep", 1).await.unwrap();
            let waits = |job: &JobInfo| matches!(job.state, JobState::Waiting { run_at } if run_at > clock.now());
            if jobs.iter().any(waits) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, resting).await.unwrap();
}

#[tokio::test]
pub(crate) async fn a_token_in_the_address_is_refused_with_the_reason() {
    let world = World::new(Setup::default()).await;
    let token = world.token(json!({"name": "ci", "scope": "all"})).await;
    for path in [
        format!("{ENTITIES}?access_token=x"),
        format!("{ENTITIES}?token={token}"),
        format!("{ENTITIES}?a=1&q={token}"),
    ] {
        let answer = world.get(&path).bearer(&token).send().await;
        assert_eq!(answer.status.as_u16(), 400, "{path}");
        assert!(answer.message().contains("in the address"));
    }
    let harmless = world.get("/api/catalog/entities?q=pw_short").bearer(&token);
    assert_eq!(harmless.status().await, 200);
}

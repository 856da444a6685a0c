//! The device flow, refresh and revocation, through HTTP.

use axum::http::request::Parts;
use identity::{CLI_CLIENT, DEVICE_DECIDED, SESSION_CREATED, SESSION_ENDED};
use platform::actor::{Caller, Grants};
use platform::http::Gate as _;
use serde_json::{Value, json};

use crate::world::{Answer, Setup, World, demo, operator, parts};

const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn offer(world: &World, scope: &str) -> Value {
    let answer = world
        .post("/api/auth/v1/device_authorization")
        .form(&format!("client_id={CLI_CLIENT}&scope={scope}"))
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer.json()
}

async fn poll(world: &World, offer: &Value) -> Answer {
    let code = offer["device_code"].as_str().unwrap();
    world
        .post("/api/auth/v1/token")
        .form(&format!(
            "grant_type={GRANT}&client_id={CLI_CLIENT}&device_code={code}"
        ))
        .send()
        .await
}

async fn refresh(world: &World, token: &str) -> Answer {
    world
        .post("/api/auth/v1/token")
        .form(&format!(
            "grant_type=refresh_token&client_id={CLI_CLIENT}&refresh_token={token}"
        ))
        .send()
        .await
}

/// The request of somebody in a browser, with their cookie, and who they are.
async fn browser(world: &World) -> (Caller, Parts) {
    let cookie = world.operator_cookie().await;
    let parts = parts(&[("cookie", &cookie)]);
    (world.identity.caller(&parts).await.unwrap(), parts)
}

async fn login(world: &World, scope: &str) -> Value {
    let offer = offer(world, scope).await;
    let (caller, parts) = browser(world).await;
    let code = offer["user_code"].as_str().unwrap();
    world
        .identity
        .decide_device(&caller, &parts, (code, true))
        .await
        .unwrap();
    let answer = poll(world, &offer).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

fn word(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap().to_owned()
}

#[tokio::test]
pub(crate) async fn a_program_gets_its_tokens_after_a_person_said_yes() {
    let world = World::new(Setup::default()).await;
    let offer = offer(&world, "all").await;
    assert_eq!(offer["interval"], 5);
    assert_eq!(offer["expires_in"], 600);
    let shown = word(&offer, "user_code");
    assert_eq!(shown.len(), 9, "{shown}");
    assert!(word(&offer, "verification_uri_complete").ends_with(&format!("/device?code={shown}")));

    let early = poll(&world, &offer).await;
    assert_eq!(early.status.as_u16(), 400);
    assert_eq!(early.json()["error"], "authorization_pending");

    let (caller, parts) = browser(&world).await;
    let typed = shown.to_lowercase().replace('-', " ");
    let waiting = world
        .identity
        .waiting_device(&caller, &parts, &typed)
        .await
        .unwrap();
    assert_eq!(waiting.client, CLI_CLIENT);
    assert!(waiting.same_address);
    assert_eq!(waiting.scope.to_value(), json!("all"));
    world
        .identity
        .decide_device(&caller, &parts, (&typed, true))
        .await
        .unwrap();
    world.minutes(1);
    let tokens = poll(&world, &offer).await.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    let access = word(&tokens, "access_token");
    let who = world.get(ENTITIES).bearer(&access).send().await;
    assert_eq!(who.text(), "user:default/admin [user:default/admin]");
    assert_eq!(world.post(REGISTER).bearer(&access).status().await, 200);

    let again = poll(&world, &offer).await;
    assert_eq!(again.json()["error"], "invalid_grant", "a code works once");
    let kinds: Vec<String> = world
        .events("dev.portway.identity")
        .await
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert!(kinds.contains(&DEVICE_DECIDED.0.to_owned()));
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| *kind == SESSION_CREATED.0)
            .count(),
        2
    );
}

#[tokio::test]
pub(crate) async fn a_program_that_asks_too_often_is_slowed_down() {
    let world = World::new(Setup::default()).await;
    let offer = offer(&world, "").await;
    assert_eq!(
        poll(&world, &offer).await.json()["error"],
        "authorization_pending"
    );
    assert_eq!(poll(&world, &offer).await.json()["error"], "slow_down");
    world.clock.advance(std::time::Duration::from_secs(6));
    assert_eq!(
        poll(&world, &offer).await.json()["error"],
        "slow_down",
        "ten seconds by now"
    );
    world.clock.advance(std::time::Duration::from_secs(16));
    assert_eq!(
        poll(&world, &offer).await.json()["error"],
        "authorization_pending"
    );
}

#[tokio::test]
pub(crate) async fn a_code_runs_out_and_a_no_is_a_no() {
    let world = World::new(Setup::default()).await;
    let (caller, parts) = browser(&world).await;
    let denied = offer(&world, "").await;
    let code = word(&denied, "user_code");
    world
        .identity
        .decide_device(&caller, &parts, (&code, false))
        .await
        .unwrap();
    let late_yes = world
        .identity
        .decide_device(&caller, &parts, (&code, true))
        .await;
    assert_eq!(late_yes.unwrap_err().status.as_u16(), 404);
    assert_eq!(poll(&world, &denied).await.json()["error"], "access_denied");

    let late = offer(&world, "").await;
    world.minutes(10);
    assert_eq!(poll(&world, &late).await.json()["error"], "expired_token");
    let refused = world
        .identity
        .waiting_device(&caller, &parts, &word(&late, "user_code"))
        .await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 404);
}

#[tokio::test]
pub(crate) async fn guessing_codes_is_slowed_down() {
    let world = World::new(Setup::default()).await;
    let (caller, parts) = browser(&world).await;
    let mut statuses = Vec::new();
    for guess in 0..12 {
        let code = format!("BCDFGHJ{}", char::from(b'K' + guess));
        let refused = world
            .identity
            .waiting_device(&caller, &parts, &code)
            .await
            .unwrap_err();
        statuses.push(refused.status.as_u16());
    }
    assert_eq!(statuses[..6], [404; 6]);
    assert_eq!(statuses[6..], [429; 6], "the right code would not help now");
    world.hours(2);
    let later = world.identity.waiting_device(&caller, &parts, "x").await;
    assert_eq!(later.unwrap_err().status.as_u16(), 404);
}

#[tokio::test]
pub(crate) async fn a_refresh_token_rotates_and_its_second_use_ends_the_login() {
    let world = World::new(Setup::default()).await;
    let first = login(&world, "all").await;
    let second = refresh(&world, &word(&first, "refresh_token")).await;
    assert_eq!(second.status.as_u16(), 200, "{}", second.text());
    let second = second.json();
    let asks = |token: String| {
        let world = &world;
        async move { world.get(ENTITIES).bearer(&token).status().await }
    };
    assert_eq!(asks(word(&first, "access_token")).await, 401, "replaced");
    assert_eq!(asks(word(&second, "access_token")).await, 200);

    let thief = refresh(&world, &word(&first, "refresh_token")).await;
    assert_eq!(thief.status.as_u16(), 400);
    assert_eq!(thief.json()["error"], "invalid_grant");
    assert_eq!(asks(word(&second, "access_token")).await, 401);
    let owner = refresh(&world, &word(&second, "refresh_token")).await;
    assert_eq!(
        owner.json()["error"],
        "invalid_grant",
        "the family has ended"
    );
    let ended = world.events(SESSION_ENDED.0).await;
    assert_eq!(
        ended.last().unwrap().data["reason"],
        "a refresh token was used twice"
    );
}

#[tokio::test]
pub(crate) async fn of_two_who_refresh_at_once_one_gets_tokens() {
    let world = World::new(Setup::default()).await;
    let tokens = login(&world, "all").await;
    let token = word(&tokens, "refresh_token");
    let both = tokio::join!(refresh(&world, &token), refresh(&world, &token));
    let statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    assert!(statuses.contains(&400), "{statuses:?}");
}

#[tokio::test]
pub(crate) async fn a_login_does_no_more_than_was_agreed() {
    let world = World::new(Setup::default()).await;
    let tokens = login(&world, "read").await;
    let access = word(&tokens, "access_token");
    assert_eq!(tokens["scope"], "read");
    assert_eq!(world.get(ENTITIES).bearer(&access).status().await, 200);
    assert_eq!(world.post(REGISTER).bearer(&access).status().await, 403);
    let who = world
        .get("/api/auth/v1/whoami")
        .bearer(&access)
        .send()
        .await
        .json();
    assert_eq!(who["actor"]["name"], "user:default/admin");
    assert_eq!(who["grants"], "read");

    // Nor does a person hand on more than they hold.
    let offer = offer(&world, "all").await;
    let (caller, parts) = browser(&world).await;
    let reader = Caller {
        grants: Grants::Read,
        ..caller
    };
    let code = word(&offer, "user_code");
    world
        .identity
        .decide_device(&reader, &parts, (&code, true))
        .await
        .unwrap();
    assert_eq!(poll(&world, &offer).await.json()["scope"], "read");
}

#[tokio::test]
pub(crate) async fn only_a_person_in_a_browser_admits_and_only_from_our_pages() {
    let world = World::new(Setup::default()).await;
    let offer = offer(&world, "all").await;
    let code = word(&offer, "user_code");
    let (caller, parts_here) = browser(&world).await;
    // Another site cannot press the button.
    let cookie = world.operator_cookie().await;
    let foreign = parts(&[("cookie", &cookie), ("sec-fetch-site", "cross-site")]);
    let refused = world
        .identity
        .decide_device(&caller, &foreign, (&code, true))
        .await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 403);
    // A token is no person in a browser.
    let tokenless = parts(&[]);
    let refused = world
        .identity
        .decide_device(&operator(), &tokenless, (&code, true))
        .await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 401);
    world
        .identity
        .decide_device(&caller, &parts_here, (&code, true))
        .await
        .unwrap();
}

#[tokio::test]
pub(crate) async fn an_ended_login_is_refused_at_once() {
    let world = World::new(Setup::default()).await;
    let tokens = login(&world, "all").await;
    let access = word(&tokens, "access_token");
    let sessions = world
        .run(
            operator(),
            "session:list",
            json!({"user": "user:default/admin"}),
        )
        .await
        .unwrap();
    let device = sessions["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["method"] == "device")
        .unwrap()
        .clone();
    assert_eq!(device["client"], CLI_CLIENT);
    world
        .run(operator(), "session:end", json!({"session": device["id"]}))
        .await
        .unwrap();
    assert_eq!(world.get(ENTITIES).bearer(&access).status().await, 401);
    let refused = refresh(&world, &word(&tokens, "refresh_token")).await;
    assert_eq!(refused.json()["error"], "invalid_grant");

    // Giving a token back is the same from the other side.
    let tokens = login(&world, "all").await;
    let answer = world
        .post("/api/auth/v1/revoke")
        .form(&format!("token={}", word(&tokens, "refresh_token")))
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200);
    let access = word(&tokens, "access_token");
    assert_eq!(world.get(ENTITIES).bearer(&access).status().await, 401);
    let nothing = world.post("/api/auth/v1/revoke").form("token=pwr_x");
    assert_eq!(nothing.status().await, 200, "RFC 7009, 2.2");
}

#[tokio::test]
pub(crate) async fn an_access_token_lives_an_hour_and_a_refresh_token_opens_nothing() {
    let world = World::new(Setup::default()).await;
    let tokens = login(&world, "all").await;
    let access = word(&tokens, "access_token");
    let refresh_token = word(&tokens, "refresh_token");
    assert_eq!(
        world.get(ENTITIES).bearer(&refresh_token).status().await,
        401
    );
    world.minutes(61);
    let late = world.get(ENTITIES).bearer(&access).send().await;
    assert_eq!(late.status.as_u16(), 401);
    assert!(late.text().contains("ran out"));
    assert_eq!(refresh(&world, &refresh_token).await.status.as_u16(), 200);
    world.hours(31 * 24);
    let gone = refresh(&world, &refresh_token).await;
    assert_eq!(gone.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn requests_that_are_no_oauth_are_refused_as_the_rfc_says() {
    let world = World::new(Setup::default()).await;
    let ask = |body: &'static str| {
        let world = &world;
        async move {
            let answer = world.post("/api/auth/v1/token").form(body).send().await;
            (
                answer.status.as_u16(),
                answer.json()["error"].as_str().unwrap().to_owned(),
            )
        }
    };
    let client = |code: &str| (400, code.to_owned());
    assert_eq!(ask("").await, (401, "invalid_client".to_owned()));
    assert_eq!(
        ask("grant_type=refresh_token&client_id=other&refresh_token=x").await,
        (401, "invalid_client".to_owned())
    );
    assert_eq!(
        ask("grant_type=password&client_id=portway-cli").await,
        client("unsupported_grant_type")
    );
    assert_eq!(
        ask("grant_type=refresh_token&client_id=portway-cli").await,
        client("invalid_request")
    );
    assert_eq!(
        ask("grant_type=refresh_token&client_id=portway-cli&refresh_token=a&refresh_token=b").await,
        client("invalid_request")
    );
    assert_eq!(
        ask("grant_type=refresh_token&client_id=portway-cli&refresh_token=pwr_none").await,
        client("invalid_grant")
    );
    let json = world
        .post("/api/auth/v1/token")
        .json(&json!({"grant_type": "refresh_token"}))
        .send()
        .await;
    assert_eq!(json.json()["error"], "invalid_request");
    let scope = world
        .post("/api/auth/v1/device_authorization")
        .form("client_id=portway-cli&scope=catalog.entity.fly")
        .send()
        .await;
    assert_eq!(scope.json()["error"], "invalid_scope");
}

#[tokio::test]
async fn the_guest_s_login_counts_on_this_machine_only() {
    let world = World::new(demo()).await;
    let offer = offer(&world, "all").await;
    let cookie = world.guest_cookie().await;
    let parts = parts(&[("cookie", &cookie)]);
    let caller = world.identity.caller(&parts).await.unwrap();
    let code = word(&offer, "user_code");
    world
        .identity
        .decide_device(&caller, &parts, (&code, true))
        .await
        .unwrap();
    let access = word(&poll(&world, &offer).await.json(), "access_token");
    assert_eq!(world.get(ENTITIES).bearer(&access).status().await, 200);
    let elsewhere = world.get(ENTITIES).bearer(&access).peer("192.0.2.7:1");
    assert_eq!(elsewhere.status().await, 401);
}

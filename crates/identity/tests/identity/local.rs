//! Local accounts: invitations, passwords, recovery codes, and what attackers
//! get.

use std::time::Instant;

use axum::http::request::Parts;
use identity::{ACCOUNT_CHANGED, SIGN_IN_REFUSED, Secret, SignedIn};
use platform::ApiError;
use platform::actor::Caller;
use platform::http::Gate as _;
use serde_json::json;

use crate::world::{HERE, Setup, World, configured, operator, pair, parts};

const ENTITIES: &str = "/api/catalog/entities";
const GOOD: &str = "quietly borrowed lanterns hum";
const OTHER: &str = "seven violet staplers argue";

fn local() -> Setup {
    configured(json!({"auth": {"providers": {"local": {}}}}))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// A request from another address.
fn from(address: &str) -> Parts {
    let mut parts = parts(&[]);
    let address: std::net::SocketAddr = address.parse().unwrap();
    parts.extensions.insert(axum::extract::ConnectInfo(address));
    parts
}

async fn invite(world: &World, name: &str) -> String {
    let made = world
        .run(operator(), "account:create", json!({"name": name}))
        .await
        .unwrap();
    let link = made["link"].as_str().unwrap();
    link.split_once("?code=").unwrap().1.to_owned()
}

async fn account(world: &World, name: &str) -> SignedIn {
    let code = invite(world, name).await;
    world
        .identity
        .accept_invite(&parts(&[]), &code, &secret(GOOD))
        .await
        .unwrap()
}

async fn sign_in(world: &World, at: &Parts, name: &str, password: &str) -> Result<SignedIn, u16> {
    world
        .identity
        .sign_in_with_password(at, name, &secret(password))
        .await
        .map_err(|error: ApiError| error.status.as_u16())
}

async fn counts(world: &World, signed_in: &SignedIn) -> bool {
    let cookie = pair(signed_in.cookie.to_str().unwrap());
    world.get(ENTITIES).header("cookie", &cookie).status().await == 200
}

/// The browser of somebody who is signed in.
async fn browser(world: &World, signed_in: &SignedIn) -> (Caller, Parts) {
    let cookie = pair(signed_in.cookie.to_str().unwrap());
    let parts = parts(&[("cookie", &cookie)]);
    (world.identity.caller(&parts).await.unwrap(), parts)
}

#[tokio::test]
pub(crate) async fn an_invitation_sets_a_password_once() {
    let world = World::new(local()).await;
    let code = invite(&world, "kim").await;
    let here = parts(&[]);
    let invited = world.identity.invited(&code).await.unwrap();
    assert_eq!(invited.user.as_str(), "user:default/kim");
    let weak = world
        .identity
        .accept_invite(&here, &code, &secret("kimkimkimkim"))
        .await
        .unwrap_err();
    assert_eq!(weak.status.as_u16(), 400);
    assert!(weak.message.contains("easy to guess"), "{}", weak.message);
    let signed_in = world
        .identity
        .accept_invite(&here, &code, &secret(GOOD))
        .await
        .unwrap();
    assert!(counts(&world, &signed_in).await);
    let again = world
        .identity
        .accept_invite(&here, &code, &secret(OTHER))
        .await
        .unwrap_err();
    assert_eq!(again.status.as_u16(), 401);
    assert!(sign_in(&world, &here, "Kim ", GOOD).await.is_ok());
    assert_eq!(sign_in(&world, &here, "kim", OTHER).await.unwrap_err(), 401);

    let late = invite(&world, "lee").await;
    world.hours(72);
    assert_eq!(
        world
            .identity
            .invited(&late)
            .await
            .unwrap_err()
            .status
            .as_u16(),
        401
    );
}

#[tokio::test]
pub(crate) async fn an_account_that_is_no_administrator_keeps_out_of_others_sign_in() {
    let world = World::new(local()).await;
    let signed_in = account(&world, "kim").await;
    let (caller, _) = browser(&world, &signed_in).await;
    for (action, input) in [
        ("account:list", json!({})),
        ("account:create", json!({"name": "mole"})),
        ("account:reset", json!({"name": "kim"})),
        ("session:list", json!({"user": "user:default/admin"})),
        ("workload:explain", json!({"token": "x"})),
    ] {
        let refused = world.run(caller.clone(), action, input).await.unwrap_err();
        assert_eq!(refused.status.as_u16(), 403, "{action}");
    }
    let own = world.run(caller, "session:list", json!({})).await.unwrap();
    assert_eq!(own["items"].as_array().unwrap().len(), 1);

    let admin = world
        .run(
            operator(),
            "account:create",
            json!({"name": "root", "admin": true}),
        )
        .await
        .unwrap();
    let code = admin["link"]
        .as_str()
        .unwrap()
        .split_once("?code=")
        .unwrap()
        .1
        .to_owned();
    let signed_in = world
        .identity
        .accept_invite(&parts(&[]), &code, &secret(GOOD))
        .await
        .unwrap();
    let (caller, _) = browser(&world, &signed_in).await;
    assert!(world.run(caller, "account:list", json!({})).await.is_ok());
}

#[tokio::test]
pub(crate) async fn switching_off_and_resetting_end_sessions_at_once() {
    let world = World::new(local()).await;
    let here = parts(&[]);
    let signed_in = account(&world, "kim").await;
    world
        .run(operator(), "account:disable", json!({"name": "kim"}))
        .await
        .unwrap();
    assert!(!counts(&world, &signed_in).await);
    assert_eq!(sign_in(&world, &here, "kim", GOOD).await.unwrap_err(), 401);
    world
        .run(operator(), "account:enable", json!({"name": "kim"}))
        .await
        .unwrap();
    let again = sign_in(&world, &here, "kim", GOOD).await.unwrap();
    assert!(counts(&world, &again).await);

    let reset = world
        .run(operator(), "account:reset", json!({"name": "kim"}))
        .await
        .unwrap();
    assert!(!counts(&world, &again).await);
    assert_eq!(
        sign_in(&world, &here, "kim", GOOD).await.unwrap_err(),
        401,
        "the old password is gone"
    );
    let code = reset["link"]
        .as_str()
        .unwrap()
        .split_once("?code=")
        .unwrap()
        .1;
    assert!(
        world
            .identity
            .accept_invite(&here, code, &secret(OTHER))
            .await
            .is_ok()
    );
    let changes: Vec<_> = world
        .events(ACCOUNT_CHANGED.0)
        .await
        .into_iter()
        .map(|event| event.data["change"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        changes,
        [
            "password-set",
            "disabled",
            "enabled",
            "invited",
            "password-set"
        ]
    );
}

#[tokio::test]
pub(crate) async fn a_new_password_ends_the_other_sessions() {
    let world = World::new(local()).await;
    let first = account(&world, "kim").await;
    let second = sign_in(&world, &from("192.0.2.7:1"), "kim", GOOD)
        .await
        .unwrap();
    let (caller, here) = browser(&world, &second).await;
    let change = |old: &'static str, new: &'static str| {
        let (world, caller, here) = (&world, caller.clone(), &here);
        async move {
            world
                .identity
                .change_password(&caller, here, (&secret(old), &secret(new)))
                .await
                .map_err(|error| error.status.as_u16())
        }
    };
    assert_eq!(change(OTHER, OTHER).await, Err(401));
    assert_eq!(change(GOOD, "password1234").await, Err(400));
    assert_eq!(change(GOOD, OTHER).await, Ok(()));
    assert!(!counts(&world, &first).await);
    assert!(counts(&world, &second).await);
    world.hours(2);
    assert_eq!(
        change(OTHER, GOOD).await,
        Err(403),
        "an old session changes nothing about signing in"
    );
}

#[tokio::test]
pub(crate) async fn a_session_known_before_signing_in_is_worth_nothing() {
    let world = World::new(local()).await;
    account(&world, "kim").await;
    let before = sign_in(&world, &parts(&[]), "kim", GOOD).await.unwrap();
    let cookie = pair(before.cookie.to_str().unwrap());
    let after = sign_in(&world, &parts(&[("cookie", &cookie)]), "kim", GOOD)
        .await
        .unwrap();
    assert!(!counts(&world, &before).await, "fixation");
    assert!(counts(&world, &after).await);
}

#[tokio::test]
pub(crate) async fn failures_slow_down_whoever_makes_them_and_nobody_else() {
    let world = World::new(local()).await;
    account(&world, "kim").await;
    let attacker = from("198.51.100.9:1");
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(sign_in(&world, &attacker, "kim", OTHER).await.unwrap_err());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    assert_eq!(
        sign_in(&world, &attacker, "kim", GOOD).await.unwrap_err(),
        429,
        "not even the right one"
    );
    let owner = from("192.0.2.7:1");
    assert!(sign_in(&world, &owner, "kim", GOOD).await.is_ok());

    // From everywhere at once: the account answers within seconds, always.
    for host in 0..60 {
        let _ = sign_in(&world, &from(&format!("203.0.113.{host}:1")), "kim", OTHER).await;
        world.clock.advance(std::time::Duration::from_secs(11));
    }
    world.clock.advance(std::time::Duration::from_secs(11));
    assert!(sign_in(&world, &owner, "kim", GOOD).await.is_ok());
    let refusals = world.events(SIGN_IN_REFUSED.0).await;
    assert!(!refusals.is_empty());
    assert!(
        !format!("{refusals:?}").contains(OTHER),
        "no password in the log"
    );
}

#[tokio::test]
async fn unknown_names_look_and_last_like_wrong_passwords() {
    let world = World::new(local()).await;
    account(&world, "kim").await;
    invite(&world, "waiting").await;
    let names = ["kim", "nobody", "waiting", "../etc", ""];
    let mut answers = Vec::new();
    // The least of several is the work itself, whatever else the machine does.
    let mut least = [std::time::Duration::MAX; 5];
    for round in 0..4 {
        for (at, name) in names.into_iter().enumerate() {
            let here = from(&format!("192.0.2.{}:1", at * 10 + round));
            let begin = Instant::now();
            let refused = world
                .identity
                .sign_in_with_password(&here, name, &secret(OTHER))
                .await
                .unwrap_err();
            least[at] = least[at].min(begin.elapsed());
            answers.push((refused.status, refused.message, refused.fix));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for (name, time) in names.into_iter().zip(least) {
        assert!(
            time * 5 > least[0],
            "{name:?} is answered without the work of a password: {least:?}"
        );
    }
}

#[tokio::test]
pub(crate) async fn recovery_codes_work_once_each() {
    let world = World::new(local()).await;
    let signed_in = account(&world, "kim").await;
    account(&world, "lee").await;
    let (caller, here) = browser(&world, &signed_in).await;
    let codes = world
        .identity
        .make_recovery_codes(&caller, &here)
        .await
        .unwrap();
    assert_eq!(codes.len(), 10);
    let enter = |name: &'static str, code: String| {
        let world = &world;
        async move {
            world
                .identity
                .sign_in_with_recovery_code(&parts(&[]), name, &code)
                .await
                .map_err(|error| error.status.as_u16())
        }
    };
    let code = codes[0].expose().to_uppercase().replace('-', " ");
    assert_eq!(enter("lee", code.clone()).await.unwrap_err(), 401);
    assert!(enter("kim", code.clone()).await.is_ok());
    assert_eq!(enter("kim", code).await.unwrap_err(), 401, "used");
    assert_eq!(
        world.identity.recovery_codes_left(&caller).await.unwrap(),
        9
    );
}

#[tokio::test]
async fn without_configuration_there_are_no_accounts() {
    let world = World::new(Setup::default()).await;
    let refused = world
        .run(operator(), "account:create", json!({"name": "kim"}))
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 404);
    assert!(refused.fix.unwrap().contains("local"));
    assert!(!world.identity.local_methods().any());
    assert_eq!(
        sign_in(&world, &parts(&[]), "kim", GOOD).await.unwrap_err(),
        404
    );
    assert!(HERE.starts_with("127."));
}

#[tokio::test]
pub(crate) async fn names_that_cannot_be_are_refused() {
    let world = World::new(local()).await;
    for name in [
        "",
        "Kim Lee",
        "-kim",
        "kim/..",
        "k\u{0}m",
        &"a".repeat(64),
        "김",
    ] {
        let refused = world
            .run(operator(), "account:create", json!({"name": name}))
            .await
            .unwrap_err();
        assert_eq!(refused.status.as_u16(), 400, "{name:?}");
    }
    invite(&world, "kim").await;
    let twice = world
        .run(operator(), "account:create", json!({"name": "KIM"}))
        .await
        .unwrap_err();
    assert_eq!(twice.status.as_u16(), 409);
}

#[tokio::test]
pub(crate) async fn a_signed_in_account_gets_a_backstage_identity() {
    let world = World::new(local()).await;
    let signed_in = account(&world, "kim").await;
    let cookie = pair(signed_in.cookie.to_str().unwrap());
    let answer = world
        .get("/api/auth/local/refresh")
        .header("cookie", &cookie)
        .send()
        .await
        .json();
    let identity = &answer["backstageIdentity"];
    assert_eq!(identity["identity"]["userEntityRef"], "user:default/kim");
    let token = identity["token"].as_str().unwrap();
    let who = world.get(ENTITIES).bearer(token).send().await;
    assert_eq!(who.text(), "user:default/kim [user:default/kim]");
    world
        .run(operator(), "account:disable", json!({"name": "kim"}))
        .await
        .unwrap();
    assert_eq!(world.get(ENTITIES).bearer(token).status().await, 401);
    assert_eq!(world.get("/api/auth/local/refresh").status().await, 401);
}

#[tokio::test]
pub(crate) async fn a_hash_with_old_parameters_is_replaced_at_the_next_sign_in() {
    use argon2::password_hash::PasswordHasher as _;
    use argon2::password_hash::phc::PasswordHash;
    let world = World::new(local()).await;
    account(&world, "kim").await;
    let parameters = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let weaker = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        parameters,
    );
    let old: PasswordHash = weaker
        .hash_password_with_salt(GOOD.as_bytes(), &[3; 16])
        .unwrap();
    let mut tx = world.db.begin().await.unwrap();
    tx.execute(
        "UPDATE identity_accounts SET password = $1",
        platform::args![old.to_string()],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        sign_in(&world, &parts(&[]), "kim", OTHER)
            .await
            .unwrap_err(),
        401
    );
    assert!(sign_in(&world, &parts(&[]), "kim", GOOD).await.is_ok());
    let rows = world
        .db
        .read("SELECT password FROM identity_accounts", platform::args![])
        .await
        .unwrap();
    let stored = rows[0].text(0).unwrap();
    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{stored}"
    );
    assert!(sign_in(&world, &parts(&[]), "kim", GOOD).await.is_ok());
}

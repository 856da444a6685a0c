//! Static and generated tokens.

use std::fs;

use identity::{TOKEN_CREATED, TOKEN_REVOKED};
use platform::actor::{Actor, ActorKind, Caller, Grants};
use serde_json::{Value, json};

use crate::world::{Setup, World, configured, operator};

const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";

fn external(restrictions: Value) -> Setup {
    configured(json!({"backend": {"auth": {"externalAccess": [
        {"type": "static", "options": {"token": "another-token", "subject": "other"}},
        {"type": "static", "options": {"token": "static-token", "subject": "ci"}, "accessRestrictions": restrictions},
    ]}}}))
}

#[tokio::test]
pub(crate) async fn a_static_token_speaks_for_its_subject() {
    let world = World::new(external(Value::Null)).await;
    assert_eq!(
        world
            .get(ENTITIES)
            .bearer("static-token")
            .send()
            .await
            .text(),
        "external:ci []"
    );
    assert_eq!(
        world.post(REGISTER).bearer("static-token").status().await,
        200
    );
    for wrong in [
        "static-toke",
        "static-token2",
        "Static-token",
        "",
        "another-token static-token",
    ] {
        let answer = world.get(ENTITIES).bearer(wrong).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (401, "Illegal token"),
            "{wrong}"
        );
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
pub(crate) async fn access_restrictions_hold() {
    for (restrictions, reading, registering) in [
        (json!([{"plugin": "catalog"}]), 200, 200),
        (
            json!([{"plugin": "catalog", "permission": "catalog.entity.read"}]),
            200,
            403,
        ),
        (
            json!([{"plugin": "catalog", "permission": ["catalog.location.create"]}]),
            403,
            200,
        ),
        (
            json!([{"plugin": "catalog", "permissionAttribute": {"action": "read"}}]),
            200,
            403,
        ),
        (json!([{"plugin": "scaffolder"}]), 403, 403),
        (json!([]), 403, 403),
        // What is not understood opens nothing at all.
        (json!([{"plugin": 7}]), 401, 401),
    ] {
        let world = World::new(external(restrictions.clone())).await;
        assert_eq!(
            world.get(ENTITIES).bearer("static-token").status().await,
            reading,
            "{restrictions}"
        );
        assert_eq!(
            world.post(REGISTER).bearer("static-token").status().await,
            registering,
            "{restrictions}"
        );
    }
}

#[tokio::test]
pub(crate) async fn a_refusal_names_the_permission() {
    let world = World::new(external(json!([{"plugin": "scaffolder"}]))).await;
    let answer = world.get(ENTITIES).bearer("static-token").send().await;
    assert_eq!(answer.json()["error"]["name"], "NotAllowedError");
    assert!(answer.message().contains("external:ci"));
    assert!(answer.message().contains("catalog.entity.read"));
}

#[tokio::test]
pub(crate) async fn a_generated_token_works_within_its_scope() {
    let world = World::new(Setup::default()).await;
    for (name, scope, reading, registering) in [
        ("all", json!("all"), 200, 200),
        ("read", json!("read"), 200, 403),
        ("one", json!(["catalog.location.create"]), 403, 200),
    ] {
        let token = world.token(json!({"name": name, "scope": scope})).await;
        assert!(token.starts_with("pw_"));
        assert_eq!(token.len(), 46);
        assert_eq!(
            world.get(ENTITIES).bearer(&token).status().await,
            reading,
            "{name}"
        );
        assert_eq!(
            world.post(REGISTER).bearer(&token).status().await,
            registering,
            "{name}"
        );
    }
    let unsaid = world.token(json!({"name": "unsaid"})).await;
    assert_eq!(
        world.post(REGISTER).bearer(&unsaid).status().await,
        403,
        "reading is the default"
    );
}

#[tokio::test]
pub(crate) async fn an_expired_token_is_refused_and_says_so() {
    let world = World::new(Setup::default()).await;
    let token = world
        .token(json!({"name": "short", "expiresAt": "2026-11-21T10:00:00Z"}))
        .await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    world.hours(1);
    let answer = world.get(ENTITIES).bearer(&token).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (401, "Illegal token")
    );
    assert!(
        answer.json()["error"]["fix"]
            .as_str()
            .unwrap()
            .contains("ran out at 2026-11-21T10:00:00Z")
    );
    // Its name is free again.
    world.token(json!({"name": "short"})).await;
}

#[tokio::test]
pub(crate) async fn a_revoked_token_is_refused_at_once() {
    let world = World::new(Setup::default()).await;
    let token = world.token(json!({"name": "ci"})).await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    let answer = world
        .run(operator(), "token:revoke", json!({"token": "ci"}))
        .await
        .unwrap();
    assert_eq!(answer["token"]["status"], "revoked");
    let answer = world.get(ENTITIES).bearer(&token).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (401, "Illegal token")
    );
    assert!(
        answer.json()["error"]["fix"]
            .as_str()
            .unwrap()
            .contains("revoked")
    );
    let gone = world
        .run(operator(), "token:revoke", json!({"token": "ci"}))
        .await
        .unwrap_err();
    assert_eq!(gone.status.as_u16(), 404);
    let odd = world
        .run(operator(), "token:revoke", json!({"token": "a\0b"}))
        .await
        .unwrap_err();
    assert_eq!(odd.status.as_u16(), 404);
}

#[tokio::test]
pub(crate) async fn near_misses_of_a_token_are_refused() {
    let world = World::new(Setup::default()).await;
    let token = world.token(json!({"name": "ci"})).await;
    let mut flipped = token.clone();
    let last = if flipped.pop() == Some('A') { 'B' } else { 'A' };
    flipped.push(last);
    for wrong in [
        flipped,
        format!("{token}A"),
        token[..45].to_owned(),
        token.to_uppercase(),
        "pw_".to_owned(),
    ] {
        assert_eq!(world.get(ENTITIES).bearer(&wrong).status().await, 401);
    }
}

#[tokio::test]
pub(crate) async fn the_secret_is_nowhere_at_rest() {
    let world = World::new(Setup::default()).await;
    let token = world.token(json!({"name": "ci"})).await;
    let local = world.identity.issue_local_token("a").await.unwrap();
    let link = world.identity.issue_sign_in_link().await.unwrap();
    let cookie = world.operator_cookie().await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    let session = cookie.split_once('=').unwrap().1;
    let code = link.expose().split_once('=').unwrap().1;
    let secrets = [&token[3..], &local.expose()[3..], session, code];
    let mut read = 0;
    for entry in fs::read_dir(world.folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        read += bytes.len();
        for secret in secrets {
            assert!(
                !bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes())
            );
        }
    }
    assert!(read > 4096, "the database has been looked at");
    assert_eq!(format!("{local:?}"), "[secret]");
}

#[tokio::test]
pub(crate) async fn listing_shows_everything_but_the_secret() {
    let world = World::new(Setup::default()).await;
    let token = world
        .token(json!({"name": "ci", "expiresAt": "2027-01-01T00:00:00Z"}))
        .await;
    world.minutes(5);
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    let listed = world
        .run(operator(), "token:list", json!({}))
        .await
        .unwrap();
    let item = &listed["items"][0];
    assert_eq!(item["name"], "ci");
    assert_eq!(item["status"], "active");
    assert_eq!(item["createdBy"], "user:default/admin");
    assert_eq!(item["createdAt"], "2026-11-21T09:00:00Z");
    assert_eq!(item["lastUsedAt"], "2026-11-21T09:05:00Z");
    assert_eq!(item["expiresAt"], "2027-01-01T00:00:00Z");
    assert!(!listed.to_string().contains(&token[3..]));
}

#[tokio::test]
pub(crate) async fn inputs_that_make_no_sense_are_refused_with_what_would() {
    let world = World::new(Setup::default()).await;
    world.token(json!({"name": "taken"})).await;
    for (input, status) in [
        (json!({}), 400),
        (json!({"name": ""}), 400),
        (json!({"name": " ci"}), 400),
        (json!({"name": "a\u{7}b"}), 400),
        (json!({"name": "x".repeat(101)}), 400),
        (json!({"name": "local-access:me"}), 400),
        (json!({"name": "a", "scope": "write"}), 400),
        (json!({"name": "a", "scope": ["catalog.entity.fly"]}), 400),
        (json!({"name": "a", "scope": []}), 400),
        (json!({"name": "a", "expiresAt": "tomorrow"}), 400),
        (
            json!({"name": "a", "expiresAt": "2020-01-01T00:00:00Z"}),
            400,
        ),
        (json!({"name": "a", "colour": "red"}), 400),
        (json!({"name": "taken"}), 409),
    ] {
        let refused = world
            .run(operator(), "token:create", input.clone())
            .await
            .unwrap_err();
        assert_eq!(refused.status.as_u16(), status, "{input}");
        assert!(
            refused.accepted.is_some() || refused.fix.is_some(),
            "{input}"
        );
    }
}

fn somebody(grants: Grants) -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/lee"),
        ownership: Vec::new(),
        grants,
    }
}

#[tokio::test]
pub(crate) async fn nobody_makes_a_token_stronger_than_themselves() {
    let world = World::new(Setup::default()).await;
    let names = [
        "identity.token.create",
        "identity.token.read",
        "identity.token.revoke",
        "catalog.entity.read",
    ];
    let lee = || {
        somebody(Grants::Named(
            names.iter().map(|name| (*name).to_owned()).collect(),
        ))
    };
    for scope in [
        json!("all"),
        json!("read"),
        json!(["catalog.location.create"]),
    ] {
        let input = json!({"name": "x", "scope": scope});
        assert_eq!(
            world
                .run(lee(), "token:create", input.clone())
                .await
                .unwrap_err()
                .status
                .as_u16(),
            403
        );
        assert_eq!(
            world
                .action("token:create")
                .plan(lee(), input)
                .await
                .unwrap_err()
                .status
                .as_u16(),
            403
        );
    }
    let input = json!({"name": "x", "scope": ["catalog.entity.read"]});
    world.run(lee(), "token:create", input).await.unwrap();
    // Others' tokens are not theirs to see or to end.
    world.token(json!({"name": "secretive"})).await;
    let listed = world.run(lee(), "token:list", json!({})).await.unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let refused = world
        .run(lee(), "token:revoke", json!({"token": "secretive"}))
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 404);
    let refused = world
        .run(somebody(Grants::Read), "token:create", json!({"name": "y"}))
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 403);
    let refused = world
        .run(Caller::anonymous(), "token:list", json!({}))
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 401);
}

#[tokio::test]
pub(crate) async fn planning_changes_nothing() {
    let world = World::new(Setup::default()).await;
    let plan = world
        .action("token:create")
        .plan(operator(), json!({"name": "ci"}))
        .await
        .unwrap();
    assert_eq!(plan.changes[0].effect, "create");
    assert_eq!(plan.changes[0].subject, "ci");
    let listed = world
        .run(operator(), "token:list", json!({}))
        .await
        .unwrap();
    assert_eq!(listed["items"], json!([]));
    assert_eq!(world.events("dev.portway.identity").await, []);
}

#[tokio::test]
pub(crate) async fn making_and_ending_tokens_is_in_the_log_with_its_actor() {
    let world = World::new(Setup::default()).await;
    let token = world.token(json!({"name": "ci"})).await;
    world
        .run(operator(), "token:revoke", json!({"token": "ci"}))
        .await
        .unwrap();
    let events = world.events("dev.portway.identity.token").await;
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, [TOKEN_CREATED.0, TOKEN_REVOKED.0]);
    for event in &events {
        assert_eq!(event.actor.name, "user:default/admin");
        assert!(event.subject.starts_with("token:"));
        assert_eq!(event.data["name"], "ci");
        assert!(!event.data.to_string().contains(&token[3..]));
    }
}

#[tokio::test]
pub(crate) async fn the_local_token_is_replaced_at_each_start() {
    let world = World::new(Setup::default()).await;
    let first = world.identity.issue_local_token("a").await.unwrap();
    assert_eq!(
        world.post(REGISTER).bearer(first.expose()).status().await,
        200
    );
    let other = world.identity.issue_local_token("b").await.unwrap();
    // Only where replicas share the database there is more than one at a time.
    let expected = if world.db.is_shared() { 200 } else { 401 };
    assert_eq!(
        world.get(ENTITIES).bearer(first.expose()).status().await,
        expected
    );
    let second = world.identity.issue_local_token("a").await.unwrap();
    assert_eq!(
        world.get(ENTITIES).bearer(first.expose()).status().await,
        401
    );
    assert_eq!(
        world.get(ENTITIES).bearer(second.expose()).status().await,
        200
    );
    assert_eq!(
        world.get(ENTITIES).bearer(other.expose()).status().await,
        expected
    );
}

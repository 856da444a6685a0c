//! What people keep for themselves.

use axum::http::Method;
use identity::USER_SETTING_CHANGED;
use model::entity_ref::EntityRef;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use serde_json::{Value, json};

use crate::world::{Setup, World, configured};

const STARS: &str = "/api/user-settings/buckets/starred-entities";
const ONE: &str = "/api/user-settings/buckets/starred-entities/keys/component:default%2Fpay";

fn two_people() -> Setup {
    let person = |token: &str, subject: &str| json!({"type": "static", "options": {"token": token, "subject": subject}});
    configured(json!({"backend": {"auth": {"externalAccess": [
        person("token-of-kim", "kim"), person("token-of-lee", "lee"),
    ]}}}))
}

#[tokio::test]
pub(crate) async fn a_setting_is_its_owners_alone() {
    let world = World::new(two_people()).await;
    let put = |token: &'static str, value: Value| {
        world
            .ask(Method::PUT, ONE)
            .bearer(token)
            .json(&json!({ "value": value }))
            .send()
    };
    for value in [json!({"since": 1}), json!(["다시", null])] {
        let kept = put("token-of-kim", value.clone()).await;
        let expected = json!({
            "bucket": "starred-entities", "key": "component:default/pay", "value": value,
        });
        assert_eq!((kept.status.as_u16(), kept.json()), (200, expected.clone()));
        let read = world.get(ONE).bearer("token-of-kim").send().await;
        assert_eq!(read.json(), expected);
    }
    let all = world.get(STARS).bearer("token-of-kim").send().await;
    assert_eq!(all.json()["items"][0]["value"], json!(["다시", null]));

    assert_eq!(world.get(ONE).bearer("token-of-lee").status().await, 404);
    let theirs = world.get(STARS).bearer("token-of-lee").send().await;
    assert_eq!(theirs.json(), json!({ "items": [] }));
    put("token-of-lee", json!(true)).await;

    let delete = || world.ask(Method::DELETE, ONE).bearer("token-of-kim").send();
    assert_eq!(delete().await.status, 204);
    assert_eq!(delete().await.status, 204);
    assert_eq!(world.get(ONE).bearer("token-of-kim").status().await, 404);
    assert_eq!(world.get(ONE).bearer("token-of-lee").status().await, 200);

    let events = world.events(USER_SETTING_CHANGED.0).await;
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.subject.as_str(), event.data["change"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("external:kim", Some("set")),
            ("external:kim", Some("set")),
            ("external:lee", Some("set")),
            ("external:kim", Some("removed")),
        ]
    );
    assert!(events.iter().all(|event| event.data.get("value").is_none()));
}

#[tokio::test]
pub(crate) async fn what_cannot_be_kept_is_refused_with_a_reason() {
    let world = World::new(two_people()).await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let nobody = world
            .ask(method, ONE)
            .json(&json!({"value": 1}))
            .send()
            .await;
        assert_eq!(nobody.status, 401, "{}", nobody.text());
    }
    let long = format!("{STARS}/keys/{}", "k".repeat(256));
    let control = format!("{STARS}/keys/a%00b");
    let big = json!({ "value": "가".repeat(30_000) });
    for (path, body, words) in [
        (ONE, json!({}), "The body has no field value"),
        (ONE, big, "The value is 90002 bytes long as JSON"),
        (&long, json!({"value": 1}), "cannot be used"),
        (&control, json!({"value": 1}), "cannot be used"),
    ] {
        let put = world.ask(Method::PUT, path).bearer("token-of-kim");
        let answer = put.json(&body).send().await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.message().contains(words), "{}", answer.text());
        assert!(
            answer.json()["error"]["accepted"].is_string() || answer.json()["accepted"].is_string()
        );
    }
    let items = world.get(STARS).bearer("token-of-kim").send().await.json();
    assert_eq!(items, json!({ "items": [] }));
}

#[tokio::test]
pub(crate) async fn a_bucket_has_an_end() {
    let world = World::new(two_people()).await;
    let put = |key: u32| {
        world
            .ask(Method::PUT, &format!("{STARS}/keys/{key}"))
            .bearer("token-of-kim")
            .json(&json!({ "value": key }))
            .status()
    };
    for key in 0..1_000 {
        assert_eq!(put(key).await, 200);
    }
    assert_eq!(put(1_000).await, 409);
    assert_eq!(put(999).await, 200);
}

#[tokio::test]
pub(crate) async fn what_a_group_keeps_is_for_those_who_belong_to_it() {
    let world = World::new(two_people()).await;
    let group = EntityRef::parse("group:default/team-a", None, None).expect("a ref");
    let caller = |name: &str, groups: &[&EntityRef]| Caller {
        ownership: groups.iter().copied().cloned().collect(),
        actor: Actor::new(ActorKind::User, format!("user:default/{name}")),
        grants: Grants::All,
    };
    let (kim, lee, park) = (
        caller("kim", &[&group]),
        caller("lee", &[&group]),
        caller("park", &[]),
    );
    let (identity, place) = (&world.identity, ("views", "ours"));
    let kept = async |who: &Caller| identity.group_settings(who, &group, "views").await;
    identity
        .set_group_setting(&kim, &group, place, &json!(1))
        .await
        .expect("kept");
    assert_eq!(
        kept(&lee).await.expect("read"),
        [("ours".to_owned(), json!(1))]
    );
    // Nothing of it is anybody's own.
    assert!(
        identity
            .user_settings(&kim, "views")
            .await
            .expect("read")
            .is_empty()
    );
    for stranger in [&park, &Caller::anonymous()] {
        let status = if stranger.is_anonymous() { 401 } else { 403 };
        let refused = kept(stranger).await.expect_err("not theirs");
        assert_eq!(refused.status.as_u16(), status);
        let refused = identity
            .set_group_setting(stranger, &group, place, &json!(2))
            .await;
        assert_eq!(refused.expect_err("not theirs").status.as_u16(), status);
        let refused = identity.remove_group_setting(stranger, &group, place).await;
        assert_eq!(refused.expect_err("not theirs").status.as_u16(), status);
    }
    identity
        .remove_group_setting(&lee, &group, place)
        .await
        .expect("removed");
    assert!(kept(&kim).await.expect("read").is_empty());
    let events = world.events(USER_SETTING_CHANGED.0).await;
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.subject.as_str(), event.actor.name.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("group:default/team-a", "user:default/kim"),
            ("group:default/team-a", "user:default/lee")
        ]
    );
}

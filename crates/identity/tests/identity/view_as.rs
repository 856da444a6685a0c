//! Seeing Portway as somebody else does, through the gate.

use access::{BindingSpec, ScopeSpec, Source};
use identity::{VIEW_ENDED, VIEW_STARTED};
use model::entity_ref::EntityRef;
use platform::http::Gate as _;
use serde_json::json;

use crate::world::{Setup, World, configured, operator, pair, parts};

const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";

fn kim() -> EntityRef {
    EntityRef::new("user", "default", "kim")
}

/// Kim may look, the team of Kim is known, and nobody else may do anything.
async fn governed() -> World {
    let world = World::new(Setup::default()).await;
    world
        .govern(|policy| {
            let spec = BindingSpec {
                role: "read-only".to_owned(),
                subjects: vec![kim().as_str().to_owned()],
                scope: ScopeSpec::default(),
                ..BindingSpec::default()
            };
            policy
                .add_binding(&spec, Source::BuiltIn, "bindings")
                .unwrap();
        })
        .await;
    world.identity.set_ownership(|user| match *user == kim() {
        true => vec![EntityRef::new("group", "default", "payments")],
        false => Vec::new(),
    });
    world
}

/// The operator's browser, looking through somebody's eyes.
async fn looking(world: &World, subject: &EntityRef) -> (String, String) {
    let session = world.operator_cookie().await;
    let caller = world
        .identity
        .caller(&parts(&[("cookie", &session)]))
        .await
        .unwrap();
    let view = world
        .identity
        .start_view_as(&caller, subject)
        .await
        .unwrap();
    (session, pair(view.to_str().unwrap()))
}

#[tokio::test]
pub(crate) async fn somebody_sees_what_another_sees_and_changes_nothing() {
    let world = governed().await;
    let (session, view) = looking(&world, &kim()).await;
    let both = format!("{session}; {view}");
    let plain = world.get(ENTITIES).header("cookie", &session).send().await;
    assert_eq!(plain.text(), "user:default/admin [user:default/admin]");
    let seen = world.get(ENTITIES).header("cookie", &both).send().await;
    assert_eq!(
        seen.text(),
        "user:default/admin [user:default/kim group:default/payments]",
        "the actor stays who it is"
    );
    let change = world
        .post(REGISTER)
        .header("cookie", &both)
        .header("sec-fetch-site", "same-origin")
        .send()
        .await;
    assert_eq!(change.status.as_u16(), 403);
    assert!(
        change.message().contains("user:default/kim"),
        "{}",
        change.message()
    );
    // Somebody who may see nothing: neither does whoever looks.
    let (session, view) = looking(&world, &EntityRef::new("user", "default", "nobody")).await;
    let both = format!("{session}; {view}");
    assert_eq!(
        world.get(ENTITIES).header("cookie", &both).status().await,
        403
    );
    let started = world.events(VIEW_STARTED.0).await;
    assert_eq!(started.len(), 2);
    assert_eq!(started[0].actor.name, "user:default/admin");
    assert_eq!(started[0].data["subject"], "user:default/kim");
}

#[tokio::test]
pub(crate) async fn a_view_is_for_its_browser_its_maker_and_half_an_hour() {
    let world = governed().await;
    let (session, view) = looking(&world, &kim()).await;
    // Not for whoever has only the view's cookie.
    assert_eq!(
        world.get(ENTITIES).header("cookie", &view).status().await,
        401
    );
    // Nor for a program that sends it along.
    let token = world.token(json!({"name": "ci", "scope": "read"})).await;
    let program = world.get(ENTITIES).bearer(&token).header("cookie", &view);
    assert!(!program.send().await.text().contains("payments"));
    // A name that somebody wrote into the cookie decides nothing.
    let (secret, _) = view.split_once('~').unwrap();
    let forged = format!("{session}; {secret}~user:default/lee");
    let seen = world.get(ENTITIES).header("cookie", &forged).send().await;
    assert!(
        seen.text().contains("group:default/payments"),
        "{}",
        seen.text()
    );

    let both = format!("{session}; {view}");
    world.minutes(30);
    let after = world.get(ENTITIES).header("cookie", &both).send().await;
    assert_eq!(after.text(), "user:default/admin [user:default/admin]");

    let (session, view) = looking(&world, &kim()).await;
    let both = format!("{session}; {view}");
    let elsewhere = parts(&[("cookie", &both), ("sec-fetch-site", "cross-site")]);
    assert!(world.identity.end_view_as(&elsewhere).await.is_err());
    world
        .identity
        .end_view_as(&parts(&[("cookie", &both)]))
        .await
        .unwrap();
    let after = world.get(ENTITIES).header("cookie", &both).send().await;
    assert_eq!(after.text(), "user:default/admin [user:default/admin]");
    assert_eq!(world.events(VIEW_ENDED.0).await.len(), 1);
}

#[tokio::test]
pub(crate) async fn who_may_not_look_through_other_eyes_is_refused() {
    let world = governed().await;
    let (_, grants) = world.identity.rights_of(&kim());
    let caller = platform::actor::Caller {
        grants,
        ..operator()
    };
    let refused = world.identity.start_view_as(&caller, &kim()).await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 403);
    let group = EntityRef::new("group", "default", "payments");
    let refused = world.identity.start_view_as(&operator(), &group).await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 400);
    // A view is worth nothing once its maker may no longer have it.
    let world = World::new(configured(json!({}))).await;
    assert!(
        world
            .identity
            .start_view_as(&operator(), &kim())
            .await
            .is_err()
    );
}

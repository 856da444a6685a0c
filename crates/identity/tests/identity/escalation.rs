//! Ways to more than somebody has: names, races, guesses in parallel.

use access::{BindingSpec, ScopeSpec, Source};
use identity::{ACCOUNT_MANAGE, Secret, TOKEN_REVOKED};
use model::entity_ref::EntityRef;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::http::Gate as _;
use serde_json::json;

use crate::world::{Setup, World, configured, operator, pair, parts};

const ENTITIES: &str = "/api/catalog/entities";
const GOOD: &str = "quietly borrowed lanterns hum";

fn local() -> Setup {
    configured(json!({"auth": {"providers": {"local": {}}}}))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// Makes an account and sets its password; answers its cookie.
async fn account(world: &World, input: serde_json::Value) -> String {
    let made = world
        .run(operator(), "account:create", input)
        .await
        .unwrap();
    let link = made["link"].as_str().unwrap();
    let code = link.split_once("?code=").unwrap().1;
    let signed_in = world
        .identity
        .accept_invite(&parts(&[]), code, &secret(GOOD))
        .await
        .unwrap();
    pair(signed_in.cookie.to_str().unwrap())
}

async fn caller(world: &World, cookie: &str) -> Caller {
    let parts = parts(&[("cookie", cookie)]);
    world.identity.caller(&parts).await.unwrap()
}

async fn new_token(world: &World, caller: Caller, name: &str) -> String {
    let made = world
        .run(
            caller,
            "token:create",
            json!({"name": name, "scope": "read"}),
        )
        .await
        .unwrap();
    made["secret"].as_str().unwrap().to_owned()
}

/// Gives a permission to one person, on nothing else.
fn give(policy: &mut access::Policy, role: &str, user: &str) {
    let spec = BindingSpec {
        role: role.to_owned(),
        subjects: vec![user.to_owned()],
        scope: ScopeSpec::default(),
        ..BindingSpec::default()
    };
    policy
        .add_binding(&spec, Source::BuiltIn, "bindings")
        .unwrap();
}

#[tokio::test]
pub(crate) async fn a_name_alone_runs_nothing() {
    let world = World::new(local()).await;
    world.govern(|_| {}).await;
    let refused = world
        .run(operator(), "account:create", json!({"name": "admin"}))
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 400, "{}", refused.message);
    let refused = world
        .run(
            operator(),
            "account:create",
            json!({"name": "guest", "admin": true}),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 400, "{}", refused.message);

    // Whoever runs Portway, by its link, makes one that no policy binds.
    let cookie = world.operator_cookie().await;
    let token = new_token(&world, caller(&world, &cookie).await, "ops").await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
}

#[tokio::test]
pub(crate) async fn the_token_of_somebody_called_admin_is_bound_like_others() {
    let world = World::new(local()).await;
    world
        .govern(|policy| give(policy, "developer", "user:default/admin"))
        .await;
    // As another replica's policy decided it a moment ago.
    let held = access::Access::open(
        &world.db,
        access::Settings {
            enabled: true,
            policy: {
                let mut policy = access::Policy::built_in();
                give(&mut policy, "developer", "user:default/admin");
                policy
            },
        },
    )
    .await
    .unwrap();
    let named = EntityRef::new("user", "default", "admin");
    let maker = Caller {
        actor: Actor::new(ActorKind::User, named.as_str()),
        ownership: vec![named.clone()],
        grants: Grants::Decided(held.rights(&[named])),
    };
    let token = new_token(&world, maker, "named").await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    // The role is taken away: a name is no reason to keep what it gave.
    let world = world.again(local()).await;
    world.govern(|_| {}).await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 403);
}

#[tokio::test]
pub(crate) async fn who_manages_accounts_does_not_make_administrators() {
    let world = World::new(local()).await;
    account(&world, json!({"name": "root", "admin": true})).await;
    account(&world, json!({"name": "kim"})).await;
    let manager = Caller {
        actor: Actor::new(ActorKind::User, "user:default/lee"),
        ownership: Vec::new(),
        grants: Grants::Named([ACCOUNT_MANAGE.name.to_owned()].into()),
    };
    for (action, input) in [
        ("account:create", json!({"name": "mole", "admin": true})),
        ("account:reset", json!({"name": "root"})),
        ("account:disable", json!({"name": "root"})),
    ] {
        let refused = world.run(manager.clone(), action, input).await.unwrap_err();
        assert_eq!(refused.status.as_u16(), 403, "{action}");
        assert!(refused.message.contains("administrator"), "{action}");
    }
    for (action, input) in [
        ("account:create", json!({"name": "park"})),
        ("account:reset", json!({"name": "kim"})),
    ] {
        world.run(manager.clone(), action, input).await.unwrap();
    }
}

#[tokio::test]
pub(crate) async fn switching_an_account_off_ends_the_tokens_of_its_owner() {
    let world = World::new(local()).await;
    let cookie = account(&world, json!({"name": "kim"})).await;
    let token = new_token(&world, caller(&world, &cookie).await, "kim-s").await;
    let other = new_token(&world, operator(), "other").await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    world
        .run(operator(), "account:disable", json!({"name": "kim"}))
        .await
        .unwrap();
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 401);
    assert_eq!(world.get(ENTITIES).bearer(&other).status().await, 200);
    let ended = world.events(TOKEN_REVOKED.0).await;
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].data["reason"], "the account was switched off");
}

#[tokio::test]
pub(crate) async fn a_sign_in_that_meets_a_switch_off_lasts_not() {
    let world = World::new(local()).await;
    account(&world, json!({"name": "kim"})).await;
    for _ in 0..3 {
        let here = parts(&[]);
        let password = secret(GOOD);
        let (entered, switched) = tokio::join!(
            world
                .identity
                .sign_in_with_password(&here, "kim", &password),
            world.run(operator(), "account:disable", json!({"name": "kim"})),
        );
        switched.unwrap();
        if let Ok(entered) = entered {
            let cookie = pair(entered.cookie.to_str().unwrap());
            let status = world.get(ENTITIES).header("cookie", &cookie).status();
            assert_eq!(status.await, 401);
        }
        world
            .run(operator(), "account:enable", json!({"name": "kim"}))
            .await
            .unwrap();
    }
}

#[tokio::test]
pub(crate) async fn guesses_that_come_at_once_are_held_back_like_others() {
    let world = World::new(local()).await;
    account(&world, json!({"name": "kim"})).await;
    let mut guesses = tokio::task::JoinSet::new();
    for at in 0..30 {
        let identity = std::sync::Arc::clone(&world.identity);
        guesses.spawn(async move {
            let guess = secret(&format!("wrong guess number {at}"));
            let outcome = identity
                .sign_in_with_password(&parts(&[]), "kim", &guess)
                .await;
            outcome.unwrap_err().status.as_u16()
        });
    }
    let mut looked_at = 0;
    while let Some(status) = guesses.join_next().await {
        match status.unwrap() {
            401 => looked_at += 1,
            other => assert_eq!(other, 429),
        }
    }
    // Four are free, the next one costs a second, and three more may have been
    // on their way.
    assert!((5..=8).contains(&looked_at), "{looked_at}");
}

#[tokio::test]
pub(crate) async fn devices_of_one_network_are_counted_together() {
    let world = World::new(local()).await;
    let ask = |peer: &'static str| {
        let asked = world
            .post("/api/auth/v1/device_authorization")
            .peer(peer)
            .form("client_id=portway-cli");
        asked.status()
    };
    for at in 0..20 {
        let peer: &'static str = Box::leak(format!("[2001:db8:1:2::{at:x}]:7").into_boxed_str());
        assert_eq!(ask(peer).await, 200, "{peer}");
    }
    assert_eq!(ask("[2001:db8:1:2:ffff::1]:7").await, 429);
    assert_eq!(ask("[2001:db8:1:3::1]:7").await, 200);
}

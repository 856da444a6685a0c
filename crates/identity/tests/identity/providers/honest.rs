//! What works.

use identity::{Reason, SIGN_IN_MIGRATIONS, Started};
use model::entity_ref::EntityRef;
use serde_json::json;

use super::*;

#[tokio::test]
pub(crate) async fn an_openid_account_becomes_a_session() {
    assert_eq!(SIGN_IN_MIGRATIONS.name, "sign-in");
    let desk = Desk::oidc(json!({})).await;
    let entered = desk.sign_in("oidc").await.unwrap();
    assert_eq!(entered.signed_in.user, minji());
    assert_eq!(entered.return_to, "/catalog?x=1");
    assert!(entered.popup.is_none());

    // The session is one like any other.
    let cookies = desk.cookies.lock().clone();
    assert_eq!(
        cookies.len(),
        1,
        "the attempt's cookie is gone: {cookies:?}"
    );
    let cookie = format!("portway_session={}", cookies["portway_session"]);
    let who = desk
        .world
        .get("/api/catalog/entities")
        .header("cookie", &cookie)
        .send()
        .await;
    assert!(
        who.text().starts_with("user:default/minji.kim ["),
        "{}",
        who.text()
    );

    // What happened is in the log, without a secret.
    let events = desk.world.events("dev.portway.identity.sign-in").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, "dev.portway.identity.sign-in.succeeded");
    assert_eq!(events[0].actor.name, "user:default/minji.kim");
    assert_eq!(events[0].data["provider"], "oidc");
    assert_eq!(events[0].data["rule"], RESOLVERS);
    let all = format!("{:?}", desk.world.events("").await);
    for secret in [
        "keep&this",
        "at-1",
        "code-0",
        cookies["portway_session"].as_str(),
    ] {
        assert!(!all.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn the_provider_is_asked_as_the_standards_say() {
    let desk = Desk::oidc(json!({"prompt": "select_account", "additionalScopes": "groups"})).await;
    let to = desk.start("oidc", "env=development&returnTo=/").await;
    let (_, asked) = desk.provider.agree(&to);
    assert!(
        to.starts_with(&format!("{}/authorize?", desk.provider.url)),
        "{to}"
    );
    for (key, value) in [
        ("response_type", "code"),
        ("client_id", "us"),
        (
            "redirect_uri",
            "http://127.0.0.1:7007/api/auth/oidc/handler/frame",
        ),
        ("scope", "openid profile email groups"),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
    ] {
        assert_eq!(asked[key], value);
    }
    assert_eq!(asked["code_challenge"].len(), 43);
    assert_eq!(asked["nonce"].len(), 43);
    desk.sign_in("oidc").await.unwrap();
    let sent = desk.provider.token_requests.lock().pop().unwrap();
    // RFC 6749, 2.3.1: `us:keep&this`, each part form-encoded.
    assert_eq!(sent["authorization"], "Basic dXM6a2VlcCUyNnRoaXM=");
    assert_eq!(sent["grant_type"], "authorization_code");
    assert!(!sent.contains_key("client_secret"));
}

#[tokio::test]
async fn a_secret_may_be_sent_in_the_body_or_not_at_all() {
    let desk = Desk::oidc(json!({"tokenEndpointAuthMethod": "client_secret_post"})).await;
    desk.sign_in("oidc").await.unwrap();
    let sent = desk.provider.token_requests.lock().pop().unwrap();
    assert_eq!(
        (sent["client_id"].as_str(), sent["client_secret"].as_str()),
        ("us", "keep&this")
    );
    let desk = Desk::oidc(json!({"tokenEndpointAuthMethod": "none", "clientSecret": null})).await;
    desk.sign_in("oidc").await.unwrap();
    let sent = desk.provider.token_requests.lock().pop().unwrap();
    assert!(!sent.contains_key("client_secret") && !sent.contains_key("authorization"));
}

#[tokio::test]
async fn several_tabs_sign_in_at_once() {
    let desk = Desk::oidc(json!({})).await;
    let (one, two) = (desk.start("oidc", "").await, desk.start("oidc", "").await);
    let (code_one, asked_one) = desk.provider.agree(&one);
    let (code_two, asked_two) = desk.provider.agree(&two);
    assert_ne!(asked_one["nonce"], asked_two["nonce"]);
    let kept = desk.cookies.lock().clone();
    desk.come_back("oidc", &answer(&code_two, &asked_two["state"]))
        .await
        .unwrap();
    *desk.cookies.lock() = kept;
    desk.come_back("oidc", &answer(&code_one, &asked_one["state"]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_fetched_once() {
    let desk = Desk::oidc(json!({})).await;
    desk.sign_in("oidc").await.unwrap();
    desk.sign_in("oidc").await.unwrap();
    assert_eq!(desk.provider.keys_asked(), 1, "keys are kept");
    desk.world.clock.advance(std::time::Duration::from_secs(61));
    desk.provider
        .set(|behaviour| behaviour.keys = vec![ProviderKey::new("two", 2)]);
    desk.sign_in("oidc").await.unwrap();
    assert_eq!(desk.provider.keys_asked(), 2);
    // Unknown ids do not make Portway ask again and again.
    desk.provider
        .set(|behaviour| behaviour.keys = vec![ProviderKey::new("three", 3)]);
    for _ in 0..3 {
        let (reason, detail) = desk.refusal("oidc").await;
        assert_eq!(reason, "untrusted");
        assert!(detail.contains("has no key \"three\""), "{detail}");
    }
    assert_eq!(desk.provider.keys_asked(), 2);
}

#[tokio::test]
async fn what_the_id_token_leaves_out_the_user_information_says() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider.set(|behaviour| {
        behaviour.changes = json!({"email": null, "email_verified": null});
        behaviour.user =
            json!({"sub": "s-1", "email": "minji.kim@acme.example", "email_verified": true});
    });
    desk.sign_in("oidc").await.unwrap();
    // Of somebody else it is worth nothing.
    desk.provider
        .set(|behaviour| behaviour.user["sub"] = json!("s-2"));
    let (reason, detail) = desk.refusal("oidc").await;
    assert_eq!(reason, "untrusted");
    assert!(detail.contains("somebody else"), "{detail}");
    // And it can make an address doubtful.
    desk.provider.set(|behaviour| {
        behaviour.changes["email_verified"] = json!(true);
        behaviour.user =
            json!({"sub": "s-1", "email": "minji.kim@acme.example", "email_verified": false});
    });
    assert_eq!(desk.refusal("oidc").await.0, "nobody");
}

#[tokio::test]
async fn a_front_end_in_another_window_gets_a_message() {
    let desk = Desk::with(|url| {
        let mut config = oidc(url, json!({}));
        config["app"] = json!({"baseUrl": "http://localhost:3000/portal"});
        config
    })
    .await;
    let to = desk
        .start("oidc", "flow=popup&origin=http://localhost:3000")
        .await;
    let (code, asked) = desk.provider.agree(&to);
    let entered = desk
        .come_back("oidc", &answer(&code, &asked["state"]))
        .await
        .unwrap();
    let popup = entered.popup.unwrap();
    assert_eq!(popup.origin, "http://localhost:3000");
    assert_eq!(popup.message["type"], "authorization_response");
    let response = &popup.message["response"];
    assert_eq!(response["profile"]["displayName"], "Kim Minji");
    let identity = &response["backstageIdentity"]["identity"];
    assert_eq!(identity["userEntityRef"], "user:default/minji.kim");
    // The token in it is good, as long as its person is signed in.
    let token = response["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = desk
        .world
        .get("/api/auth/v1/userinfo")
        .bearer(&token)
        .send()
        .await;
    assert_eq!(answer.json()["claims"]["sub"], "user:default/minji.kim");

    // Another origin is told nothing.
    let parts = desk.parts(
        "/api/auth/oidc/start?flow=popup&origin=https://evil.example",
        &[],
    );
    let refused = desk
        .world
        .identity
        .start_sign_in(&parts, "oidc")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Source);
}

#[tokio::test]
pub(crate) async fn refresh_and_logout_are_backstages() {
    let desk = Desk::oidc(json!({})).await;
    let nobody = desk.world.get("/api/auth/oidc/refresh").send().await;
    assert_eq!(
        (nobody.status.as_u16(), nobody.message().as_str()),
        (401, "Missing session cookie")
    );
    assert_eq!(
        desk.world.get("/api/auth/other/refresh").status().await,
        404
    );
    desk.sign_in("oidc").await.unwrap();
    let cookie = format!("portway_session={}", desk.cookies.lock()["portway_session"]);
    let refreshed = desk
        .world
        .get("/api/auth/oidc/refresh")
        .header("cookie", &cookie)
        .send()
        .await;
    let answer = refreshed.json();
    assert_eq!(refreshed.headers["cache-control"], "no-store");
    assert_eq!(answer["profile"]["email"], "Minji.Kim@acme.example");
    assert!(answer["providerInfo"].is_object());
    let token = answer["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer["backstageIdentity"]["identity"]["type"], "user");
    assert_eq!(
        desk.world
            .get("/api/catalog/entities")
            .bearer(&token)
            .status()
            .await,
        200
    );

    // Another site cannot end it; we can, and the token ends with it.
    let logout = |site: &'static str| {
        desk.world
            .post("/api/auth/oidc/logout")
            .header("cookie", &cookie)
            .header("sec-fetch-site", site)
    };
    assert_eq!(logout("cross-site").status().await, 403);
    assert_eq!(logout("same-origin").status().await, 200);
    assert_eq!(
        desk.world
            .get("/api/auth/oidc/refresh")
            .header("cookie", &cookie)
            .status()
            .await,
        401
    );
    assert_eq!(
        desk.world
            .get("/api/catalog/entities")
            .bearer(&token)
            .status()
            .await,
        401
    );
}

#[tokio::test]
async fn a_session_of_another_kind_is_not_refreshed() {
    let desk = Desk::oidc(json!({})).await;
    let cookie = desk.world.operator_cookie().await;
    assert_eq!(
        desk.world
            .get("/api/auth/oidc/refresh")
            .header("cookie", &cookie)
            .status()
            .await,
        401
    );
}

#[tokio::test]
async fn resolvers_are_asked_in_order() {
    for (resolvers, rule) in [
        (
            json!([{"resolver": "oidcSubClaimMatchingKeycloakUserId"}, {"resolver": RESOLVERS}]),
            "oidcSubClaimMatchingKeycloakUserId",
        ),
        (
            json!([{"resolver": "oidcSubClaimMatchingPingIdentityUserId"}, {"resolver": "preferredUsernameMatchingUserEntityName"}]),
            "preferredUsernameMatchingUserEntityName",
        ),
        (
            json!([{"resolver": "emailLocalPartMatchingUserEntityName", "allowedDomains": ["other.example"]}, {"resolver": RESOLVERS}]),
            RESOLVERS,
        ),
        (
            json!([{"resolver": "emailLocalPartMatchingUserEntityName", "allowedDomains": ["ACME.example"]}]),
            "emailLocalPartMatchingUserEntityName",
        ),
    ] {
        let desk = Desk::oidc(json!({"signIn": {"resolvers": resolvers}})).await;
        let entered = desk.sign_in("oidc").await.unwrap();
        assert_eq!(entered.signed_in.user, minji());
        let events = desk.world.events("dev.portway.identity.sign-in").await;
        assert_eq!(events[0].data["rule"], rule);
    }
}

#[tokio::test]
async fn people_without_a_user_are_let_in_only_where_that_is_written() {
    let rule = |open: bool| {
        json!({"signIn": {"resolvers": [
            {"resolver": "emailLocalPartMatchingUserEntityName", "dangerouslyAllowSignInWithoutUserInCatalog": open},
        ]}})
    };
    let stranger = json!({"email": "zoe@acme.example"});
    let desk = Desk::oidc(rule(false)).await;
    desk.provider
        .set(|behaviour| behaviour.changes = stranger.clone());
    assert_eq!(desk.refusal("oidc").await.0, "nobody");
    let desk = Desk::oidc(rule(true)).await;
    desk.provider.set(|behaviour| behaviour.changes = stranger);
    let entered = desk.sign_in("oidc").await.unwrap();
    assert_eq!(entered.signed_in.user.as_str(), "user:default/zoe");
    // Nobody becomes the operator by calling themselves so.
    desk.provider
        .set(|behaviour| behaviour.changes = json!({"email": "admin@acme.example"}));
    assert_eq!(desk.refusal("oidc").await.0, "nobody");
}

#[tokio::test]
pub(crate) async fn a_user_is_made_just_in_time_with_the_groups_that_exist() {
    let desk = Desk::with(|url| {
        let mut config = oidc(url, json!({}));
        config["auth"]["justInTime"] =
            json!({"enabled": true, "namespace": "people", "allowedDomains": ["acme.example"]});
        config
    })
    .await;
    let zoe = EntityRef::new("user", "people", "zoe");
    desk.provider.set(|behaviour| {
        behaviour.changes = json!({"sub": "s-9", "email": "zoe@acme.example", "preferred_username": "Zoe", "name": "Zoe Park"});
    });
    let entered = desk.sign_in("oidc").await.unwrap();
    assert_eq!(entered.signed_in.user, zoe);
    let made = desk.world.identity.newcomers().await.unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["kind"], "User");
    assert_eq!(
        made[0]["spec"]["profile"],
        json!({"displayName": "Zoe Park", "email": "zoe@acme.example"})
    );
    assert_eq!(
        made[0]["spec"]["memberOf"],
        json!(["group:default/payments"])
    );

    // The next time it is the same user, found by the resolver, with new groups.
    desk.provider
        .set(|behaviour| behaviour.changes["groups"] = json!([]));
    assert_eq!(desk.sign_in("oidc").await.unwrap().signed_in.user, zoe);
    let made = desk.world.identity.newcomers().await.unwrap();
    assert_eq!((made.len(), &made[0]["spec"]["memberOf"]), (1, &json!([])));

    // Nobody takes over somebody else's name.
    desk.provider.set(|behaviour| {
        behaviour.changes =
            json!({"sub": "s-10", "email": "other@acme.example", "preferred_username": "zoe"});
    });
    let (reason, detail) = desk.refusal("oidc").await;
    assert_eq!(reason, "nobody");
    assert!(
        detail.contains("user:people/zoe is in the catalog already"),
        "{detail}"
    );

    // Strangers of other domains stay strangers.
    desk.provider.set(|behaviour| {
        behaviour.changes =
            json!({"sub": "s-11", "email": "eve@evil.example", "preferred_username": "eve"});
    });
    let (reason, detail) = desk.refusal("oidc").await;
    assert_eq!(reason, "nobody");
    assert!(
        detail.contains("allowedDomains does not list evil.example"),
        "{detail}"
    );
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let desk = Desk::oidc(json!({})).await;
    desk.sign_in("oidc").await.unwrap();
    let before = format!("portway_session={}", desk.cookies.lock()["portway_session"]);
    desk.sign_in("oidc").await.unwrap();
    let old = desk
        .world
        .get("/api/catalog/entities")
        .header("cookie", &before)
        .send()
        .await;
    assert_eq!(old.status.as_u16(), 401);
}

#[tokio::test]
async fn buttons_stand_in_the_configured_order() {
    let desk = Desk::with(|url| {
        let mut config = oidc(url, json!({"title": "Acme ID"}));
        config["auth"]["providers"]["github"] =
            json!({"development": {"clientId": "a", "clientSecret": "b"}});
        config["auth"]["providers"]["okta"] = json!({"production": {"clientId": "a"}});
        config
    })
    .await;
    let buttons = desk.world.identity.provider_buttons();
    let titles: Vec<&str> = buttons.iter().map(|button| button.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Acme ID", "GitHub"],
        "okta is configured for another environment"
    );
    let parts = desk.parts("/api/auth/oidc/start?env=production", &[]);
    let refused = desk
        .world
        .identity
        .start_sign_in(&parts, "oidc")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Unknown);
    assert!(matches!(
        desk.world
            .identity
            .start_sign_in(&desk.parts("/api/auth/oidc/start", &[]), "oidc")
            .await,
        Ok(Started::Away { .. })
    ));
}

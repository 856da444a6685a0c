//! What is said about a configuration, and about somebody who was not let in.

use std::sync::atomic::{AtomicUsize, Ordering};

use platform::actor::Caller;
use serde_json::{Value, json};

use super::*;

async fn token(desk: &Desk, scope: Value) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("t-{}", COUNT.fetch_add(1, Ordering::SeqCst));
    let input = json!({"name": name, "scope": scope});
    let made = desk
        .world
        .run(Caller::system("test"), "token:create", input)
        .await
        .unwrap();
    made["secret"].as_str().unwrap().to_owned()
}

async fn examine(desk: &Desk, body: &Value) -> Value {
    let token = token(desk, json!("all")).await;
    let answer = desk
        .world
        .post("/api/v1/auth/examine")
        .bearer(&token)
        .json(body)
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn claims_are_examined_rule_by_rule() {
    let desk = Desk::oidc(json!({"signIn": {"resolvers": [
        {"resolver": RESOLVERS}, {"resolver": "preferredUsernameMatchingUserEntityName"},
    ]}}))
    .await;
    let claims = json!({"sub": "1", "email": "minji.kin@acme.example", "preferred_username": "minji-kim", "access_token": "at-1"});
    let said = examine(&desk, &json!({"claims": claims})).await;
    assert_eq!(said["user"], Value::Null);
    assert_eq!(said["claims"]["access_token"], "[hidden]");
    assert_eq!(said["rules"][0]["resolver"], RESOLVERS);
    assert_eq!(
        said["rules"][0]["explanation"],
        "no user has spec.profile.email \"minji.kin@acme.example\""
    );
    assert_eq!(
        said["rules"][0]["at"],
        "app-config.yaml:7:3 (auth.providers.oidc.development.signIn.resolvers[0])"
    );
    assert_eq!(said["nearest"][0]["user"], "user:default/minji.kim");
    let advice = said["advice"].to_string();
    assert!(
        advice.contains("User entity spec.profile.email") && advice.contains("auth.justInTime"),
        "{advice}"
    );

    let claims =
        json!({"sub": "1", "email": "minji.kim@acme.example", "groups": ["payments", "x"]});
    let said = examine(&desk, &json!({"provider": "oidc", "claims": claims})).await;
    assert_eq!(said["user"], "user:default/minji.kim");
    assert_eq!(
        said["groups"],
        json!([{"claim": "payments", "group": "group:default/payments"}, {"claim": "x", "group": null}])
    );
    assert_eq!(said["advice"], json!([]));
}

#[tokio::test]
async fn a_token_is_examined_with_its_signature() {
    let desk = Desk::oidc(json!({})).await;
    let mut claims = desk.provider.claims("n");
    let good = ProviderKey::new("one", 1).sign(&claims);
    let said = examine(&desk, &json!({"token": good})).await;
    assert_eq!(
        (said["signature"].as_str(), said["user"].as_str()),
        (Some("holds"), Some("user:default/minji.kim"))
    );
    claims["aud"] = json!("another");
    let wrong = ProviderKey::new("one", 1).sign(&claims);
    let said = examine(&desk, &json!({"token": wrong})).await;
    assert!(
        said["signature"]
            .as_str()
            .unwrap()
            .contains("another application"),
        "{said}"
    );
}

#[tokio::test]
async fn a_refused_person_is_found_by_the_reference() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider
        .set(|behaviour| behaviour.changes = json!({"email": "zoe@acme.example"}));
    let refused = desk.sign_in("oidc").await.unwrap_err();
    let said = examine(
        &desk,
        &json!({"provider": "oidc", "reference": refused.reference}),
    )
    .await;
    assert_eq!(said["claims"]["email"], "zoe@acme.example");
    assert_eq!(said["claims"]["nonce"], "[hidden]");
    let token = token(&desk, json!("all")).await;
    let list = desk
        .world
        .get("/api/v1/auth/providers")
        .bearer(&token)
        .send()
        .await
        .json();
    assert_eq!(list["refusals"][0]["reference"], refused.reference.as_str());
    assert_eq!(list["refusals"][0]["reason"], "nobody");
    assert_eq!(
        list["providers"][0]["callbackUrl"],
        "http://127.0.0.1:7007/api/auth/oidc/handler/frame"
    );
    assert_eq!(list["providers"][0]["problem"], Value::Null);
}

#[tokio::test]
async fn who_was_refused_is_not_for_everybody() {
    let desk = Desk::oidc(json!({})).await;
    let reader = token(&desk, json!("read")).await;
    assert_eq!(
        desk.world
            .get("/api/v1/auth/providers")
            .bearer(&reader)
            .status()
            .await,
        403
    );
    assert_eq!(
        desk.world
            .post("/api/v1/auth/examine")
            .bearer(&reader)
            .json(&json!({}))
            .status()
            .await,
        403
    );
    assert_eq!(desk.world.get("/api/v1/auth/providers").status().await, 401);
    let all = token(&desk, json!("all")).await;
    for body in [
        json!({}),
        json!({"claims": {"email": "x"}}),
        json!({"token": "x"}),
    ] {
        assert_eq!(
            desk.world
                .post("/api/v1/auth/examine")
                .bearer(&all)
                .json(&body)
                .status()
                .await,
            400,
            "{body}"
        );
    }
    let unknown = json!({"provider": "other", "claims": {"sub": "1"}});
    assert_eq!(
        desk.world
            .post("/api/v1/auth/examine")
            .bearer(&all)
            .json(&unknown)
            .status()
            .await,
        404
    );
}

#[tokio::test]
async fn a_provider_without_a_resolver_signs_nobody_in_and_the_doctor_says_so() {
    let desk = Desk::oidc(json!({"signIn": null})).await;
    assert_eq!(desk.refusal("oidc").await.0, "nobody");
    let token = token(&desk, json!("all")).await;
    let list = desk
        .world
        .get("/api/v1/auth/providers")
        .bearer(&token)
        .send()
        .await
        .json();
    let advice = list["providers"][0]["advice"][0].as_str().unwrap();
    assert!(
        advice.contains("app-config.yaml:7:3") && advice.contains("signs nobody in"),
        "{advice}"
    );
    let checks = identity::checks(&desk.world.identity, Vec::new());
    let found = platform::doctor::examine(&checks).await;
    let finding = found
        .iter()
        .find(|one| one.id == "identity.providers")
        .unwrap();
    assert_eq!(finding.status, platform::doctor::Status::Warn);
    assert!(finding.evidence.contains("oidc"), "{finding:?}");
}

#[test]
fn configurations_that_cannot_work_are_reported_with_what_would() {
    let read = |provider: Value| {
        let (settings, problems) =
            identity::Settings::read(&json!({"auth": {"providers": provider}}));
        (settings.sign_in.is_empty(), problems)
    };
    for (provider, path, word) in [
        (
            json!({"oidc": {"development": {"clientId": "a", "clientSecret": "b"}}}),
            "metadataUrl",
            "metadata",
        ),
        (
            json!({"oidc": {"development": {"clientId": "a", "clientSecret": "b", "metadataUrl": "ftp://x"}}}),
            "metadataUrl",
            "URL",
        ),
        (
            json!({"oidc": {"development": {"clientId": "a", "clientSecret": "b", "metadataUrl": "https://x/y"}}}),
            "metadataUrl",
            "issuer",
        ),
        (
            json!({"oidc": {"development": {"clientSecret": "b", "metadataUrl": "https://x/.well-known/openid-configuration"}}}),
            "clientId",
            "id",
        ),
        (
            json!({"github": {"development": {"clientId": "a"}}}),
            "clientSecret",
            "secret",
        ),
        (
            json!({"oidc": {"development": {"clientId": "a", "clientSecret": "b", "issuer": "https://x", "tokenSignedResponseAlg": "HS256"}}}),
            "tokenSignedResponseAlg",
            "RS256",
        ),
        (
            json!({"oidc": {"development": {"clientId": "a", "clientSecret": "b", "issuer": "https://x", "tokenEndpointAuthMethod": "tls_client_auth"}}}),
            "tokenEndpointAuthMethod",
            "client_secret_basic",
        ),
        (
            json!({"microsoft": {"development": {"clientId": "a", "clientSecret": "b"}}}),
            "tenantId",
            "directory",
        ),
        (
            json!({"okta": {"development": {"clientId": "a", "clientSecret": "b"}}}),
            "audience",
            "Okta",
        ),
        (
            json!({"atlassian": {"development": {"clientId": "a"}}}),
            "auth.providers.atlassian.development",
            "oidc",
        ),
    ] {
        let (empty, problems) = read(provider.clone());
        assert!(empty, "{provider}");
        assert!(problems[0].path.ends_with(path), "{provider}: {problems:?}");
        assert!(
            problems[0].accepted.contains(word),
            "{provider}: {problems:?}"
        );
    }
    // A resolver that the provider does not have is left out and named.
    let (empty, problems) = read(
        json!({"github": {"development": {"clientId": "a", "clientSecret": "b",
        "signIn": {"resolvers": [{"resolver": "emailMatchingUserEntityAnnotation"}]}}}}),
    );
    assert!(!empty);
    assert!(problems[0].path.ends_with("signIn.resolvers[0].resolver"));
    assert!(
        problems[0]
            .accepted
            .contains("usernameMatchingUserEntityName")
    );
}

//! GitHub and GitLab, of which a fake is asked.

use identity::Reason;
use serde_json::{Value, json};

use super::*;

fn github(url: &str, resolver: &str) -> Value {
    json!({"auth": {"providers": {"github": {"development": {
        "clientId": "us", "clientSecret": "secret", "enterpriseInstanceUrl": url,
        "signIn": {"resolvers": [{"resolver": resolver}]},
    }}}}})
}

fn octocat() -> Value {
    json!({"id": 42, "login": "Minji.Kim", "name": "Kim Minji", "email": "old@acme.example", "avatar_url": "https://x.example/a.png"})
}

#[tokio::test]
async fn a_github_account_signs_in_by_name_number_or_address() {
    for resolver in [
        "usernameMatchingUserEntityName",
        "userIdMatchingUserEntityAnnotation",
        RESOLVERS,
    ] {
        let desk = Desk::with(|url| github(url, resolver)).await;
        desk.provider.set(|behaviour| {
            behaviour.user = octocat();
            behaviour.emails = json!([
                {"email": "old@acme.example", "primary": false, "verified": true},
                {"email": "minji.kim@acme.example", "primary": true, "verified": true},
            ]);
        });
        let to = desk.start("github", "env=development").await;
        assert!(
            to.starts_with(&format!("{}/login/oauth/authorize?", desk.provider.url)),
            "{to}"
        );
        let (code, asked) = desk.provider.agree(&to);
        assert_eq!(asked["scope"], "read:user user:email");
        assert!(!asked.contains_key("nonce"));
        let entered = desk
            .come_back("github", &answer(&code, &asked["state"]))
            .await
            .unwrap();
        assert_eq!(entered.signed_in.user, minji(), "{resolver}");
        let sent = desk.provider.token_requests.lock().pop().unwrap();
        assert_eq!(
            (sent["client_id"].as_str(), sent["client_secret"].as_str()),
            ("us", "secret")
        );
    }
}

#[tokio::test]
async fn an_address_that_github_has_not_verified_counts_for_nothing() {
    let desk = Desk::with(|url| github(url, RESOLVERS)).await;
    desk.provider.set(|behaviour| {
        behaviour.user = octocat();
        behaviour.emails =
            json!([{"email": "minji.kim@acme.example", "primary": true, "verified": false}]);
    });
    assert_eq!(desk.refusal("github").await.0, "nobody");
}

#[tokio::test]
async fn an_answer_in_the_name_of_another_server_is_found_out() {
    let desk = Desk::with(|url| github(url, "usernameMatchingUserEntityName")).await;
    desk.provider.set(|behaviour| behaviour.user = octocat());
    let to = desk.start("github", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let query = format!(
        "{}&iss=https://github.com/login/oauth",
        answer(&code, &asked["state"])
    );
    assert_eq!(
        desk.come_back("github", &query).await.unwrap_err().reason,
        Reason::Untrusted
    );
    // Its own name is fine.
    let to = desk.start("github", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let query = format!(
        "{}&iss={}/login/oauth",
        answer(&code, &asked["state"]),
        desk.provider.url
    );
    desk.come_back("github", &query).await.unwrap();
}

#[tokio::test]
async fn githubs_refusal_with_status_200_is_a_refusal() {
    let desk = Desk::with(|url| github(url, "usernameMatchingUserEntityName")).await;
    for (error, reason) in [
        ("bad_verification_code", "expired"),
        ("incorrect_client_credentials", "setup"),
    ] {
        desk.provider
            .set(|behaviour| behaviour.token_answer = Some((200, json!({"error": error}))));
        assert_eq!(desk.refusal("github").await.0, reason);
    }
}

#[tokio::test]
async fn a_gitlab_account_signs_in_when_its_address_is_confirmed() {
    let config = |url: &str| {
        json!({"auth": {"providers": {"gitlab": {"development": {
            "clientId": "us", "clientSecret": "secret", "audience": url,
            "signIn": {"resolvers": [{"resolver": RESOLVERS}]},
        }}}}})
    };
    for (confirmed, works) in [(json!("2020-01-01T00:00:00Z"), true), (json!(null), false)] {
        let desk = Desk::with(config).await;
        desk.provider.set(|behaviour| {
            behaviour.user = json!({"id": 7, "username": "mk", "email": "minji.kim@acme.example", "confirmed_at": confirmed});
        });
        let to = desk.start("gitlab", "").await;
        assert!(
            to.starts_with(&format!("{}/oauth/authorize?", desk.provider.url)),
            "{to}"
        );
        assert_eq!(desk.sign_in("gitlab").await.is_ok(), works);
    }
}

//! What does not work, whoever tries.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::Reason;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

/// Whether one change of the honest provider's answer is found out, with a
/// word of the reason.
async fn found_out(change: impl FnOnce(&mut Behaviour), word: &str) {
    let desk = Desk::oidc(json!({})).await;
    desk.provider.set(change);
    let (reason, detail) = desk.refusal("oidc").await;
    assert_eq!(reason, "untrusted", "{word}: {detail}");
    assert!(detail.contains(word), "{word}: {detail}");
    assert!(!desk.cookies.lock().contains_key("portway_session"));
    let events = desk.world.events("dev.portway.identity.sign-in").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, "dev.portway.identity.sign-in.refused");
    assert_eq!(events[0].data["reason"], "untrusted");
}

#[tokio::test]
async fn claims_that_are_not_for_us_now_are_found_out() {
    for (changes, word) in [
        (json!({"iss": "https://evil.example"}), "issuer"),
        (json!({"aud": "another"}), "another application"),
        (json!({"aud": ["us", "another"]}), "azp"),
        (json!({"azp": "another"}), "azp"),
        (json!({"exp": NOW - 61}), "ran out"),
        (json!({"iat": NOW + 61}), "iat"),
        (json!({"nbf": NOW + 61}), "nbf"),
        (json!({"nonce": "of-another-attempt"}), "nonce"),
        (json!({"nonce": null}), "nonce"),
        (json!({"exp": null}), "runs out"),
        (json!({"sub": null}), "no subject"),
    ] {
        found_out(|behaviour| behaviour.changes = changes, word).await;
    }
}

#[tokio::test]
pub(crate) async fn a_local_account_is_nobody_elses() {
    let open = json!({"resolver": "preferredUsernameMatchingUserEntityName",
        "dangerouslyAllowSignInWithoutUserInCatalog": true});
    for name in ["lee", "admin", "guest"] {
        let desk = Desk::with(|url| {
            let mut config = oidc(url, json!({"signIn": {"resolvers": [open]}}));
            config["auth"]["providers"]["local"] = json!({});
            config["auth"]["justInTime"] = json!({"enabled": true});
            config
        })
        .await;
        let admin = name == "admin";
        let made = desk
            .world
            .run(
                crate::world::operator(),
                "account:create",
                json!({"name": if name == "guest" { "other" } else { name }, "admin": admin}),
            )
            .await;
        made.unwrap();
        desk.provider.set(|behaviour| {
            behaviour.changes = json!({"preferred_username": name, "email": null});
        });
        let (reason, detail) = desk.refusal("oidc").await;
        assert_eq!(reason, "nobody", "{name}: {detail}");
        assert!(!desk.cookies.lock().contains_key("portway_session"));
    }
    // Nor does anybody become whoever runs Portway because the catalog knows
    // somebody of that name.
    let desk = Desk::oidc(json!({"signIn": {"resolvers": [open]}})).await;
    desk.catalog.0.lock().push(identity::KnownUser {
        user: "user:default/admin".parse().unwrap(),
        display_name: None,
        email: None,
        picture: None,
    });
    desk.provider
        .set(|behaviour| behaviour.changes = json!({"preferred_username": "admin"}));
    let (reason, _) = desk.refusal("oidc").await;
    assert_eq!(reason, "nobody");
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_called_untrusted() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider.set(|behaviour| behaviour.keys_down = true);
    assert_eq!(desk.refusal("oidc").await.0, "down");
    // Nor by the next one, who does not ask again at once.
    let asked = desk.provider.keys_asked();
    assert_eq!(desk.refusal("oidc").await.0, "down");
    assert_eq!(desk.provider.keys_asked(), asked);
    desk.provider.set(|behaviour| behaviour.keys_down = false);
    desk.world.minutes(1);
    desk.sign_in("oidc").await.unwrap();
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider
        .set(|behaviour| behaviour.changes = json!({"exp": NOW - 59, "iat": NOW + 59}));
    desk.sign_in("oidc").await.unwrap();
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

#[tokio::test]
async fn tokens_without_a_real_signature_are_found_out() {
    let claims = json!({"iss": "x", "aud": "us", "sub": "s-1", "exp": NOW + 300});
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "None", "kid": "one"}),
        json!({"kid": "one"}),
    ] {
        let token = unsigned(&header, &claims);
        found_out(|behaviour| behaviour.token = Some(token), "not accepted").await;
    }
    // The public key as a shared secret.
    let pem = ProviderKey::new("one", 1).pem();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".into());
    let secret = EncodingKey::from_secret(pem.as_bytes());
    let token = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    found_out(|behaviour| behaviour.token = Some(token), "HS256").await;
    // A key of the provider's name that is not the provider's.
    let token = ProviderKey::new("one", 9).sign(&claims);
    found_out(|behaviour| behaviour.token = Some(token), "signature").await;
    // A damaged signature, and something else altogether.
    let mut token = ProviderKey::new("one", 1).sign(&claims);
    token.truncate(token.len() - 4);
    found_out(|behaviour| behaviour.token = Some(token), "signature").await;
    found_out(
        |behaviour| behaviour.token = Some("no token".into()),
        "no signed token",
    )
    .await;
}

#[tokio::test]
async fn only_the_configured_algorithm_counts_where_one_is_configured() {
    let desk = Desk::oidc(json!({"tokenSignedResponseAlg": "RS256"})).await;
    let (reason, detail) = desk.refusal("oidc").await;
    assert_eq!(reason, "untrusted");
    assert!(detail.contains("ES256"), "{detail}");
}

#[tokio::test]
pub(crate) async fn an_answer_counts_once() {
    let desk = Desk::oidc(json!({})).await;
    let to = desk.start("oidc", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let before = desk.cookies.lock().clone();
    desk.come_back("oidc", &answer(&code, &asked["state"]))
        .await
        .unwrap();
    // Somebody has copied the whole request, cookie and all.
    *desk.cookies.lock() = before;
    desk.provider
        .codes
        .lock()
        .insert(code.clone(), asked.clone());
    let refused = desk
        .come_back("oidc", &answer(&code, &asked["state"]))
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Expired);
    assert!(refused.detail.contains("used before"), "{}", refused.detail);
    assert_eq!(
        desk.provider.token_requests.lock().len(),
        1,
        "the code was not even sent"
    );
}

#[tokio::test]
async fn a_code_that_the_provider_has_forgotten_leads_nowhere() {
    let desk = Desk::oidc(json!({})).await;
    let to = desk.start("oidc", "").await;
    let (_, asked) = desk.provider.agree(&to);
    let refused = desk
        .come_back("oidc", &answer("stolen", &asked["state"]))
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Expired);
}

#[tokio::test]
async fn states_of_other_browsers_attempts_and_times_lead_nowhere() {
    let desk = Desk::oidc(json!({})).await;
    let to = desk.start("oidc", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let good = answer(&code, &asked["state"]);
    let own = desk.cookies.lock().clone();
    // An attacker's own sign-in, sent to somebody else.
    desk.cookies.lock().clear();
    let refused = desk.come_back("oidc", &good).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Expired);
    desk.start("oidc", "").await;
    let refused = desk.come_back("oidc", &good).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Expired);
    assert!(
        refused.detail.contains("another browser"),
        "{}",
        refused.detail
    );
    *desk.cookies.lock() = own;
    for query in [
        answer(&code, "x.y"),
        format!("code={code}"),
        String::new(),
        answer(&code, &asked["state"].replace('.', "x.")),
    ] {
        assert_eq!(
            desk.come_back("oidc", &query).await.unwrap_err().reason,
            Reason::Expired,
            "{query}"
        );
    }
    desk.world.minutes(11);
    let refused = desk.come_back("oidc", &good).await.unwrap_err();
    assert!(refused.detail.contains("too late"), "{}", refused.detail);
    // What strangers try is not written down.
    assert!(
        desk.world
            .events("dev.portway.identity.sign-in")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn two_cookies_for_one_attempt_are_none() {
    let desk = Desk::oidc(json!({})).await;
    let to = desk.start("oidc", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let mut parts = desk.parts(
        &format!(
            "/api/auth/oidc/handler/frame?{}",
            answer(&code, &asked["state"])
        ),
        &[],
    );
    let planted = format!("portway_attempt={}", "a".repeat(43));
    parts.headers.append("cookie", planted.parse().unwrap());
    let refused = desk
        .world
        .identity
        .finish_sign_in(&parts, "oidc")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Expired);
}

/// An honest provider and one of an attacker in one configuration (RFC 9207).
#[tokio::test]
async fn answers_of_another_provider_are_found_out() {
    let evil = Provider::start().await;
    let evil_url = evil.url.clone();
    let desk = Desk::with(move |url| {
        let mut config = oidc(url, json!({}));
        config["auth"]["providers"]["oidc-evil"] =
            oidc(&evil_url, json!({}))["auth"]["providers"]["oidc"].clone();
        config
    })
    .await;
    let to = desk.start("oidc", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let good = answer(&code, &asked["state"]);
    // The answer is led to the other provider's address: its state is ours.
    let refused = desk.come_back("oidc-evil", &good).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Untrusted);
    assert!(
        refused.detail.contains("begun with oidc"),
        "{}",
        refused.detail
    );
    assert!(
        evil.token_requests.lock().is_empty(),
        "no code was given away"
    );
    // The answer says that it comes from elsewhere.
    let refused = desk
        .come_back("oidc", &format!("{good}&iss={}", evil.url))
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Untrusted);
    assert!(desk.provider.token_requests.lock().is_empty());
}

#[tokio::test]
async fn a_provider_that_always_names_itself_must_do_so() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider.set(|behaviour| {
        behaviour.metadata = json!({"authorization_response_iss_parameter_supported": true});
    });
    let (reason, detail) = desk.refusal("oidc").await;
    assert_eq!(reason, "untrusted");
    assert!(detail.contains("iss"), "{detail}");
    let to = desk.start("oidc", "").await;
    let (code, asked) = desk.provider.agree(&to);
    let query = format!(
        "{}&iss={}",
        answer(&code, &asked["state"]),
        desk.provider.url
    );
    desk.come_back("oidc", &query).await.unwrap();
}

#[tokio::test]
async fn metadata_of_somebody_else_is_refused() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider
        .set(|behaviour| behaviour.metadata = json!({"issuer": "https://accounts.google.com"}));
    let parts = desk.parts("/api/auth/oidc/start", &[]);
    let refused = desk
        .world
        .identity
        .start_sign_in(&parts, "oidc")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Setup);
    assert!(
        refused.detail.contains("https://accounts.google.com"),
        "{}",
        refused.detail
    );
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    for wanted in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
    ] {
        let desk = Desk::oidc(json!({})).await;
        let query = format!("returnTo={}", platform::request::encode(wanted));
        let query = query.replace("%2509", "%09");
        let to = desk.start("oidc", &query).await;
        let (code, asked) = desk.provider.agree(&to);
        let entered = desk
            .come_back("oidc", &answer(&code, &asked["state"]))
            .await
            .unwrap();
        assert_eq!(entered.return_to, "/", "{wanted}");
    }
    // Backstage's name for it, with the whole address of this site.
    let desk = Desk::oidc(json!({})).await;
    let to = desk
        .start(
            "oidc",
            "redirectUrl=http%3A%2F%2F127.0.0.1%3A7007%2Fcatalog",
        )
        .await;
    let (code, asked) = desk.provider.agree(&to);
    let entered = desk
        .come_back("oidc", &answer(&code, &asked["state"]))
        .await
        .unwrap();
    assert_eq!(entered.return_to, "/catalog");
}

#[tokio::test]
async fn an_unverified_address_is_nobodys() {
    for verified in [json!(false), json!("false")] {
        let desk = Desk::oidc(json!({})).await;
        desk.provider
            .set(|behaviour| behaviour.changes = json!({"email_verified": verified}));
        let refused = desk.sign_in("oidc").await.unwrap_err();
        assert_eq!(refused.reason, Reason::Nobody);
        assert_eq!(refused.account.as_deref(), Some("minji.kim"));
        assert_eq!(refused.reference.len(), 8);
        assert!(
            refused
                .facts
                .contains(&("email_verified", "false".to_owned()))
        );
        let events = desk.world.events("dev.portway.identity.sign-in").await;
        let said = events[0].data["rules"][0]["outcome"].as_str().unwrap();
        assert!(said.contains("not a verified address"), "{said}");
    }
}

#[tokio::test]
async fn huge_and_broken_answers_sign_nobody_in() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider.set(|behaviour| behaviour.padding = 600_000);
    let parts = desk.parts("/api/auth/oidc/start", &[]);
    let refused = desk
        .world
        .identity
        .start_sign_in(&parts, "oidc")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Down);
    for (status, body, reason) in [
        (500, json!({}), "down"),
        (200, json!([]), "setup"),
        (200, json!({"access_token": "at-1"}), "setup"),
        (
            401,
            json!({"error": "invalid_client", "error_description": "who?"}),
            "setup",
        ),
        (200, json!({"id_token": 7}), "setup"),
    ] {
        let desk = Desk::oidc(json!({})).await;
        desk.provider
            .set(|behaviour| behaviour.token_answer = Some((status, body.clone())));
        assert_eq!(desk.refusal("oidc").await.0, reason, "{body}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_given_up() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider.set(|behaviour| behaviour.silent = true);
    let began = std::time::Instant::now();
    let parts = desk.parts("/api/auth/oidc/start", &[]);
    let refused = desk
        .world
        .identity
        .start_sign_in(&parts, "oidc")
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Down);
    assert!(began.elapsed().as_secs() < 12, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_no_is_told_as_a_no() {
    for (error, reason) in [
        ("access_denied", Reason::Denied),
        ("server_error", Reason::Down),
        ("invalid_scope", Reason::Setup),
    ] {
        let desk = Desk::oidc(json!({})).await;
        let to = desk.start("oidc", "returnTo=/catalog").await;
        let (_, asked) = desk.provider.agree(&to);
        let query = format!(
            "error={error}&error_description=no%0Asir&state={}",
            asked["state"]
        );
        let refused = desk.come_back("oidc", &query).await.unwrap_err();
        assert_eq!(refused.reason, reason);
        assert_eq!(refused.return_to, "/catalog");
        assert!(!refused.detail.contains('\n'));
    }
}

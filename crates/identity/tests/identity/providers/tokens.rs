//! The provider's own tokens, and how Portway proves itself without a shared
//! secret.

use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use serde_json::{Value, json};

use super::*;

const CLIENT_TOKEN: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn refreshed(desk: &Desk) -> Value {
    let cookie = format!("portway_session={}", desk.cookies.lock()["portway_session"]);
    let answer = desk
        .world
        .get("/api/auth/oidc/refresh")
        .header("cookie", &cookie)
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
pub(crate) async fn a_front_end_that_asks_for_scopes_gets_the_provider_s_tokens() {
    let desk = Desk::oidc(json!({})).await;
    desk.provider
        .set(|behaviour| behaviour.expires_in = Some(600));
    // Whoever only signs in leaves nothing behind.
    desk.sign_in("oidc").await.unwrap();
    assert_eq!(refreshed(&desk).await["providerInfo"], json!({}));

    let to = desk.start("oidc", "scope=repo%20openid%20write:x").await;
    let (code, asked) = desk.provider.agree(&to);
    assert_eq!(asked["scope"], "openid profile email repo write:x");
    desk.come_back("oidc", &answer(&code, &asked["state"]))
        .await
        .unwrap();
    let info = refreshed(&desk).await["providerInfo"].clone();
    assert_eq!(info["accessToken"], "at-1");
    assert_eq!(info["scope"], "openid profile email repo write:x");
    assert_eq!(info["expiresInSeconds"], 600);
    assert!(info["idToken"].as_str().unwrap().starts_with("eyJ"));
    // Once they have run out nothing is said of them.
    desk.world.minutes(10);
    assert_eq!(refreshed(&desk).await["providerInfo"], json!({}));
    // Nothing that could end up in a header of the provider's or a log.
    let parts = desk.parts("/api/auth/oidc/start?scope=a%22b", &[]);
    let refused = desk.world.identity.start_sign_in(&parts, "oidc").await;
    assert!(refused.is_err());
}

#[tokio::test]
pub(crate) async fn the_provider_s_tokens_end_with_the_session() {
    let desk = Desk::oidc(json!({})).await;
    let to = desk.start("oidc", "scope=repo").await;
    let (code, asked) = desk.provider.agree(&to);
    let entered = desk
        .come_back("oidc", &answer(&code, &asked["state"]))
        .await
        .unwrap();
    let rows = || async {
        let sql = "SELECT sealed FROM identity_provider_tokens";
        desk.world.db.read(sql, Vec::new()).await.unwrap()
    };
    let kept = rows().await;
    assert_eq!(kept.len(), 1);
    let sealed = kept[0].bytes(0).unwrap();
    assert!(!sealed.windows(4).any(|part| part == b"at-1"));
    desk.world
        .run(
            crate::world::operator(),
            "session:end",
            json!({"session": entered.signed_in.session}),
        )
        .await
        .unwrap();
    assert!(rows().await.is_empty());
}

#[tokio::test]
async fn a_provider_that_wants_a_signature_gets_one() {
    let ours = ProviderKey::new("ours-1", 33);
    let pem = p256::SecretKey::from(ours.key.clone())
        .to_pkcs8_pem(LineEnding::LF)
        .unwrap();
    let desk = Desk::oidc(json!({
        "clientSecret": null,
        "tokenEndpointAuthMethod": "private_key_jwt",
        "privateKey": pem.as_str(),
        "privateKeyId": "ours-1",
    }))
    .await;
    desk.sign_in("oidc").await.unwrap();
    desk.sign_in("oidc").await.unwrap();
    let requests = desk.provider.token_requests.lock().clone();
    let mut ids = Vec::new();
    for form in &requests {
        assert_eq!(form["client_assertion_type"], CLIENT_TOKEN);
        assert!(!form.contains_key("client_secret") && !form.contains_key("authorization"));
        let assertion = &form["client_assertion"];
        let header = jsonwebtoken::decode_header(assertion).unwrap();
        assert_eq!(header.kid.as_deref(), Some("ours-1"));
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
        validation.set_audience(&[format!("{}/token", desk.provider.url)]);
        validation.validate_exp = false;
        let key = jsonwebtoken::DecodingKey::from_ec_pem(ours.pem().as_bytes()).unwrap();
        let claims = jsonwebtoken::decode::<Value>(assertion, &key, &validation)
            .unwrap()
            .claims;
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("us"), &json!("us"))
        );
        assert_eq!(claims["exp"], NOW + 60);
        ids.push(claims["jti"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1], "an assertion is for one request");
}

#[test]
fn a_key_that_cannot_sign_is_reported_without_its_text() {
    let config = oidc(
        "https://login.example.com",
        json!({"tokenEndpointAuthMethod": "private_key_jwt", "privateKey": "zq-no-key"}),
    );
    let (settings, problems) = identity::Settings::read(&config);
    assert!(settings.sign_in.is_empty());
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].path,
        "auth.providers.oidc.development.privateKey"
    );
    assert!(!format!("{problems:?}").contains("zq-no-key"));
}

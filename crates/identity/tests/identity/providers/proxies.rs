//! Proxies in front of Portway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::{Reason, SignInRefused, Started};
use model::entity_ref::EntityRef;
use serde_json::{Value, json};

use super::*;

async fn through(
    desk: &Desk,
    id: &str,
    headers: &[(&str, &str)],
) -> Result<EntityRef, SignInRefused> {
    let parts = desk.parts(&format!("/api/auth/{id}/start?returnTo=/catalog"), headers);
    match desk.world.identity.start_sign_in(&parts, id).await? {
        Started::Entered(entered) => {
            assert_eq!(entered.return_to, "/catalog");
            Ok(entered.signed_in.user.clone())
        }
        Started::Away { .. } => panic!("a proxy sends nobody away"),
    }
}

fn header_only(sources: Value) -> Value {
    json!({"auth": {"providers": {"oauth2Proxy": {
        "trustedSources": sources,
        "signIn": {"resolvers": [{"resolver": "forwardedUserMatchingUserEntityName"}]},
    }}}})
}

#[tokio::test]
async fn headers_count_from_a_trusted_address_only() {
    let user = [
        ("x-forwarded-user", "minji.kim"),
        ("x-forwarded-for", "10.1.2.3"),
    ];
    let desk = Desk::with(|_| header_only(json!(["127.0.0.0/8"]))).await;
    assert_eq!(through(&desk, "oauth2Proxy", &user).await.unwrap(), minji());
    let refused = through(&desk, "oauth2Proxy", &[]).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Source);
    // The address that a header claims is nothing.
    let desk = Desk::with(|_| header_only(json!(["10.1.2.3"]))).await;
    let refused = through(&desk, "oauth2Proxy", &user).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Source);
    assert!(refused.detail.contains("127.0.0.1"), "{}", refused.detail);
}

#[tokio::test]
async fn a_front_end_refreshes_behind_a_proxy() {
    let desk = Desk::with(|_| header_only(json!("127.0.0.1"))).await;
    let ask = || {
        desk.world
            .get("/api/auth/oauth2Proxy/refresh")
            .header("x-forwarded-user", "minji.kim")
    };
    let first = ask().send().await;
    assert_eq!(first.status.as_u16(), 200, "{}", first.text());
    let token = first.json()["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        desk.world
            .get("/api/catalog/entities")
            .bearer(&token)
            .status()
            .await,
        200
    );
    let again = ask().header("cookie", &first.cookie()).send().await;
    assert!(
        again.headers.get("set-cookie").is_none(),
        "the session goes on"
    );
    assert_eq!(ask().peer("192.0.2.9:1").status().await, 403);
}

fn iap(url: &str) -> Value {
    json!({"auth": {"providers": {"gcp-iap": {
        "audience": "/projects/1/apps/x", "jwksUrl": format!("{url}/jwks"),
        "signIn": {"resolvers": [{"resolver": "idMatchingUserEntityAnnotation"}]},
    }}}})
}

#[tokio::test]
async fn googles_statement_has_to_be_signed_for_this_application() {
    let desk = Desk::with(iap).await;
    let good = json!({
        "iss": "https://cloud.google.com/iap", "aud": "/projects/1/apps/x", "exp": NOW + 60, "iat": NOW,
        "sub": "accounts.google.com:77", "email": "accounts.google.com:minji.kim@acme.example",
    });
    let key = ProviderKey::new("one", 1);
    let ask =
        async |token: &str| through(&desk, "gcp-iap", &[("x-goog-iap-jwt-assertion", token)]).await;
    assert_eq!(ask(&key.sign(&good)).await.unwrap(), minji());
    for (field, value) in [
        ("aud", json!("/projects/1/apps/y")),
        ("iss", json!("https://evil.example")),
        ("exp", json!(NOW - 90)),
    ] {
        let mut claims = good.clone();
        claims[field] = value;
        assert_eq!(
            ask(&key.sign(&claims)).await.unwrap_err().reason,
            Reason::Untrusted,
            "{field}"
        );
    }
    assert_eq!(
        ask(&ProviderKey::new("one", 7).sign(&good))
            .await
            .unwrap_err()
            .reason,
        Reason::Untrusted
    );
    assert_eq!(
        through(&desk, "gcp-iap", &[]).await.unwrap_err().reason,
        Reason::Source
    );
}

/// As the load balancer writes it: every part padded.
fn padded(token: &str, header: &Value, key: &ProviderKey) -> String {
    use p256::ecdsa::Signature;
    use p256::ecdsa::signature::Signer as _;
    let full = base64::engine::general_purpose::URL_SAFE;
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let signed = format!(
        "{}.{}",
        full.encode(header.to_string()),
        full.encode(claims)
    );
    let signature: Signature = key.key.sign(signed.as_bytes());
    format!("{signed}.{}", full.encode(signature.to_bytes()))
}

#[tokio::test]
async fn amazons_statement_has_to_be_of_our_load_balancer() {
    const ARN: &str = "arn:aws:elasticloadbalancing:eu:1:loadbalancer/app/x/1";
    let desk = Desk::with(|url| {
        json!({"auth": {"providers": {"awsAlb": {
            "region": "eu-central-1", "issuer": "https://login.example", "signer": ARN, "jwksUrl": format!("{url}/pem/"),
            "signIn": {"resolvers": [{"resolver": RESOLVERS}]},
        }}}})
    })
    .await;
    let key = ProviderKey::new("one", 1);
    let claims = json!({"iss": "https://login.example", "sub": "1", "exp": NOW + 60, "email": "minji.kim@acme.example"});
    let token = |signer: &str, kid: &str| {
        let header = json!({"typ": "JWT", "alg": "ES256", "kid": kid, "signer": signer});
        padded(&key.sign(&claims), &header, &key)
    };
    let ask = async |token: &str| through(&desk, "awsAlb", &[("x-amzn-oidc-data", token)]).await;
    assert_eq!(ask(&token(ARN, "one")).await.unwrap(), minji());
    assert_eq!(
        ask(&token("arn:other", "one")).await.unwrap_err().reason,
        Reason::Untrusted
    );
    desk.world.minutes(2);
    assert_eq!(
        ask(&token(ARN, "../secret")).await.unwrap_err().reason,
        Reason::Untrusted
    );
    assert_eq!(desk.provider.keys_asked(), 1);
}

#[tokio::test]
async fn a_proxy_without_proof_is_refused_at_start() {
    for (provider, path) in [
        (
            json!({"oauth2Proxy": {"signIn": {}}}),
            "auth.providers.oauth2Proxy",
        ),
        (
            json!({"azureEasyAuth": {"signIn": {}}}),
            "auth.providers.azureEasyAuth",
        ),
        (
            json!({"gcpIap": {"jwtHeader": "x"}}),
            "auth.providers.gcpIap",
        ),
        (
            json!({"cfaccess": {"teamName": "acme"}}),
            "auth.providers.cfaccess",
        ),
        (json!({"awsAlb": {"region": "eu"}}), "auth.providers.awsAlb"),
        (
            json!({"oauth2Proxy": {"trustedSources": ["0.0.0.0/0"]}}),
            "auth.providers.oauth2Proxy.trustedSources[0]",
        ),
    ] {
        let (settings, problems) =
            identity::Settings::read(&json!({"auth": {"providers": provider}}));
        assert!(settings.sign_in.is_empty(), "{path}");
        assert_eq!(problems[0].path, path);
        assert!(!problems[0].accepted.is_empty());
    }
}

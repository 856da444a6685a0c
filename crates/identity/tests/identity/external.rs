//! Programs whose tokens others sign: `backend.auth.externalAccess` of the
//! types `jwks` and `legacy`.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::providers::{NOW, ProviderKey};
use crate::world::{World, configured};

const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";
const ISSUER: &str = "https://login.example.com";
const KEYS: &str = "https://login.example.com/keys";
/// 32 bytes of base64.
const SHARED: &str = "c2hhcmVkLXNlY3JldC1vZi1hbi1vbGQtYmFja3N0YWdl";

async fn world(entries: Value, key: &ProviderKey) -> World {
    let config = json!({"backend": {"auth": {"externalAccess": entries}}});
    let world = World::new(configured(config)).await;
    let keys = json!({"keys": [key.jwk()]}).to_string();
    world.identity.set_key_fetch(Box::new(move |url| {
        let keys = keys.clone();
        Box::pin(async move {
            match url == KEYS {
                true => Ok(keys.into_bytes()),
                false => Err(format!("{url} does not answer")),
            }
        })
    }));
    world
}

fn published(change: Value) -> Value {
    let mut options = json!({
        "url": KEYS, "issuer": ISSUER, "audience": ["portway"], "algorithm": "ES256",
        "subjectPrefix": "ci",
    });
    for (key, value) in change.as_object().unwrap() {
        options[key] = value.clone();
    }
    json!({"type": "jwks", "options": options})
}

fn claims(change: Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": "portway", "sub": "deployer", "exp": NOW + 300});
    for (key, value) in change.as_object().unwrap() {
        claims[key] = value.clone();
    }
    claims
}

fn legacy(secret: &str, claims: &Value) -> String {
    let key = EncodingKey::from_base64_secret(secret).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

#[tokio::test]
async fn a_program_of_an_issuer_with_published_keys_is_known_by_its_subject() {
    let key = ProviderKey::new("one", 1);
    let mut entry = published(json!({}));
    entry["accessRestrictions"] =
        json!([{"plugin": "catalog", "permissionAttribute": {"action": "read"}}]);
    let world = world(json!([entry]), &key).await;
    let token = key.sign(&claims(json!({})));
    let who = world.get(ENTITIES).bearer(&token).send().await;
    assert_eq!(who.text(), "external:ci:deployer []");
    assert_eq!(world.post(REGISTER).bearer(&token).status().await, 403);
    for change in [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "another"}),
        json!({"exp": NOW - 61}),
        json!({"exp": null}),
        json!({"nbf": NOW + 61}),
        json!({"sub": ""}),
        json!({"sub": "two words"}),
        json!({"sub": null}),
    ] {
        let token = key.sign(&claims(change.clone()));
        assert_eq!(
            world.get(ENTITIES).bearer(&token).status().await,
            401,
            "{change}"
        );
    }
    let forged = ProviderKey::new("one", 9).sign(&claims(json!({})));
    assert_eq!(world.get(ENTITIES).bearer(&forged).status().await, 401);
    // The public key as a shared secret.
    let confused = EncodingKey::from_secret(key.pem().as_bytes());
    let header = Header::new(Algorithm::HS256);
    let confused = jsonwebtoken::encode(&header, &claims(json!({})), &confused).unwrap();
    assert_eq!(world.get(ENTITIES).bearer(&confused).status().await, 401);
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_no_refusal() {
    let key = ProviderKey::new("one", 1);
    let entry = published(json!({"url": "https://login.example.com/down"}));
    let world = world(json!([entry]), &key).await;
    let token = key.sign(&claims(json!({})));
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 503);
    // Garbage does not even make us ask.
    assert_eq!(world.get(ENTITIES).bearer("a.b.c").status().await, 401);
}

#[tokio::test]
async fn an_older_backstage_is_known_by_its_shared_secret() {
    let key = ProviderKey::new("one", 1);
    let entry =
        json!({"type": "legacy", "options": {"secret": SHARED, "subject": "old-backstage"}});
    let world = world(json!([entry]), &key).await;
    let good = json!({"sub": "backstage-server", "exp": NOW + 3600});
    let who = world
        .get(ENTITIES)
        .bearer(&legacy(SHARED, &good))
        .send()
        .await;
    assert_eq!(who.text(), "external:old-backstage []");
    for (secret, claims) in [
        ("YW5vdGhlcg==", good.clone()),
        (SHARED, json!({"sub": "somebody", "exp": NOW + 3600})),
        (SHARED, json!({"sub": "backstage-server", "exp": NOW - 61})),
        (SHARED, json!({"sub": "backstage-server"})),
        (
            SHARED,
            json!({"sub": "backstage-server", "exp": NOW + 3600, "aud": "x"}),
        ),
    ] {
        let token = legacy(secret, &claims);
        assert_eq!(
            world.get(ENTITIES).bearer(&token).status().await,
            401,
            "{claims}"
        );
    }
}

#[test]
fn entries_that_cannot_be_used_are_left_out_and_named() {
    let config = json!({"backend": {"auth": {"externalAccess": [
        published(json!({})),
        published(json!({"url": "login.example.com"})),
        published(json!({"algorithm": "HS256"})),
        published(json!({"issuer": 7})),
        {"type": "legacy", "options": {"secret": "zq not base64", "subject": "x"}},
        {"type": "legacy", "options": {"secret": SHARED}},
        {"type": "other"},
    ]}}});
    let (settings, problems) = identity::Settings::read(&config);
    assert_eq!(settings.external.len(), 1);
    let paths: Vec<_> = problems
        .iter()
        .map(|problem| {
            problem
                .path
                .trim_start_matches("backend.auth.externalAccess")
        })
        .collect();
    assert_eq!(
        paths,
        [
            "[1].options.url",
            "[2].options.algorithm",
            "[3].options.issuer",
            "[4].options.secret",
            "[5].options.subject",
            "[6].type",
        ]
    );
    assert!(!format!("{problems:?}{settings:?}").contains("zq not"));
}

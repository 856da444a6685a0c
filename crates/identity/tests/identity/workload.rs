//! Tokens of other issuers, exchanged: GitHub Actions, GitLab, Kubernetes, and
//! attackers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use identity::{WORKLOAD_ADMITTED, WORKLOAD_REFUSED};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::ecdsa::SigningKey;
use p256::pkcs8::EncodePrivateKey as _;
use serde_json::{Value, json};

use crate::world::{Answer, World, configured, operator};

const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// 2026-11-21T09:00:00Z, when every world begins.
const NOW: i64 = 1_795_251_600;

struct Issuer {
    key: SigningKey,
    kid: &'static str,
}

impl Issuer {
    fn new(kid: &'static str, seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            kid,
        }
    }

    fn jwk(&self) -> Value {
        use base64::Engine as _;
        let point = self.key.verifying_key().to_encoded_point(false);
        let text = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = (text(point.x().unwrap()), text(point.y().unwrap()));
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid, "x": x, "y": y})
    }

    fn sign(&self, claims: &Value) -> String {
        let der = p256::SecretKey::from(self.key.clone())
            .to_pkcs8_der()
            .unwrap();
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.to_owned());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(der.as_bytes())).unwrap()
    }
}

fn claims(change: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "sub": "repo:acme/shop:ref:refs/heads/main",
        "aud": "https://portway.example.com",
        "jti": "job-1",
        "repository": "acme/shop",
        "ref": "refs/heads/main",
        "iat": NOW - 5, "nbf": NOW - 5, "exp": NOW + 300,
    });
    for (key, value) in change.as_object().unwrap() {
        claims[key] = value.clone();
    }
    claims
}

fn trust(issuer: &Issuer, change: Value) -> Value {
    let mut entry = json!({
        "issuer": ISSUER,
        "audience": "https://portway.example.com",
        "claims": {"repository": "acme/*", "ref": "refs/heads/main"},
        "permissions": ["catalog.entity.read"],
        "subject": "github:{repository}",
        "jwks": {"keys": [issuer.jwk()]},
    });
    for (key, value) in change.as_object().unwrap() {
        entry[key] = value.clone();
    }
    entry
}

async fn world_trusting(entries: Value) -> World {
    World::new(configured(
        json!({"auth": {"workload": {"trust": entries}}}),
    ))
    .await
}

async fn exchange(world: &World, token: &str) -> Answer {
    world
        .post("/api/auth/v1/token")
        .form(&format!(
            "grant_type={EXCHANGE}&subject_token_type={JWT}&subject_token={token}"
        ))
        .send()
        .await
}

async fn refused(world: &World, token: &str) -> String {
    let answer = exchange(world, token).await;
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
    answer.json()["error_description"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
pub(crate) async fn a_job_gets_a_short_token_with_the_entry_s_permissions() {
    let issuer = Issuer::new("k1", 7);
    let world = world_trusting(json!([trust(&issuer, json!({}))])).await;
    let answer = exchange(&world, &issuer.sign(&claims(json!({})))).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["expires_in"], 900);
    assert_eq!(answer["scope"], "catalog.entity.read");
    assert_eq!(
        answer["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    assert!(answer.get("refresh_token").is_none());
    let token = answer["access_token"].as_str().unwrap();
    let who = world.get(ENTITIES).bearer(token).send().await;
    assert_eq!(who.text(), "workload:github:acme/shop []");
    assert_eq!(world.post(REGISTER).bearer(token).status().await, 403);
    world.minutes(15);
    assert_eq!(world.get(ENTITIES).bearer(token).status().await, 401);
    let admitted = world.events(WORKLOAD_ADMITTED.0).await;
    assert_eq!(admitted[0].actor.name, "workload:github:acme/shop");
    assert_eq!(admitted[0].data["entry"], "auth.workload.trust[0]");
}

#[tokio::test]
pub(crate) async fn a_token_is_exchanged_as_often_as_the_entry_says() {
    let issuer = Issuer::new("k1", 7);
    let world = world_trusting(json!([trust(&issuer, json!({"maxUses": 2}))])).await;
    let token = issuer.sign(&claims(json!({})));
    assert_eq!(exchange(&world, &token).await.status.as_u16(), 200);
    assert_eq!(exchange(&world, &token).await.status.as_u16(), 200);
    assert!(refused(&world, &token).await.contains("exchanged 2 times"));
    let other = issuer.sign(&claims(json!({"jti": "job-2"})));
    assert_eq!(exchange(&world, &other).await.status.as_u16(), 200);
}

#[tokio::test]
pub(crate) async fn a_refusal_names_the_nearest_entry_and_the_claim() {
    let issuer = Issuer::new("k1", 7);
    let world = world_trusting(json!([
        trust(
            &issuer,
            json!({"claims": {"repository": "other/*", "ref": "refs/tags/**"}})
        ),
        trust(&issuer, json!({})),
    ]))
    .await;
    let pull = issuer.sign(&claims(json!({"ref": "refs/pull/7/merge"})));
    let why = refused(&world, &pull).await;
    assert!(
        why.ends_with("auth.workload.trust[1]: claim ref is \"refs/pull/7/merge\", wanted is \"refs/heads/main\""),
        "{why}"
    );
    let audience = issuer.sign(&claims(json!({"aud": "https://elsewhere.example"})));
    assert!(refused(&world, &audience).await.contains("claim aud is"));
    let evil = issuer.sign(&claims(json!({"repository": "acme/shop/../../evil"})));
    assert!(refused(&world, &evil).await.contains("repository"));
    assert_eq!(world.events(WORKLOAD_REFUSED.0).await.len(), 3);

    let told = world
        .run(operator(), "workload:explain", json!({"token": pull}))
        .await
        .unwrap();
    assert_eq!(told["genuine"], true);
    assert_eq!(told["admitted"], false);
    assert_eq!(told["entries"][0]["entry"], "auth.workload.trust[1]");
    assert_eq!(told["entries"][0]["mismatches"][0]["claim"], "ref");
}

#[tokio::test]
pub(crate) async fn forged_late_and_early_tokens_are_refused() {
    let issuer = Issuer::new("k1", 7);
    let world = world_trusting(json!([trust(&issuer, json!({}))])).await;
    let forger = Issuer::new("k1", 8);
    assert!(
        refused(&world, &forger.sign(&claims(json!({}))))
            .await
            .contains("No key")
    );
    for (change, why) in [
        (json!({"exp": NOW - 61}), "ran out"),
        (json!({"exp": null}), "does not say when it runs out"),
        (json!({"nbf": NOW + 61}), "nbf"),
        (json!({"iat": NOW + 61}), "iat"),
        (json!({"iss": "https://evil.example"}), "names the issuer"),
        (json!({"iss": null}), "who issued it"),
    ] {
        let told = refused(&world, &issuer.sign(&claims(change.clone()))).await;
        assert!(told.contains(why), "{change}: {told}");
    }
    // A clock that is a little off is no reason.
    let skewed = issuer.sign(&claims(json!({"exp": NOW - 30, "jti": "skew"})));
    assert_eq!(exchange(&world, &skewed).await.status.as_u16(), 200);
}

#[tokio::test]
pub(crate) async fn other_ways_to_sign_are_no_signature() {
    use base64::Engine as _;
    let issuer = Issuer::new("k1", 7);
    let world = world_trusting(json!([trust(&issuer, json!({}))])).await;
    let part =
        |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let body = part(&claims(json!({})));
    let none = format!("{}.{body}.", part(&json!({"alg": "none", "kid": "k1"})));
    assert!(refused(&world, &none).await.contains("not accepted"));
    // The public key as the secret of an HMAC.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    let key = EncodingKey::from_secret(issuer.jwk().to_string().as_bytes());
    let confused = jsonwebtoken::encode(&header, &claims(json!({})), &key).unwrap();
    assert!(refused(&world, &confused).await.contains("not accepted"));
    for garbage in ["", "x", "a.b.c", &"a".repeat(20_000)] {
        let answer = exchange(&world, garbage).await;
        assert_eq!(answer.status.as_u16(), 400, "{}", garbage.len());
    }
    assert!(world.events(WORKLOAD_REFUSED.0).await.is_empty());
}

#[tokio::test]
async fn published_keys_are_read_once_and_again_when_they_rotate() {
    let (old, new) = (Issuer::new("old", 7), Issuer::new("new", 9));
    let mut entry = trust(&old, json!({"maxUses": 100}));
    entry.as_object_mut().unwrap().remove("jwks");
    let world = world_trusting(json!([entry])).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let keys = (old.jwk(), new.jwk());
    let counter = Arc::clone(&asked);
    world.identity.set_key_fetch(Box::new(move |url| {
        let count = counter.fetch_add(1, Ordering::SeqCst);
        let answer = if url.ends_with("/.well-known/openid-configuration") {
            json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/.well-known/jwks")})
        } else if count < 2 {
            json!({"keys": [keys.0]})
        } else {
            json!({"keys": [keys.0, keys.1]})
        };
        Box::pin(async move { Ok(answer.to_string().into_bytes()) })
    }));
    let ask = |issuer: &Issuer| {
        let token = issuer.sign(&claims(json!({"exp": NOW + 7200})));
        let world = &world;
        async move { exchange(world, &token).await.status.as_u16() }
    };
    assert_eq!(ask(&old).await, 200);
    assert_eq!(ask(&old).await, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 2, "discovery and keys, once");
    assert_eq!(ask(&new).await, 400, "not known, and asked a moment ago");
    assert_eq!(asked.load(Ordering::SeqCst), 2, "garbage costs no request");
    world.minutes(2);
    assert_eq!(ask(&new).await, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_no_refusal() {
    let issuer = Issuer::new("k1", 7);
    let mut entry = trust(&issuer, json!({}));
    entry.as_object_mut().unwrap().remove("jwks");
    let world = world_trusting(json!([entry])).await;
    world.identity.set_key_fetch(Box::new(|_| {
        Box::pin(async { Err("it timed out".to_owned()) })
    }));
    let answer = exchange(&world, &issuer.sign(&claims(json!({})))).await;
    assert_eq!(answer.status.as_u16(), 503, "{}", answer.text());
}

#[tokio::test]
pub(crate) async fn the_keys_of_one_cluster_prove_nothing_for_another_of_the_same_name() {
    let (ours, theirs) = (Issuer::new("k", 11), Issuer::new("k", 12));
    let cluster = "https://kubernetes.default.svc.cluster.local";
    let entry = |issuer: &Issuer, namespace: &str| {
        json!({
            "issuer": cluster,
            "audience": "portway",
            "claims": {"kubernetes.io.namespace": namespace},
            "subject": "k8s:{kubernetes.io.namespace}",
            "jwks": {"keys": [issuer.jwk()]},
        })
    };
    let world = world_trusting(json!([entry(&ours, "deploy"), entry(&theirs, "test")])).await;
    let pod = |issuer: &Issuer, namespace: &str| {
        issuer.sign(&json!({
            "iss": cluster, "aud": ["portway"], "exp": NOW + 3600, "iat": NOW, "jti": "same",
            "sub": "system:serviceaccount", "kubernetes.io": {"namespace": namespace},
        }))
    };
    let answer = exchange(&world, &pod(&theirs, "test")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    // Whoever runs the other cluster calls a namespace as they like.
    let why = refused(&world, &pod(&theirs, "deploy")).await;
    assert!(
        why.contains("auth.workload.trust[1]") && !why.contains("auth.workload.trust[0]"),
        "{why}"
    );
    // And uses up nobody else's tokens: the same id counts for each cluster.
    let answer = exchange(&world, &pod(&ours, "deploy")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let again = refused(&world, &pod(&ours, "deploy")).await;
    assert!(again.contains("exchanged 1 times"), "{again}");
}

#[tokio::test]
async fn a_pod_of_kubernetes_is_known_by_its_service_account() {
    let issuer = Issuer::new("cluster", 11);
    let cluster = "https://kubernetes.default.svc.cluster.local";
    let world = world_trusting(json!([{
        "issuer": cluster,
        "audience": "portway",
        "claims": {"kubernetes.io.namespace": "shop", "kubernetes.io.serviceaccount.name": "deployer"},
        "subject": "k8s:{kubernetes.io.namespace}/{kubernetes.io.serviceaccount.name}",
        "maxUses": 100,
        "jwks": {"keys": [issuer.jwk()]},
    }]))
    .await;
    let pod = |name: &str| {
        issuer.sign(&json!({
            "iss": cluster, "aud": ["portway"], "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
            "sub": format!("system:serviceaccount:shop:{name}"),
            "kubernetes.io": {"namespace": "shop", "serviceaccount": {"name": name, "uid": "1"}},
        }))
    };
    let answer = exchange(&world, &pod("deployer")).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let who = world.get(ENTITIES).bearer(token).send().await;
    assert_eq!(who.text(), "workload:k8s:shop/deployer []");
    assert!(
        refused(&world, &pod("default"))
            .await
            .contains("kubernetes.io.serviceaccount.name")
    );
}

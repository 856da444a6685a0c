//! Backstage user tokens: what is accepted and everything that is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::world::{LISTEN, Setup, World, demo};

const ENTITIES: &str = "/api/catalog/entities";

pub(crate) async fn token(world: &World) -> String {
    let answer = world.get("/api/auth/guest/refresh").send().await.json();
    answer["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) async fn accepted(world: &World, token: &str) -> bool {
    // Reading alone is open in a demo; a token that is wrong still is refused.
    world.get(ENTITIES).bearer(token).status().await == 200
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn unpack(token: &str) -> (Value, Value, String) {
    let parts: Vec<_> = token.split('.').collect();
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (read(parts[0]), read(parts[1]), parts[2].to_owned())
}

fn public_key(world: &World, kid: &str) -> VerifyingKey {
    let jwks = world.identity.jwks();
    let jwk = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == kid)
        .unwrap();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    VerifyingKey::from_sec1_bytes(&[vec![4], coordinate("x"), coordinate("y")].concat()).unwrap()
}

fn verifies(key: &VerifyingKey, message: &str, signature: &str) -> bool {
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    key.verify(message.as_bytes(), &signature).is_ok()
}

#[tokio::test]
pub(crate) async fn the_published_key_verifies_the_token_and_its_proof() {
    let world = World::new(demo()).await;
    let token = token(&world).await;
    let (header, payload, signature) = unpack(&token);
    let key = public_key(&world, header["kid"].as_str().unwrap());
    let (message, _) = token.rsplit_once('.').unwrap();
    assert!(verifies(&key, message, &signature));
    // The limited token that a Backstage client cuts out of it.
    let limited = format!(
        "{}.{}",
        part(&json!({"typ": "vnd.backstage.limited-user", "alg": "ES256", "kid": header["kid"]})),
        part(&json!({"sub": payload["sub"], "iat": payload["iat"], "exp": payload["exp"]}))
    );
    let proof = payload["uip"].as_str().unwrap();
    assert!(verifies(&key, &limited, proof));
    // It is for other servers' cookies, not for this gate.
    assert!(!accepted(&world, &format!("{limited}.{proof}")).await);
}

#[tokio::test]
pub(crate) async fn a_token_runs_out_by_portways_clock() {
    let world = World::new(demo()).await;
    let token = token(&world).await;
    world.minutes(59);
    assert!(accepted(&world, &token).await);
    world.minutes(1);
    assert!(!accepted(&world, &token).await);
}

#[tokio::test]
pub(crate) async fn no_other_algorithm_is_accepted() {
    let world = World::new(demo()).await;
    let token = token(&world).await;
    let (header, payload, signature) = unpack(&token);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut header = header.clone();
        change(&mut header);
        header
    };
    let none = with(&|header| header["alg"] = "none".into());
    assert!(!accepted(&world, &format!("{}.{}.", part(&none), part(&payload))).await);
    assert!(
        !accepted(
            &world,
            &format!("{}.{}.{signature}", part(&none), part(&payload))
        )
        .await
    );

    // The public key as a shared secret: the classic confusion.
    let jwks = world.identity.jwks();
    for secret in [
        jwks["keys"][0]["x"].as_str().unwrap().to_owned(),
        jwks["keys"][0].to_string(),
        jwks.to_string(),
    ] {
        let mut confused = Header::new(Algorithm::HS256);
        confused.typ = Some("vnd.backstage.user".into());
        confused.kid = header["kid"].as_str().map(str::to_owned);
        let forged = jsonwebtoken::encode(
            &confused,
            &payload,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap();
        assert!(!accepted(&world, &forged).await);
    }
    for alg in [
        "ES384", "RS256", "PS256", "EdDSA", "HS512", "es256", "ES256 ",
    ] {
        let other = with(&|header| header["alg"] = alg.into());
        assert!(
            !accepted(
                &world,
                &format!("{}.{}.{signature}", part(&other), part(&payload))
            )
            .await,
            "{alg}"
        );
    }
}

#[tokio::test]
pub(crate) async fn changed_tokens_are_refused() {
    let world = World::new(demo()).await;
    let token = token(&world).await;
    let (header, payload, signature) = unpack(&token);
    for (key, value) in [
        ("sub", json!("user:default/admin")),
        ("exp", json!(9_999_999_999_i64)),
        ("aud", json!("other")),
        ("iss", json!("https://evil.example/api/auth")),
    ] {
        let mut changed = payload.clone();
        changed[key] = value;
        assert!(
            !accepted(
                &world,
                &format!("{}.{}.{signature}", part(&header), part(&changed))
            )
            .await,
            "{key}"
        );
    }
    for broken in [
        token[..token.len() - 2].to_owned(),
        format!("{token}.x"),
        format!("{}.{}", part(&header), part(&payload)),
        "..".to_owned(),
        "a.b.c".to_owned(),
    ] {
        assert!(!accepted(&world, &broken).await);
    }
}

#[tokio::test]
pub(crate) async fn a_foreign_key_is_refused_whatever_it_says() {
    let world = World::new(demo()).await;
    let (header, payload, _) = unpack(&token(&world).await);
    let foreign = SigningKey::from_slice(&[7; 32]).unwrap();
    let point = foreign.verifying_key().to_encoded_point(false);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(point.x().unwrap()), "y": URL_SAFE_NO_PAD.encode(point.y().unwrap())});
    let mut headers = vec![header.clone()];
    for (key, value) in [
        ("kid", json!("unknown")),
        ("jwk", jwk),
        ("jku", json!("https://evil.example/jwks.json")),
        ("crit", json!(["exp"])),
    ] {
        let mut changed = header.clone();
        changed[key] = value;
        headers.push(changed);
    }
    for header in headers {
        let message = format!("{}.{}", part(&header), part(&payload));
        let signature: Signature = foreign.sign(message.as_bytes());
        let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
        assert!(!accepted(&world, &forged).await, "{header}");
    }
}

#[tokio::test]
pub(crate) async fn rotation_keeps_tokens_valid_until_they_run_out() {
    let world = World::new(demo()).await;
    let before = token(&world).await;
    world.identity.rotate_signing_key().await.unwrap();
    let after = token(&world).await;
    assert_ne!(unpack(&before).0["kid"], unpack(&after).0["kid"]);
    assert_eq!(world.identity.jwks()["keys"].as_array().unwrap().len(), 2);
    assert!(accepted(&world, &before).await);
    assert!(accepted(&world, &after).await);
    // The old key is forgotten once nothing signed with it can still be valid.
    world.hours(26);
    world.identity.rotate_signing_key().await.unwrap();
    assert_eq!(world.identity.jwks()["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
pub(crate) async fn a_key_does_not_sign_for_ever() {
    let world = World::new(demo()).await;
    let first = unpack(&token(&world).await).0;
    world.hours(24 * 29);
    assert_eq!(unpack(&token(&world).await).0["kid"], first["kid"]);
    world.hours(24);
    assert_ne!(unpack(&token(&world).await).0["kid"], first["kid"]);
}

#[tokio::test]
pub(crate) async fn a_restart_and_another_replica_know_the_same_keys() {
    let world = World::new(demo()).await;
    let token_before = token(&world).await;
    let world = world.again(demo()).await;
    assert!(accepted(&world, &token_before).await);
    let elsewhere = World::new(demo()).await;
    assert!(
        !accepted(&elsewhere, &token_before).await,
        "another installation has other keys"
    );
}

#[tokio::test]
pub(crate) async fn a_lost_sealing_key_costs_a_new_signing_key_and_nothing_else() {
    let world = World::new(demo()).await;
    let before = token(&world).await;
    std::fs::remove_file(world.folder.path().join("identity.key")).unwrap();
    let world = world.again(demo()).await;
    let after = token(&world).await;
    assert_ne!(unpack(&before).0["kid"], unpack(&after).0["kid"]);
    assert!(accepted(&world, &before).await);
    assert!(accepted(&world, &after).await);
}

#[tokio::test]
pub(crate) async fn the_issuer_follows_the_configured_address() {
    let config = json!({"backend": {"baseUrl": "https://portway.example.com/"}});
    let world = World::new(Setup { config, ..demo() }).await;
    let (_, payload, _) = unpack(&token(&world).await);
    assert_eq!(payload["iss"], "https://portway.example.com/api/auth");
    assert_ne!(payload["iss"], format!("http://{LISTEN}/api/auth"));
}

#[tokio::test]
pub(crate) async fn the_oauth_endpoints_know_no_client() {
    let world = World::new(demo()).await;
    let authorize = world
        .get("/api/auth/v1/authorize?client_id=x&redirect_uri=https://evil.example")
        .send()
        .await;
    assert_eq!(authorize.status.as_u16(), 400);
    assert!(!authorize.headers.contains_key("location"));
    assert_eq!(authorize.json()["error"], "invalid_client");
    assert_eq!(world.post("/api/auth/v1/token").status().await, 401);
}

#[tokio::test]
pub(crate) async fn user_info_is_about_people() {
    let world = World::new(demo()).await;
    let userinfo = "/api/auth/v1/userinfo";
    assert_eq!(world.get(userinfo).status().await, 401);
    let wrong = world.get(userinfo).bearer("wrong").send().await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.message().as_str()),
        (401, "Illegal token")
    );
    let program = world.token(json!({"name": "ci", "scope": "all"})).await;
    assert_eq!(world.get(userinfo).bearer(&program).status().await, 403);
    let cookie = world.operator_cookie().await;
    let answer = world
        .get(userinfo)
        .header("cookie", &cookie)
        .send()
        .await
        .json();
    assert_eq!(answer["claims"]["sub"], "user:default/admin");
}

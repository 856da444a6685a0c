//! The answers that a real Backstage gave, reproduced in shape.

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::world::{LISTEN, World, configured, demo};

/// Differences that are ours by choice: fields of an error that help people,
/// and what Portway's OAuth offers besides, come on top of Backstage's.
const MORE: [&str; 4] = [
    "accepted",
    "fix",
    "device_authorization_endpoint",
    "revocation_endpoint",
];

fn recording(name: &str) -> Option<Value> {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/conformance/backstage/recorded-api"
    ));
    let path: PathBuf = folder.join(name);
    if !path.exists() {
        println!("skipped: {} is absent", path.display());
        return None;
    }
    Some(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
}

/// Fails when a field is missing, new or of another type.
fn same_shape(theirs: &Value, ours: &Value, path: &str) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in theirs {
                let ours = ours
                    .get(key)
                    .unwrap_or_else(|| panic!("{path}.{key} is missing"));
                same_shape(value, ours, &format!("{path}.{key}"));
            }
            for key in ours.keys().filter(|key| !MORE.contains(&key.as_str())) {
                assert!(
                    theirs.contains_key(key),
                    "{path}.{key} is not in the recording"
                );
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if let Some(first) = theirs.first() {
                assert!(!ours.is_empty(), "{path} is empty");
                ours.iter()
                    .for_each(|item| same_shape(first, item, &format!("{path}[]")));
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(theirs),
            std::mem::discriminant(ours),
            "{path}: {theirs} against {ours}"
        ),
    }
}

/// Sends the recorded request and compares status, content type and body.
async fn replay(world: &World, name: &str, token: Option<&str>) -> Option<Value> {
    let recorded = recording(name)?;
    let line = recorded["request"]["line"].as_str().unwrap();
    let (method, path) = line.split_once(' ').unwrap();
    let mut ask = if method == Method::GET.as_str() {
        world.get(path)
    } else {
        world.post(path)
    };
    if !recorded["request"]["body"].is_null() {
        ask = ask.json(&recorded["request"]["body"]);
    }
    if recorded["request"]["headers"]
        .get("Authorization")
        .is_some()
    {
        ask = ask.bearer(token.unwrap());
    }
    let answer = ask.send().await;
    assert_eq!(
        Some(u64::from(answer.status.as_u16())),
        recorded["status"].as_u64(),
        "{name}: {}",
        answer.text()
    );
    assert_eq!(
        answer.headers["content-type"].to_str().ok(),
        recorded["headers"]["content-type"].as_str(),
        "{name}"
    );
    same_shape(&recorded["body"], &answer.json(), name);
    Some(answer.json())
}

async fn guest_token(world: &World) -> String {
    let answer = world.get("/api/auth/guest/refresh").send().await.json();
    answer["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn guest_refresh_answers_as_recorded() {
    let world = World::new(demo()).await;
    for name in [
        "auth-guest-refresh.json",
        "auth-guest-refresh-noheader.json",
    ] {
        let Some(answer) = replay(&world, name, None).await else {
            return;
        };
        let identity = &answer["backstageIdentity"];
        assert_eq!(
            identity["identity"]["userEntityRef"],
            "user:development/guest"
        );
        assert_eq!(
            identity["identity"]["ownershipEntityRefs"],
            json!(["user:development/guest"])
        );
        assert_eq!(identity["expiresInSeconds"], 3600);
    }
}

#[tokio::test]
async fn the_token_has_the_recorded_header_and_claims() {
    let world = World::new(demo()).await;
    let token = guest_token(&world).await;
    let parts: Vec<Value> = token
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0]["typ"], "vnd.backstage.user");
    assert_eq!(parts[0]["alg"], "ES256");
    assert_eq!(parts[1]["iss"], format!("http://{LISTEN}/api/auth"));
    assert_eq!(parts[1]["sub"], "user:development/guest");
    assert_eq!(parts[1]["aud"], "backstage");
    assert_eq!(
        parts[1]["exp"].as_i64().unwrap() - parts[1]["iat"].as_i64().unwrap(),
        3600
    );
    let Some(recorded) = recording("auth-guest-jwt-decoded.json") else {
        return;
    };
    same_shape(&recorded["header"], &parts[0], "header");
    same_shape(&recorded["payload"], &parts[1], "payload");
    assert_eq!(token.len(), 495);
}

#[tokio::test]
async fn keys_and_discovery_answer_as_recorded() {
    let world = World::new(demo()).await;
    replay(&world, "auth-jwks.json", None).await;
    let Some(ours) = replay(&world, "auth-openid-configuration.json", None).await else {
        return;
    };
    let theirs = recording("auth-openid-configuration.json").unwrap()["body"].clone();
    let base = |value: &Value| value["issuer"].as_str().unwrap().to_owned();
    for key in [
        "issuer",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "authorization_endpoint",
    ] {
        let strip = |value: &Value| value[key].as_str().unwrap().replace(&base(value), "");
        assert_eq!(strip(&ours), strip(&theirs), "{key}");
    }
}

#[tokio::test]
async fn user_info_answers_as_recorded() {
    let world = World::new(demo()).await;
    let token = guest_token(&world).await;
    let Some(answer) = replay(&world, "auth-userinfo.json", Some(&token)).await else {
        return;
    };
    assert_eq!(
        answer["claims"],
        recording("auth-userinfo.json").unwrap()["body"]["claims"]
    );
}

#[tokio::test]
async fn missing_and_wrong_credentials_answer_as_recorded() {
    let world = World::new(configured(json!({}))).await;
    for (name, token) in [
        ("error-no-auth.json", None),
        ("error-bad-token.json", Some("wrong")),
    ] {
        let Some(answer) = replay(&world, name, token).await else {
            return;
        };
        let recorded = recording(name).unwrap();
        for key in ["name", "message"] {
            assert_eq!(
                answer["error"][key], recorded["body"]["error"][key],
                "{name}"
            );
        }
        assert_eq!(answer["request"], recorded["body"]["request"], "{name}");
        assert_eq!(answer["response"], recorded["body"]["response"], "{name}");
        assert!(
            answer["error"]["fix"]
                .as_str()
                .unwrap()
                .contains("portway token create"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn permissions_answer_as_recorded() {
    let world = World::new(demo()).await;
    let token = guest_token(&world).await;
    let Some(answer) = replay(&world, "permission-authorize.json", Some(&token)).await else {
        return;
    };
    assert_eq!(
        answer,
        recording("permission-authorize.json").unwrap()["body"]
    );
}

#[tokio::test]
async fn permissions_are_decided_for_whoever_asks() {
    let world = World::new(configured(json!({}))).await;
    let reader = world.token(json!({"name": "reader"})).await;
    let item = |id: &str, name: &str, action: &str| json!({"id": id, "permission": {"type": "basic", "name": name, "attributes": {"action": action}}});
    let body = json!({"items": [
        item("1", "catalog.entity.read", "read"),
        item("2", "catalog.location.create", "create"),
        // The name decides, not what the caller says about it.
        item("3", "catalog.location.create", "read"),
        item("4", "plugin.unknown.read", "read"),
        item("5", "plugin.unknown.drop", "delete"),
    ]});
    let results = |answer: Value| -> Vec<String> {
        answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["result"].as_str().unwrap().to_owned())
            .collect()
    };
    let ask = || world.post("/api/permission/authorize").json(&body);
    assert_eq!(
        results(ask().bearer(&reader).send().await.json()),
        ["ALLOW", "DENY", "DENY", "ALLOW", "DENY"]
    );
    assert_eq!(results(ask().send().await.json()), ["DENY"; 5]);

    let resources = |refs: Value| {
        json!({"items": [{"id": "a", "resourceRef": refs, "permission": {
            "type": "resource", "name": "catalog.entity.read", "attributes": {"action": "read"}, "resourceType": "catalog-entity",
        }}]})
    };
    let many = resources(json!(["component:default/a", "component:default/b"]));
    let answer = world
        .post("/api/permission/authorize")
        .bearer(&reader)
        .json(&many)
        .send()
        .await
        .json();
    assert_eq!(
        answer,
        json!({"items": [{"id": "a", "result": ["ALLOW", "ALLOW"]}]})
    );

    // People name the resource; programs may ask in general.
    let general = resources(Value::Null);
    assert_eq!(
        world
            .post("/api/permission/authorize")
            .bearer(&reader)
            .json(&general)
            .status()
            .await,
        200
    );
    assert_eq!(
        world
            .post("/api/permission/authorize")
            .json(&general)
            .status()
            .await,
        400
    );
    for nonsense in [
        json!({}),
        json!([]),
        json!({"items": [{}]}),
        json!({"items": [{"id": 1, "permission": {}}]}),
    ] {
        let answer = world
            .post("/api/permission/authorize")
            .json(&nonsense)
            .send()
            .await;
        assert_eq!(answer.status.as_u16(), 400, "{nonsense}");
        assert_eq!(answer.json()["error"]["name"], "InputError");
    }
}

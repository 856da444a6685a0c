//! Passkeys with an authenticator made of code: what a device answers, bit by
//! bit (WebAuthn Level 3, 6.1 and 6.5), and what an attacker changes in it.

use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::Secret;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use platform::actor::Caller;
use platform::http::Gate as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{Answer, World, configured, operator, pair, parts};

const ORIGIN: &str = "http://localhost:7007";
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 4;
const HAS_CREDENTIAL: u8 = 0x40;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

struct Device {
    key: SigningKey,
    id: Vec<u8>,
    handle: String,
    count: u32,
    origin: &'static str,
    flags: u8,
}

impl Device {
    fn new() -> Self {
        Self {
            key: SigningKey::from_slice(&[5; 32]).unwrap(),
            id: vec![9; 32],
            handle: String::new(),
            count: 0,
            origin: ORIGIN,
            flags: USER_PRESENT | USER_VERIFIED,
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge = options["challenge"].as_str().unwrap();
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
    }

    fn head(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(b"localhost").to_vec();
        data.push(flags);
        data.extend(self.count.to_be_bytes());
        data
    }

    /// What `navigator.credentials.create` answers.
    fn create(&mut self, options: &Value) -> Value {
        let options = options.get("publicKey").unwrap_or(options);
        self.handle = options["user"]["id"].as_str().unwrap().to_owned();
        let mut data = self.head(self.flags | HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(&self.id);
        let point = self.key.verifying_key().to_encoded_point(false);
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().unwrap());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(&data);
        json!({
            "id": b64(&self.id), "rawId": b64(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": b64(self.client_data("webauthn.create", options)),
                "attestationObject": b64(&object),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        })
    }

    /// What `navigator.credentials.get` answers.
    fn get(&mut self, options: &Value) -> Value {
        let options = options.get("publicKey").unwrap_or(options);
        self.count += 1;
        let data = self.head(self.flags);
        let client = self.client_data("webauthn.get", options);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client));
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": b64(&self.id), "rawId": b64(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature.to_der()),
                "userHandle": self.handle,
            },
            "clientExtensionResults": {},
        })
    }
}

async fn world() -> World {
    World::new(configured(json!({
        "backend": {"baseUrl": ORIGIN},
        "auth": {"providers": {"local": {}}},
    })))
    .await
}

async fn owner(world: &World) -> (Caller, Parts) {
    let made = world
        .run(operator(), "account:create", json!({"name": "kim"}))
        .await
        .unwrap();
    let link = made["link"].as_str().unwrap().to_owned();
    let code = link.split_once("?code=").unwrap().1;
    let password = Secret::new("quietly borrowed lanterns hum".to_owned());
    let signed_in = world
        .identity
        .accept_invite(&parts(&[]), code, &password)
        .await
        .unwrap();
    let cookie = pair(signed_in.cookie.to_str().unwrap());
    let parts = parts(&[("cookie", &cookie)]);
    (world.identity.caller(&parts).await.unwrap(), parts)
}

async fn add(
    world: &World,
    (caller, here): &(Caller, Parts),
    device: &mut Device,
) -> Result<(), u16> {
    let options = world.identity.begin_passkey(caller, here).await.unwrap();
    let answer = device.create(&options).to_string();
    world
        .identity
        .finish_passkey(caller, here, ("laptop", answer.as_bytes()))
        .await
        .map(|_| ())
        .map_err(|error| error.status.as_u16())
}

async fn options(world: &World) -> Value {
    let answer = world
        .post("/api/auth/local/passkey/begin")
        .header("sec-fetch-site", "same-origin")
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

async fn enter(world: &World, answer: &Value) -> Answer {
    world
        .post("/api/auth/local/passkey")
        .header("sec-fetch-site", "same-origin")
        .json(answer)
        .send()
        .await
}

#[tokio::test]
pub(crate) async fn a_passkey_is_added_and_signs_in() {
    let world = world().await;
    let owner = owner(&world).await;
    let mut device = Device::new();
    assert_eq!(add(&world, &owner, &mut device).await, Ok(()));
    let answer = enter(&world, &device.get(&options(&world).await)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(answer.json()["user"], "user:default/kim");
    let cookie = answer.cookie();
    let listed = world
        .run(
            operator(),
            "session:list",
            json!({"user": "user:default/kim"}),
        )
        .await
        .unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let who = world
        .get("/api/auth/v1/whoami")
        .header("cookie", &cookie)
        .send()
        .await;
    assert_eq!(who.json()["actor"]["name"], "user:default/kim");
    let kept = world.identity.passkeys(&owner.0).await.unwrap();
    assert_eq!(kept[0].name, "laptop");
    assert!(kept[0].last_used_at.is_some());

    world
        .run(operator(), "account:disable", json!({"name": "kim"}))
        .await
        .unwrap();
    let off = enter(&world, &device.get(&options(&world).await)).await;
    assert_eq!(off.status.as_u16(), 401);
}

#[tokio::test]
pub(crate) async fn what_an_attacker_changes_is_noticed() {
    let world = world().await;
    let owner = owner(&world).await;
    let mut device = Device::new();
    assert_eq!(add(&world, &owner, &mut device).await, Ok(()));

    // The same answer again, and one to a challenge of nobody's.
    let answer = device.get(&options(&world).await);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 200);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 401, "replay");
    let invented = json!({"challenge": b64([7; 16])});
    let answer = device.get(&invented);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 401);

    // Another site, an owner who was not verified, another key, a copy of the
    // device that counts from an earlier number.
    device.origin = "http://localhost:8008";
    let answer = device.get(&options(&world).await);
    assert_eq!(
        enter(&world, &answer).await.status.as_u16(),
        401,
        "phishing"
    );
    device.origin = ORIGIN;
    device.flags = USER_PRESENT;
    let answer = device.get(&options(&world).await);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 401);
    device.flags = USER_PRESENT | USER_VERIFIED;
    let right = std::mem::replace(&mut device.key, SigningKey::from_slice(&[6; 32]).unwrap());
    let answer = device.get(&options(&world).await);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 401, "forged");
    device.key = right;
    device.count = 0;
    let answer = device.get(&options(&world).await);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 401, "cloned");
    device.count = 100;
    let answer = device.get(&options(&world).await);
    assert_eq!(enter(&world, &answer).await.status.as_u16(), 200);

    // Too late, from another site, and no JSON at all.
    let late = device.get(&options(&world).await);
    world.minutes(5);
    assert_eq!(enter(&world, &late).await.status.as_u16(), 401);
    let foreign = world
        .post("/api/auth/local/passkey/begin")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.status().await, 403);
    for nonsense in [
        json!({}),
        json!([]),
        json!({"id": "x"}),
        json!("a".repeat(40_000)),
    ] {
        let status = enter(&world, &nonsense).await.status.as_u16();
        assert!(matches!(status, 400 | 413), "{status}");
    }
}

#[tokio::test]
pub(crate) async fn a_passkey_is_added_by_its_owner_in_a_fresh_session_only() {
    let world = world().await;
    let owner = owner(&world).await;
    let mut unverified = Device::new();
    unverified.flags = USER_PRESENT;
    assert_eq!(add(&world, &owner, &mut unverified).await, Err(400));
    let mut elsewhere = Device::new();
    elsewhere.origin = "https://evil.example";
    assert_eq!(add(&world, &owner, &mut elsewhere).await, Err(400));
    let mut device = Device::new();
    assert_eq!(add(&world, &owner, &mut device).await, Ok(()));
    assert_eq!(add(&world, &owner, &mut device).await, Err(409), "twice");

    // An operator's link is no account, and an old session is not enough.
    let cookie = world.operator_cookie().await;
    let here = parts(&[("cookie", &cookie)]);
    let operator = world.identity.caller(&here).await.unwrap();
    let refused = world.identity.begin_passkey(&operator, &here).await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 403);
    world.hours(1);
    let refused = world.identity.begin_passkey(&owner.0, &owner.1).await;
    assert!(refused.unwrap_err().message.contains("too old"));
}

#[tokio::test]
async fn passkeys_need_a_name_and_https() {
    for (base_url, origin) in [
        (
            Some("https://portway.example.com"),
            Some("https://portway.example.com"),
        ),
        (
            Some("https://portway.example.com:8443/"),
            Some("https://portway.example.com:8443"),
        ),
        (Some("http://portway.example.com"), None),
        (Some("https://192.0.2.7"), None),
        (Some("http://localhost:3000"), Some("http://localhost:3000")),
        (None, Some("http://localhost:7007")),
    ] {
        let mut config = json!({"auth": {"providers": {"local": {}}}});
        if let Some(base_url) = base_url {
            config["backend"] = json!({"baseUrl": base_url});
        }
        let world = World::new(configured(config)).await;
        assert_eq!(
            world.identity.passkey_origin().as_deref(),
            origin,
            "{base_url:?}"
        );
        assert_eq!(world.identity.local_methods().passkey, origin.is_some());
    }
}

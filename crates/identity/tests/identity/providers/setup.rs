//! A provider on 127.0.0.1, a small catalog, and a browser that keeps cookies.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::{Directory, Entered, Identity, KnownUser, Providers, SignInRefused, Started};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use model::entity_ref::EntityRef;
use p256::ecdsa::SigningKey;
use p256::pkcs8::EncodePrivateKey;
use parking_lot::Mutex;
use platform::ApiError;
use serde_json::{Value, json};

use crate::world::{Setup, World, configured};

/// A key of the provider.
#[derive(Clone)]
pub(crate) struct ProviderKey {
    pub(crate) id: String,
    pub(crate) key: SigningKey,
}

impl ProviderKey {
    pub(crate) fn new(id: &str, seed: u8) -> Self {
        Self {
            id: id.to_owned(),
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.key.verifying_key().to_encoded_point(false);
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": part(point.x().unwrap()), "y": part(point.y().unwrap()),
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let der = p256::SecretKey::from(self.key.clone())
            .to_pkcs8_der()
            .unwrap();
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(der.as_bytes())).unwrap()
    }

    /// The public half as a PEM, as Amazon's load balancer publishes it.
    pub(crate) fn pem(&self) -> String {
        use p256::pkcs8::EncodePublicKey as _;
        let public = p256::PublicKey::from(*self.key.verifying_key());
        public
            .to_public_key_pem(p256::pkcs8::LineEnding::LF)
            .unwrap()
    }
}

/// What the provider does; tests change it.
pub(crate) struct Behaviour {
    pub(crate) keys: Vec<ProviderKey>,
    /// Replaces claims of the ID token; null takes one away.
    pub(crate) changes: Value,
    /// The whole ID token, instead of a signed one.
    pub(crate) token: Option<String>,
    /// What the metadata says besides, or instead.
    pub(crate) metadata: Value,
    /// What `userinfo`, `/user` and the like answer.
    pub(crate) user: Value,
    pub(crate) emails: Value,
    /// The status of every answer of the token endpoint, with a body.
    pub(crate) token_answer: Option<(u16, Value)>,
    /// Answers as large as this, in bytes.
    pub(crate) padding: usize,
    /// How long access tokens last, where that is said.
    pub(crate) expires_in: Option<u64>,
    /// Keys are not answered.
    pub(crate) keys_down: bool,
    /// Nothing is answered at all.
    pub(crate) silent: bool,
}

/// The provider.
pub(crate) struct Provider {
    pub(crate) url: String,
    pub(crate) behaviour: Arc<Mutex<Behaviour>>,
    pub(crate) codes: Arc<Mutex<HashMap<String, HashMap<String, String>>>>,
    pub(crate) key_requests: Arc<AtomicUsize>,
    pub(crate) token_requests: Arc<Mutex<Vec<HashMap<String, String>>>>,
    now: i64,
}

#[derive(Clone)]
struct Shared {
    url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    codes: Arc<Mutex<HashMap<String, HashMap<String, String>>>>,
    key_requests: Arc<AtomicUsize>,
    token_requests: Arc<Mutex<Vec<HashMap<String, String>>>>,
    now: i64,
}

pub(crate) const NOW: i64 = 1_795_251_600; // 2026-11-21T09:00:00Z, the world's clock

impl Provider {
    pub(crate) async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared {
            url: url.clone(),
            behaviour: Arc::new(Mutex::new(Behaviour {
                keys: vec![ProviderKey::new("one", 1)],
                changes: json!({}),
                token: None,
                metadata: json!({}),
                user: json!({"sub": "s-1"}),
                emails: json!([]),
                token_answer: None,
                padding: 0,
                expires_in: None,
                keys_down: false,
                silent: false,
            })),
            codes: Arc::default(),
            key_requests: Arc::default(),
            token_requests: Arc::default(),
            now: NOW,
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/pem/{kid}", get(pem))
            .route("/token", post(token))
            .route("/oauth/token", post(token))
            .route("/login/oauth/access_token", post(token))
            .route("/userinfo", get(user))
            .route("/api/v4/user", get(user))
            .route("/api/v3/user", get(user))
            .route("/api/v3/user/emails", get(emails))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            behaviour: shared.behaviour,
            codes: shared.codes,
            key_requests: shared.key_requests,
            token_requests: shared.token_requests,
            now: NOW,
        }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock());
    }

    /// The person agrees: a code for what the browser was sent with.
    pub(crate) fn agree(&self, to: &str) -> (String, HashMap<String, String>) {
        let asked: HashMap<String, String> = url::Url::parse(to)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect();
        let mut codes = self.codes.lock();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), asked.clone());
        (code, asked)
    }

    pub(crate) fn keys_asked(&self) -> usize {
        self.key_requests.load(Ordering::SeqCst)
    }

    /// Claims as the provider would write them now.
    pub(crate) fn claims(&self, nonce: &str) -> Value {
        claims(&self.url, self.now, nonce)
    }
}

fn claims(url: &str, now: i64, nonce: &str) -> Value {
    json!({
        "iss": url, "aud": "us", "sub": "s-1", "iat": now, "exp": now + 300, "nonce": nonce,
        "email": "minji.kim@acme.example", "email_verified": true, "preferred_username": "minji.kim",
        "name": "Kim Minji", "groups": ["payments", "nobody-knows"],
    })
}

fn changed(mut value: Value, changes: &Value) -> Value {
    for (key, change) in changes.as_object().unwrap() {
        if change.is_null() {
            value.as_object_mut().unwrap().remove(key);
        } else {
            value[key] = change.clone();
        }
    }
    value
}

async fn metadata(State(shared): State<Shared>) -> Response {
    let url = &shared.url;
    let (changes, padding, silent) = {
        let behaviour = shared.behaviour.lock();
        (
            behaviour.metadata.clone(),
            behaviour.padding,
            behaviour.silent,
        )
    };
    if silent {
        std::future::pending::<()>().await;
    }
    let answer = json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/jwks"),
        "userinfo_endpoint": format!("{url}/userinfo"), "padding": "x".repeat(padding),
    });
    Json(changed(answer, &changes)).into_response()
}

async fn jwks(State(shared): State<Shared>) -> Response {
    shared.key_requests.fetch_add(1, Ordering::SeqCst);
    if shared.behaviour.lock().keys_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let keys: Vec<Value> = shared
        .behaviour
        .lock()
        .keys
        .iter()
        .map(ProviderKey::jwk)
        .collect();
    // What cannot be used stands beside what can.
    let odd = vec![
        json!({"kty": "odd"}),
        json!({"kty": "oct", "k": "AAAA", "kid": "hmac"}),
    ];
    let all = [odd, keys].concat();
    Json(json!({ "keys": all })).into_response()
}

async fn pem(State(shared): State<Shared>, uri: Uri) -> Response {
    shared.key_requests.fetch_add(1, Ordering::SeqCst);
    let id = uri.path().rsplit('/').next().unwrap().to_owned();
    let found = shared
        .behaviour
        .lock()
        .keys
        .iter()
        .find(|key| key.id == id)
        .map(ProviderKey::pem);
    match found {
        Some(pem) => pem.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(mut form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(value) = headers.get("authorization") {
        form.insert("authorization".into(), value.to_str().unwrap().into());
    }
    shared.token_requests.lock().push(form.clone());
    let asked = shared.codes.lock().remove(&form["code"]);
    let refused =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let Some(asked) = asked else {
        return refused("invalid_grant");
    };
    let behaviour = shared.behaviour.lock();
    if let Some((status, body)) = &behaviour.token_answer {
        return (StatusCode::from_u16(*status).unwrap(), Json(body.clone())).into_response();
    }
    // RFC 7636, 4.6.
    use sha2::Digest as _;
    let challenge = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return refused("invalid_grant");
    }
    let claims = claims(
        &shared.url,
        shared.now,
        asked.get("nonce").map_or("", String::as_str),
    );
    let token = behaviour
        .token
        .clone()
        .unwrap_or_else(|| behaviour.keys[0].sign(&changed(claims, &behaviour.changes)));
    let mut answer = json!({"access_token": "at-1", "token_type": "Bearer", "id_token": token});
    if let Some(seconds) = behaviour.expires_in {
        answer["expires_in"] = seconds.into();
    }
    Json(answer).into_response()
}

async fn user(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if headers
        .get("authorization")
        .is_none_or(|value| value != "Bearer at-1")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(shared.behaviour.lock().user.clone()).into_response()
}

async fn emails(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.behaviour.lock().emails.clone())
}

/// A catalog of a few people.
#[derive(Clone, Default)]
pub(crate) struct Catalog(
    pub(crate) Arc<Mutex<Vec<KnownUser>>>,
    Arc<Mutex<Option<Arc<Identity>>>>,
);

#[async_trait]
impl Directory for Catalog {
    fn user(&self, user: &EntityRef) -> Option<KnownUser> {
        self.0
            .lock()
            .iter()
            .find(|known| known.user == *user)
            .cloned()
    }

    fn users_with_email(&self, email: &str) -> Vec<EntityRef> {
        let known = self.0.lock();
        let same = |user: &&KnownUser| {
            user.email
                .as_deref()
                .is_some_and(|own| own.eq_ignore_ascii_case(email))
        };
        known
            .iter()
            .filter(same)
            .map(|user| user.user.clone())
            .collect()
    }

    fn users_with_annotation(&self, key: &str, value: &str) -> Vec<EntityRef> {
        let known = [
            ("github.com/user-id", "42"),
            ("keycloak.org/id", "s-1"),
            ("google.com/user-id", "77"),
        ];
        match known.contains(&(key, value)) {
            true => vec![minji()],
            false => Vec::new(),
        }
    }

    fn users(&self) -> Vec<KnownUser> {
        self.0.lock().clone()
    }

    fn has_group(&self, group: &EntityRef) -> bool {
        group.as_str() == "group:default/payments"
    }

    async fn take_over_newcomers(&self) -> Result<(), ApiError> {
        let identity = self.1.lock().clone().unwrap();
        for document in identity.newcomers().await? {
            let text = |pointer: &str| {
                document
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            let user = EntityRef::new(
                "user",
                &text("/metadata/namespace").unwrap(),
                &text("/metadata/name").unwrap(),
            );
            let mut known = self.0.lock();
            known.retain(|one| one.user != user);
            known.push(KnownUser {
                user,
                display_name: text("/spec/profile/displayName"),
                email: text("/spec/profile/email"),
                picture: None,
            });
        }
        Ok(())
    }
}

pub(crate) fn minji() -> EntityRef {
    EntityRef::new("user", "default", "minji.kim")
}

/// A Portway with one provider, and a browser.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) provider: Provider,
    pub(crate) catalog: Catalog,
    pub(crate) cookies: Mutex<HashMap<String, String>>,
}

pub(crate) const RESOLVERS: &str = "emailMatchingUserEntityProfileEmail";

/// `auth` with an OpenID provider at `url` and more options.
pub(crate) fn oidc(url: &str, more: Value) -> Value {
    let options = changed(
        json!({
            "metadataUrl": format!("{url}/.well-known/openid-configuration"),
            "clientId": "us", "clientSecret": "keep&this",
            "signIn": {"resolvers": [{"resolver": RESOLVERS}]},
        }),
        &more,
    );
    json!({"auth": {"providers": {"oidc": {"development": options}}}})
}

impl Desk {
    /// With an OpenID provider.
    pub(crate) async fn oidc(more: Value) -> Self {
        Self::with(|url| oidc(url, more)).await
    }

    pub(crate) async fn with(config: impl FnOnce(&str) -> Value) -> Self {
        let provider = Provider::start().await;
        let config = config(&provider.url);
        let world = World::new(Setup {
            ..configured(config.clone())
        })
        .await;
        let catalog = Catalog::default();
        *catalog.1.lock() = Some(Arc::clone(&world.identity));
        catalog.0.lock().push(KnownUser {
            user: minji(),
            display_name: Some("Kim Minji".into()),
            email: Some("Minji.Kim@acme.example".into()),
            picture: None,
        });
        let (settings, problems) = identity::Settings::read(&config);
        assert_eq!(problems, []);
        let places = |path: &str| Some(format!("app-config.yaml:7:3 ({path})"));
        let directory = Arc::new(catalog.clone());
        let providers =
            Providers::new(settings.sign_in, Vec::new(), directory, Box::new(places)).unwrap();
        world.identity.set_providers(providers);
        Self {
            world,
            provider,
            catalog,
            cookies: Mutex::default(),
        }
    }

    /// A request of the browser.
    pub(crate) fn parts(&self, path: &str, headers: &[(&str, &str)]) -> axum::http::request::Parts {
        let mut parts = crate::world::parts(headers);
        parts.method = axum::http::Method::GET;
        parts.uri = path.parse().unwrap();
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            parts
                .headers
                .insert("cookie", cookies.join("; ").parse().unwrap());
        }
        parts
    }

    pub(crate) fn keep(&self, cookie: &axum::http::HeaderValue) {
        let text = cookie.to_str().unwrap();
        let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.lock();
        match value {
            "" => cookies.remove(name),
            _ => cookies.insert(name.to_owned(), value.to_owned()),
        };
    }

    /// Presses the button: where the browser is sent.
    pub(crate) async fn start(&self, id: &str, query: &str) -> String {
        let parts = self.parts(&format!("/api/auth/{id}/start?{query}"), &[]);
        match self.world.identity.start_sign_in(&parts, id).await.unwrap() {
            Started::Away { to, cookie } => {
                self.keep(&cookie);
                to
            }
            Started::Entered(_) => panic!("nobody was sent away"),
        }
    }

    /// Comes back from the provider with a query.
    pub(crate) async fn come_back(&self, id: &str, query: &str) -> Result<Entered, SignInRefused> {
        let parts = self.parts(&format!("/api/auth/{id}/handler/frame?{query}"), &[]);
        let entered = self.world.identity.finish_sign_in(&parts, id).await?;
        self.keep(&entered.signed_in.cookie);
        if let Some(forget) = &entered.forget {
            self.keep(forget);
        }
        Ok(entered)
    }

    /// The whole way, as an honest browser goes it.
    pub(crate) async fn sign_in(&self, id: &str) -> Result<Entered, SignInRefused> {
        let to = self.start(id, "returnTo=%2Fcatalog%3Fx%3D1").await;
        let (code, asked) = self.provider.agree(&to);
        self.come_back(id, &answer(&code, &asked["state"])).await
    }

    /// The reason and the detail of a sign-in that must not work.
    pub(crate) async fn refusal(&self, id: &str) -> (&'static str, String) {
        let refused = self.sign_in(id).await.unwrap_err();
        (refused.reason.as_str(), refused.detail)
    }
}

pub(crate) fn answer(code: &str, state: &str) -> String {
    format!("code={code}&state={}", platform::request::encode(state))
}

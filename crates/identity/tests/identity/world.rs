//! A Portway with nothing but identity and three routes to be guarded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use identity::{Entropy, Identity, MIGRATIONS, Options, PERMISSIONS, SealKey, Secret, Settings};
use platform::Clock;
use platform::action::Action;
use platform::actor::{Actor, ActorKind, Caller, Grants, Permission, Verb};
use platform::event::{Event, EventFilter, EventLog};
use platform::http::{Access, Gate, Routes, finish};
use platform::store::{DatabaseUrl, Db};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const READ: Permission = Permission {
    name: "catalog.entity.read",
    verb: Verb::Read,
};
pub(crate) const REGISTER: Permission = Permission {
    name: "catalog.location.create",
    verb: Verb::Create,
};
pub(crate) const LISTEN: &str = "127.0.0.1:7007";
pub(crate) const HERE: &str = "127.0.0.1:50123";

pub(crate) struct World {
    pub(crate) identity: Arc<Identity>,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
    schema: Option<String>,
    router: Router,
}

pub(crate) struct Setup {
    pub(crate) config: Value,
    pub(crate) demo: bool,
    pub(crate) listen: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            config: json!({}),
            demo: false,
            listen: LISTEN,
        }
    }
}

pub(crate) fn demo() -> Setup {
    Setup {
        demo: true,
        ..Setup::default()
    }
}

pub(crate) fn configured(config: Value) -> Setup {
    Setup {
        config,
        ..Setup::default()
    }
}

impl World {
    pub(crate) async fn new(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-11-21T09:00:00Z".parse().unwrap());
        let schema = crate::postgres::fresh_schema().await;
        let url = match &schema {
            Some(url) => DatabaseUrl::parse(url).unwrap(),
            None => DatabaseUrl::in_directory(folder.path()),
        };
        let db = Db::open(
            &url,
            &[MIGRATIONS, identity::SIGN_IN_MIGRATIONS, access::MIGRATIONS],
            clock.clone(),
        )
        .await
        .unwrap();
        let mut world = Self::start(setup, folder, db, clock).await;
        world.schema = schema;
        world
    }

    /// Another server on the same database. A database in a file has one at a
    /// time, so there it is the same one.
    pub(crate) async fn replica(&self) -> Self {
        let db = match &self.schema {
            None => self.db.clone(),
            Some(url) => Db::open(
                &DatabaseUrl::parse(url).unwrap(),
                &[MIGRATIONS, identity::SIGN_IN_MIGRATIONS, access::MIGRATIONS],
                self.clock.clone(),
            )
            .await
            .unwrap(),
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(
            self.folder.path().join("identity.key"),
            folder.path().join("identity.key"),
        )
        .unwrap();
        Self::start(Setup::default(), folder, db, self.clock.clone()).await
    }

    /// The same database and data directory with another configuration.
    pub(crate) async fn again(self, setup: Setup) -> Self {
        Self::start(setup, self.folder, self.db, self.clock).await
    }

    async fn start(setup: Setup, folder: TempDir, db: Db, clock: Clock) -> Self {
        let (settings, _) = Settings::read(&setup.config);
        let entropy = Entropy::system();
        let options = Options {
            settings,
            listen: setup.listen.parse().unwrap(),
            demo: setup.demo,
            seal: SealKey::in_file(&folder.path().join("identity.key"), &entropy).unwrap(),
            entropy,
        };
        let identity = Identity::open(db.clone(), options).await.unwrap();
        identity.set_permissions(
            [READ, REGISTER]
                .into_iter()
                .chain(PERMISSIONS.iter().copied())
                .collect(),
        );
        let gate: Arc<dyn Gate> = Arc::<Identity>::clone(&identity);
        let routes = Routes::new(gate)
            .api(
                Method::GET,
                "/api/catalog/entities",
                Access::Needs(READ),
                who,
            )
            .api(
                Method::POST,
                "/api/catalog/entities/by-refs",
                Access::Needs(READ),
                who,
            )
            .api(
                Method::POST,
                "/api/catalog/locations",
                Access::Needs(REGISTER),
                who,
            )
            .api(
                Method::GET,
                "/healthz",
                Access::Public("says only that the process lives"),
                who,
            )
            .merge(identity::routes(&identity));
        let router = routes.into_router().layer(from_fn(finish));
        Self {
            identity,
            db,
            clock,
            folder,
            schema: None,
            router,
        }
    }

    /// Lets a policy decide from now on: the built-in roles, and what `add`
    /// gives to whom.
    pub(crate) async fn govern(&self, add: impl FnOnce(&mut access::Policy)) {
        let mut policy = access::Policy::built_in();
        add(&mut policy);
        let settings = access::Settings {
            enabled: true,
            policy,
        };
        let access = access::Access::open(&self.db, settings).await.unwrap();
        self.identity.set_access(access);
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let ask = Ask {
            world: self,
            request,
            peer: Some(HERE),
        };
        ask.header("host", LISTEN)
    }

    pub(crate) fn hours(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 3600));
    }

    pub(crate) fn minutes(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }

    /// Runs an action by name.
    pub(crate) async fn run(
        &self,
        caller: Caller,
        name: &str,
        input: Value,
    ) -> Result<Value, platform::ApiError> {
        self.action(name).run(caller, input).await
    }

    pub(crate) fn action(&self, name: &str) -> Action {
        identity::actions(&self.identity)
            .into_iter()
            .find(|action| action.name == name)
            .unwrap()
    }

    /// A token of the operator's making.
    pub(crate) async fn token(&self, input: Value) -> String {
        let made = self.run(operator(), "token:create", input).await.unwrap();
        made["secret"].as_str().unwrap().to_owned()
    }

    /// Signs in as the guest and answers the `Cookie` header.
    pub(crate) async fn guest_cookie(&self) -> String {
        let answer = self
            .post("/api/auth/guest/start")
            .header("sec-fetch-site", "same-origin")
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.cookie()
    }

    /// Signs in with a fresh link and answers the `Cookie` header.
    pub(crate) async fn operator_cookie(&self) -> String {
        let link = self.identity.issue_sign_in_link().await.unwrap();
        let signed_in = self
            .identity
            .sign_in_with_code(&parts(&[]), code(&link))
            .await
            .unwrap();
        pair(signed_in.cookie.to_str().unwrap())
    }

    pub(crate) async fn events(&self, prefix: &str) -> Vec<Event> {
        let filter = EventFilter {
            type_prefix: Some(prefix.to_owned()),
            subject: None,
        };
        EventLog::new(&self.db)
            .after(0, &filter, 100)
            .await
            .unwrap()
    }
}

async fn who(Extension(caller): Extension<Caller>) -> String {
    let ownership: Vec<_> = caller.ownership.iter().map(ToString::to_string).collect();
    format!("{} [{}]", caller.actor.name, ownership.join(" "))
}

/// The code in a sign-in link.
pub(crate) fn code(link: &Secret<String>) -> &str {
    link.expose().split_once("?code=").unwrap().1
}

/// `name=value` of a `Set-Cookie`.
pub(crate) fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().to_owned()
}

/// Request parts of a page of ours, from this machine.
pub(crate) fn parts(headers: &[(&str, &str)]) -> axum::http::request::Parts {
    let mut request = Request::builder()
        .method("POST")
        .uri("/sign-in")
        .header("host", LISTEN);
    if !headers.iter().any(|(name, _)| *name == "sec-fetch-site") {
        request = request.header("sec-fetch-site", "same-origin");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut parts = request.body(()).unwrap().into_parts().0;
    parts
        .extensions
        .insert(ConnectInfo(HERE.parse::<SocketAddr>().unwrap()));
    parts
}

pub(crate) fn operator() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/admin"),
        ownership: Vec::new(),
        grants: Grants::All,
    }
}

pub(crate) struct Ask<'a> {
    world: &'a World,
    request: Request<Body>,
    peer: Option<&'static str>,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request
            .headers_mut()
            .insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn peer(mut self, peer: &'static str) -> Self {
        self.peer = Some(peer);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        let mut ask = self.header("content-type", "application/json");
        *ask.request.body_mut() = Body::from(body.to_string());
        ask
    }

    pub(crate) fn form(self, body: &str) -> Self {
        let mut ask = self.header("content-type", "application/x-www-form-urlencoded");
        *ask.request.body_mut() = Body::from(body.to_owned());
        ask
    }

    pub(crate) async fn send(mut self) -> Answer {
        if let Some(peer) = self.peer {
            self.request
                .extensions_mut()
                .insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        }
        let response = self
            .world
            .router
            .clone()
            .oneshot(self.request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn status(self) -> u16 {
        self.send().await.status.as_u16()
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn cookie(&self) -> String {
        pair(self.headers["set-cookie"].to_str().unwrap())
    }

    /// `error.message` of the envelope.
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

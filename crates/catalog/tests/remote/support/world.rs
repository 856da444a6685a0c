//! A running catalog that is told what a test plans.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Request};
use axum::middleware::from_fn;
use axum::response::Response;
use catalog::{
    Catalog, DeletionGuard, Intervals, MIGRATIONS, Origin, Providers, Receiver, Rules, Settings,
    Source, Web,
};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::{Forges, Patience};
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, AllowedHost, Client, Limits, Options};
use forge::{Credentials, ForgeKind, Integrations, Secret};
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::actor::Caller;
use platform::controller::{Runner, RunnerCounts, RunnerOptions};
use platform::error::ApiError;
use platform::event::EventLog;
use platform::http::{Gate, finish};
use platform::queue::Queue;
use platform::store::{DatabaseUrl, Db, StoreError};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{On, Server};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn admin() -> Caller {
    Caller::system("test")
}

struct Everybody;

#[async_trait]
impl Gate for Everybody {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(admin())
    }
}

/// What outlives a catalog that ends: its folder and its database.
pub(crate) struct Data {
    on: On,
    folder: TempDir,
    url: OnceCell<DatabaseUrl>,
}

impl Data {
    fn new(on: On) -> Self {
        Self {
            on,
            folder: tempfile::tempdir().expect("a data directory"),
            url: OnceCell::new(),
        }
    }

    async fn url(&self) -> &DatabaseUrl {
        self.url
            .get_or_init(|| self.on.fresh(self.folder.path()))
            .await
    }
}

/// What a catalog is told, and what it stands on.
pub(crate) struct Plan {
    pub(crate) integrations: Value,
    pub(crate) providers: Value,
    pub(crate) allowed: Vec<AllowedHost>,
    pub(crate) reach_public: bool,
    /// How long a host may be silent.
    pub(crate) idle: Duration,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) clock: Clock,
    pub(crate) data: Arc<Data>,
}

impl Plan {
    /// Nothing is configured and nothing may be read.
    pub(crate) fn new(on: On) -> Self {
        Self {
            integrations: Value::Null,
            providers: Value::Null,
            allowed: Vec::new(),
            reach_public: false,
            idle: Duration::from_secs(20),
            receivers: Vec::new(),
            clock: Clock::manual("2026-03-10T12:00:00Z".parse().expect("a time")),
            data: Arc::new(Data::new(on)),
        }
    }

    /// The server is a code host of this kind (`github`, `gitlab`, `gitea`).
    pub(crate) fn forge(mut self, section: &str, server: &Server) -> Self {
        let mut entry = json!({ "host": server.host, "baseUrl": server.url("") });
        match section {
            "github" => entry["apiBaseUrl"] = server.url("/api/v3").into(),
            "gitlab" => entry["apiBaseUrl"] = server.url("/api/v4").into(),
            _ => {}
        }
        if self.integrations.is_null() {
            self.integrations = json!({});
        }
        self.integrations[section] = json!([entry]);
        self
    }

    /// The only host of this kind has a credential.
    pub(crate) fn token(mut self, section: &str) -> Self {
        self.integrations[section][0]["token"] = "good-token".into();
        self
    }

    /// The server is a host whose plain files may be read.
    pub(crate) fn web(mut self, server: &Server) -> Self {
        self.allowed.push(AllowedHost::listed(&server.host));
        self
    }

    pub(crate) fn providers(mut self, providers: Value) -> Self {
        self.providers = providers;
        self
    }

    pub(crate) fn receiver(mut self, name: &str, url: &str, types: &[&str]) -> Self {
        self.receivers.push(Receiver {
            name: name.to_owned(),
            url: url.parse().expect("a URL"),
            secret: Secret::new("out-secret").expect("a secret"),
            types: types.iter().map(|&kind| kind.to_owned()).collect(),
        });
        self
    }

    /// Hosts that are silent are given up on soon.
    pub(crate) fn impatient(mut self) -> Self {
        self.idle = Duration::from_secs(2);
        self
    }

    fn web_of(&self) -> Web {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (integrations, notes) = Integrations::from_config(&self.integrations);
        assert_eq!(notes, Vec::<String>::new());
        let mut hosts = integrations.allowed_hosts();
        hosts.extend(self.allowed.clone());
        let access = if self.reach_public {
            Access::public(hosts)
        } else {
            Access::listed(hosts)
        };
        let limits = Limits {
            idle: self.idle,
            ..Limits::default()
        };
        let client = Client::new(Options {
            access,
            limits,
            ..Options::default()
        })
        .expect("a client");
        let integrations = Arc::new(integrations);
        let mut git = GitOptions::new(self.data.folder.path().join("git"));
        git.local = LocalAccess::Anywhere;
        let (providers, problems) = Providers::from_config(&self.providers);
        assert_eq!(problems, Vec::<String>::new());
        let credentials = Credentials::new(
            client.clone(),
            Arc::clone(&integrations),
            self.clock.clone(),
        );
        let governor = Governor::new(self.clock.clone(), Sharing::default());
        let forges = Forges::new(
            credentials.clone(),
            governor,
            Arc::new(EtagCache::default()),
        )
        .with_patience(Patience {
            wait: Duration::ZERO,
            retries: 0,
            pause: Duration::ZERO,
        });
        let secrets = [ForgeKind::GitHub, ForgeKind::GitLab, ForgeKind::Gitea]
            .map(|kind| (kind, Secret::new("in-secret").expect("a secret")));
        Web {
            git: Git::new(git, credentials),
            client,
            integrations,
            forges,
            providers,
            webhook_secrets: secrets.into(),
            receivers: self.receivers.clone(),
        }
    }

    /// Opens the database and runs the catalog.
    pub(crate) async fn run(self) -> World {
        let web = self.web_of();
        let declared = web.providers.sources();
        let db = open(self.data.url().await, &self.clock).await;
        let settings = Settings {
            rules: Rules::everything(),
            guard: DeletionGuard::default(),
            intervals: Intervals::default(),
            readonly: false,
            web,
            kinds: Kinds::builtin(),
            tiers: catalog::tier::Tiers::default(),
        };
        let catalog = Catalog::open(&db, &self.clock, settings)
            .await
            .expect("the catalog opens");
        let stop = CancellationToken::new();
        let runner = Runner::new(&db, catalog.controllers(), RunnerOptions::new("test"));
        let counts = runner.counts();
        let tasks = [
            tokio::spawn({
                let (keeper, stop) = (catalog.clone(), stop.clone());
                async move { keeper.keep_fresh(stop).await.expect("followed") }
            }),
            tokio::spawn({
                let stop = stop.clone();
                async move { runner.run(stop).await }
            }),
        ];
        let router = catalog::api::routes(&catalog, Arc::new(Everybody))
            .into_router()
            .layer(from_fn(finish));
        World {
            catalog,
            router,
            db,
            declared,
            clock: self.clock,
            data: self.data,
            stop,
            tasks,
            counts,
        }
    }
}

/// A program that another test starts at this moment holds the lock of a
/// database that was just closed, until it has become that program.
async fn open(url: &DatabaseUrl, clock: &Clock) -> Db {
    let opening = async {
        loop {
            match Db::open(url, &[identity::MIGRATIONS, MIGRATIONS], clock.clone()).await {
                Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
                opened => return opened.expect("the database opens"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, opening)
        .await
        .expect("the lock becomes free")
}

/// A running catalog. It ends when this is dropped.
pub(crate) struct World {
    pub(crate) catalog: Catalog,
    pub(crate) clock: Clock,
    pub(crate) data: Arc<Data>,
    router: Router,
    db: Db,
    declared: Vec<(Origin, LocationRef)>,
    stop: CancellationToken,
    tasks: [tokio::task::JoinHandle<()>; 2],
    counts: watch::Receiver<RunnerCounts>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    /// Who people are, over the same database.
    pub(crate) async fn identity(&self) -> Arc<identity::Identity> {
        let entropy = identity::Entropy::system();
        let seal = identity::SealKey::in_file(&self.data.folder.path().join("seal.key"), &entropy);
        let options = identity::Options {
            settings: identity::Settings::read(&json!({})).0,
            listen: "127.0.0.1:7007".parse().expect("an address"),
            demo: false,
            seal: seal.expect("a key"),
            entropy,
        };
        identity::Identity::open(self.db.clone(), options)
            .await
            .expect("identity opens")
    }

    /// Declares the configured providers and these locations, and reads all.
    pub(crate) async fn declare(&self, locations: &[(&str, &str)]) {
        let mut all = self.declared.clone();
        for (kind, target) in locations {
            all.push((
                Origin::Config,
                LocationRef::new(kind, target).expect("a location"),
            ));
        }
        self.catalog
            .declare(&all)
            .await
            .expect("sources are declared");
        self.settled().await;
    }

    /// Waits until nothing is due, nothing runs, and everything can be seen.
    pub(crate) async fn settled(&self) {
        let queue = Queue::new(&self.db);
        let mut counts = self.counts.clone();
        let wait = async {
            loop {
                counts.mark_unchanged();
                let depths = queue.depths().await.expect("depths");
                let busy = depths
                    .iter()
                    .any(|depth| depth.due > 0 || depth.running > 0);
                if !busy && counts.borrow().running == 0 {
                    break;
                }
                counts.changed().await.expect("the runner lives");
            }
            let newest = EventLog::new(&self.db).latest_seq().await.expect("the log");
            self.catalog.model().caught_up(newest).await;
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .expect("the queue comes to rest");
    }

    /// Waits until some run of a controller begins or ends.
    pub(crate) async fn run_ended(&self) {
        let mut counts = self.counts.clone();
        counts.mark_unchanged();
        tokio::time::timeout(PATIENCE, counts.changed())
            .await
            .expect("a run")
            .expect("the runner lives");
    }

    /// Has every source read again.
    pub(crate) async fn reread(&self) {
        for source in self.sources().await {
            self.catalog
                .refresh_source(&admin(), &source.id)
                .await
                .expect("asked for");
        }
        self.settled().await;
    }

    /// Moves the clock and waits for what that starts.
    pub(crate) async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settled().await;
    }

    pub(crate) async fn sources(&self) -> Vec<Source> {
        self.catalog.store().sources().await.expect("sources")
    }

    pub(crate) async fn source(&self) -> Source {
        let mut all = self.sources().await;
        assert_eq!(all.len(), 1, "one source");
        all.remove(0)
    }

    /// The only source as the API shows it.
    pub(crate) async fn source_json(&self) -> Value {
        let id = self.source().await.id;
        self.get(&format!("/api/v1/catalog/sources/{id}")).await
    }

    pub(crate) fn entity(&self, entity_ref: &str) -> Option<Value> {
        self.catalog
            .model()
            .entity_json(&EntityRef::parse(entity_ref, None, None).expect("a ref"))
    }

    /// Refs of everything but generated Locations.
    pub(crate) fn refs(&self) -> Vec<String> {
        self.all_refs()
            .into_iter()
            .filter(|name| !name.starts_with("location:default/generated-"))
            .collect()
    }

    pub(crate) fn all_refs(&self) -> Vec<String> {
        let index = self.catalog.model().index();
        let all = index.list(&catalog::index::ListRequest::default());
        all.items
            .iter()
            .map(|entity| entity.entity_ref().to_string())
            .collect()
    }

    pub(crate) async fn problems(&self) -> Vec<String> {
        let rows = self.catalog.store().problems(None).await.expect("problems");
        rows.into_iter()
            .filter(|row| row.severity != "info")
            .map(|row| format!("{}: {}", row.code, row.message))
            .collect()
    }

    /// Commit of every version of an entity, newest first.
    pub(crate) async fn commits(&self, entity_ref: &str) -> Vec<Option<String>> {
        let entity_ref = EntityRef::parse(entity_ref, None, None).expect("a ref");
        let versions = self
            .catalog
            .store()
            .history(&entity_ref, 50)
            .await
            .expect("history");
        versions
            .into_iter()
            .map(|version| version.revision)
            .collect()
    }

    pub(crate) async fn newest_event(&self) -> i64 {
        EventLog::new(&self.db).latest_seq().await.expect("the log")
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Response {
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        body(self.call(request).await).await.1
    }

    pub(crate) async fn send(&self, method: Method, path: &str, json: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        body(
            self.call(
                request
                    .body(Body::from(json.to_string()))
                    .expect("a request"),
            )
            .await,
        )
        .await
    }

    /// Ends the catalog as the server does, and closes the database.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        for task in &mut self.tasks {
            tokio::time::timeout(PATIENCE, task)
                .await
                .expect("it ends")
                .expect("without a panic");
        }
        self.db.close().await;
    }
}

/// Status and JSON of an answer; `null` for anything else.
pub(crate) async fn body(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 64 << 20)
        .await
        .expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

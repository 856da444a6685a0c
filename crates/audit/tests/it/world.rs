//! A trail over a catalog, on a clock that a test moves.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use audit::{Audit, Settings, Signer};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use catalog::{Catalog, DeletionGuard, Intervals, Providers, Rules, Web};
use forge::budget::{EtagCache, Governor, Sharing};
use forge::client::Forges;
use forge::git::{Git, GitOptions, LocalAccess};
use forge::http::{Access, Client, Options};
use forge::{Credentials, Integrations};
use identity::{SealKey, Secret};
use jiff::Timestamp;
use model::kinds::Kinds;
use platform::actor::{Actor, ActorKind, Caller};
use platform::controller::{Runner, RunnerOptions};
use platform::event::{Event, EventFilter, EventLog, EventType, NewEvent};
use platform::http::{Gate, Routes};
use platform::queue::Queue;
use platform::store::{DatabaseUrl, Db, Sql};
use platform::{ApiError, Clock};
use portal::{Nav, NavEntry, Portal};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// When every clock begins.
pub(crate) const START: Timestamp = Timestamp::constant(1_767_323_045, 0);
/// Nothing is read again by itself.
const NEVER: Duration = Duration::from_secs(20 * 365 * 86_400);
/// How long a test waits for a controller.
const PATIENCE: Duration = Duration::from_secs(60);

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

impl On {
    /// Whether the test can run; says why not.
    pub(crate) fn is_available(self) -> bool {
        let there = self == Self::Sqlite || postgres().is_some();
        if !there {
            println!(
                "skipped on PostgreSQL: PORTWAY_TEST_POSTGRES holds no URL (tests/postgres.sh gives one)"
            );
        }
        there
    }

    pub(crate) async fn open(self, data: &Path, clock: &Clock) -> Db {
        let text = match self {
            Self::Sqlite => data.to_string_lossy().into_owned(),
            Self::Postgres => fresh_database(clock).await,
        };
        let url = DatabaseUrl::parse(&text).expect("a database address");
        let sets = [catalog::MIGRATIONS, audit::MIGRATIONS];
        Db::open(&url, &sets, clock.clone())
            .await
            .expect("the database opens")
    }
}

#[expect(clippy::disallowed_methods, reason = "a test asks its own environment")]
fn postgres() -> Option<String> {
    std::env::var("PORTWAY_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
}

/// A schema of its own for one test, on the server that the environment names.
async fn fresh_database(clock: &Clock) -> String {
    let server = postgres().expect("asked for before");
    let schema = format!("audit_{}", uuid::Uuid::new_v4().simple());
    let url = DatabaseUrl::parse(&server).expect("a server's address");
    let db = Db::open(&url, &[], clock.clone())
        .await
        .expect("the server answers");
    let mut tx = db.begin().await.expect("a transaction");
    tx.execute(
        Sql::assembled(format!("CREATE SCHEMA {schema}")),
        Vec::new(),
    )
    .await
    .expect("a fresh schema");
    tx.commit().await.expect("the schema is there");
    db.close().await;
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}options=-csearch_path%3D{schema}")
}

/// Runs tests on both databases.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::world::On::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if $crate::world::On::Postgres.is_available() {
                    super::$test($crate::world::On::Postgres).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_databases;

/// The key of the installation under test.
pub(crate) fn signer() -> Signer {
    Signer::of(&SealKey::from_secret(&Secret::new("a test".to_owned())))
}

/// An event that a test wants in the log.
pub(crate) fn event(kind: &'static str, subject: &str, data: Value) -> NewEvent {
    NewEvent {
        kind: EventType(kind),
        subject: subject.to_owned(),
        actor: Actor::new(ActorKind::User, "user:default/kim"),
        cause: None,
        data,
    }
}

/// Appends in one transaction.
pub(crate) async fn append(db: &Db, events: Vec<NewEvent>) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.append_many(events).await.expect("appended");
    tx.commit().await.expect("committed");
}

/// Changes the database past the program.
pub(crate) async fn meddle(db: &Db, sql: &str) -> u64 {
    let mut tx = db.begin().await.expect("a transaction");
    let count = tx
        .execute(Sql::assembled(sql.to_owned()), Vec::new())
        .await
        .expect(sql);
    tx.commit().await.expect("committed");
    count
}

/// Recognises everybody as the same caller.
struct Everyone(Result<Caller, ApiError>);

#[async_trait]
impl Gate for Everyone {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        self.0.clone()
    }
}

/// Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) audit: Audit,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) portal: Arc<Portal>,
    pub(crate) data: TempDir,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An answer.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect(&self.text)
    }
}

impl World {
    pub(crate) async fn new(on: On, settings: impl FnOnce(&Path) -> Settings) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(START);
        let db = on.open(data.path(), &clock).await;
        let catalog = Catalog::open(&db, &clock, empty_catalog(data.path(), &clock))
            .await
            .expect("the catalog opens");
        let audit = Audit::open(&db, &catalog, settings(data.path()), signer())
            .await
            .expect("the trail opens");
        let nav = Nav::default().entry("nav-operate", NavEntry::new("audit-title", "/admin/audit"));
        let messages = [catalog::LOCALES, audit::LOCALES].concat();
        let portal = Portal::new(&messages, nav, "Acme").expect("the messages are Fluent");
        let stop = CancellationToken::new();
        Self {
            audit,
            clock,
            db,
            portal,
            data,
            stop,
        }
    }

    /// Starts the controllers and what keeps sinks and counts going.
    pub(crate) fn work(&self) {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(Ok(Caller::system("test"))));
        let controllers = audit::capability(&self.audit, gate).controllers;
        let runner = Runner::new(&self.db, controllers, RunnerOptions::new("test"));
        let token = self.stop.clone();
        tokio::spawn(async move { runner.run(token).await });
        let (audit, token) = (self.audit.clone(), self.stop.clone());
        tokio::spawn(async move { audit.keep(token).await });
    }

    /// Waits until something holds and no job is due or running.
    pub(crate) async fn until<F>(&self, what: &str, ready: impl Fn(Vec<Event>) -> F)
    where
        F: Future<Output = bool>,
    {
        let queue = Queue::new(&self.db);
        let wait = async {
            loop {
                let depths = queue.depths().await.expect("the queue");
                let busy = depths
                    .iter()
                    .any(|depth| depth.due > 0 || depth.running > 0);
                if !busy && ready(self.events("").await).await {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect(what);
    }

    /// Has a controller look now, and waits until it has.
    pub(crate) async fn kick(&self, queue: &str, key: &str) {
        let kicked = Queue::new(&self.db).kick(queue, key, "a test asks").await;
        assert!(kicked.expect("the queue"), "the job exists");
        self.until(queue, |_| async { true }).await;
        let job = Queue::new(&self.db)
            .get(queue, key)
            .await
            .expect("the queue");
        assert_eq!(job.and_then(|job| job.last_error), None);
    }

    /// Events whose type begins with a text, oldest first.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Event> {
        let filter = EventFilter {
            type_prefix: Some(kind.to_owned()),
            subject: None,
        };
        EventLog::new(&self.db)
            .after(0, &filter, 100_000)
            .await
            .expect("the log")
    }

    /// Asks as somebody whom the gate recognises, or refuses. `more` are routes
    /// of the test beside those of the trail.
    pub(crate) async fn ask(
        &self,
        who: Result<Caller, ApiError>,
        request: Request,
        more: impl FnOnce(Routes) -> Routes,
    ) -> Seen {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(who));
        let capability = audit::capability(&self.audit, Arc::clone(&gate));
        let pages = audit::portal_parts(&self.audit).pages.expect("pages");
        let routes = pages(&self.portal, Arc::clone(&gate))
            .merge(capability.routes)
            .merge(more(Routes::new(gate)));
        let response = routes
            .into_router()
            .layer(from_fn_with_state(self.audit.watcher(), audit::watch))
            .layer(from_fn(platform::http::finish))
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 26).await.expect("a body");
        Seen {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.ask(Ok(Caller::system("test")), request, |routes| routes)
            .await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let seen = self.get(path).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        seen.json()
    }

    /// Runs an action as the system.
    pub(crate) async fn act(&self, name: &str, input: Value) -> Result<Value, ApiError> {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(Ok(Caller::system("test"))));
        let actions = audit::capability(&self.audit, gate).actions;
        let action = actions.iter().find(|action| action.name == name);
        let action = action.expect("an action");
        action.run(Caller::system("test"), input).await
    }

    /// A page that must be there, in a language, without missing texts.
    pub(crate) async fn page(&self, path: &str, language: &str) -> String {
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .expect("a request");
        let seen = self
            .ask(Ok(Caller::system("test")), request, |routes| routes)
            .await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        assert!(seen.headers.contains_key(header::CONTENT_SECURITY_POLICY));
        assert!(
            seen.text.contains(&format!(r#"<html lang="{language}""#)),
            "{path}"
        );
        let missing = self.portal.texts().missing();
        assert_eq!(missing, Vec::<String>::new(), "{path}");
        seen.text
    }
}

fn empty_catalog(data: &Path, clock: &Clock) -> catalog::Settings {
    catalog::Settings {
        rules: Rules::everything(),
        guard: DeletionGuard {
            share: 1.0,
            keep_orphans: false,
        },
        intervals: Intervals {
            files: NEVER,
            web: NEVER,
        },
        readonly: false,
        web: web(data, clock),
        kinds: Kinds::builtin(),
        tiers: Default::default(),
    }
}

/// Nothing outside this machine is reached.
fn web(data: &Path, clock: &Clock) -> Web {
    let integrations = Arc::new(Integrations::default());
    let options = Options {
        access: Access::default(),
        ..Options::default()
    };
    let client = Client::new(options).expect("a client");
    let credentials = Credentials::new(client.clone(), Arc::clone(&integrations), clock.clone());
    let mut git = GitOptions::new(data.join("git"));
    git.local = LocalAccess::Anywhere;
    Web {
        git: Git::new(git, credentials.clone()),
        forges: Forges::new(
            credentials,
            Governor::new(clock.clone(), Sharing::default()),
            Arc::new(EtagCache::new(1 << 20)),
        ),
        client,
        integrations,
        providers: Providers::default(),
        webhook_secrets: Vec::new(),
        receivers: Vec::new(),
    }
}

/// What people read: markup taken away, white space folded.
pub(crate) fn words(html: &str) -> String {
    let main = html.split_once("<main").map_or(html, |(_, main)| main);
    let mut out = String::new();
    let mut inside = false;
    for c in main.chars() {
        match c {
            '<' => {
                inside = true;
                out.push(' ');
            }
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

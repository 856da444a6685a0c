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
use catalog::{Catalog, DeletionGuard, Intervals, Rules};
use identity::{SealKey, Secret};
use jiff::Timestamp;
use model::kinds::Kinds;
use platform::actor::{Actor, ActorKind, Caller};
use platform::controller::{Runner, RunnerOptions};
use platform::event::{Event, EventFilter, EventLog, EventType, NewEvent, Outcome};
use platform::http::{Gate, Routes};
use platform::queue::Queue;
use platform::store::{Db, Sql};
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

pub(crate) use testing::{On, on_both_databases, words};

/// Opens a new database with the tables of the catalog and ours.
pub(crate) async fn open(on: On, data: &Path, clock: &Clock) -> Db {
    let sets = [catalog::MIGRATIONS, audit::MIGRATIONS];
    Db::open(&on.fresh(data).await, &sets, clock.clone())
        .await
        .expect("the database opens")
}

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
        outcome: Outcome::Allowed,
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
        let data = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(START);
        let db = open(on, data.path(), &clock).await;
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
        web: testing::offline(data, clock),
        kinds: Kinds::builtin(),
        tiers: Default::default(),
    }
}

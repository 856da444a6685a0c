//! A catalog with campaigns over files that a test writes, on a clock that it
//! moves.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn;
use catalog::{Catalog, DeletionGuard, Intervals, Origin, Rules, Settings};
use insights::Campaigns;
use insights::campaigns::store::{Memory, Store};
use insights::campaigns::{EVERY, QUEUE};
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::actor::Caller;
use platform::controller::{Runner, RunnerOptions};
use platform::event::EventLog;
use platform::http::Gate;
use platform::queue::Queue;
use platform::store::Db;
use platform::{ApiError, Clock};
use portal::{Nav, NavEntry, Portal};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Nothing is read again by itself, however far the clock is moved.
const NEVER: Duration = Duration::from_secs(20 * 365 * 86_400);
/// How long a test waits for the controller.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) use testing::{On, on_both_databases, words};

/// Opens a new database with the tables of the catalog and ours.
pub(crate) async fn open(on: On, data: &Path, clock: &Clock) -> Db {
    let sets = [catalog::MIGRATIONS, insights::MIGRATIONS];
    Db::open(&on.fresh(data).await, &sets, clock.clone())
        .await
        .expect("the database opens")
}

/// Recognises everybody as the same caller.
struct Everyone(Caller);

#[async_trait]
impl Gate for Everyone {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(self.0.clone())
    }
}

/// Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) campaigns: Campaigns,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) portal: Arc<Portal>,
    catalog: Catalog,
    file: PathBuf,
    writes: AtomicU64,
    _files: TempDir,
    _data: TempDir,
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

impl World {
    /// A company in one file, at a moment.
    pub(crate) async fn new(on: On, at: &str, text: &str) -> Self {
        let data = tempfile::tempdir().expect("a directory for the database");
        let files = tempfile::tempdir().expect("a directory for files");
        let clock = Clock::manual(at.parse::<Timestamp>().expect("a time"));
        let db = open(on, data.path(), &clock).await;
        let settings = Settings {
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
            web: testing::offline(data.path(), &clock),
            kinds: Kinds::builtin(),
            tiers: Default::default(),
        };
        let catalog = Catalog::open(&db, &clock, settings)
            .await
            .expect("the catalog opens");
        let stop = CancellationToken::new();
        let (keeper, token) = (catalog.clone(), stop.clone());
        tokio::spawn(async move { keeper.keep_fresh(token).await });
        let file = files.path().join("acme.yaml");
        fs::write(&file, marked(text, 0)).expect("the file is written");
        let location = LocationRef::new("file", &file.to_string_lossy()).expect("a location");
        catalog
            .declare(&[(Origin::Config, location)])
            .await
            .expect("the source is declared");
        let campaigns = Campaigns::open(&db, &catalog, &clock)
            .await
            .expect("campaigns open");
        let controllers = [catalog.controllers(), campaigns.controllers()].concat();
        let runner = Runner::new(&db, controllers, RunnerOptions::new("test"));
        let token = stop.clone();
        tokio::spawn(async move { runner.run(token).await });
        let nav = Nav::default().entry(
            "nav-improve",
            NavEntry::new("insights-nav-campaigns", "/campaigns"),
        );
        let messages = [catalog::LOCALES, insights::LOCALES].concat();
        let portal = Portal::new(&messages, nav, "Acme").expect("the messages are Fluent");
        let world = Self {
            campaigns,
            clock,
            db,
            portal,
            catalog,
            file,
            writes: AtomicU64::new(0),
            _files: files,
            _data: data,
            stop,
        };
        world.seen(0).await;
        world.look_again().await;
        world
    }

    /// Writes the company anew and waits until the catalog shows it.
    pub(crate) async fn rewrite(&self, text: &str) {
        let number = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        fs::write(&self.file, marked(text, number)).expect("the file is written");
        let sources = self.catalog.store().sources().await.expect("sources");
        for source in sources {
            self.catalog
                .refresh_source(&Caller::system("test"), &source.id)
                .await
                .expect("the source is read");
        }
        self.seen(number).await;
    }

    /// Waits until what was written is in the catalog, and nothing runs.
    async fn seen(&self, number: u64) {
        let mark = EntityRef::parse(&format!("domain:default/mark-{number}"), None, None);
        let mark = mark.expect("a ref");
        self.wait("the catalog shows the file", || {
            self.catalog.model().index().get(&mark).is_some()
        })
        .await;
    }

    /// Moves the clock and waits until the controller has looked since.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.look_again().await;
    }

    /// Has the controller look now, and waits until it has.
    async fn look_again(&self) {
        let queue = Queue::new(&self.db);
        let kicked = queue.kick(QUEUE, EVERY, "a test asks").await;
        assert!(kicked.expect("the queue"), "the job exists");
        self.wait("the controller has looked", || true).await;
        let job = self.campaigns.next_record().await.expect("the queue");
        assert_eq!(job.and_then(|job| job.last_error), None);
    }

    /// Waits until `ready`, no job is due or running, and the index has
    /// everything that was written: moving the clock then ends no lease.
    async fn wait(&self, what: &str, ready: impl Fn() -> bool) {
        let queue = Queue::new(&self.db);
        let log = EventLog::new(&self.db);
        let wait = async {
            loop {
                let depths = queue.depths().await.expect("the queue");
                let busy = depths
                    .iter()
                    .any(|depth| depth.due > 0 || depth.running > 0);
                let seq = log.latest_seq().await.expect("the log");
                if !busy && self.catalog.model().applied() >= seq && ready() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect(what);
    }

    /// What the tables know.
    pub(crate) async fn memory(&self, name: &str) -> Memory {
        let campaign = EntityRef::parse(&format!("campaign:default/{name}"), None, None);
        Store::new(&self.db)
            .memory(&campaign.expect("a ref"))
            .await
            .expect("the tables can be read")
    }

    pub(crate) async fn send(&self, caller: Caller, request: Request) -> Seen {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(caller));
        let capability = insights::capability(&self.campaigns, Arc::clone(&gate));
        let routes = insights::page_routes(&self.campaigns, &self.portal, gate);
        let router = routes.merge(capability.routes).into_router();
        let response = router
            .layer(from_fn(platform::http::finish))
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.expect("a body");
        Seen {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.send(Caller::system("test"), request).await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let seen = self.get(path).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        serde_json::from_str(&seen.text).expect("JSON")
    }

    /// A page that must be there, in a language, without missing texts.
    pub(crate) async fn page(&self, path: &str, language: &str) -> String {
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .expect("a request");
        let seen = self.send(Caller::system("test"), request).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        assert!(
            seen.headers.contains_key(header::CONTENT_SECURITY_POLICY),
            "{path}"
        );
        assert!(
            seen.text.contains(&format!(r#"<html lang="{language}""#)),
            "{path}"
        );
        assert_eq!(
            self.portal.texts().missing(),
            Vec::<String>::new(),
            "{path}"
        );
        seen.text
    }
}

/// The file with an entity that tells this writing of it from others.
fn marked(text: &str, number: u64) -> String {
    format!(
        "{text}\n---\napiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {{name: mark-{number}}}\nspec: {{owner: team-orders}}\n"
    )
}

/// One department with two teams, and databases of these names, engine
/// versions and owners; then the campaign's own lines below `spec`.
pub(crate) fn company(databases: &[(&str, &str, &str)], spec: &str) -> String {
    let mut text = String::from(
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: dept-shop, title: Shop}\nspec: {type: department, children: []}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-orders, title: Orders}\nspec: {type: team, parent: dept-shop, children: []}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-pay, title: Payments}\nspec: {type: team, parent: dept-shop, children: []}\n---\n",
    );
    for (name, version, owner) in databases {
        text.push_str(&format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: {name}\n  labels: {{example.com/version: \"{version}\"}}\nspec: {{type: database, owner: {owner}}}\n---\n"
        ));
    }
    text.push_str("apiVersion: portway.dev/v1alpha1\nkind: Campaign\nmetadata: {name: pg11, title: PostgreSQL 11}\nspec:\n");
    for line in spec.lines() {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// A campaign from the 1st of November to the 1st of December 2026.
pub(crate) const SPEC: &str = r#"owner: dept-shop
starts: 2026-11-01
deadline: 2026-12-01
targets: {filter: "kind=resource,spec.type=database"}
done: {filter: "metadata.labels.example.com/version=17"}
"#;

//! Templates in a folder, tasks of them, and actions that a test looks into.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::from_fn;
use catalog::{Catalog, DeletionGuard, Intervals, Origin, Rules};
use create::{Create, Outcome, Settings, StepAction, StepError};
use identity::{Entropy, SealKey, Secret};
use jiff::Timestamp;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use parking_lot::Mutex;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::controller::{Runner, RunnerOptions};
use platform::http::Gate;
use platform::queue::Queue;
use platform::store::{Db, Sql};
use platform::{ApiError, Clock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) use testing::{On, on_both_databases};

const START: Timestamp = Timestamp::constant(1_767_323_045, 0);
const NEVER: Duration = Duration::from_secs(20 * 365 * 86_400);
const PATIENCE: Duration = Duration::from_secs(120);

/// Recognises everybody as the same caller.
struct Everyone(Caller);

#[async_trait]
impl Gate for Everyone {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(self.0.clone())
    }
}

/// What the test's own actions have done outside.
#[derive(Clone, Default)]
pub(crate) struct Outside {
    /// Every effect, in order.
    pub(crate) made: Arc<Mutex<Vec<String>>>,
    /// Whether `test:stop` stands still.
    pub(crate) stands: Arc<AtomicBool>,
    /// How often `test:stop` was reached.
    pub(crate) reached: Arc<AtomicUsize>,
}

fn own_actions(outside: &Outside) -> Vec<StepAction> {
    let (effects, stops) = (outside.clone(), outside.clone());
    vec![
        StepAction::new("test:echo", "Answers its input.", |_, input| async move {
            Ok(Outcome::with(input))
        })
        .runs_in_dry_run(),
        StepAction::new("test:fail", "Fails.", |_, input| async move {
            let message = input["message"].as_str().unwrap_or("on purpose");
            Err(StepError::new(message))
        }),
        StepAction::new(
            "test:effect",
            "Does something that must not be repeated.",
            move |context, input| {
                let outside = effects.clone();
                async move {
                    let name = input["name"].as_str().unwrap_or_default().to_owned();
                    let key = format!("{name}:{}", context.idempotency_key());
                    let found = outside.made.lock().contains(&key);
                    context
                        .once(
                            "made",
                            || async { Ok(found.then(|| json!(true))) },
                            || async {
                                outside.made.lock().push(key.clone());
                                // Where the process may end: done, and not yet written down.
                                stand(&outside).await;
                                Ok(json!(true))
                            },
                        )
                        .await?;
                    context
                        .left_behind(&create::LeftBehind {
                            what: format!("thing {name}"),
                            url: None,
                            undo: "throw it away".to_owned(),
                        })
                        .await?;
                    Ok(Outcome::with(json!({ "name": name })))
                }
            },
        ),
        StepAction::new(
            "test:stop",
            "Stands still until it may go on.",
            move |context, _| {
                let outside = stops.clone();
                async move {
                    outside.reached.fetch_add(1, Ordering::SeqCst);
                    context.log().info("standing still");
                    tokio::select! {
                        () = stand(&outside) => Ok(Outcome::done()),
                        () = context.cancelled().cancelled() => Err(StepError::new("told to end")),
                    }
                }
            },
        ),
        StepAction::new("test:panic", "Has a mistake.", |_, _| async move {
            Err(mistake())
        }),
    ]
}

fn mistake() -> StepError {
    panic!("a mistake of the action")
}

async fn stand(outside: &Outside) {
    while outside.stands.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
}

/// Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) create: Create,
    pub(crate) catalog: Catalog,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) outside: Outside,
    pub(crate) data: TempDir,
    _files: TempDir,
    stop: CancellationToken,
    runner: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A template of the name `t`, with these steps in YAML.
pub(crate) fn steps(text: &str) -> String {
    format!(
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: t\n  title: A template\nspec:\n  type: service\n  owner: guests\n  parameters:\n    - title: Page\n      properties:\n        name:\n          type: string\n  steps:\n{}",
        text.lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    )
}

impl World {
    /// Files of a source; those that end in `.yaml` at its root are entities.
    pub(crate) async fn new(on: On, files: &[(&str, &str)]) -> Self {
        Self::with(on, files, |_| {}).await
    }

    pub(crate) async fn with(
        on: On,
        files: &[(&str, &str)],
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let folder = tempfile::tempdir().expect("a directory");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        let clock = Clock::manual(START);
        let sets = [catalog::MIGRATIONS, create::MIGRATIONS];
        let db = Db::open(&on.fresh(data.path()).await, &sets, clock.clone())
            .await
            .expect("the database opens");
        let catalog = Catalog::open(&db, &clock, catalog_settings(data.path(), &clock))
            .await
            .expect("the catalog opens");
        let location = LocationRef::new("file", &folder.path().join("*.yaml").to_string_lossy());
        catalog
            .declare(&[(Origin::Config, location.expect("a location"))])
            .await
            .expect("declared");
        let stop = CancellationToken::new();
        let (keeper, token) = (catalog.clone(), stop.clone());
        tokio::spawn(async move { keeper.keep_fresh(token).await });
        let outside = Outside::default();
        let mut settings = Settings::new(data.path());
        adjust(&mut settings);
        let seal = SealKey::from_secret(&Secret::new("a test".to_owned()));
        let create = Create::new(
            &db,
            &catalog,
            (seal, Entropy::system()),
            settings,
            own_actions(&outside),
        );
        let world = Self {
            create,
            catalog,
            clock,
            db,
            outside,
            data,
            _files: folder,
            stop,
            runner: Mutex::new(None),
        };
        world.start();
        world.quiet("the catalog is read").await;
        world
    }

    /// Starts what runs tasks.
    pub(crate) fn start(&self) {
        let controllers = [self.catalog.controllers(), self.create.controllers()].concat();
        let runner = Runner::new(&self.db, controllers, RunnerOptions::new("test"));
        let token = self.stop.clone();
        let handle = tokio::spawn(async move { runner.run(token).await });
        *self.runner.lock() = Some(handle);
    }

    /// Ends what runs tasks, as a kill would: nothing is given back. Leases
    /// end when the clock has moved.
    pub(crate) async fn kill(&self) {
        let handle = self.runner.lock().take();
        if let Some(handle) = handle {
            handle.abort();
            let _ = handle.await;
        }
        self.clock.advance(Duration::from_secs(31));
    }

    /// Waits until something holds.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, what: &str, ready: impl Fn() -> F) {
        let wait = async {
            while !ready().await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect(what);
    }

    /// Waits until no job is due or running, and the catalog shows everything.
    pub(crate) async fn quiet(&self, what: &str) {
        let queue = Queue::new(&self.db);
        let log = platform::event::EventLog::new(&self.db);
        self.until(what, || async {
            let depths = queue.depths().await.expect("the queue");
            let busy = depths
                .iter()
                .any(|depth| depth.due > 0 || depth.running > 0);
            let seq = log.latest_seq().await.expect("the log");
            !busy && self.catalog.model().applied() >= seq
        })
        .await;
    }

    pub(crate) async fn ask_as(
        &self,
        caller: Caller,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, String) {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(caller));
        let router = create::capability(&self.create, gate).routes.into_router();
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/scaffolder/v2{path}"))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .expect("a request");
        let response = router
            .layer(from_fn(platform::http::finish))
            .oneshot(request)
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 26)
            .await
            .expect("a body");
        (status, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, text) = self.ask_as(kim(), method, path, body).await;
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Makes a task and answers its id.
    pub(crate) async fn make(&self, body: &Value) -> String {
        let (status, answer) = self.ask("POST", "/tasks", body).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// Runs the template `t` to its end, and answers the task.
    pub(crate) async fn run(&self, values: Value) -> Value {
        let id = self
            .make(&json!({ "templateRef": "template:default/t", "values": values }))
            .await;
        self.quiet("the task ends").await;
        self.get(&format!("/tasks/{id}")).await
    }

    /// The messages of a task's log, without colours.
    pub(crate) async fn log(&self, task: &Value) -> Vec<String> {
        let id = task["id"].as_str().expect("an id");
        let events = self.get(&format!("/tasks/{id}/events?after=0")).await;
        let events = events.as_array().cloned().unwrap_or_default();
        events
            .iter()
            .map(|event| {
                let text = event["body"]["message"].as_str().unwrap_or_default();
                text.replace("\u{1b}[32minfo\u{1b}[39m: ", "")
            })
            .collect()
    }

    /// Every byte that the tables of tasks hold, as text.
    pub(crate) async fn tables(&self) -> String {
        let mut all = String::new();
        for (table, columns) in [
            (
                "create_tasks",
                "spec, coalesce(output, ''), coalesce(error, '')",
            ),
            ("create_events", "body, kind, task"),
        ] {
            let text = format!("SELECT {columns} FROM {table}");
            for row in self
                .db
                .read(Sql::assembled(text), Vec::new())
                .await
                .expect("rows")
            {
                for column in 0..3 {
                    all.push_str(row.text(column).expect("text"));
                }
            }
        }
        for text in [
            "SELECT secrets FROM create_tasks WHERE secrets IS NOT NULL",
            "SELECT output FROM create_steps WHERE output IS NOT NULL",
            "SELECT value FROM create_marks WHERE value IS NOT NULL",
        ] {
            for row in self.db.read(text, Vec::new()).await.expect("rows") {
                all.push_str(&String::from_utf8_lossy(row.bytes(0).expect("bytes")));
            }
        }
        all
    }
}

/// A person who may do everything.
pub(crate) fn kim() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/kim"),
        ownership: Vec::new(),
        grants: Grants::All,
    }
}

/// A person who may use golden paths, and nothing else.
pub(crate) fn lee() -> Caller {
    let names = create::permission::ALL
        .iter()
        .map(|permission| permission.name.to_owned());
    let mut names: std::collections::BTreeSet<String> = names.collect();
    names.insert("catalog.entity.read".to_owned());
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/lee"),
        ownership: Vec::new(),
        grants: Grants::Named(names),
    }
}

fn catalog_settings(data: &Path, clock: &Clock) -> catalog::Settings {
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

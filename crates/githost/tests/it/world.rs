//! A host on a port of this machine, and people with tokens.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::http::request::Parts;
use githost::{GitHost, Settings};
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::Clock;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::event::{EventFilter, EventLog};
use platform::http::Gate;
use platform::store::Db;
use serde_json::Value;
use tempfile::TempDir;
pub(crate) use testing::On;

/// Whether the `git` program is there; says so when it is not.
pub(crate) fn has_git() -> bool {
    let found = Command::new("git").arg("--version").output().is_ok();
    if !found {
        println!("skipped: the git program is absent");
    }
    found
}

/// People by their tokens: `ada` may do everything, the others what developers
/// may, `eve` only reads.
struct People;

const DEVELOPER: [&str; 3] = [
    "git.repository.read",
    "git.repository.create",
    "git.repository.update",
];

#[async_trait]
impl Gate for People {
    async fn caller(&self, parts: &Parts) -> Result<Caller, ApiError> {
        let header = parts.headers.get("authorization");
        let Some(token) = header.and_then(|value| value.to_str().ok()) else {
            return Ok(Caller::anonymous());
        };
        let name = token
            .strip_prefix("Bearer ")
            .and_then(|token| token.strip_suffix("-token"))
            .ok_or_else(|| ApiError::unauthenticated("Illegal token"))?;
        let grants = match name {
            "ada" => Grants::All,
            "eve" => Grants::Read,
            _ => Grants::Named(DEVELOPER.iter().map(|one| (*one).to_owned()).collect()),
        };
        let group = if name == "mallory" { "other" } else { "acme" };
        Ok(Caller {
            actor: Actor::new(ActorKind::User, format!("user:default/{name}")),
            ownership: vec![
                EntityRef::parse(&format!("group:default/{group}"), None, None)
                    .expect("a reference"),
            ],
            grants,
        })
    }
}

pub(crate) struct World {
    pub(crate) data: TempDir,
    pub(crate) db: Db,
    pub(crate) address: String,
    client: Client,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Client(Router);

impl World {
    pub(crate) async fn new(on: On) -> Self {
        Self::with(on, |_| {}).await
    }

    pub(crate) async fn with(on: On, change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let url = on.fresh(data.path()).await;
        let db = Db::open(&url, &[githost::MIGRATIONS], Clock::system())
            .await
            .expect("a database");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let mut settings = Settings::new(data.path(), &format!("http://{address}"));
        change(&mut settings);
        let host = GitHost::open(&db, settings);
        let gate: Arc<dyn Gate> = Arc::new(People);
        let router = githost::capability(&host, &gate)
            .routes
            .into_router()
            .layer(axum::middleware::from_fn(platform::http::finish));
        let serving = router.clone();
        let task = tokio::spawn(async move {
            axum::serve(listener, serving).await.expect("a server");
        });
        Self {
            data,
            db,
            address,
            client: Client(router),
            task,
        }
    }

    /// A request with somebody's token; the status and the JSON of the answer.
    pub(crate) async fn call(
        &self,
        (who, method, path): (&str, &str, &str),
        body: Value,
    ) -> (u16, Value) {
        use tower::ServiceExt as _;
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {who}-token"))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body.to_string()))
            .expect("a request");
        let answer = self
            .client
            .0
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), 16 << 20)
            .await
            .expect("a body");
        let json = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        (status, json)
    }

    pub(crate) async fn create(&self, who: &str, name: &str) {
        let (owner, name) = name.split_once('/').expect("owner/name");
        let body = serde_json::json!({ "owner": owner, "name": name });
        let (status, answer) = self
            .call((who, "POST", "/api/v1/git/repositories"), body)
            .await;
        assert_eq!(status, 201, "{answer}");
    }

    /// The address of a repository with somebody's token.
    pub(crate) fn url(&self, who: &str, name: &str) -> String {
        format!("http://{who}:{who}-token@{}/git/{name}.git", self.address)
    }

    /// An empty directory for a clone.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        let path = self.data.path().join("work").join(name);
        std::fs::create_dir_all(&path).expect("a directory");
        path
    }

    /// The types of all events so far with their facts.
    pub(crate) async fn events(&self) -> Vec<(String, Value)> {
        EventLog::new(&self.db)
            .after(0, &EventFilter::default(), 10_000)
            .await
            .expect("events")
            .into_iter()
            .map(|event| (event.kind, event.data))
            .collect()
    }
}

/// Runs `git` off the async threads.
pub(crate) async fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = try_git(directory, arguments).await;
    assert!(
        output.status.success(),
        "git {arguments:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs `git`, which must fail, and answers what it says.
pub(crate) async fn git_fails(directory: &Path, arguments: &[&str]) -> String {
    let output = try_git(directory, arguments).await;
    assert!(!output.status.success(), "git {arguments:?} succeeded");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) async fn try_git(directory: &Path, arguments: &[&str]) -> Output {
    let directory = directory.to_owned();
    let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
    tokio::task::spawn_blocking(move || {
        Command::new("git")
            .args(&arguments)
            .current_dir(directory)
            .env("GIT_AUTHOR_NAME", "Kim Minji")
            .env("GIT_AUTHOR_EMAIL", "minji@acme.example")
            .env("GIT_COMMITTER_NAME", "Kim Minji")
            .env("GIT_COMMITTER_EMAIL", "minji@acme.example")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .output()
            .expect("the git program")
    })
    .await
    .expect("git")
}

/// Writes a file and commits everything; answers the commit.
pub(crate) async fn commit(directory: &Path, path: &str, content: &[u8]) -> String {
    let full = directory.join(path);
    std::fs::create_dir_all(full.parent().expect("a parent")).expect("a directory");
    std::fs::write(full, content).expect("a file");
    git(directory, &["add", "--all"]).await;
    git(directory, &["commit", "--quiet", "-m", path]).await;
    git(directory, &["rev-parse", "HEAD"]).await
}

/// A working copy with a first commit on `main` that names the host `origin`.
pub(crate) async fn seeded(world: &World, who: &str, name: &str, place: &str) -> PathBuf {
    world.create(who, name).await;
    let work = world.place(place);
    git(&work, &["init", "--quiet", "--initial-branch=main"]).await;
    git(&work, &["remote", "add", "origin", &world.url(who, name)]).await;
    commit(&work, "README.md", b"# Shop\n").await;
    git(&work, &["push", "--quiet", "origin", "main"]).await;
    work
}

//! A running `portway up`.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use platform::Clock;
use platform::capability::Surface;
use platform::http::RouteInfo;
use portway::server::UpOptions;
use serde_json::{Value, json};

use crate::http::{Answer, exchange, request};
use crate::program::command;

/// Longer than any start takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Killed, without a chance to tidy up, when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:41234`.
    pub(crate) address: String,
    /// May do everything.
    pub(crate) token: String,
    log: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// Starts `portway up` in `folder` with its data in `data` there, and waits
    /// until it listens.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    /// The same, with environment variables.
    pub(crate) fn start_with(
        folder: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let log = folder.join("portway.log");
        let mut words = vec!["up", "--data", "data"];
        if !arguments.contains(&"--listen") {
            words.extend(["--listen", "127.0.0.1:0"]);
        }
        words.extend(arguments);
        let mut command = command(folder, &words);
        command
            .envs(variables.iter().copied())
            .stderr(File::create(&log).unwrap())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let url = first_url(&mut child).unwrap_or_else(|| {
            let _ = child.kill();
            panic!(
                "portway {words:?} did not start:\n{}",
                std::fs::read_to_string(&log).unwrap_or_default()
            )
        });
        let access = std::fs::read(folder.join("data/local-access.json")).unwrap();
        let access: Value = serde_json::from_slice(&access).unwrap();
        let port = url.rsplit(':').next().unwrap();
        Self {
            child,
            address: format!("127.0.0.1:{port}"),
            token: access["token"].as_str().unwrap().to_owned(),
            log,
        }
    }

    /// SIGKILL: nothing that the process would still have done is done.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Asks with the token that may do everything.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.try_ask(method, path, body)
            .unwrap_or_else(|cause| panic!("{method} {path}: {cause}\n{}", self.log()))
    }

    /// The same, for a server that may be killed meanwhile.
    pub(crate) fn try_ask(&self, method: &str, path: &str, body: &[u8]) -> io::Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let head = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        exchange(&self.address, &request(method, path, &head, body))
    }

    /// Asks with exactly these headers.
    pub(crate) fn ask_as(
        &self,
        method: &str,
        path: &str,
        head: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let answer = exchange(&self.address, &request(method, path, head, body));
        answer.unwrap_or_else(|cause| panic!("{method} {path}: {cause}\n{}", self.log()))
    }

    /// The JSON of a GET that succeeds.
    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The items of a list answer.
    pub(crate) fn items(&self, path: &str) -> Vec<Value> {
        self.json(path)["items"].as_array().unwrap().clone()
    }

    /// Waits until every source has been read once, by asking for each again.
    pub(crate) fn settled(&self) {
        for source in self.items("/api/v1/catalog/sources") {
            self.wait_for(
                &format!("/api/v1/catalog/sources/{}", source["id"].as_str().unwrap()),
                |source| {
                    source["lastAttemptAt"].is_string()
                        && source["nextRefresh"]["running"] == json!(false)
                },
            );
        }
    }

    /// Asks again and again until the answer is as wanted; each answer takes a
    /// moment, and a server that never gets there fails the test.
    pub(crate) fn wait_for(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..20_000 {
            last = self.json(path);
            if wanted(&last) {
                return last;
            }
            std::thread::yield_now();
        }
        panic!("{path} stays at {last}\n{}", self.log())
    }
}

/// Every route that the server declares, with its access and description.
pub(crate) fn table() -> Vec<RouteInfo> {
    known().0.clone()
}

/// Everything else that the server lets people and programs meet.
pub(crate) fn surfaces() -> Vec<Surface> {
    known().1.clone()
}

fn known() -> &'static (Vec<RouteInfo>, Vec<Surface>) {
    static KNOWN: OnceLock<(Vec<RouteInfo>, Vec<Surface>)> = OnceLock::new();
    KNOWN.get_or_init(declared)
}

fn declared() -> (Vec<RouteInfo>, Vec<Surface>) {
    let data = tempfile::tempdir().unwrap();
    let options = UpOptions {
        data: data.path().join("data"),
        listen: Some("127.0.0.1:0".to_owned()),
        ..UpOptions::default()
    };
    // As `main` does.
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime
        .block_on(portway::server::Server::start(&options, Clock::system()))
        .unwrap();
    let routes = server.routes().to_vec();
    assert!(
        routes.len() > 50,
        "the table has shrunk to {}",
        routes.len()
    );
    (routes, server.surfaces().to_vec())
}

/// The address that the program prints once it listens; `None` when it ends.
fn first_url(child: &mut Child) -> Option<String> {
    let out = BufReader::new(child.stdout.take()?);
    let (send, receive) = mpsc::channel();
    // Also reads what comes later, so that the program never waits for a reader.
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    loop {
        let line = receive.recv_timeout(PATIENCE).ok()?;
        if let Some(url) = line.strip_prefix("Portway is at ") {
            return Some(url.to_owned());
        }
    }
}

/// A problem of the API as `portway validate` prints it, without its file:
/// `8:10: error[code]: message` and the indented notes.
pub(crate) fn printed(problem: &Value) -> String {
    let place = match problem["line"].as_u64() {
        Some(0) => String::new(),
        line => format!("{}:{}:", line.unwrap(), problem["column"]),
    };
    let text = |field: &str| problem[field].as_str().unwrap();
    let mut printed = format!(
        "{place} {}[{}]: {}\n",
        text("severity"),
        text("code"),
        text("message")
    );
    for field in ["accepted", "fix"] {
        if let Some(note) = problem[field].as_str() {
            printed.push_str(&format!("  {field}: {note}\n"));
        }
    }
    printed
}

//! A running `portway up`, and the command line beside it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before a test says that it never happened.
const DEADLINE: Duration = Duration::from_secs(10);

/// A small company with names in Hangul.
pub(crate) const CATALOG: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: order-service, title: 주문 서비스, description: 주문을 받는다, tags: [java]}
spec: {type: service, lifecycle: production, owner: team-order, system: shop, dependsOn: [component:pay-service]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: pay-service, title: Payment, description: Takes money}
spec: {type: service, lifecycle: production, owner: team-order, dependsOn: [resource:cache]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: cache, title: 캐시}
spec: {type: cache, owner: team-order}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: team-order}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-order}
spec: {type: team, parent: division, children: [], profile: {displayName: 주문팀, email: order@example.com}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: division}
spec: {type: department, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: kim}
spec: {memberOf: [team-order], profile: {displayName: 김서연}}
";

/// A folder of its own: the catalog's files, the data, and maybe a server.
pub(crate) struct Portway {
    folder: tempfile::TempDir,
    server: Option<Child>,
    /// Kept open, as a terminal would be.
    said: Option<BufReader<ChildStdout>>,
    /// Where the server said that it is.
    pub(crate) url: String,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Portway {
    /// The folder without a server.
    pub(crate) fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("catalog")).unwrap();
        std::fs::write(folder.path().join("catalog/catalog-info.yaml"), CATALOG).unwrap();
        Self {
            folder,
            server: None,
            said: None,
            url: String::new(),
        }
    }

    /// The folder with a server that has read it.
    pub(crate) fn up() -> Self {
        let mut portway = Self::folder();
        let mut child = portway
            .command(&["up", "catalog", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        portway.said = Some(said);
        portway.server = Some(child);
        portway.url = line
            .trim()
            .strip_prefix("Portway is at ")
            .unwrap_or_else(|| panic!("the first line is {line:?}"))
            .to_owned();
        portway.until(&["get", "user", "kim"], |ran| ran.code == 0);
        portway
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn process(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    /// Waits for the server to end by itself.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let mut server = self.server.take().unwrap();
        let start = Instant::now();
        loop {
            if let Some(status) = server.try_wait().unwrap() {
                return status.code();
            }
            if start.elapsed() > DEADLINE {
                server.kill().unwrap();
                panic!("the server did not end");
            }
            std::thread::yield_now();
        }
    }

    /// Ends the server at once, as a crash would.
    pub(crate) fn crash(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// The program in this folder, with an empty environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portway"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("PORTWAY_DATA", self.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs a command that has to work.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran
    }

    /// Runs a command again and again until it is as wanted.
    pub(crate) fn until(&self, arguments: &[&str], wanted: impl Fn(&Ran) -> bool) -> Ran {
        let start = Instant::now();
        loop {
            let ran = self.run(arguments);
            if wanted(&ran) {
                return ran;
            }
            assert!(start.elapsed() < DEADLINE, "{arguments:?} stayed {ran:?}");
        }
    }
}

impl Drop for Portway {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have ended already.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// The lines of standard output.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}

//! The program under measurement: started as a user starts it, stopped when dropped.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::generate::Manifest;
use crate::http::{Address, Connection};
use crate::options::Options;

const TOKEN: &str = "benchmark-token-1234567890";
/// How often we ask whether it answers.
const POLL: Duration = Duration::from_millis(5);
/// How long a start may take before we give up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long 100,000 entities may take.
const FILLING: Duration = Duration::from_secs(600);

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: Address,
    started: Instant,
    log: PathBuf,
}

/// What to start.
pub(crate) struct Start<'a> {
    pub(crate) options: &'a Options,
    /// Folder of entities to read, if any.
    pub(crate) entities: Option<&'a Path>,
    /// Name of the data folder in the work folder.
    pub(crate) data: &'a str,
    /// Whether to begin with an empty data folder.
    pub(crate) fresh: bool,
    /// Whether people may sign in: as guests of the demo, who may do everything.
    pub(crate) people: bool,
}

impl Start<'_> {
    pub(crate) fn run(&self) -> Result<Server> {
        let work = absolute(&self.options.work)?;
        std::fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
        let data = work.join(self.data);
        if self.fresh && data.exists() {
            std::fs::remove_dir_all(&data).with_context(|| data.display().to_string())?;
        }
        std::fs::create_dir_all(&data)?;
        let config = work.join("app-config.yaml");
        std::fs::write(
            &config,
            format!(
                "backend:\n  limits: {{rates: false}}\n  auth:\n    externalAccess:\n      - type: static\n        options:\n          token: {TOKEN}\n          \
                 subject: benchmark\n"
            ),
        )?;
        let authority = free_authority()?;
        let log = work.join("server.log");
        File::create(&log)?;
        // Both streams append, so that neither writes over the other.
        let appending = || File::options().append(true).open(&log);
        let mut command = Command::new(absolute(&self.options.binary)?);
        command.arg("up");
        if let Some(entities) = self.entities {
            command.arg(absolute(entities)?);
        }
        command
            .arg("--data")
            .arg(&data)
            .arg("--listen")
            .arg(&authority)
            .arg("--config")
            .arg(&config);
        if self.people {
            command.arg("--demo");
        }
        if let Some(database) = &self.options.database {
            command.arg("--database").arg(database);
        }
        command
            .current_dir(&work)
            .stdin(Stdio::null())
            .stdout(appending()?)
            .stderr(appending()?);
        let started = Instant::now();
        let child = command.spawn().with_context(|| {
            format!(
                "cannot start {}; build it: cargo build --release",
                self.options.binary.display()
            )
        })?;
        Ok(Server {
            child,
            address: Address {
                authority,
                token: TOKEN.to_owned(),
            },
            started,
            log,
        })
    }
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Time since the process was started.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits for the first 200 on the list of entities.
    pub(crate) fn first_answer(&mut self) -> Result<Duration> {
        while self.age() < PATIENCE {
            if let Ok(mut connection) = Connection::open(&self.address)
                && connection
                    .get("/api/catalog/entities?limit=1")
                    .is_ok_and(|status| status == 200)
            {
                return Ok(self.age());
            }
            self.check_alive()?;
            std::thread::sleep(POLL);
        }
        bail!(
            "no 200 within {} s; its log is {}",
            PATIENCE.as_secs(),
            self.log.display()
        )
    }

    /// Waits until every entity of the manifest is counted by the facet `kind`.
    pub(crate) fn all_readable(&mut self, manifest: &Manifest) -> Result<Duration> {
        self.wait("all entities are readable", |connection| {
            let answer = connection.json("/api/catalog/entity-facets?facet=kind")?;
            let facets = answer
                .pointer("/facets/kind")
                .and_then(serde_json::Value::as_array)
                .cloned()
                .unwrap_or_default();
            Ok(manifest.by_kind.iter().all(|(kind, wanted)| {
                let found = facets.iter().find(|facet| {
                    facet.get("value").and_then(serde_json::Value::as_str) == Some(kind)
                });
                found
                    .and_then(|facet| facet.get("count")?.as_u64())
                    .is_some_and(|count| count >= *wanted as u64)
            }))
        })
    }

    /// Waits until every component has an owner and a system among its relations.
    pub(crate) fn all_related(&mut self, manifest: &Manifest) -> Result<Duration> {
        let wanted = manifest.of_kind("Component") as u64;
        self.wait("all components have their relations", |connection| {
            let path = "/api/catalog/entities/by-query?limit=0&filter=kind=component,relations.ownedby,relations.partof";
            let answer = connection.json(path)?;
            Ok(answer.get("totalItems").and_then(serde_json::Value::as_u64).is_some_and(|count| count >= wanted))
        })
    }

    /// Waits until search has everything; returns the age then.
    pub(crate) fn all_found(&mut self) -> Result<Duration> {
        self.wait("everything can be searched for", |connection| {
            let answer = connection.json("/api/v1/search?limit=0")?;
            Ok(answer.pointer("/index/complete") == Some(&serde_json::Value::Bool(true)))
        })
    }

    /// Asks again and again until `holds` answers true; returns the age then.
    pub(crate) fn wait(
        &mut self,
        what: &str,
        holds: impl Fn(&mut Connection) -> Result<bool>,
    ) -> Result<Duration> {
        let mut connection = Connection::open(&self.address)?;
        let until = Instant::now() + FILLING;
        while Instant::now() < until {
            if holds(&mut connection)? {
                return Ok(self.age());
            }
            self.check_alive()?;
            std::thread::sleep(POLL * 4);
        }
        bail!(
            "waited {} s until {what}; the server's log is {}",
            FILLING.as_secs(),
            self.log.display()
        )
    }

    fn check_alive(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else {
            return Ok(());
        };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(20)..)
            .unwrap_or_default();
        bail!("the server ended ({status}):\n{}", tail.join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It must survive this, so there is nothing to wait for politely.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}

/// An address that nobody listens on at the moment.
fn free_authority() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

//! SIGKILL at any moment: what has been acknowledged is still there, the log
//! has no gaps, and the work goes on where it stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use platform::Clock;
use platform::store::{DatabaseUrl, Db};
use serde_json::{Value, json};

use crate::program::{component, folder, write};
use crate::server::Server;
use crate::website::Website;

const FILES: usize = 20;
const PER_FILE: usize = 100;
/// How often the process is killed.
const ROUNDS: usize = 8;

/// 2,000 entities; `round` is in each of them, so that every round has as much
/// to write as the first.
fn write_all(folder: &Path, round: usize) {
    for file in 0..FILES {
        let documents: Vec<String> = (0..PER_FILE)
            .map(|at| {
                component(&format!("c{file}-{at}"))
                    .replace("type: service", &format!("type: round-{round}"))
            })
            .collect();
        write(
            folder,
            &format!("catalog/f{file}.yaml"),
            documents.join("---\n"),
        );
    }
}

/// What a client has been told.
#[derive(Default)]
struct Told {
    /// Events by their sequence number.
    events: BTreeMap<u64, Value>,
    /// The round in which each entity was seen last.
    entities: BTreeMap<String, usize>,
}

impl Told {
    /// Reads what is new in the log; answers how many events are known. Ends
    /// early when the server does.
    fn listen(&mut self, server: &Server) -> usize {
        let after = self.events.keys().next_back().copied().unwrap_or(0);
        let path = format!("/api/v1/events?limit=1000&after={after}");
        if let Ok(answer) = server.try_ask("GET", &path, b"") {
            for event in answer.json()["items"].as_array().unwrap() {
                let seq: u64 = event["sequence"].as_str().unwrap().parse().unwrap();
                self.events.insert(seq, event.clone());
            }
        }
        self.events.len()
    }

    /// Reads the whole list.
    fn look(&mut self, server: &Server) {
        for (name, round) in rounds_of(server) {
            let seen = self.entities.entry(name).or_default();
            *seen = round.max(*seen);
        }
    }

    /// Whether everything that was told still holds.
    fn check(&self, server: &Server) {
        let now = rounds_of(server);
        for (name, round) in &self.entities {
            let found = now.get(name);
            assert!(
                found >= Some(round),
                "{name} was seen in round {round} and is now {found:?}"
            );
        }
        let mut again = Told::default();
        while again.events.len() < self.events.len() {
            let before = again.events.len();
            assert!(
                again.listen(server) > before,
                "the log has become shorter: {before} of {}",
                self.events.len()
            );
        }
        for (seq, event) in &self.events {
            assert_eq!(
                again.events.get(seq),
                Some(event),
                "event {seq} is gone or another one"
            );
        }
    }
}

fn rounds_of(server: &Server) -> BTreeMap<String, usize> {
    let path = "/api/catalog/entities?filter=kind=component&fields=metadata.name,spec.type";
    let list = server.json(path);
    list.as_array()
        .unwrap()
        .iter()
        .map(|entity| {
            let round = entity["spec"]["type"]
                .as_str()
                .unwrap()
                .trim_start_matches("round-")
                .parse()
                .unwrap();
            (
                entity["metadata"]["name"].as_str().unwrap().to_owned(),
                round,
            )
        })
        .collect()
}

#[test]
fn killed_while_it_reads_two_thousand_entities() {
    let files = folder(&[]);
    let mut told = Told::default();
    for round in 1..=ROUNDS {
        write_all(files.path(), round);
        let mut server = Server::start(files.path(), &["catalog"]);
        told.check(&server);
        // Later in every round: from the first event to nearly the last.
        let wanted = told.events.len() + 1 + (round - 1) * FILES * PER_FILE / ROUNDS;
        while told.listen(&server) < wanted {
            std::thread::yield_now();
        }
        told.look(&server);
        server.kill();
    }
    let server = Server::start(files.path(), &["catalog"]);
    told.check(&server);
    let list = "/api/catalog/entities/by-query?limit=0&filter=spec.type=round-8";
    server.wait_for(list, |page| page["totalItems"] == json!(FILES * PER_FILE));
    server.settled();
    assert_eq!(
        server.items("/api/v1/catalog/problems"),
        Vec::<Value>::new()
    );
    let history = server.json("/api/v1/catalog/entities/component/default/c0-0/history?limit=100");
    let mut versions: Vec<u64> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["version"].as_u64().unwrap())
        .collect();
    versions.sort_unstable();
    let expected: Vec<u64> = (1..=versions.len() as u64).collect();
    assert_eq!(
        versions, expected,
        "a version of an entity is missing or there twice"
    );
    drop(server);
    no_gaps(files.path());
}

/// Looks into the database itself: every sequence number is there once.
fn no_gaps(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = DatabaseUrl::parse(&folder.join("data").to_string_lossy()).unwrap();
        let db = Db::open(&url, &[], Clock::system()).await.unwrap();
        let rows = db
            .read(
                "SELECT COUNT(*), MIN(seq), MAX(seq) FROM events",
                Vec::new(),
            )
            .await
            .unwrap();
        let [count, least, most] = [0, 1, 2].map(|column| rows[0].int(column).unwrap());
        assert_eq!((least, most), (1, count), "the log has gaps");
        let head = db
            .read("SELECT seq FROM event_head", Vec::new())
            .await
            .unwrap();
        assert_eq!(
            head[0].int(0).unwrap(),
            count,
            "the next event would leave a gap"
        );
        db.close().await;
    });
}

#[test]
fn killed_while_locations_are_registered_and_tokens_made() {
    let site = Website::start();
    let config = format!(
        "backend:\n  reading:\n    allow:\n      - host: '{}'\n",
        site.host()
    );
    let files = folder(&[("app-config.yaml", &config)]);
    let mut locations: BTreeMap<String, String> = BTreeMap::new();
    let mut tokens: Vec<String> = Vec::new();
    let mut names = BTreeSet::new();
    for round in 0..4_usize {
        let server = Server::start(files.path(), &[]);
        still_there(&server, &locations, &names, &tokens);
        let done = AtomicUsize::new(0);
        let pid = server.pid();
        let (mut made, mut secrets) = (Vec::new(), Vec::new());
        std::thread::scope(|scope| {
            let writing: Vec<_> = (0..2)
                .map(|writer| {
                    let (server, done, site) = (&server, &done, &site);
                    scope.spawn(move || {
                        write_until_killed(server, site, &format!("r{round}-w{writer}"), done)
                    })
                })
                .collect();
            // Between two answers, or in the middle of one.
            while done.load(Ordering::Acquire) < 3 + 2 * round {
                std::thread::yield_now();
            }
            let killed = std::process::Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status()
                .unwrap();
            assert!(killed.success());
            for writer in writing {
                let (registered, issued) = writer.join().unwrap();
                made.extend(registered);
                secrets.extend(issued);
            }
        });
        for (id, target, name) in made {
            locations.insert(id, target);
            names.insert(name);
        }
        tokens.extend(secrets);
    }
    let server = Server::start(files.path(), &[]);
    still_there(&server, &locations, &names, &tokens);
    assert!(
        locations.len() >= 8,
        "too few answers to say anything: {}",
        locations.len()
    );
    assert!(
        tokens.len() >= 8,
        "too few answers to say anything: {}",
        tokens.len()
    );
    drop(server);
    no_gaps(files.path());
}

/// Registers and makes tokens until the server answers no more. Answers what
/// was acknowledged: (id, target, entity), and secrets.
fn write_until_killed(
    server: &Server,
    site: &Website,
    prefix: &str,
    done: &AtomicUsize,
) -> (Vec<(String, String, String)>, Vec<String>) {
    let (mut registered, mut secrets) = (Vec::new(), Vec::new());
    for at in 0.. {
        let name = format!("{prefix}-{at}");
        let path = format!("/{name}.yaml");
        site.yaml(&path, &component(&name));
        let body = json!({"type": "url", "target": site.url(&path)}).to_string();
        let Ok(answer) = server.try_ask("POST", "/api/catalog/locations", body.as_bytes()) else {
            break;
        };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let answer = answer.json();
        assert_eq!(answer["entities"][0]["metadata"]["name"], name, "{answer}");
        let location = &answer["location"];
        registered.push((
            text(&location["id"]),
            text(&location["target"]),
            name.clone(),
        ));
        done.fetch_add(1, Ordering::Release);
        let body = json!({"name": name, "scope": "read"}).to_string();
        let Ok(answer) = server.try_ask("POST", "/api/v1/actions/token:create", body.as_bytes())
        else {
            break;
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
        secrets.push(text(&answer.json()["secret"]));
        done.fetch_add(1, Ordering::Release);
    }
    (registered, secrets)
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

fn still_there(
    server: &Server,
    locations: &BTreeMap<String, String>,
    names: &BTreeSet<String>,
    tokens: &[String],
) {
    let list = server.json("/api/catalog/locations");
    let now: BTreeMap<String, String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (text(&item["data"]["id"]), text(&item["data"]["target"])))
        .collect();
    for (id, target) in locations {
        assert_eq!(
            now.get(id),
            Some(target),
            "an acknowledged location is gone"
        );
    }
    for name in names {
        let entity = server.ask(
            "GET",
            &format!("/api/catalog/entities/by-name/component/default/{name}"),
            b"",
        );
        assert_eq!(entity.status, 200, "{name} was readable before");
    }
    for token in tokens {
        let bearer = format!("Bearer {token}");
        let answer = server.ask_as(
            "GET",
            "/api/catalog/locations",
            &[("authorization", &bearer)],
            b"",
        );
        assert_eq!(
            answer.status, 200,
            "an acknowledged token does not work any more"
        );
    }
}

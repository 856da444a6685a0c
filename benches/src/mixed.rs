//! What a company does with Portway on a working day, all at once: people with
//! sessions and programs with tokens, who read pages and the API, look at
//! facets and graphs, and now and then change something.
//!
//! An open loop: requests are due at fixed times, whatever the server does, and
//! their latency counts from when they were due. A server that falls behind
//! cannot hide it by making its clients wait.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::generate::Manifest;
use crate::http::{Address, Connection, Credential};
use crate::load::percentile;
use crate::options::Options;
use crate::process::{Usage, Used};
use crate::report::Section;
use crate::server::{Server, Start};

/// Connections, half of them with sessions, half with tokens.
const CONNECTIONS: usize = 32;
/// Requests of each connection before the measurement.
const WARM_UP: usize = 20;
/// How long they may take; the measurement begins then.
const WARMING: Duration = Duration::from_secs(3);

const COLUMNS: &[&str] = &[
    "call", "requests", "p50 ms", "p95 ms", "p99 ms", "max ms", "goal",
];

/// One kind of request with how many of a hundred it is.
struct Share {
    name: &'static str,
    of_hundred: usize,
    make: fn(&Manifest, usize) -> Asked,
}

/// A request.
enum Asked {
    Get(String),
    /// A path, a media type and a body.
    Post(&'static str, &'static str, String),
}

fn component(manifest: &Manifest, at: usize) -> &str {
    let names = &manifest.components;
    names
        .get(at % names.len().max(1))
        .map_or("none", String::as_str)
}

/// 80 % reads, 15 % facets and graphs, 5 % changes.
const MIX: &[Share] = &[
    Share {
        name: "API: an entity by its name",
        of_hundred: 22,
        make: |manifest, at| {
            let name = component(manifest, at);
            Asked::Get(format!(
                "/api/catalog/entities/by-name/component/default/{name}"
            ))
        },
    },
    Share {
        name: "API: a page of a list",
        of_hundred: 18,
        make: |_, at| {
            let offset = at % 50 * 20;
            Asked::Get(format!(
                "/api/catalog/entities/by-query?filter=kind=component&limit=20&offset={offset}&orderField=metadata.name,asc"
            ))
        },
    },
    Share {
        name: "page of an entity",
        of_hundred: 15,
        make: |manifest, at| {
            let name = component(manifest, at);
            Asked::Get(format!("/catalog/default/component/{name}"))
        },
    },
    Share {
        name: "page of a list",
        of_hundred: 10,
        make: |_, at| {
            let kind = ["component", "api", "resource", "group"];
            let kind = kind.get(at % kind.len()).unwrap_or(&"system");
            Asked::Get(format!("/catalog?kind={kind}"))
        },
    },
    Share {
        name: "page of the search",
        of_hundred: 10,
        make: |manifest, _| Asked::Get(format!("/search?q={}", manifest.searched)),
    },
    Share {
        name: "API: search",
        of_hundred: 5,
        make: |manifest, _| Asked::Get(format!("/api/search/query?term={}", manifest.searched)),
    },
    Share {
        name: "API: facets",
        of_hundred: 10,
        make: |_, _| {
            Asked::Get("/api/catalog/entity-facets?facet=spec.type&facet=metadata.tags".to_owned())
        },
    },
    Share {
        name: "graph around an entity",
        of_hundred: 5,
        make: |manifest, at| {
            let name = component(manifest, at);
            Asked::Get(format!("/graph.json?root=component:default/{name}"))
        },
    },
    Share {
        name: "star an entity",
        of_hundred: 3,
        make: |manifest, at| {
            let name = component(manifest, at);
            let word = if at % 2 == 0 { "star" } else { "unstar" };
            let body = format!("{word}=component%3Adefault%2F{name}");
            Asked::Post("/catalog/stars", "application/x-www-form-urlencoded", body)
        },
    },
    Share {
        name: "API: refresh an entity",
        of_hundred: 2,
        make: |manifest, at| {
            let name = component(manifest, at);
            let body = format!("{{\"entityRef\":\"component:default/{name}\"}}");
            Asked::Post("/api/catalog/refresh", "application/json", body)
        },
    },
];

/// Starts a server with the catalog and asks as many requests a second of it
/// as the options say.
pub(crate) fn measure(options: &Options, manifest: &Manifest) -> Result<Section> {
    let data = format!("data-mixed-{}", manifest.count);
    let start = Start {
        options,
        entities: Some(&manifest.folder),
        data: &data,
        fresh: false,
        people: true,
    };
    let mut server = start.run()?;
    server.first_answer()?;
    server.all_related(manifest)?;
    let credentials = credentials(&server)?;
    let usage = Usage::start(server.pid())?;
    let began = Instant::now();
    let samples = together(options, &server.address, manifest, &credentials)?;
    let took = began.elapsed();
    let used = usage.end()?;
    section(options, manifest, &samples, took, used)
}

/// One for each connection: guests of this machine, and tokens of programs.
fn credentials(server: &Server) -> Result<Vec<Credential>> {
    let mut asking = Connection::open(&server.address)?;
    let mut all = Vec::with_capacity(CONNECTIONS);
    for number in 0..CONNECTIONS {
        if number % 2 == 0 {
            let mut stranger = Connection::open_as(&server.address, &Credential::Nobody)?;
            let form = "application/x-www-form-urlencoded";
            let status = stranger.post("/sign-in/guest", form, "")?;
            let cookie = stranger.cookie().with_context(|| {
                format!("the guest is not signed in: /sign-in/guest answered {status}")
            })?;
            all.push(Credential::Session(cookie.to_owned()));
        } else {
            let body = format!(
                "{{\"name\":\"bench-{}-{number}\",\"scope\":\"all\"}}",
                std::process::id()
            );
            let path = "/api/v1/actions/token:create";
            let status = asking.post(path, "application/json", &body)?;
            let made: serde_json::Value = serde_json::from_slice(&asking.body)
                .with_context(|| format!("{path} answered {status}"))?;
            let secret = made.get("secret").and_then(serde_json::Value::as_str);
            all.push(Credential::Token(
                secret.context("an answer without a token")?.to_owned(),
            ));
        }
    }
    Ok(all)
}

/// The kinds of a hundred requests, mixed.
fn order() -> Vec<usize> {
    let mut order = Vec::with_capacity(100);
    let mut left: Vec<usize> = MIX.iter().map(|share| share.of_hundred).collect();
    for at in 0..100_usize {
        // The kind that is furthest behind its share comes next.
        let behind = |kind: &usize| {
            let share = MIX.get(*kind).map_or(0, |share| share.of_hundred);
            let used = share - left.get(*kind).copied().unwrap_or_default();
            (share * (at + 1)) as i64 - (used * 100) as i64
        };
        let next = (0..MIX.len())
            .filter(|kind| left.get(*kind).is_some_and(|left| *left > 0))
            .max_by_key(behind);
        if let Some(next) = next {
            if let Some(left) = left.get_mut(next) {
                *left -= 1;
            }
            order.push(next);
        }
    }
    order
}

/// The latency in microseconds of each request, by kind.
type Samples = Vec<Vec<u32>>;

fn together(
    options: &Options,
    address: &Address,
    manifest: &Manifest,
    credentials: &[Credential],
) -> Result<Samples> {
    let all = Mutex::new(vec![Vec::new(); MIX.len()]);
    let start = Instant::now() + WARMING;
    std::thread::scope(|scope| {
        let threads: Vec<_> = credentials
            .iter()
            .enumerate()
            .map(|(number, credential)| {
                let all = &all;
                scope.spawn(move || -> Result<()> {
                    let samples = alone(options, address, manifest, (number, credential), start)?;
                    let mut all = all.lock().map_err(|_| anyhow!("a connection failed"))?;
                    for (kind, found) in all.iter_mut().zip(samples) {
                        kind.extend(found);
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| anyhow!("a connection panicked"))?
        })
    })?;
    all.into_inner()
        .map_err(|_| anyhow!("a connection panicked"))
}

fn alone(
    options: &Options,
    address: &Address,
    manifest: &Manifest,
    (number, credential): (usize, &Credential),
    start: Instant,
) -> Result<Samples> {
    let mut connection = Connection::open_as(address, credential)?;
    let order = order();
    let mut samples = vec![Vec::new(); MIX.len()];
    let mut send = |at: usize| -> Result<usize> {
        let kind = order.get((at + number * 3) % order.len().max(1));
        let kind = kind.copied().unwrap_or_default();
        let share = MIX.get(kind).context("a kind of request")?;
        // Programs have no stars.
        let asked = match (share.make)(manifest, at * 31 + number * 7) {
            Asked::Post("/catalog/stars", ..) if matches!(credential, Credential::Token(_)) => {
                Asked::Get("/api/v1/version".to_owned())
            }
            other => other,
        };
        let (path, status) = match asked {
            Asked::Get(path) => {
                let status = connection.get(&path)?;
                (path, status)
            }
            Asked::Post(path, media, body) => {
                (path.to_owned(), connection.post(path, media, &body)?)
            }
        };
        if !(200..400).contains(&status) {
            let text = String::from_utf8_lossy(&connection.body);
            let text: String = text.chars().take(300).collect();
            bail!("{path} answered {status} under load: {text}");
        }
        Ok(kind)
    };
    for at in 0..WARM_UP {
        send(at)?;
    }
    let each = Duration::from_secs_f64(CONNECTIONS as f64 / options.rate as f64);
    let first = start + each.mul_f64(number as f64 / CONNECTIONS as f64);
    let count = (options.duration.as_secs_f64() / each.as_secs_f64()) as usize;
    for at in 0..count {
        let due = first + each.mul_f64(at as f64);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let kind = send(at)?;
        let took = u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX);
        if let Some(samples) = samples.get_mut(kind) {
            samples.push(took);
        }
    }
    Ok(samples)
}

fn section(
    options: &Options,
    manifest: &Manifest,
    samples: &Samples,
    took: Duration,
    used: Used,
) -> Result<Section> {
    let mut all: Vec<u32> = samples.concat();
    if all.is_empty() {
        bail!("no request was sent; is --seconds long enough?");
    }
    all.sort_unstable();
    let reached = all.len() as f64 / took.saturating_sub(WARMING).as_secs_f64().max(0.1);
    let mut rows = vec![row(
        &format!("all: {reached:.0} of {} a second", options.rate),
        &all,
        "2,000 a second on 2 cores, p99 50",
    )];
    for (share, samples) in MIX.iter().zip(samples) {
        let mut samples = samples.clone();
        samples.sort_unstable();
        rows.push(row(share.name, &samples, ""));
    }
    let mut cost = vec![format!(
        "processor: {:.3} ms a request, {:.0} % others",
        used.server / all.len() as f64 * 1e3,
        used.others
    )];
    cost.resize(COLUMNS.len(), String::new());
    rows.push(cost);
    Ok(Section {
        title: format!(
            "A working day with {} entities, {CONNECTIONS} connections, half sessions and half tokens, {} s",
            manifest.count,
            options.duration.as_secs()
        ),
        columns: COLUMNS,
        rows,
    })
}

fn row(name: &str, sorted: &[u32], goal: &str) -> Vec<String> {
    let ms = |percent: f64| format!("{:.2}", f64::from(percentile(sorted, percent)) / 1e3);
    vec![
        name.to_owned(),
        sorted.len().to_string(),
        ms(50.0),
        ms(95.0),
        ms(99.0),
        ms(100.0),
        goal.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_requests_are_the_mix_and_no_kind_comes_in_a_row() {
        let order = order();
        assert_eq!(order.len(), 100);
        for (kind, share) in MIX.iter().enumerate() {
            let found = order.iter().filter(|at| **at == kind).count();
            assert_eq!(found, share.of_hundred, "{}", share.name);
        }
        let longest = order
            .windows(3)
            .filter(|three| three[0] == three[1] && three[1] == three[2]);
        assert_eq!(longest.count(), 0, "{order:?}");
    }
}

//! Latency of the calls that clients make most, under load.
//!
//! A closed loop: each connection sends its next request when the answer to the
//! last one has been read. Percentiles are exact, from all samples. The client
//! shares the machine's processors with the server.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::generate::Manifest;
use crate::http::{Address, Connection};
use crate::options::Options;
use crate::process::{Usage, Used};
use crate::report::Section;
use crate::server::Start;

/// Requests before the measurement, so that what is made on first use is there.
const WARM_UP: usize = 50;

const COLUMNS: &[&str] = &[
    "call",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "max ms",
    "requests/s",
    "kB",
    "CPU ms/request",
    "other CPU",
    "goal",
];

/// One kind of request: its paths are sent in turn.
struct CallKind {
    name: &'static str,
    paths: Vec<String>,
    goal: &'static str,
}

/// Starts a server with the catalog (filled before, or filled now) and measures it.
pub(crate) fn measure(options: &Options, manifest: &Manifest) -> Result<Section> {
    let data = format!("data-{}", manifest.count);
    let start = Start {
        options,
        entities: Some(&manifest.folder),
        data: &data,
        fresh: false,
        people: false,
    };
    let mut server = start.run()?;
    server.first_answer()?;
    server.all_related(manifest)?;
    server.all_found()?;
    let pid = server.pid();
    section(options, manifest, &server.address, Some(pid))
}

/// Measures a server that runs already, whose processor time is not known.
pub(crate) fn measure_url(options: &Options, url: &str, token: &str, folder: &Path) -> Result<()> {
    let Some(authority) = url.strip_prefix("http://") else {
        bail!("`{url}` has to begin with http://");
    };
    let address = Address {
        authority: authority.trim_end_matches('/').to_owned(),
        token: token.to_owned(),
    };
    crate::report::print_section(
        options,
        &section(options, &Manifest::read(folder)?, &address, None)?,
    );
    Ok(())
}

fn calls(manifest: &Manifest) -> Vec<CallKind> {
    let one = |path: String| vec![path];
    let names = |prefix: &str| {
        manifest
            .components
            .iter()
            .map(|name| format!("{prefix}{name}"))
            .collect::<Vec<_>>()
    };
    let query = "/api/catalog/entities/by-query?filter=kind=component&limit=20&orderField=metadata.name,asc";
    vec![
        CallKind {
            name: "entities, filter, 20",
            paths: one(
                "/api/catalog/entities?filter=kind=component,spec.type=service&limit=20".to_owned(),
            ),
            goal: "p99 25",
        },
        CallKind {
            name: "by-query, page of 20 by name",
            paths: one(query.to_owned()),
            goal: "p99 25",
        },
        CallKind {
            name: "by-query, full text",
            paths: one(format!(
                "{query}&fullTextFilterTerm={}&fullTextFilterFields=metadata.name,metadata.title",
                manifest.searched
            )),
            goal: "",
        },
        CallKind {
            name: "facets of spec.type and tags",
            paths: one("/api/catalog/entity-facets?facet=spec.type&facet=metadata.tags".to_owned()),
            goal: "p99 25",
        },
        CallKind {
            name: "by-name, 200 names in turn",
            paths: names("/api/catalog/entities/by-name/component/default/"),
            goal: "p99 25",
        },
        CallKind {
            name: "page of an entity, in turn",
            paths: names("/catalog/default/component/"),
            goal: "p95 60",
        },
        CallKind {
            name: "page of the catalog",
            paths: one("/catalog?kind=component".to_owned()),
            goal: "p95 60",
        },
        CallKind {
            name: "home",
            paths: one("/".to_owned()),
            goal: "p95 60",
        },
        CallKind {
            name: "dependencies of an entity, in turn",
            paths: manifest
                .components
                .iter()
                .map(|name| format!("/catalog/default/component/{name}/relations"))
                .collect(),
            goal: "p95 60",
        },
        CallKind {
            name: "explore graph around an entity, in turn",
            paths: names("/graph?root=component:default/"),
            goal: "p95 60",
        },
    ]
    .into_iter()
    .chain(searches(manifest))
    .collect()
}

/// The search page, the rows of the palette, and the two search APIs, each
/// with the same words in turn.
fn searches(manifest: &Manifest) -> Vec<CallKind> {
    let typed = typed(manifest);
    let asked = |prefix: &str| {
        typed
            .iter()
            .map(|text| format!("{prefix}{text}"))
            .collect::<Vec<_>>()
    };
    vec![
        CallKind {
            name: "search page",
            paths: asked("/search?q="),
            goal: "p95 60",
        },
        CallKind {
            name: "palette",
            paths: asked("/search/palette?q="),
            goal: "p95 50",
        },
        CallKind {
            name: "search API",
            paths: asked("/api/v1/search?q="),
            goal: "p99 50",
        },
        CallKind {
            name: "search API of Backstage",
            paths: asked("/api/search/query?term="),
            goal: "p99 50",
        },
    ]
}

/// What people type: beginnings of one to five letters, whole names, two words
/// in any order, and names with two letters exchanged.
fn typed(manifest: &Manifest) -> Vec<String> {
    let mut typed = Vec::new();
    for (at, name) in manifest.components.iter().enumerate() {
        let words: Vec<&str> = name.split('-').collect();
        let (first, last) = (words.first().copied(), words.last().copied());
        typed.push(match at % 5 {
            0 => name.chars().take(1 + at / 5 % 5).collect(),
            1 => name.clone(),
            2 => format!("{}+{}", last.unwrap_or_default(), first.unwrap_or_default()),
            3 => exchanged(name),
            _ => words.get(1).copied().unwrap_or(name).to_owned(),
        });
    }
    typed
}

/// A name with its third and fourth letter exchanged.
fn exchanged(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() > 4 {
        letters.swap(2, 3);
    }
    letters.into_iter().collect()
}

fn section(
    options: &Options,
    manifest: &Manifest,
    address: &Address,
    pid: Option<u32>,
) -> Result<Section> {
    let mut section = Section {
        title: format!(
            "Latency with {} entities, {} connections, {} s a call",
            manifest.count,
            options.connections,
            options.duration.as_secs()
        ),
        columns: COLUMNS,
        rows: Vec::new(),
    };
    for call in calls(manifest) {
        eprintln!("  {} ...", call.name);
        section
            .rows
            .push(measure_call(options, address, &call, pid)?);
    }
    Ok(section)
}

fn measure_call(
    options: &Options,
    address: &Address,
    call: &CallKind,
    pid: Option<u32>,
) -> Result<Vec<String>> {
    let mut connection = Connection::open(address)?;
    for path in call.paths.iter().cycle().take(WARM_UP) {
        let status = connection.get(path)?;
        if status != 200 {
            let text = String::from_utf8_lossy(&connection.body);
            bail!(
                "{path} answered {status}: {}",
                text.chars().take(300).collect::<String>()
            );
        }
    }
    let size = connection.body.len();
    drop(connection);

    let usage = pid.map(Usage::start).transpose()?;
    let start = Instant::now();
    let mut samples = together(options, address, &call.paths)?;
    let took = start.elapsed();
    let used = usage.map(Usage::end).transpose()?;
    samples.sort_unstable();
    Ok(row(call, &samples, took, size, used))
}

fn row(
    call: &CallKind,
    samples: &[u32],
    took: Duration,
    size: usize,
    used: Option<Used>,
) -> Vec<String> {
    let ms = |percent: f64| format!("{:.2}", f64::from(percentile(samples, percent)) / 1e3);
    let count = samples.len() as f64;
    vec![
        call.name.to_owned(),
        ms(50.0),
        ms(95.0),
        ms(99.0),
        ms(100.0),
        format!("{:.0}", count / took.as_secs_f64()),
        format!("{:.1}", size as f64 / 1e3),
        used.map_or(String::new(), |used| {
            format!("{:.3}", used.server / count * 1e3)
        }),
        used.map_or(String::new(), |used| format!("{:.0} %", used.others)),
        call.goal.to_owned(),
    ]
}

/// Latencies in microseconds of all requests of all connections.
fn together(options: &Options, address: &Address, paths: &[String]) -> Result<Vec<u32>> {
    let all = Mutex::new(Vec::new());
    let until = Instant::now() + options.duration;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.connections)
            .map(|number| {
                let all = &all;
                scope.spawn(move || -> Result<()> {
                    let samples = alone(address, paths, number, until)?;
                    all.lock()
                        .map_err(|_| anyhow!("another connection failed"))?
                        .extend(samples);
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

fn alone(address: &Address, paths: &[String], number: usize, until: Instant) -> Result<Vec<u32>> {
    let mut connection = Connection::open(address)?;
    let mut samples = Vec::with_capacity(100_000);
    // Each connection begins elsewhere, so that they do not all ask for the same.
    for path in paths.iter().cycle().skip(number * 7) {
        let start = Instant::now();
        if start >= until {
            break;
        }
        let status = connection.get(path)?;
        if status != 200 {
            bail!("{path} answered {status} under load");
        }
        samples.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(samples)
}

/// Nearest rank in a sorted list; 0 for an empty one.
pub(crate) fn percentile(sorted: &[u32], percent: f64) -> u32 {
    let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let samples: Vec<u32> = (1..=200).collect();
        assert_eq!(percentile(&samples, 50.0), 100);
        assert_eq!(percentile(&samples, 99.0), 198);
        assert_eq!(percentile(&samples, 100.0), 200);
        assert_eq!(percentile(&[7], 50.0), 7);
        assert_eq!(percentile(&[], 99.0), 0);
    }
}

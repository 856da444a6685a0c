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
#[derive(Clone)]
struct CallKind {
    name: &'static str,
    paths: Vec<String>,
    goal: &'static str,
}

/// Starts a server with the catalog (filled before, or filled now) and measures
/// the calls of clients and the pages.
pub(crate) fn measure(options: &Options, manifest: &Manifest) -> Result<Section> {
    let calls = [apis(manifest), pages(manifest)].concat();
    measure_calls(options, manifest, &calls)
}

/// The same with the pages alone.
pub(crate) fn measure_pages(options: &Options, manifest: &Manifest) -> Result<Section> {
    measure_calls(options, manifest, &pages(manifest))
}

fn measure_calls(options: &Options, manifest: &Manifest, calls: &[CallKind]) -> Result<Section> {
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
    section(options, (manifest, calls), &server.address, Some(pid))
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
    let manifest = Manifest::read(folder)?;
    let calls = [apis(&manifest), pages(&manifest)].concat();
    crate::report::print_section(
        options,
        &section(options, (&manifest, &calls), &address, None)?,
    );
    Ok(())
}

impl CallKind {
    fn one(name: &'static str, path: &str, goal: &'static str) -> Self {
        Self {
            name,
            paths: vec![path.to_owned()],
            goal,
        }
    }

    /// One path for each of these names.
    fn each(
        name: &'static str,
        names: &[String],
        (before, behind): (&str, &str),
        goal: &'static str,
    ) -> Self {
        let paths = names.iter();
        Self {
            name,
            paths: paths.map(|one| format!("{before}{one}{behind}")).collect(),
            goal,
        }
    }
}

/// The calls of the catalog's API, and both search APIs.
fn apis(manifest: &Manifest) -> Vec<CallKind> {
    let query = "/api/catalog/entities/by-query?filter=kind=component&limit=20&orderField=metadata.name,asc";
    let full_text = format!(
        "{query}&fullTextFilterTerm={}&fullTextFilterFields=metadata.name,metadata.title",
        manifest.searched
    );
    let typed = typed(manifest);
    vec![
        CallKind::one(
            "entities, filter, 20",
            "/api/catalog/entities?filter=kind=component,spec.type=service&limit=20",
            "p99 25",
        ),
        CallKind::one("by-query, page of 20 by name", query, "p99 25"),
        CallKind::one("by-query, full text", &full_text, ""),
        CallKind::one(
            "facets of spec.type and tags",
            "/api/catalog/entity-facets?facet=spec.type&facet=metadata.tags",
            "p99 25",
        ),
        CallKind::each(
            "by-name, 200 names in turn",
            &manifest.components,
            ("/api/catalog/entities/by-name/component/default/", ""),
            "p99 25",
        ),
        CallKind::each("search API", &typed, ("/api/v1/search?q=", ""), "p99 50"),
        CallKind::each(
            "search API of Backstage",
            &typed,
            ("/api/search/query?term=", ""),
            "p99 50",
        ),
    ]
}

/// A page of each kind, and the rows of the palette.
fn pages(manifest: &Manifest) -> Vec<CallKind> {
    let (components, typed) = (&manifest.components, typed(manifest));
    let (component, api) = ("/catalog/default/component/", "/catalog/default/api/");
    let page = |name, names: &[String], around| CallKind::each(name, names, around, "p95 60");
    vec![
        CallKind::one("home", "/", "p95 60"),
        CallKind::one("page of the catalog", "/catalog?kind=component", "p95 60"),
        page("page of an entity, in turn", components, (component, "")),
        page(
            "dependencies of an entity, in turn",
            components,
            (component, "/relations"),
        ),
        page(
            "explore graph around an entity, in turn",
            components,
            ("/graph?root=component:default/", ""),
        ),
        page(
            "page of a group, in turn",
            &manifest.groups,
            ("/catalog/default/group/", ""),
        ),
        page(
            "page of a system, in turn",
            &manifest.systems,
            ("/catalog/default/system/", ""),
        ),
        page("API documentation, in turn", &manifest.apis, (api, "/api")),
        page("search page", &typed, ("/search?q=", "")),
        CallKind::each("palette", &typed, ("/search/palette?q=", ""), "p95 50"),
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
    (manifest, calls): (&Manifest, &[CallKind]),
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
    for call in calls {
        eprintln!("  {} ...", call.name);
        section
            .rows
            .push(measure_call(options, address, call, pid)?);
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

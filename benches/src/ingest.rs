//! From files that were never seen to a complete catalog.

use std::time::Duration;

use anyhow::Result;

use crate::generate::Manifest;
use crate::options::Options;
use crate::process;
use crate::report::{Section, seconds};
use crate::server::Start;

/// How long it may go on tidying up before memory is read as "at rest".
pub(crate) const REST: Duration = Duration::from_secs(5);

pub(crate) fn measure(options: &Options, manifest: &Manifest) -> Result<Section> {
    let data = format!("data-{}", manifest.count);
    let start = Start {
        options,
        entities: Some(&manifest.folder),
        data: &data,
        fresh: true,
        people: false,
    };
    let mut server = start.run()?;
    let first = server.first_answer()?;
    let readable = server.all_readable(manifest)?;
    let related = server.all_related(manifest)?;
    let cpu = process::cpu_seconds(server.pid())?;
    let found = server.all_found()?;
    std::thread::sleep(REST);
    let memory = process::memory(server.pid())?;

    let (time_goal, memory_goal) = (time_goal(manifest.count), memory_goal(manifest.count));
    let rate = manifest.count as f64 / readable.as_secs_f64();
    let mut section = Section::figures(format!(
        "Ingestion of {} entities ({:.1} MB of YAML) from files",
        manifest.count,
        manifest.bytes as f64 / 1e6
    ));
    section.row(&["process start to first 200", &seconds(first), ""]);
    section.row(&[
        "process start to all entities readable",
        &format!("{} ({rate:.0} a second)", seconds(readable)),
        time_goal,
    ]);
    section.row(&[
        "process start to all relations readable",
        &seconds(related),
        time_goal,
    ]);
    section.row(&["processor time until then", &format!("{cpu:.1} s"), ""]);
    section.row(&[
        "process start to everything found by search",
        &seconds(found),
        "",
    ]);
    section.row(&[
        "memory at rest, resident",
        &format!("{:.0} MB", memory.now),
        memory_goal,
    ]);
    section.row(&[
        "memory at its highest, resident",
        &format!("{:.0} MB", memory.most),
        "",
    ]);
    Ok(section)
}

/// What was promised for the time of these numbers.
fn time_goal(count: usize) -> &'static str {
    match count {
        10_000 => "5 s",
        100_000 => "60 s",
        _ => "",
    }
}

/// What was promised for the memory of these numbers.
pub(crate) fn memory_goal(count: usize) -> &'static str {
    match count {
        10_000 => "150 MB",
        100_000 => "600 MB",
        _ => "",
    }
}

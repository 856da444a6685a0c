//! From starting the process to its first answer.

use anyhow::Result;

use crate::generate::Manifest;
use crate::ingest::{REST, memory_goal};
use crate::options::Options;
use crate::process;
use crate::report::{Section, spread};
use crate::server::Start;

/// With no entities and no database yet.
pub(crate) fn empty(options: &Options) -> Result<Section> {
    let mut times = Vec::new();
    for _ in 0..options.runs {
        let start = Start {
            options,
            entities: None,
            data: "data-empty",
            fresh: true,
            people: false,
        };
        times.push(start.run()?.first_answer()?);
    }
    let mut section = Section::figures("Start with nothing");
    section.row(&["process start to first 200", &spread(&mut times), "0.5 s"]);
    Ok(section)
}

/// With a database that holds the catalog already. Fills it first where it
/// does not.
pub(crate) fn warm(options: &Options, manifest: &Manifest) -> Result<Section> {
    let data = format!("data-{}", manifest.count);
    let start = Start {
        options,
        entities: Some(&manifest.folder),
        data: &data,
        fresh: false,
        people: false,
    };
    {
        let mut server = start.run()?;
        server.first_answer()?;
        server.all_related(manifest)?;
    }
    let (mut first, mut all, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let mut memory = None;
    for _ in 0..options.runs {
        let mut server = start.run()?;
        first.push(server.first_answer()?);
        all.push(server.all_readable(manifest)?);
        found.push(server.all_found()?);
        std::thread::sleep(REST);
        memory = Some(process::memory(server.pid())?);
    }
    let mut section = Section::figures(format!(
        "Start with {} entities in the database",
        manifest.count
    ));
    section.row(&[
        "process start to first 200",
        &spread(&mut first),
        if manifest.count <= 10_000 { "1 s" } else { "" },
    ]);
    section.row(&[
        "process start to all entities readable",
        &spread(&mut all),
        "",
    ]);
    section.row(&[
        "process start to everything found by search",
        &spread(&mut found),
        "",
    ]);
    if let Some(memory) = memory {
        section.row(&[
            "memory at rest, resident",
            &format!("{:.0} MB", memory.now),
            memory_goal(manifest.count),
        ]);
        section.row(&[
            "memory at its highest, resident",
            &format!("{:.0} MB", memory.most),
            "",
        ]);
    }
    Ok(section)
}

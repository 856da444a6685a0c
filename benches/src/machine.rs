//! On what the figures were measured.

use std::path::Path;
use std::process::Command;

/// Facts for the head of a report, one a line.
pub(crate) fn facts(binary: &Path) -> Vec<String> {
    let mut facts = vec![format!(
        "machine: {} x {}, {} memory, Linux {}",
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        memory(),
        line("/proc/sys/kernel/osrelease"),
    )];
    let version = output(Command::new(binary).arg("version"));
    let size = std::fs::metadata(binary).map_or(0, |file| file.len());
    facts.push(format!(
        "program: {}, {:.1} MB, commit {}",
        version.lines().next().unwrap_or("version unknown"),
        size as f64 / 1e6,
        commit(),
    ));
    facts.push(format!("load average before: {}", line("/proc/loadavg")));
    facts
}

fn commit() -> String {
    let commit = output(Command::new("git").args(["rev-parse", "--short", "HEAD"]));
    let changed = !output(Command::new("git").args(["status", "--porcelain"])).is_empty();
    match (commit.trim(), changed) {
        ("", _) => "unknown".to_owned(),
        (commit, false) => commit.to_owned(),
        (commit, true) => format!("{commit} with changes"),
    }
}

fn memory() -> String {
    let kibibytes = field("/proc/meminfo", "MemTotal")
        .and_then(|text| {
            text.split(' ')
                .next()
                .and_then(|number| number.parse::<f64>().ok())
        })
        .unwrap_or(0.0);
    format!("{:.0} GB", kibibytes * 1024.0 / 1e9)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':')
        .map(|(_, value)| value.trim().to_owned())
}

fn line(file: &str) -> String {
    std::fs::read_to_string(file)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn output(command: &mut Command) -> String {
    command
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}

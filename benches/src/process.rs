//! What Linux says about a process and about the machine's time, from `/proc`.

use anyhow::{Context as _, Result};

/// Clock ticks in a second, `USER_HZ`: 100 on every architecture that Linux
/// runs on today, whatever the kernel's own tick.
const TICKS: f64 = 100.0;

/// Memory in MB (10^6 bytes).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) now: f64,
    /// The most that was resident since the start.
    pub(crate) most: f64,
}

pub(crate) fn memory(pid: u32) -> Result<Memory> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    memory_in(&text).context("VmRSS and VmHWM are in /proc/PID/status")
}

fn memory_in(status: &str) -> Option<Memory> {
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace()
            .next()?
            .parse::<f64>()
            .ok()
            .map(|kibibytes| kibibytes * 1024.0 / 1e6)
    };
    Some(Memory {
        now: field("VmRSS:")?,
        most: field("VmHWM:")?,
    })
}

/// Processor seconds that a process has used, its threads included.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    cpu_in(&text).context("/proc/PID/stat has the process's times")
}

fn cpu_in(stat: &str) -> Option<f64> {
    // The name in parentheses may hold anything, spaces and parentheses too.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS)
}

/// Processor seconds since the machine started: used by anybody, and there were.
fn machine() -> Result<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/stat")?;
    machine_in(&text).context("/proc/stat begins with the sum of all processors")
}

fn machine_in(stat: &str) -> Option<(f64, f64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<f64> = line
        .split_whitespace()
        .take(8)
        .filter_map(|field| field.parse().ok())
        .collect();
    let all: f64 = fields.iter().sum();
    let idle = fields.get(3)? + fields.get(4)?;
    Some(((all - idle) / TICKS, all / TICKS))
}

/// Used processor time between two moments, and by whom.
pub(crate) struct Usage {
    pid: u32,
    server: f64,
    own: f64,
    busy: f64,
    all: f64,
}

/// What [`Usage::end`] found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// Seconds of the measured process.
    pub(crate) server: f64,
    /// The share of all processors that neither it nor this program used, in
    /// percent. Above a few percent the times are not worth much.
    pub(crate) others: f64,
}

impl Usage {
    pub(crate) fn start(pid: u32) -> Result<Self> {
        let (busy, all) = machine()?;
        Ok(Self {
            pid,
            server: cpu_seconds(pid)?,
            own: cpu_seconds(std::process::id())?,
            busy,
            all,
        })
    }

    pub(crate) fn end(self) -> Result<Used> {
        let now = Self::start(self.pid)?;
        let server = now.server - self.server;
        let others = (now.busy - self.busy) - server - (now.own - self.own);
        let all = (now.all - self.all).max(1.0 / TICKS);
        Ok(Used {
            server,
            others: (others / all * 100.0).max(0.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_proc() {
        let memory = memory_in("Name:\tx\nVmHWM:\t    2000 kB\nVmRSS:\t    1000 kB\n").unwrap();
        assert_eq!(
            memory,
            Memory {
                now: 1.024,
                most: 2.048
            }
        );
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 1 0 1 1 1";
        assert_eq!(cpu_in(stat), Some(3.0));
        let (busy, all) = machine_in("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1").unwrap();
        assert_eq!((busy, all), (2.0, 10.0));
    }

    #[test]
    fn reads_this_process() {
        assert!(memory(std::process::id()).unwrap().most > 0.0);
        assert!(
            Usage::start(std::process::id())
                .unwrap()
                .end()
                .unwrap()
                .server
                >= 0.0
        );
    }
}

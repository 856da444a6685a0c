//! Load and scale benchmarks: they start the finished program, as a user does,
//! and measure it from outside, over HTTP and `/proc`. Linux only.
//!
//! The catalog that they read is made by [`generate`], the same for everybody.
//! The client is threads and sockets without any library, so that it takes as
//! little as possible of the processor it shares with the server.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program for developers: the result is printed, progress goes to standard error"
)]

mod entities;
mod freshness;
mod generate;
mod http;
mod ingest;
mod load;
mod machine;
mod mixed;
mod options;
mod process;
mod random;
mod report;
mod server;
mod start;
mod words;

use std::process::ExitCode;

use anyhow::{Result, bail};

use options::Options;

const USAGE: &str = "\
portway-benches COMMAND [OPTION...]

  generate N DIR         write N entities as files to DIR, with a manifest
  all N                  everything below, one after another, as one report
  empty-start            start with nothing -> first answer
  ingest N               start -> N entities readable, and with their relations; memory
  warm-start N           start with N entities in the database -> first answer, all readable
  freshness N            edit of a watched file -> visible over HTTP
  load N                 latency of the calls that clients make, with N entities
  pages N                the pages alone: home, list, entity, dependencies, group, search, palette, ...
  mixed N                a working day: sessions and tokens, reads and changes, N entities
  load-url URL TOKEN DIR the same against a server that runs already; DIR as `generate` wrote it

  --binary FILE          the program to measure           (target/release/portway)
  --work DIR             files of the run, rewritten      (target/bench)
  --database URL         a PostgreSQL, empty for each run (SQLite in DIR)
  --connections N        connections of `load`            (16)
  --seconds N            for each call of `load`          (5)
  --rate N               requests a second of `mixed`      (2000)
  --runs N               starts and edits, median taken   (5)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (words, options) = Options::read(arguments)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["generate", count, folder] => {
            let manifest = generate::write(options::number(count)?, folder.as_ref())?;
            println!("{}", manifest.summary());
            Ok(())
        }
        ["all", count] => report::all(&options, options::number(count)?),
        ["empty-start"] => report::print(&options, 0, |_| start::empty(&options)),
        ["ingest", count] => report::print(&options, options::number(count)?, |manifest| {
            ingest::measure(&options, manifest)
        }),
        ["warm-start", count] => report::print(&options, options::number(count)?, |manifest| {
            start::warm(&options, manifest)
        }),
        ["freshness", count] => report::print(&options, options::number(count)?, |manifest| {
            freshness::measure(&options, manifest)
        }),
        ["load", count] => report::print(&options, options::number(count)?, |manifest| {
            load::measure(&options, manifest)
        }),
        ["pages", count] => report::print(&options, options::number(count)?, |manifest| {
            load::measure_pages(&options, manifest)
        }),
        ["mixed", count] => report::print(&options, options::number(count)?, |manifest| {
            mixed::measure(&options, manifest)
        }),
        ["load-url", url, token, folder] => {
            load::measure_url(&options, url, token, folder.as_ref())
        }
        [] | ["help"] => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("`{}` is not a command\n\n{USAGE}", other.join(" ")),
    }
}

//! The options of the command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// How to measure.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) binary: PathBuf,
    pub(crate) work: PathBuf,
    /// PostgreSQL; SQLite in the folder of the run when absent.
    pub(crate) database: Option<String>,
    pub(crate) connections: usize,
    /// Requests a second of `mixed`.
    pub(crate) rate: usize,
    /// For each call.
    pub(crate) duration: Duration,
    pub(crate) runs: usize,
    /// As given, for the report.
    pub(crate) command: String,
}

impl Options {
    /// Divides the arguments into words and options.
    pub(crate) fn read(arguments: &[String]) -> Result<(Vec<String>, Self)> {
        let mut options = Self {
            binary: PathBuf::from("target/release/portway"),
            work: PathBuf::from("target/bench"),
            database: None,
            connections: 16,
            rate: 2_000,
            duration: Duration::from_secs(5),
            runs: 5,
            command: format!("cargo xtask bench {}", arguments.join(" ")),
        };
        let mut words = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let Some(name) = argument.strip_prefix("--") else {
                words.push(argument.clone());
                continue;
            };
            let value = arguments
                .next()
                .with_context(|| format!("--{name} needs a value"))?;
            options.set(name, value)?;
        }
        Ok((words, options))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "binary" => self.binary = PathBuf::from(value),
            "work" => self.work = PathBuf::from(value),
            "database" => self.database = Some(value.to_owned()),
            "connections" => self.connections = number(value)?.max(1),
            "rate" => self.rate = number(value)?.max(1),
            "seconds" => self.duration = Duration::from_secs(number(value)?.max(1) as u64),
            "runs" => self.runs = number(value)?.max(1),
            other => bail!("--{other} is not an option; see `portway-benches help`"),
        }
        Ok(())
    }
}

/// A count, written plainly or with `_` between the digits.
pub(crate) fn number(text: &str) -> Result<usize> {
    text.replace('_', "")
        .parse()
        .with_context(|| format!("`{text}` is not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Vec<String>, Options)> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Options::read(&words)
    }

    #[test]
    fn options_may_stand_anywhere() {
        let (words, options) = read("load --seconds 2 10_000 --connections 4").unwrap();
        assert_eq!(words, ["load", "10_000"]);
        assert_eq!(options.duration, Duration::from_secs(2));
        assert_eq!(options.connections, 4);
        assert_eq!(number("10_000").unwrap(), 10_000);
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(
            read("load --speed 3")
                .unwrap_err()
                .to_string()
                .contains("--speed is not an option")
        );
        assert!(
            read("load --runs")
                .unwrap_err()
                .to_string()
                .contains("--runs needs a value")
        );
        assert!(
            number("ten")
                .unwrap_err()
                .to_string()
                .contains("`ten` is not a number")
        );
    }
}

//! The result as Markdown, to be copied into `docs/performance.md`.

use std::time::Duration;

use anyhow::Result;

use crate::generate::{self, Manifest};
use crate::options::Options;
use crate::{freshness, ingest, load, machine, start};

/// A table with a headline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
}

/// The columns of sections that answer "how long, how much".
pub(crate) const FIGURES: &[&str] = &["what", "result", "goal"];

impl Section {
    pub(crate) fn figures(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            columns: FIGURES,
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: &[&str]) {
        self.rows
            .push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let head: Vec<String> = self
            .columns
            .iter()
            .map(|column| (*column).to_owned())
            .collect();
        let mut text = format!(
            "**{}**\n\n{}|{}\n",
            self.title,
            line(&head),
            " --- |".repeat(head.len())
        );
        for row in &self.rows {
            text.push_str(&line(row));
        }
        text
    }
}

/// Prints a section without facts about a program that this one did not start.
pub(crate) fn print_section(options: &Options, section: &Section) {
    show(options, &[], std::slice::from_ref(section));
}

/// Generates the catalog where one is wanted, measures one thing and prints it.
pub(crate) fn print(
    options: &Options,
    count: usize,
    measure: impl FnOnce(&Manifest) -> Result<Section>,
) -> Result<()> {
    let manifest = manifest(options, count)?;
    let facts = machine::facts(&options.binary);
    let section = measure(&manifest)?;
    show(options, &facts, &[section]);
    Ok(())
}

/// Measures everything with one catalog.
pub(crate) fn all(options: &Options, count: usize) -> Result<()> {
    let manifest = manifest(options, count)?;
    let facts = machine::facts(&options.binary);
    let mut sections = Vec::new();
    for (name, measure) in [
        (
            "empty-start",
            Box::new(|_: &Manifest| start::empty(options))
                as Box<dyn Fn(&Manifest) -> Result<Section>>,
        ),
        (
            "ingest",
            Box::new(|manifest| ingest::measure(options, manifest)),
        ),
        (
            "warm-start",
            Box::new(|manifest| start::warm(options, manifest)),
        ),
        (
            "load",
            Box::new(|manifest| load::measure(options, manifest)),
        ),
        // Last, because it changes the files.
        (
            "freshness",
            Box::new(|manifest| freshness::measure(options, manifest)),
        ),
    ] {
        eprintln!("measuring {name} ...");
        sections.push(measure(&manifest)?);
    }
    show(options, &facts, &sections);
    Ok(())
}

fn manifest(options: &Options, count: usize) -> Result<Manifest> {
    let folder = options.work.join(format!("catalog-{count}"));
    if count == 0 {
        return Ok(Manifest::nothing(folder));
    }
    let manifest = generate::write(count, &folder)?;
    eprintln!("{}", manifest.summary());
    Ok(manifest)
}

fn show(options: &Options, facts: &[String], sections: &[Section]) {
    println!("```\n{}\n```\n", options.command);
    for fact in facts {
        println!("- {fact}");
    }
    for section in sections {
        println!("\n{}", section.markdown().trim_end());
    }
}

/// `0.123 s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

/// `median (least to most)` of several times.
pub(crate) fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let at = |index: usize| times.get(index).copied().unwrap_or_default();
    let last = times.len().saturating_sub(1);
    format!(
        "{} ({} to {})",
        seconds(at(last / 2)),
        seconds(at(0)),
        seconds(at(last))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_a_markdown_table() {
        let mut section = Section::figures("Start");
        section.row(&["first answer", "0.1 s", "0.5 s"]);
        assert_eq!(
            section.markdown(),
            "**Start**\n\n| what | result | goal |\n| --- | --- | --- |\n| first answer | 0.1 s | 0.5 s |\n"
        );
    }

    #[test]
    fn the_spread_names_median_least_and_most() {
        let mut times = [30, 10, 20].map(Duration::from_millis);
        assert_eq!(spread(&mut times), "0.020 s (0.010 s to 0.030 s)");
        assert_eq!(spread(&mut []), "0.000 s (0.000 s to 0.000 s)");
    }
}

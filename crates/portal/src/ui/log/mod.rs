//! Logs: numbered lines with addresses, terminal colours, groups that fold,
//! a search that works without script.

mod ansi;

use askama::Template;
use jiff::Timestamp;

use super::found::found;
use super::{Html, Tone};
use crate::view::View;

pub use ansi::{Pen, Run};

/// Longer logs are cut at their beginning, and the view says so.
const MAX_LINES: usize = 10_000;
/// Longer lines are cut at their end.
const MAX_CHARS: usize = 10_000;

/// One line.
#[derive(Clone, Debug, Default)]
pub struct LogLine {
    /// When it was written.
    pub at: Option<Timestamp>,
    /// What was written, with terminal colours. `::group::Name` and
    /// `##[group]Name` open a group that folds, `::endgroup::` and
    /// `##[endgroup]` close it (GitHub Actions and Azure Pipelines).
    pub text: String,
    /// How bad the whole line is.
    pub tone: Option<Tone>,
}

impl LogLine {
    /// A line without time.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// A log.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Unique on the page; line 3 is `<id>-3`.
    pub id: String,
    /// What it is the log of.
    pub label: String,
    /// In order.
    pub lines: Vec<LogLine>,
    /// The number of the first line: 1 unless earlier lines are elsewhere.
    pub first: u64,
    /// What is looked for: lines that hold it (in any case) remain. From the
    /// address, name `<id>-q`.
    pub query: String,
    /// Where the whole text is.
    pub download: Option<String>,
    /// New lines arrive while it is open.
    pub live: bool,
}

impl Log {
    /// A log from text.
    pub fn of_text(id: impl Into<String>, label: impl Into<String>, text: &str) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            lines: text.lines().map(LogLine::new).collect(),
            first: 1,
            ..Self::default()
        }
    }

    /// Bar and lines, for a card.
    pub fn html(&self, view: &View) -> Html {
        let cut = self.lines.len().saturating_sub(MAX_LINES);
        let (rows, found) = self.rows(cut);
        Html::of(&LogTemplate {
            view,
            log: self,
            rows,
            found,
            cut,
        })
    }

    fn rows(&self, cut: usize) -> (Vec<LogRow>, usize) {
        let needle = self.query.trim().to_lowercase();
        let mut pen = Pen::default();
        let mut rows = Vec::new();
        let mut count = 0;
        let mut open = false;
        for (index, line) in self.lines.iter().enumerate() {
            let number = self.first.max(1) + index as u64;
            let text: String = line.text.chars().take(MAX_CHARS).collect();
            let runs = pen.line(&text);
            if index < cut {
                continue;
            }
            let plain: String = runs.iter().map(|run| run.text.as_str()).collect();
            if needle.is_empty() {
                match group(&plain) {
                    Some(Some(name)) => {
                        if open {
                            rows.push(LogRow::Close);
                        }
                        open = true;
                        rows.push(LogRow::Open {
                            number,
                            name: name.to_owned(),
                        });
                        continue;
                    }
                    Some(None) => {
                        if open {
                            rows.push(LogRow::Close);
                            open = false;
                        }
                        continue;
                    }
                    None => {}
                }
            } else if !plain.to_lowercase().contains(&needle) {
                continue;
            }
            count += 1;
            let level = level(&plain);
            let said = level.and_then(|(_, command)| plain.get(command..));
            let plain = said.unwrap_or(&plain);
            rows.push(LogRow::Line {
                number,
                at: line.at,
                tone: line.tone.or(level.map(|(tone, _)| tone)),
                runs: if level.is_some() || !needle.is_empty() {
                    found(plain, &needle)
                        .into_iter()
                        .map(|(text, hit)| (Run::plain(text), hit))
                        .collect()
                } else {
                    runs.into_iter().map(|run| (run, false)).collect()
                },
            });
        }
        if open {
            rows.push(LogRow::Close);
        }
        (rows, count)
    }
}

/// Whether a line opens (with its name) or closes a group.
fn group(line: &str) -> Option<Option<&str>> {
    for open in ["::group::", "##[group]"] {
        if let Some(name) = line.strip_prefix(open) {
            return Some(Some(name));
        }
    }
    ["::endgroup::", "##[endgroup]"]
        .iter()
        .any(|close| line.starts_with(close))
        .then_some(None)
}

/// What commands of workflows say about a line: `::error file=a.rs::text` and
/// `##[error]text` (GitHub Actions, Azure Pipelines). How much of the line is
/// the command, in bytes, and how bad it is.
fn level(line: &str) -> Option<(Tone, usize)> {
    const COMMANDS: [(&str, &str, Tone); 3] = [
        ("::error", "##[error]", Tone::Bad),
        ("::warning", "##[warning]", Tone::Warn),
        ("::notice", "##[notice]", Tone::Info),
    ];
    COMMANDS.iter().find_map(|(github, azure, tone)| {
        if line.starts_with(azure) {
            return Some((*tone, azure.len()));
        }
        let (parameters, _) = line.strip_prefix(github)?.split_once("::")?;
        let is_command = parameters.is_empty() || parameters.starts_with(' ');
        is_command.then_some((*tone, github.len() + parameters.len() + 2))
    })
}

enum LogRow {
    Open {
        number: u64,
        name: String,
    },
    Close,
    Line {
        number: u64,
        at: Option<Timestamp>,
        tone: Option<Tone>,
        runs: Vec<(Run, bool)>,
    },
}

#[derive(Template)]
#[template(path = "components/log.html")]
struct LogTemplate<'a> {
    view: &'a View,
    log: &'a Log,
    rows: Vec<LogRow>,
    found: usize,
    cut: usize,
}

impl LogTemplate<'_> {
    /// Whether any line has a time; the column is left out otherwise.
    fn timed(&self) -> bool {
        self.log.lines.iter().any(|line| line.at.is_some())
    }

    /// `17:05:41` in the visitor's zone.
    fn clock(&self, at: &Timestamp) -> String {
        let zone = self.view.preferences.zone.clone();
        at.to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC))
            .strftime("%H:%M:%S")
            .to_string()
    }

    /// The search keeps the rest of the address.
    fn kept(&self) -> Vec<(String, String)> {
        let own = format!("{}-q", self.log.id);
        let pairs = self.view.here.pairs().iter();
        pairs.filter(|(name, _)| *name != own).cloned().collect()
    }

    fn all_href(&self) -> String {
        let name = format!("{}-q", self.log.id);
        format!("{}#{}", self.view.here.without(&name), self.log.id)
    }
}

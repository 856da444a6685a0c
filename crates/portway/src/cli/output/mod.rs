//! Standard output holds data and nothing else; everything said to people goes
//! to standard error. A reader that goes away (`| head`) ends the program
//! quietly.

mod table;

use std::io::{self, IsTerminal as _, Write as _};

pub(super) use model::yaml::to_yaml;
use serde_json::{Value, json};

use super::args::{Color, Format, Global};
use super::exit::Exit;
use super::failure::Failure;
use super::texts::Lang;

use table::Table;
pub(super) use table::{Column, text_at};

/// The `apiVersion` of JSON output; fields are only ever added to it.
pub(super) const API_VERSION: &str = "portway.dev/v1";
const ASSUMED_WIDTH: usize = 100;

/// Where and how a command writes.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) lang: Lang,
    pub(super) quiet: bool,
    pub(super) headers: bool,
    pub(super) colour: bool,
    /// Columns of the terminal; `None` when standard output is none.
    pub(super) width: Option<usize>,
    /// Findings end with code 10.
    pub(super) exit_code: bool,
}

impl Output {
    /// From the global flags, `NO_COLOR` and the terminal.
    pub(super) fn new(global: &Global, lang: Lang, no_color: bool, columns: Option<&str>) -> Self {
        let terminal = io::stdout().is_terminal();
        let measured = || {
            console::Term::stdout()
                .size_checked()
                .map(|(_, columns)| usize::from(columns))
        };
        let given = columns.and_then(|columns| columns.parse().ok());
        Self {
            format: global.output,
            lang,
            quiet: global.quiet,
            headers: !global.no_headers,
            colour: match global.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => io::stderr().is_terminal() && !no_color,
            },
            width: given.or_else(|| terminal.then(|| measured().unwrap_or(ASSUMED_WIDTH))),
            exit_code: global.exit_code,
        }
    }

    /// For errors of the command line itself, before its flags are known.
    pub(super) fn plain(lang: Lang, json: bool, no_color: bool) -> Self {
        Self {
            format: if json { Format::Json } else { Format::Table },
            lang,
            quiet: false,
            headers: true,
            colour: io::stderr().is_terminal() && !no_color,
            width: None,
            exit_code: false,
        }
    }

    /// Writes data.
    pub(super) fn data(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {
                Err(Failure::code_only(Exit::Success))
            }
            Err(cause) => Err(Failure::new(
                Exit::Failed,
                self.lang
                    .pick(("the output cannot be written", "출력을 쓸 수 없습니다")),
            )
            .cause(cause.to_string())),
        }
    }

    /// Tells people something, unless `--quiet`.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Tells people something they must not miss.
    pub(super) fn warn(&self, text: &str) {
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Says why a command failed, in the form that was asked for.
    pub(super) fn failure(&self, failure: &Failure) {
        if failure.silent {
            return;
        }
        match self.format {
            Format::Json | Format::Jsonl => self.warn(&failure.to_json().to_string()),
            _ if self.colour => self.warn(&coloured(failure.to_text(self.lang).trim_end())),
            _ => self.warn(failure.to_text(self.lang).trim_end()),
        }
    }

    /// Writes a list. `items` are the JSON rows, `table` the columns for
    /// people and `name` what `-o name` prints for one item.
    pub(super) fn list(
        &self,
        kind: &str,
        items: &[Value],
        columns: &[Column],
        meta: &Value,
        name: impl Fn(&Value) -> String,
    ) -> Result<(), Failure> {
        let text = match self.format {
            Format::Table | Format::Wide | Format::Csv => {
                let mut table = Table::new(columns, self.format != Format::Table);
                items.iter().for_each(|item| table.add(item));
                match self.format {
                    Format::Csv => table.to_csv(self.headers),
                    Format::Wide => table.to_text(self.headers, None),
                    _ => table.to_text(self.headers, self.width),
                }
            }
            Format::Json => pretty(
                &json!({"apiVersion": API_VERSION, "kind": kind, "items": items, "meta": meta}),
            ),
            Format::Yaml => items
                .iter()
                .map(|item| format!("---\n{}", to_yaml(item)))
                .collect(),
            Format::Jsonl => items.iter().map(|item| format!("{item}\n")).collect(),
            Format::Name => items
                .iter()
                .map(|item| format!("{}\n", name(item)))
                .collect(),
        };
        self.data(&text)
    }

    /// Writes one thing; `text` is its form for people.
    pub(super) fn one(
        &self,
        kind: &str,
        data: &Value,
        name: &str,
        text: impl FnOnce(&Self) -> String,
    ) -> Result<(), Failure> {
        let written = match self.format {
            Format::Table | Format::Wide => text(self),
            Format::Json => {
                pretty(&json!({"apiVersion": API_VERSION, "kind": kind, "data": data, "meta": {}}))
            }
            Format::Yaml => to_yaml(data),
            Format::Jsonl => format!("{data}\n"),
            Format::Csv => {
                let columns: Vec<Column> = data
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, _)| Column::field(key))
                    .collect();
                let mut table = Table::new(&columns, true);
                table.add(data);
                table.to_csv(self.headers)
            }
            Format::Name => format!("{name}\n"),
        };
        self.data(&written)
    }
}

pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The label of an error line in bold red.
fn coloured(text: &str) -> String {
    match text.split_once(':') {
        Some((label, rest)) => format!("\u{1b}[1;31m{label}:\u{1b}[0m{rest}"),
        None => text.to_owned(),
    }
}

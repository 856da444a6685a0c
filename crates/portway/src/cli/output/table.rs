//! Tables without borders: columns two spaces apart, Hangul and other wide
//! letters counted as the two cells they take, cut to the terminal.

use serde_json::Value;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Between two columns.
const GAP: usize = 2;
/// No column becomes narrower than this.
const NARROWEST: usize = 8;

/// A column: its heading and how an item's cell is found.
pub(in crate::cli) struct Column {
    heading: String,
    cell: Box<dyn Fn(&Value) -> String>,
    wide_only: bool,
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Column").field(&self.heading).finish()
    }
}

impl Column {
    /// A column whose cells are made by a function.
    pub(in crate::cli) fn new(
        heading: impl Into<String>,
        cell: impl Fn(&Value) -> String + 'static,
    ) -> Self {
        Self {
            heading: heading.into(),
            cell: Box::new(cell),
            wide_only: false,
        }
    }

    /// The value at a dotted path; the heading is the last key in capitals.
    pub(in crate::cli) fn field(path: &str) -> Self {
        let heading = path.rsplit('.').next().unwrap_or(path).to_uppercase();
        Self::at(heading, path)
    }

    /// The value at a dotted path under a heading.
    pub(in crate::cli) fn at(heading: impl Into<String>, path: &str) -> Self {
        let path = path.to_owned();
        Self::new(heading, move |item| text_at(item, &path))
    }

    /// The same column, shown by `-o wide` and `-o csv` only.
    #[must_use]
    pub(in crate::cli) fn wide(mut self) -> Self {
        self.wide_only = true;
        self
    }
}

/// The text of the value at a dotted path; the longest key wins, so that
/// `metadata.annotations.backstage.io/source-location` works. Lists are joined.
pub(in crate::cli) fn text_at(item: &Value, path: &str) -> String {
    find(item, path).map(plain).unwrap_or_default()
}

fn find<'a>(item: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(value) = item.get(path) {
        return Some(value);
    }
    let mut ends: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
    ends.reverse();
    ends.into_iter().find_map(|end| {
        let (key, rest) = path.split_at_checked(end)?;
        find(item.get(key)?, rest.strip_prefix('.')?)
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Rows of cells.
#[derive(Debug)]
pub(in crate::cli) struct Table<'a> {
    columns: Vec<&'a Column>,
    rows: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    pub(in crate::cli) fn new(columns: &'a [Column], wide: bool) -> Self {
        Self {
            columns: columns
                .iter()
                .filter(|column| wide || !column.wide_only)
                .collect(),
            rows: Vec::new(),
        }
    }

    pub(in crate::cli) fn add(&mut self, item: &Value) {
        self.rows.push(
            self.columns
                .iter()
                .map(|column| (column.cell)(item))
                .collect(),
        );
    }

    /// For people. With `width` the widest columns are shortened until a line
    /// fits. Nothing is printed for a table without rows.
    pub(in crate::cli) fn to_text(&self, headers: bool, width: Option<usize>) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let headings: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.heading.clone())
            .collect();
        let lines: Vec<Vec<String>> = headers
            .then_some(&headings)
            .into_iter()
            .chain(&self.rows)
            .map(|row| row.iter().map(|cell| one_line(cell)).collect())
            .collect();
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                lines
                    .iter()
                    .filter_map(|line| line.get(column))
                    .map(|cell| cell.width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        if let Some(width) = width {
            narrow(&mut widths, width);
        }
        let mut text = String::new();
        for line in &lines {
            let mut row = String::new();
            for (cell, width) in line.iter().zip(&widths) {
                let cell = fitted(cell, *width);
                row.push_str(&cell);
                row.push_str(&" ".repeat(width.saturating_sub(cell.width()) + GAP));
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// RFC 4180, with the line ends of Unix.
    pub(in crate::cli) fn to_csv(&self, headers: bool) -> String {
        let headings: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.heading.clone())
            .collect();
        headers
            .then_some(&headings)
            .into_iter()
            .chain(&self.rows)
            .map(|row| {
                row.iter()
                    .map(|cell| quoted(cell))
                    .collect::<Vec<_>>()
                    .join(",")
                    + "\n"
            })
            .collect()
    }
}

/// Takes cells from the widest columns until the sum fits.
fn narrow(widths: &mut [usize], available: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > available {
        let Some(widest) = widths.iter_mut().max_by_key(|width| **width) else {
            return;
        };
        if *widest <= NARROWEST {
            return;
        }
        *widest -= 1;
    }
}

/// The text, or as much of it as fits before an ellipsis.
fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(letter);
    }
    out.push('…');
    out
}

/// Control characters would move the cursor; they become spaces.
fn one_line(text: &str) -> String {
    text.trim()
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

fn quoted(cell: &str) -> String {
    // A cell that a spreadsheet would run as a formula is made a text.
    let formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::at("NAME", "metadata.name"),
            Column::field("spec.owner"),
            Column::field("metadata.tags").wide(),
        ]
    }

    fn table(columns: &[Column], wide: bool) -> Table<'_> {
        let mut table = Table::new(columns, wide);
        table.add(&json!({"metadata": {"name": "결제 서비스", "tags": ["a", "b"]}, "spec": {"owner": "team-a"}}));
        table.add(&json!({"metadata": {"name": "pay"}, "spec": {"owner": "group:default/플랫폼"}}));
        table
    }

    #[test]
    fn wide_letters_take_two_cells() {
        let columns = columns();
        let text = table(&columns, false).to_text(true, None);
        assert_eq!(
            text,
            "NAME         OWNER\n결제 서비스  team-a\npay          group:default/플랫폼\n"
        );
    }

    #[test]
    fn lines_fit_the_terminal() {
        let columns = columns();
        for width in 18..60 {
            for line in table(&columns, true)
                .to_text(true, Some(width + 10))
                .lines()
            {
                assert!(line.width() <= width + 10, "{width}: {line}");
            }
        }
        let text = table(&columns, false).to_text(false, Some(22));
        assert_eq!(text, "결제 서비…  team-a\npay         group:def…\n");
    }

    #[test]
    fn csv_quotes_what_needs_it_and_defuses_formulas() {
        let columns = [Column::field("a"), Column::field("b")];
        let mut table = Table::new(&columns, true);
        table.add(&json!({"a": "x,\"y\"", "b": "=1+1"}));
        table.add(&json!({"a": "-5", "b": "줄\n바꿈"}));
        assert_eq!(
            table.to_csv(true),
            "A,B\n\"x,\"\"y\"\"\",'=1+1\n-5,\"줄\n바꿈\"\n"
        );
    }

    #[test]
    fn keys_with_dots_are_found() {
        let item = json!({"metadata": {"annotations": {"backstage.io/source-location": "url:x"}}});
        assert_eq!(
            text_at(&item, "metadata.annotations.backstage.io/source-location"),
            "url:x"
        );
    }
}

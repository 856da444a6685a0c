//! What changed between two texts, line by line, with the changed words marked.

mod side;

use askama::Template;
use similar::{Algorithm, ChangeTag, TextDiff};

use super::Html;
use crate::view::View;

/// Equal lines that stay around a change.
const CONTEXT_LINES: usize = 3;
/// More changed lines than this are counted, not shown.
const MAX_ROWS: usize = 5_000;
/// Bigger texts are not compared: the comparison is quadratic at worst.
const MAX_BYTES: usize = 2 << 20;

/// Two versions of a text.
#[derive(Clone, Debug)]
pub struct Diff {
    caption: String,
    rows: Vec<Row>,
    /// Some rows are not shown.
    cut: bool,
    added: usize,
    removed: usize,
}

#[derive(Clone, Debug)]
enum Row {
    /// This many equal lines are folded.
    Fold(usize),
    Line {
        /// `add`, `del` or empty.
        change: &'static str,
        sign: &'static str,
        old: Option<usize>,
        new: Option<usize>,
        parts: Vec<(bool, String)>,
    },
}

impl Diff {
    /// Compares `old` with `new`. `caption` names the thing.
    pub fn between(caption: impl Into<String>, old: &str, new: &str) -> Self {
        let mut diff = Self {
            caption: caption.into(),
            rows: Vec::new(),
            cut: false,
            added: 0,
            removed: 0,
        };
        if old.len() + new.len() > MAX_BYTES {
            diff.cut = true;
            return diff;
        }
        let changes = TextDiff::configure()
            .algorithm(Algorithm::Patience)
            .diff_lines(old, new);
        let mut shown_until = 0;
        for group in changes.grouped_ops(CONTEXT_LINES) {
            let start = group.first().map_or(0, |op| op.old_range().start);
            diff.fold(start.saturating_sub(shown_until));
            for op in &group {
                for change in changes.iter_inline_changes(op) {
                    let (name, sign) = match change.tag() {
                        ChangeTag::Equal => ("", ""),
                        ChangeTag::Insert => ("add", "+"),
                        ChangeTag::Delete => ("del", "-"),
                    };
                    diff.added += usize::from(change.tag() == ChangeTag::Insert);
                    diff.removed += usize::from(change.tag() == ChangeTag::Delete);
                    if diff.rows.len() >= MAX_ROWS {
                        diff.cut = true;
                        continue;
                    }
                    let parts = change
                        .iter_strings_lossy()
                        .map(|(marked, text)| {
                            (marked, text.trim_end_matches(['\n', '\r']).to_owned())
                        })
                        .collect();
                    diff.rows.push(Row::Line {
                        change: name,
                        sign,
                        old: change.old_index().map(|index| index + 1),
                        new: change.new_index().map(|index| index + 1),
                        parts,
                    });
                }
                shown_until = op.old_range().end;
            }
        }
        if !diff.rows.is_empty() {
            diff.fold(old.lines().count().saturating_sub(shown_until));
        }
        diff
    }

    /// Whether both texts are equal.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.cut
    }

    /// Lines that only the new text has.
    pub fn added(&self) -> usize {
        self.added
    }

    /// Lines that only the old text has.
    pub fn removed(&self) -> usize {
        self.removed
    }

    /// The markup: a `<table class="diff">`.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&DiffTemplate { view, diff: self })
    }

    fn fold(&mut self, lines: usize) {
        if lines > 0 {
            self.rows.push(Row::Fold(lines));
        }
    }
}

#[derive(Template)]
#[template(path = "components/diff.html")]
struct DiffTemplate<'a> {
    view: &'a View,
    diff: &'a Diff,
}

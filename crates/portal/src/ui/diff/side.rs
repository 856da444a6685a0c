//! Two versions beside each other: what was on the left, what is on the right.

use askama::Template;

use super::{Diff, Row};
use crate::ui::Html;
use crate::view::View;

/// One side of a line: its number and its text in parts, of which some are
/// marked.
#[derive(Clone, Copy, Debug)]
struct Half<'d> {
    number: Option<usize>,
    parts: &'d [(bool, String)],
}

#[derive(Debug)]
enum Pair<'d> {
    Fold(usize),
    Line {
        /// Whether both sides are the same.
        equal: bool,
        old: Option<Half<'d>>,
        new: Option<Half<'d>>,
    },
}

impl Diff {
    /// The markup with both versions beside each other: a `<table class="diff"
    /// data-look="side">`. Removed and added lines that follow each other stand
    /// in one row.
    pub fn side_html(&self, view: &View) -> Html {
        Html::of(&SideTemplate {
            view,
            diff: self,
            pairs: pairs(&self.rows),
        })
    }
}

fn pairs(rows: &[Row]) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    let mut removed: Vec<Half<'_>> = Vec::new();
    let mut added: Vec<Half<'_>> = Vec::new();
    for row in rows {
        match row {
            Row::Line {
                change: "del",
                old,
                parts,
                ..
            } => {
                // Lines that were added before belong to an earlier change.
                if !added.is_empty() {
                    flush(&mut pairs, &mut removed, &mut added);
                }
                removed.push(Half {
                    number: *old,
                    parts,
                });
            }
            Row::Line {
                change: "add",
                new,
                parts,
                ..
            } => added.push(Half {
                number: *new,
                parts,
            }),
            Row::Line {
                old, new, parts, ..
            } => {
                flush(&mut pairs, &mut removed, &mut added);
                pairs.push(Pair::Line {
                    equal: true,
                    old: Some(Half {
                        number: *old,
                        parts,
                    }),
                    new: Some(Half {
                        number: *new,
                        parts,
                    }),
                });
            }
            Row::Fold(lines) => {
                flush(&mut pairs, &mut removed, &mut added);
                pairs.push(Pair::Fold(*lines));
            }
        }
    }
    flush(&mut pairs, &mut removed, &mut added);
    pairs
}

fn flush<'d>(pairs: &mut Vec<Pair<'d>>, removed: &mut Vec<Half<'d>>, added: &mut Vec<Half<'d>>) {
    for row in 0..removed.len().max(added.len()) {
        pairs.push(Pair::Line {
            equal: false,
            old: removed.get(row).copied(),
            new: added.get(row).copied(),
        });
    }
    removed.clear();
    added.clear();
}

#[derive(Template)]
#[template(path = "components/diff-side.html")]
struct SideTemplate<'a> {
    view: &'a View,
    diff: &'a Diff,
    pairs: Vec<Pair<'a>>,
}

//! Code blocks with line numbers, marks and a copy button.

use askama::Template;

use super::{Html, Syntax, Tone, highlight};
use crate::view::View;

/// Longer texts are cut, and the block says so.
const MAX_LINES: usize = 20_000;

/// A remark on one line.
#[derive(Clone, Debug, Default)]
pub struct CodeLine {
    /// The line's number, as the block counts.
    pub line: usize,
    /// How bad it is.
    pub tone: Tone,
    /// Shown below the line; may be empty.
    pub text: String,
}

/// A code block.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The element's id; line 3 is `<id>-3`. Unique on the page.
    pub id: String,
    /// What it is, such as `catalog-info.yaml`.
    pub caption: String,
    /// The text.
    pub text: String,
    /// Its language.
    pub syntax: Syntax,
    /// The number of its first line, where it is a part of something longer.
    pub first: usize,
    /// Whether lines have numbers and addresses.
    pub numbered: bool,
    /// Remarks, in any order.
    pub marks: Vec<CodeLine>,
}

impl Code {
    /// One command to copy: no caption, no numbers.
    pub fn command(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        if self.caption.is_empty() {
            Html::of(&CommandTemplate { view, code: self })
        } else {
            Html::of(&CodeTemplate { view, code: self })
        }
    }

    /// Each line's number, markup and remarks.
    fn lines(&self) -> Vec<(usize, Html, Vec<&CodeLine>)> {
        self.text
            .lines()
            .take(MAX_LINES)
            .enumerate()
            .map(|(index, text)| {
                let number = index + self.first.max(1);
                let marks = self
                    .marks
                    .iter()
                    .filter(|mark| mark.line == number)
                    .collect();
                (number, Html(highlight::line(text, self.syntax)), marks)
            })
            .collect()
    }

    fn is_cut(&self) -> bool {
        self.text.lines().nth(MAX_LINES).is_some()
    }
}

#[derive(Template)]
#[template(path = "components/code.html")]
struct CodeTemplate<'a> {
    view: &'a View,
    code: &'a Code,
}

#[derive(Template)]
#[template(path = "components/command.html")]
struct CommandTemplate<'a> {
    view: &'a View,
    code: &'a Code,
}

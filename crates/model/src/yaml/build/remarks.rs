//! What is valid YAML and probably not meant: templates without quotes, two
//! entities in one document, characters that nobody sees.

use super::super::explain::{self, is_separator_like, template_value};
use super::{Builder, Frame, Items};
use crate::diagnostic::Diagnostic;
use crate::quoted::{is_hidden, quoted};
use crate::yaml::node::{Mark, Node, NodeValue};
use crate::yaml::split::to_u32;

impl Builder<'_> {
    /// The text of a line of the file, and nothing for lines of other pieces.
    fn line(&self, number: u32) -> &str {
        let lines = self
            .lines
            .get_or_init(|| explain::split_lines(self.text).collect());
        let at = number
            .checked_sub(self.first_line)
            .and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| lines.get(at)).copied().unwrap_or_default()
    }

    /// Remembers how a plain value is written when JSON writes it otherwise, and
    /// warns about what nobody can see in it.
    pub(super) fn note_spelling(&mut self, text: &str, value: &NodeValue, mark: Mark) {
        let same = match value {
            NodeValue::Number(number) => crate::javascript::number_to_string(number) == text,
            NodeValue::Bool(flag) => (if *flag { "true" } else { "false" }) == text,
            NodeValue::String(_) => {
                if self.warnings.len() < self.limits.max_problems {
                    let found = odd_text(text).or_else(|| self.joined(text, mark));
                    self.warnings.extend(found.map(|found| found.at(mark)));
                }
                true
            }
            _ => true,
        };
        if !same && text.len() <= 100 {
            self.spellings.insert(mark, text.to_owned());
        }
    }

    /// A plain text of several lines that was probably meant as several items.
    fn joined(&self, text: &str, mark: Mark) -> Option<Diagnostic> {
        // Far to the right only machines write, and looking there takes time.
        if !text.contains(' ') || text.len() > 200 || mark.column > 200 {
            return None;
        }
        let column = |mark: Mark| usize::try_from(mark.column).unwrap_or(usize::MAX) - 1;
        if explain::after(self.line(mark.line), column(mark)).starts_with(text) {
            return None;
        }
        let next = self.line(mark.line.saturating_add(1)).trim();
        let frame = self.stack.last()?;
        let opened = explain::after(self.line(frame.mark.line), column(frame.mark));
        let shown = quoted(text);
        let is_list = matches!(frame.items, Items::Sequence(_));
        let (accepted, fix) = if is_list && next.starts_with("- ") {
            (
                "items that all have the same number of spaces before their dash",
                format!("indent `{}` like the items before it", quoted(next)),
            )
        } else if is_list && opened.starts_with('[') {
            (
                "items with commas between them",
                "write a comma at the end of the line".to_owned(),
            )
        } else {
            return None;
        };
        Some(
            Diagnostic::warning(
                "yaml-joined-lines",
                format!("several lines are read as one text: `{shown}`"),
            )
            .accepting(accepted)
            .fixed_by(fix),
        )
    }

    /// `owner: #team` is read as no value and a comment.
    pub(super) fn note_comment(&mut self, node: &Node) {
        if !matches!(node.value, NodeValue::Null) {
            return;
        }
        let Some(Frame {
            items:
                Items::Mapping {
                    key: Some((_, key)),
                    ..
                },
            ..
        }) = self.stack.last()
        else {
            return;
        };
        let line = self.line(key.line);
        let column = usize::try_from(key.column).unwrap_or(usize::MAX);
        let behind = explain::after(line, column.saturating_sub(1));
        let comment = behind.split_once(": ").map(|(_, value)| value.trim());
        if let Some(comment) = comment
            && comment.len() <= 100
            && comment
                .strip_prefix('#')
                .is_some_and(|word| word.starts_with(char::is_alphanumeric) && !word.contains(' '))
        {
            let comment = comment.to_owned();
            self.spellings.insert(node.mark, comment);
        }
    }

    /// `{{ … }}` without quotes: a mapping that is the key of a mapping.
    pub(super) fn unquoted_template(&self, node: &Node) -> Option<Diagnostic> {
        let NodeValue::Mapping(_) = node.value else {
            return None;
        };
        let frame = self.stack.last()?;
        let (outer, inner) = (frame.mark, node.mark);
        let waits = matches!(frame.items, Items::Mapping { key: None, .. });
        if !waits || outer.line != inner.line || outer.column + 1 != inner.column {
            return None;
        }
        let column = usize::try_from(outer.column).unwrap_or(usize::MAX) - 1;
        let fix = match template_value(self.line(outer.line), column) {
            Some(value) => {
                format!("put the value in quotes: {value}; or render the template first")
            }
            None => "put the value in quotes, or render the template first".to_owned(),
        };
        Some(
            Diagnostic::error(
                "yaml-complex-key",
                "`{{` is not in quotes, so that YAML reads a mapping",
            )
            .at(outer)
            .accepting("a text in quotes")
            .fixed_by(fix),
        )
    }

    /// Several root keys that stand there again are a second entity.
    pub(super) fn second_entity(&mut self) {
        const ENVELOPE: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
        let repeated = |name: &&str| self.root_repeats.iter().any(|(key, _)| key == name);
        let Some((_, first)) = self.root_repeats.first() else {
            return;
        };
        if ENVELOPE.iter().filter(|name| repeated(name)).count() < 2 {
            return;
        }
        let first = *first;
        let above = (self.first_line..first.line)
            .rev()
            .map(|number| (number, self.line(number)))
            .find(|(_, text)| !text.trim().is_empty() && !text.trim_start().starts_with('#'));
        let divider = above
            .filter(|(_, text)| is_separator_like(text) || text.trim_start().starts_with("---"));
        let problem = match divider {
            Some((line, text)) => Diagnostic::error(
                "yaml-duplicate-key",
                format!("`{}` divides no documents", quoted(text.trim())),
            )
            .at(Mark::new(line, column_of_content(text)))
            .accepting("`---` at the left margin, alone on its line")
            .fixed_by("write `---` on a line of its own, without spaces before it"),
            None => Diagnostic::error(
                "yaml-duplicate-key",
                "a second entity begins here without a `---` line before it",
            )
            .at(first)
            .accepting("one entity per document, with `---` lines between documents")
            .fixed_by(format!("add a line `---` before line {}", first.line)),
        };
        let repeats = std::mem::take(&mut self.root_repeats);
        self.errors.retain(|error| {
            error.code != "yaml-duplicate-key"
                || !repeats
                    .iter()
                    .any(|(_, mark)| (mark.line, mark.column) == (error.line, error.column))
        });
        self.errors.push(problem);
    }
}

fn column_of_content(text: &str) -> u32 {
    to_u32(text.chars().take_while(|c| c.is_whitespace()).count()).saturating_add(1)
}

/// A plain text with quotes that are none, or with characters that nobody sees.
fn odd_text(text: &str) -> Option<Diagnostic> {
    if text.is_ascii() || text.len() > 200 || text.contains(' ') {
        return None;
    }
    let inner = [
        ('“', '”'),
        ('‘', '’'),
        ('„', '“'),
        ('«', '»'),
        ('”', '”'),
        ('’', '’'),
    ]
    .into_iter()
    .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    if let Some(inner) = inner {
        return Some(
            Diagnostic::warning(
                "yaml-odd-character",
                format!(
                    "the quotes of `{}` are typographic and belong to the text",
                    quoted(text)
                ),
            )
            .accepting("`\"` or `'` around a text, or no quotes")
            .fixed_by(format!("write \"{}\"", quoted(inner))),
        );
    }
    let is_odd = |c: char| is_hidden(c) || (!c.is_ascii() && c.is_whitespace());
    let odd = text.chars().find(|c| is_odd(*c))?;
    if text.chars().any(|c| !c.is_ascii() && !is_odd(c)) {
        // Emoji and some scripts need them.
        return None;
    }
    Some(
        Diagnostic::warning(
            "yaml-odd-character",
            format!(
                "the invisible character U+{:04X} is part of `{}`",
                u32::from(odd),
                quoted(text.trim_matches(is_odd))
            ),
        )
        .accepting("letters, digits and signs that can be seen")
        .fixed_by("delete the character; type a space where one is wanted"),
    )
}

//! What Python-Markdown knows and CommonMark does not, written as what
//! CommonMark knows: admonitions, details, content tabs, snippets, attribute
//! lists, definition lists without a blank line.
//!
//! It works line by line and keeps the number of each line, so that problems
//! can be shown where they are.

use std::collections::HashMap;
use std::sync::Arc;

/// Containers within containers; deeper ones stay text.
const MAX_DEPTH: usize = 12;
/// Columns in front of a container, each of whose lines gets them again.
const MAX_INDENT: usize = 200;
/// Files that take files in.
const MAX_SNIPPET_DEPTH: usize = 5;
/// Lines of a page with everything that it takes in, and their bytes.
const MAX_LINES: usize = 60_000;
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of files that are looked through for the parts that a page takes in.
const MAX_LOOKED: usize = 32 * 1024 * 1024;
/// Indentation of what is taken in, in characters.
const MAX_PAD: usize = 100;
/// Files that are not there and are named one by one.
const MAX_MISSING: usize = 50;

/// A page as CommonMark.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    pub(super) text: String,
    /// For each line of the text the line of the page, from 1.
    pub(super) lines: Vec<u32>,
    /// Files that `--8<--` names and that are not there, with their lines.
    pub(super) missing: Vec<(String, u32)>,
}

#[derive(Clone, Debug)]
struct Line {
    number: u32,
    text: String,
}

struct Writer<'a> {
    snippets: &'a HashMap<String, Arc<str>>,
    found: Prepared,
    tabs: usize,
    /// Bytes of the lines so far.
    bytes: usize,
    /// Bytes of files that were looked through.
    looked: usize,
}

/// Rewrites a page. Snippets are found by their path from the folder.
pub(super) fn prepare(text: &str, snippets: &HashMap<String, Arc<str>>) -> Prepared {
    let mut writer = Writer {
        snippets,
        found: Prepared::default(),
        tabs: 0,
        bytes: 0,
        looked: 0,
    };
    let numbered = text.lines().zip(1..).map(|(text, number)| Line {
        number,
        // These two mark the places of code blocks later on.
        text: text.replace([super::OPEN, super::CLOSE], "\u{FFFD}"),
    });
    let mut lines = Vec::new();
    for line in numbered {
        writer.take_in(line, &mut lines, 0);
        if writer.is_full(&lines) {
            break;
        }
    }
    writer.walk(&lines, 0, 0);
    writer.found
}

/// The paths that a page takes in.
pub(crate) fn snippet_paths(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| snippet(line.trim()));
    lines.map(|(path, _)| path).take(100).collect()
}

impl Writer<'_> {
    fn is_full(&self, lines: &[Line]) -> bool {
        lines.len() >= MAX_LINES || self.bytes >= MAX_BYTES
    }

    /// The line, or the lines of the file that it names.
    fn take_in(&mut self, line: Line, lines: &mut Vec<Line>, depth: usize) {
        let body = line.text.trim_start();
        let Some((path, part)) = snippet(body.trim_end()) else {
            self.bytes += line.text.len() + 1;
            return lines.push(line);
        };
        let pad = line.text.chars().take_while(|c| c.is_whitespace());
        let pad: String = pad.take(MAX_PAD).collect();
        let Some(text) = self.snippets.get(&path).cloned() else {
            if self.found.missing.len() < MAX_MISSING {
                self.found.missing.push((path, line.number));
            }
            return;
        };
        self.looked += text.len() + 1;
        if depth >= MAX_SNIPPET_DEPTH || self.looked > MAX_LOOKED {
            return;
        }
        for text in part_of(&text, &part) {
            if self.is_full(lines) {
                return;
            }
            let inner = Line {
                number: line.number,
                text: format!(
                    "{pad}{}",
                    text.replace([super::OPEN, super::CLOSE], "\u{FFFD}")
                ),
            };
            self.take_in(inner, lines, depth + 1);
        }
    }

    fn put(&mut self, text: &str, number: u32) {
        self.found.text.push_str(text);
        self.found.text.push('\n');
        self.found.lines.push(number);
    }

    /// Writes lines whose own indentation begins at `base`.
    fn walk(&mut self, lines: &[Line], base: usize, depth: usize) {
        let mut fence: Option<(char, usize)> = None;
        let mut in_list = base > 0;
        let mut blank_before = true;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at += 1;
            let body = line.text.trim();
            if let Some(open) = fence {
                self.put(&line.text, line.number);
                if closes(open, body) {
                    fence = None;
                }
                continue;
            }
            let indent = indent_of(&line.text);
            if let Some(open) = opens(body) {
                fence = Some(open);
                self.put(&line.text, line.number);
                blank_before = false;
                continue;
            }
            if is_list_item(body) {
                in_list = true;
            } else if indent <= base && blank_before && !body.is_empty() {
                in_list = false;
            }
            let is_code = indent >= base + 4 && !in_list;
            let taken = if is_code || depth >= MAX_DEPTH || indent > MAX_INDENT {
                0
            } else {
                self.container(line, lines.get(at..).unwrap_or_default(), (indent, depth))
            };
            if taken > 0 {
                at += taken - 1;
                blank_before = true;
                continue;
            }
            if is_code {
                self.put(&line.text, line.number);
            } else {
                self.plain(line, body, blank_before);
            }
            blank_before = body.is_empty();
        }
        if let Some((mark, length)) = fence.filter(|_| depth > 0) {
            let pad = " ".repeat(base);
            let number = lines.last().map_or(1, |line| line.number);
            self.put(&format!("{pad}{}", mark.to_string().repeat(length)), number);
        }
    }

    /// A line outside of code.
    fn plain(&mut self, line: &Line, body: &str, blank_before: bool) {
        let is_definition = body
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with("  ") || rest.starts_with(' '));
        if is_definition && !blank_before {
            self.put("", line.number);
        }
        let is_attributes = body.starts_with("{:") && body.ends_with('}');
        let is_abbreviation = body.starts_with("*[") && body.contains("]:");
        if is_attributes || is_abbreviation || body == "[TOC]" {
            return self.put("", line.number);
        }
        let text = if body.starts_with('#') {
            line.text.replace("{: ", "{").replace("{:", "{")
        } else {
            line.text.replace("){: ", "){").replace("){:", "){")
        };
        self.put(&text, line.number);
    }

    /// Writes a container that begins at `line`; answers how many lines it
    /// has, 0 where none begins.
    fn container(&mut self, line: &Line, rest: &[Line], (indent, depth): (usize, usize)) -> usize {
        let body = line.text.trim();
        if let Some(title) = tab(body) {
            return self.tab_set(line, title, rest, (indent, depth));
        }
        let Some(head) = admonition(body) else {
            return 0;
        };
        let inner = content(rest, indent);
        let tone = tone(&head.kind);
        let pad = " ".repeat(indent);
        let (open, close, title_tag) = match head.fold {
            None => (
                format!("<div class=\"callout\" data-tone=\"{tone}\">"),
                "</div>",
                "p",
            ),
            Some(open) => (
                format!(
                    "<details class=\"callout\" data-tone=\"{tone}\"{}>",
                    if open { " open" } else { "" }
                ),
                "</details>",
                "summary",
            ),
        };
        self.put("", line.number);
        self.put(&format!("{pad}{open}"), line.number);
        if !head.title.is_empty() {
            let title = escape(&head.title);
            self.put(
                &format!("{pad}<{title_tag} class=\"callout-title\">{title}</{title_tag}>"),
                line.number,
            );
        }
        self.inside(inner, (indent, depth), &format!("{pad}{close}"));
        inner.len() + 1
    }

    /// What stands in a container, and its end.
    fn inside(&mut self, inner: &[Line], (indent, depth): (usize, usize), close: &str) {
        let dedented: Vec<Line> = inner
            .iter()
            .map(|line| Line {
                number: line.number,
                text: dedent(&line.text, indent),
            })
            .collect();
        let number = inner.last().map_or(1, |line| line.number);
        self.put("", number);
        self.walk(&dedented, indent, depth + 1);
        self.put("", number);
        self.put(close, number);
        self.put("", number);
    }

    /// Tabs that follow each other, as details of which one is open.
    fn tab_set(
        &mut self,
        first: &Line,
        title: String,
        rest: &[Line],
        (indent, depth): (usize, usize),
    ) -> usize {
        self.tabs += 1;
        let group = self.tabs;
        let pad = " ".repeat(indent);
        let (mut line, mut title, mut taken) = (first.clone(), title, 1);
        loop {
            let inner = content(rest.get(taken - 1..).unwrap_or_default(), indent);
            let open = if taken == 1 { " open" } else { "" };
            self.put("", line.number);
            self.put(
                &format!("{pad}<details class=\"doc-tab\" name=\"docs-tabs-{group}\"{open}>"),
                line.number,
            );
            let shown = escape(&title);
            self.put(&format!("{pad}<summary>{shown}</summary>"), line.number);
            self.inside(inner, (indent, depth), &format!("{pad}</details>"));
            taken += inner.len();
            let ahead = rest.get(taken - 1..).unwrap_or_default();
            let blanks = ahead
                .iter()
                .take_while(|line| line.text.trim().is_empty())
                .count();
            let next = ahead
                .get(blanks)
                .filter(|next| indent_of(&next.text) == indent);
            match next.and_then(|next| Some((next, tab(next.text.trim())?))) {
                Some((next, found)) => {
                    line = next.clone();
                    title = found;
                    taken += blanks + 1;
                }
                None => return taken,
            }
        }
    }
}

/// Lines that are indented by four more than `indent`, without blank ones at
/// the end.
fn content(lines: &[Line], indent: usize) -> &[Line] {
    let inside = lines
        .iter()
        .take_while(|line| line.text.trim().is_empty() || indent_of(&line.text) >= indent + 4)
        .count();
    let blanks = lines
        .get(..inside)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|line| line.text.trim().is_empty())
        .count();
    lines.get(..inside - blanks).unwrap_or_default()
}

/// Columns of white space at the beginning; a tab counts as four.
fn indent_of(line: &str) -> usize {
    let spaces = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
    spaces.map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// The line with `indent` columns where it had four more.
fn dedent(line: &str, indent: usize) -> String {
    let body = line.trim_start_matches([' ', '\t']);
    if body.is_empty() {
        return String::new();
    }
    let columns = indent_of(line).saturating_sub(4).max(indent);
    format!("{}{body}", " ".repeat(columns))
}

fn opens(body: &str) -> Option<(char, usize)> {
    let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = body.chars().take_while(|c| *c == mark).count();
    let info = body.trim_start_matches(mark);
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length))
}

fn closes((mark, length): (char, usize), body: &str) -> bool {
    body.chars().count() >= length && body.chars().all(|c| c == mark)
}

fn is_list_item(body: &str) -> bool {
    let bullet = ["- ", "* ", "+ "].iter().any(|mark| body.starts_with(mark));
    let digits = body.chars().take_while(char::is_ascii_digit).count();
    let after = body.trim_start_matches(|c: char| c.is_ascii_digit());
    bullet || (1..=9).contains(&digits) && (after.starts_with(". ") || after.starts_with(") "))
}

struct Head {
    kind: String,
    title: String,
    /// Whether it folds, and is open then.
    fold: Option<bool>,
}

/// `!!! type "Title"`, `??? type`, `???+ type "Title"`.
fn admonition(body: &str) -> Option<Head> {
    let forms = [("!!!", None), ("???+", Some(true)), ("???", Some(false))];
    let (rest, fold) = forms
        .iter()
        .find_map(|(mark, fold)| Some((body.strip_prefix(mark)?, *fold)))?;
    let rest = rest.strip_prefix([' ', '\t'])?.trim();
    let (words, title) = match rest.split_once('"') {
        Some((words, title)) => (words.trim(), Some(title.strip_suffix('"')?)),
        None => (rest, None),
    };
    let plain = words
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    if !plain || words.is_empty() && title.is_none() {
        return None;
    }
    let kind = words.split(' ').next().unwrap_or_default().to_lowercase();
    let title = title.map_or_else(|| capital(&kind), str::to_owned);
    // A fold needs something to click on.
    let title = if fold.is_some() && title.is_empty() {
        capital(&kind)
    } else {
        title
    };
    Some(Head { kind, title, fold })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// `=== "Title"`, also `===! "Title"` and `===+ "Title"`.
fn tab(body: &str) -> Option<String> {
    let rest = body.strip_prefix("===")?;
    let rest = rest.strip_prefix(['!', '+']).unwrap_or(rest);
    let title = rest
        .strip_prefix(' ')?
        .trim()
        .strip_prefix('"')?
        .strip_suffix('"')?;
    (!title.is_empty()).then(|| title.to_owned())
}

/// What an admonition's type says, in the tones of the portal.
pub(super) fn tone(kind: &str) -> &'static str {
    match kind {
        "tip" | "hint" | "success" | "check" | "done" => "ok",
        "warning" | "caution" | "attention" | "important" => "warn",
        "failure" | "fail" | "missing" | "danger" | "error" | "bug" => "bad",
        "example" | "quote" | "cite" => "neutral",
        _ => "info",
    }
}

/// `--8<-- "path"`: the path, and the part of the file.
fn snippet(body: &str) -> Option<(String, String)> {
    let rest = ["--8<-- ", "-8<- "]
        .iter()
        .find_map(|mark| body.strip_prefix(mark))?;
    let quoted = rest.trim();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .or_else(|| quoted.strip_prefix('\'')?.strip_suffix('\''))?;
    let (path, part) = inner.split_once(':').unwrap_or((inner, ""));
    Some((crate::mkdocs::plain_path(path)?, part.to_owned()))
}

/// All lines of a file, lines `3:7`, or those between `--8<-- [start:name]`
/// and `--8<-- [end:name]`.
fn part_of<'t>(text: &'t str, part: &str) -> Vec<&'t str> {
    let is_mark = |line: &str| line.contains("--8<-- [");
    let numbers: Option<Vec<usize>> = part
        .split(':')
        .map(|number| {
            if number.is_empty() {
                Some(0)
            } else {
                number.parse().ok()
            }
        })
        .collect();
    match (part.is_empty(), numbers) {
        (true, _) => text.lines().filter(|line| !is_mark(line)).collect(),
        (false, Some(numbers)) => {
            let first = numbers.first().copied().unwrap_or(1).max(1);
            let last = numbers
                .get(1)
                .copied()
                .filter(|last| *last > 0)
                .unwrap_or(usize::MAX);
            let count = last.saturating_sub(first).saturating_add(1);
            text.lines().skip(first - 1).take(count).collect()
        }
        (false, None) => {
            let (start, end) = (format!("[start:{part}]"), format!("[end:{part}]"));
            let after = text
                .lines()
                .skip_while(|line| !line.contains(&start))
                .skip(1);
            let inside = after.take_while(|line| !line.contains(&end));
            inside.filter(|line| !is_mark(line)).collect()
        }
    }
}

/// A text between tags.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

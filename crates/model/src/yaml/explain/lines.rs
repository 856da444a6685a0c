//! The lines of a document that cannot be read, roughly classified: enough to
//! tell a mistake from its consequences further down.

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing, or a comment.
    Blank,
    /// `key: …`, perhaps behind a dash.
    Pair,
    /// `- …` without a key.
    Item,
    /// Begins with `[` or `{`.
    Flow,
    /// The first line of a text below its key or dash.
    Value,
    /// A later line of such a text, or of one that begins behind its key.
    Continued,
    /// Inside `|` or `>`.
    Block,
    /// Begins inside quotes or brackets.
    Inside,
    /// None of these: neither a key nor part of a value.
    Stray,
}

/// One line.
#[derive(Debug, Clone)]
pub(super) struct Line<'t> {
    /// Counted from 1.
    pub number: usize,
    /// Without its line break.
    pub text: &'t str,
    /// Spaces before the first character.
    pub indent: usize,
    pub kind: Kind,
    /// Whether it begins with a dash.
    pub dashed: bool,
    /// Column of the key, of the text behind the dashes, or of the first
    /// character; from 0.
    pub start: usize,
    /// Columns of the colons that divide keys from values; from 0.
    pub colons: Vec<usize>,
    /// For [`Kind::Continued`]: number of the line on which the text begins.
    pub text_from: usize,
    /// Whether `|` or `>` ends the line.
    pub opens_block: bool,
}

impl Line<'_> {
    /// The content from the key on.
    pub(super) fn content(&self) -> &str {
        after(self.text, self.start).trim_end()
    }

    /// The first key of the line.
    pub(super) fn key(&self) -> Option<&str> {
        let colon = *self.colons.first()?;
        let length = colon.checked_sub(self.start)?;
        Some(before(after(self.text, self.start), length).trim_end())
    }

    /// What follows the first key's colon.
    pub(super) fn value(&self) -> Option<&str> {
        let colon = *self.colons.first()?;
        Some(after(self.text, colon + 1).trim())
    }
}

/// A quote or bracket that was opened: which, and where (line from 1, column
/// from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Open {
    pub what: char,
    pub line: usize,
    pub column: usize,
}

/// The lines of a piece up to the place where the parser gave up.
pub(super) struct Lines<'t> {
    pub lines: Vec<Line<'t>>,
    /// Brackets that are open at that place, outermost first.
    pub brackets: Vec<Open>,
    /// The last quote that was opened before that place.
    pub quote: Option<Open>,
}

impl<'t> Lines<'t> {
    /// Classifies all lines up to `line`; `column` is where the parser stopped.
    pub(super) fn up_to(text: &'t str, line: usize, column: usize) -> Self {
        let mut scanner = Scanner::default();
        let mut lines = Vec::new();
        let mut probe = Scanner::default();
        for (index, content) in split(text).take(line).enumerate() {
            if index + 1 == line {
                probe = scanner.clone();
                probe.line(index + 1, before(content, column));
            }
            lines.push(scanner.line(index + 1, content));
        }
        if lines.len() < line {
            probe = scanner;
        }
        Self {
            lines,
            brackets: probe.brackets,
            quote: probe.quote,
        }
    }

    pub(super) fn get(&self, number: usize) -> Option<&Line<'t>> {
        self.lines.get(number.checked_sub(1)?)
    }

    /// Lines before `number` that are neither blank nor comments, nearest first.
    pub(super) fn above(&self, number: usize) -> impl Iterator<Item = &Line<'t>> {
        let count = number.saturating_sub(1).min(self.lines.len());
        let above = self.lines.get(..count).unwrap_or_default();
        above.iter().rev().filter(|line| line.kind != Kind::Blank)
    }
}

/// The lines of a text as the parser counts them: `\n`, `\r\n` and `\r` end one.
pub(in crate::yaml) fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match text.find(['\n', '\r']) {
            None => {
                rest = None;
                Some(text)
            }
            Some(end) => {
                let (line, tail) = text.split_at_checked(end)?;
                let tail = tail.strip_prefix("\r\n").or_else(|| tail.get(1..));
                rest = tail;
                Some(line)
            }
        }
    })
}

/// The text without its first `count` characters.
pub(in crate::yaml) fn after(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .and_then(|(at, _)| text.get(at..))
        .unwrap_or_default()
}

/// The first `count` characters of the text.
pub(super) fn before(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .and_then(|(at, _)| text.get(..at))
        .unwrap_or(text)
}

#[derive(Debug, Clone, Default)]
struct Scanner {
    brackets: Vec<Open>,
    quote: Option<Open>,
    in_quote: bool,
    /// Column of the key or dash that a `|` or `>` belongs to.
    block: Option<usize>,
    /// A plain text that deeper lines continue: column of its key (none at the
    /// root), and the line on which it begins.
    plain: Option<(Option<usize>, usize)>,
    /// Column of a key or dash without a value so far.
    waiting: Option<usize>,
    has_content: bool,
}

impl Scanner {
    fn line<'t>(&mut self, number: usize, text: &'t str) -> Line<'t> {
        let indent = text.chars().take_while(|c| *c == ' ').count();
        let mut line = Line {
            number,
            text,
            indent,
            kind: Kind::Blank,
            dashed: false,
            start: indent,
            colons: Vec::new(),
            text_from: number,
            opens_block: false,
        };
        if self.in_quote || !self.brackets.is_empty() {
            line.kind = Kind::Inside;
            let mut cursor = Cursor::new(text, 0);
            self.inside(&mut cursor, number);
            self.behind_brackets(&mut cursor, &mut line);
            return line;
        }
        let content = text.trim();
        if content.is_empty() {
            return line;
        }
        if let Some(parent) = self.block {
            if indent > parent {
                line.kind = Kind::Block;
                return line;
            }
            self.block = None;
        }
        if content.starts_with('#') || (indent == 0 && is_directive_or_marker(content)) {
            return line;
        }
        if let Some((parent, from)) = self.plain
            && parent.is_none_or(|parent| indent > parent)
        {
            line.kind = Kind::Continued;
            line.text_from = from;
            Cursor::new(text, indent).plain(&mut line.colons);
            return line;
        }
        self.plain = None;
        self.fresh(&mut line);
        self.has_content = true;
        line
    }

    /// A line that begins outside everything.
    fn fresh(&mut self, line: &mut Line<'_>) {
        let mut cursor = Cursor::new(line.text, line.indent);
        while cursor.at('-') && cursor.next_is_blank() {
            line.dashed = true;
            self.waiting = Some(cursor.column);
            cursor.step();
            cursor.skip_blanks();
        }
        line.start = cursor.column;
        line.kind = Kind::Item;
        if cursor.peek().is_none_or(|c| c == '#') {
            return;
        }
        let below = self.waiting.is_some_and(|column| line.start > column);
        match cursor.peek() {
            Some('[' | '{') => {
                line.kind = if below || !self.has_content {
                    Kind::Value
                } else {
                    Kind::Flow
                };
                self.inside(&mut cursor, line.number);
                self.behind_brackets(&mut cursor, line);
            }
            Some('"' | '\'') => {
                self.inside_quote(&mut cursor, line.number);
                if !self.in_quote {
                    let mut behind = cursor.clone();
                    behind.skip_blanks();
                    if behind.at(':') && behind.next_is_blank() {
                        line.colons.push(behind.column);
                        cursor = behind;
                    } else {
                        cursor.plain(&mut line.colons);
                    }
                }
                self.classify(line, &mut cursor, below);
            }
            _ => {
                cursor.plain_key(&mut line.colons);
                self.classify(line, &mut cursor, below);
            }
        }
    }

    /// After the key (or the whole text) of a fresh line.
    fn classify(&mut self, line: &mut Line<'_>, cursor: &mut Cursor<'_>, below: bool) {
        if line.colons.is_empty() {
            let is_value = below || !self.has_content;
            if !line.dashed {
                line.kind = if is_value { Kind::Value } else { Kind::Stray };
            }
            let parent = if line.dashed || below {
                self.waiting
            } else {
                self.has_content.then_some(line.start)
            };
            line.opens_block = line.dashed && is_block_header(line.content());
            if line.opens_block {
                self.block = parent;
            } else if !self.in_quote {
                self.plain = Some((parent, line.number));
            }
            return;
        }
        line.kind = Kind::Pair;
        self.waiting = Some(line.start);
        cursor.step();
        cursor.skip_blanks();
        self.value(line, cursor);
    }

    /// The value behind a key.
    fn value(&mut self, line: &mut Line<'_>, cursor: &mut Cursor<'_>) {
        while matches!(cursor.peek(), Some('&' | '!')) {
            cursor.skip_word();
            cursor.skip_blanks();
        }
        let rest = after(line.text, cursor.column);
        match cursor.peek() {
            None | Some('#') => {}
            Some('"' | '\'') => {
                self.inside_quote(cursor, line.number);
                if !self.in_quote {
                    cursor.plain(&mut line.colons);
                }
            }
            Some('[' | '{') => {
                self.inside(cursor, line.number);
                self.behind_brackets(cursor, line);
            }
            Some('|' | '>') if is_block_header(rest) => {
                line.opens_block = true;
                self.block = Some(line.start);
            }
            Some(_) => {
                cursor.plain(&mut line.colons);
                self.plain = Some((Some(line.start), line.number));
            }
        }
    }

    /// What follows the bracket that closes a flow collection.
    fn behind_brackets(&mut self, cursor: &mut Cursor<'_>, line: &mut Line<'_>) {
        if self.brackets.is_empty() && !self.in_quote {
            cursor.plain(&mut line.colons);
        }
    }

    /// From inside quotes or brackets to the end of the line or of the brackets.
    fn inside(&mut self, cursor: &mut Cursor<'_>, number: usize) {
        if self.in_quote {
            self.rest_of_quote(cursor);
            if self.in_quote || self.brackets.is_empty() {
                return;
            }
        }
        let mut at_token = true;
        while let Some(c) = cursor.peek() {
            match c {
                '"' | '\'' if at_token => {
                    self.inside_quote(cursor, number);
                    if self.in_quote {
                        return;
                    }
                    at_token = false;
                    continue;
                }
                '#' if cursor.after_blank() => return,
                '[' | '{' => {
                    self.brackets.push(Open {
                        what: c,
                        line: number,
                        column: cursor.column,
                    });
                    at_token = true;
                }
                ']' | '}' => {
                    self.brackets.pop();
                    at_token = false;
                }
                ',' | ':' => at_token = true,
                c if c.is_whitespace() => {}
                _ => at_token = false,
            }
            cursor.step();
            if self.brackets.is_empty() {
                return;
            }
        }
    }

    fn inside_quote(&mut self, cursor: &mut Cursor<'_>, line: usize) {
        let Some(what) = cursor.peek() else { return };
        self.quote = Some(Open {
            what,
            line,
            column: cursor.column,
        });
        self.in_quote = true;
        cursor.step();
        self.rest_of_quote(cursor);
    }

    fn rest_of_quote(&mut self, cursor: &mut Cursor<'_>) {
        let what = self.quote.map_or('"', |quote| quote.what);
        while let Some(c) = cursor.peek() {
            cursor.step();
            if c == '\\' && what == '"' {
                cursor.step();
            } else if c == what {
                if what == '\'' && cursor.at('\'') {
                    cursor.step();
                } else {
                    self.in_quote = false;
                    return;
                }
            }
        }
    }
}

/// `|` or `>` with an indentation and chomping indicator and a comment at most.
fn is_block_header(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['|', '>']) else {
        return false;
    };
    let rest = rest.trim_start_matches(|c: char| matches!(c, '+' | '-') || c.is_ascii_digit());
    let comment = rest.trim_start();
    comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len())
}

fn is_directive_or_marker(content: &str) -> bool {
    content.starts_with("%YAML")
        || content.starts_with("%TAG")
        || content == "---"
        || content == "..."
}

/// A place on a line.
#[derive(Clone)]
struct Cursor<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    column: usize,
    previous: Option<char>,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str, column: usize) -> Self {
        let mut cursor = Self {
            rest: text.chars().peekable(),
            column: 0,
            previous: None,
        };
        for _ in 0..column {
            cursor.step();
        }
        cursor
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn at(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted)
    }

    fn step(&mut self) {
        if let Some(c) = self.rest.next() {
            self.previous = Some(c);
            self.column += 1;
        }
    }

    fn after_blank(&self) -> bool {
        self.previous.is_none_or(|c| matches!(c, ' ' | '\t'))
    }

    /// Whether a blank or the end follows the current character.
    fn next_is_blank(&self) -> bool {
        let mut rest = self.rest.clone();
        rest.next();
        rest.next().is_none_or(|c| matches!(c, ' ' | '\t'))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.step();
        }
    }

    fn skip_word(&mut self) {
        while self.peek().is_some_and(|c| !matches!(c, ' ' | '\t')) {
            self.step();
        }
    }

    /// Stops at the first dividing colon, a comment or the end.
    fn plain_key(&mut self, colons: &mut Vec<usize>) {
        while let Some(c) = self.peek() {
            if c == '#' && self.after_blank() {
                return;
            }
            if c == ':' && self.next_is_blank() {
                colons.push(self.column);
                return;
            }
            self.step();
        }
    }

    /// Notes all dividing colons up to a comment or the end.
    fn plain(&mut self, colons: &mut Vec<usize>) {
        while let Some(c) = self.peek() {
            if c == '#' && self.after_blank() {
                return;
            }
            if c == ':' && self.next_is_blank() {
                colons.push(self.column);
            }
            self.step();
        }
    }
}

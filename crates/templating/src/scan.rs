//! Cuts a text into what is written as it stands and what is between
//! delimiters.

use std::rc::Rc;

use crate::Options;
use crate::error::{Place, TemplateError};
use crate::limits::SOURCE;
use crate::token::{self, Code, Token, What};

/// A piece of the text.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Rc<str>),
    /// `${{ … }}`
    Output(Inside),
    /// `{% … %}`
    Tag(Inside),
}

/// What stands between two delimiters.
#[derive(Debug)]
pub(crate) struct Inside {
    /// Where the tag opens.
    pub(crate) open: usize,
    /// Where its code ends.
    pub(crate) end: usize,
    pub(crate) tokens: Vec<Token>,
}

impl Inside {
    fn new(open: usize, code: Code) -> Self {
        Self {
            open,
            end: code.end,
            tokens: code.tokens,
        }
    }

    /// The first word.
    pub(crate) fn word(&self) -> Option<&Rc<str>> {
        match &self.tokens.first()?.what {
            What::Name(name) => Some(name),
            _ => None,
        }
    }
}

struct Scanner<'a> {
    source: &'a str,
    options: Options,
    at: usize,
    /// The white space at the start of the next text goes.
    trims: bool,
    /// One newline at the start of the next text goes.
    trims_newline: bool,
    pieces: Vec<Piece>,
}

/// All pieces of `source`, comments left out, raw blocks as text.
pub(crate) fn pieces(source: &str, options: Options) -> Result<Vec<Piece>, TemplateError> {
    if source.len() > SOURCE {
        return Err(TemplateError::new(
            Place { line: 1, column: 1 },
            format!("the text is longer than {} MiB", SOURCE / 1024 / 1024),
        ));
    }
    let mut scanner = Scanner {
        source,
        options,
        at: 0,
        trims: false,
        trims_newline: false,
        pieces: Vec::new(),
    };
    while scanner.piece()? {}
    Ok(scanner.pieces)
}

const BLANK: fn(char) -> bool = |c| c.is_whitespace() || c == '\u{feff}';

impl<'a> Scanner<'a> {
    /// Reads text up to the next delimiter, and what that opens. False at the
    /// end.
    fn piece(&mut self) -> Result<bool, TemplateError> {
        let variable = if self.options.cookiecutter {
            "{{"
        } else {
            "${{"
        };
        let rest = self.rest();
        let next = [variable, "{%", "{#"]
            .into_iter()
            .filter_map(|open| rest.find(open).map(|found| (found, open)))
            .min();
        let Some((found, open)) = next else {
            self.text(rest);
            return Ok(false);
        };
        let opens = self.at + found;
        let before = self.source.get(self.at..opens).unwrap_or_default();
        let mut inside = opens + open.len();
        let dashed = self
            .source
            .get(inside..)
            .is_some_and(|rest| rest.starts_with('-'));
        inside += usize::from(dashed);
        let before = if dashed {
            before.trim_end_matches(BLANK)
        } else if open == "{%" && self.options.lstrip_blocks {
            self.without_indentation(before, opens)
        } else {
            before
        };
        self.text(before);
        match open {
            "{#" => self.comment(opens, inside)?,
            "{%" => {
                let code = token::code(self.source, opens, inside, "%}")?;
                (self.at, self.trims) = (code.next, code.trims);
                self.trims_newline = self.options.trim_blocks;
                let inside = Inside::new(opens, code);
                match inside.word().map(|word| word.to_string()) {
                    Some(word) if word == "raw" || word == "verbatim" => {
                        self.raw(&inside, &word)?
                    }
                    _ => self.pieces.push(Piece::Tag(inside)),
                }
            }
            _ => {
                let code = token::code(self.source, opens, inside, "}}")?;
                (self.at, self.trims) = (code.next, code.trims);
                self.pieces.push(Piece::Output(Inside::new(opens, code)));
            }
        }
        Ok(true)
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn text(&mut self, text: &str) {
        let mut text = text;
        if std::mem::take(&mut self.trims_newline) {
            text = text
                .strip_prefix("\r\n")
                .or_else(|| text.strip_prefix('\n'))
                .unwrap_or(text);
        }
        if std::mem::take(&mut self.trims) {
            text = text.trim_start_matches(BLANK);
        }
        if !text.is_empty() {
            self.pieces.push(Piece::Text(Rc::from(text)));
        }
    }

    /// `before` without the blanks of its last line, if that line holds nothing
    /// else.
    fn without_indentation(&self, before: &'a str, opens: usize) -> &'a str {
        let line = self
            .source
            .get(..opens)
            .unwrap_or_default()
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let start = line.max(self.at) - self.at;
        match before.split_at_checked(start) {
            Some((kept, blank)) if line >= self.at && blank.chars().all(BLANK) => kept,
            _ => before,
        }
    }

    fn comment(&mut self, opens: usize, inside: usize) -> Result<(), TemplateError> {
        let body = self.source.get(inside..).unwrap_or_default();
        let Some(end) = body.find("#}") else {
            return Err(TemplateError::new(
                Place::of(self.source, opens),
                "this comment never ends; close it with `#}`",
            ));
        };
        self.trims = body.get(..end).is_some_and(|text| text.ends_with('-'));
        self.at = inside + end + 2;
        Ok(())
    }

    /// Everything up to the `endraw` of this `raw` is text. Raw blocks of the
    /// same name may stand inside.
    fn raw(&mut self, tag: &Inside, word: &str) -> Result<(), TemplateError> {
        let wrong = |message: String| TemplateError::new(Place::of(self.source, tag.open), message);
        if tag.tokens.len() > 1 {
            return Err(wrong(format!("`{word}` takes nothing behind it")));
        }
        let (start, mut from, mut depth) = (self.at, self.at, 1_usize);
        loop {
            let rest = self.source.get(from..).unwrap_or_default();
            let Some(found) = rest.find("{%") else {
                return Err(wrong(format!(
                    "`{word}` never ends; close it with `{{% end{word} %}}`"
                )));
            };
            let open = from + found;
            from = open + 2;
            let inner = self.source.get(from..).unwrap_or_default();
            let inner = inner.strip_prefix('-').unwrap_or(inner);
            let Some((inner, _)) = inner.split_once("%}") else {
                continue;
            };
            let name = inner.trim_end_matches('-').trim();
            if name == word {
                depth += 1;
            } else if name.strip_prefix("end") == Some(word) {
                depth -= 1;
                if depth == 0 {
                    let body = self.source.get(start..open).unwrap_or_default();
                    self.text(body);
                    let end = self.source.get(open..).and_then(|rest| rest.find("%}"));
                    self.at = open + end.unwrap_or_default() + 2;
                    self.trims_newline = self.options.trim_blocks;
                    return Ok(());
                }
            }
        }
    }
}

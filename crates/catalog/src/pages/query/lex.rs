//! A query cut into tokens, each with its place.

use std::ops::Range;

use super::{Problem, QueryError};

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) what: What,
    /// In bytes of the text.
    pub(super) place: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Open,
    Close,
    /// `-` directly before something.
    Minus,
    /// A text in quotes that belongs to nothing before it.
    Quoted(String),
    /// Characters without white space; quotes only where values stand.
    Word(Vec<Piece>),
}

/// A stretch of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bare(String),
    Quoted(String),
}

/// Characters that end a word.
fn ends(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')')
}

/// Whether a quote may follow this character within a word.
fn value_begins_after(c: char) -> bool {
    matches!(c, ':' | ',' | '<' | '>' | '=')
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// The next token, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, QueryError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.take();
        }
        let from = self.at;
        let Some(c) = self.peek() else {
            return Ok(None);
        };
        let what = match c {
            '(' => {
                self.take();
                What::Open
            }
            ')' => {
                self.take();
                What::Close
            }
            '"' => What::Quoted(self.quoted()?),
            '-' if self
                .rest()
                .chars()
                .nth(1)
                .is_some_and(|next| !next.is_whitespace() && next != ')') =>
            {
                self.take();
                What::Minus
            }
            _ => What::Word(self.word()?),
        };
        Ok(Some(Token {
            what,
            place: from..self.at,
        }))
    }

    /// A text in quotes; the lexer stands before the first.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let from = self.at;
        self.take();
        let mut inside = String::new();
        loop {
            match self.take() {
                None => {
                    return Err(QueryError {
                        place: from..self.at,
                        problem: Problem::Quote,
                    });
                }
                Some('"') => break,
                Some('\\') => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.take();
                        inside.push(escaped);
                    }
                    _ => inside.push('\\'),
                },
                Some(c) => inside.push(c),
            }
        }
        if inside.trim().is_empty() {
            return Err(QueryError {
                place: from..self.at,
                problem: Problem::Nothing,
            });
        }
        Ok(inside)
    }

    fn word(&mut self) -> Result<Vec<Piece>, QueryError> {
        let mut pieces = Vec::new();
        let mut bare = String::new();
        while let Some(c) = self.peek().filter(|c| !ends(*c)) {
            if c != '"' {
                self.take();
                bare.push(c);
                continue;
            }
            if !bare.ends_with(value_begins_after) {
                break;
            }
            pieces.push(Piece::Bare(std::mem::take(&mut bare)));
            pieces.push(Piece::Quoted(self.quoted()?));
            // Behind a quoted value comes another one, or the end.
            if self.peek() != Some(',') {
                return Ok(pieces);
            }
        }
        if !bare.is_empty() {
            pieces.push(Piece::Bare(bare));
        }
        Ok(pieces)
    }
}

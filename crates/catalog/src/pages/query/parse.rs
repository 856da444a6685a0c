//! Tokens read as a query, by recursive descent.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::lex::{Lexer, Piece, Token, What};
use super::{
    Compare, Field, MAX_CHARS, MAX_DEPTH, Named, PARTS, Part, Problem, QueryError, STATES,
};

type Parsed<T> = Result<T, QueryError>;

/// Reads a whole text.
pub(super) fn query(text: &str) -> Parsed<Vec<Part>> {
    if let Some((at, _)) = text.char_indices().nth(MAX_CHARS) {
        return Err(error(at..text.len(), Problem::Length));
    }
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        end: text.len(),
    };
    let part = parser.any(0)?;
    if let Some(left) = parser.tokens.next() {
        return Err(error(left.place, Problem::Parenthesis));
    }
    Ok(match part {
        Part::All(parts) => parts,
        other => vec![other],
    })
}

fn error(place: Range<usize>, problem: Problem) -> QueryError {
    QueryError { place, problem }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    Or,
    And,
    Not,
}

/// The keyword that a token is.
fn keyword(token: &Token) -> Option<(Keyword, &str)> {
    let What::Word(pieces) = &token.what else {
        return None;
    };
    let [Piece::Bare(word)] = pieces.as_slice() else {
        return None;
    };
    let found = match word.to_ascii_lowercase().as_str() {
        "or" => Keyword::Or,
        "and" => Keyword::And,
        "not" => Keyword::Not,
        _ => return None,
    };
    Some((found, word))
}

/// Whether a word is one of the words with a meaning of their own.
pub(super) fn is_keyword(word: &str) -> bool {
    ["or", "and", "not"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    /// Where the text ends.
    end: usize,
}

impl Parser {
    fn next_is(&mut self, wanted: Keyword) -> bool {
        self.tokens
            .peek()
            .and_then(keyword)
            .is_some_and(|(found, _)| found == wanted)
    }

    /// `a or b or c`
    fn any(&mut self, depth: usize) -> Parsed<Part> {
        let mut parts = vec![self.all(depth)?];
        while self.next_is(Keyword::Or) {
            let word = self.tokens.next();
            self.operand(word)?;
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Part::Any, |part| match part {
            Part::Any(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    /// `a b and c`
    fn all(&mut self, depth: usize) -> Parsed<Part> {
        let mut parts = vec![self.not(depth, true)?];
        loop {
            match self.tokens.peek() {
                None => break,
                Some(token) if token.what == What::Close => break,
                Some(token) => match keyword(token) {
                    Some((Keyword::Or, _)) => break,
                    Some((Keyword::And, _)) => {
                        let word = self.tokens.next();
                        self.operand(word)?;
                    }
                    _ => {}
                },
            }
            parts.push(self.not(depth, true)?);
        }
        Ok(joined(parts, Part::All, |part| match part {
            Part::All(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    /// Something must follow `word`.
    fn operand(&mut self, word: Option<Token>) -> Parsed<()> {
        let Some(word) = word else {
            return Ok(());
        };
        let follows = self.tokens.peek().is_some_and(|next| {
            next.what != What::Close
                && !keyword(next).is_some_and(|(found, _)| found != Keyword::Not)
        });
        if follows {
            return Ok(());
        }
        let text = keyword(&word).map_or("-", |(_, text)| text).to_owned();
        Err(error(word.place, Problem::Operand(text)))
    }

    /// `-a`, `not a`, `a`. Only what is not negated joins the words behind it.
    fn not(&mut self, depth: usize, joins: bool) -> Parsed<Part> {
        let negates = self.tokens.peek().is_some_and(|token| {
            token.what == What::Minus
                || keyword(token).is_some_and(|(found, _)| found == Keyword::Not)
        });
        if !negates {
            return self.part(depth, joins);
        }
        let sign = self.tokens.next();
        let place = sign.as_ref().map_or(0..0, |token| token.place.clone());
        self.operand(sign)?;
        let depth = deeper(depth, place)?;
        Ok(Part::Not(Box::new(self.not(depth, false)?)))
    }

    fn part(&mut self, depth: usize, joins: bool) -> Parsed<Part> {
        let Some(token) = self.tokens.next() else {
            return Err(error(self.end..self.end, Problem::Nothing));
        };
        if let Some((_, word)) = keyword(&token) {
            let word = word.to_owned();
            return Err(error(token.place, Problem::Operand(word)));
        }
        match token.what {
            What::Open => self.inside(depth, token.place),
            What::Close => Err(error(token.place, Problem::Parenthesis)),
            // Never left before another token, see `not`.
            What::Minus => Err(error(token.place, Problem::Operand("-".to_owned()))),
            What::Quoted(text) => Ok(Part::Text(text)),
            What::Word(pieces) => match condition(&pieces, &token.place)? {
                Some(part) => Ok(part),
                None => Ok(Part::Text(self.text(&pieces, joins))),
            },
        }
    }

    /// The lexer stands behind `(`.
    fn inside(&mut self, depth: usize, open: Range<usize>) -> Parsed<Part> {
        let depth = deeper(depth, open.clone())?;
        if let Some(close) = self.tokens.next_if(|next| next.what == What::Close) {
            return Err(error(open.start..close.place.end, Problem::Nothing));
        }
        if self.tokens.peek().is_none() {
            return Err(error(open, Problem::Parenthesis));
        }
        let part = self.any(depth)?;
        match self.tokens.next() {
            Some(token) if token.what == What::Close => Ok(part),
            _ => Err(error(open, Problem::Parenthesis)),
        }
    }

    /// A word with the words behind it.
    fn text(&mut self, pieces: &[Piece], joins: bool) -> String {
        let mut text = bare(pieces);
        if !joins {
            return text;
        }
        loop {
            let next = self.tokens.next_if(|next| {
                let What::Word(pieces) = &next.what else {
                    return false;
                };
                keyword(next).is_none() && matches!(condition(pieces, &next.place), Ok(None))
            });
            let Some(Token {
                what: What::Word(pieces),
                ..
            }) = next
            else {
                break;
            };
            text.push(' ');
            text.push_str(&bare(&pieces));
        }
        text
    }
}

fn deeper(depth: usize, place: Range<usize>) -> Parsed<usize> {
    if depth >= MAX_DEPTH {
        return Err(error(place, Problem::Depth));
    }
    Ok(depth + 1)
}

/// One part, or all of them with those of the same sort opened up.
fn joined(
    parts: Vec<Part>,
    group: fn(Vec<Part>) -> Part,
    open: fn(Part) -> Result<Vec<Part>, Part>,
) -> Part {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) => flat.extend(inner),
            Err(part) => flat.push(part),
        }
    }
    match flat.pop() {
        Some(only) if flat.is_empty() => only,
        Some(last) => {
            flat.push(last);
            group(flat)
        }
        None => group(flat),
    }
}

fn bare(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Bare(text) | Piece::Quoted(text) => text.as_str(),
        })
        .collect()
}

/// The condition that a word is; nothing for a word of text.
fn condition(pieces: &[Piece], place: &Range<usize>) -> Parsed<Option<Part>> {
    let Some((Piece::Bare(first), more)) = pieces.split_first() else {
        return Ok(None);
    };
    let Some(at) = first.find([':', '<', '>']) else {
        let there = Field::of(first).filter(|field| !matches!(field, Field::Named(_)));
        return Ok(there.filter(|_| more.is_empty()).map(Part::There));
    };
    let (name, rest) = first.split_at_checked(at).unwrap_or((first, ""));
    let field = Field::of(name);
    let Some(rest) = rest.strip_prefix(':') else {
        let Some(field) = field else {
            return Ok(None);
        };
        return compared(&field, name, rest, more, place).map(Some);
    };
    let here = place.start..place.start + at;
    let Some(field) = field else {
        let wrong = if here.is_empty() { place.clone() } else { here };
        return Err(error(wrong, Problem::Field(name.to_owned())));
    };
    if field == Field::Named(Named::Tier) && rest.starts_with(['<', '>']) {
        return compared(&field, name, rest, more, place).map(Some);
    }
    let values = values(rest, more)
        .ok_or_else(|| error(place.clone(), Problem::NoValue(name.to_owned())))?;
    known(&field, &values, place)?;
    Ok(Some(Part::Is(field, values)))
}

/// `tier<=2`; `rest` begins with the sign.
fn compared(
    field: &Field,
    name: &str,
    rest: &str,
    more: &[Piece],
    place: &Range<usize>,
) -> Parsed<Part> {
    if *field != Field::Named(Named::Tier) {
        return Err(error(place.clone(), Problem::Order(name.to_owned())));
    }
    let signs = [
        ("<=", Compare::AtMost),
        (">=", Compare::AtLeast),
        ("<", Compare::Less),
        (">", Compare::More),
    ];
    let found = signs
        .into_iter()
        .find_map(|(sign, compare)| Some((compare, rest.strip_prefix(sign)?)));
    let values = found.and_then(|(compare, rest)| Some((compare, values(rest, more)?)));
    match values {
        Some((compare, values)) => match <[String; 1]>::try_from(values) {
            Ok([value]) => Ok(Part::Tier(compare, value)),
            Err(_) => Err(error(place.clone(), Problem::Order(name.to_owned()))),
        },
        None => Err(error(place.clone(), Problem::NoValue(name.to_owned()))),
    }
}

/// The values of a list with commas; nothing when one is missing. Commas in
/// quotes mean nothing.
fn values(first: &str, more: &[Piece]) -> Option<Vec<String>> {
    let mut values: Vec<String> = Vec::new();
    let mut wants_value = true;
    let mut take = |value: Option<&str>| {
        // Values and commas take turns.
        if value.is_some() != wants_value {
            return None;
        }
        values.extend(value.map(str::to_owned));
        wants_value = !wants_value;
        Some(())
    };
    let bare = |text: &str, take: &mut dyn FnMut(Option<&str>) -> Option<()>| {
        for (at, value) in text.split(',').enumerate() {
            if at > 0 {
                take(None)?;
            }
            if !value.is_empty() {
                take(Some(value))?;
            }
        }
        Some(())
    };
    bare(first, &mut take)?;
    for piece in more {
        match piece {
            Piece::Bare(text) => bare(text, &mut take)?,
            Piece::Quoted(text) => take(Some(text))?,
        }
    }
    (!wants_value).then_some(values)
}

/// Refuses what `is:` and `has:` do not take.
fn known(field: &Field, values: &[String], place: &Range<usize>) -> Parsed<()> {
    let one_of =
        |known: &[&str], value: &str| known.iter().any(|known| known.eq_ignore_ascii_case(value));
    for value in values {
        let problem = match field {
            Field::Named(Named::Is) if !one_of(&STATES, value) => Problem::State(value.clone()),
            Field::Named(Named::Has)
                if !one_of(&PARTS, value)
                    && !matches!(
                        Field::of(value),
                        Some(Field::Label(_) | Field::Annotation(_))
                    ) =>
            {
                Problem::Having(value.clone())
            }
            _ => continue,
        };
        return Err(error(place.clone(), problem));
    }
    Ok(())
}

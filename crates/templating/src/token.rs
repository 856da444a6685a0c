//! The tokens inside `${{ … }}` and `{% … %}`.

use std::rc::Rc;

use crate::error::{Place, TemplateError};

/// One token with the byte where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) at: usize,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Text(Rc<str>),
    Number(f64),
    Name(Rc<str>),
    Regex(Rc<str>, Rc<str>),
    Sign(&'static str),
}

impl What {
    /// The token as it would be written.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{text}\""),
            Self::Number(number) => crate::coerce::number_text(*number),
            Self::Name(name) => name.to_string(),
            Self::Regex(source, flags) => format!("r/{source}/{flags}"),
            Self::Sign(sign) => (*sign).to_owned(),
        }
    }
}

/// Longest first.
const SIGNS: [&str; 29] = [
    "===", "!==", "**", "//", "==", "!=", "<=", ">=", "|", "~", "+", "-", "*", "/", "%", "<", ">",
    "(", ")", "[", "]", "{", "}", ",", ":", ".", "=", ";", "@",
];

/// The inside of a tag.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) tokens: Vec<Token>,
    /// The byte behind the last token: where an end that comes too early is.
    pub(crate) end: usize,
    /// The byte behind the closing delimiter.
    pub(crate) next: usize,
    /// Whether the delimiter says `-`: the white space behind it goes.
    pub(crate) trims: bool,
}

/// Reads tokens from byte `from` up to `close`. `open` is where the tag begins.
pub(crate) fn code(
    source: &str,
    open: usize,
    from: usize,
    close: &str,
) -> Result<Code, TemplateError> {
    let mut tokens = Vec::new();
    let mut at = from;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else {
            return Err(unterminated(source, open, close));
        };
        if matches!(first, ' ' | '\t' | '\n' | '\r' | '\u{a0}') {
            at += first.len_utf8();
            continue;
        }
        let dashed = rest
            .strip_prefix('-')
            .filter(|more| more.starts_with(close));
        if rest.starts_with(close) || dashed.is_some() {
            return Ok(Code {
                tokens,
                end: at,
                next: at + close.len() + usize::from(dashed.is_some()),
                trims: dashed.is_some(),
            });
        }
        let (what, length) = token(source, at, rest, first)
            .map_err(|message| message.unwrap_or_else(|| unterminated(source, open, close)))?;
        tokens.push(Token { at, what });
        at += length;
    }
}

fn unterminated(source: &str, open: usize, close: &str) -> TemplateError {
    TemplateError::new(
        Place::of(source, open),
        format!("this tag never ends; close it with `{close}`"),
    )
}

/// One token and its length in bytes; `None` as the error when the text ends
/// within it.
fn token(
    source: &str,
    at: usize,
    rest: &str,
    first: char,
) -> Result<(What, usize), Option<TemplateError>> {
    let wrong = |message: String| Some(TemplateError::new(Place::of(source, at), message));
    match first {
        '"' | '\'' => return quoted(rest, first).ok_or(None),
        '0'..='9' => {
            let length = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'))
                .unwrap_or(rest.len());
            let written = rest.get(..length).unwrap_or_default();
            let plain = written
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
            return match written.parse() {
                Ok(number) if plain && !written.ends_with('.') => {
                    Ok((What::Number(number), length))
                }
                _ => Err(wrong(format!(
                    "`{written}` is no number; write digits with at most one point between them"
                ))),
            };
        }
        'r' if rest.starts_with("r/") => {
            if let Some(found) = regex(rest) {
                return Ok(found);
            }
        }
        _ => {}
    }
    if first.is_alphabetic() || first == '_' || first == '$' {
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        return Ok((What::Name(Rc::from(name)), length));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(&sign) if !matches!(sign, ";" | "@") => Ok((What::Sign(sign), sign.len())),
        _ => {
            let hint = match first {
                '&' => "; write `and`",
                '!' => "; write `not`",
                '?' => "; write `A if CONDITION else B`",
                _ => "",
            };
            Err(wrong(format!("`{first}` has no meaning here{hint}")))
        }
    }
}

/// A text in quotes, with the escapes of the language: `\n`, `\t`, `\r`;
/// before anything else a backslash only goes away.
fn quoted(rest: &str, quote: char) -> Option<(What, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((What::Text(Rc::from(text)), at + 1));
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next()?.1 {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            other => text.push(other),
        }
    }
    None
}

/// `r/source/flags`. Nothing when there is no second slash: then `r` is a name.
fn regex(rest: &str) -> Option<(What, usize)> {
    let body = rest.get(2..)?;
    let mut escaped = false;
    let (end, _) = body.char_indices().find(|(_, c)| {
        let ends = *c == '/' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    })?;
    let behind = body.get(end + 1..)?;
    let flags = behind
        .find(|c| !matches!(c, 'g' | 'i' | 'm' | 'y' | 's' | 'u'))
        .unwrap_or(behind.len());
    Some((
        What::Regex(Rc::from(body.get(..end)?), Rc::from(behind.get(..flags)?)),
        2 + end + 1 + flags,
    ))
}

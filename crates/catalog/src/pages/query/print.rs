//! A query written so that it is read back as an equal one.

use std::fmt::{self, Write};

use super::parse::is_keyword;
use super::{Field, Named, Part};

/// What stands around a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among others that all hold.
    All,
    /// One of several alternatives.
    Any,
    /// Behind a sign of negation.
    Negated,
}

/// Parts that all hold.
pub(super) fn all(parts: &[Part], f: &mut dyn Write) -> fmt::Result {
    match parts {
        [Part::Any(list)] => any(list, f),
        parts => side_by_side(parts, f),
    }
}

fn side_by_side(parts: &[Part], f: &mut dyn Write) -> fmt::Result {
    let mut after_text = false;
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_char(' ')?;
        }
        match part {
            // Words behind words would be read as one text.
            Part::Text(text) if after_text => quoted(text, f)?,
            part => one(part, Place::All, f)?,
        }
        after_text = matches!(part, Part::Text(_));
    }
    Ok(())
}

fn any(parts: &[Part], f: &mut dyn Write) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(" or ")?;
        }
        one(part, Place::Any, f)?;
    }
    Ok(())
}

fn one(part: &Part, place: Place, f: &mut dyn Write) -> fmt::Result {
    match part {
        Part::All(list) if place == Place::Any => side_by_side(list, f),
        Part::All(list) => {
            f.write_char('(')?;
            side_by_side(list, f)?;
            f.write_char(')')
        }
        Part::Any(list) => {
            f.write_char('(')?;
            any(list, f)?;
            f.write_char(')')
        }
        Part::Not(inner) => {
            f.write_char('-')?;
            one(inner, Place::Negated, f)
        }
        Part::Is(field, values) => {
            name(field, f)?;
            f.write_char(':')?;
            for (at, text) in values.iter().enumerate() {
                if at > 0 {
                    f.write_char(',')?;
                }
                value(text, f)?;
            }
            Ok(())
        }
        Part::There(field) => name(field, f),
        Part::Tier(compare, text) => {
            f.write_str(Named::Tier.name())?;
            f.write_str(compare.sign())?;
            value(text, f)
        }
        Part::Text(text) if is_plain(text, place) => f.write_str(text),
        Part::Text(text) => quoted(text, f),
    }
}

fn name(field: &Field, f: &mut dyn Write) -> fmt::Result {
    match field {
        Field::Named(named) => f.write_str(named.name()),
        Field::Label(key) => write!(f, "label.{key}"),
        Field::Annotation(key) => write!(f, "annotation.{key}"),
    }
}

/// A value, in quotes where it needs them.
pub(super) fn value(text: &str, f: &mut dyn Write) -> fmt::Result {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | ',' | '(' | ')');
    if text.is_empty() || text.contains(special) || text.starts_with(['<', '>', '=']) {
        quoted(text, f)
    } else {
        f.write_str(text)
    }
}

fn quoted(text: &str, f: &mut dyn Write) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

/// Whether a text is read as text without quotes.
fn is_plain(text: &str, place: Place) -> bool {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | ':' | '<' | '>');
    let is_word = |word: &str| {
        !word.is_empty()
            && !word.contains(special)
            && !word.starts_with('-')
            && !is_keyword(word)
            && !matches!(
                Field::of(word),
                Some(Field::Label(_) | Field::Annotation(_))
            )
    };
    let mut words = text.split(' ');
    let first = words.next().is_some_and(is_word);
    first
        && match place {
            Place::Negated => words.next().is_none(),
            Place::All | Place::Any => words.all(is_word),
        }
}

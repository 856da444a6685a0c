//! Versions in Maven's order, as the POM reference defines it
//! (<https://maven.apache.org/pom.html#version-order-specification>).

use std::cmp::Ordering;

use super::plain::{by_number, number};

/// Qualifiers with a place of their own, in order; the release is among them.
const KNOWN: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

/// One token with what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// After a hyphen, or where letters and digits meet; else after a dot.
    hyphen: bool,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(String),
    Word(String),
}

impl Token {
    fn is_null(&self) -> bool {
        match &self.value {
            Value::Number(number) => number == "0",
            Value::Word(word) => word.is_empty(),
        }
    }

    /// What a shorter version has at the place of this token.
    fn padding(&self) -> Self {
        Self {
            hyphen: self.hyphen,
            value: match self.value {
                Value::Number(_) => Value::Number("0".to_owned()),
                Value::Word(_) => Value::Word(String::new()),
            },
        }
    }

    /// Words come first, then numbers after a hyphen, then numbers after a dot.
    fn rank(&self) -> u8 {
        match (&self.value, self.hyphen) {
            (Value::Word(_), _) => 0,
            (Value::Number(_), true) => 1,
            (Value::Number(_), false) => 2,
        }
    }
}

/// A version in Maven's order. Every text is one.
#[derive(Clone, Debug)]
pub(super) struct Maven(Vec<Token>);

impl Maven {
    pub(super) fn parse(text: &str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        let (mut current, mut hyphen) = (String::new(), false);
        let mut after_separator = true;
        for c in text.trim().to_lowercase().chars() {
            if matches!(c, '.' | '-' | '_') {
                push(&mut tokens, hyphen, &current, false);
                current.clear();
                hyphen = c != '.';
                after_separator = true;
                continue;
            }
            let digit = current.chars().next().is_some_and(|c| c.is_ascii_digit());
            if !current.is_empty() && digit != c.is_ascii_digit() {
                push(&mut tokens, hyphen, &current, c.is_ascii_digit());
                current.clear();
                hyphen = true;
            }
            after_separator = false;
            current.push(c);
        }
        if !after_separator || tokens.is_empty() {
            push(&mut tokens, hyphen, &current, false);
        }
        Self(trimmed(tokens))
    }
}

/// Adds a token; one letter before a number is an abbreviation.
fn push(tokens: &mut Vec<Token>, hyphen: bool, text: &str, before_digit: bool) {
    let value = match text {
        // An empty token counts as zero.
        "" => Value::Number("0".to_owned()),
        text if text.starts_with(|c: char| c.is_ascii_digit()) => Value::Number(number(text)),
        "a" if before_digit => Value::Word("alpha".to_owned()),
        "b" if before_digit => Value::Word("beta".to_owned()),
        "m" if before_digit => Value::Word("milestone".to_owned()),
        "cr" => Value::Word("rc".to_owned()),
        "ga" | "final" | "release" => Value::Word(String::new()),
        word => Value::Word(word.to_owned()),
    };
    tokens.push(Token { hyphen, value });
}

/// Without the zeros and empty words before each hyphen and at the end.
fn trimmed(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.hyphen {
            drop_nulls(&mut kept);
        }
        kept.push(token);
    }
    drop_nulls(&mut kept);
    kept
}

fn drop_nulls(tokens: &mut Vec<Token>) {
    while tokens.last().is_some_and(Token::is_null) {
        tokens.pop();
    }
}

fn by_word(a: &str, b: &str) -> Ordering {
    let place = |word: &str| KNOWN.iter().position(|known| *known == word);
    match (place(a), place(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

fn by_token(a: &Token, b: &Token) -> Ordering {
    match (&a.value, &b.value) {
        (Value::Word(a), Value::Word(b)) => by_word(a, b),
        (Value::Number(x), Value::Number(y)) if a.hyphen == b.hyphen => by_number(x, y),
        _ => a.rank().cmp(&b.rank()),
    }
}

impl Ord for Maven {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.0.len().max(other.0.len());
        for at in 0..longest {
            let order = match (self.0.get(at), other.0.get(at)) {
                (Some(a), Some(b)) => by_token(a, b),
                (Some(a), None) => by_token(a, &a.padding()),
                (None, Some(b)) => by_token(&b.padding(), b),
                (None, None) => Ordering::Equal,
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl PartialOrd for Maven {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Maven {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Maven {}

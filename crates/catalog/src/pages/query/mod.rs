//! The query box of the catalog list: words, and conditions such as
//! `owner:team-pay -tag:legacy (tier<=2 or lifecycle:production)`.
//!
//! ```text
//! query     = and { "or" and }
//! and       = not { [ "and" ] not }
//! not       = { "not" | "-" } part
//! part      = "(" query ")" | condition | text
//! condition = field ":" value { "," value }       one of the values
//!           | "tier" ( "<" | "<=" | ">" | ">=" ) value
//!           | "label." key | "annotation." key    it is there
//! field     = kind type owner lifecycle system tier compliance tag namespace
//!             name has is label.KEY annotation.KEY
//! text      = word { word } | '"' characters '"'
//! value     = characters without white space, quote, comma, parenthesis
//!           | '"' characters '"'
//! ```
//!
//! `-` negates only directly before what it negates. Words side by side are one
//! text. In quotes, `\"` is a quote and `\\` a backslash. Field names and the
//! words `or`, `and`, `not` are read in any casing.
//!
//! Invariants: reading never panics, every refusal has its place in bytes, and
//! what is printed is read back as an equal query.

mod lex;
mod meaning;
mod parse;
mod print;
mod suggest;

use std::fmt;
use std::ops::Range;

pub(super) use meaning::Ground;
pub(super) use suggest::page as suggest_page;

/// Characters of a query. No person writes more.
pub(super) const MAX_CHARS: usize = 1_000;
/// Parentheses and negations inside each other.
const MAX_DEPTH: usize = 32;

/// What can be asked of an entity by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// One of the fields with a plain name, such as `owner`.
    Named(Named),
    /// `label.KEY`
    Label(String),
    /// `annotation.KEY`
    Annotation(String),
}

/// The fields with a plain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The kind, such as `component`.
    Kind,
    /// `spec.type`
    Type,
    /// Who owns it: a reference, the name of a group, or `me`.
    Owner,
    /// `spec.lifecycle`
    Lifecycle,
    /// The system that it is part of.
    System,
    /// The tier; the only field with an order.
    Tier,
    /// A standard that it falls under.
    Compliance,
    /// One of its tags.
    Tag,
    /// `metadata.namespace`
    Namespace,
    /// `metadata.name`, the whole of it.
    Name,
    /// What it has at all.
    Has,
    /// A state that it is in.
    Is,
}

/// What `is:` takes.
pub(super) const STATES: [&str; 5] = ["orphan", "ownerless", "error", "starred", "mine"];
/// What `has:` takes, besides `label.KEY` and `annotation.KEY`.
pub(super) const PARTS: [&str; 13] = [
    "annotation",
    "api",
    "compliance",
    "dependency",
    "description",
    "docs",
    "label",
    "lifecycle",
    "owner",
    "system",
    "tag",
    "tier",
    "type",
];

impl Named {
    pub(super) const ALL: [Self; 12] = [
        Self::Kind,
        Self::Type,
        Self::Owner,
        Self::Lifecycle,
        Self::System,
        Self::Tier,
        Self::Compliance,
        Self::Tag,
        Self::Namespace,
        Self::Name,
        Self::Has,
        Self::Is,
    ];

    /// As it is written in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Type => "type",
            Self::Owner => "owner",
            Self::Lifecycle => "lifecycle",
            Self::System => "system",
            Self::Tier => "tier",
            Self::Compliance => "compliance",
            Self::Tag => "tag",
            Self::Namespace => "namespace",
            Self::Name => "name",
            Self::Has => "has",
            Self::Is => "is",
        }
    }
}

impl Field {
    /// The field of a name; labels and annotations need a key.
    fn of(name: &str) -> Option<Self> {
        if let Some(key) = after(name, "label.") {
            return (!key.is_empty()).then(|| Self::Label(key.to_owned()));
        }
        if let Some(key) = after(name, "annotation.") {
            return (!key.is_empty()).then(|| Self::Annotation(key.to_owned()));
        }
        Named::ALL
            .into_iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
            .map(Self::Named)
    }
}

/// What follows a prefix, whose casing does not count.
fn after<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// How a tier is compared; the strictest tier is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Stricter.
    Less,
    /// As strict, or stricter.
    AtMost,
    /// Less strict.
    More,
    /// As strict, or less strict.
    AtLeast,
}

impl Compare {
    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every one holds.
    All(Vec<Part>),
    /// At least one holds.
    Any(Vec<Part>),
    /// The inner one does not hold.
    Not(Box<Part>),
    /// The field has one of the values.
    Is(Field, Vec<String>),
    /// The label or annotation is there.
    There(Field),
    /// The tier compares so.
    Tier(Compare, String),
    /// A text that people see contains this.
    Text(String),
}

/// A query that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// All of them hold; none for an empty query.
    parts: Vec<Part>,
}

impl ListQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// What is wrong first, with its place.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::query(text).map(|parts| Self { parts })
    }

    /// What has to hold, each; nothing for an empty query.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Part number `at` as a query of its own.
    pub(super) fn only(&self, at: usize) -> Self {
        Self {
            parts: self.parts.get(at).cloned().into_iter().collect(),
        }
    }

    /// The query without its part number `at`.
    pub(super) fn without(&self, at: usize) -> Self {
        let mut parts = self.parts.clone();
        if at < parts.len() {
            parts.remove(at);
        }
        Self { parts }
    }
}

impl fmt::Display for ListQuery {
    /// A text that is read back as an equal query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::all(&self.parts, f)
    }
}

/// Why a query was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The bytes of the text that are meant. On character borders, and empty
    /// only at the end of the text.
    pub place: Range<usize>,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such field.
    Field(String),
    /// Nothing stands behind the colon or the comma.
    NoValue(String),
    /// `is:` with something that is no state.
    State(String),
    /// `has:` with something that nobody has.
    Having(String),
    /// Only tiers have an order.
    Order(String),
    /// A quote that does not end.
    Quote,
    /// Nothing between quotes or parentheses.
    Nothing,
    /// A parenthesis that does not end, or ends without a beginning.
    Parenthesis,
    /// `or`, `and`, `not` or `-` with nothing behind or before.
    Operand(String),
    /// Too many parentheses inside each other.
    Depth,
    /// Too long.
    Length,
}

impl Problem {
    /// The message key of the sentence, and its argument `what`.
    pub(super) fn message(&self) -> (&'static str, &str) {
        match self {
            Self::Field(name) => ("catalog-query-field", name),
            Self::NoValue(name) => ("catalog-query-no-value", name),
            Self::State(value) => ("catalog-query-state", value),
            Self::Having(value) => ("catalog-query-having", value),
            Self::Order(name) => ("catalog-query-order", name),
            Self::Quote => ("catalog-query-quote", ""),
            Self::Nothing => ("catalog-query-nothing", ""),
            Self::Parenthesis => ("catalog-query-parenthesis", ""),
            Self::Operand(word) => ("catalog-query-operand", word),
            Self::Depth => ("catalog-query-depth", ""),
            Self::Length => ("catalog-query-length", ""),
        }
    }

    /// What would be accepted, in the language's own words.
    pub(super) fn accepted(&self) -> String {
        match self {
            Self::Field(_) => {
                let mut names: Vec<&str> = Named::ALL.map(Named::name).into();
                names.extend(["label.KEY", "annotation.KEY"]);
                names.join(", ")
            }
            Self::NoValue(name) => format!("{name}:VALUE, {name}:VALUE,VALUE, {name}:\"...\""),
            Self::State(_) => STATES.map(|state| format!("is:{state}")).join(", "),
            Self::Having(_) => {
                let mut names: Vec<&str> = PARTS.into();
                names.extend(["label.KEY", "annotation.KEY"]);
                names.join(", ")
            }
            Self::Order(_) => "tier<=2, tier<2, tier>=2, tier>2".to_owned(),
            Self::Quote => "\"...\", with \\\" for a quote inside".to_owned(),
            Self::Nothing => "\"text\", (owner:me or is:starred)".to_owned(),
            Self::Parenthesis => "(a or b) c".to_owned(),
            Self::Operand(_) => "a or b, a and b, not a, -a".to_owned(),
            Self::Depth => format!("up to {MAX_DEPTH}"),
            Self::Length => format!("up to {MAX_CHARS}"),
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Field(name) => write!(f, "There is no field {name:?} to ask for"),
            Problem::NoValue(name) => write!(f, "A value is missing for {name:?}"),
            Problem::State(value) => write!(f, "There is no state {value:?}"),
            Problem::Having(value) => write!(f, "It is not known whether an entity has {value:?}"),
            Problem::Order(name) => write!(f, "The values of {name:?} cannot be compared"),
            Problem::Quote => f.write_str("A quote does not end"),
            Problem::Nothing => f.write_str("There is nothing inside"),
            Problem::Parenthesis => f.write_str("A parenthesis has no counterpart"),
            Problem::Operand(word) => write!(f, "Something is missing beside {word:?}"),
            Problem::Depth => f.write_str("Too many parentheses inside each other"),
            Problem::Length => f.write_str("The query is too long"),
        }
    }
}

impl std::error::Error for QueryError {}

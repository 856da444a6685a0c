//! What a comparison says: each difference, whom it breaks, and how many there are.

use serde::Serialize;

/// Whether something is new, gone or different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Different.
    Changed,
}

/// Whether programs that use the API stop working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breaking {
    /// They do.
    Yes,
    /// Those that are strict may.
    Notable,
    /// They do not.
    No,
}

/// What has changed. The name is the code of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// An operation.
    Operation,
    /// An operation's mark that it is on its way out.
    Deprecated,
    /// A parameter or an argument that may be left out.
    Parameter,
    /// A parameter or an argument that must be given.
    RequiredParameter,
    /// A body or message that is sent.
    Body,
    /// An answer or message that comes back.
    Answer,
    /// The media type.
    Media,
    /// A property that may be left out.
    Field,
    /// A property that must be there.
    RequiredField,
    /// Whether something must be there.
    Requiredness,
    /// Whether something may be null.
    Nullability,
    /// The type or its format.
    Type,
    /// A value of an enumeration.
    Value,
    /// Whether values are listed at all.
    Values,
    /// One of several possible types.
    Choice,
    /// A limit, such as a smallest length.
    Limit,
    /// The number of a field on the wire.
    Number,
    /// Whether messages come as a stream.
    Streaming,
    /// The schemes of which one is needed.
    Security,
}

impl What {
    /// The code: `required-field`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Deprecated => "deprecated",
            Self::Parameter => "parameter",
            Self::RequiredParameter => "required-parameter",
            Self::Body => "body",
            Self::Answer => "answer",
            Self::Media => "media",
            Self::Field => "field",
            Self::RequiredField => "required-field",
            Self::Requiredness => "requiredness",
            Self::Nullability => "nullability",
            Self::Type => "type",
            Self::Value => "value",
            Self::Values => "values",
            Self::Choice => "choice",
            Self::Limit => "limit",
            Self::Number => "number",
            Self::Streaming => "streaming",
            Self::Security => "security",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// New, gone or different.
    pub kind: ChangeKind,
    /// What it does to those who use the API.
    pub breaking: Breaking,
    /// What has changed.
    pub what: What,
    /// [`Operation::key`].
    pub operation: String,
    /// Where within the operation: `response 200 › items › price`; empty for
    /// the operation itself.
    pub place: String,
    /// How it was; empty where there was nothing.
    pub before: String,
    /// How it is; empty where there is nothing.
    pub after: String,
    /// The operation's line in the earlier definition, from 1; 0 for none.
    pub line_before: u32,
    /// The operation's line in the later definition, from 1; 0 for none.
    pub line_after: u32,
}

/// All differences, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Differences that break.
    pub breaking: usize,
    /// Differences that strict programs notice.
    pub notable: usize,
    /// All others.
    pub harmless: usize,
    /// The differences, at most 2,000.
    pub changes: Vec<Change>,
    /// How many more there are.
    pub left_out: usize,
    /// Whether the types are so large or deep that some were not compared.
    pub partial: bool,
}

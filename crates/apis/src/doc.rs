//! What an API offers, whatever it is written in.
//!
//! One shape for OpenAPI, AsyncAPI, GraphQL and protocol buffers, so that
//! pages, comparison and lint are written once.

use model::diagnostic::Diagnostic;
use serde::Serialize;

/// What a definition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1.
    OpenApi31,
    /// Swagger 2.0.
    Swagger2,
    /// AsyncAPI 2.
    AsyncApi2,
    /// AsyncAPI 3.
    AsyncApi3,
    /// GraphQL's schema definition language.
    GraphQl,
    /// Protocol buffers with services.
    Proto,
}

impl Format {
    /// The name that its users know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI 3.1",
            Self::Swagger2 => "Swagger 2.0",
            Self::AsyncApi2 => "AsyncAPI 2",
            Self::AsyncApi3 => "AsyncAPI 3",
            Self::GraphQl => "GraphQL",
            Self::Proto => "Protocol Buffers",
        }
    }

    /// Whether operations are requests over HTTP.
    pub fn is_http(self) -> bool {
        matches!(self, Self::OpenApi30 | Self::OpenApi31 | Self::Swagger2)
    }
}

/// A definition, read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiDoc {
    /// What it is written in.
    pub format: Format,
    /// Its own title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its own version, not that of the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is for; Markdown in most formats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it can be reached.
    pub servers: Vec<Server>,
    /// Ways to prove who calls.
    pub security: Vec<SecurityScheme>,
    /// What can be done, in the order of the definition.
    pub operations: Vec<Operation>,
    /// Named types, in the order of the definition.
    pub types: Vec<TypeDef>,
    /// What is wrong with the definition, with places inside it.
    pub problems: Vec<Diagnostic>,
}

impl ApiDoc {
    /// An empty document.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            title: None,
            version: None,
            description: None,
            servers: Vec::new(),
            security: Vec::new(),
            operations: Vec::new(),
            types: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The type of this name.
    pub fn type_named(&self, name: &str) -> Option<&TypeDef> {
        self.types.iter().find(|found| found.name == name)
    }
}

/// Where an API can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Server {
    /// The address as written; variables in braces.
    pub url: String,
    /// What it is: an environment, a protocol.
    pub description: String,
}

/// A way to prove who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SecurityScheme {
    /// Its name within the definition.
    pub name: String,
    /// `http bearer`, `apiKey in header X-Key`, `oauth2`.
    pub kind: String,
}

/// One thing that can be done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// What stays the same from version to version: `GET /orders/{}`,
    /// `send orders.created`, `query order`, `rpc acme.Orders/Get`.
    pub key: String,
    /// `GET`, `send`, `query`, `rpc`.
    pub verb: String,
    /// The path, channel, field or method.
    pub target: String,
    /// The name that tools use (`operationId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// More.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is on its way out.
    pub deprecated: bool,
    /// Groups that it belongs to.
    pub tags: Vec<String>,
    /// Parameters and arguments.
    pub parameters: Vec<Field>,
    /// What is sent along.
    pub inputs: Vec<Payload>,
    /// What comes back, or what a message holds.
    pub outputs: Vec<Payload>,
    /// Names of the security schemes, one of which is needed.
    pub security: Vec<String>,
    /// The line of the definition where it begins, from 1; 0 when not known.
    pub line: u32,
}

/// A body, an answer or a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payload {
    /// The status of an answer (`200`, `4XX`, `default`), or the message's name.
    pub status: String,
    /// The media type.
    pub media: String,
    /// What it is.
    pub description: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it looks like; nothing for an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Examples as text.
    pub examples: Vec<String>,
}

/// Begins the name of a field that stands for all fields of a named type, as
/// `allOf` in schemas demands: `…Pet`.
pub const WHOLE: char = '…';

/// A parameter, a property, an argument or a field of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its name.
    pub name: String,
    /// `path`, `query`, `header`, `cookie`, `argument`; empty for properties.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub place: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it is on its way out.
    pub deprecated: bool,
    /// What it is.
    pub description: String,
    /// The number on the wire, for protocol buffers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i32>,
    /// What it looks like.
    pub shape: Shape,
}

/// What a value looks like.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    /// `string`, `integer`, `object`, `array`, `map`; the name where `named`
    /// is set; empty for anything.
    pub kind: String,
    /// The named type that this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named: Option<String>,
    /// `int64`, `date-time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether it may be null.
    pub nullable: bool,
    /// The values that it can have, when they are listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The properties of an object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// What is in an array or a map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Shape>>,
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<Shape>,
    /// Limits in words: `at least 1`, `pattern ^[a-z]+$`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
}

impl Shape {
    /// A value of a plain kind.
    pub fn plain(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            ..Self::default()
        }
    }

    /// A value of a named type.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            kind: name.clone(),
            named: Some(name),
            ..Self::default()
        }
    }

    /// A list of something.
    pub fn array(items: Self) -> Self {
        Self {
            kind: "array".to_owned(),
            items: Some(Box::new(items)),
            ..Self::default()
        }
    }

    /// In the notation of programs, the same in every language: `Order[]`,
    /// `string (date-time)`, `map<integer>`, `Card | Transfer | null`.
    pub fn words(&self) -> String {
        let mut words = match (self.kind.as_str(), &self.items) {
            ("array", Some(items)) => {
                let items = items.words();
                if items.contains(" | ") {
                    format!("({items})[]")
                } else {
                    format!("{items}[]")
                }
            }
            ("map", Some(items)) => format!("map<{}>", items.words()),
            ("", _) if !self.one_of.is_empty() => {
                let choices: Vec<_> = self.one_of.iter().map(Self::words).collect();
                choices.join(" | ")
            }
            ("", _) => "any".to_owned(),
            (kind, _) => kind.to_owned(),
        };
        if let Some(format) = &self.format {
            words = format!("{words} ({format})");
        }
        if self.nullable {
            words.push_str(" | null");
        }
        words
    }
}

/// A named type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeDef {
    /// Its name.
    pub name: String,
    /// `schema`, `object`, `input`, `interface`, `union`, `enum`, `scalar`,
    /// `message`.
    pub kind: &'static str,
    /// What it is.
    pub description: String,
    /// What it looks like.
    pub shape: Shape,
    /// The line of the definition where it begins, from 1; 0 when not known.
    pub line: u32,
}

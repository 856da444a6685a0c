//! What one route takes and answers.

use serde_json::Value;

/// One route for the reader of the API's description.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub(super) id: String,
    pub(super) tag: &'static str,
    pub(super) summary: String,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    pub(super) errors: Vec<u16>,
}

/// A query parameter, a header, or a word about a path parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: &'static str,
    pub(super) required: bool,
    pub(super) description: String,
    pub(super) schema: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body {
    pub(super) media: &'static str,
    pub(super) required: bool,
    pub(super) schema: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: String,
    /// Media types with their schemas; empty for an answer without a body.
    pub(super) content: Vec<(&'static str, Option<Value>)>,
}

const JSON: &str = "application/json";

impl Operation {
    /// An operation with an id that is unique in the whole API and stays the
    /// same for ever (generated clients name their functions by it), the group
    /// it is shown in, and one sentence without a full stop.
    pub fn new(id: impl Into<String>, tag: &'static str, summary: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            tag,
            summary: summary.into(),
            description: None,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// What one sentence cannot say.
    #[must_use]
    pub fn explained(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// What a path parameter means. All are texts, and all are declared anyway.
    #[must_use]
    pub fn path(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter(name, "path", true, schema, description)
    }

    /// A query parameter that may be left out. A list schema stands for a
    /// parameter that may be repeated.
    #[must_use]
    pub fn query(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter(name, "query", false, schema, description)
    }

    /// A query parameter that must be there.
    #[must_use]
    pub fn required_query(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter(name, "query", true, schema, description)
    }

    /// A request header that may be left out.
    #[must_use]
    pub fn header(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter(name, "header", false, schema, description)
    }

    fn parameter(
        mut self,
        name: &str,
        place: &'static str,
        required: bool,
        schema: Value,
        description: &str,
    ) -> Self {
        self.parameters.push(Parameter {
            name: name.to_owned(),
            place,
            required,
            description: description.to_owned(),
            schema,
        });
        self
    }

    /// The JSON body that it takes.
    #[must_use]
    pub fn body(self, schema: Value) -> Self {
        self.taking(JSON, true, schema)
    }

    /// The JSON body that it takes; none is the same as `{}`.
    #[must_use]
    pub fn optional_body(self, schema: Value) -> Self {
        self.taking(JSON, false, schema)
    }

    /// A body of another media type.
    #[must_use]
    pub fn taking(mut self, media: &'static str, required: bool, schema: Value) -> Self {
        self.body = Some(Body {
            media,
            required,
            schema,
        });
        self
    }

    /// A JSON answer.
    #[must_use]
    pub fn json(self, status: u16, description: &str, schema: Value) -> Self {
        self.answer(status, description, JSON, Some(schema))
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(mut self, status: u16, description: &str) -> Self {
        self.answers.push(Answer {
            status,
            description: description.to_owned(),
            content: Vec::new(),
        });
        self
    }

    /// An answer in another media type. Given for a status that has an answer
    /// already, it is what that status answers to those who accept this type.
    #[must_use]
    pub fn media(self, status: u16, description: &str, media: &'static str) -> Self {
        self.answer(status, description, media, None)
    }

    fn answer(
        mut self,
        status: u16,
        description: &str,
        media: &'static str,
        schema: Option<Value>,
    ) -> Self {
        let content = (media, schema);
        match self
            .answers
            .iter_mut()
            .find(|answer| answer.status == status)
        {
            Some(answer) => answer.content.push(content),
            None => self.answers.push(Answer {
                status,
                description: description.to_owned(),
                content: vec![content],
            }),
        }
        self
    }

    /// Statuses of errors besides those that follow from the route: 400 for
    /// parameters and bodies, 401 and 403 for a permission, 413 for a body.
    #[must_use]
    pub fn errors(mut self, statuses: &[u16]) -> Self {
        self.errors.extend(statuses);
        self
    }
}

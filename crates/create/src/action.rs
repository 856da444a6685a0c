//! What a step of a template can do.
//!
//! A [`StepAction`] is data: an id, schemas, examples, and two functions. `run`
//! does it, `plan` says what it would change. Both get a [`StepContext`], which
//! is the only way to the workspace, the log, secrets and the journal.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use platform::action::Plan;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::context::StepContext;

type Work<T> = Pin<Box<dyn Future<Output = Result<T, StepError>> + Send>>;
type Handler<T> = Arc<dyn Fn(StepContext, Value) -> Work<T> + Send + Sync>;

/// One action that steps of templates name by its id.
#[derive(Clone)]
pub struct StepAction {
    /// `fetch:template`, for example.
    pub id: &'static str,
    /// One or two sentences in English.
    pub description: &'static str,
    /// How templates use it.
    pub examples: Vec<Example>,
    /// JSON Schema (draft 7) of the input. The engine checks it, after the
    /// expressions were rendered and before `run` is called.
    pub input: Value,
    /// JSON Schema of the output.
    pub output: Value,
    /// Whether a dry run executes it: it then changes nothing but the
    /// workspace, and what it asks outside changes nothing there.
    pub in_dry_run: bool,
    plan: Handler<Plan>,
    run: Handler<Outcome>,
}

/// A use of an action, as a template writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows, in a few words.
    pub description: &'static str,
    /// YAML with a list `steps`.
    pub example: &'static str,
}

/// How a step ended, if it did not fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is done; this is `steps.<id>.output`.
    Done(Map<String, Value>),
    /// It waits for something outside, holding nothing. `run` is called again
    /// with the same input at this time, or earlier when somebody asks
    /// ([`crate::Create::wake`]); what is done already stands in checkpoints.
    Wait {
        /// When to look again.
        until: Timestamp,
        /// What it waits for, for people.
        reason: String,
    },
}

impl Outcome {
    /// Done, without an output.
    pub fn done() -> Self {
        Self::Done(Map::new())
    }

    /// Done, with the fields of a JSON object as output.
    pub fn with(output: Value) -> Self {
        match output {
            Value::Object(fields) => Self::Done(fields),
            other => Self::Done(Map::from_iter([("result".to_owned(), other)])),
        }
    }
}

/// Why a step did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// What went wrong, with the place where there is one.
    pub message: String,
    /// What would have been accepted.
    pub accepted: Option<String>,
    /// How to mend it.
    pub fix: Option<String>,
}

impl StepError {
    /// An error in one sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            accepted: None,
            fix: None,
        }
    }

    /// Says what would be accepted.
    #[must_use]
    pub fn accepting(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = Some(accepted.into());
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn fixed_by(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(accepted) = &self.accepted {
            write!(f, ". Accepted: {accepted}")?;
        }
        if let Some(fix) = &self.fix {
            write!(f, ". Fix: {fix}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StepError {}

impl From<model::Diagnostic> for StepError {
    fn from(found: model::Diagnostic) -> Self {
        Self {
            message: found.message,
            accepted: found.accepted,
            fix: found.fix,
        }
    }
}

impl From<platform::ApiError> for StepError {
    fn from(error: platform::ApiError) -> Self {
        if let Some(cause) = &error.internal {
            tracing::warn!(error = %cause, "A step of a template failed inside: {cause}");
        }
        Self {
            message: error.to_string(),
            accepted: error.accepted,
            fix: error.fix,
        }
    }
}

impl From<platform::store::StoreError> for StepError {
    fn from(error: platform::store::StoreError) -> Self {
        Self::new(format!("The database did not answer: {error}"))
            .fixed_by("retry the task; what is done already is not done again")
    }
}

impl fmt::Debug for StepAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepAction")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl StepAction {
    /// An action that changes its workspace at most, unless
    /// [`StepAction::planned_by`] says otherwise. Takes any object until
    /// [`StepAction::takes`] says what.
    pub fn new<R, RF>(id: &'static str, description: &'static str, run: R) -> Self
    where
        R: Fn(StepContext, Value) -> RF + Send + Sync + 'static,
        RF: Future<Output = Result<Outcome, StepError>> + Send + 'static,
    {
        Self {
            id,
            description,
            examples: Vec::new(),
            input: json!({ "type": "object" }),
            output: json!({ "type": "object" }),
            in_dry_run: false,
            plan: Arc::new(move |_, _| {
                Box::pin(async move {
                    Ok(Plan {
                        summary: format!("{id} changes files of the workspace at most"),
                        changes: Vec::new(),
                    })
                })
            }),
            run: Arc::new(move |context, input| Box::pin(run(context, input))),
        }
    }

    /// The schema of the input. Mark secrets with `"format": "password"`.
    #[must_use]
    pub fn takes(mut self, schema: Value) -> Self {
        self.input = schema;
        self
    }

    /// The schema of the output.
    #[must_use]
    pub fn gives(mut self, schema: Value) -> Self {
        self.output = schema;
        self
    }

    /// Adds an example.
    #[must_use]
    pub fn example(mut self, description: &'static str, example: &'static str) -> Self {
        self.examples.push(Example {
            description,
            example,
        });
        self
    }

    /// A dry run executes it.
    #[must_use]
    pub fn runs_in_dry_run(mut self) -> Self {
        self.in_dry_run = true;
        self
    }

    /// What it would change outside. `plan` must not change anything.
    #[must_use]
    pub fn planned_by<P, PF>(mut self, plan: P) -> Self
    where
        P: Fn(StepContext, Value) -> PF + Send + Sync + 'static,
        PF: Future<Output = Result<Plan, StepError>> + Send + 'static,
    {
        self.plan = Arc::new(move |context, input| Box::pin(plan(context, input)));
        self
    }

    /// Does it. The engine has checked the input.
    pub async fn run(&self, context: StepContext, input: Value) -> Result<Outcome, StepError> {
        (self.run)(context, input).await
    }

    /// Says what it would change.
    pub async fn plan(&self, context: StepContext, input: Value) -> Result<Plan, StepError> {
        (self.plan)(context, input).await
    }

    /// As Backstage's API lists it.
    pub fn to_json(&self) -> Value {
        let mut listed = json!({ "id": self.id, "description": self.description });
        if let Some(fields) = listed.as_object_mut() {
            if !self.examples.is_empty() {
                let examples: Vec<Value> = self
                    .examples
                    .iter()
                    .map(|one| json!({ "description": one.description, "example": one.example }))
                    .collect();
                fields.insert("examples".to_owned(), examples.into());
            }
            fields.insert(
                "schema".to_owned(),
                json!({ "input": self.input, "output": self.output }),
            );
            fields.insert("supportsDryRun".to_owned(), self.in_dry_run.into());
        }
        listed
    }
}

/// The input as a type of its own. The schema has been checked before, so an
/// error here means that the type and the schema do not agree.
///
/// # Errors
/// What does not fit, in words.
pub fn input_of<T: DeserializeOwned>(input: Value) -> Result<T, StepError> {
    serde_json::from_value(input).map_err(|error| {
        StepError::new(format!("The input does not fit: {error}"))
            .fixed_by("GET /api/scaffolder/v2/actions has the schema of the action's input")
    })
}
